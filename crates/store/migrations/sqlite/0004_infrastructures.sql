-- Infrastructures, their members and serving nodes.
-- The same tables and columns as migrations/postgres/0004_infrastructures.sql; a test compares them.

CREATE TABLE infrastructures (
    id               BLOB PRIMARY KEY NOT NULL,
    name             TEXT NOT NULL UNIQUE,
    stage            TEXT NOT NULL,
    policy           TEXT NOT NULL CHECK (policy IN ('prevent', 'warn', 'allow')),
    on_lapse         TEXT NOT NULL CHECK (on_lapse IN ('report', 'disable')),
    accepts          TEXT NOT NULL,
    permit_valid_for INTEGER NOT NULL,
    revision         INTEGER NOT NULL,
    created_at       INTEGER NOT NULL,
    seal             BLOB NOT NULL
) STRICT;

CREATE TABLE infrastructure_members (
    infrastructure_id BLOB NOT NULL REFERENCES infrastructures (id),
    member_kind       TEXT NOT NULL CHECK (member_kind IN ('user', 'group')),
    member_id         BLOB NOT NULL,
    role              TEXT NOT NULL CHECK (role IN ('admin', 'deployer', 'viewer', 'node')),
    seal              BLOB NOT NULL,
    PRIMARY KEY (infrastructure_id, member_kind, member_id)
) STRICT;
CREATE INDEX infrastructure_members_member ON infrastructure_members (member_id);

-- What a serving node reported last. Not part of the record: it changes every few seconds, and nothing is decided by it.
CREATE TABLE nodes (
    infrastructure_id BLOB NOT NULL REFERENCES infrastructures (id),
    name              TEXT NOT NULL,
    account_id        BLOB NOT NULL REFERENCES users (id),
    report            TEXT NOT NULL,
    log_refusal       TEXT,
    reported_at       INTEGER NOT NULL,
    PRIMARY KEY (infrastructure_id, name)
) STRICT;
CREATE INDEX nodes_reported_at ON nodes (reported_at);
