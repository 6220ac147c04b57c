-- The mail server that administrators choose on a page. It is part of the record.
-- The same tables and columns as migrations/sqlite/0014_mail_settings.sql; a test compares them.

-- One row with the number 1, or none. The password is encrypted with a key that follows from the server's.
CREATE TABLE mail_settings (
    number     BIGINT PRIMARY KEY NOT NULL,
    host       TEXT COLLATE "C" NOT NULL,
    port       BIGINT NOT NULL,
    security   TEXT COLLATE "C" NOT NULL CHECK (security IN ('starttls', 'tls', 'none')),
    username   TEXT COLLATE "C",
    password   BYTEA,
    authority  TEXT COLLATE "C",
    sender     TEXT COLLATE "C" NOT NULL,
    digest_at  TEXT COLLATE "C" NOT NULL,
    time_zone  TEXT COLLATE "C" NOT NULL,
    revision   BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    seal       BYTEA NOT NULL
);
