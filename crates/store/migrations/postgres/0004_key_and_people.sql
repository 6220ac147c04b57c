-- The key that the server signs with, so that another one is noticed. Not part of the record: the statements name it themselves.
-- The same tables and columns as migrations/sqlite/0004_key_and_people.sql; a test compares them.

CREATE TABLE server_key (
    id     BIGINT PRIMARY KEY NOT NULL CHECK (id = 1),
    key_id TEXT NOT NULL,
    since  BIGINT NOT NULL
);
