//! Writes the index of people with the rows: whom a round or project may concern. Inbox and project list read only what the index names.

use crate::{
    conn::Sql,
    query::{listed, queries},
    record::Written,
    value::{Column, Value},
};
use domain::{ProjectId, Timestamp, people::Container, reviewers::Reviewers, round_people::RoundPeople, signoff::SignOff};

queries! {
    ;
    FORGET_ROUND = "DELETE FROM round_people WHERE version_id = $1 AND step = $2 AND number = $3";
    NO_LONGER_DUE = "UPDATE round_people SET due = FALSE WHERE version_id = $1 AND step = $2 AND number < $3 AND due";
    FORGET_PROJECT = "DELETE FROM project_people WHERE project_id = $1";
}

const ADD_ROUND: Sql = Sql {
    sqlite: "INSERT INTO round_people (version_id, step, number, who, role, due, changed_at)
        SELECT $1, $2, $3, unhex(replace(value, '-', '')), NULL, $6, $7 FROM json_each($4)
        UNION SELECT $1, $2, $3, uploader_id, NULL, $6, $7 FROM versions WHERE id = $1
        UNION SELECT $1, $2, $3, project_id, $5, $6, $7 FROM versions JOIN models ON models.id = model_id WHERE versions.id = $1 AND $5 IS NOT NULL",
    postgres: "INSERT INTO round_people (version_id, step, number, who, role, due, changed_at)
        SELECT CAST($1 AS UUID), CAST($2 AS TEXT), CAST($3 AS BIGINT), CAST(value AS UUID), NULL, CAST($6 AS BOOLEAN), CAST($7 AS BIGINT) FROM jsonb_array_elements_text(CAST($4 AS JSONB)) AS found (value)
        UNION SELECT $1, $2, $3, uploader_id, NULL, $6, $7 FROM versions WHERE id = $1
        UNION SELECT $1, $2, $3, project_id, CAST($5 AS TEXT), $6, $7 FROM versions JOIN models ON models.id = model_id WHERE versions.id = $1 AND CAST($5 AS TEXT) IS NOT NULL",
};
const ADD_PROJECT: Sql = Sql {
    sqlite: "INSERT INTO project_people (project_id, who) SELECT DISTINCT $1, unhex(replace(value, '-', '')) FROM json_each($2)",
    postgres: "INSERT INTO project_people (project_id, who) SELECT DISTINCT CAST($1 AS UUID), CAST(value AS UUID) FROM jsonb_array_elements_text(CAST($2 AS JSONB)) AS found (value)",
};

/// Statements with a text for each database, for the test that prepares them.
#[cfg(test)]
pub(crate) fn of_each() -> Vec<(&'static str, Sql)> {
    vec![("ADD_ROUND", ADD_ROUND), ("ADD_PROJECT", ADD_PROJECT)]
}

/// Keeps whom a round may concern. Once a newer one is there, an earlier round waits for nobody, unless the newer one was a renewal that
/// was given up.
pub(super) fn of_round(key: Vec<Value>, signoff: &SignOff, changed_at: Timestamp, written: Written) -> Vec<(Sql, Vec<Value>)> {
    let people = RoundPeople::of(signoff);
    let who = people.users.iter().map(|user| user.uuid()).chain(people.groups.iter().map(|group| group.uuid()));
    let row = [listed(who), people.role.to_value(), people.due.to_value(), changed_at.to_value()];
    let all = key.iter().cloned().chain(row).collect();
    let first = match written {
        Written::Inserted => NO_LONGER_DUE,
        Written::Updated => FORGET_ROUND,
    };
    vec![(first, key), (ADD_ROUND, all)]
}

/// Keeps whom the reviewers of a project name. Roles are held by its members.
pub(super) fn of_project(project: ProjectId, reviewers: &Reviewers, written: Written) -> Vec<(Sql, Vec<Value>)> {
    let containers = reviewers.slots.iter().flat_map(|slot| &slot.assigned).chain(&reviewers.approvers);
    let who = containers.filter_map(|container| match container {
        Container::User(user) => Some(user.uuid()),
        Container::Group(group) => Some(group.uuid()),
        Container::Role(_) => None,
    });
    let key = project.to_value();
    let add = (ADD_PROJECT, vec![key.clone(), listed(who)]);
    match written {
        Written::Inserted => vec![add],
        Written::Updated => vec![(FORGET_PROJECT, vec![key]), add],
    }
}
