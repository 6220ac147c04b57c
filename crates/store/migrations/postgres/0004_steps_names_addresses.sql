-- What has to have its place before the first release: steps of sign-offs, names of people, mail addresses, events of format 2.
-- The same tables and columns as migrations/sqlite/0004_steps_names_addresses.sql; a test compares them. A new column of a table that
-- the record covers has `since 4` in its `table!`, so that rows from before keep their names and digests.

-- The SHA-256 of an event's body, which its leaf names: format 2. None where the body itself is the leaf: format 1.
ALTER TABLE events ADD COLUMN body_digest BYTEA;

-- Mail addresses as they are compared, without regard to upper and lower case. Not part of the record: the accounts say what they are. The
-- program fills the table in at opening, since SQL cannot fold every script, and lets no second account get an address. It is not unique
-- here: accounts from before may share one.
CREATE TABLE mail_addresses (
    user_id UUID PRIMARY KEY NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    folded  TEXT COLLATE "C" NOT NULL
);
CREATE INDEX mail_addresses_folded ON mail_addresses (folded);

-- What showed who acted with a token: a sign-in, a token of one's own, or a service's. None for tokens from before.
ALTER TABLE tokens ADD COLUMN kind TEXT COLLATE "C" CHECK (kind IN ('session', 'personal', 'service'));
-- Who uploaded a version and made a revision, as they were named then.
ALTER TABLE versions ADD COLUMN uploader TEXT COLLATE "C";
ALTER TABLE revisions ADD COLUMN signatory TEXT COLLATE "C";

-- A sign-off belongs to a version and a step of its workflow. What was there before is the sign-off of the step `review`.
ALTER TABLE statements ADD COLUMN step TEXT COLLATE "C" NOT NULL DEFAULT 'review';
ALTER TABLE round_people DROP CONSTRAINT round_people_version_id_number_fkey;
ALTER TABLE rounds ADD COLUMN step TEXT COLLATE "C" NOT NULL DEFAULT 'review';
ALTER TABLE rounds DROP CONSTRAINT rounds_pkey, ADD PRIMARY KEY (version_id, step, number);
ALTER TABLE round_people ADD COLUMN step TEXT COLLATE "C" NOT NULL DEFAULT 'review';
ALTER TABLE round_people DROP CONSTRAINT round_people_pkey, ADD PRIMARY KEY (version_id, step, number, who);
ALTER TABLE round_people ADD FOREIGN KEY (version_id, step, number) REFERENCES rounds (version_id, step, number) ON DELETE CASCADE;
