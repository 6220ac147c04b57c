-- Webhooks, which are part of the record, and what became of each call, which is not.
-- The same tables and columns as migrations/sqlite/0012_webhooks.sql; a test compares them.

-- An address of another program that is told of events. The secret is not here: the server derives it from its key, the id and the generation.
CREATE TABLE webhooks (
    id               UUID PRIMARY KEY NOT NULL,
    name             TEXT COLLATE "C" NOT NULL UNIQUE,
    project_id       UUID REFERENCES projects (id),
    kind             TEXT COLLATE "C" NOT NULL CHECK (kind IN ('standard', 'slack', 'mattermost', 'teams')),
    url              TEXT COLLATE "C" NOT NULL,
    topics           TEXT COLLATE "C" NOT NULL,
    generation       BIGINT NOT NULL,
    earlier_until    BIGINT,
    disabled_at      BIGINT,
    disabled_because TEXT COLLATE "C",
    revision         BIGINT NOT NULL,
    created_at       BIGINT NOT NULL,
    seal             BYTEA NOT NULL
);
CREATE INDEX webhooks_project_id ON webhooks (project_id);

-- A webhook that fails. It is not called before `rests_until`.
CREATE TABLE failing_webhooks (
    webhook_id  UUID PRIMARY KEY NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    since       BIGINT NOT NULL,
    failures    BIGINT NOT NULL,
    rests_until BIGINT NOT NULL
);

-- One call of one webhook about one event, with all its attempts. `request` is what is sent, the same at each attempt; status and response are the last answer.
CREATE TABLE deliveries (
    id         UUID PRIMARY KEY NOT NULL,
    webhook_id UUID NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    position   BIGINT,
    topic      TEXT COLLATE "C" NOT NULL CHECK (topic IN ('version_registered', 'review_requested', 'request_taken_back', 'reviewers_reloaded', 'feedback_given', 'verdict_changed', 'fields_changed', 'final_approval_requested', 'approved', 'rejected', 'abandoned', 'abandon_cancelled', 'reset', 'retired', 'restored', 'revoked', 'expired', 'delegated', 'due_soon', 'overdue', 'escalated', 'renewal_due', 'deployed', 'stopped', 'deployment_denied', 'deployment_warned', 'out_of_policy', 'lapse_acknowledged', 'policy_weakened', 'webhook_disabled', 'test')),
    created_at BIGINT NOT NULL,
    due_at     BIGINT NOT NULL,
    attempts   BIGINT NOT NULL,
    sent_at    BIGINT,
    failed_at  BIGINT,
    request    TEXT COLLATE "C",
    status     BIGINT,
    response   TEXT COLLATE "C",
    error      TEXT COLLATE "C",
    UNIQUE (webhook_id, position)
);
CREATE INDEX deliveries_due_at ON deliveries (webhook_id, due_at) WHERE sent_at IS NULL AND failed_at IS NULL;
CREATE INDEX deliveries_failed_at ON deliveries (failed_at) WHERE sent_at IS NULL AND failed_at IS NOT NULL;
CREATE INDEX deliveries_of_webhook ON deliveries (webhook_id, id);
CREATE INDEX deliveries_ended ON deliveries (created_at) WHERE sent_at IS NOT NULL OR failed_at IS NOT NULL;
