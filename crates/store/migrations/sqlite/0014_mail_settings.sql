-- The mail server that administrators choose on a page. It is part of the record.
-- The same tables and columns as migrations/postgres/0014_mail_settings.sql; a test compares them.

-- One row with the number 1, or none. The password is encrypted with a key that follows from the server's.
CREATE TABLE mail_settings (
    number     INTEGER PRIMARY KEY NOT NULL,
    host       TEXT NOT NULL,
    port       INTEGER NOT NULL,
    security   TEXT NOT NULL CHECK (security IN ('starttls', 'tls', 'none')),
    username   TEXT,
    password   BLOB,
    authority  TEXT,
    sender     TEXT NOT NULL,
    digest_at  TEXT NOT NULL,
    time_zone  TEXT NOT NULL,
    revision   INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    seal       BLOB NOT NULL
) STRICT;
