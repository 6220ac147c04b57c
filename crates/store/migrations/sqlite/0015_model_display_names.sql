-- A name for people; models from before have none.
ALTER TABLE models ADD COLUMN display_name TEXT;
