-- Of what people were reminded. Not part of the record: an event tells of each reminder.
-- The same tables and columns as migrations/sqlite/0013_reminders.sql; a test compares them.

-- The last reminder of a sign-off on a step: of which moment, and which one.
CREATE TABLE reminders (
    version_id UUID NOT NULL REFERENCES versions (id),
    step       TEXT COLLATE "C" NOT NULL,
    round      BIGINT NOT NULL,
    due        BIGINT NOT NULL,
    stage      TEXT COLLATE "C" NOT NULL CHECK (stage IN ('soon', 'overdue', 'escalated', 'early', 'last')),
    PRIMARY KEY (version_id, step, round)
);
