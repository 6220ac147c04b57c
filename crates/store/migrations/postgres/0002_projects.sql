-- Projects, their members and models.
-- The same tables and columns as migrations/sqlite/0002_projects.sql; a test compares them.

CREATE TABLE projects (
    id           UUID PRIMARY KEY NOT NULL,
    name         TEXT COLLATE "C" NOT NULL UNIQUE,
    display_name TEXT COLLATE "C" NOT NULL,
    rules        TEXT COLLATE "C" NOT NULL,
    reviewers    TEXT COLLATE "C" NOT NULL,
    workflow     TEXT COLLATE "C" NOT NULL,
    revision     BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    seal         BYTEA NOT NULL
);

-- The users and groups that a project's reviewers name, so that their projects are found. Not part of the record: the rules decide.
CREATE TABLE project_people (
    project_id UUID NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    who        UUID NOT NULL,
    PRIMARY KEY (project_id, who)
);
CREATE INDEX project_people_who ON project_people (who);

CREATE TABLE project_members (
    project_id  UUID NOT NULL REFERENCES projects (id),
    member_kind TEXT COLLATE "C" NOT NULL CHECK (member_kind IN ('user', 'group')),
    member_id   UUID NOT NULL,
    role        TEXT COLLATE "C" NOT NULL CHECK (role IN ('manager', 'contributor', 'reader')),
    seal        BYTEA NOT NULL,
    PRIMARY KEY (project_id, member_kind, member_id)
);
CREATE INDEX project_members_member ON project_members (member_id);

CREATE TABLE models (
    id         UUID PRIMARY KEY NOT NULL,
    project_id UUID NOT NULL REFERENCES projects (id),
    name       TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    seal       BYTEA NOT NULL,
    UNIQUE (project_id, name)
);
