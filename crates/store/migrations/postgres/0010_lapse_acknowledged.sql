-- That somebody knows that the service is out of policy, and tolerates it for a while.
ALTER TABLE deployments ADD COLUMN lapse_acknowledged TEXT COLLATE "C";
