-- Rounds of sign-offs, and the statements that the server signs.
-- The same tables and columns as migrations/sqlite/0005_sign_offs.sql; a test compares them.

CREATE TABLE rounds (
    version_id UUID NOT NULL REFERENCES versions (id),
    step       TEXT COLLATE "C" NOT NULL,
    number     BIGINT NOT NULL,
    status     TEXT COLLATE "C" NOT NULL CHECK (status IN ('not_started', 'waiting_for_feedback', 'waiting_for_approval', 'approved', 'rejected', 'abandoned', 'revoked', 'expired')),
    not_after  BIGINT,
    -- The round whose approval goes on beside this one, its renewal, until this one is decided.
    renews     BIGINT,
    signoff    TEXT COLLATE "C" NOT NULL,
    revision   BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    seal       BYTEA NOT NULL,
    PRIMARY KEY (version_id, step, number)
);
CREATE INDEX rounds_status ON rounds (status, changed_at);
CREATE INDEX rounds_not_after ON rounds (not_after) WHERE status = 'approved';

-- Whom a round may concern, so that an inbox is found without looking through all rounds. Not part of the record: the rules decide
-- whose turn it is. `who` is a user, a group, or the project, for those who hold `role` in it.
CREATE TABLE round_people (
    version_id UUID NOT NULL,
    step       TEXT COLLATE "C" NOT NULL,
    number     BIGINT NOT NULL,
    who        UUID NOT NULL,
    role       TEXT COLLATE "C" CHECK (role IN ('manager', 'contributor', 'reader')),
    due        BOOLEAN NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (version_id, step, number, who),
    FOREIGN KEY (version_id, step, number) REFERENCES rounds (version_id, step, number) ON DELETE CASCADE
);
CREATE INDEX round_people_who ON round_people (who, due, changed_at);

-- DSSE envelopes, kept byte for byte as they were signed.
CREATE TABLE statements (
    id                UUID PRIMARY KEY NOT NULL,
    kind              TEXT COLLATE "C" NOT NULL CHECK (kind IN ('decision', 'permit')),
    version_id        UUID NOT NULL REFERENCES versions (id),
    infrastructure_id UUID REFERENCES infrastructures (id),
    step              TEXT COLLATE "C" NOT NULL,
    round             BIGINT NOT NULL,
    model_digest      BYTEA NOT NULL,
    envelope          BYTEA NOT NULL,
    issued_at         BIGINT NOT NULL,
    not_after         BIGINT,
    seal              BYTEA NOT NULL
);
CREATE INDEX statements_version ON statements (version_id, kind, issued_at);
