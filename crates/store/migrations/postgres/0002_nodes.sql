-- Serving nodes: a role for them on infrastructures, and what they report.

ALTER TABLE infrastructure_members DROP CONSTRAINT infrastructure_members_role_check;
ALTER TABLE infrastructure_members ADD CONSTRAINT infrastructure_members_role_check CHECK (role IN ('admin', 'deployer', 'viewer', 'node'));

-- What a serving node reported last. Not part of the record: it changes every few seconds, and nothing is decided by it.
CREATE TABLE nodes (
    infrastructure_id UUID NOT NULL REFERENCES infrastructures (id),
    name              TEXT COLLATE "C" NOT NULL,
    report            TEXT COLLATE "C" NOT NULL,
    reported_at       BIGINT NOT NULL,
    PRIMARY KEY (infrastructure_id, name)
);
CREATE INDEX nodes_reported_at ON nodes (reported_at);
