//! The clock tells people that an approval ends, and which services end with it: once in time for a renewal, and once in the last days.

use crate::change::{self, Subject};
use crate::{
    Caller, Error, OpContext,
    base::{error::Kind, find, governed_version::GovernedVersion, server::Server},
};
use domain::{
    Duration, StepName, VersionId,
    deployment::needs_approval,
    due::{self, EARLY_DAYS, EndStage, LAST_DAYS},
    event::{EndingService, Event},
    infrastructure::OnLapse,
    signoff::State,
};
use std::{collections::HashSet, sync::Arc};
use store::{Reader, Reminder};

/// How many approvals are looked at in a run.
const MOST: u32 = 10_000;

/// How many events one run records, so that a long list keeps nobody from writing.
const AT_ONCE: usize = 100;

/// Tells of approvals that end; gives of how many, and whether there may be more.
///
/// # Errors
/// When the database does not answer. What was recorded before stays recorded.
pub async fn tell_of_ends(server: &Arc<Server>) -> Result<(usize, bool), Error> {
    let op = OpContext::new(Arc::clone(server), Caller::Clock, "remind");
    let mut reader = op.read().await?;
    let ending = reader.due(op.now.plus(Duration::from_days(EARLY_DAYS)), MOST).await?;
    // After the last one there is nothing left to tell, and after the first one nothing until the last days.
    let told_enough = |known: &Reminder| {
        known.due > op.now
            && (known.stage == EndStage::Last.as_str()
                || known.stage == EndStage::Early.as_str() && op.now < known.due.minus(Duration::from_days(LAST_DAYS)))
    };
    let known = reader.reminders().await?.into_iter().filter(told_enough);
    let known: HashSet<_> = known.map(|known| (known.version_id, known.step)).collect();
    drop(reader);
    let mut told = 0;
    for (version, step) in ending {
        if known.contains(&(version, step.clone())) {
            continue;
        }
        match tell(&op, version, &step).await {
            Ok(done) => told += usize::from(done),
            Err(error) if error.kind() == Kind::Internal => {
                tracing::error!(%version, %step, %error, cause = ?error.source, "nobody could be told of the end of an approval");
            }
            Err(error) => return Err(error),
        }
        if told == AT_ONCE {
            return Ok((told, true));
        }
    }
    Ok((told, false))
}

/// The reminder and the event that are due for the approval in force; none where nobody is to be told now.
async fn due_now(op: &OpContext, reader: &mut Reader, found: &GovernedVersion) -> Result<Option<(Reminder, Event)>, Error> {
    // While a renewal is open, the approval in force is that of the round that it renews.
    let signoff = found.signoff();
    let approved = signoff.renewed().unwrap_or(signoff);
    let State::Approved { approval, .. } = &approved.state else { return Ok(None) };
    let Some(end) = approval.not_after else { return Ok(None) };
    let Some(stage) = due::end_stage(approval.act.at, end, op.now) else { return Ok(None) };
    // The people of an open renewal know already. In the last days everybody is told, because services may stop before the decision.
    if found.version.retired.is_some() || (stage == EndStage::Early && signoff.renewed().is_some()) {
        return Ok(None);
    }
    let (step, round) = (approved.step.clone(), approved.round);
    let stage_word = stage.as_str().to_owned();
    let reminder = Reminder { version_id: found.version.id, step: step.clone(), round, due: end, stage: stage_word };
    if reader.was_reminded(&reminder).await? {
        return Ok(None);
    }
    let mut services = Vec::new();
    for (deployment, share) in reader.serving(found.version.id).await? {
        let Some(infrastructure) = reader.infrastructure(deployment.infrastructure_id).await? else { continue };
        if needs_approval(share.basis, infrastructure.policy) {
            let stops = infrastructure.on_lapse == OnLapse::Disable;
            services.push(EndingService { infrastructure: infrastructure.name, service: deployment.service, stops });
        }
    }
    Ok(Some((reminder, Event::ApprovalEnding { step, round, stage, not_after: end, services })))
}

/// Records that an approval ends, unless somebody was told already.
async fn tell(op: &OpContext, version: VersionId, step: &StepName) -> Result<bool, Error> {
    let sign_off = async |reader: &mut Reader| Ok::<_, Error>(find::known_version(reader, version).await?.with_sign_off_on(step));
    let mut reader = op.read().await?;
    // Most were told already: that needs no writer.
    match sign_off(&mut reader).await? {
        Some(found) if due_now(op, &mut reader, &found).await?.is_some() => drop(reader),
        _ => return Ok(false),
    }
    let (ref op, mut tx) = op.write().await?;
    let Some(mut found) = sign_off(&mut tx).await? else { return Ok(false) };
    let Some((reminder, event)) = due_now(op, &mut tx, &found).await? else { return Ok(false) };
    tx.keep_reminder(&reminder).await?;
    change::record(op, &mut tx, Subject::Version(&mut found), event).await?;
    tx.commit().await?;
    Ok(true)
}
