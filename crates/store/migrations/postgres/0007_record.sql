-- The record: events, and the Merkle log over them.
-- The same tables and columns as migrations/sqlite/0007_record.sql; a test compares them.

-- One row for each event. `leaf` is the hash of the leaf, which names `body_digest`, the SHA-256 of the body.
CREATE TABLE events (
    position          BIGINT PRIMARY KEY NOT NULL,
    at                BIGINT NOT NULL,
    kind              TEXT COLLATE "C" NOT NULL,
    actor_id          UUID,
    project_id        UUID,
    version_id        UUID,
    infrastructure_id UUID,
    body              BYTEA NOT NULL,
    body_digest       BYTEA NOT NULL,
    leaf              BYTEA NOT NULL,
    seal              BYTEA NOT NULL
);
CREATE INDEX events_project ON events (project_id, position);
CREATE INDEX events_version ON events (version_id, position);
CREATE INDEX events_infrastructure ON events (infrastructure_id, position);
CREATE INDEX events_at ON events (at);

-- Hashes of the log's perfect subtrees of two and more leaves; those of single leaves stand in events.leaf.
CREATE TABLE log_nodes (
    level    BIGINT NOT NULL,
    position BIGINT NOT NULL,
    hash     BYTEA NOT NULL,
    PRIMARY KEY (level, position)
);

-- `last_event_at` is the time of the last event, before which the server's clock never goes back. The seal covers it.
CREATE TABLE log_head (
    id            BIGINT PRIMARY KEY NOT NULL CHECK (id = 1),
    size          BIGINT NOT NULL,
    frontier      BYTEA NOT NULL,
    last_event_at BIGINT,
    seal          BYTEA NOT NULL
);
INSERT INTO log_head (id, size, frontier, seal) VALUES (1, 0, '', '');

-- The keys that checkpoints are signed with, one after the other. `abandoned` is the last checkpoint of the key before, where the log
-- does not continue that checkpoint: an operator went on after a restore.
CREATE TABLE log_keys (
    number    BIGINT PRIMARY KEY NOT NULL,
    vkey      TEXT COLLATE "C" NOT NULL,
    since     BIGINT NOT NULL,
    abandoned TEXT COLLATE "C",
    seal      BYTEA NOT NULL
);

-- Every signed checkpoint. Each bears its own signature.
CREATE TABLE checkpoints (
    log_key   BIGINT NOT NULL REFERENCES log_keys (number),
    size      BIGINT NOT NULL,
    note      TEXT COLLATE "C" NOT NULL,
    signed_at BIGINT NOT NULL,
    PRIMARY KEY (log_key, size)
);
