-- Versions with their files, and uploads on their way to becoming versions.
-- The same tables and columns as migrations/postgres/0003_versions.sql; a test compares them.

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
    uploader     TEXT,
    workflow     TEXT NOT NULL,
    warnings     TEXT NOT NULL,
    revision     INTEGER NOT NULL,
    created_at   INTEGER NOT NULL,
    retired      TEXT,
    seal         BLOB NOT NULL,
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
