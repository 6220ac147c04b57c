//! The index of people: whom a round or project may concern. The store writes the index with the rows, and inbox and project list
//! read only what it names. The index is not part of the record: the rules decide what is shown.

use crate::{
    Model, Project, Reader, Round, StoreError, Version,
    conn::Sql,
    query::{Rows, listed, queries},
    record::Written,
    value::{Column, Value},
};
use domain::{ProjectId, Timestamp, UserId, VersionId, concern, people::Container};

/// A round with the version and model that it is of.
pub type RoundOf = (Round, Version, Model);

/// The columns of [`RoundOf`].
macro_rules! round_of {
    () => {
        "SELECT rounds.version_id, rounds.step, rounds.number, rounds.status, rounds.not_after, rounds.renews, rounds.signoff, rounds.revision, rounds.changed_at, rounds.seal,
        versions.id, model_id, versions.number, model_digest, file_count, size, fields, shown, uploader_id, workflow, warnings, versions.revision, versions.created_at, versions.uploader, versions.retired, versions.seal,
        models.id, models.project_id, models.name, models.created_at, models.seal"
    };
}
pub(crate) use round_of;

queries! {
    WAITING_OF: RoundOf = "JOIN versions ON versions.id = rounds.version_id JOIN models ON models.id = versions.model_id
        WHERE rounds.version_id IN (LISTED) AND versions.retired IS NULL
        AND EXISTS (SELECT 1 FROM round_people AS people WHERE people.version_id = rounds.version_id AND people.step = rounds.step AND people.number = rounds.number AND people.due)
        AND NOT EXISTS (SELECT 1 FROM rounds AS later WHERE later.version_id = rounds.version_id AND later.step = rounds.step AND later.number > rounds.number
            AND (COALESCE(later.renews, 0) <> rounds.number OR later.status IN ('waiting_for_feedback', 'waiting_for_approval')))
        ORDER BY rounds.version_id, rounds.step, rounds.number";
    VISIBLE: Project = "WHERE name > $2 AND id IN (
        SELECT project_id FROM project_people WHERE who = $1
        UNION SELECT project_id FROM project_people JOIN group_members ON group_id = who WHERE user_id = $1
        UNION SELECT project_id FROM project_members WHERE member_kind = 'user' AND member_id = $1
        UNION SELECT project_id FROM project_members JOIN group_members ON group_id = member_id WHERE member_kind = 'group' AND user_id = $1
    ) ORDER BY name LIMIT $3";
    ;
    WAITING = concat!(round_of!(), " FROM (
            SELECT version_id, step, number FROM round_people WHERE who = $1 AND due AND changed_at >= $2
            UNION SELECT version_id, step, number FROM round_people JOIN group_members ON group_id = who WHERE user_id = $1 AND due AND changed_at >= $2
            UNION SELECT version_id, step, number FROM round_people JOIN project_members ON project_id = who
                WHERE due AND changed_at >= $2
                AND (project_members.role = 'manager' OR round_people.role = 'reader' OR round_people.role = project_members.role)
                AND ((member_kind = 'user' AND member_id = $1) OR (member_kind = 'group' AND member_id IN (SELECT group_id FROM group_members WHERE user_id = $1)))
        ) AS mine
        JOIN rounds ON rounds.version_id = mine.version_id AND rounds.step = mine.step AND rounds.number = mine.number
        JOIN versions ON versions.id = rounds.version_id JOIN models ON models.id = model_id
        WHERE versions.retired IS NULL
        AND (rounds.changed_at > $2 OR (rounds.changed_at = $2 AND (rounds.version_id > $3 OR (rounds.version_id = $3 AND rounds.step > $4))))
        AND NOT EXISTS (SELECT 1 FROM rounds AS later WHERE later.version_id = rounds.version_id AND later.step = rounds.step AND later.number > rounds.number
            AND (COALESCE(later.renews, 0) <> rounds.number OR later.status IN ('waiting_for_feedback', 'waiting_for_approval')))
        ORDER BY rounds.changed_at, rounds.version_id, rounds.step LIMIT $5");
    DECIDED = concat!(round_of!(), " FROM round_people JOIN rounds ON rounds.version_id = round_people.version_id AND rounds.step = round_people.step AND rounds.number = round_people.number
        JOIN versions ON versions.id = rounds.version_id JOIN models ON models.id = model_id
        WHERE who = $1 AND round_people.changed_at >= $2 AND versions.retired IS NULL AND status IN ('approved', 'rejected', 'abandoned', 'revoked', 'expired')
        ORDER BY rounds.changed_at DESC, rounds.version_id, rounds.step, rounds.number LIMIT $3 OFFSET $4");
    OPEN_OF_PROJECT = concat!(round_of!(), " FROM models JOIN versions ON versions.model_id = models.id JOIN rounds ON rounds.version_id = versions.id
        WHERE models.project_id = $1 AND rounds.status IN ('waiting_for_feedback', 'waiting_for_approval')
        ORDER BY rounds.version_id, rounds.step");
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
pub(super) fn of_round(round: &Round, written: Written) -> Vec<(Sql, Vec<Value>)> {
    let concern = concern::concern(&round.signoff.0);
    let who = concern.users.iter().map(|user| user.uuid()).chain(concern.groups.iter().map(|group| group.uuid()));
    let key = vec![round.version_id.to_value(), round.step.to_value(), round.number.to_value()];
    let row = [listed(who), concern.role.to_value(), concern.due.to_value(), round.changed_at.to_value()];
    let all = key.iter().cloned().chain(row).collect();
    let first = match written {
        Written::Inserted => NO_LONGER_DUE,
        Written::Updated => FORGET_ROUND,
    };
    vec![(first, key), (ADD_ROUND, all)]
}

/// Keeps whom the reviewers of a project name. Roles are held by its members.
pub(super) fn of_project(project: &Project, written: Written) -> Vec<(Sql, Vec<Value>)> {
    let reviewers = &project.reviewers.0;
    let containers = reviewers.slots.iter().flat_map(|slot| &slot.assigned).chain(&reviewers.approvers);
    let who = containers.filter_map(|container| match container {
        Container::User(user) => Some(user.uuid()),
        Container::Group(group) => Some(group.uuid()),
        Container::Role(_) => None,
    });
    let key = project.id.to_value();
    let add = (ADD_PROJECT, vec![key.clone(), listed(who)]);
    match written {
        Written::Inserted => vec![add],
        Written::Updated => vec![(FORGET_PROJECT, vec![key]), add],
    }
}

impl Reader {
    /// Rounds in which somebody is expected to act and which may concern this user: as a reviewer or delegate, through a group or
    /// a role in the project, as requester or uploader. The longest unchanged first, after the one of this moment, version and step.
    pub async fn rounds_waiting(
        &mut self,
        user: UserId,
        after: (Timestamp, VersionId, &str),
        limit: u32,
    ) -> Result<Vec<RoundOf>, StoreError> {
        self.rounds_of(
            WAITING,
            &[user.to_value(), after.0.to_value(), after.1.to_value(), after.2.to_owned().to_value(), limit.to_value()],
        )
        .await
    }

    /// The rounds of these versions in which somebody is expected to act.
    pub async fn rounds_waiting_of(&mut self, versions: &[VersionId]) -> Result<Vec<RoundOf>, StoreError> {
        self.all(&WAITING_OF, &[listed(versions.iter().map(|version| version.uuid()))]).await
    }

    /// Rounds decided or ended since a moment in which this user may have taken part, the last one first.
    pub async fn rounds_decided(
        &mut self,
        user: UserId,
        since: Timestamp,
        limit: u32,
        offset: u32,
    ) -> Result<Vec<RoundOf>, StoreError> {
        self.rounds_of(DECIDED, &[user.to_value(), since.to_value(), limit.to_value(), offset.to_value()]).await
    }

    /// Every open round of a project.
    pub async fn open_rounds_of_project(&mut self, project: ProjectId) -> Result<Vec<RoundOf>, StoreError> {
        self.rounds_of(OPEN_OF_PROJECT, &[project.to_value()]).await
    }

    pub(crate) async fn rounds_of(&mut self, sql: Sql, args: &[Value]) -> Result<Vec<RoundOf>, StoreError> {
        let rows = self.rows(sql, args, &RoundOf::kinds()).await?;
        self.read_rows(rows).await
    }

    /// Projects that may concern this user, after a name, in the order of their names: as a member or as a reviewer, by
    /// themselves or through groups.
    pub async fn projects_of(&mut self, user: UserId, after: &str, limit: u32) -> Result<Vec<Project>, StoreError> {
        self.all(&VISIBLE, &[user.to_value(), after.to_owned().to_value(), limit.to_value()]).await
    }
}
