//! Deploys versions. The server asks the gate. With `--wait` the command asks the gate too until it opens, and then watches the
//! nodes until they serve.

use super::{
    deployment::Condition,
    gate::{self, Waiting},
    watch,
};
use crate::{
    args::{ServiceRef, ShareSpec, shares},
    client::{Session, paths},
    exit::Exit,
    failure::Failure,
    text::{self, Text, deployment::brief},
};
use app::views::{DeployRequest, GateAnswer};
use domain::gate::Verdict;
use serde_json::{Value, json};

/// Deploys one or several versions, if the gate allows it
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:
  countersign deploy production/tumour diagnosis/tumour:1
  countersign deploy production/tumour diagnosis/tumour:1=90 diagnosis/tumour:2=10
  countersign deploy staging/tumour diagnosis/tumour:1 --acknowledge \"Load test, no patients.\"
  countersign deploy production/tumour diagnosis/tumour:1 --wait --timeout 2h
  countersign deploy production/tumour diagnosis/tumour:1 --dry-run

With --wait: exit code 0 if every node serves the revision, 1 if a node cannot, 75 if --timeout is over first.")]
pub struct DeployArgs {
    /// The service, as INFRASTRUCTURE/SERVICE
    service: ServiceRef,
    /// The version, as PROJECT/MODEL:VERSION; of several each with its part in percent, like diagnosis/tumour:1=90
    #[arg(required = true, value_name = "VERSION[=WEIGHT]")]
    versions: Vec<ShareSpec>,
    /// Why to go on although the gate warns; the record keeps the reason
    #[arg(long, value_name = "REASON")]
    acknowledge: Option<String>,
    #[command(flatten)]
    waiting: Waiting,
    /// Ask the gate, say what would happen, and deploy nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    condition: Condition,
}

/// Deploys.
///
/// # Errors
/// What the gate and the server say.
pub async fn run(args: DeployArgs, session: &Session) -> Result<Exit, Failure> {
    let end = args.waiting.end();
    let request = DeployRequest { shares: shares(&args.versions)?, acknowledge: args.acknowledge.clone() };
    if args.waiting.wait || args.dry_run {
        let ask: Vec<_> = args
            .versions
            .iter()
            .map(|share| gate::request(args.service.infrastructure.clone(), Some(&share.version), None))
            .collect();
        let answers = gate::ask(session, &ask, &args.waiting).await?;
        let acknowledged = args.acknowledge.as_deref().is_some_and(|reason| !domain::text::is_blank(reason));
        let exit = gate::exit(answers.iter().map(|(_, answer)| answer), acknowledged, args.waiting.wait);
        if args.dry_run {
            return preview(session, &request, &answers, exit);
        }
        if exit != Exit::Done {
            return Err(refused(exit, &answers));
        }
    }
    let call = session.client.post(&paths::deployment(&args.service, &[]), &request);
    let mut answer = call.if_match(args.condition.if_match.as_deref()).send().await?;
    if !args.waiting.wait {
        session.done(&answer, brief)?;
        return Ok(Exit::Done);
    }
    let watched = watch::follow(session, &args.service, &answer, end).await?;
    if let Some(mut latest) = watched.latest {
        latest.value["already_done"] = answer.value["already_done"].take();
        answer = latest;
    }
    session.done(&answer, brief)?;
    watched.failure.map_or(Ok(Exit::Done), Err)
}

fn preview(session: &Session, request: &DeployRequest, answers: &[(Value, GateAnswer)], exit: Exit) -> Result<Exit, Failure> {
    let values: Vec<_> = answers.iter().map(|(value, _)| value).collect();
    let shown = json!({"dry_run": true, "would_deploy": exit == Exit::Done, "request": request, "answers": values});
    let blocks = answers.iter().enumerate().map(|(at, (_, answer))| {
        let space = if at == 0 { Text::none() } else { Text::line("") };
        space + text::gate::card(answer)
    });
    session.out.show(&shown, |_| blocks.collect())?;
    let outcome = if exit == Exit::Done { "it would be deployed" } else { exit.meaning() };
    session.out.note(&format!("A dry run: nothing was deployed; {outcome}."));
    Ok(exit)
}

fn refused(exit: Exit, answers: &[(Value, GateAnswer)]) -> Failure {
    let reasons = answers.iter().filter(|(_, answer)| answer.verdict != Verdict::Allow);
    let reasons: Vec<_> = reasons.flat_map(|(_, answer)| &answer.reasons).map(text::gate::reason).collect();
    let what = match exit {
        Exit::Pending => "the decision is still pending",
        Exit::NotAcknowledged => "the gate warns",
        _ => "the gate denies",
    };
    let failure = Failure::new(exit, format!("{what}: {}", reasons.join("; ")));
    match exit {
        Exit::NotAcknowledged => failure.hint("Go on with --acknowledge \"reason\"."),
        Exit::Pending => failure.hint("Wait longer with --timeout, or ask who can decide."),
        _ => failure,
    }
}
