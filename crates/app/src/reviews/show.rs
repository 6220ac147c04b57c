//! Shows a round, and the history of a version.

use crate::{
    Error, Limit, OpContext,
    base::{find, version_people},
    record, reviews,
    views::{AuditEvent, List, Review},
};
use domain::{
    SignOffRef, Timestamp, VersionRef,
    access::{Action, Scope},
};

/// Shows the present round of a sign-off, or an earlier one.
///
/// # Errors
/// No such version or round, or none that the caller may see.
pub async fn show(op: &OpContext, name: &SignOffRef, round: Option<u32>) -> Result<Review, Error> {
    op.needs(Scope::Read)?;
    let mut reader = op.read().await?;
    let mut found = find::sign_off(op, &mut reader, name, Action::ReadProject).await?;
    let present = found.round.clone();
    if let Some(number) = round.filter(|number| *number != present.number) {
        let earlier = reader.round(found.version.id, &present.step, number).await?;
        found.round = earlier.ok_or_else(|| Error::not_found("round", format_args!("{name} round {number}")))?;
    }
    let people = version_people::load(op, &mut reader, &found, &[]).await?;
    Ok(reviews::view::review(op, &found, &present, &people))
}

/// What happened to a version, in order.
///
/// # Errors
/// No such version, or none that the caller may see.
pub async fn history(
    op: &OpContext,
    name: &VersionRef,
    from: Option<u64>,
    limit: Option<Limit>,
) -> Result<List<AuditEvent>, Error> {
    op.needs(Scope::Read)?;
    let mut reader = op.read().await?;
    let found = find::version(op, &mut reader, name, Action::ReadProject).await?;
    let about = store::About { version: Some(found.version.id), ..store::About::default() };
    record::list::page(&mut reader, about, from.unwrap_or(0), Timestamp::from_micros(0), limit).await
}
