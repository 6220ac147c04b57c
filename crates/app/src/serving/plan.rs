//! The plan for the nodes of an infrastructure: what is in service, at once or when it changes.
//!
//! A waiting request holds no connection to the database. It asks for the size of the log, a question that all waiting requests
//! share, and reads only when the log has grown or the clock has ended something.

use crate::{
    Caller, Error, OpContext,
    base::{
        error::Code,
        find,
        governed_version::{self, GovernedVersion, VersionShare},
        signed_decisions::SignedDecisions,
    },
    change::statements,
    deployments::lapse,
    serving::log::{self, KnownLog},
    views::{PreviousShare, ServedService, ServedShare, Serving},
};
use domain::{
    Name, NextStep, Timestamp,
    access::{Action, Scope},
    deployment::RevisionKind,
};
use std::{collections::HashMap, sync::LazyLock, time::Duration};
use store::{Infrastructure, Reader, Revision, WholeDeployment};
use tokio::time::{Instant, sleep_until};

/// How often the log is asked for its size while somebody waits.
const PAUSE: Duration = Duration::from_millis(100);

/// How many revisions back a node may still be that was not ready for the newer ones.
const REVISIONS_BACK: u32 = 5;

/// How many deployments are read at once.
const AT_ONCE: u32 = 200;

/// What the weights of a revision add up to, in percent.
const WHOLE: u32 = 100;

/// What was read, and until when the clock alone changes nothing of it.
struct Seen {
    serving: Serving,
    until: Option<Timestamp>,
}

/// What is in service, at once where its tag is not `after`; otherwise as soon as it is another one, or when `wait` is over, or
/// `stopping` is ready.
///
/// # Errors
/// No such infrastructure; not one of its nodes, or no longer one; a token that ended meanwhile; a log that does not continue what was
/// signed.
pub async fn follow(
    op: &OpContext,
    infrastructure: &Name,
    after: Option<&str>,
    known: &KnownLog,
    wait: Duration,
    stopping: impl Future<Output = ()>,
) -> Result<Serving, Error> {
    op.needs(Scope::Node)?;
    let end = Instant::now() + wait;
    let mut stopping = std::pin::pin!(stopping);
    let mut op = op.clone();
    // As it was when the caller was looked up: what changed about them since then is looked at as well.
    let mut size = op.log_size().await?;
    let mut state = load(&op, infrastructure).await?;
    while after == Some(state.serving.tag.as_str()) && Instant::now() < end {
        tokio::select! {
            () = &mut stopping => break,
            () = sleep_until(next_turn().min(end)) => {}
        }
        let grown = op.cache.log_size(&op.store).await?;
        op.now = op.server.now();
        if grown != size || state.until.is_some_and(|until| until <= op.now) {
            still_holds(&op).await?;
            state = load(&op, infrastructure).await?;
            size = grown;
        }
    }
    // Not the present: what was seen was so at the moment before it was looked at.
    state.serving.at = op.now;
    state.serving.log = log::shown(&op, known).await?;
    Ok(state.serving)
}

/// The next moment at which all who wait ask together, so that one question is enough for them.
fn next_turn() -> Instant {
    static BEGINNING: LazyLock<Instant> = LazyLock::new(Instant::now);
    let past = BEGINNING.elapsed().as_millis() / PAUSE.as_millis();
    *BEGINNING + PAUSE * u32::try_from(past + 1).unwrap_or(u32::MAX)
}

/// A token that ended while its holder waited is of no more use.
async fn still_holds(op: &OpContext) -> Result<(), Error> {
    let Caller::User { user, token, .. } = &op.caller else {
        return Ok(());
    };
    let mut reader = op.read().await?;
    let holds = reader.token(*token).await?.is_some_and(|token| token.revoked_at.is_none() && op.now < token.expires_at);
    let open = reader.user(user.id).await?.is_some_and(|user| user.active);
    if holds && open {
        return Ok(());
    }
    Err(Error::new(Code::TokenRevoked, "this token ended while you waited")
        .next(NextStep::UseTokenWithScope { scope: Scope::Node }))
}

async fn load(op: &OpContext, infrastructure: &Name) -> Result<Seen, Error> {
    let mut reader = op.read().await?;
    let infrastructure = find::infrastructure(op, &mut reader, infrastructure, Action::FollowServing).await?;
    let mut services = Vec::new();
    let mut until: Option<Timestamp> = None;
    loop {
        let last = services.last().map_or_else(String::new, |last: &ServedService| last.service.to_string());
        let page = reader.whole_deployments(infrastructure.id, &last, AT_ONCE).await?;
        let more = page.len() == AT_ONCE as usize;
        let mut shares: HashMap<_, Vec<_>> = HashMap::new();
        let rows = reader.last_shares(page.iter().map(|(deployment, ..)| deployment.id), REVISIONS_BACK).await?;
        for share in governed_version::shares(rows) {
            shares.entry(share.0.deployment_id).or_default().push(share);
        }
        let served = shares.values().flatten().map(|(share, ..): &VersionShare| share.version_id);
        let decisions = SignedDecisions::of(op, &mut reader, served).await?;
        for deployment in page {
            let shares = shares.remove(&deployment.0.id).unwrap_or_default();
            let (service, ends) = service(op, &mut reader, &infrastructure, &decisions, deployment, shares).await?;
            until = until.into_iter().chain(ends).min();
            services.push(service);
        }
        if !more {
            break;
        }
    }
    let mut serving = Serving {
        server: op.settings.server_name.clone(),
        infrastructure: infrastructure.name,
        at: Timestamp::from_micros(0),
        tag: String::new(),
        on_lapse: infrastructure.on_lapse,
        services,
        log: None,
    };
    // Everything but the moment and the log, which are filled in last.
    serving.tag = proof::Sha256::of(&serde_json::to_vec(&serving).map_err(Error::internal)?).hex();
    Ok(Seen { serving, until })
}

/// A service with its revision in force; and when the first approval of its versions ends. The shares are those of this revision
/// and of the last ones before it, the newest first.
async fn service(
    op: &OpContext,
    reader: &mut Reader,
    infrastructure: &Infrastructure,
    decisions: &SignedDecisions,
    (deployment, revision, model, project): WholeDeployment,
    shares: Vec<VersionShare>,
) -> Result<(ServedService, Option<Timestamp>), Error> {
    let (present, earlier): (Vec<_>, Vec<_>) = shares.into_iter().partition(|(share, ..)| share.revision == revision.number);
    let weights: u32 = present.iter().map(|(share, ..)| u32::from(share.weight)).sum();
    if revision.kind != RevisionKind::Stop && weights != WHOLE {
        let message = format!("deployment {} has lost a part of what it serves", deployment.id);
        return Err(Error::internal(message));
    }
    let mut until: Option<Timestamp> = None;
    let mut served = Vec::new();
    for (share, permit, found) in present {
        let (standing, reason) = lapse::standing(op, reader, &found, decisions, share.basis, infrastructure).await?;
        until = until.into_iter().chain(end(op, &found)).min();
        served.push(ServedShare {
            version: found.name,
            weight: share.weight,
            model_digest: share.model_digest,
            basis: share.basis,
            standing,
            reason,
            permit: statements::view(&permit)?,
        });
    }
    let (previous, ends) = previous(op, reader, infrastructure, decisions, &revision, earlier).await?;
    let service = ServedService {
        model: format!("{}/{}", project.name, model.name),
        revision: revision.number,
        stopped: revision.kind == RevisionKind::Stop,
        shares: served,
        previous,
        service: deployment.service,
    };
    Ok((service, until.into_iter().chain(ends).min()))
}

/// When the first approval of a version ends, where that is still to come.
fn end(op: &OpContext, found: &GovernedVersion) -> Option<Timestamp> {
    found.signoffs().filter_map(|signoff| signoff.approval_in_force(op.now)?.not_after).min()
}

/// The versions of the last revisions before the one in force, and whether each may go on; and when the first of their approvals
/// ends. A stop ends what was before it.
async fn previous(
    op: &OpContext,
    reader: &mut Reader,
    infrastructure: &Infrastructure,
    decisions: &SignedDecisions,
    present: &Revision,
    earlier: Vec<VersionShare>,
) -> Result<(Vec<PreviousShare>, Option<Timestamp>), Error> {
    let mut previous: Vec<PreviousShare> = Vec::new();
    let mut until: Option<Timestamp> = None;
    let mut last = present.number;
    for (share, _, found) in earlier {
        // A revision without shares is a stop.
        if share.revision + 1 < last {
            break;
        }
        last = share.revision;
        if previous.iter().all(|known| known.version != found.name) {
            let (standing, reason) = lapse::standing(op, reader, &found, decisions, share.basis, infrastructure).await?;
            until = until.into_iter().chain(end(op, &found)).min();
            previous.push(PreviousShare { version: found.name, standing, reason });
        }
    }
    Ok((previous, until))
}
