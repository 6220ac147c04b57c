-- Infrastructures, their members and serving nodes.
-- The same tables and columns as migrations/sqlite/0004_infrastructures.sql; a test compares them.

CREATE TABLE infrastructures (
    id               UUID PRIMARY KEY NOT NULL,
    name             TEXT COLLATE "C" NOT NULL UNIQUE,
    stage            TEXT COLLATE "C" NOT NULL,
    policy           TEXT COLLATE "C" NOT NULL CHECK (policy IN ('prevent', 'warn', 'allow')),
    on_lapse         TEXT COLLATE "C" NOT NULL CHECK (on_lapse IN ('report', 'disable')),
    accepts          TEXT COLLATE "C" NOT NULL,
    permit_valid_for BIGINT NOT NULL,
    revision         BIGINT NOT NULL,
    created_at       BIGINT NOT NULL,
    seal             BYTEA NOT NULL
);

CREATE TABLE infrastructure_members (
    infrastructure_id UUID NOT NULL REFERENCES infrastructures (id),
    member_kind       TEXT COLLATE "C" NOT NULL CHECK (member_kind IN ('user', 'group')),
    member_id         UUID NOT NULL,
    role              TEXT COLLATE "C" NOT NULL CHECK (role IN ('admin', 'deployer', 'viewer', 'node')),
    seal              BYTEA NOT NULL,
    PRIMARY KEY (infrastructure_id, member_kind, member_id)
);
CREATE INDEX infrastructure_members_member ON infrastructure_members (member_id);

-- What a serving node reported last. Not part of the record: it changes every few seconds, and nothing is decided by it.
CREATE TABLE nodes (
    infrastructure_id UUID NOT NULL REFERENCES infrastructures (id),
    name              TEXT COLLATE "C" NOT NULL,
    account_id        UUID NOT NULL REFERENCES users (id),
    report            TEXT COLLATE "C" NOT NULL,
    log_refusal       TEXT COLLATE "C",
    reported_at       BIGINT NOT NULL,
    PRIMARY KEY (infrastructure_id, name)
);
CREATE INDEX nodes_reported_at ON nodes (reported_at);
