//! Shows deployments, rolls them back and stops them.

use crate::{
    args::ServiceRef,
    client::{Paging, Session},
    exit::Exit,
    failure::Failure,
    text::{Table, at, cell, facts, items, plain, section},
};
use app::views::RollbackRequest;
use domain::Name;
use serde_json::{Value, json};

/// Shows, rolls back and stops deployments
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
        seen: Seen,
    },
    /// Takes a service out of service
    #[command(before_help = "Examples:
  countersign deployment stop production/tumour")]
    Stop {
        /// The service, as INFRASTRUCTURE/SERVICE
        service: ServiceRef,
        #[command(flatten)]
        seen: Seen,
    },
}

/// Which state one has seen; another one by now is a conflict.
#[derive(Debug, Clone, clap::Args)]
pub struct Seen {
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
    let path = |service: &ServiceRef, rest: &[&str]| {
        let path = ["infrastructures", service.infrastructure.as_str(), "deployments", service.service.as_str()];
        path.iter().chain(rest).map(|segment| (*segment).to_owned()).collect::<Vec<_>>()
    };
    let client = &session.client;
    match command {
        DeploymentCommand::List { infrastructure, paging } => {
            let columns = [
                ("SERVICE", "/service"),
                ("MODEL", "/model"),
                ("STANDING", "/standing"),
                ("HEALTH", "/health/status"),
                ("REVISION", "/revision/number"),
                ("BY", "/revision/by"),
                ("AT", "/revision/at"),
            ];
            let call = || client.get(&["infrastructures", infrastructure.as_str(), "deployments"]);
            session.list(&paging, "after", "No services.", &columns, call).await?;
        }
        DeploymentCommand::Show { service } => {
            let answer = client.get(&path(&service, &[])).send().await?;
            session.show(&answer.value, |value| card(value, answer.etag.as_deref()))?;
        }
        DeploymentCommand::Rollback { service, to, acknowledge, seen } => {
            let tag = match (to, seen.if_match) {
                (None, None) => present(session, &path(&service, &[])).await?,
                (_, seen) => seen,
            };
            let call = client.post(&path(&service, &["rollback"]), &RollbackRequest { to, acknowledge });
            session.done(&call.if_match(tag.as_deref()).send().await?, brief)?;
        }
        DeploymentCommand::Stop { service, seen } => {
            let call = client.post(&path(&service, &["stop"]), &json!({}));
            session.done(&call.if_match(seen.if_match.as_deref()).send().await?, brief)?;
        }
    }
    Ok(Exit::Done)
}

/// Says from where it goes back, and gives the tag of that state: sent twice, a rollback must not go back twice.
async fn present(session: &Session, path: &[String]) -> Result<Option<String>, Failure> {
    let answer = session.client.get(path).send().await?;
    let number = at(&answer.value, "/revision/number");
    session.out.note(&format!("Going back from revision {number}, which serves {}.", served(&answer.value["revision"])));
    Ok(answer.etag)
}

/// What a revision serves, on one line.
fn served(revision: &Value) -> String {
    let share = |share: &Value| format!("{}={}", cell(&share["version"]), cell(&share["weight"]));
    match items(revision, "/shares") {
        [] => "-".to_owned(),
        shares => shares.iter().map(share).collect::<Vec<_>>().join(" "),
    }
}

const HEAD: [(&str, &str); 12] = [
    ("infrastructure", "/infrastructure"),
    ("service", "/service"),
    ("model", "/model"),
    ("standing", "/standing"),
    ("health", "/health/status"),
    ("because", "/health/reason"),
    ("revision", "/revision/number"),
    ("made by", "/revision/kind"),
    ("who", "/revision/by"),
    ("when", "/revision/at"),
    ("acknowledged", "/revision/acknowledgement"),
    ("tag", "/tag"),
];

/// What a command shows when it is done.
pub fn brief(deployment: &Value) -> String {
    let columns = [
        ("VERSION", "/version"),
        ("WEIGHT", "/weight"),
        ("BASIS", "/basis"),
        ("STANDING", "/standing"),
        ("PERMIT UNTIL", "/permit/not_after"),
    ];
    let shares = items(deployment, "/revision/shares");
    let lapses: String =
        shares.iter().filter_map(|share| share["reason"].as_str()).map(|why| format!("{}\n", plain(why))).collect();
    facts(deployment, &HEAD)
        + &section("In service", &Table::of(shares, &columns).text("Nothing."))
        + &section("Out of policy", &lapses)
        + &nodes(deployment)
}

fn nodes(deployment: &Value) -> String {
    let columns = [
        ("NODE", "/node"),
        ("STATE", "/state"),
        ("REVISION", "/revision"),
        ("URL", "/url"),
        ("REPORTED", "/reported_at"),
        ("WHY", "/reason"),
    ];
    section("Nodes", &Table::of(items(deployment, "/health/nodes"), &columns).text(""))
}

/// Everything about a service; the tag comes beside the object.
fn card(deployment: &Value, tag: Option<&str>) -> String {
    let mut deployment = deployment.clone();
    deployment["tag"] = json!(tag);
    let mut history = Table::new(&["REVISION", "KIND", "SERVED", "GATE", "BY", "AT", "WHY"]);
    for revision in items(&deployment, "/history") {
        let [number, kind] = ["/number", "/kind"].map(|pointer| at(revision, pointer));
        let [gate, by, when, why] = ["/answer/verdict", "/by", "/at", "/acknowledgement"].map(|pointer| at(revision, pointer));
        history.row([number, kind, served(revision), gate, by, when, why]);
    }
    brief(&deployment) + &section("History", &history.text(""))
}
