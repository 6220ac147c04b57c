-- Projects, their members and models.
-- The same tables and columns as migrations/postgres/0002_projects.sql; a test compares them.

CREATE TABLE projects (
    id           BLOB PRIMARY KEY NOT NULL,
    name         TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL,
    rules        TEXT NOT NULL,
    reviewers    TEXT NOT NULL,
    workflow     TEXT NOT NULL,
    revision     INTEGER NOT NULL,
    created_at   INTEGER NOT NULL,
    seal         BLOB NOT NULL
) STRICT;

-- The users and groups that a project's reviewers name, so that their projects are found. Not part of the record: the rules decide.
CREATE TABLE project_people (
    project_id BLOB NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    who        BLOB NOT NULL,
    PRIMARY KEY (project_id, who)
) STRICT;
CREATE INDEX project_people_who ON project_people (who);

CREATE TABLE project_members (
    project_id  BLOB NOT NULL REFERENCES projects (id),
    member_kind TEXT NOT NULL CHECK (member_kind IN ('user', 'group')),
    member_id   BLOB NOT NULL,
    role        TEXT NOT NULL CHECK (role IN ('manager', 'contributor', 'reader')),
    seal        BLOB NOT NULL,
    PRIMARY KEY (project_id, member_kind, member_id)
) STRICT;
CREATE INDEX project_members_member ON project_members (member_id);

CREATE TABLE models (
    id         BLOB PRIMARY KEY NOT NULL,
    project_id BLOB NOT NULL REFERENCES projects (id),
    name       TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    seal       BLOB NOT NULL,
    UNIQUE (project_id, name)
) STRICT;
