//! What is in service on an infrastructure, for the nodes that serve it: as it is now, or as soon as it changes.
//!
//! Whoever waits holds nothing of the database: it asks for the size of the log, which is shared with whoever else asks at that
//! moment, and reads only when the log has grown or the clock has ended something.

use crate::{
    Caller, Error, OpContext,
    error::Kind,
    find::{self, Found},
    governance, lapse,
    views::{PreviousShare, ServedService, ServedShare, Serving},
};
use domain::{
    Name, Timestamp,
    access::{Action, Scope},
    deployment::RevisionKind,
    signoff::State,
};
use std::{sync::LazyLock, time::Duration};
use store::{Deployment, Infrastructure, Reader};
use tokio::time::{Instant, sleep_until};

/// How often the log is asked for its size while somebody waits.
const PAUSE: Duration = Duration::from_millis(100);
/// How many revisions back a node may still be that was not ready for the newer ones.
const REVISIONS_BACK: u32 = 5;
/// How many deployments are read at once.
const AT_ONCE: u32 = 200;

/// What was read, and until when the clock alone changes nothing of it.
struct Seen {
    serving: Serving,
    until: Option<Timestamp>,
}

/// What is in service, at once where its tag is not `after`; otherwise as soon as it is another one, or when `wait` is over, or
/// `stopping` is ready.
///
/// # Errors
/// No such infrastructure; not one of its nodes, or no longer one; a token that ended meanwhile.
pub async fn follow(
    op: &OpContext,
    infrastructure: &Name,
    after: Option<&str>,
    wait: Duration,
    stopping: impl Future<Output = ()>,
) -> Result<Serving, Error> {
    op.needs(Scope::Node)?;
    let end = Instant::now() + wait;
    let mut stopping = std::pin::pin!(stopping);
    let mut op = op.clone();
    // As it was when the caller was looked up: what changed about them since then is looked at as well.
    let mut size = match op.seen {
        Some(size) => size,
        None => op.memory.log_size(&op.store).await?,
    };
    let mut state = load(&op, infrastructure).await?;
    while after == Some(state.serving.tag.as_str()) && Instant::now() < end {
        tokio::select! {
            () = &mut stopping => break,
            () = sleep_until(next_turn().min(end)) => {}
        }
        op.now = op.clock.now();
        let grown = op.memory.log_size(&op.store).await?;
        if grown != size || state.until.is_some_and(|until| until <= op.now) {
            still_holds(&op).await?;
            state = load(&op, infrastructure).await?;
            size = grown;
        }
    }
    // Not the present: what was seen was so at the moment before it was looked at.
    state.serving.at = op.now;
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
    Err(Error::new(Kind::Unauthenticated, "token_revoked", "this token ended while you waited")
        .hint("Use another token: countersign token create --service NAME --scope node."))
}

async fn load(op: &OpContext, infrastructure: &Name) -> Result<Seen, Error> {
    let mut reader = op.read().await?;
    let infrastructure = find::infrastructure(op, &mut reader, infrastructure, Action::FollowServing).await?;
    let mut services = Vec::new();
    let mut until: Option<Timestamp> = None;
    loop {
        let last = services.last().map_or_else(String::new, |last: &ServedService| last.service.to_string());
        let page = reader.deployments(infrastructure.id, &last, AT_ONCE).await?;
        let more = page.len() == AT_ONCE as usize;
        for deployment in page {
            let (service, ends) = service(op, &mut reader, &infrastructure, deployment).await?;
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
    };
    // Everything but the moment, which is filled in last.
    serving.tag = proof::Sha256::of(&serde_json::to_vec(&serving).map_err(Error::internal)?).hex();
    Ok(Seen { serving, until })
}

/// A service with its revision in force; and when the first approval of its versions ends.
async fn service(
    op: &OpContext,
    reader: &mut Reader,
    infrastructure: &Infrastructure,
    deployment: Deployment,
) -> Result<(ServedService, Option<Timestamp>), Error> {
    let broken = |what: &str| Error::internal(std::io::Error::other(format!("deployment {} has no {what}", deployment.id)));
    let model = reader.model(deployment.model_id).await?.ok_or_else(|| broken("model"))?;
    let project = reader.project(model.project_id).await?.ok_or_else(|| broken("project"))?;
    let revision = reader.revision(deployment.id, deployment.current_revision).await?.ok_or_else(|| broken("revision"))?;
    let mut until: Option<Timestamp> = None;
    let mut shares = Vec::new();
    for share in reader.shares(deployment.id, revision.number).await? {
        let version = reader.version(share.version_id).await?.ok_or_else(|| broken("version"))?;
        let found = find::belongings(reader, version).await?;
        let (standing, reason) = lapse::standing(op, reader, &found, share.basis, infrastructure).await?;
        let permit = reader.statement(share.permit_id).await?.ok_or_else(|| broken("permit"))?;
        until = until.into_iter().chain(end(op, &found)).min();
        shares.push(ServedShare {
            version: found.name,
            weight: share.weight,
            model_digest: share.model_digest,
            basis: share.basis,
            standing,
            reason,
            permit: governance::statement_view(&permit)?,
        });
    }
    let (previous, ends) = previous(op, reader, infrastructure, &deployment).await?;
    let service = ServedService {
        model: format!("{}/{}", project.name, model.name),
        revision: revision.number,
        stopped: revision.kind == RevisionKind::Stop,
        shares,
        previous,
        service: deployment.service,
    };
    Ok((service, until.into_iter().chain(ends).min()))
}

/// When the approval of a version ends, where that is still to come.
fn end(op: &OpContext, found: &Found) -> Option<Timestamp> {
    match &found.signoff().state {
        State::Approved { approval, .. } => approval.not_after.filter(|end| op.now < *end),
        _ => None,
    }
}

/// The versions of the last revisions before the one in force, and whether each may go on; and when the first of their approvals
/// ends. A stop ends what was before it.
async fn previous(
    op: &OpContext,
    reader: &mut Reader,
    infrastructure: &Infrastructure,
    deployment: &Deployment,
) -> Result<(Vec<PreviousShare>, Option<Timestamp>), Error> {
    let mut previous: Vec<PreviousShare> = Vec::new();
    let mut until: Option<Timestamp> = None;
    let present = deployment.current_revision;
    for number in (present.saturating_sub(REVISIONS_BACK).max(1)..present).rev() {
        let shares = reader.shares(deployment.id, number).await?;
        if shares.is_empty() {
            break;
        }
        for share in shares {
            let version = reader.version(share.version_id).await?.ok_or_else(|| Error::not_found("version", share.version_id))?;
            let found = find::belongings(reader, version).await?;
            if previous.iter().all(|known| known.version != found.name) {
                let (standing, reason) = lapse::standing(op, reader, &found, share.basis, infrastructure).await?;
                until = until.into_iter().chain(end(op, &found)).min();
                previous.push(PreviousShare { version: found.name, standing, reason });
            }
        }
    }
    Ok((previous, until))
}
