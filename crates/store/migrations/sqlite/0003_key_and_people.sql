-- The key that the server signs with, so that another one is noticed. Not part of the record: the statements name it themselves.
-- The same tables and columns as migrations/postgres/0003_key_and_people.sql; a test compares them.

CREATE TABLE server_key (
    id     INTEGER PRIMARY KEY NOT NULL CHECK (id = 1),
    key_id TEXT NOT NULL,
    since  INTEGER NOT NULL
) STRICT;

-- Whom a round may concern, so that an inbox is found without looking through all rounds. Not part of the record: the rules decide
-- whose turn it is. `who` is a user, a group, or the project, for those who hold `role` in it.
CREATE TABLE round_people (
    version_id BLOB NOT NULL,
    number     INTEGER NOT NULL,
    who        BLOB NOT NULL,
    role       TEXT CHECK (role IN ('manager', 'contributor', 'reader')),
    due        INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (version_id, number, who),
    FOREIGN KEY (version_id, number) REFERENCES rounds (version_id, number) ON DELETE CASCADE
) STRICT;
CREATE INDEX round_people_who ON round_people (who, due, changed_at);

-- The users and groups that a project's reviewers name, so that their projects are found.
CREATE TABLE project_people (
    project_id BLOB NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    who        BLOB NOT NULL,
    PRIMARY KEY (project_id, who)
) STRICT;
CREATE INDEX project_people_who ON project_people (who);

-- What was there before: every id in the text. More than needed does no harm.
INSERT OR IGNORE INTO round_people (version_id, number, who, role, due, changed_at)
SELECT version_id, number, unhex(replace(found.atom, '-', '')), NULL, (status IN ('waiting_for_feedback', 'waiting_for_approval', 'revoked', 'expired') OR (status = 'not_started' AND rounds.number > 1)) AND rounds.number = (SELECT MAX(newer.number) FROM rounds AS newer WHERE newer.version_id = rounds.version_id), changed_at
FROM rounds, json_tree(rounds.signoff) AS found
WHERE found.type = 'text' AND length(found.atom) = 36 AND unhex(replace(found.atom, '-', '')) IS NOT NULL;
INSERT OR IGNORE INTO round_people (version_id, number, who, role, due, changed_at)
SELECT versions.id, rounds.number, uploader_id, NULL, (status IN ('waiting_for_feedback', 'waiting_for_approval', 'revoked', 'expired') OR (status = 'not_started' AND rounds.number > 1)) AND rounds.number = (SELECT MAX(newer.number) FROM rounds AS newer WHERE newer.version_id = rounds.version_id), changed_at
FROM rounds JOIN versions ON versions.id = rounds.version_id;
INSERT OR IGNORE INTO round_people (version_id, number, who, role, due, changed_at)
SELECT versions.id, rounds.number, project_id, 'reader', (status IN ('waiting_for_feedback', 'waiting_for_approval', 'revoked', 'expired') OR (status = 'not_started' AND rounds.number > 1)) AND rounds.number = (SELECT MAX(newer.number) FROM rounds AS newer WHERE newer.version_id = rounds.version_id), changed_at
FROM rounds JOIN versions ON versions.id = rounds.version_id JOIN models ON models.id = model_id;
INSERT OR IGNORE INTO project_people (project_id, who)
SELECT projects.id, unhex(replace(found.atom, '-', '')) FROM projects, json_tree(projects.reviewers) AS found
WHERE found.type = 'text' AND length(found.atom) = 36 AND unhex(replace(found.atom, '-', '')) IS NOT NULL;
