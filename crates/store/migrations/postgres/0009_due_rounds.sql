-- The versions with a round in which somebody is expected to act: the server reads them all once, for every inbox.
CREATE INDEX round_people_due ON round_people (version_id) WHERE due;
