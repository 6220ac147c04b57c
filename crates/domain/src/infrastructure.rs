//! Infrastructures: the places to which versions are deployed, their policies, and the roles on them.

use crate::{Name, people::words};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What an infrastructure does with versions that are not approved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Policy {
    /// Denies them.
    Prevent,
    /// Lets them through with an acknowledgement and a typed reason.
    Warn,
    /// Lets them through and records that they were not approved.
    Allow,
}

impl Policy {
    /// Whether changing to `next` lets more through.
    pub fn weakens_to(self, next: Self) -> bool {
        next > self
    }
}

/// Which approvals an infrastructure accepts. What it does not accept counts as not approved.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acceptance {
    /// The projects whose approvals count; those of every project, where none is named.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub projects: Option<BTreeSet<Name>>,
    /// Whether the approver must have been neither author nor requester, whatever the project's own rules allow.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub independent_approval: bool,
}

impl Acceptance {
    /// Whether approvals of this project count.
    pub fn accepts(&self, project: &Name) -> bool {
        self.projects.as_ref().is_none_or(|projects| projects.contains(project))
    }

    /// Whether changing to `next` accepts an approval that was not accepted before.
    pub fn weakens_to(&self, next: &Self) -> bool {
        let more_projects = match (&self.projects, &next.projects) {
            (None, _) => false,
            (Some(_), None) => true,
            (Some(before), Some(after)) => !after.is_subset(before),
        };
        more_projects || (self.independent_approval && !next.independent_approval)
    }
}

/// What happens to a running deployment when an approval that it rests on lapses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnLapse {
    /// It is shown as out of policy and goes on.
    #[default]
    Report,
    /// It is taken out of service.
    Disable,
}

/// What someone may do on an infrastructure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InfrastructureRole {
    /// Deploys, and keeps the policy and the members.
    Admin,
    /// Deploys, rolls back and stops.
    Deployer,
    /// Sees the deployments.
    Viewer,
    /// Serves what is in service, and sees nothing else: a serving node.
    Node,
}

impl InfrastructureRole {
    /// Whether this role includes what `other` may do. A node's role stands beside the others: it includes none of them, nor they it.
    pub fn includes(self, other: Self) -> bool {
        match (self, other) {
            (Self::Node, _) | (_, Self::Node) => self == other,
            _ => self <= other,
        }
    }
}

words! {
    Policy { Prevent = "prevent", Warn = "warn", Allow = "allow" }
    OnLapse { Report = "report", Disable = "disable" }
    InfrastructureRole { Admin = "admin", Deployer = "deployer", Viewer = "viewer", Node = "node" }
}

/// The stage whose first revision in service brings a version into production.
pub const PRODUCTION_STAGE: &str = "production";
