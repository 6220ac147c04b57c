//! The record as its pages show it: each event with what changed.

use super::AuditEvent;
use domain::{Name, Timestamp};
use serde::Serialize;

/// Which events of the record are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecordQuery {
    /// Only events of this project, whose manager the caller is.
    pub project: Option<Name>,
    /// The thing that events are about: a version, a project or an infrastructure.
    pub object: String,
    /// Who caused them: the name of an account, `clock` or `console`.
    pub actor: String,
    /// A group of kinds of events.
    pub kinds: Option<EventGroup>,
    /// From this moment on.
    pub since: Option<Timestamp>,
    /// Before this moment.
    pub until: Option<Timestamp>,
    /// Only events before this position, the newest first.
    pub after: Option<u64>,
    /// Only events after this position. The answer has those next to the position.
    pub before: Option<u64>,
}

/// A page of the record, the newest event first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RecordPage {
    /// The events.
    pub rows: Vec<RecordRow>,
    /// Where older events begin; absent on the last page.
    pub older: Option<u64>,
    /// Where newer events begin; absent on the first page.
    pub newer: Option<u64>,
    /// Why a filter matches nothing: the thing that it names is not there.
    pub problem: Option<String>,
}

/// An event with what changed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RecordRow {
    /// The event. Its data name accounts and groups by their present names.
    #[serde(flatten)]
    pub event: AuditEvent,
    /// What changed, from what to what.
    pub changes: Vec<Changed>,
}

/// A value before and after an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Changed {
    /// What the value is of: `metrics.auc`, `role`.
    pub what: String,
    /// The value before; absent where there was none.
    pub from: Option<String>,
    /// The value after; absent where there is none.
    pub to: Option<String>,
}

/// A group of kinds of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventGroup {
    /// Final decisions and their ends.
    Decisions,
    /// Everything else in a review.
    Reviews,
    /// Versions, models and their fields.
    Versions,
    /// The gate, deployments and permits.
    Deployments,
    /// Accounts, groups, invitations, tokens.
    People,
    /// Projects, infrastructures, their members and rules.
    Settings,
    /// The log itself.
    Log,
}

impl EventGroup {
    /// Every group.
    pub const ALL: [Self; 7] =
        [Self::Decisions, Self::Reviews, Self::Versions, Self::Deployments, Self::People, Self::Settings, Self::Log];

    /// The group of this name.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|group| group.name() == name)
    }

    /// The name in addresses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Decisions => "decisions",
            Self::Reviews => "reviews",
            Self::Versions => "versions",
            Self::Deployments => "deployments",
            Self::People => "people",
            Self::Settings => "settings",
            Self::Log => "log",
        }
    }

    /// The words for people.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Decisions => "Decisions",
            Self::Reviews => "Reviews and feedback",
            Self::Versions => "Versions and models",
            Self::Deployments => "Gate and deployments",
            Self::People => "People, groups and tokens",
            Self::Settings => "Projects and infrastructures",
            Self::Log => "The log itself",
        }
    }

    /// Whether an event of this kind belongs to the group.
    pub fn has(self, kind: &str) -> bool {
        let noun = kind.split('.').next().unwrap_or_default();
        let is_decision =
            matches!(kind, "review.approved" | "review.rejected" | "review.abandoned" | "approval.revoked" | "approval.expired");
        match self {
            Self::Decisions => is_decision,
            Self::Reviews => matches!(noun, "review" | "feedback" | "approval") && !is_decision,
            Self::Versions => matches!(noun, "version" | "model"),
            Self::Deployments => matches!(noun, "deployment" | "gate" | "permit"),
            Self::People => matches!(noun, "user" | "absence" | "password" | "invitation" | "administrator" | "token" | "group"),
            Self::Settings => matches!(noun, "project" | "reviewers" | "infrastructure" | "webhook" | "mail"),
            Self::Log => noun == "log",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::EventGroup;

    #[test]
    fn every_kind_of_event_belongs_to_one_group() {
        for kind in domain::event::Event::TYPES {
            assert_eq!(EventGroup::ALL.iter().filter(|group| group.has(kind)).count(), 1, "{kind}");
        }
    }
}
