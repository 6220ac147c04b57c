-- Messages to people. Not part of the record.
-- The same tables and columns as migrations/postgres/0011_messages.sql; a test compares them.

-- Up to which event the server has made messages of the log. What happened before there were messages is told to nobody.
CREATE TABLE announced (
    id       INTEGER PRIMARY KEY NOT NULL CHECK (id = 1),
    position INTEGER NOT NULL
) STRICT;
INSERT INTO announced (id, position) SELECT 1, size FROM log_head;

-- One message to one person about one event. A person gets one message about an event, however many servers make messages.
CREATE TABLE messages (
    id         BLOB PRIMARY KEY NOT NULL,
    position   INTEGER,
    user_id    BLOB NOT NULL REFERENCES users (id),
    topic      TEXT NOT NULL CHECK (topic IN ('version_registered', 'review_requested', 'request_taken_back', 'reviewers_reloaded', 'feedback_given', 'verdict_changed', 'fields_changed', 'final_approval_requested', 'approved', 'rejected', 'abandoned', 'abandon_cancelled', 'reset', 'retired', 'restored', 'revoked', 'expired', 'delegated', 'due_soon', 'overdue', 'escalated', 'renewal_due', 'deployed', 'stopped', 'deployment_denied', 'deployment_warned', 'out_of_policy', 'lapse_acknowledged', 'policy_weakened', 'webhook_disabled', 'test')),
    created_at INTEGER NOT NULL,
    due_at     INTEGER NOT NULL,
    attempts   INTEGER NOT NULL,
    sent_at    INTEGER,
    failed_at  INTEGER,
    error      TEXT,
    in_digest  INTEGER NOT NULL,
    UNIQUE (position, user_id)
) STRICT;
CREATE INDEX messages_due_at ON messages (due_at, position, id) WHERE sent_at IS NULL AND failed_at IS NULL;
CREATE INDEX messages_failed_at ON messages (failed_at) WHERE sent_at IS NULL AND failed_at IS NOT NULL;
CREATE INDEX messages_in_digest ON messages (user_id, due_at) WHERE in_digest AND sent_at IS NULL AND failed_at IS NULL;
CREATE INDEX messages_user_id ON messages (user_id);

-- Which messages a person wants; without a row, all.
CREATE TABLE wanted_messages (
    user_id BLOB PRIMARY KEY NOT NULL REFERENCES users (id),
    wanted  TEXT NOT NULL CHECK (wanted IN ('all', 'my_turn', 'each_morning', 'required', 'nothing'))
) STRICT;

-- To what a person subscribes: a project, a model or a version, by the name that it has for ever.
CREATE TABLE subscriptions (
    user_id BLOB NOT NULL REFERENCES users (id),
    name    TEXT NOT NULL,
    since   INTEGER NOT NULL,
    PRIMARY KEY (user_id, name)
) STRICT;
CREATE INDEX subscriptions_name ON subscriptions (name);
