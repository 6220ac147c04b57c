-- Deployments, their revisions, and what each revision serves.
-- The same tables and columns as migrations/sqlite/0006_deployments.sql; a test compares them.

CREATE TABLE deployments (
    id                UUID PRIMARY KEY NOT NULL,
    infrastructure_id UUID NOT NULL REFERENCES infrastructures (id),
    service           TEXT COLLATE "C" NOT NULL,
    model_id          UUID NOT NULL REFERENCES models (id),
    current_revision  BIGINT NOT NULL,
    created_at        BIGINT NOT NULL,
    seal              BYTEA NOT NULL,
    UNIQUE (infrastructure_id, service)
);

CREATE TABLE revisions (
    deployment_id   UUID NOT NULL REFERENCES deployments (id),
    number          BIGINT NOT NULL,
    kind            TEXT COLLATE "C" NOT NULL CHECK (kind IN ('deploy', 'rollback', 'stop')),
    answer          TEXT COLLATE "C",
    acknowledgement TEXT COLLATE "C",
    created_by      UUID NOT NULL REFERENCES users (id),
    signatory       TEXT COLLATE "C",
    created_at      BIGINT NOT NULL,
    seal            BYTEA NOT NULL,
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
    seal          BYTEA NOT NULL,
    PRIMARY KEY (deployment_id, revision, place)
);
CREATE INDEX shares_version ON shares (version_id);
