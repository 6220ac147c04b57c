//! The doctor says what is wrong with a set-up, a line for each check. Without flags it checks the client's side. With `--data`,
//! `--database` or `--config` it checks the server's side, on the server's machine.

mod checks;
mod jobs;
mod server;

use crate::{
    client::{Context, Session, paths},
    config::{Config, StorageArgs},
    exit::Exit,
    failure::Failure,
    text::check::table,
};
use app::{
    Clock, SystemClock,
    views::{Infrastructure, Job, List, LogRefusal, Node, User},
};
use checks::Checks;
use domain::{Name, health::VersionState};
use reqwest::header;
use serde_json::json;

/// Checks a set-up, and says what is wrong
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:
  countersign doctor                                   (profile, server, clock, token, nodes, jobs)
  countersign doctor --data /var/lib/countersign       (on the server's machine: folder, key, database, space)

Exit code 0 if everything is well, 1 otherwise. `doctor` makes nothing and changes nothing.")]
pub struct DoctorArgs {
    #[command(flatten)]
    storage: StorageArgs,
}

/// Clocks that differ by more than this confuse people who compare times.
const MOST_SKEW_SECONDS: i64 = 30;

/// Runs the checks.
///
/// # Errors
/// Only when nothing can be printed; what is wrong is a result.
pub async fn run(args: DoctorArgs, context: &Context) -> Result<Exit, Failure> {
    let StorageArgs { data, database, config } = &args.storage;
    let mut checks = Checks::default();
    if data.is_some() || database.is_some() || config.is_some() {
        match Config::load(&args.storage, None, &context.environment) {
            Ok(config) => server::check(&config, &mut checks).await,
            Err(failure) => checks.note("configuration", Err(failure.in_one_line())),
        }
    } else {
        match context.session() {
            Ok(session) => client_side(&session, &mut checks).await,
            Err(failure) => checks.note("profile", Err(failure.in_one_line())),
        }
    }
    let well = checks.0.iter().all(|check| check.state == "ok");
    context.out.show(&json!({"well": well, "checks": checks.0}), |_| table(&checks.0))?;
    Ok(if well { Exit::Done } else { Exit::Failed })
}

async fn client_side(session: &Session, checks: &mut Checks) {
    let client = &session.client;
    checks.note("address", Ok(client.server().to_string()));
    let response = client.health().open().await;
    let date = response.as_ref().ok().and_then(|response| response.headers().get(header::DATE)?.to_str().ok().map(str::to_owned));
    let reached = response.is_ok();
    checks.note("server", response.map(|_| "ready".to_owned()).map_err(|failure| failure.in_one_line()));
    if !reached {
        // A server that answers and is not ready may still say which of its jobs is stuck.
        return check_jobs(session, checks).await;
    }
    checks.note("clock", skew(date.as_deref()));
    let me = client.get(&paths::me()).send().await.and_then(|me| me.read::<User>());
    checks.note("token", me.map(|me| format!("signed in as {}", me.name)).map_err(|failure| failure.in_one_line()));
    check_nodes(session, checks).await;
    check_jobs(session, checks).await;
}

/// The nodes that refuse the log of this server and those with a version that cannot answer, on the infrastructures whose deployments
/// the caller may see.
async fn check_nodes(session: &Session, checks: &mut Checks) {
    let mut next = None;
    let mut ill = false;
    loop {
        let page = session.client.get(&paths::infrastructures()).query("after", next.as_ref()).send().await;
        let Ok(page) = page.and_then(|page| page.read::<List<Infrastructure>>()) else { return };
        for infrastructure in page.items {
            for LogRefusal { node, reason } in infrastructure.log_refusals {
                ill = true;
                checks.note(format!("node {node} of {}", infrastructure.name), Err(format!("refuses the log: {reason}")));
            }
            ill |= check_versions(session, &infrastructure.name, checks).await;
        }
        next = page.next;
        if next.is_none() {
            break;
        }
    }
    if !ill {
        checks.note("nodes", Ok("no node that you may see refuses the log, or has a version that cannot answer".to_owned()));
    }
}

/// The versions that the nodes of an infrastructure cannot serve; whether there are any.
async fn check_versions(session: &Session, infrastructure: &Name, checks: &mut Checks) -> bool {
    let answer = session.client.get(&paths::nodes(infrastructure)).send().await;
    let Ok(nodes) = answer.and_then(|answer| answer.read::<List<Node>>()) else { return false };
    let mut ill = false;
    for node in nodes.items.iter().filter(|node| node.alive) {
        let versions = node.report.services.iter().flat_map(|service| &service.versions);
        for version in versions.filter(|version| version.state == VersionState::Failed) {
            ill = true;
            let reason = version.reason.as_deref().unwrap_or("it does not say why");
            checks.note(
                format!("node {} of {infrastructure}", node.node),
                Err(format!("{} does not answer: {reason}", version.version)),
            );
        }
    }
    ill
}

/// The background jobs, for administrators and auditors; others learn nothing of them.
async fn check_jobs(session: &Session, checks: &mut Checks) {
    let answer = session.client.get(&paths::jobs()).send().await;
    let Ok(list) = answer.and_then(|answer| answer.read::<List<Job>>()) else { return };
    for job in &list.items {
        checks.note(format!("job {}", job.name), jobs::check(job));
    }
}

/// How far the two clocks are apart, by the `Date` of the answer.
fn skew(date: Option<&str>) -> Result<String, String> {
    let date = date.and_then(|date| jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(date).ok());
    let server = date.ok_or("the server does not say what time it is")?;
    let seconds = SystemClock.now().seconds() - server.as_second();
    if seconds.abs() <= MOST_SKEW_SECONDS {
        Ok("agrees with the server's".to_owned())
    } else {
        Err(format!("differs from the server's by {seconds} seconds: set it by NTP"))
    }
}
