//! Who may do what outside of the sign-off: one table of actions, and one function that answers.
//!
//! What a person may not see is hidden. What a person sees but may not do is forbidden, with the reason.

use crate::{
    infrastructure::InfrastructureRole,
    people::{AccountKind, InstanceRole, ProjectRole, words},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Something to be allowed or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// See users and groups by name.
    SeePeople,
    /// Create, change and close accounts; invite; create service accounts.
    KeepUsers,
    /// Create groups and change their members.
    KeepGroups,
    /// Create a project.
    CreateProject,
    /// Create an infrastructure.
    CreateInfrastructure,
    /// Keep the webhooks that are told of everything.
    KeepWebhooks,
    /// Choose the mail server that takes messages to people.
    KeepMail,
    /// Read the whole record and its proofs.
    ReadAudit,
    /// Read the server's metrics: figures that name no project and no person.
    ReadMetrics,
    /// Read a project: models, versions, sign-offs, files.
    ReadProject,
    /// Register models and versions, change governed fields.
    Contribute,
    /// Keep members, reviewers and rules of a project.
    ManageProject,
    /// See an infrastructure's name, stage and policy.
    SeeInfrastructure,
    /// See an infrastructure's deployments.
    ReadDeployments,
    /// Deploy, roll back, stop.
    Deploy,
    /// Keep policy and members of an infrastructure.
    ManageInfrastructure,
    /// Ask the gate about a version of a project one may see, or for an infrastructure on which one has a role.
    AskGate,
    /// Follow what is in service on an infrastructure, and fetch its files.
    FollowServing,
    /// Report what a serving node does.
    ReportNode,
    /// See the serving nodes of an infrastructure and what they reported.
    ReadNodes,
    /// Take a serving node off the list.
    RemoveNode,
}

words! {
    Action {
        SeePeople = "see people", KeepUsers = "keep users", KeepGroups = "keep groups", CreateProject = "create a project",
        CreateInfrastructure = "create an infrastructure", KeepWebhooks = "keep webhooks", KeepMail = "keep the mail server", ReadAudit = "read the record", ReadMetrics = "read the metrics", ReadProject = "read the project",
        Contribute = "contribute", ManageProject = "manage the project", SeeInfrastructure = "see the infrastructure",
        ReadDeployments = "read deployments", Deploy = "deploy", ManageInfrastructure = "manage the infrastructure", AskGate = "ask the gate",
        FollowServing = "follow what is in service", ReportNode = "report as a node", ReadNodes = "read the nodes",
        RemoveNode = "remove a node"
    }
    Scope { Read = "read", Register = "register", Review = "review", Deploy = "deploy", Gate = "gate", Administer = "administer", Node = "node", Metrics = "metrics" }
}

impl Action {
    /// Whether it changes anything.
    const fn changes(self) -> bool {
        match self {
            Self::KeepUsers
            | Self::KeepGroups
            | Self::CreateProject
            | Self::CreateInfrastructure
            | Self::KeepWebhooks
            | Self::KeepMail
            | Self::Contribute
            | Self::ManageProject
            | Self::Deploy
            | Self::ManageInfrastructure
            | Self::ReportNode
            | Self::RemoveNode => true,
            Self::SeePeople
            | Self::ReadAudit
            | Self::ReadMetrics
            | Self::ReadProject
            | Self::SeeInfrastructure
            | Self::ReadDeployments
            | Self::AskGate
            | Self::FollowServing
            | Self::ReadNodes => false,
        }
    }
}

/// What a token may be used for. A token never gives more than its account may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Read what the account may see.
    Read,
    /// Register models and versions, change fields, ask for reviews.
    Register,
    /// Give feedback and decide.
    Review,
    /// Deploy, roll back, stop.
    Deploy,
    /// Ask the gate.
    Gate,
    /// Everything that keeps users, groups, projects, infrastructures and tokens.
    Administer,
    /// Serve: follow what is in service, fetch it, report.
    Node,
    /// Read the server's metrics.
    Metrics,
}

/// The parts that an actor holds with respect to one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Role on the instance.
    pub instance: InstanceRole,
    /// Person or service account.
    pub kind: AccountKind,
    /// Roles in the project at hand.
    pub project: BTreeSet<ProjectRole>,
    /// Whether the actor is named in a slot, final approval or delegation of the project at hand.
    pub reviewer: bool,
    /// Roles on the infrastructure at hand.
    pub infrastructure: BTreeSet<InfrastructureRole>,
}

/// The answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Yes.
    Granted,
    /// Seen, but not allowed: for whom it is.
    Forbidden(&'static str),
    /// Not even seen: answer "not found".
    Hidden,
}

impl Standing {
    /// The standing of somebody who holds no part but the one on the instance.
    pub fn of(instance: InstanceRole, kind: AccountKind) -> Self {
        Self { instance, kind, project: BTreeSet::new(), reviewer: false, infrastructure: BTreeSet::new() }
    }

    fn has(&self, role: ProjectRole) -> bool {
        self.project.iter().any(|own| own.includes(role))
    }

    fn has_on_infrastructure(&self, role: InfrastructureRole) -> bool {
        self.infrastructure.iter().any(|own| own.includes(role))
    }

    /// Whether this actor may do this.
    pub fn may(&self, action: Action) -> Access {
        match self.by_parts(action) {
            // Whatever other parts an auditor holds.
            Access::Granted if self.instance == InstanceRole::Auditor && action.changes() => {
                Access::Forbidden("others: an auditor reads everything and changes nothing")
            }
            access => access,
        }
    }

    /// What the parts give; they only add up.
    fn by_parts(&self, action: Action) -> Access {
        let administrator = self.instance == InstanceRole::Administrator;
        let auditor = self.instance == InstanceRole::Auditor;
        let sees_project = administrator || auditor || self.reviewer || self.has(ProjectRole::Reader);
        let sees_deployments = administrator || auditor || self.has_on_infrastructure(InfrastructureRole::Viewer);
        let node = self.has_on_infrastructure(InfrastructureRole::Node);
        let keeps_infrastructure = administrator || self.has_on_infrastructure(InfrastructureRole::Admin);
        let only = |granted: bool, whom: &'static str| if granted { Access::Granted } else { Access::Forbidden(whom) };
        let seen = |sees: bool, granted: bool, whom| if sees { only(granted, whom) } else { Access::Hidden };
        match action {
            Action::SeePeople | Action::SeeInfrastructure => Access::Granted,
            Action::KeepUsers
            | Action::KeepGroups
            | Action::CreateProject
            | Action::CreateInfrastructure
            | Action::KeepWebhooks
            | Action::KeepMail => only(administrator, "administrators"),
            Action::ReadMetrics => only(
                administrator || auditor || self.kind == AccountKind::Service,
                "auditors, administrators and service accounts",
            ),
            Action::ReadAudit => only(administrator || auditor, "auditors and administrators"),
            Action::ReadProject => seen(sees_project, true, ""),
            Action::Contribute => {
                seen(sees_project, self.has(ProjectRole::Contributor), "contributors and managers of the project")
            }
            Action::ManageProject => {
                seen(sees_project, administrator || self.has(ProjectRole::Manager), "managers of the project and administrators")
            }
            Action::ReadDeployments | Action::ReadNodes => {
                only(sees_deployments, "viewers, deployers and admins of the infrastructure, auditors and administrators")
            }
            Action::Deploy => {
                only(self.has_on_infrastructure(InfrastructureRole::Deployer), "deployers and admins of the infrastructure")
            }
            Action::ManageInfrastructure => only(keeps_infrastructure, "admins of the infrastructure and administrators"),
            Action::FollowServing | Action::ReportNode => only(node, "nodes of the infrastructure"),
            Action::RemoveNode => {
                only(node || keeps_infrastructure, "nodes and admins of the infrastructure, and administrators")
            }
            Action::AskGate => seen(sees_project || self.has_on_infrastructure(InfrastructureRole::Viewer), true, ""),
        }
    }
}
