//! Infrastructures: the places to which versions are deployed, their policies, and the roles on them.

use crate::{
    args::Member,
    client::{Paging, Session, paths},
    exit::Exit,
    failure::Failure,
    text::{
        difference,
        infrastructure::{card, gate_log, nodes, past_policies, standings, table},
        project::members,
    },
};
use app::views::{
    ChangePolicyRequest, CreateInfrastructureRequest, Infrastructure, List, Node, PolicyPeriod, PolicyPreview,
    PolicyPreviewRequest, SetInfrastructureMemberRequest,
};
use clap::builder::PossibleValuesParser;
use domain::{
    Duration, Name,
    infrastructure::{InfrastructureRole, OnLapse, Policy},
};
use serde_json::{Value, json};

fn policies() -> PossibleValuesParser {
    PossibleValuesParser::new(Policy::ALL.iter().map(|policy| policy.as_str()))
}

fn lapses() -> PossibleValuesParser {
    PossibleValuesParser::new(OnLapse::ALL.iter().map(|lapse| lapse.as_str()))
}

/// Manages infrastructures, their policies and their members
#[derive(Debug, clap::Subcommand)]
pub enum InfraCommand {
    /// Lists infrastructures
    #[command(before_help = "Examples:
  countersign infra list")]
    List {
        #[command(flatten)]
        paging: Paging,
    },
    /// Shows an infrastructure
    #[command(before_help = "Examples:
  countersign infra show production")]
    Show {
        /// The infrastructure
        infrastructure: Name,
    },
    /// Creates an infrastructure. The policy has no default
    #[command(before_help = "Examples:
  countersign infra create production --stage production --policy prevent --on-lapse disable
  countersign infra create clinic --stage production --policy prevent --project diagnosis --independent-approval
  countersign infra create staging --stage test --policy warn")]
    Create {
        /// The infrastructure
        infrastructure: Name,
        /// The stage: `development`, `test`, `production` or another name
        #[arg(long)]
        stage: Name,
        /// What happens to the deployment of a version that is not approved
        #[arg(long, value_name = "prevent|warn|allow", hide_possible_values = true, value_parser = policies())]
        policy: String,
        /// What happens to a running deployment when its approval lapses [default: report]
        #[arg(long, value_parser = lapses())]
        on_lapse: Option<String>,
        /// A project whose approvals count; repeat for several [default: every project]
        #[arg(long = "project", value_name = "PROJECT")]
        projects: Vec<Name>,
        /// Accept only approvals of somebody who was neither author nor requester, whatever the project's rules allow
        #[arg(long)]
        independent_approval: bool,
        /// How long a permit lasts [default: 1d]
        #[arg(long, value_name = "DURATION")]
        permit_valid_for: Option<Duration>,
    },
    /// Changes an infrastructure's policy. The record keeps the reason
    #[command(before_help = "Examples:
  countersign infra policy production warn --reason \"Incident 4711: the fix cannot wait.\"
  countersign infra policy production prevent --project diagnosis --independent-approval true --reason \"Only reviewed work.\"
  countersign infra policy production prevent --on-lapse disable --reason \"Back to normal.\" --dry-run")]
    Policy {
        /// The infrastructure
        infrastructure: Name,
        /// The policy from now on
        #[arg(value_parser = policies())]
        policy: String,
        /// Why
        #[arg(long)]
        reason: String,
        /// What happens to a running deployment when its approval lapses [default: as before]
        #[arg(long, value_parser = lapses())]
        on_lapse: Option<String>,
        /// A project whose approvals count from now on; repeat for several [default: as before]
        #[arg(long = "project", value_name = "PROJECT", conflicts_with = "every_project")]
        projects: Vec<Name>,
        /// Accept approvals of every project from now on
        #[arg(long)]
        every_project: bool,
        /// Whether the approver must have been neither author nor requester [default: as before]
        #[arg(long, value_name = "true|false")]
        independent_approval: Option<bool>,
        /// Show what would change and which services would go in or out of policy, and change nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Lists the policies that an infrastructure had, with their reasons
    #[command(before_help = "Examples:
  countersign infra policies production")]
    Policies {
        /// The infrastructure
        infrastructure: Name,
    },
    /// Lists what the gate of an infrastructure answered to deployers, the last answer first
    #[command(before_help = "Examples:
  countersign infra gate-log production
  countersign infra gate-log production --all --output json")]
    GateLog {
        /// The infrastructure
        infrastructure: Name,
        #[command(flatten)]
        paging: Paging,
    },
    /// Lists the nodes of an infrastructure and their reports
    #[command(before_help = "Examples:
  countersign infra nodes production
  countersign infra nodes production --output json")]
    Nodes {
        /// The infrastructure
        infrastructure: Name,
    },
    /// Manages an infrastructure's members
    #[command(subcommand)]
    Member(InfraMemberCommand),
}

/// Manages an infrastructure's members
#[derive(Debug, clap::Subcommand)]
pub enum InfraMemberCommand {
    /// Gives a user or group a role on an infrastructure
    #[command(before_help = "Examples:
  countersign infra member add production operator --role deployer
  countersign infra member add production node-1 --role node")]
    Add {
        /// The infrastructure
        infrastructure: Name,
        /// The user, or group:NAME
        member: Member,
        /// The role
        #[arg(long, value_parser = PossibleValuesParser::new(InfrastructureRole::ALL.iter().map(|role| role.as_str())))]
        role: String,
    },
    /// Removes a user or group from an infrastructure
    #[command(before_help = "Examples:
  countersign infra member remove production operator")]
    Remove {
        /// The infrastructure
        infrastructure: Name,
        /// The user, or group:NAME
        member: Member,
    },
}

/// Carries it out.
///
/// # Errors
/// What the server says.
pub async fn run(command: InfraCommand, session: &Session) -> Result<Exit, Failure> {
    let client = &session.client;
    match command {
        InfraCommand::List { paging } => session.list(&paging, "after", table, || client.get(&paths::infrastructures())).await?,
        InfraCommand::Show { infrastructure } => {
            session.show(&client.get(&paths::infrastructure(&infrastructure)).send().await?, card)?
        }
        InfraCommand::Create { infrastructure, stage, policy, on_lapse, projects, independent_approval, permit_valid_for } => {
            let (policy, on_lapse) = (policy.parse().map_err(Failure::usage)?, lapse(on_lapse)?);
            let projects = (!projects.is_empty()).then_some(projects);
            let name = infrastructure;
            let request =
                CreateInfrastructureRequest { name, stage, policy, on_lapse, projects, independent_approval, permit_valid_for };
            session.show(&client.post(&paths::infrastructures(), &request).send().await?, card)?;
        }
        InfraCommand::Policy {
            infrastructure,
            policy,
            reason,
            on_lapse,
            projects,
            every_project,
            independent_approval,
            dry_run,
        } => {
            let projects = match (every_project, projects.is_empty()) {
                (true, _) => Some(None),
                (false, true) => None,
                (false, false) => Some(Some(projects)),
            };
            let (policy, on_lapse) = (policy.parse().map_err(Failure::usage)?, lapse(on_lapse)?);
            let request = ChangePolicyRequest { policy, on_lapse, projects, independent_approval, reason };
            let before = client.get(&paths::infrastructure(&infrastructure)).send().await?;
            if dry_run {
                preview(&infrastructure, request, &before.value, session).await?;
            } else {
                let change = client.put(&paths::policy(&infrastructure), &request).if_match(before.etag.as_deref());
                session.done(&change.send().await?, card)?;
            }
        }
        InfraCommand::Policies { infrastructure } => {
            let answer = client.get(&paths::policies(&infrastructure)).send().await?;
            session.show(&answer, |list: &List<PolicyPeriod>| past_policies(&list.items))?;
        }
        InfraCommand::GateLog { infrastructure, paging } => {
            session.list(&paging, "before", gate_log, || client.get(&paths::gate_log(&infrastructure))).await?;
        }
        InfraCommand::Nodes { infrastructure } => {
            let answer = client.get(&paths::nodes(&infrastructure)).send().await?;
            session.show(&answer, |list: &List<Node>| nodes(&list.items))?;
        }
        InfraCommand::Member(InfraMemberCommand::Add { infrastructure, member, role }) => {
            let request = SetInfrastructureMemberRequest { role: role.parse().map_err(Failure::usage)? };
            let path = paths::infrastructure_member(&infrastructure, &member);
            session.done(&client.put(&path, &request).send().await?, |changed: &Infrastructure| {
                members(changed.members.as_deref().unwrap_or_default())
            })?;
        }
        InfraCommand::Member(InfraMemberCommand::Remove { infrastructure, member }) => {
            let path = paths::infrastructure_member(&infrastructure, &member);
            session.done(&client.delete(&path).send().await?, |changed: &Infrastructure| {
                members(changed.members.as_deref().unwrap_or_default())
            })?;
        }
    }
    Ok(Exit::Done)
}

/// Shows what a change of the policy would do: to the infrastructure, and to what is in service there today.
async fn preview(infrastructure: &Name, request: ChangePolicyRequest, before: &Value, session: &Session) -> Result<(), Failure> {
    let ChangePolicyRequest { policy, on_lapse, projects, independent_approval, .. } = request;
    let request = PolicyPreviewRequest { policy, on_lapse, projects, independent_approval };
    let answer = session.client.post(&paths::policy_preview(infrastructure), &request).send().await?;
    let preview: PolicyPreview = answer.read()?;
    let changes = super::edit::differences(before, &json!(request));
    let shown = json!({"dry_run": true, "changes": changes, "weakens": preview.weakens, "services": preview.changes});
    session.out.show(&shown, |_| difference::table(&changes) + standings(&preview))?;
    session.out.note("A dry run: nothing was changed.");
    Ok(())
}

fn lapse(word: Option<String>) -> Result<Option<OnLapse>, Failure> {
    word.map(|word| word.parse()).transpose().map_err(Failure::usage)
}
