//! Finds the deployment that a command changes, compares its tag, commits and shows the deployment.

use crate::{
    Error, OpContext,
    base::tag::{self, Tag},
    deployments,
    views::{self, Done},
};
use domain::Name;
use store::{Deployment, Infrastructure, Writer};

/// Commits, and only then reads what is shown: the history may be long, and while a writer is at work every other one waits.
pub(crate) async fn commit(
    op: &OpContext,
    tx: Writer,
    infrastructure: &Infrastructure,
    deployment: &Deployment,
) -> Result<Done<views::Deployment>, Error> {
    tx.commit().await?;
    let result = shown(op, infrastructure, deployment).await.map_err(Error::after_commit)?;
    Ok(Done { already_done: false, result })
}

pub(crate) async fn shown(
    op: &OpContext,
    infrastructure: &Infrastructure,
    deployment: &Deployment,
) -> Result<views::Deployment, Error> {
    deployments::view::deployment(op, &mut op.read().await?, infrastructure, &deployment.service).await
}

pub(crate) fn expect(expected: Option<&str>, present: Option<&Deployment>) -> Result<(), Error> {
    tag::expect(expected, &present.into(), "the deployment")
}

/// The same, but lets a request pass that was perhaps carried out before: one with the tag of the state before the last revision, as a second
/// press of a button sends. Gives whether it is such a request.
pub(crate) fn expect_or_repeat(expected: Option<&str>, present: Option<&Deployment>) -> Result<bool, Error> {
    let before = present.map(|deployment| Tag::Deployment(deployment.current_revision.saturating_sub(1)));
    if before.is_some_and(|before| expected.is_some() && !tag::is_stale(expected, &before)) {
        return Ok(true);
    }
    expect(expected, present).map(|()| false)
}

pub(crate) fn stale<T>() -> Result<T, Error> {
    Err(Error::stale("the deployment has changed since you looked"))
}

pub(crate) async fn deployed(tx: &mut Writer, infrastructure: &Infrastructure, service: &Name) -> Result<Deployment, Error> {
    let deployment = tx.deployment_by_name(infrastructure.id, service).await?;
    deployment.ok_or_else(|| Error::not_found("deployment", format_args!("{}/{service}", infrastructure.name)))
}
