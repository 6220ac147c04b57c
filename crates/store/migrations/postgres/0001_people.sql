-- Accounts, what they sign in with, and groups.
-- The same tables and columns as migrations/sqlite/0001_people.sql; a test compares them.
-- Texts are put in order by their bytes, as SQLite does it: not by the collation that the database was made with, which an update
-- of its operating system may change below an index.
-- `seal` in this and the other files is a MAC of the server over the row, and over the position of the event that was recorded with it.

CREATE TABLE users (
    id                   UUID PRIMARY KEY NOT NULL,
    name                 TEXT COLLATE "C" NOT NULL UNIQUE,
    display_name         TEXT COLLATE "C" NOT NULL,
    email                TEXT COLLATE "C",
    former_names         TEXT COLLATE "C" NOT NULL,
    kind                 TEXT COLLATE "C" NOT NULL CHECK (kind IN ('person', 'service')),
    role                 TEXT COLLATE "C" NOT NULL CHECK (role IN ('administrator', 'auditor', 'user')),
    active               BOOLEAN NOT NULL,
    password_hash        TEXT COLLATE "C",
    created_at           BIGINT NOT NULL,
    password_origin      TEXT COLLATE "C",
    signed_at            BIGINT,
    appointed_by_console BOOLEAN NOT NULL,
    absence              TEXT COLLATE "C",
    seal                 BYTEA NOT NULL
);

CREATE INDEX users_absence ON users (id) WHERE absence IS NOT NULL;

-- Mail addresses as they are compared, without regard to upper and lower case. Not part of the record: the accounts say what they are.
CREATE TABLE mail_addresses (
    user_id UUID PRIMARY KEY NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    folded  TEXT COLLATE "C" NOT NULL UNIQUE
);

-- Every name and mail address that an account has or ever had, as they are compared, so that a registration can say whom it names. Not
-- part of the record: the accounts say what they are.
CREATE TABLE account_names (
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    folded  TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (user_id, folded)
);
CREATE INDEX account_names_folded ON account_names (folded);

CREATE TABLE invitations (
    id           UUID PRIMARY KEY NOT NULL,
    user_id      UUID NOT NULL REFERENCES users (id),
    lookup       BYTEA NOT NULL UNIQUE,
    mac          BYTEA NOT NULL,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    redeemed_at  BIGINT,
    cancelled_at BIGINT,
    issued_by    TEXT COLLATE "C" NOT NULL,
    confirmed_by TEXT COLLATE "C",
    seal         BYTEA NOT NULL
);
CREATE INDEX invitations_user ON invitations (user_id);

CREATE TABLE tokens (
    id         UUID PRIMARY KEY NOT NULL,
    user_id    UUID NOT NULL REFERENCES users (id),
    kind       TEXT COLLATE "C" NOT NULL CHECK (kind IN ('session', 'personal', 'service')),
    label      TEXT COLLATE "C" NOT NULL,
    lookup     BYTEA NOT NULL UNIQUE,
    mac        BYTEA NOT NULL,
    scopes     TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT,
    parent     UUID REFERENCES tokens (id),
    seal       BYTEA NOT NULL
);
CREATE INDEX tokens_user ON tokens (user_id);
CREATE INDEX tokens_parent ON tokens (parent);

CREATE TABLE user_groups (
    id         UUID PRIMARY KEY NOT NULL,
    name       TEXT COLLATE "C" NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    seal       BYTEA NOT NULL
);

CREATE TABLE group_members (
    group_id UUID NOT NULL REFERENCES user_groups (id),
    user_id  UUID NOT NULL REFERENCES users (id),
    added_at BIGINT NOT NULL,
    seal     BYTEA NOT NULL,
    PRIMARY KEY (group_id, user_id)
);
CREATE INDEX group_members_user ON group_members (user_id);
