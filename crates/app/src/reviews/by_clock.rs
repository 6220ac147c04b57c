//! What the clock does about a sign-off by the rules of the project, where there is something to do now.

use crate::{
    Error, OpContext,
    base::{
        find,
        governed_version::GovernedVersion,
        version_people::{self, VersionPeople},
    },
    change,
};
use domain::{
    StepName, VersionId,
    signoff::{SignOff, SignOffFacts, Transition},
};
use store::Reader;

/// What is to be done about a sign-off now, if anything.
pub(super) type Rule = fn(&SignOff, &SignOffFacts<'_>) -> Option<Transition>;

/// Does what the rule says about a version's sign-off on a step, unless another server, or a person, was faster; gives whether it did.
///
/// # Errors
/// When the database does not answer, or a row cannot be read.
pub(super) async fn carry_out(op: &OpContext, version: VersionId, step: &StepName, rule: Rule) -> Result<bool, Error> {
    // Often there is nothing to do: that needs no writer.
    if due_now(op, &mut op.read().await?, version, step, rule).await?.is_none() {
        return Ok(false);
    }
    let (ref op, mut tx) = op.write().await?;
    let Some((mut found, people, transition)) = due_now(op, &mut tx, version, step, rule).await? else { return Ok(false) };
    change::transition(op, &mut tx, &mut found, Some(&people), transition, None).await?;
    tx.commit().await?;
    Ok(true)
}

/// What is to be done now, with what it rests on.
async fn due_now(
    op: &OpContext,
    reader: &mut Reader,
    version: VersionId,
    step: &StepName,
    rule: Rule,
) -> Result<Option<(GovernedVersion, VersionPeople, Transition)>, Error> {
    let Some(found) = find::known_version(reader, version).await?.with_sign_off_on(step) else { return Ok(None) };
    let people = version_people::load(op, reader, &found, &[]).await?;
    let transition = rule(found.signoff(), &people.facts(op, &found));
    Ok(transition.map(|transition| (found, people, transition)))
}
