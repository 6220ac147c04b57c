//! When a person is away, and who stands in. Only the person says so: who stands in for an approver can approve.

use crate::change::{self, Subject};
use crate::{
    Error, OpContext,
    base::{error::Code, find, person},
    views::{Absence, OwnAbsence, SetAbsenceRequest},
};
use domain::{
    Duration, NextStep,
    absence::{self, LONGEST_ABSENCE_DAYS},
    access::Scope,
    event::Event,
    people::AccountKind,
};
use std::collections::BTreeSet;
use store::{Json, Reader, User};

/// When the caller is away.
///
/// # Errors
/// When nobody is signed in.
pub async fn show(op: &OpContext) -> Result<OwnAbsence, Error> {
    op.needs(Scope::Read)?;
    view(&mut op.read().await?, op.user()?).await
}

/// Says that the caller is away, in place of what the caller said before.
///
/// # Errors
/// A service account; a time that is over, has no length or is too long; a stand-in who is no reviewer, or is the caller.
pub async fn set(op: &OpContext, request: SetAbsenceRequest) -> Result<OwnAbsence, Error> {
    op.needs(Scope::Review)?;
    let from = request.from.unwrap_or(op.now);
    if request.until <= op.now {
        return Err(Error::invalid("/until", "this is over already"));
    }
    if request.until <= from {
        return Err(Error::invalid("/until", "the absence would end before it begins"));
    }
    if request.until > from.plus(Duration::from_days(LONGEST_ABSENCE_DAYS)) {
        let message =
            format!("at most {LONGEST_ABSENCE_DAYS} days: a project manager can name other reviewers for a longer time");
        return Err(Error::invalid("/until", message));
    }
    let stand_in = match &request.stand_in {
        Some(name) => Some(find::user(&mut op.read().await?, name, "/stand_in").await?),
        None => None,
    };
    let can_review = |user: &User| person::of(user, BTreeSet::new(), BTreeSet::new()).can_review();
    if stand_in.as_ref().is_some_and(|user| !can_review(user)) {
        let message = "a closed account, an auditor or a service account cannot review";
        return Err(Error::invalid("/stand_in", message).next(NextStep::ChooseDelegate));
    }
    let absence = absence::Absence { from, until: request.until, stand_in: stand_in.map(|user| user.id) };
    change(op, Some(absence)).await
}

/// Says that the caller is back, or will not be away. What was handed on stays handed on until the end that it has; the caller keeps each
/// of these tasks as well.
///
/// # Errors
/// When nobody is signed in.
pub async fn end(op: &OpContext) -> Result<OwnAbsence, Error> {
    op.needs(Scope::Review)?;
    change(op, None).await
}

async fn change(op: &OpContext, absence: Option<absence::Absence>) -> Result<OwnAbsence, Error> {
    let (ref op, mut tx) = op.write().await?;
    let user = op.user()?.clone();
    if user.kind != AccountKind::Person {
        return Err(Error::new(Code::Invalid, "a service account is never away"));
    }
    if absence.as_ref().is_some_and(|absence| absence.stand_in == Some(user.id)) {
        return Err(Error::invalid("/stand_in", "nobody stands in for themselves").next(NextStep::ChooseDelegate));
    }
    if user.absence.as_ref().map(|known| &known.0) != absence.as_ref() {
        let user = User { absence: absence.clone().map(Json), ..user };
        tx.update(&user).await?;
        change::record(op, &mut tx, Subject::Instance, Event::AbsenceSet { user: user.id, absence }).await?;
        tx.commit().await?;
        gather_until(op, &user).await.map_err(Error::after_commit)?;
        return view(&mut op.read_back().await?, &user).await;
    }
    view(&mut tx, &user).await
}

/// What waits to be gathered goes out on the morning after the absence; for somebody who is back, the next morning.
async fn gather_until(op: &OpContext, user: &User) -> Result<(), Error> {
    let Some(morning) = op.morning().await? else { return Ok(()) };
    let absence = user.absence.as_ref().map(|absence| &absence.0).filter(|absence| absence.holds(op.now));
    let due_at = morning.after(absence.map_or(op.now, |absence| absence.until));
    let (_, mut tx) = op.write_outside().await?;
    tx.move_gathered_messages(user.id, due_at).await?;
    Ok(tx.commit().await?)
}

async fn view(reader: &mut Reader, user: &User) -> Result<OwnAbsence, Error> {
    let Some(Json(absence)) = &user.absence else { return Ok(OwnAbsence { absence: None }) };
    let stand_in = match absence.stand_in {
        Some(id) => reader.user(id).await?.map(|user| user.name),
        None => None,
    };
    Ok(OwnAbsence { absence: Some(Absence { from: absence.from, until: absence.until, stand_in }) })
}
