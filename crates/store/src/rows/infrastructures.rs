//! Infrastructures and their members.

use crate::{
    MemberKind, Reader, StoreError,
    query::{listed, queries},
    record::{column, table},
    value::{Column, Json, Kind},
};
use domain::{
    DisplayName, Duration, GroupId, InfrastructureId, Name, Timestamp, UserId,
    infrastructure::{Acceptance, InfrastructureRole, OnLapse, Policy},
};
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

table! {
    /// A place to which versions are deployed.
    Infrastructure in "infrastructures" [1] {
        /// The key.
        id: InfrastructureId,
        /// Unique.
        name: Name,
        /// Its stage.
        stage: Name,
        /// Its policy.
        policy: Policy,
        /// What a lapse does.
        on_lapse: OnLapse,
        /// Which approvals it accepts.
        accepts: Json<Acceptance>,
        /// How long a permit lasts.
        permit_valid_for: Duration,
        /// Counts the changes of the policy.
        revision: u64,
        /// When it was created.
        created_at: Timestamp,
    }
}

table! {
    /// The role of a user or group on an infrastructure.
    InfrastructureMember in "infrastructure_members" [3] {
        /// The infrastructure.
        infrastructure_id: InfrastructureId,
        /// User or group.
        member_kind: MemberKind,
        /// Which.
        member_id: Uuid,
        /// The role.
        role: InfrastructureRole,
    }
}

queries! {
    INFRASTRUCTURE: Infrastructure = "WHERE id = $1";
    INFRASTRUCTURE_BY_NAME: Infrastructure = "WHERE name = $1";
    AMONG: Infrastructure = "WHERE id IN (LISTED)";
    INFRASTRUCTURES: Infrastructure = "WHERE name > $1 ORDER BY name LIMIT $2";
    MEMBERS: InfrastructureMember = "WHERE infrastructure_id = $1 ORDER BY member_kind, member_id";
    MEMBER: InfrastructureMember = "WHERE infrastructure_id = $1 AND member_kind = $2 AND member_id = $3";
    MEMBERSHIPS: InfrastructureMember = "WHERE (member_kind = 'user' AND member_id = $2) OR (member_kind = 'group' AND member_id IN (LISTED))";
    MEMBERSHIPS_IN: InfrastructureMember = "WHERE infrastructure_id = $3 AND ((member_kind = 'user' AND member_id = $2) OR (member_kind = 'group' AND member_id IN (LISTED)))";
    ;
    MEMBER_NAMES = "SELECT member_id, name, display_name FROM infrastructure_members JOIN users ON id = member_id WHERE infrastructure_id = $1 AND member_kind = 'user' UNION ALL SELECT member_id, name, NULL FROM infrastructure_members JOIN user_groups ON id = member_id WHERE infrastructure_id = $1 AND member_kind = 'group'";
}

impl Reader {
    /// An infrastructure.
    pub async fn infrastructure(&mut self, id: InfrastructureId) -> Result<Option<Infrastructure>, StoreError> {
        self.first(&INFRASTRUCTURE, &[id.to_value()]).await
    }

    /// The infrastructure of this name.
    pub async fn infrastructure_by_name(&mut self, name: &Name) -> Result<Option<Infrastructure>, StoreError> {
        self.first(&INFRASTRUCTURE_BY_NAME, &[name.to_value()]).await
    }

    /// Infrastructures after a name, in the order of their names.
    pub async fn infrastructures(&mut self, after: &str, limit: u32) -> Result<Vec<Infrastructure>, StoreError> {
        self.all(&INFRASTRUCTURES, &[after.to_owned().to_value(), limit.to_value()]).await
    }

    /// These infrastructures, in no order.
    pub async fn infrastructures_among(
        &mut self,
        ids: impl IntoIterator<Item = InfrastructureId>,
    ) -> Result<Vec<Infrastructure>, StoreError> {
        self.all(&AMONG, &[listed(ids.into_iter().map(|id| id.uuid()))]).await
    }

    /// The members of an infrastructure, groups as groups.
    pub async fn infrastructure_members(
        &mut self,
        infrastructure: InfrastructureId,
    ) -> Result<Vec<InfrastructureMember>, StoreError> {
        self.all(&MEMBERS, &[infrastructure.to_value()]).await
    }

    /// The names of an infrastructure's members, users and groups alike; users with their display names.
    pub async fn infrastructure_member_names(
        &mut self,
        infrastructure: InfrastructureId,
    ) -> Result<HashMap<Uuid, (Name, Option<DisplayName>)>, StoreError> {
        let rows = self.rows(MEMBER_NAMES, &[infrastructure.to_value()], &[Kind::Uuid, Kind::Text, Kind::Text]).await?;
        let read = |row: Vec<crate::value::Value>| {
            let mut row = row.into_iter();
            let id = column(row.next(), "infrastructure_members", "member_id")?;
            Ok((id, (column(row.next(), "users", "name")?, column(row.next(), "users", "display_name")?)))
        };
        rows.into_iter().map(read).collect()
    }

    /// One member's own role, groups as groups.
    pub async fn infrastructure_member(
        &mut self,
        infrastructure: InfrastructureId,
        kind: MemberKind,
        id: Uuid,
    ) -> Result<Option<InfrastructureMember>, StoreError> {
        self.first(&MEMBER, &[infrastructure.to_value(), kind.to_value(), id.to_value()]).await
    }

    /// The roles on every infrastructure of a user who is in these groups, own and through the groups.
    pub async fn infrastructure_roles(
        &mut self,
        user: UserId,
        groups: &BTreeSet<GroupId>,
    ) -> Result<Vec<InfrastructureMember>, StoreError> {
        let groups = listed(groups.iter().map(|group| group.uuid()));
        self.all(&MEMBERSHIPS, &[groups, user.to_value()]).await
    }

    /// The roles on an infrastructure of a user who is in these groups, own and through the groups.
    pub async fn infrastructure_roles_on(
        &mut self,
        user: UserId,
        groups: &BTreeSet<GroupId>,
        infrastructure: InfrastructureId,
    ) -> Result<Vec<InfrastructureMember>, StoreError> {
        let groups = listed(groups.iter().map(|group| group.uuid()));
        self.all(&MEMBERSHIPS_IN, &[groups, user.to_value(), infrastructure.to_value()]).await
    }
}
