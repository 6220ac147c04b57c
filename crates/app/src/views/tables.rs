//! Tables of pages: projects, models and versions with what a reader wants to see of each at a glance.

use super::{AuditEvent, Deployment, Project, SlotMark};
use domain::{
    Digest, DisplayName, Name, Timestamp, VersionRef, comparison::MetricDirections, people::ProjectRole, signoff::Status,
};
use std::collections::BTreeMap;

/// Statuses that a filter takes together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusGroup {
    /// Nothing was requested yet.
    NotStarted,
    /// Feedback or the final approval is waited for.
    Waiting,
    /// Approved.
    Approved,
    /// Rejected.
    Rejected,
    /// Abandoned, revoked or expired.
    Ended,
}

impl StatusGroup {
    /// Every group, in order.
    pub const ALL: &'static [Self] = &[Self::NotStarted, Self::Waiting, Self::Approved, Self::Rejected, Self::Ended];

    /// The word in an address.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotStarted => "not_started",
            Self::Waiting => "waiting",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Ended => "ended",
        }
    }

    /// The words for people.
    pub const fn words(self) -> &'static str {
        match self {
            Self::NotStarted => "Not started",
            Self::Waiting => "Waiting",
            Self::Approved => "Approved",
            Self::Rejected => "Rejected",
            Self::Ended => "Ended",
        }
    }

    /// The group of this word; none for another word, which filters nothing.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|group| group.as_str() == word)
    }

    /// Whether a status is in this group.
    pub fn holds(self, status: Status) -> bool {
        let group = match status {
            Status::NotStarted => Self::NotStarted,
            Status::WaitingForFeedback | Status::WaitingForApproval => Self::Waiting,
            Status::Approved => Self::Approved,
            Status::Rejected => Self::Rejected,
            Status::Abandoned | Status::Revoked | Status::Expired => Self::Ended,
        };
        self == group
    }
}

/// A deployment with the stage of its infrastructure.
#[derive(Clone, Debug, PartialEq)]
pub struct InService {
    /// The stage of the infrastructure.
    pub stage: Name,
    /// The deployment.
    pub deployment: Deployment,
    /// Whether the caller may see the health and the deployments of the infrastructure.
    pub sees_health: bool,
}

impl InService {
    /// Whether a version in service is out of policy, or was taken out of service.
    pub fn is_out_of_policy(&self) -> bool {
        self.deployment.is_out_of_policy()
    }

    /// The health in the word of its badge.
    pub fn health(&self) -> String {
        self.deployment.health_badge()
    }

    /// Whether the infrastructure's stage is production.
    pub fn is_in_production(&self) -> bool {
        is_production(&self.stage)
    }
}

/// Whether an infrastructure of this stage is in production.
pub(crate) fn is_production(stage: &Name) -> bool {
    stage.as_str() == "production"
}

/// Where the versions of a model are in service.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ModelInService {
    /// Services, those out of policy first.
    pub services: Vec<InService>,
    /// How many services there are besides.
    pub more: u64,
    /// How many of the services besides are out of policy.
    pub more_out_of_policy: u64,
    /// Where each version is in service, on all services.
    pub places: Vec<ServedPlace>,
}

/// A place where a version is in service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServedPlace {
    /// The version's number.
    pub version: u32,
    /// The infrastructure.
    pub infrastructure: Name,
    /// Whether the infrastructure's stage is production.
    pub is_production: bool,
    /// The version's part of the requests of a service there, in percent.
    pub weight: u8,
}

/// A project in a list.
#[derive(Clone, Debug, PartialEq)]
pub struct ProjectSummary {
    /// The project.
    pub project: Project,
    /// How many models it has.
    pub models: u64,
    /// How many reviews are open.
    pub open: u64,
}

/// A project with its people by name.
#[derive(Clone, Debug, PartialEq)]
pub struct ProjectOverview {
    /// The project.
    pub project: Project,
    /// The slots, and last the final approval, with the people who can act now.
    pub tasks: Vec<TaskPeople>,
    /// The members, managers first.
    pub members: Vec<MemberShown>,
    /// What happened last to its versions, the last one first.
    pub lately: Vec<AuditEvent>,
    /// How many models it has.
    pub models: u64,
    /// How many versions they have.
    pub versions: u64,
    /// Whether the caller may register models and versions.
    pub may_contribute: bool,
    /// Whether the caller may change members, reviewers and rules.
    pub may_manage: bool,
}

/// A slot or the final approval with the people who can act now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskPeople {
    /// The slot's name; empty for the final approval.
    pub name: String,
    /// To whom it is assigned.
    pub assigned: Vec<Assigned>,
    /// The display names of the people who can act now.
    pub people: Vec<String>,
}

/// A user, group or role to which a task is assigned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assigned {
    /// As people write it: `group:risk`.
    pub written: String,
    /// `user`, `group` or `role`.
    pub kind: String,
    /// The name to show.
    pub name: String,
    /// Why nobody can be meant by it.
    pub problem: Option<String>,
}

/// A member with the name to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberShown {
    /// As people write it: `group:risk`.
    pub written: String,
    /// The name to show.
    pub name: String,
    /// The role.
    pub role: ProjectRole,
    /// Whether it is a group.
    pub is_group: bool,
    /// How many people it is.
    pub people: u64,
}

/// Which models of a project are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModelsQuery {
    /// A part of the name.
    pub text: String,
    /// The status of the newest version.
    pub status: Option<StatusGroup>,
    /// `name`, `changed`, or one of them after a `-` for the other direction.
    pub sort: String,
    /// How many come before the page.
    pub after: usize,
}

/// A page of the models of a project.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelsPage {
    /// The models.
    pub rows: Vec<ModelRow>,
    /// How many match.
    pub matching: u64,
    /// How many of those that match have a version out of policy.
    pub out_of_policy: u64,
    /// Whether there are more models than were looked at.
    pub cut: bool,
    /// Where the next page begins.
    pub next: Option<usize>,
}

/// A model of a project.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelRow {
    /// The name.
    pub name: Name,
    /// The name for people, where it has one.
    pub display_name: Option<DisplayName>,
    /// The newest version.
    pub newest: Option<NewestVersion>,
    /// The numbers of the versions with an open review.
    pub open: Vec<u32>,
    /// Where versions are in service, those out of policy first; only of the models on the page.
    pub in_service: Vec<InService>,
    /// How many services there are besides.
    pub more_in_service: u64,
    /// Whether a service is out of policy and nobody has acknowledged it.
    pub out_of_policy: bool,
    /// When something of it changed last.
    pub changed_at: Timestamp,
}

/// The newest version of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewestVersion {
    /// Its number.
    pub number: u32,
    /// Its status.
    pub status: Status,
}

/// Which versions of a model are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VersionsQuery {
    /// `v7`, the beginning of a digest, or a part of the uploader's name.
    pub text: String,
    /// The status.
    pub status: Option<StatusGroup>,
    /// The retired ones instead of the others.
    pub retired: bool,
    /// `version`, `registered` or a metric, after a `-` for the other direction; the newest first where it is empty.
    pub sort: String,
    /// The number below which the page begins; in another order, how many come before it.
    pub after: u32,
}

/// A page of the versions of a model.
#[derive(Clone, Debug, PartialEq)]
pub struct VersionsPage {
    /// The model's name for people, where it has one.
    pub display_name: Option<DisplayName>,
    /// When the model was registered.
    pub created_at: Timestamp,
    /// What the project says of its metrics.
    pub directions: MetricDirections,
    /// Whether the caller may register versions.
    pub may_contribute: bool,
    /// The versions.
    pub rows: Vec<VersionRow>,
    /// The newest versions whatever was asked for, the newest first.
    pub latest: Vec<VersionRow>,
    /// The number of the newest version.
    pub count: u32,
    /// Where the next page begins.
    pub next: Option<u32>,
    /// Whether there are more versions than were looked at.
    pub cut: bool,
}

/// A version in a table.
#[derive(Clone, Debug, PartialEq)]
pub struct VersionRow {
    /// The version.
    pub name: VersionRef,
    /// SHA-256 of the manifest of all files.
    pub model_digest: Digest,
    /// The sign-off's status.
    pub status: Status,
    /// The slots with what stands in each.
    pub slots: Vec<SlotMark>,
    /// The number of minor and major issues among the current answers.
    pub open_issues: u64,
    /// The metrics.
    pub metrics: BTreeMap<String, f64>,
    /// The display name of the uploader at that time.
    pub uploader: String,
    /// When the version was registered.
    pub created_at: Timestamp,
}
