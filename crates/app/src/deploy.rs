//! Deploying: the gate's check and the new revision commit in one transaction, so that no approval can vanish in between.

mod refusal;
mod revise;

use crate::{
    Error, OpContext, deployments,
    error::Kind,
    find,
    views::{self, DeployRequest, Done, RollbackRequest, ShareRequest},
};
use domain::{
    Name,
    access::{Action, Scope},
    deployment::RevisionKind,
    event::Event,
};
use revise::{Part, Wish, part, revise};
use store::{About, Deployment, Infrastructure, Revision, Writer};

/// The most versions among which a service can share its requests: each has at least one percent.
const MOST_SHARES: usize = 100;

/// Puts versions into service, if the gate lets them through. A denial, and a warning that nobody acknowledged, are recorded.
///
/// # Errors
/// No such infrastructure or version; not a deployer; weights that do not add up; the gate's denial or warning.
pub async fn deploy(
    op: &OpContext,
    infrastructure: &Name,
    service: &Name,
    request: DeployRequest,
    expected: Option<&str>,
) -> Result<Done<views::Deployment>, Error> {
    op.needs(Scope::Deploy)?;
    if request.shares.len() > MOST_SHARES {
        return Err(Error::invalid("/shares", format!("a service shares its requests among at most {MOST_SHARES} versions")));
    }
    let (ref op, mut tx) = op.write().await?;
    let infrastructure = find::infrastructure(op, &mut tx, infrastructure, Action::Deploy).await?;
    let present = tx.deployment_by_name(infrastructure.id, service).await?;
    expect(expected, present.as_ref())?;
    let parts = parts(op, &mut tx, &request.shares).await?;
    let wish = Wish { service, kind: RevisionKind::Deploy, parts, acknowledge: request.acknowledge.as_deref() };
    revise(op, tx, infrastructure, present, wish).await
}

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
        find::require(expected, "the deployment")?;
    }
    let (ref op, mut tx) = op.write().await?;
    let infrastructure = find::infrastructure(op, &mut tx, infrastructure, Action::Deploy).await?;
    let present = deployed(&mut tx, &infrastructure, service).await?;
    expect(expected, Some(&present))?;
    let target = earlier_revision(&mut tx, &present, request.to).await?;
    let mut parts = Vec::new();
    for share in tx.shares(present.id, target).await? {
        let found = find::known_version(&mut tx, share.version_id).await?;
        parts.push(part(op, &mut tx, found, share.weight).await?);
    }
    let wish = Wish { service, kind: RevisionKind::Rollback, parts, acknowledge: request.acknowledge.as_deref() };
    revise(op, tx, infrastructure, Some(present), wish).await
}

/// Takes a service out of service. Nothing can deny that.
///
/// # Errors
/// No such deployment; not a deployer.
pub async fn stop(
    op: &OpContext,
    infrastructure: &Name,
    service: &Name,
    expected: Option<&str>,
) -> Result<Done<views::Deployment>, Error> {
    op.needs(Scope::Deploy)?;
    let user = op.user()?.id;
    let (ref op, mut tx) = op.write().await?;
    let infrastructure = find::infrastructure(op, &mut tx, infrastructure, Action::Deploy).await?;
    let mut deployment = deployed(&mut tx, &infrastructure, service).await?;
    expect(expected, Some(&deployment))?;
    let revision = tx.revision(deployment.id, deployment.current_revision).await?;
    if revision.is_some_and(|revision| revision.kind == RevisionKind::Stop) {
        drop(tx);
        return Ok(Done { already_done: true, result: shown(op, &infrastructure, &deployment).await? });
    }
    deployment.current_revision += 1;
    tx.update(&deployment).await?;
    let number = deployment.current_revision;
    let revision = Revision {
        deployment_id: deployment.id,
        number,
        kind: RevisionKind::Stop,
        answer: None,
        acknowledgement: None,
        created_by: user,
        created_at: op.now,
    };
    tx.insert(&revision).await?;
    let event = Event::DeploymentRevised {
        service: service.clone(),
        revision: number,
        kind: RevisionKind::Stop,
        shares: Vec::new(),
        answer: None,
        acknowledgement: None,
    };
    tx.record(event, About { infrastructure: Some(infrastructure.id), ..About::default() });
    commit(op, tx, &infrastructure, &deployment).await
}

/// Commits, and only then reads what is shown: the history may be long, and while a writer is at work every other one waits.
async fn commit(
    op: &OpContext,
    tx: Writer,
    infrastructure: &Infrastructure,
    deployment: &Deployment,
) -> Result<Done<views::Deployment>, Error> {
    tx.commit().await?;
    let result = shown(op, infrastructure, deployment).await.map_err(Error::after_commit)?;
    Ok(Done { already_done: false, result })
}

async fn shown(op: &OpContext, infrastructure: &Infrastructure, deployment: &Deployment) -> Result<views::Deployment, Error> {
    deployments::view(op, &mut op.read().await?, infrastructure, &deployment.service).await
}

fn expect(expected: Option<&str>, present: Option<&Deployment>) -> Result<(), Error> {
    find::expect(expected, &present.map_or_else(|| "d0".to_owned(), deployments::tag), "the deployment")
}

async fn deployed(tx: &mut Writer, infrastructure: &Infrastructure, service: &Name) -> Result<Deployment, Error> {
    let deployment = tx.deployment_by_name(infrastructure.id, service).await?;
    deployment.ok_or_else(|| Error::not_found("deployment", format_args!("{}/{service}", infrastructure.name)))
}

/// The versions that a request names. A deployer may name any: what the gate says of it is all that they learn.
async fn parts(op: &OpContext, tx: &mut Writer, shares: &[ShareRequest]) -> Result<Vec<Part>, Error> {
    let mut parts = Vec::new();
    for (index, share) in shares.iter().enumerate() {
        let weight = match share.weight {
            Some(weight) => weight,
            None if shares.len() == 1 => 100,
            None => {
                return Err(Error::invalid(
                    format!("/shares/{index}/weight"),
                    "with several versions each needs a weight; together they make 100",
                ));
            }
        };
        let found = find::any_version(tx, &share.version).await.map_err(|error| error.at(format!("/shares/{index}/version")))?;
        parts.push(part(op, tx, found, weight).await?);
    }
    Ok(parts)
}

/// The revision to go back to: the one asked for, or the last before the present one that served something else.
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
    let none = || {
        let message = format!("{name} has no earlier revision that served something else");
        Error::new(Kind::Conflict, "no_earlier_revision", message)
    };
    tx.served_otherwise(deployment.id, deployment.current_revision).await?.ok_or_else(none)
}
