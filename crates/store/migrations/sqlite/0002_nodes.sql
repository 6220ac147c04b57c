-- Serving nodes: a role for them on infrastructures, and what they report.
-- The same tables and columns as migrations/postgres/0002_nodes.sql; a test compares them.

-- SQLite cannot change a check: the table is made anew, row for row the same.
CREATE TABLE infrastructure_members_new (
    infrastructure_id BLOB NOT NULL REFERENCES infrastructures (id),
    member_kind       TEXT NOT NULL CHECK (member_kind IN ('user', 'group')),
    member_id         BLOB NOT NULL,
    role              TEXT NOT NULL CHECK (role IN ('admin', 'deployer', 'viewer', 'node')),
    PRIMARY KEY (infrastructure_id, member_kind, member_id)
) STRICT;
INSERT INTO infrastructure_members_new (infrastructure_id, member_kind, member_id, role)
    SELECT infrastructure_id, member_kind, member_id, role FROM infrastructure_members;
DROP TABLE infrastructure_members;
ALTER TABLE infrastructure_members_new RENAME TO infrastructure_members;
CREATE INDEX infrastructure_members_member ON infrastructure_members (member_id);

-- What a serving node reported last. Not part of the record: it changes every few seconds, and nothing is decided by it.
CREATE TABLE nodes (
    infrastructure_id BLOB NOT NULL REFERENCES infrastructures (id),
    name              TEXT NOT NULL,
    report            TEXT NOT NULL,
    reported_at       INTEGER NOT NULL,
    PRIMARY KEY (infrastructure_id, name)
) STRICT;
CREATE INDEX nodes_reported_at ON nodes (reported_at);
