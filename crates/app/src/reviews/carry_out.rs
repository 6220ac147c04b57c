//! Carrying out a command: loads the sign-off, asks the domain, records what came of the command, and commits, in one transaction.

use crate::{
    Error, OpContext,
    base::{error::Code, find, governed_version::GovernedVersion, presence, tag, version_people::VersionPeople},
    change::{self, Preparation},
    reviews,
    views::{self, Done},
};
use domain::{
    SignOffRef, UserId,
    access::Action,
    event::Actor,
    signoff::{Command, CommandName, Outcome, Transition},
};
use store::Reader;

/// Carries out a command on a version's sign-off. `named` are those whom the command names.
///
/// # Errors
/// A refusal; a view that is out of date.
pub(crate) async fn carry_out(
    op: &OpContext,
    name: &SignOffRef,
    command: Command,
    expected: Option<&str>,
    named: &[UserId],
) -> Result<Done<views::Review>, Error> {
    let (ref op, mut tx) = op.write().await?;
    let (mut version, people) = find::sign_off_with_people(op, &mut tx, name, Action::ReadProject, named).await?;
    let (verb, needed) = (command.verb(), needs_person(op, &version, &people, command.name()));
    let Some(transition) = judge(op, &mut tx, &version, &people, command, expected).await? else {
        return Ok(Done { already_done: true, result: reviews::view::review(op, &version, &version.round, &people) });
    };
    check_presence(op, needed, verb)?;
    let services = change::transition(op, &mut tx, &mut version, Some(&people), transition, None).await?;
    tx.commit().await?;
    let result = views::Review { services, ..reviews::view::review(op, &version, &version.round, &people) };
    Ok(Done { already_done: false, result })
}

/// What a command would lead to. Nothing changes.
///
/// # Errors
/// As [`carry_out`].
pub(crate) async fn dry_run(
    op: &OpContext,
    name: &SignOffRef,
    command: Command,
    expected: Option<&str>,
) -> Result<Done<views::Review>, Error> {
    let mut reader = op.read().await?;
    let (mut version, people) = find::sign_off_with_people(op, &mut reader, name, Action::ReadProject, &[]).await?;
    let Some(transition) = judge(op, &mut reader, &version, &people, command, expected).await? else {
        return Ok(Done { already_done: true, result: reviews::view::review(op, &version, &version.round, &people) });
    };
    let services = change::try_out(op, &mut reader, &mut version, transition).await?;
    let result = views::Review { services, ..reviews::view::review(op, &version, &version.round, &people) };
    Ok(Done { already_done: false, result })
}

/// Prepares a final decision for the signature of a person: the payload that the command leads to, from a dry run. Nothing changes.
///
/// # Errors
/// As [`carry_out`]; a command that is done already.
pub(crate) async fn prepare(
    op: &OpContext,
    name: &SignOffRef,
    command: Command,
    expected: Option<&str>,
) -> Result<Preparation, Error> {
    let mut reader = op.read().await?;
    let (version, people) = find::sign_off_with_people(op, &mut reader, name, Action::ReadProject, &[]).await?;
    let transition = judge(op, &mut reader, &version, &people, command, expected).await?;
    let transition = transition.ok_or_else(|| Error::new(Code::AlreadyDone, "this was decided already, by you"))?;
    change::prepare(op, &mut reader, &version, &people, &transition).await
}

/// Carries out a decision that was prepared. The command is judged twice under the lock: as of now, so that nobody decides who may
/// no longer decide; and as of the moment at which the decision was prepared, so that exactly the prepared bytes are signed and kept.
///
/// # Errors
/// As [`carry_out`]; a decision that was prepared too long ago, or that the command no longer leads to.
pub(crate) async fn commit(
    op: &OpContext,
    name: &SignOffRef,
    command: Command,
    expected: Option<&str>,
    prepared: &Preparation,
) -> Result<Done<views::Review>, Error> {
    let (ref op, mut tx) = op.write().await?;
    let (mut version, people) = find::sign_off_with_people(op, &mut tx, name, Action::ReadProject, &[]).await?;
    if judge(op, &mut tx, &version, &people, command.clone(), expected).await?.is_none() {
        return Ok(Done { already_done: true, result: reviews::view::review(op, &version, &version.round, &people) });
    }
    check_presence(op, needs_person(op, &version, &people, command.name()), command.verb())?;
    prepared.check_time(op.now)?;
    let then = &OpContext { now: prepared.decided_at, ..op.clone() };
    let transition = judge(then, &mut tx, &version, &people, command, expected).await?;
    let transition = transition.ok_or_else(|| Error::stale("the prepared decision was made already"))?;
    change::transition(op, &mut tx, &mut version, Some(&people), transition, Some(prepared)).await?;
    tx.commit().await?;
    Ok(Done { already_done: false, result: reviews::view::review(op, &version, &version.round, &people) })
}

/// Whether the command needs a person with a fresh sign-in.
fn needs_person(op: &OpContext, version: &GovernedVersion, people: &VersionPeople, command: CommandName) -> bool {
    version.signoff().needs_fresh_session(command, people.facts(op, version).approved_elsewhere)
}

/// Checks that the person who gives a command is there now, where the command needs that. Asked last: only somebody who may give the
/// command is asked for a password.
fn check_presence(op: &OpContext, needed: bool, verb: &str) -> Result<(), Error> {
    if needed { presence::check(op, verb) } else { Ok(()) }
}

/// What a command leads to at the moment of `op`; none where the very same was done before.
async fn judge(
    op: &OpContext,
    reader: &mut Reader,
    version: &GovernedVersion,
    people: &VersionPeople,
    command: Command,
    expected: Option<&str>,
) -> Result<Option<Transition>, Error> {
    let verb = command.verb();
    let outcome = version.signoff().clone().apply(command, &people.facts(op, version));
    let stale = tag::is_stale(expected, &(&version.round).into());
    match outcome {
        // The very same again is no conflict, even from a view that is out of date because of it.
        Ok(Outcome::AlreadyDone(_)) => Ok(None),
        _ if stale => Err(stale_view(op, reader, version, verb).await?),
        Err(refusal) => Err(Error::refused(refusal, op.settings.links.version_page(&version.name))),
        Ok(Outcome::Changed(transition)) => Ok(Some(*transition)),
    }
}

/// The conflict of a command on a view that is out of date. The conflict says what changed last and who changed it.
async fn stale_view(op: &OpContext, reader: &mut Reader, found: &GovernedVersion, verb: &str) -> Result<Error, Error> {
    let link = op.settings.links.version_page(&found.name);
    let last = last_change(reader, found).await?;
    let message = match last {
        Some(change) => format!("cannot {verb}: the review has changed since you looked ({change})"),
        None => format!("cannot {verb}: the review has changed since you looked"),
    };
    let details =
        crate::error::Details { status: Some(found.signoff().status().to_string()), link: Some(link), ..Default::default() };
    Ok(Error { details: Some(Box::new(details)), ..Error::stale(message) })
}

/// The last change of a review in words: "review approved by Approver at …".
pub(crate) async fn last_change(reader: &mut Reader, found: &GovernedVersion) -> Result<Option<String>, Error> {
    let Some(event) = reader.last_event_of(found.version.id).await? else {
        return Ok(None);
    };
    let by = match event.actor {
        Actor::User { display_name: Some(name), .. } => name.to_string(),
        Actor::User { id, name, .. } => {
            reader.user(id).await?.map_or_else(|| name.to_string(), |user| user.display_name.to_string())
        }
        Actor::Clock => "the clock".to_owned(),
        Actor::Console => "the server's console".to_owned(),
    };
    Ok(Some(format!("{} by {by} at {}", event.event.kind().replace(['.', '_'], " "), event.at)))
}
