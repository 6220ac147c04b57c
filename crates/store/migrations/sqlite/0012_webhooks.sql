-- Webhooks, which are part of the record, and what became of each call, which is not.
-- The same tables and columns as migrations/postgres/0012_webhooks.sql; a test compares them.

-- An address of another program that is told of events. The secret is not here: the server derives it from its key, the id and the generation.
CREATE TABLE webhooks (
    id               BLOB PRIMARY KEY NOT NULL,
    name             TEXT NOT NULL UNIQUE,
    project_id       BLOB REFERENCES projects (id),
    kind             TEXT NOT NULL CHECK (kind IN ('standard', 'slack', 'mattermost', 'teams')),
    url              TEXT NOT NULL,
    topics           TEXT NOT NULL,
    generation       INTEGER NOT NULL,
    earlier_until    INTEGER,
    disabled_at      INTEGER,
    disabled_because TEXT,
    revision         INTEGER NOT NULL,
    created_at       INTEGER NOT NULL,
    seal             BLOB NOT NULL
) STRICT;
CREATE INDEX webhooks_project_id ON webhooks (project_id);

-- A webhook that fails. It is not called before `rests_until`.
CREATE TABLE failing_webhooks (
    webhook_id  BLOB PRIMARY KEY NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    since       INTEGER NOT NULL,
    failures    INTEGER NOT NULL,
    rests_until INTEGER NOT NULL
) STRICT;

-- One call of one webhook about one event, with all its attempts. `request` is what is sent, the same at each attempt; status and response are the last answer.
CREATE TABLE deliveries (
    id         BLOB PRIMARY KEY NOT NULL,
    webhook_id BLOB NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    position   INTEGER,
    topic      TEXT NOT NULL CHECK (topic IN ('version_registered', 'review_requested', 'request_taken_back', 'reviewers_reloaded', 'feedback_given', 'verdict_changed', 'fields_changed', 'final_approval_requested', 'approved', 'rejected', 'abandoned', 'abandon_cancelled', 'reset', 'retired', 'restored', 'revoked', 'expired', 'delegated', 'due_soon', 'overdue', 'escalated', 'renewal_due', 'deployed', 'stopped', 'deployment_denied', 'deployment_warned', 'out_of_policy', 'lapse_acknowledged', 'policy_weakened', 'webhook_disabled', 'test')),
    created_at INTEGER NOT NULL,
    due_at     INTEGER NOT NULL,
    attempts   INTEGER NOT NULL,
    sent_at    INTEGER,
    failed_at  INTEGER,
    request    TEXT,
    status     INTEGER,
    response   TEXT,
    error      TEXT,
    UNIQUE (webhook_id, position)
) STRICT;
CREATE INDEX deliveries_due_at ON deliveries (webhook_id, due_at) WHERE sent_at IS NULL AND failed_at IS NULL;
CREATE INDEX deliveries_failed_at ON deliveries (failed_at) WHERE sent_at IS NULL AND failed_at IS NOT NULL;
CREATE INDEX deliveries_of_webhook ON deliveries (webhook_id, id);
CREATE INDEX deliveries_ended ON deliveries (created_at) WHERE sent_at IS NOT NULL OR failed_at IS NOT NULL;
