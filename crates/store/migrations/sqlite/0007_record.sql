-- The record: events, and the Merkle log over them.
-- The same tables and columns as migrations/postgres/0007_record.sql; a test compares them.

-- One row for each event. `leaf` is the hash of the leaf, which names `body_digest`, the SHA-256 of the body.
CREATE TABLE events (
    position          INTEGER PRIMARY KEY NOT NULL,
    at                INTEGER NOT NULL,
    kind              TEXT NOT NULL,
    actor_id          BLOB,
    project_id        BLOB,
    version_id        BLOB,
    infrastructure_id BLOB,
    body              BLOB NOT NULL,
    body_digest       BLOB NOT NULL,
    leaf              BLOB NOT NULL,
    seal              BLOB NOT NULL
) STRICT;
CREATE INDEX events_project ON events (project_id, position);
CREATE INDEX events_version ON events (version_id, position);
CREATE INDEX events_infrastructure ON events (infrastructure_id, position);
CREATE INDEX events_at ON events (at);

-- Hashes of the log's perfect subtrees of two and more leaves; those of single leaves stand in events.leaf.
CREATE TABLE log_nodes (
    level    INTEGER NOT NULL,
    position INTEGER NOT NULL,
    hash     BLOB NOT NULL,
    PRIMARY KEY (level, position)
) STRICT;

-- `last_event_at` is the time of the last event, before which the server's clock never goes back. The seal covers it.
CREATE TABLE log_head (
    id            INTEGER PRIMARY KEY NOT NULL CHECK (id = 1),
    size          INTEGER NOT NULL,
    frontier      BLOB NOT NULL,
    last_event_at INTEGER,
    seal          BLOB NOT NULL
) STRICT;
INSERT INTO log_head (id, size, frontier, seal) VALUES (1, 0, x'', x'');

-- The keys that checkpoints are signed with, one after the other. `abandoned` is the last checkpoint of the key before, where the log
-- does not continue that checkpoint: an operator went on after a restore.
CREATE TABLE log_keys (
    number    INTEGER PRIMARY KEY NOT NULL,
    vkey      TEXT NOT NULL,
    since     INTEGER NOT NULL,
    abandoned TEXT,
    seal      BLOB NOT NULL
) STRICT;

-- Every signed checkpoint. Each bears its own signature.
CREATE TABLE checkpoints (
    log_key   INTEGER NOT NULL REFERENCES log_keys (number),
    size      INTEGER NOT NULL,
    note      TEXT NOT NULL,
    signed_at INTEGER NOT NULL,
    PRIMARY KEY (log_key, size)
) STRICT;
