-- Rounds of sign-offs, and the statements that the server signs.
-- The same tables and columns as migrations/postgres/0005_sign_offs.sql; a test compares them.

CREATE TABLE rounds (
    version_id BLOB NOT NULL REFERENCES versions (id),
    step       TEXT NOT NULL,
    number     INTEGER NOT NULL,
    status     TEXT NOT NULL CHECK (status IN ('not_started', 'waiting_for_feedback', 'waiting_for_approval', 'approved', 'rejected', 'abandoned', 'revoked', 'expired')),
    not_after  INTEGER,
    -- The round whose approval goes on beside this one, its renewal, until this one is decided.
    renews     INTEGER,
    signoff    TEXT NOT NULL,
    revision   INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    seal       BLOB NOT NULL,
    PRIMARY KEY (version_id, step, number)
) STRICT;
CREATE INDEX rounds_status ON rounds (status, changed_at);
CREATE INDEX rounds_not_after ON rounds (not_after) WHERE status = 'approved';

-- Whom a round may concern, so that an inbox is found without looking through all rounds. Not part of the record: the rules decide
-- whose turn it is. `who` is a user, a group, or the project, for those who hold `role` in it.
CREATE TABLE round_people (
    version_id BLOB NOT NULL,
    step       TEXT NOT NULL,
    number     INTEGER NOT NULL,
    who        BLOB NOT NULL,
    role       TEXT CHECK (role IN ('manager', 'contributor', 'reader')),
    due        INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (version_id, step, number, who),
    FOREIGN KEY (version_id, step, number) REFERENCES rounds (version_id, step, number) ON DELETE CASCADE
) STRICT;
CREATE INDEX round_people_who ON round_people (who, due, changed_at);

-- DSSE envelopes, kept byte for byte as they were signed.
CREATE TABLE statements (
    id                BLOB PRIMARY KEY NOT NULL,
    kind              TEXT NOT NULL CHECK (kind IN ('decision', 'permit')),
    version_id        BLOB NOT NULL REFERENCES versions (id),
    infrastructure_id BLOB REFERENCES infrastructures (id),
    step              TEXT NOT NULL,
    round             INTEGER NOT NULL,
    model_digest      BLOB NOT NULL,
    envelope          BLOB NOT NULL,
    issued_at         INTEGER NOT NULL,
    not_after         INTEGER,
    seal              BLOB NOT NULL
) STRICT;
CREATE INDEX statements_version ON statements (version_id, kind, issued_at);
