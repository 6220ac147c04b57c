//! Goes back to an earlier revision, if the gate lets that revision through now.

use crate::{
    Error, OpContext,
    base::{error::Code, find, tag},
    deployments::{
        present,
        revise::{Wish, part, revise},
    },
    views::{self, Done, RollbackRequest},
};
use domain::{
    Name, NextStep,
    access::{Action, Scope},
    deployment::RevisionKind,
};
use store::{Deployment, Writer};

/// Takes up an earlier revision again, if the gate lets it through as it stands now.
///
/// # Errors
/// As [`deploy`]; no earlier revision to go back to; neither a revision nor the tag of the state that was seen: without one of
/// them, the same request again would go back from where the first one went.
pub async fn rollback(
    op: &OpContext,
    infrastructure: &Name,
    service: &Name,
    request: RollbackRequest,
    expected: Option<&str>,
) -> Result<Done<views::Deployment>, Error> {
    op.needs(Scope::Deploy)?;
    if request.to.is_none() {
        tag::require(expected, "the deployment")?;
    }
    let (ref op, mut tx) = op.write().await?;
    let infrastructure = find::infrastructure(op, &mut tx, infrastructure, Action::Deploy).await?;
    let present = present::deployed(&mut tx, &infrastructure, service).await?;
    let repeats = match request.to {
        Some(_) => present::expect_or_repeat(expected, Some(&present))?,
        None => present::expect(expected, Some(&present)).map(|()| false)?,
    };
    let target = earlier_revision(&mut tx, &present, request.to).await?;
    let mut parts = Vec::new();
    for share in tx.shares(present.id, target).await? {
        let found = find::known_version(&mut tx, share.version_id).await?;
        parts.push(part(op, &mut tx, found, share.weight).await?);
    }
    let wish = Wish { service, kind: RevisionKind::Rollback, parts, acknowledge: request.acknowledge.as_deref(), repeats };
    revise(op, tx, infrastructure, Some(present), wish).await
}

/// The revision to go back to: the one asked for, or the last one that served something else before what is served now was first taken up.
async fn earlier_revision(tx: &mut Writer, deployment: &Deployment, to: Option<u32>) -> Result<u32, Error> {
    let name = &deployment.service;
    if let Some(number) = to {
        let revision = tx
            .revision(deployment.id, number)
            .await?
            .ok_or_else(|| Error::not_found("revision", format_args!("{name} revision {number}")).at("/to"))?;
        return match revision.kind {
            RevisionKind::Stop => Err(Error::invalid("/to", format!("revision {number} served nothing: it stopped the service"))),
            RevisionKind::Deploy | RevisionKind::Rollback => Ok(number),
        };
    }
    let origin = origin(tx, deployment).await?;
    let none = || {
        let message = match origin == deployment.current_revision {
            true => format!("{name} has no earlier revision that served something else"),
            false => {
                format!("{name} serves what revision {origin} served, and no revision before that one served something else")
            }
        };
        Error::new(Code::NoEarlierRevision, message).next(NextStep::NameRevision)
    };
    tx.served_otherwise(deployment.id, origin).await?.ok_or_else(none)
}

/// The revision that first served what the present one serves: after a rollback the next one goes back once more, and not forward again.
async fn origin(tx: &mut Writer, deployment: &Deployment) -> Result<u32, Error> {
    let mut number = deployment.current_revision;
    while tx.revision(deployment.id, number).await?.is_some_and(|revision| revision.kind == RevisionKind::Rollback)
        && let Some(taken_up) = tx.served_the_same(deployment.id, number).await?
    {
        number = taken_up;
    }
    Ok(number)
}
