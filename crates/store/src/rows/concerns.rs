//! Rounds and projects by the people whom they may concern, as the index of people finds them. The index is not part of the record: the
//! rules decide what is shown.

use crate::{
    Project, Reader, RoundOf, StoreError,
    query::{listed, queries},
    record::column,
    value::{Column, Kind},
};
use domain::{ProjectId, Timestamp, UserId, VersionId};

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
    WAITING: RoundOf = "JOIN (
            SELECT version_id, step, number FROM round_people WHERE who = $1 AND due AND changed_at >= $2
            UNION SELECT version_id, step, number FROM round_people JOIN group_members ON group_id = who WHERE user_id = $1 AND due AND changed_at >= $2
            UNION SELECT version_id, step, number FROM round_people JOIN project_members ON project_id = who
                WHERE due AND changed_at >= $2
                AND (project_members.role = 'manager' OR round_people.role = 'reader' OR round_people.role = project_members.role)
                AND ((member_kind = 'user' AND member_id = $1) OR (member_kind = 'group' AND member_id IN (SELECT group_id FROM group_members WHERE user_id = $1)))
        ) AS mine ON rounds.version_id = mine.version_id AND rounds.step = mine.step AND rounds.number = mine.number
        JOIN versions ON versions.id = rounds.version_id JOIN models ON models.id = model_id
        WHERE versions.retired IS NULL
        AND (rounds.changed_at > $2 OR (rounds.changed_at = $2 AND (rounds.version_id > $3 OR (rounds.version_id = $3 AND rounds.step > $4))))
        AND NOT EXISTS (SELECT 1 FROM rounds AS later WHERE later.version_id = rounds.version_id AND later.step = rounds.step AND later.number > rounds.number
            AND (COALESCE(later.renews, 0) <> rounds.number OR later.status IN ('waiting_for_feedback', 'waiting_for_approval')))
        ORDER BY rounds.changed_at, rounds.version_id, rounds.step LIMIT $5";
    DECIDED: RoundOf = "JOIN round_people ON rounds.version_id = round_people.version_id AND rounds.step = round_people.step AND rounds.number = round_people.number
        JOIN versions ON versions.id = rounds.version_id JOIN models ON models.id = model_id
        WHERE who = $1 AND round_people.changed_at >= $2 AND versions.retired IS NULL AND status IN ('approved', 'rejected', 'abandoned', 'revoked', 'expired')
        ORDER BY rounds.changed_at DESC, rounds.version_id, rounds.step, rounds.number LIMIT $3 OFFSET $4";
    OPEN_OF_PROJECT: RoundOf = "JOIN versions ON versions.id = rounds.version_id JOIN models ON models.id = versions.model_id
        WHERE models.project_id = $1 AND rounds.status IN ('waiting_for_feedback', 'waiting_for_approval')
        ORDER BY rounds.version_id, rounds.step";
    ;
    DUE = "SELECT DISTINCT version_id FROM round_people WHERE due AND version_id > $1 ORDER BY version_id LIMIT $2";
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
        self.all(
            &WAITING,
            &[user.to_value(), after.0.to_value(), after.1.to_value(), after.2.to_owned().to_value(), limit.to_value()],
        )
        .await
    }

    /// The versions behind this one with a round in which somebody is expected to act, in the order of their ids.
    pub async fn versions_waiting(&mut self, after: VersionId, limit: u32) -> Result<Vec<VersionId>, StoreError> {
        let rows = self.rows(DUE, &[after.to_value(), limit.to_value()], &[Kind::Uuid]).await?;
        rows.into_iter().map(|row| column(row.into_iter().next(), "round_people", "version_id")).collect()
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
        self.all(&DECIDED, &[user.to_value(), since.to_value(), limit.to_value(), offset.to_value()]).await
    }

    /// Every open round of a project.
    pub async fn open_rounds_of_project(&mut self, project: ProjectId) -> Result<Vec<RoundOf>, StoreError> {
        self.all(&OPEN_OF_PROJECT, &[project.to_value()]).await
    }

    /// Projects that may concern this user, after a name, in the order of their names: as a member or as a reviewer, by
    /// themselves or through groups.
    pub async fn projects_of(&mut self, user: UserId, after: &str, limit: u32) -> Result<Vec<Project>, StoreError> {
        self.all(&VISIBLE, &[user.to_value(), after.to_owned().to_value(), limit.to_value()]).await
    }
}
