//! The clock reminds people of what is due: once before the due date, once at the due date, and once the managers of the project after it.
//! An event tells of each reminder, and messages follow from it. A server that was down records only the last reminder that is due.

use super::inbox::waiting;
use crate::change::{self, Subject};
use crate::{
    Caller, Error, OpContext,
    base::{error::Kind, find, server::Server},
};
use domain::{StepName, Timestamp, VersionId, due, due::DueStage, event::Event};
use std::{collections::HashSet, sync::Arc};
use store::Reminder;

/// How many reminders one run records, so that a long list keeps nobody from writing.
const AT_ONCE: usize = 100;

/// Records the reminders that are due; gives how many, and whether there may be more.
///
/// # Errors
/// When the database does not answer. What was recorded before stays recorded.
pub async fn remind(server: &Arc<Server>) -> Result<(usize, bool), Error> {
    let op = OpContext::new(Arc::clone(server), Caller::Clock, "remind");
    let rounds = waiting::rounds(&op).await?;
    let known: HashSet<_> = op.read().await?.reminders().await?.into_iter().map(|known| key(&known)).collect();
    let mut due = Vec::new();
    for (version, round) in rounds.all() {
        let Some((since, end)) = round.due else { continue };
        let Some(stage) = due::stage(since, end, op.now) else { continue };
        if !known.contains(&(version, round.step.clone(), end, stage.as_str().to_owned())) {
            due.push((version, round.step.clone()));
        }
    }
    let more = due.len() > AT_ONCE;
    let mut reminded = 0;
    for (version, step) in due.into_iter().take(AT_ONCE) {
        match remind_of(&op, version, &step).await {
            Ok(done) => reminded += usize::from(done),
            Err(error) if error.kind() == Kind::Internal => {
                tracing::error!(%version, %step, %error, cause = ?error.source, "nobody could be reminded of a review");
            }
            Err(error) => return Err(error),
        }
    }
    Ok((reminded, more && reminded > 0))
}

fn key(reminder: &Reminder) -> (VersionId, StepName, Timestamp, String) {
    (reminder.version_id, reminder.step.clone(), reminder.due, reminder.stage.clone())
}

/// Records the reminder of a round, unless another server, or an answer, was faster.
async fn remind_of(op: &OpContext, version: VersionId, step: &StepName) -> Result<bool, Error> {
    let (ref op, mut tx) = op.write().await?;
    let Some(mut found) = find::known_version(&mut tx, version).await?.with_sign_off_on(step) else { return Ok(false) };
    let signoff = found.signoff();
    let (Some(review), Some(end)) = (signoff.review(), due::of(signoff, &found.project.rules.0)) else { return Ok(false) };
    let Some(stage): Option<DueStage> = due::stage(review.since, end, op.now) else { return Ok(false) };
    let (round, status) = (signoff.round, signoff.status());
    let reminder = Reminder { version_id: version, step: step.clone(), round, due: end, stage: stage.as_str().to_owned() };
    if found.version.retired.is_some() || tx.was_reminded(&reminder).await? {
        return Ok(false);
    }
    tx.keep_reminder(&reminder).await?;
    let event = Event::Reminded { step: step.clone(), round, status, stage, due: end };
    change::record(op, &mut tx, Subject::Version(&mut found), event).await?;
    tx.commit().await?;
    Ok(true)
}
