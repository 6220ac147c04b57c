-- Accounts, what they sign in with, and groups.
-- The same tables and columns as migrations/postgres/0001_people.sql; a test compares them.
-- `seal` in this and the other files is a MAC of the server over the row, and over the position of the event that was recorded with it.

CREATE TABLE users (
    id                   BLOB PRIMARY KEY NOT NULL,
    name                 TEXT NOT NULL UNIQUE,
    display_name         TEXT NOT NULL,
    email                TEXT,
    former_names         TEXT NOT NULL,
    kind                 TEXT NOT NULL CHECK (kind IN ('person', 'service')),
    role                 TEXT NOT NULL CHECK (role IN ('administrator', 'auditor', 'user')),
    active               INTEGER NOT NULL,
    password_hash        TEXT,
    created_at           INTEGER NOT NULL,
    password_origin      TEXT,
    signed_at            INTEGER,
    appointed_by_console INTEGER NOT NULL,
    absence              TEXT,
    seal                 BLOB NOT NULL
) STRICT;

CREATE INDEX users_absence ON users (id) WHERE absence IS NOT NULL;

-- Mail addresses as they are compared, without regard to upper and lower case. Not part of the record: the accounts say what they are.
CREATE TABLE mail_addresses (
    user_id BLOB PRIMARY KEY NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    folded  TEXT NOT NULL UNIQUE
) STRICT;

-- Every name and mail address that an account has or ever had, as they are compared, so that a registration can say whom it names. Not
-- part of the record: the accounts say what they are.
CREATE TABLE account_names (
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    folded  TEXT NOT NULL,
    PRIMARY KEY (user_id, folded)
) STRICT;
CREATE INDEX account_names_folded ON account_names (folded);

CREATE TABLE invitations (
    id           BLOB PRIMARY KEY NOT NULL,
    user_id      BLOB NOT NULL REFERENCES users (id),
    lookup       BLOB NOT NULL UNIQUE,
    mac          BLOB NOT NULL,
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    redeemed_at  INTEGER,
    cancelled_at INTEGER,
    issued_by    TEXT NOT NULL,
    confirmed_by TEXT,
    seal         BLOB NOT NULL
) STRICT;
CREATE INDEX invitations_user ON invitations (user_id);

CREATE TABLE tokens (
    id         BLOB PRIMARY KEY NOT NULL,
    user_id    BLOB NOT NULL REFERENCES users (id),
    kind       TEXT NOT NULL CHECK (kind IN ('session', 'personal', 'service')),
    label      TEXT NOT NULL,
    lookup     BLOB NOT NULL UNIQUE,
    mac        BLOB NOT NULL,
    scopes     TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER,
    parent     BLOB REFERENCES tokens (id),
    seal       BLOB NOT NULL
) STRICT;
CREATE INDEX tokens_user ON tokens (user_id);
CREATE INDEX tokens_parent ON tokens (parent);

CREATE TABLE user_groups (
    id         BLOB PRIMARY KEY NOT NULL,
    name       TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    seal       BLOB NOT NULL
) STRICT;

CREATE TABLE group_members (
    group_id BLOB NOT NULL REFERENCES user_groups (id),
    user_id  BLOB NOT NULL REFERENCES users (id),
    added_at INTEGER NOT NULL,
    seal     BLOB NOT NULL,
    PRIMARY KEY (group_id, user_id)
) STRICT;
CREATE INDEX group_members_user ON group_members (user_id);
