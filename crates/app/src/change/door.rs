//! The one door for change: records an event together with all that follows from the event, in the transaction of the change.
//!
//! Rows, statement, steps, lapses and event commit together, or none of them. `clippy.toml` forbids every other way to record.

use super::{
    consequences::{Consequences, consequences},
    lapses::lapses,
    permits,
    statements::{Preparation, revoked_approval},
    subject::Subject,
};
use crate::{
    Error, OpContext,
    base::{governed_version::GovernedVersion, signed_checkpoint::examine, version_people::VersionPeople},
    views::LapsedService,
};
use domain::{
    event::Event,
    signoff::{SignOff, Transition},
    workflow::{Trigger, Workflow},
};
use store::{About, Json, Reader, Round, User, Writer};

/// Records an event and what follows from the event. The rows that changed since the last event belong to this one.
///
/// # Errors
/// When the database does not answer. A final decision is recorded by [`transition`] alone, since the decision needs its statement.
pub(crate) async fn record(op: &OpContext, tx: &mut Writer, mut subject: Subject<'_>, event: Event) -> Result<(), Error> {
    let Consequences { statement, step, back_to, lapse } = consequences(&event, &subject);
    if statement.is_some() || back_to.is_some() || lapse {
        let message = format!("{} needs the sign-off that it belongs to, and cannot be recorded on its own", event.kind());
        return Err(Error::internal(message));
    }
    let about = subject.about();
    if let (Some(step), Some(version)) = (step, subject.version()) {
        advance(op, tx, version, step).await?;
    }
    write(tx, event, about);
    Ok(())
}

/// Saves what a command or the clock made of a sign-off, and records the event and what follows from the event. Gives the services
/// that go out of policy with it. `prepared` is the
/// decision as a person signed it; where only the server signs, the decision is prepared here.
///
/// # Errors
/// When the database does not answer; a prepared decision that no longer says what the command leads to.
pub(crate) async fn transition(
    op: &OpContext,
    tx: &mut Writer,
    version: &mut GovernedVersion,
    people: Option<&VersionPeople>,
    transition: Transition,
    prepared: Option<&Preparation>,
) -> Result<Vec<LapsedService>, Error> {
    let Consequences { statement, step, back_to, lapse } = consequences(&transition.event, &Subject::Version(version));
    // Also where no approval was in force any more: a service that an approval brings back gets a permit that rests on that approval.
    let approved = matches!(transition.event, Event::Approved { .. });
    if let Some(decision) = statement {
        examine(op, tx).await?;
        let people = people.ok_or_else(|| Error::internal("a decision without people cannot be signed"))?;
        let revokes = revoked_approval(op, tx, version, &transition, decision).await?;
        let prepared = match prepared {
            Some(prepared) => {
                prepared.check(op, version, people, &transition, decision, revokes)?;
                prepared.clone()
            }
            None => Preparation::of(op, version, people, &transition, decision, revokes)?,
        };
        tx.insert(&prepared.sign(op, version, &transition, decision, &op.keys.signing)).await?;
        mark_as_signer(op, tx).await?;
    }
    // What rests on a retired version is out of policy already.
    let lapse = lapse && version.version.retired.is_none();
    let event = transition.event.clone();
    let before = version.clone();
    take_in(op, version, transition);
    save(tx, &before, version).await?;
    if matches!(event, Event::VersionRetired { .. } | Event::VersionRestored { .. }) {
        tx.update(&version.version).await?;
    }
    if let Some(step) = step {
        advance(op, tx, version, step).await?;
    }
    if let Some(there) = back_to {
        let before = version.version.workflow.clone();
        version.version.workflow.0.go_back(&version.round.step, &there);
        save_step(tx, version, &before).await?;
    }
    write(tx, event, version.about());
    let mut services = Vec::new();
    if lapse {
        for (infrastructure, lapsed) in lapses(op, tx, version).await? {
            let about = About { infrastructure: Some(infrastructure), ..version.about() };
            let event = Event::DeploymentLapsed {
                infrastructure: lapsed.infrastructure.clone(),
                service: lapsed.service.clone(),
                version: version.name.clone(),
                standing: lapsed.standing,
            };
            record(op, tx, Subject::Ids(about), event).await?;
            services.push(lapsed);
        }
    }
    if approved {
        for (deployment, share) in permits::resting_on_approval(tx, version).await? {
            if let Some((event, about)) = permits::renew(op, tx, version, &deployment, share, true).await? {
                record(op, tx, Subject::Ids(about), event).await?;
            }
        }
    }
    Ok(services)
}

/// The version as a command would leave it, in a dry run; and the services that would go out of policy.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn try_out(
    op: &OpContext,
    reader: &mut Reader,
    version: &mut GovernedVersion,
    transition: Transition,
) -> Result<Vec<LapsedService>, Error> {
    let lapse = consequences(&transition.event, &Subject::Instance).lapse;
    take_in(op, version, transition);
    let found = if lapse { lapses(op, reader, version).await? } else { Vec::new() };
    Ok(found.into_iter().map(|(_, service)| service).collect())
}

/// Saves the rounds of a sign-off that changed.
async fn save(tx: &mut Writer, before: &GovernedVersion, version: &GovernedVersion) -> Result<(), Error> {
    for round in version.rounds_of(&version.round.step) {
        match before.rounds_of(&round.step).find(|before| before.number == round.number) {
            None => tx.insert(round).await?,
            Some(before) if before.revision != round.revision => tx.update(round).await?,
            Some(_) => {}
        }
    }
    Ok(())
}

/// Makes the version what the transition makes of it. The present round counts a change of the round beside it too: its tag is the tag of
/// the review, so that a decision on a renewal and a revocation of the approval that it renews are decisions on one state.
fn take_in(op: &OpContext, version: &mut GovernedVersion, Transition { signoff, event, .. }: Transition) {
    let (mut rounds, mut changed) = (Vec::new(), false);
    let mut parts: Vec<_> = signoff.rounds().map(SignOff::alone).collect();
    parts.reverse();
    for part in parts {
        let known = version.rounds_of(&signoff.step).find(|round| round.number == part.round);
        let is_present = part.round == signoff.round;
        rounds.push(match known {
            Some(round) if round.signoff.0.alone() == part && !(changed && is_present) && !is_retirement(&event) => round.clone(),
            Some(round) => {
                changed = true;
                Round::of(&part, round.revision + 1, op.now)
            }
            None => Round::of(&part, 1, op.now),
        });
    }
    version.set_rounds(rounds);
    match event {
        Event::VersionRetired { act } => version.version.retired = Some(Json(act)),
        Event::VersionRestored { .. } => version.version.retired = None,
        _ => {}
    }
}

/// Whether the version changed and not its round, which bears the tag all the same.
fn is_retirement(event: &Event) -> bool {
    matches!(event, Event::VersionRetired { .. } | Event::VersionRestored { .. })
}

/// Prepares the statement of the decision that a dry run led to, for a person to sign.
///
/// # Errors
/// A command that leads to no decision.
pub(crate) async fn prepare(
    op: &OpContext,
    reader: &mut Reader,
    version: &GovernedVersion,
    people: &VersionPeople,
    transition: &Transition,
) -> Result<Preparation, Error> {
    let decision = consequences(&transition.event, &Subject::Instance).statement;
    let decision = decision.ok_or_else(|| Error::internal("this command leads to no decision"))?;
    let revokes = revoked_approval(op, reader, version, transition, decision).await?;
    Preparation::of(op, version, people, transition, decision, revokes)
}

/// Takes note that the account has signed: from its first decision on, one administrator alone cannot give its password away.
async fn mark_as_signer(op: &OpContext, tx: &mut Writer) -> Result<(), Error> {
    match op.user() {
        // The account as it is under the lock.
        Ok(user) if user.signed_at.is_none() => Ok(tx.update(&User { signed_at: Some(op.now), ..user.clone() }).await?),
        _ => Ok(()),
    }
}

/// Moves a version to the step that follows.
async fn advance(op: &OpContext, tx: &mut Writer, version: &mut GovernedVersion, trigger: Trigger) -> Result<(), Error> {
    let before = version.version.workflow.clone();
    let in_force = version.signoffs().filter(|signoff| signoff.approval_in_force(op.now).is_some());
    let in_force: Vec<_> = in_force.map(|signoff| signoff.step.clone()).collect();
    version.version.workflow.0.advance(trigger, Some(&version.round.step), |step| in_force.contains(step));
    save_step(tx, version, &before).await
}

async fn save_step(tx: &mut Writer, version: &GovernedVersion, before: &Json<Workflow>) -> Result<(), Error> {
    if version.version.workflow != *before {
        tx.update(&version.version).await?;
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "this is the one door")]
fn write(tx: &mut Writer, event: Event, about: About) {
    tx.record(event, about);
}
