//! Accounts and groups along the log.

use super::{projects::Project, timeline::Timeline};
use crate::tx::log::LoggedEvent;
use domain::{
    DisplayName, GroupId, Name, UserId,
    absence::Absence,
    event::Event,
    invitation::PasswordOrigin,
    people::{AccountKind, Directory, InstanceRole, Person},
};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// An account.
#[derive(Clone)]
pub(super) struct Account {
    pub name: Name,
    pub display_name: DisplayName,
    pub email: Option<String>,
    pub kind: AccountKind,
    pub role: InstanceRole,
    pub active: bool,
    pub absence: Option<Absence>,
}

impl Account {
    /// Everything that the account is called.
    fn names(&self) -> impl Iterator<Item = &str> {
        [self.name.as_str(), self.display_name.as_str()].into_iter().chain(self.email.as_deref())
    }
}

/// A group and its members.
#[derive(Default)]
struct Group {
    name: Option<Name>,
    members: BTreeMap<UserId, Timeline<bool>>,
}

#[derive(Default)]
pub(super) struct People {
    accounts: HashMap<UserId, Timeline<Account>>,
    groups: HashMap<GroupId, Group>,
    passwords: HashMap<UserId, Timeline<PasswordOrigin>>,
    changes: Timeline<()>,
}

impl People {
    pub fn note(&mut self, position: u64, event: &LoggedEvent) {
        match &event.event {
            Event::UserCreated { user, name, display_name, email, kind, role } => {
                let (name, display_name, email) = (name.clone(), display_name.clone(), email.clone());
                let account = Account { name, display_name, email, kind: *kind, role: *role, active: true, absence: None };
                self.accounts.entry(*user).or_default().set(position, account);
            }
            Event::UserChanged { user, name, display_name, email, role, active } => {
                let known = self.account(*user);
                let kind = known.map_or(AccountKind::Person, |account| account.kind);
                let absence = known.and_then(|account| account.absence.clone());
                let (name, display_name, email) = (name.clone(), display_name.clone(), email.clone());
                let account = Account { name, display_name, email, kind, role: *role, active: *active, absence };
                self.accounts.entry(*user).or_default().set(position, account);
            }
            Event::AbsenceSet { user, absence } => {
                let Some(account) = self.account(*user).cloned() else { return };
                let account = Account { absence: absence.clone(), ..account };
                self.accounts.entry(*user).or_default().set(position, account);
            }
            Event::InvitationRedeemed { invitation, user, issued_by, confirmed_by } => {
                let (issued_by, confirmed_by) = (issued_by.clone(), confirmed_by.clone());
                let origin = PasswordOrigin { invitation: *invitation, issued_by, confirmed_by, redeemed_at: event.at };
                return self.passwords.entry(*user).or_default().set(position, origin);
            }
            Event::GroupCreated { group, name } => self.groups.entry(*group).or_default().name = Some(name.clone()),
            Event::GroupMemberAdded { group, user } => self.member(position, *group, *user, true),
            Event::GroupMemberRemoved { group, user } => self.member(position, *group, *user, false),
            _ => return,
        }
        self.changes.set(position, ());
    }

    fn member(&mut self, position: u64, group: GroupId, user: UserId, is_in: bool) {
        self.groups.entry(group).or_default().members.entry(user).or_default().set(position, is_in);
    }

    /// The account after the newest event.
    pub fn account(&self, user: UserId) -> Option<&Account> {
        self.accounts.get(&user)?.last()
    }

    /// How the account came by the password that it had just before this position.
    pub fn password(&self, user: UserId, position: u64) -> Option<&PasswordOrigin> {
        self.passwords.get(&user)?.before(position)
    }

    /// Changes whenever an account or a group does.
    pub fn generation(&self, position: u64) -> usize {
        self.changes.count(position)
    }

    /// Everybody just before this position, with their roles in the project.
    pub fn directory(&self, project: Option<&Project>, position: u64) -> Directory {
        let mut groups_of: HashMap<UserId, BTreeSet<GroupId>> = HashMap::new();
        for (id, group) in &self.groups {
            for (user, is_in) in &group.members {
                if is_in.before(position) == Some(&true) {
                    groups_of.entry(*user).or_default().insert(*id);
                }
            }
        }
        let people = self.accounts.iter().filter_map(|(id, account)| {
            let Account { name, display_name, kind, role, active, absence, .. } = account.before(position)?.clone();
            let groups = groups_of.remove(id).unwrap_or_default();
            let roles = project.map(|project| project.roles(*id, &groups, position)).unwrap_or_default();
            let names = Person::folded(account.all_before(position).flat_map(Account::names));
            Some(Person { id: *id, name, display_name, names, kind, role, active, groups, roles, absence })
        });
        let people: Vec<_> = people.collect();
        Directory::new(people, self.groups.iter().filter_map(|(id, group)| Some((*id, group.name.clone()?))))
    }
}
