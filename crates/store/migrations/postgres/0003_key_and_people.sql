-- The key that the server signs with, so that another one is noticed. Not part of the record: the statements name it themselves.
-- The same tables and columns as migrations/sqlite/0003_key_and_people.sql; a test compares them.

CREATE TABLE server_key (
    id     BIGINT PRIMARY KEY NOT NULL CHECK (id = 1),
    key_id TEXT COLLATE "C" NOT NULL,
    since  BIGINT NOT NULL
);

-- Whom a round may concern, so that an inbox is found without looking through all rounds. Not part of the record: the rules decide
-- whose turn it is. `who` is a user, a group, or the project, for those who hold `role` in it.
CREATE TABLE round_people (
    version_id UUID NOT NULL,
    number     BIGINT NOT NULL,
    who        UUID NOT NULL,
    role       TEXT COLLATE "C" CHECK (role IN ('manager', 'contributor', 'reader')),
    due        BOOLEAN NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (version_id, number, who),
    FOREIGN KEY (version_id, number) REFERENCES rounds (version_id, number) ON DELETE CASCADE
);
CREATE INDEX round_people_who ON round_people (who, due, changed_at);

-- The users and groups that a project's reviewers name, so that their projects are found.
CREATE TABLE project_people (
    project_id UUID NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    who        UUID NOT NULL,
    PRIMARY KEY (project_id, who)
);
CREATE INDEX project_people_who ON project_people (who);

-- What was there before: every id in the text. More than needed does no harm.
INSERT INTO round_people (version_id, number, who, role, due, changed_at)
SELECT version_id, number, CAST(found.id[1] AS UUID), NULL, (status IN ('waiting_for_feedback', 'waiting_for_approval', 'revoked', 'expired') OR (status = 'not_started' AND rounds.number > 1)) AND rounds.number = (SELECT MAX(newer.number) FROM rounds AS newer WHERE newer.version_id = rounds.version_id), changed_at
FROM rounds, regexp_matches(rounds.signoff, '"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"', 'g') AS found (id)
ON CONFLICT DO NOTHING;
INSERT INTO round_people (version_id, number, who, role, due, changed_at)
SELECT versions.id, rounds.number, uploader_id, NULL, (status IN ('waiting_for_feedback', 'waiting_for_approval', 'revoked', 'expired') OR (status = 'not_started' AND rounds.number > 1)) AND rounds.number = (SELECT MAX(newer.number) FROM rounds AS newer WHERE newer.version_id = rounds.version_id), changed_at
FROM rounds JOIN versions ON versions.id = rounds.version_id
ON CONFLICT DO NOTHING;
INSERT INTO round_people (version_id, number, who, role, due, changed_at)
SELECT versions.id, rounds.number, project_id, 'reader', (status IN ('waiting_for_feedback', 'waiting_for_approval', 'revoked', 'expired') OR (status = 'not_started' AND rounds.number > 1)) AND rounds.number = (SELECT MAX(newer.number) FROM rounds AS newer WHERE newer.version_id = rounds.version_id), changed_at
FROM rounds JOIN versions ON versions.id = rounds.version_id JOIN models ON models.id = model_id
ON CONFLICT DO NOTHING;
INSERT INTO project_people (project_id, who)
SELECT projects.id, CAST(found.id[1] AS UUID) FROM projects, regexp_matches(projects.reviewers, '"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"', 'g') AS found (id)
ON CONFLICT DO NOTHING;
