//! Projects, their members and models.

use super::people_index;
use crate::{
    MemberKind, Reader, StoreError,
    conn::Sql,
    query::{listed, queries},
    record::{Written, column, table},
    value::{Column, Json, Kind, Value},
};
use domain::{
    DisplayName, GroupId, ModelId, Name, ProjectId, Timestamp, UserId, duty::ProjectRules, people::ProjectRole,
    reviewers::Reviewers, workflow::Workflow,
};
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

table! {
    /// A governed project.
    Project in "projects" [1] found by found_by {
        /// The key.
        id: ProjectId,
        /// Unique.
        name: Name,
        /// The name to show.
        display_name: DisplayName,
        /// Its duty rules.
        rules: Json<ProjectRules>,
        /// Its reviewers, for reviews requested from now on.
        reviewers: Json<Reviewers>,
        /// The workflow that new versions begin with.
        workflow: Json<Workflow>,
        /// Counts the changes of rules and reviewers.
        revision: u64,
        /// When it was created.
        created_at: Timestamp,
    }
}

/// Keeps whom the project's reviewers name.
fn found_by(project: &Project, written: Written) -> Vec<(Sql, Vec<Value>)> {
    people_index::of_project(project.id, &project.reviewers.0, written)
}

table! {
    /// The role of a user or group in a project.
    ProjectMember in "project_members" [3] {
        /// The project.
        project_id: ProjectId,
        /// User or group.
        member_kind: MemberKind,
        /// Which.
        member_id: Uuid,
        /// The role.
        role: ProjectRole,
    }
}

table! {
    /// A registered model.
    Model in "models" [1] {
        /// The key.
        id: ModelId,
        /// Of this project.
        project_id: ProjectId,
        /// Unique in the project.
        name: Name,
        /// When it was registered.
        created_at: Timestamp,
        /// A name for people, where it has one.
        display_name since 15: Option<DisplayName>,
    }
}

queries! {
    PROJECT: Project = "WHERE id = $1";
    PROJECT_BY_NAME: Project = "WHERE name = $1";
    PROJECTS: Project = "WHERE name > $1 ORDER BY name LIMIT $2";
    MEMBERS: ProjectMember = "WHERE project_id = $1 ORDER BY member_kind, member_id";
    MEMBERS_OF: ProjectMember = "WHERE project_id IN (LISTED) ORDER BY project_id, member_kind, member_id";
    MEMBER: ProjectMember = "WHERE project_id = $1 AND member_kind = $2 AND member_id = $3";
    MEMBERSHIPS: ProjectMember = "WHERE (member_kind = 'user' AND member_id = $2) OR (member_kind = 'group' AND member_id IN (LISTED))";
    MEMBERSHIPS_IN: ProjectMember = "WHERE project_id = $3 AND ((member_kind = 'user' AND member_id = $2) OR (member_kind = 'group' AND member_id IN (LISTED)))";
    MODEL: Model = "WHERE id = $1";
    MODEL_BY_NAME: Model = "WHERE project_id = $1 AND name = $2";
    MODELS: Model = "WHERE project_id = $1 AND name > $2 ORDER BY name LIMIT $3";
    PROJECTS_LIKE: Project = "WHERE id IN (LISTED) AND (name LIKE $2 ESCAPE '!' OR LOWER(display_name) LIKE $2 ESCAPE '!') ORDER BY name LIMIT $3";
    MODELS_LIKE: (Model, Project) = "JOIN projects ON projects.id = models.project_id WHERE models.project_id IN (LISTED) AND (models.name LIKE $2 ESCAPE '!' OR LOWER(models.display_name) LIKE $2 ESCAPE '!') ORDER BY models.name, projects.name LIMIT $3";
    ;
    PROJECT_IDS = "SELECT id FROM projects ORDER BY id";
    MODEL_COUNT = "SELECT COUNT(*) FROM models WHERE project_id = $1";
    MODEL_COUNTS = "SELECT projects.name, COUNT(*) FROM models JOIN projects ON projects.id = project_id GROUP BY projects.name";
    OPEN_COUNTS = "SELECT projects.name, COUNT(*) FROM rounds JOIN versions ON versions.id = version_id JOIN models ON models.id = model_id JOIN projects ON projects.id = project_id
        WHERE rounds.status IN ('waiting_for_feedback', 'waiting_for_approval') AND versions.retired IS NULL GROUP BY projects.name";
}

impl Reader {
    /// A project.
    pub async fn project(&mut self, id: ProjectId) -> Result<Option<Project>, StoreError> {
        self.first(&PROJECT, &[id.to_value()]).await
    }

    /// The project of this name.
    pub async fn project_by_name(&mut self, name: &Name) -> Result<Option<Project>, StoreError> {
        self.first(&PROJECT_BY_NAME, &[name.to_value()]).await
    }

    /// Projects after a name, in the order of their names.
    pub async fn projects(&mut self, after: &str, limit: u32) -> Result<Vec<Project>, StoreError> {
        self.all(&PROJECTS, &[after.to_owned().to_value(), limit.to_value()]).await
    }

    /// The members of a project, groups as groups.
    pub async fn project_members(&mut self, project: ProjectId) -> Result<Vec<ProjectMember>, StoreError> {
        self.all(&MEMBERS, &[project.to_value()]).await
    }

    /// The same of several projects.
    pub async fn members_of_projects(
        &mut self,
        projects: impl IntoIterator<Item = ProjectId>,
    ) -> Result<Vec<ProjectMember>, StoreError> {
        self.all(&MEMBERS_OF, &[listed(projects.into_iter().map(|project| project.uuid()))]).await
    }

    /// One member's own role, groups as groups.
    pub async fn project_member(
        &mut self,
        project: ProjectId,
        kind: MemberKind,
        id: Uuid,
    ) -> Result<Option<ProjectMember>, StoreError> {
        self.first(&MEMBER, &[project.to_value(), kind.to_value(), id.to_value()]).await
    }

    /// The groups of a user, each membership with its right seal: roles through groups rest on them.
    pub(crate) async fn listed_groups(&mut self, user: UserId) -> Result<Value, StoreError> {
        Ok(listed(self.group_ids(user).await?.into_iter().map(|group| group.uuid())))
    }

    /// A user's roles in every project, own and through groups.
    pub async fn project_roles(&mut self, user: UserId) -> Result<Vec<ProjectMember>, StoreError> {
        let groups = self.listed_groups(user).await?;
        self.all(&MEMBERSHIPS, &[groups, user.to_value()]).await
    }

    /// The roles in one project of a user who is in these groups, own and through the groups.
    pub async fn project_roles_in(
        &mut self,
        user: UserId,
        groups: &BTreeSet<GroupId>,
        project: ProjectId,
    ) -> Result<Vec<ProjectMember>, StoreError> {
        let groups = listed(groups.iter().map(|group| group.uuid()));
        self.all(&MEMBERSHIPS_IN, &[groups, user.to_value(), project.to_value()]).await
    }

    /// The keys of all projects.
    pub async fn project_ids(&mut self) -> Result<Vec<ProjectId>, StoreError> {
        let rows = self.rows(PROJECT_IDS, &[], &[Kind::Uuid]).await?;
        rows.into_iter().map(|mut row| column(row.pop(), "projects", "id")).collect()
    }

    /// Those of these projects with a name like this pattern, in which `!` takes the meaning from the sign behind it.
    pub async fn projects_like(&mut self, among: &[ProjectId], pattern: &str, limit: u32) -> Result<Vec<Project>, StoreError> {
        let among = listed(among.iter().map(|project| project.uuid()));
        self.all(&PROJECTS_LIKE, &[among, pattern.to_owned().to_value(), limit.to_value()]).await
    }

    /// The models of these projects with a name like this pattern.
    pub async fn models_like(
        &mut self,
        among: &[ProjectId],
        pattern: &str,
        limit: u32,
    ) -> Result<Vec<(Model, Project)>, StoreError> {
        let among = listed(among.iter().map(|project| project.uuid()));
        self.all(&MODELS_LIKE, &[among, pattern.to_owned().to_value(), limit.to_value()]).await
    }

    /// How many models a project has.
    pub async fn model_count(&mut self, project: ProjectId) -> Result<u64, StoreError> {
        self.number(MODEL_COUNT, &[project.to_value()]).await
    }

    /// How many models each project has, by the names of the projects that have some.
    pub async fn model_counts(&mut self) -> Result<HashMap<String, u64>, StoreError> {
        self.counts(MODEL_COUNTS).await
    }

    /// How many reviews are open in each project, by the names of the projects that have some.
    pub async fn open_counts(&mut self) -> Result<HashMap<String, u64>, StoreError> {
        self.counts(OPEN_COUNTS).await
    }

    async fn counts(&mut self, sql: Sql) -> Result<HashMap<String, u64>, StoreError> {
        let rows = self.rows(sql, &[], &[Kind::Text, Kind::Int]).await?;
        let read = |row: Vec<Value>| {
            let mut row = row.into_iter();
            Ok((column(row.next(), "projects", "name")?, column(row.next(), "projects", "id")?))
        };
        rows.into_iter().map(read).collect()
    }

    /// A model.
    pub async fn model(&mut self, id: ModelId) -> Result<Option<Model>, StoreError> {
        self.first(&MODEL, &[id.to_value()]).await
    }

    /// The model of this name in a project.
    pub async fn model_by_name(&mut self, project: ProjectId, name: &Name) -> Result<Option<Model>, StoreError> {
        self.first(&MODEL_BY_NAME, &[project.to_value(), name.to_value()]).await
    }

    /// A project's models after a name, in the order of their names.
    pub async fn models(&mut self, project: ProjectId, after: &str, limit: u32) -> Result<Vec<Model>, StoreError> {
        self.all(&MODELS, &[project.to_value(), after.to_owned().to_value(), limit.to_value()]).await
    }
}
