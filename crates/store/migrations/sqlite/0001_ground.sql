-- The ground: people, projects, versions, sign-offs, infrastructures, deployments, and the record.
-- The same tables and columns as migrations/postgres/0001_ground.sql; a test compares them.

CREATE TABLE users (
    id            BLOB PRIMARY KEY NOT NULL,
    name          TEXT NOT NULL UNIQUE,
    display_name  TEXT NOT NULL,
    email         TEXT,
    kind          TEXT NOT NULL CHECK (kind IN ('person', 'service')),
    role          TEXT NOT NULL CHECK (role IN ('administrator', 'auditor', 'user')),
    active        INTEGER NOT NULL,
    password_hash TEXT,
    created_at    INTEGER NOT NULL
) STRICT;

CREATE TABLE invitations (
    id           BLOB PRIMARY KEY NOT NULL,
    user_id      BLOB NOT NULL REFERENCES users (id),
    code_hash    BLOB NOT NULL UNIQUE,
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    redeemed_at  INTEGER,
    cancelled_at INTEGER
) STRICT;
CREATE INDEX invitations_user ON invitations (user_id);

CREATE TABLE tokens (
    id         BLOB PRIMARY KEY NOT NULL,
    user_id    BLOB NOT NULL REFERENCES users (id),
    label      TEXT NOT NULL,
    hash       BLOB NOT NULL UNIQUE,
    scopes     TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT;
CREATE INDEX tokens_user ON tokens (user_id);

CREATE TABLE user_groups (
    id         BLOB PRIMARY KEY NOT NULL,
    name       TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE group_members (
    group_id BLOB NOT NULL REFERENCES user_groups (id),
    user_id  BLOB NOT NULL REFERENCES users (id),
    added_at INTEGER NOT NULL,
    PRIMARY KEY (group_id, user_id)
) STRICT;
CREATE INDEX group_members_user ON group_members (user_id);

CREATE TABLE projects (
    id           BLOB PRIMARY KEY NOT NULL,
    name         TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL,
    rules        TEXT NOT NULL,
    reviewers    TEXT NOT NULL,
    workflow     TEXT NOT NULL,
    revision     INTEGER NOT NULL,
    created_at   INTEGER NOT NULL
) STRICT;

CREATE TABLE project_members (
    project_id  BLOB NOT NULL REFERENCES projects (id),
    member_kind TEXT NOT NULL CHECK (member_kind IN ('user', 'group')),
    member_id   BLOB NOT NULL,
    role        TEXT NOT NULL CHECK (role IN ('manager', 'contributor', 'reader')),
    PRIMARY KEY (project_id, member_kind, member_id)
) STRICT;
CREATE INDEX project_members_member ON project_members (member_id);

CREATE TABLE models (
    id         BLOB PRIMARY KEY NOT NULL,
    project_id BLOB NOT NULL REFERENCES projects (id),
    name       TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (project_id, name)
) STRICT;

CREATE TABLE versions (
    id           BLOB PRIMARY KEY NOT NULL,
    model_id     BLOB NOT NULL REFERENCES models (id),
    number       INTEGER NOT NULL,
    model_digest BLOB NOT NULL,
    file_count   INTEGER NOT NULL,
    size         INTEGER NOT NULL,
    fields       TEXT NOT NULL,
    shown        BLOB NOT NULL,
    uploader_id  BLOB NOT NULL REFERENCES users (id),
    workflow     TEXT NOT NULL,
    revision     INTEGER NOT NULL,
    created_at   INTEGER NOT NULL,
    UNIQUE (model_id, number)
) STRICT;
CREATE INDEX versions_digest ON versions (model_digest);

CREATE TABLE version_files (
    version_id BLOB NOT NULL REFERENCES versions (id),
    name       TEXT NOT NULL,
    sha256     BLOB NOT NULL,
    size       INTEGER NOT NULL,
    PRIMARY KEY (version_id, name)
) STRICT;
CREATE INDEX version_files_sha256 ON version_files (sha256);

CREATE TABLE rounds (
    version_id BLOB NOT NULL REFERENCES versions (id),
    number     INTEGER NOT NULL,
    status     TEXT NOT NULL CHECK (status IN ('not_started', 'waiting_for_feedback', 'waiting_for_approval', 'approved', 'rejected', 'abandoned', 'revoked', 'expired')),
    not_after  INTEGER,
    signoff    TEXT NOT NULL,
    revision   INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (version_id, number)
) STRICT;
CREATE INDEX rounds_status ON rounds (status, changed_at);
CREATE INDEX rounds_not_after ON rounds (not_after) WHERE status = 'approved';

CREATE TABLE infrastructures (
    id               BLOB PRIMARY KEY NOT NULL,
    name             TEXT NOT NULL UNIQUE,
    stage            TEXT NOT NULL,
    policy           TEXT NOT NULL CHECK (policy IN ('prevent', 'warn', 'allow')),
    on_lapse         TEXT NOT NULL CHECK (on_lapse IN ('report', 'disable')),
    permit_valid_for INTEGER NOT NULL,
    revision         INTEGER NOT NULL,
    created_at       INTEGER NOT NULL
) STRICT;

CREATE TABLE infrastructure_members (
    infrastructure_id BLOB NOT NULL REFERENCES infrastructures (id),
    member_kind       TEXT NOT NULL CHECK (member_kind IN ('user', 'group')),
    member_id         BLOB NOT NULL,
    role              TEXT NOT NULL CHECK (role IN ('admin', 'deployer', 'viewer')),
    PRIMARY KEY (infrastructure_id, member_kind, member_id)
) STRICT;
CREATE INDEX infrastructure_members_member ON infrastructure_members (member_id);

-- DSSE envelopes, kept byte for byte as they were signed.
CREATE TABLE statements (
    id                BLOB PRIMARY KEY NOT NULL,
    kind              TEXT NOT NULL CHECK (kind IN ('decision', 'permit')),
    version_id        BLOB NOT NULL REFERENCES versions (id),
    infrastructure_id BLOB REFERENCES infrastructures (id),
    round             INTEGER NOT NULL,
    model_digest      BLOB NOT NULL,
    envelope          BLOB NOT NULL,
    issued_at         INTEGER NOT NULL,
    not_after         INTEGER
) STRICT;
CREATE INDEX statements_version ON statements (version_id, kind, issued_at);

CREATE TABLE deployments (
    id                BLOB PRIMARY KEY NOT NULL,
    infrastructure_id BLOB NOT NULL REFERENCES infrastructures (id),
    service           TEXT NOT NULL,
    model_id          BLOB NOT NULL REFERENCES models (id),
    current_revision  INTEGER NOT NULL,
    created_at        INTEGER NOT NULL,
    UNIQUE (infrastructure_id, service)
) STRICT;

CREATE TABLE revisions (
    deployment_id   BLOB NOT NULL REFERENCES deployments (id),
    number          INTEGER NOT NULL,
    kind            TEXT NOT NULL CHECK (kind IN ('deploy', 'rollback', 'stop')),
    answer          TEXT,
    acknowledgement TEXT,
    created_by      BLOB NOT NULL REFERENCES users (id),
    created_at      INTEGER NOT NULL,
    PRIMARY KEY (deployment_id, number)
) STRICT;

CREATE TABLE shares (
    deployment_id BLOB NOT NULL REFERENCES deployments (id),
    revision      INTEGER NOT NULL,
    place         INTEGER NOT NULL,
    version_id    BLOB NOT NULL REFERENCES versions (id),
    weight        INTEGER NOT NULL,
    model_digest  BLOB NOT NULL,
    basis         TEXT NOT NULL CHECK (basis IN ('approved', 'acknowledged', 'unapproved')),
    permit_id     BLOB NOT NULL REFERENCES statements (id),
    PRIMARY KEY (deployment_id, revision, place)
) STRICT;
CREATE INDEX shares_version ON shares (version_id);

-- The record: one row for each event, the leaves of the Merkle log.
CREATE TABLE events (
    position          INTEGER PRIMARY KEY NOT NULL,
    at                INTEGER NOT NULL,
    kind              TEXT NOT NULL,
    actor_id          BLOB,
    project_id        BLOB,
    version_id        BLOB,
    infrastructure_id BLOB,
    body              BLOB NOT NULL,
    leaf              BLOB NOT NULL
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

CREATE TABLE log_head (
    id       INTEGER PRIMARY KEY NOT NULL CHECK (id = 1),
    size     INTEGER NOT NULL,
    frontier BLOB NOT NULL
) STRICT;
INSERT INTO log_head (id, size, frontier) VALUES (1, 0, x'');

-- What is on its way: not part of the record until a version takes it.
CREATE TABLE uploads (
    id         BLOB PRIMARY KEY NOT NULL,
    model_id   BLOB NOT NULL REFERENCES models (id),
    user_id    BLOB NOT NULL REFERENCES users (id),
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE TABLE upload_files (
    upload_id BLOB NOT NULL REFERENCES uploads (id) ON DELETE CASCADE,
    name      TEXT NOT NULL,
    sha256    BLOB NOT NULL,
    size      INTEGER NOT NULL,
    PRIMARY KEY (upload_id, name)
) STRICT;
CREATE INDEX upload_files_sha256 ON upload_files (sha256);

-- Every stored file, so that clean-up can tell what nothing refers to any more.
CREATE TABLE files (
    sha256    BLOB PRIMARY KEY NOT NULL,
    size      INTEGER NOT NULL,
    stored_at INTEGER NOT NULL
) STRICT;

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
