-- What the server keeps for itself. Not part of the record.
-- The same tables and columns as migrations/sqlite/0008_server.sql; a test compares them.

-- The key that the server signs with, so that another key is noticed: the statements name their key themselves.
CREATE TABLE server_key (
    id     BIGINT PRIMARY KEY NOT NULL CHECK (id = 1),
    key_id TEXT COLLATE "C" NOT NULL,
    since  BIGINT NOT NULL
);

-- When the browser of a session was last heard of.
CREATE TABLE session_uses (
    token_id UUID PRIMARY KEY NOT NULL REFERENCES tokens (id),
    used_at  BIGINT NOT NULL
);
CREATE INDEX session_uses_used_at ON session_uses (used_at);

-- Answers to requests, so that a repeated request gets the first answer.
CREATE TABLE idempotency_keys (
    user_id      UUID NOT NULL REFERENCES users (id),
    key          TEXT COLLATE "C" NOT NULL,
    request_hash BYTEA NOT NULL,
    status       BIGINT,
    response     BYTEA,
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (user_id, key)
);
CREATE INDEX idempotency_keys_created_at ON idempotency_keys (created_at);
