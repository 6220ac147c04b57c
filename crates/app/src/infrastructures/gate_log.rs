//! What the gate of an infrastructure answered to deployers, as the record keeps it.

use crate::{
    Error, OpContext,
    base::find,
    infrastructures::actor,
    views::{GateLogEntry, List, Outcome},
};
use domain::{
    Name,
    access::{Action, Scope},
    deployment::RevisionKind,
    event::{Event, RecordedShare},
    gate::{Answer, Lack, Verdict},
    infrastructure::Policy,
};
use store::LoggedEvent;

const KINDS: [&str; 3] = ["deployment.revised", "deployment.refused", "gate.acknowledged"];

/// The answers of the gate before a position of the record, the last one first. Renewed permits are left out: nobody asked.
///
/// # Errors
/// No such infrastructure; no role on it.
pub async fn list(op: &OpContext, name: &Name, before: Option<u64>, limit: u32) -> Result<List<GateLogEntry>, Error> {
    op.needs(Scope::Read)?;
    let mut reader = op.read().await?;
    let infrastructure = find::infrastructure(op, &mut reader, name, Action::ReadDeployments).await?;
    let limit = if limit == 0 { 50 } else { limit.min(200) };
    let events = reader.last_events_on(infrastructure.id, KINDS, before.unwrap_or(u64::MAX), limit + 1).await?;
    Ok(List::page(events.into_iter().filter_map(entry).collect(), limit, |entry| entry.position.to_string()))
}

fn entry(logged: LoggedEvent) -> Option<GateLogEntry> {
    let (by, account) = actor::named(logged.actor);
    let at = GateLogEntry {
        position: logged.position,
        at: logged.at,
        by,
        account,
        outcome: Outcome::Stopped,
        service: None,
        revision: None,
        versions: Vec::new(),
        missing: Vec::new(),
        policy: None,
        reason: None,
        request: logged.request,
    };
    let with = |answer: &Answer, reason: Option<String>| GateLogEntry {
        outcome: outcome(answer, reason.is_some()),
        missing: missing(answer),
        policy: Some(answer.policy),
        reason,
        ..at.clone()
    };
    let names = |shares: Vec<RecordedShare>| shares.into_iter().map(|share| share.version.to_string()).collect();
    Some(match logged.event {
        Event::DeploymentRevised { service, revision, kind: RevisionKind::Stop, .. } => {
            GateLogEntry { service: Some(service), revision: Some(revision), ..at }
        }
        Event::DeploymentRevised { service, revision, shares, answer, acknowledgement, .. } => GateLogEntry {
            service: Some(service),
            revision: Some(revision),
            versions: names(shares),
            ..with(&answer?, acknowledgement)
        },
        Event::DeploymentRefused { service, shares, answer } => {
            GateLogEntry { service: Some(service), versions: names(shares), ..with(&answer, None) }
        }
        Event::GateAcknowledged { version, model_digest, answer, reason, .. } => {
            let name = version.map_or_else(|| format!("sha256:{model_digest}"), |version| version.to_string());
            GateLogEntry { versions: vec![name], ..with(&answer, Some(reason)) }
        }
        _ => return None,
    })
}

fn outcome(answer: &Answer, acknowledged: bool) -> Outcome {
    match answer.verdict {
        Verdict::Deny => Outcome::Denied,
        Verdict::Warn if acknowledged => Outcome::Acknowledged,
        Verdict::Warn => Outcome::Warned,
        Verdict::Allow if answer.policy == Policy::Allow && !missing(answer).is_empty() => Outcome::AllowedUnapproved,
        Verdict::Allow => Outcome::Allowed,
    }
}

/// What was missing. That the same bytes were rejected elsewhere is a remark on a version that was asked about by name.
fn missing(answer: &Answer) -> Vec<String> {
    let lacks = |lack| !matches!(lack, Lack::SameBytesRejected | Lack::SameBytesRevoked);
    let of_one = answer.reasons.iter().filter(|reason| lacks(reason.lack)).count() == 1;
    let words = |reason: &domain::gate::Reason| match of_one {
        true => reason.missing.clone(),
        false => format!("{}: {}", reason.version, reason.missing),
    };
    answer.reasons.iter().filter(|reason| lacks(reason.lack)).map(words).collect()
}
