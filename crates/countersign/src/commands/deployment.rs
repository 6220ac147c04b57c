//! Shows deployments, rolls them back and stops them.

use crate::{
    args::ServiceRef,
    client::{Paging, Session, paths},
    exit::Exit,
    failure::Failure,
    text::deployment::{brief, card, served, table},
};
use app::views::{AcknowledgeLapseRequest, Deployment, RollbackRequest};
use domain::{Duration, Name};
use serde_json::json;

/// Shows, rolls back and stops deployments, and says which lapse is known
#[derive(Debug, clap::Subcommand)]
pub enum DeploymentCommand {
    /// Lists the services on an infrastructure
    #[command(before_help = "Examples:
  countersign deployment list production")]
    List {
        /// The infrastructure; of INFRASTRUCTURE/SERVICE its infrastructure
        #[arg(value_parser = infrastructure)]
        infrastructure: Name,
        #[command(flatten)]
        paging: Paging,
    },
    /// Shows a service: what it serves and whether it may go on, its nodes, what it served before and why
    #[command(before_help = "Examples:
  countersign deployment show production/tumour")]
    Show {
        /// The service, as INFRASTRUCTURE/SERVICE
        service: ServiceRef,
    },
    /// Goes back to an earlier revision, where the gate allows it
    #[command(before_help = "Examples:
  countersign deployment rollback production/tumour
  countersign deployment rollback production/tumour --to 3")]
    Rollback {
        /// The service, as INFRASTRUCTURE/SERVICE
        service: ServiceRef,
        /// The revision [default: the last revision before that served something else]
        #[arg(long, value_name = "N")]
        to: Option<u32>,
        /// Why to go on although the gate warns; the record keeps the reason
        #[arg(long, value_name = "REASON")]
        acknowledge: Option<String>,
        #[command(flatten)]
        condition: Condition,
    },
    /// Says that a service is known to be out of policy, and tolerated for a while: it counts no more among what needs attention
    #[command(before_help = "Examples:
  countersign deployment acknowledge-lapse production/tumour --for 30d --reason \"The next version is in review.\"")]
    AcknowledgeLapse {
        /// The service, as INFRASTRUCTURE/SERVICE
        service: ServiceRef,
        /// For how long, 365d at most
        #[arg(long = "for", value_name = "DURATION")]
        valid_for: Duration,
        /// Why; goes into the record
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        condition: Condition,
    },
    /// Takes a service out of service
    #[command(before_help = "Examples:
  countersign deployment stop production/tumour")]
    Stop {
        /// The service, as INFRASTRUCTURE/SERVICE
        service: ServiceRef,
        #[command(flatten)]
        condition: Condition,
    },
}

/// The state that the caller saw: the command is carried out only in this state.
#[derive(Debug, Clone, clap::Args)]
pub struct Condition {
    /// Act only if the service still has this tag, which `deployment show` prints
    #[arg(long, value_name = "TAG")]
    pub if_match: Option<String>,
}

fn infrastructure(text: &str) -> Result<Name, String> {
    let name = text.split_once('/').map_or(text, |(infrastructure, _)| infrastructure);
    name.parse().map_err(|error: domain::name::NameError| error.to_string())
}

/// Carries it out.
///
/// # Errors
/// What the server says.
pub async fn run(command: DeploymentCommand, session: &Session) -> Result<Exit, Failure> {
    let client = &session.client;
    match command {
        DeploymentCommand::List { infrastructure, paging } => {
            let call = || client.get(&paths::deployments(&infrastructure));
            session.list(&paging, "after", table, call).await?;
        }
        DeploymentCommand::Show { service } => {
            let answer = client.get(&paths::deployment(&service, &[])).send().await?;
            session.show(&answer, |deployment| card(deployment, answer.etag.as_deref()))?;
        }
        DeploymentCommand::Rollback { service, to, acknowledge, condition } => {
            let tag = match (to, condition.if_match) {
                (None, None) => present(session, &service).await?,
                (_, tag) => tag,
            };
            let call = client.post(&paths::deployment(&service, &["rollback"]), &RollbackRequest { to, acknowledge });
            session.done(&call.if_match(tag.as_deref()).send().await?, brief)?;
        }
        DeploymentCommand::AcknowledgeLapse { service, valid_for, reason, condition } => {
            let request = AcknowledgeLapseRequest { reason: Some(reason), valid_for };
            let call = client.post(&paths::deployment(&service, &["acknowledge-lapse"]), &request);
            session.done(&call.if_match(condition.if_match.as_deref()).send().await?, brief)?;
        }
        DeploymentCommand::Stop { service, condition } => {
            let call = client.post(&paths::deployment(&service, &["stop"]), &json!({}));
            session.done(&call.if_match(condition.if_match.as_deref()).send().await?, brief)?;
        }
    }
    Ok(Exit::Done)
}

/// Says from where it goes back, and gives the tag of that state: sent twice, a rollback must not go back twice.
async fn present(session: &Session, service: &ServiceRef) -> Result<Option<String>, Failure> {
    let answer = session.client.get(&paths::deployment(service, &[])).send().await?;
    let Deployment { revision, .. } = answer.read()?;
    session.out.note(&format!("Going back from revision {}, which serves {}.", revision.number, served(&revision)));
    Ok(answer.etag)
}
