//! People as the rules see them: who exists, in which groups, with which role in a project.
//!
//! The server loads a [`Directory`] anew for each command, so that a command sees the memberships of its moment.

use crate::{DisplayName, GroupId, Name, Timestamp, UserId, absence::Absence, folding::fold, invitation::PasswordOrigin};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Whether an account is a person's or a program's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountKind {
    /// Somebody who signs in.
    Person,
    /// A service account: tokens only, never a final approval.
    Service,
}

/// What someone may do on the whole instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InstanceRole {
    /// Keeps users, groups, projects and infrastructures. Not a reviewer unless named as one.
    Administrator,
    /// Reads everything, changes nothing.
    Auditor,
    /// Everybody else.
    User,
}

/// What someone may do in a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProjectRole {
    /// Contributes, and keeps members, reviewers and settings.
    Manager,
    /// Registers versions and asks for reviews.
    Contributor,
    /// Reads.
    Reader,
}

impl ProjectRole {
    /// Whether this role includes what `other` may do.
    pub fn includes(self, other: Self) -> bool {
        self <= other
    }
}

/// What showed who acted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Credential {
    /// A token from signing in.
    Session,
    /// A token that a person made for programs of their own.
    PersonalToken,
    /// A token of a service account.
    ServiceToken,
    /// A password, while signing in.
    Password,
    /// An invitation, while it is redeemed.
    Invitation,
    /// A shell on the server's machine.
    Console,
    /// The clock of the server.
    Clock,
}

/// Who acted, as they were named at that moment. A later change of the account's names changes nothing of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signatory {
    /// The name of the account.
    pub account: Name,
    /// The display name.
    pub display_name: DisplayName,
    /// What showed who acted.
    pub credential: Credential,
    /// How the account came by its password.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub password: Option<PasswordOrigin>,
}

/// One who can act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The account.
    pub id: UserId,
    /// The name to sign in with.
    pub name: Name,
    /// The name to show.
    pub display_name: DisplayName,
    /// Every name and mail address that the account has or ever had, as they are compared: see [`fold`].
    pub names: BTreeSet<String>,
    /// Person or service account.
    pub kind: AccountKind,
    /// The role on the instance.
    pub role: InstanceRole,
    /// False once the account is closed.
    pub active: bool,
    /// The groups that the account is in.
    pub groups: BTreeSet<GroupId>,
    /// The roles in the project at hand, own and through groups.
    pub roles: BTreeSet<ProjectRole>,
    /// When the person is away, and who stands in.
    pub absence: Option<Absence>,
}

impl Person {
    /// An actor who may do nothing, for rules that do not ask who acts.
    pub fn nobody() -> Self {
        let (name, display_name) = ("nobody".parse(), "Nobody".parse());
        Self {
            id: UserId::from_uuid(Uuid::nil()),
            name: name.expect("it is a name"),
            display_name: display_name.expect("it is a display name"),
            names: BTreeSet::new(),
            kind: AccountKind::Service,
            role: InstanceRole::User,
            active: false,
            groups: BTreeSet::new(),
            roles: BTreeSet::new(),
            absence: None,
        }
    }

    /// Names as they are compared.
    pub fn folded<T: AsRef<str>>(names: impl IntoIterator<Item = T>) -> BTreeSet<String> {
        names.into_iter().map(|name| fold(name.as_ref())).collect()
    }

    /// Whether this account can change anything: it is open, and not an auditor's.
    pub fn can_act(&self) -> bool {
        self.active && self.role != InstanceRole::Auditor
    }

    /// Whether this account can be a reviewer: a person's that can act. Every answer to "who can review" comes from here: warnings,
    /// requests, turns, inboxes, what somebody may do, and refusals.
    pub fn can_review(&self) -> bool {
        self.can_act() && self.kind == AccountKind::Person
    }

    /// Whether the person is away at this moment.
    pub fn is_away(&self, now: Timestamp) -> bool {
        self.absence.as_ref().is_some_and(|absence| absence.holds(now))
    }

    /// Whether one of the roles includes `role`.
    pub fn has_role(&self, role: ProjectRole) -> bool {
        self.roles.iter().any(|own| own.includes(role))
    }
}

/// Whom a slot or a final approval is assigned to: a user, everybody in a group, or everybody with a role in the project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum Container {
    /// One user.
    User(UserId),
    /// The members of a group, as they are when someone acts.
    Group(GroupId),
    /// Those who hold this role in the project (or one that includes it), as they are when someone acts.
    Role(ProjectRole),
}

impl Container {
    /// Whether this person is in it now.
    pub fn holds(&self, person: &Person) -> bool {
        match self {
            Self::User(user) => *user == person.id,
            Self::Group(group) => person.groups.contains(group),
            Self::Role(role) => person.has_role(*role),
        }
    }
}

/// The people of a project: its members and the people whom its reviewers name, with the groups' names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Directory {
    people: BTreeMap<UserId, Person>,
    groups: BTreeMap<GroupId, Name>,
}

impl Directory {
    /// A directory of these people and groups.
    pub fn new(people: impl IntoIterator<Item = Person>, groups: impl IntoIterator<Item = (GroupId, Name)>) -> Self {
        Self { people: people.into_iter().map(|person| (person.id, person)).collect(), groups: groups.into_iter().collect() }
    }

    /// One person, if known here.
    pub fn person(&self, user: UserId) -> Option<&Person> {
        self.people.get(&user)
    }

    /// Everybody who can act, in the order of their ids.
    pub fn actors(&self) -> impl Iterator<Item = &Person> {
        self.people.values().filter(|person| person.can_act())
    }

    /// The name to show for a user; the id where nothing is known.
    pub fn show(&self, user: UserId) -> String {
        self.person(user).map_or_else(|| user.to_string(), |person| person.display_name.to_string())
    }

    /// A container in words: `user:approver`, `group:risk`, `role:manager`.
    pub fn describe(&self, container: &Container) -> String {
        match container {
            Container::User(user) => {
                format!("user:{}", self.person(*user).map_or_else(|| user.to_string(), |p| p.name.to_string()))
            }
            Container::Group(group) => {
                format!("group:{}", self.groups.get(group).map_or_else(|| group.to_string(), Name::to_string))
            }
            Container::Role(role) => format!("role:{}", role.as_str()),
        }
    }
}

macro_rules! words {
    ($($type:ty { $($variant:ident = $word:literal),* })*) => {$(
        impl $type {
            /// Every value, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word used in the API, the command line and storage.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $type {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                Self::ALL.iter().copied().find(|value| value.as_str() == text).ok_or_else(|| {
                    let words: Vec<_> = Self::ALL.iter().map(|value| value.as_str()).collect();
                    format!("`{}` is none of: {}", text.escape_debug(), words.join(", "))
                })
            }
        }
    )*};
}
pub(crate) use words;

words! {
    AccountKind { Person = "person", Service = "service" }
    InstanceRole { Administrator = "administrator", Auditor = "auditor", User = "user" }
    Credential {
        Session = "session", PersonalToken = "personal_token", ServiceToken = "service_token", Password = "password",
        Invitation = "invitation", Console = "console", Clock = "clock"
    }
    ProjectRole { Manager = "manager", Contributor = "contributor", Reader = "reader" }
}
