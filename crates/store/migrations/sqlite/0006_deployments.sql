-- Deployments, their revisions, and what each revision serves.
-- The same tables and columns as migrations/postgres/0006_deployments.sql; a test compares them.

CREATE TABLE deployments (
    id                BLOB PRIMARY KEY NOT NULL,
    infrastructure_id BLOB NOT NULL REFERENCES infrastructures (id),
    service           TEXT NOT NULL,
    model_id          BLOB NOT NULL REFERENCES models (id),
    current_revision  INTEGER NOT NULL,
    created_at        INTEGER NOT NULL,
    seal              BLOB NOT NULL,
    UNIQUE (infrastructure_id, service)
) STRICT;

CREATE TABLE revisions (
    deployment_id   BLOB NOT NULL REFERENCES deployments (id),
    number          INTEGER NOT NULL,
    kind            TEXT NOT NULL CHECK (kind IN ('deploy', 'rollback', 'stop')),
    answer          TEXT,
    acknowledgement TEXT,
    created_by      BLOB NOT NULL REFERENCES users (id),
    signatory       TEXT,
    created_at      INTEGER NOT NULL,
    seal            BLOB NOT NULL,
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
    seal          BLOB NOT NULL,
    PRIMARY KEY (deployment_id, revision, place)
) STRICT;
CREATE INDEX shares_version ON shares (version_id);
