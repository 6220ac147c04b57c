//! The clock hands tasks of people who are away to those who stand in for them.

use super::{by_clock, waiting_rounds};
use crate::{
    Caller, Error, OpContext,
    base::{error::Kind, server::Server},
};
use domain::{StepName, UserId, VersionId, turn::Expected};
use std::{collections::HashMap, sync::Arc};

/// How many people are looked at who told of an absence.
const MOST_PEOPLE: u32 = 10_000;

/// How many tasks one run hands on, so that a long list keeps nobody from writing.
const AT_ONCE: usize = 100;

/// Hands on what waits for nobody but people who are away; gives how many tasks, and whether there may be more.
///
/// # Errors
/// When the database does not answer. What was handed on before stays so. A task that cannot be handed on for a reason of its own is
/// logged, and does not keep the others waiting.
pub async fn hand_to_stand_ins(server: &Arc<Server>) -> Result<(usize, bool), Error> {
    let op = OpContext::new(Arc::clone(server), Caller::Clock, "stand-in");
    let people = op.read().await?.people_with_absence(MOST_PEOPLE).await?;
    let absences = people.iter().filter_map(|user| Some((user.id, &user.absence.as_ref()?.0)));
    let absences = absences.filter(|(_, absence)| absence.holds(op.now));
    let away: HashMap<_, _> = absences.map(|(user, absence)| (user, absence.stand_in.is_some())).collect();
    if !away.values().any(|stands_in| *stands_in) {
        return Ok((0, false));
    }
    let waiting = waiting(&op, &away).await?;
    let mut handed = 0;
    for (version, step) in &waiting {
        if handed >= AT_ONCE {
            return Ok((handed, true));
        }
        match hand_on(&op, *version, step).await {
            Ok(tasks) => handed += tasks,
            Err(error) if error.kind() == Kind::Internal => {
                tracing::error!(%version, %step, %error, cause = ?error.source, "a task could not be handed to a stand-in");
            }
            Err(error) => return Err(error),
        }
    }
    Ok((handed, false))
}

/// The rounds with a task that only people who are away can do, where somebody stands in for one of them.
async fn waiting(op: &OpContext, away: &HashMap<UserId, bool>) -> Result<Vec<(VersionId, StepName)>, Error> {
    let rounds = waiting_rounds(op).await?;
    let in_vain = rounds.all().filter(|(_, round)| {
        round.turns.iter().any(|turn| {
            let is_a_task = matches!(turn.expected, Expected::GiveFeedback | Expected::Decide);
            let only_they = turn.people.iter().all(|user| away.contains_key(user));
            is_a_task && only_they && turn.people.iter().any(|user| away.get(user) == Some(&true))
        })
    });
    Ok(in_vain.map(|(version, round)| (version, round.step.clone())).collect())
}

/// Hands on the tasks of one round; gives how many.
async fn hand_on(op: &OpContext, version: VersionId, step: &StepName) -> Result<usize, Error> {
    let mut handed = 0;
    while by_clock::carry_out(op, version, step, |signoff, facts| signoff.stand_ins(facts).into_iter().next()).await? {
        handed += 1;
    }
    Ok(handed)
}
