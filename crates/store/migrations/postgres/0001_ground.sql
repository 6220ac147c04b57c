-- The ground: people, projects, versions, sign-offs, infrastructures, deployments, and the record.
-- The same tables and columns as migrations/sqlite/0001_ground.sql; a test compares them.
-- Texts are put in order by their bytes, as SQLite does it: not by the collation that the database was made with, which an update
-- of its operating system may change below an index.

CREATE TABLE users (
    id            UUID PRIMARY KEY NOT NULL,
    name          TEXT COLLATE "C" NOT NULL UNIQUE,
    display_name  TEXT COLLATE "C" NOT NULL,
    email         TEXT COLLATE "C",
    kind          TEXT COLLATE "C" NOT NULL CHECK (kind IN ('person', 'service')),
    role          TEXT COLLATE "C" NOT NULL CHECK (role IN ('administrator', 'auditor', 'user')),
    active        BOOLEAN NOT NULL,
    password_hash TEXT COLLATE "C",
    created_at    BIGINT NOT NULL
);

CREATE TABLE invitations (
    id           UUID PRIMARY KEY NOT NULL,
    user_id      UUID NOT NULL REFERENCES users (id),
    code_hash    BYTEA NOT NULL UNIQUE,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    redeemed_at  BIGINT,
    cancelled_at BIGINT
);
CREATE INDEX invitations_user ON invitations (user_id);

CREATE TABLE tokens (
    id         UUID PRIMARY KEY NOT NULL,
    user_id    UUID NOT NULL REFERENCES users (id),
    label      TEXT COLLATE "C" NOT NULL,
    hash       BYTEA NOT NULL UNIQUE,
    scopes     TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT
);
CREATE INDEX tokens_user ON tokens (user_id);

CREATE TABLE user_groups (
    id         UUID PRIMARY KEY NOT NULL,
    name       TEXT COLLATE "C" NOT NULL UNIQUE,
    created_at BIGINT NOT NULL
);

CREATE TABLE group_members (
    group_id UUID NOT NULL REFERENCES user_groups (id),
    user_id  UUID NOT NULL REFERENCES users (id),
    added_at BIGINT NOT NULL,
    PRIMARY KEY (group_id, user_id)
);
CREATE INDEX group_members_user ON group_members (user_id);

CREATE TABLE projects (
    id           UUID PRIMARY KEY NOT NULL,
    name         TEXT COLLATE "C" NOT NULL UNIQUE,
    display_name TEXT COLLATE "C" NOT NULL,
    rules        TEXT COLLATE "C" NOT NULL,
    reviewers    TEXT COLLATE "C" NOT NULL,
    workflow     TEXT COLLATE "C" NOT NULL,
    revision     BIGINT NOT NULL,
    created_at   BIGINT NOT NULL
);

CREATE TABLE project_members (
    project_id  UUID NOT NULL REFERENCES projects (id),
    member_kind TEXT COLLATE "C" NOT NULL CHECK (member_kind IN ('user', 'group')),
    member_id   UUID NOT NULL,
    role        TEXT COLLATE "C" NOT NULL CHECK (role IN ('manager', 'contributor', 'reader')),
    PRIMARY KEY (project_id, member_kind, member_id)
);
CREATE INDEX project_members_member ON project_members (member_id);

CREATE TABLE models (
    id         UUID PRIMARY KEY NOT NULL,
    project_id UUID NOT NULL REFERENCES projects (id),
    name       TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (project_id, name)
);

CREATE TABLE versions (
    id           UUID PRIMARY KEY NOT NULL,
    model_id     UUID NOT NULL REFERENCES models (id),
    number       BIGINT NOT NULL,
    model_digest BYTEA NOT NULL,
    file_count   BIGINT NOT NULL,
    size         BIGINT NOT NULL,
    fields       TEXT COLLATE "C" NOT NULL,
    shown        BYTEA NOT NULL,
    uploader_id  UUID NOT NULL REFERENCES users (id),
    workflow     TEXT COLLATE "C" NOT NULL,
    revision     BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    UNIQUE (model_id, number)
);
CREATE INDEX versions_digest ON versions (model_digest);

CREATE TABLE version_files (
    version_id UUID NOT NULL REFERENCES versions (id),
    name       TEXT COLLATE "C" NOT NULL,
    sha256     BYTEA NOT NULL,
    size       BIGINT NOT NULL,
    PRIMARY KEY (version_id, name)
);
CREATE INDEX version_files_sha256 ON version_files (sha256);

CREATE TABLE rounds (
    version_id UUID NOT NULL REFERENCES versions (id),
    number     BIGINT NOT NULL,
    status     TEXT COLLATE "C" NOT NULL CHECK (status IN ('not_started', 'waiting_for_feedback', 'waiting_for_approval', 'approved', 'rejected', 'abandoned', 'revoked', 'expired')),
    not_after  BIGINT,
    signoff    TEXT COLLATE "C" NOT NULL,
    revision   BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (version_id, number)
);
CREATE INDEX rounds_status ON rounds (status, changed_at);
CREATE INDEX rounds_not_after ON rounds (not_after) WHERE status = 'approved';

CREATE TABLE infrastructures (
    id               UUID PRIMARY KEY NOT NULL,
    name             TEXT COLLATE "C" NOT NULL UNIQUE,
    stage            TEXT COLLATE "C" NOT NULL,
    policy           TEXT COLLATE "C" NOT NULL CHECK (policy IN ('prevent', 'warn', 'allow')),
    on_lapse         TEXT COLLATE "C" NOT NULL CHECK (on_lapse IN ('report', 'disable')),
    permit_valid_for BIGINT NOT NULL,
    revision         BIGINT NOT NULL,
    created_at       BIGINT NOT NULL
);

CREATE TABLE infrastructure_members (
    infrastructure_id UUID NOT NULL REFERENCES infrastructures (id),
    member_kind       TEXT COLLATE "C" NOT NULL CHECK (member_kind IN ('user', 'group')),
    member_id         UUID NOT NULL,
    role              TEXT COLLATE "C" NOT NULL CHECK (role IN ('admin', 'deployer', 'viewer')),
    PRIMARY KEY (infrastructure_id, member_kind, member_id)
);
CREATE INDEX infrastructure_members_member ON infrastructure_members (member_id);

-- DSSE envelopes, kept byte for byte as they were signed.
CREATE TABLE statements (
    id                UUID PRIMARY KEY NOT NULL,
    kind              TEXT COLLATE "C" NOT NULL CHECK (kind IN ('decision', 'permit')),
    version_id        UUID NOT NULL REFERENCES versions (id),
    infrastructure_id UUID REFERENCES infrastructures (id),
    round             BIGINT NOT NULL,
    model_digest      BYTEA NOT NULL,
    envelope          BYTEA NOT NULL,
    issued_at         BIGINT NOT NULL,
    not_after         BIGINT
);
CREATE INDEX statements_version ON statements (version_id, kind, issued_at);

CREATE TABLE deployments (
    id                UUID PRIMARY KEY NOT NULL,
    infrastructure_id UUID NOT NULL REFERENCES infrastructures (id),
    service           TEXT COLLATE "C" NOT NULL,
    model_id          UUID NOT NULL REFERENCES models (id),
    current_revision  BIGINT NOT NULL,
    created_at        BIGINT NOT NULL,
    UNIQUE (infrastructure_id, service)
);

CREATE TABLE revisions (
    deployment_id   UUID NOT NULL REFERENCES deployments (id),
    number          BIGINT NOT NULL,
    kind            TEXT COLLATE "C" NOT NULL CHECK (kind IN ('deploy', 'rollback', 'stop')),
    answer          TEXT COLLATE "C",
    acknowledgement TEXT COLLATE "C",
    created_by      UUID NOT NULL REFERENCES users (id),
    created_at      BIGINT NOT NULL,
    PRIMARY KEY (deployment_id, number)
);

CREATE TABLE shares (
    deployment_id UUID NOT NULL REFERENCES deployments (id),
    revision      BIGINT NOT NULL,
    place         BIGINT NOT NULL,
    version_id    UUID NOT NULL REFERENCES versions (id),
    weight        BIGINT NOT NULL,
    model_digest  BYTEA NOT NULL,
    basis         TEXT COLLATE "C" NOT NULL CHECK (basis IN ('approved', 'acknowledged', 'unapproved')),
    permit_id     UUID NOT NULL REFERENCES statements (id),
    PRIMARY KEY (deployment_id, revision, place)
);
CREATE INDEX shares_version ON shares (version_id);

-- The record: one row for each event, the leaves of the Merkle log.
CREATE TABLE events (
    position          BIGINT PRIMARY KEY NOT NULL,
    at                BIGINT NOT NULL,
    kind              TEXT COLLATE "C" NOT NULL,
    actor_id          UUID,
    project_id        UUID,
    version_id        UUID,
    infrastructure_id UUID,
    body              BYTEA NOT NULL,
    leaf              BYTEA NOT NULL
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

CREATE TABLE log_head (
    id       BIGINT PRIMARY KEY NOT NULL CHECK (id = 1),
    size     BIGINT NOT NULL,
    frontier BYTEA NOT NULL
);
INSERT INTO log_head (id, size, frontier) VALUES (1, 0, '');

-- What is on its way: not part of the record until a version takes it.
CREATE TABLE uploads (
    id         UUID PRIMARY KEY NOT NULL,
    model_id   UUID NOT NULL REFERENCES models (id),
    user_id    UUID NOT NULL REFERENCES users (id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE TABLE upload_files (
    upload_id UUID NOT NULL REFERENCES uploads (id) ON DELETE CASCADE,
    name      TEXT COLLATE "C" NOT NULL,
    sha256    BYTEA NOT NULL,
    size      BIGINT NOT NULL,
    PRIMARY KEY (upload_id, name)
);
CREATE INDEX upload_files_sha256 ON upload_files (sha256);

-- Every stored file, so that clean-up can tell what nothing refers to any more.
CREATE TABLE files (
    sha256    BYTEA PRIMARY KEY NOT NULL,
    size      BIGINT NOT NULL,
    stored_at BIGINT NOT NULL
);

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
