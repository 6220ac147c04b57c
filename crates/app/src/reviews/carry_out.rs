//! Carries out a command: loads the sign-off, asks the domain, saves, records and commits in one transaction.

use crate::{
    Error, OpContext,
    base::{find, governed_version::GovernedVersion, tag},
    change::statements,
    deployments::lapse,
    reviews,
    views::{self, Done},
};
use domain::{
    UserId, VersionRef,
    access::Action,
    event::{Actor, Event},
    signoff::{Command, Outcome, State, Status},
    workflow::Trigger,
};
use store::{Reader, Round, Writer};

/// Carries out a command on a version's sign-off. `named` are those whom the command names.
pub(crate) async fn carry_out(
    op: &OpContext,
    name: &VersionRef,
    command: Command,
    expected: Option<&str>,
    named: &[UserId],
) -> Result<Done<views::Review>, Error> {
    let verb = command.verb();
    let (ref op, mut tx) = op.write().await?;
    let (mut found, people) = find::version_with_people(op, &mut tx, name, Action::ReadProject, named).await?;
    let situation = people.situation(op, &found);
    let outcome = found.signoff().clone().apply(command, &situation);
    let stale = expected.is_some_and(|expected| expected != "*" && expected != tag::review(&found.round));
    let already_done = match outcome {
        // The very same again is no conflict, even from a view that is out of date because of it.
        Ok(Outcome::AlreadyDone(_)) => true,
        _ if stale => return Err(stale_view(op, &mut tx, &found, verb).await?),
        Err(refusal) => return Err(Error::refused(refusal, op.version_link(name))),
        Ok(Outcome::Changed(transition)) => {
            let lapsed = matches!(transition.event, Event::Revoked { .. } | Event::Reset { from: Status::Approved, .. });
            if let Some(decided) = decided(&transition.signoff.state)
                && matches!(transition.event, Event::Approved { .. } | Event::Rejected { .. } | Event::Revoked { .. })
                && let Some(review) = transition.signoff.review()
            {
                tx.insert(&statements::decision(op, &found, &people, review, &decided)?).await?;
            }
            save(op, &mut tx, &mut found, transition.signoff, trigger(&transition.event)).await?;
            tx.record(transition.event, found.about());
            if lapsed {
                lapse::tell(op, &mut tx, &found).await?;
            }
            false
        }
    };
    let result = reviews::view::review(op, &found, &found.round, &people);
    tx.commit().await?;
    Ok(Done { already_done, result })
}

/// Writes the new state of a sign-off: over its row, or as the row of the next round; and moves the version's steps.
pub(crate) async fn save(
    op: &OpContext,
    tx: &mut Writer,
    found: &mut GovernedVersion,
    signoff: domain::signoff::SignOff,
    trigger: Option<Trigger>,
) -> Result<(), Error> {
    if signoff.round == found.round.number {
        found.round = Round::of(&signoff, found.round.revision + 1, op.now);
        tx.update(&found.round).await?;
    } else {
        found.round = Round::of(&signoff, 1, op.now);
        tx.insert(&found.round).await?;
    }
    if let Some(trigger) = trigger {
        let before = found.version.workflow.clone();
        found.version.workflow.0.advance(trigger);
        if found.version.workflow != before {
            tx.update(&found.version).await?;
        }
    }
    Ok(())
}

/// The step that an event moves.
pub(crate) fn trigger(event: &Event) -> Option<Trigger> {
    match event {
        Event::ReviewRequested { .. } => Some(Trigger::ReviewRequested),
        Event::Approved { .. } => Some(Trigger::Approved),
        Event::Revoked { .. } | Event::Expired { .. } => Some(Trigger::Lapsed),
        Event::Reset { .. } => Some(Trigger::Reset),
        _ => None,
    }
}

fn decided(state: &State) -> Option<statements::Decided<'_>> {
    match state {
        State::Approved { approval, .. } => Some(statements::Decided::Approved(approval)),
        State::Rejected { rejection, .. } => Some(statements::Decided::Rejected(rejection)),
        State::Revoked { revocation, .. } => Some(statements::Decided::Revoked(revocation)),
        _ => None,
    }
}

/// The conflict of a command on a view that is out of date. The conflict says what changed last and who changed it.
async fn stale_view(op: &OpContext, tx: &mut Writer, found: &GovernedVersion, verb: &str) -> Result<Error, Error> {
    let link = op.version_link(&found.name);
    let last = last_change(tx, found).await?;
    let message = match last {
        Some(change) => format!("cannot {verb}: the review has changed since you looked; last, {change}"),
        None => format!("cannot {verb}: the review has changed since you looked"),
    };
    let details =
        crate::error::Details { status: Some(found.signoff().status().to_string()), link: Some(link), ..Default::default() };
    Ok(Error { details: Some(Box::new(details)), ..Error::stale(message) })
}

/// The last change of a review in words: "approved by Approver at …".
pub(crate) async fn last_change(reader: &mut Reader, found: &GovernedVersion) -> Result<Option<String>, Error> {
    let Some(event) = reader.last_event_of(found.version.id).await? else {
        return Ok(None);
    };
    let by = match event.actor {
        Actor::User { id, name, .. } => {
            reader.user(id).await?.map_or_else(|| name.to_string(), |user| user.display_name.to_string())
        }
        Actor::Clock => "the clock".to_owned(),
        Actor::Console => "the server's console".to_owned(),
    };
    Ok(Some(format!("{} by {by} at {}", event.event.kind(), event.at)))
}
