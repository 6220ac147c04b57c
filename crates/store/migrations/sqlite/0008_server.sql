-- What the server keeps for itself. Not part of the record.
-- The same tables and columns as migrations/postgres/0008_server.sql; a test compares them.

-- The key that the server signs with, so that another key is noticed: the statements name their key themselves.
CREATE TABLE server_key (
    id     INTEGER PRIMARY KEY NOT NULL CHECK (id = 1),
    key_id TEXT NOT NULL,
    since  INTEGER NOT NULL
) STRICT;

-- When the browser of a session was last heard of.
CREATE TABLE session_uses (
    token_id BLOB PRIMARY KEY NOT NULL REFERENCES tokens (id),
    used_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX session_uses_used_at ON session_uses (used_at);

-- Answers to requests, so that a repeated request gets the first answer.
CREATE TABLE idempotency_keys (
    user_id      BLOB NOT NULL REFERENCES users (id),
    key          TEXT NOT NULL,
    request_hash BLOB NOT NULL,
    status       INTEGER,
    response     BLOB,
    created_at   INTEGER NOT NULL,
    PRIMARY KEY (user_id, key)
) STRICT;
CREATE INDEX idempotency_keys_created_at ON idempotency_keys (created_at);
