-- Versions with their files, and uploads on their way to becoming versions.
-- The same tables and columns as migrations/sqlite/0003_versions.sql; a test compares them.

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
    uploader     TEXT COLLATE "C",
    workflow     TEXT COLLATE "C" NOT NULL,
    warnings     TEXT COLLATE "C" NOT NULL,
    revision     BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    retired      TEXT COLLATE "C",
    seal         BYTEA NOT NULL,
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
