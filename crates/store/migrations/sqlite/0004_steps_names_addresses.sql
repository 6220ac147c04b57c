-- What has to have its place before the first release: steps of sign-offs, names of people, mail addresses, events of format 2.
-- The same tables and columns as migrations/postgres/0004_steps_names_addresses.sql; a test compares them. A new column of a table that
-- the record covers has `since 4` in its `table!`, so that rows from before keep their names and digests.

-- The SHA-256 of an event's body, which its leaf names: format 2. None where the body itself is the leaf: format 1.
ALTER TABLE events ADD COLUMN body_digest BLOB;

-- Mail addresses as they are compared, without regard to upper and lower case. Not part of the record: the accounts say what they are. The
-- program fills the table in at opening, since SQL cannot fold every script, and lets no second account get an address. It is not unique
-- here: accounts from before may share one.
CREATE TABLE mail_addresses (
    user_id BLOB PRIMARY KEY NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    folded  TEXT NOT NULL
) STRICT;
CREATE INDEX mail_addresses_folded ON mail_addresses (folded);

-- What showed who acted with a token: a sign-in, a token of one's own, or a service's. None for tokens from before.
ALTER TABLE tokens ADD COLUMN kind TEXT CHECK (kind IN ('session', 'personal', 'service'));
-- Who uploaded a version and made a revision, as they were named then.
ALTER TABLE versions ADD COLUMN uploader TEXT;
ALTER TABLE revisions ADD COLUMN signatory TEXT;

-- A sign-off belongs to a version and a step of its workflow. What was there before is the sign-off of the step `review`.
-- SQLite changes no key: the two tables are made anew.
ALTER TABLE statements ADD COLUMN step TEXT NOT NULL DEFAULT 'review';

CREATE TABLE rounds_of_steps (
    version_id BLOB NOT NULL REFERENCES versions (id),
    step       TEXT NOT NULL DEFAULT 'review',
    number     INTEGER NOT NULL,
    status     TEXT NOT NULL CHECK (status IN ('not_started', 'waiting_for_feedback', 'waiting_for_approval', 'approved', 'rejected', 'abandoned', 'revoked', 'expired')),
    not_after  INTEGER,
    signoff    TEXT NOT NULL,
    revision   INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (version_id, step, number)
) STRICT;
INSERT INTO rounds_of_steps (version_id, number, status, not_after, signoff, revision, changed_at)
SELECT version_id, number, status, not_after, signoff, revision, changed_at FROM rounds;

CREATE TABLE people_of_steps (
    version_id BLOB NOT NULL,
    step       TEXT NOT NULL DEFAULT 'review',
    number     INTEGER NOT NULL,
    who        BLOB NOT NULL,
    role       TEXT CHECK (role IN ('manager', 'contributor', 'reader')),
    due        INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (version_id, step, number, who),
    FOREIGN KEY (version_id, step, number) REFERENCES rounds_of_steps (version_id, step, number) ON DELETE CASCADE
) STRICT;
INSERT INTO people_of_steps (version_id, number, who, role, due, changed_at)
SELECT version_id, number, who, role, due, changed_at FROM round_people;

DROP TABLE round_people;
DROP TABLE rounds;
ALTER TABLE rounds_of_steps RENAME TO rounds;
ALTER TABLE people_of_steps RENAME TO round_people;
CREATE INDEX rounds_status ON rounds (status, changed_at);
CREATE INDEX rounds_not_after ON rounds (not_after) WHERE status = 'approved';
CREATE INDEX round_people_who ON round_people (who, due, changed_at);
