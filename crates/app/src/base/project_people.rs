//! The people of some projects, read together: members, reviewers, and further accounts that the caller names.

use crate::{Error, base::person};
use domain::{
    GroupId, Name, ProjectId, UserId,
    people::{Container, Directory},
    reviewers::Reviewers,
};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use store::{MemberKind, ProjectMember, Reader, User};

/// The people of some projects.
pub(crate) struct ProjectPeople {
    members: HashMap<ProjectId, Vec<ProjectMember>>,
    groups: BTreeMap<GroupId, (Name, BTreeSet<UserId>)>,
    users: BTreeMap<UserId, User>,
}

/// Whom to read, or to show, besides a project's members.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct PeopleIds {
    users: BTreeSet<UserId>,
    groups: BTreeSet<GroupId>,
}

impl PeopleIds {
    /// Those whom members and reviewers name, and these users.
    pub fn of<'a>(
        members: impl IntoIterator<Item = &'a ProjectMember>,
        reviewers: &[&Reviewers],
        besides: impl IntoIterator<Item = UserId>,
    ) -> Self {
        let mut wanted = Self::default();
        let assigned = |reviewers: &&Reviewers| {
            reviewers.tasks().flat_map(|task| reviewers.assigned(&task).unwrap_or_default().to_vec()).collect::<Vec<_>>()
        };
        let members = members.into_iter().map(|member| member.member_kind.container(member.member_id));
        for container in reviewers.iter().flat_map(assigned).chain(members) {
            match container {
                Container::User(user) => _ = wanted.users.insert(user),
                Container::Group(group) => _ = wanted.groups.insert(group),
                // A person with a role is a member of the project.
                Container::Role(_) => {}
            }
        }
        wanted.users.extend(besides);
        wanted
    }
}

/// Who stands in for somebody who is away, now or at another time.
fn stand_in(user: &User) -> Option<UserId> {
    user.absence.as_ref()?.0.stand_in
}

impl ProjectPeople {
    /// The people of these projects, of these reviewers, and these users.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn load(
        reader: &mut Reader,
        projects: impl IntoIterator<Item = ProjectId>,
        reviewers: &[&Reviewers],
        besides: &[UserId],
    ) -> Result<Self, Error> {
        let members = reader.members_of_projects(projects).await?;
        let wanted = PeopleIds::of(&members, reviewers, besides.iter().copied());
        let mut groups = BTreeMap::new();
        if !wanted.groups.is_empty() {
            for group in reader.groups_among(wanted.groups.iter().copied()).await? {
                groups.insert(group.id, (group.name, BTreeSet::new()));
            }
            for member in reader.memberships_among(wanted.groups.iter().copied()).await? {
                groups.entry(member.group_id).and_modify(|(_, users)| _ = users.insert(member.user_id));
            }
        }
        let ids = wanted.users.iter().map(|user| user.uuid()).chain(wanted.groups.iter().map(|group| group.uuid()));
        let mut users: BTreeMap<_, _> = reader.users_among(ids).await?.into_iter().map(|user| (user.id, user)).collect();
        let others: Vec<_> = users.values().filter_map(stand_in).filter(|user| !users.contains_key(user)).collect();
        if !others.is_empty() {
            users
                .extend(reader.users_among(others.iter().map(|user| user.uuid())).await?.into_iter().map(|user| (user.id, user)));
        }
        let mut by_project: HashMap<_, Vec<_>> = HashMap::new();
        for member in members {
            by_project.entry(member.project_id).or_default().push(member);
        }
        Ok(Self { members: by_project, groups, users })
    }

    /// The members of a project, groups as groups.
    pub fn members(&self, project: ProjectId) -> &[ProjectMember] {
        self.members.get(&project).map_or(&[], Vec::as_slice)
    }

    /// Those of the circle who matter to one project: its members, whom these reviewers name, and these users.
    pub fn directory(&self, project: ProjectId, reviewers: &[&Reviewers], besides: &[UserId]) -> Directory {
        let wanted = PeopleIds::of(self.members(project), reviewers, besides.iter().copied());
        let groups = || wanted.groups.iter().filter_map(|id| self.groups.get(id).map(|(name, users)| (*id, name, users)));
        let mut groups_of: BTreeMap<UserId, BTreeSet<GroupId>> = wanted.users.iter().map(|id| (*id, BTreeSet::new())).collect();
        for (group, _, users) in groups() {
            for user in users {
                groups_of.entry(*user).or_default().insert(group);
            }
        }
        let stand_ins: Vec<_> = groups_of.keys().filter_map(|id| stand_in(self.users.get(id)?)).collect();
        for user in stand_ins {
            groups_of.entry(user).or_default();
        }
        let people = groups_of.into_iter().filter_map(|(id, groups)| {
            let user = self.users.get(&id)?;
            let holds = |member: &&ProjectMember| match member.member_kind {
                MemberKind::User => member.member_id == id.uuid(),
                MemberKind::Group => groups.contains(&GroupId::from_uuid(member.member_id)),
            };
            let roles = self.members(project).iter().filter(holds).map(|member| member.role).collect();
            Some(person::of(user, groups, roles))
        });
        Directory::new(people.collect::<Vec<_>>(), groups().map(|(id, name, _)| (id, name.clone())))
    }
}
