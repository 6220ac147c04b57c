//! Deploying: the gate's check and the new revision commit in one transaction, so that no approval can vanish in between.

use crate::{
    Error, OpContext, deployments,
    error::{Details, Kind},
    find::{self, Found},
    gate, statements,
    views::{self, DeployRequest, Done, RollbackRequest, ShareRequest},
};
use domain::{
    Name,
    access::{Action, Scope},
    deployment::{self, Admission, PolicyStanding, RevisionKind, Share as WeightedVersion, Traffic},
    event::{Event, RecordedShare},
    gate::{Answer, Candidate, Reason, Verdict},
    infrastructure::PRODUCTION_STAGE,
    signoff::Status,
    workflow::Trigger,
};
use store::{About, Deployment, Infrastructure, Json, Revision, Share, Writer};

/// The most versions among which a service can share its requests: each has at least one percent.
const MOST_SHARES: usize = 100;

/// A version to serve, as the gate sees it.
struct Part {
    found: Found,
    candidate: Candidate,
    weight: u8,
}

/// What is asked for.
struct Wish<'a> {
    service: &'a Name,
    kind: RevisionKind,
    parts: Vec<Part>,
    acknowledge: Option<&'a str>,
}

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
        let version = tx.version(share.version_id).await?.ok_or_else(|| Error::not_found("version", share.version_id))?;
        let found = find::belongings(&mut tx, version).await?;
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
    deployments::view(op, &mut op.read().await?, infrastructure, deployment, true).await
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

async fn part(op: &OpContext, tx: &mut Writer, found: Found, weight: u8) -> Result<Part, Error> {
    let surroundings = find::surroundings(op, tx, &found, &[]).await?;
    let candidate = gate::candidate(op, &found, Some(&surroundings));
    Ok(Part { found, candidate, weight })
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

async fn revise(
    op: &OpContext,
    mut tx: Writer,
    infrastructure: Infrastructure,
    present: Option<Deployment>,
    wish: Wish<'_>,
) -> Result<Done<views::Deployment>, Error> {
    check_wish(&wish)?;
    let model = wish.parts.first().map(|part| part.found.model.id);
    if let (Some(deployment), Some(model)) = (&present, model)
        && deployment.model_id != model
    {
        let message = format!("{}/{} serves another model: a deployment serves one", infrastructure.name, wish.service);
        return Err(Error::new(Kind::Conflict, "other_model", message).hint("Deploy it as another service."));
    }
    let candidates: Vec<_> = wish.parts.iter().map(|part| part.candidate.clone()).collect();
    let answer = domain::gate::check(infrastructure.policy, &candidates, op.now);
    let acknowledgement = match deployment::admit(&answer, wish.acknowledge) {
        Admission::Admitted { acknowledgement } => acknowledgement,
        Admission::NeedsAcknowledgement | Admission::Denied => return refuse(tx, &infrastructure, &wish, answer).await,
    };
    if let Some(deployment) = &present
        && is_in_service(op, &mut tx, &infrastructure, deployment, &wish).await?
    {
        drop(tx);
        return Ok(Done { already_done: true, result: shown(op, &infrastructure, deployment).await? });
    }
    let deployment = put_into_service(op, &mut tx, &infrastructure, present, wish, answer, acknowledgement).await?;
    commit(op, tx, &infrastructure, &deployment).await
}

fn check_wish(wish: &Wish<'_>) -> Result<(), Error> {
    let shares = wish.parts.iter().map(|part| WeightedVersion { version: part.found.version.id, weight: part.weight });
    Traffic::new(shares.collect()).map_err(|error| Error::invalid("/shares", error.to_string()))?;
    let models: Vec<_> = wish.parts.iter().map(|part| part.found.model.id).collect();
    if models.iter().any(|model| *model != models[0]) {
        return Err(Error::invalid("/shares", "a deployment serves one model: name versions of one"));
    }
    Ok(())
}

/// Whether exactly this is in service already: in policy, on permits that still hold and rest on the present round.
async fn is_in_service(
    op: &OpContext,
    tx: &mut Writer,
    infrastructure: &Infrastructure,
    deployment: &Deployment,
    wish: &Wish<'_>,
) -> Result<bool, Error> {
    let present = tx.shares(deployment.id, deployment.current_revision).await?;
    if present.len() != wish.parts.len() {
        return Ok(false);
    }
    for (share, part) in present.iter().zip(&wish.parts) {
        let lacks = domain::gate::lacking(&part.candidate, op.now);
        let standing = deployment::standing(share.basis, lacks.as_ref(), infrastructure.policy, infrastructure.on_lapse);
        let same = share.version_id == part.found.version.id && share.weight == part.weight;
        let permit = tx.statement(share.permit_id).await?;
        let holds = permit
            .is_some_and(|permit| permit.round == part.found.round.number && permit.not_after.is_none_or(|end| op.now < end));
        if !same || !holds || standing != PolicyStanding::InPolicy {
            return Ok(false);
        }
    }
    Ok(true)
}

async fn put_into_service(
    op: &OpContext,
    tx: &mut Writer,
    infrastructure: &Infrastructure,
    present: Option<Deployment>,
    wish: Wish<'_>,
    answer: Answer,
    acknowledgement: Option<String>,
) -> Result<Deployment, Error> {
    let user = op.user()?.id;
    let number = present.as_ref().map_or(1, |deployment| deployment.current_revision + 1);
    let deployment = match present {
        Some(deployment) => {
            let deployment = Deployment { current_revision: number, ..deployment };
            tx.update(&deployment).await?;
            deployment
        }
        None => {
            let model_id = wish.parts[0].found.model.id;
            let service = wish.service.clone();
            let deployment = Deployment {
                id: op.id(),
                infrastructure_id: infrastructure.id,
                service,
                model_id,
                current_revision: number,
                created_at: op.now,
            };
            tx.insert(&deployment).await?;
            deployment
        }
    };
    let revision = Revision {
        deployment_id: deployment.id,
        number,
        kind: wish.kind,
        answer: Some(Json(answer.clone())),
        acknowledgement: acknowledgement.clone(),
        created_by: user,
        created_at: op.now,
    };
    tx.insert(&revision).await?;
    let mut recorded = Vec::new();
    for (place, part) in (0..).zip(&wish.parts) {
        let lacks = domain::gate::lacking(&part.candidate, op.now).is_some();
        let basis = deployment::basis(&answer, lacks);
        let reason = acknowledgement.as_deref().filter(|_| lacks);
        let purpose = statements::PermitFor { infrastructure, service: wish.service, revision: number, basis, reason };
        let permit = statements::permit(op, tx, &part.found, answer.policy, &purpose).await?;
        tx.insert(&permit).await?;
        let version = &part.found.version;
        tx.insert(&Share {
            deployment_id: deployment.id,
            revision: number,
            place,
            version_id: version.id,
            weight: part.weight,
            model_digest: version.model_digest,
            basis,
            permit_id: permit.id,
        })
        .await?;
        recorded.push(RecordedShare {
            version: part.found.name.clone(),
            model_digest: version.model_digest,
            weight: part.weight,
            permit: Some(permit.id),
        });
        if infrastructure.stage.as_str() == PRODUCTION_STAGE {
            let mut version = version.clone();
            version.workflow.0.advance(Trigger::InProduction);
            if version.workflow != part.found.version.workflow {
                tx.update(&version).await?;
            }
        }
    }
    let event = Event::DeploymentRevised {
        service: wish.service.clone(),
        revision: number,
        kind: wish.kind,
        shares: recorded,
        answer: Some(answer),
        acknowledgement,
    };
    record(tx, infrastructure, &wish, Some(number), event);
    Ok(deployment)
}

/// Records that the gate did not let it through, and says so.
async fn refuse(
    mut tx: Writer,
    infrastructure: &Infrastructure,
    wish: &Wish<'_>,
    answer: Answer,
) -> Result<Done<views::Deployment>, Error> {
    let share = |part: &Part| RecordedShare {
        version: part.found.name.clone(),
        model_digest: part.found.version.model_digest,
        weight: part.weight,
        permit: None,
    };
    let event = Event::DeploymentRefused {
        service: wish.service.clone(),
        shares: wish.parts.iter().map(share).collect(),
        answer: answer.clone(),
    };
    record(&mut tx, infrastructure, wish, None, event);
    tx.commit().await?;
    Err(refusal(&infrastructure.name, wish.service, answer))
}

/// Records what became of a wish. An event is about one version at the most: of several, each gets a small one besides, so that
/// the history of every version tells of it.
fn record(tx: &mut Writer, infrastructure: &Infrastructure, wish: &Wish<'_>, revision: Option<u32>, event: Event) {
    let about = |part: &Part| About { infrastructure: Some(infrastructure.id), ..part.found.about() };
    match wish.parts.as_slice() {
        [] => tx.record(event, About { infrastructure: Some(infrastructure.id), ..About::default() }),
        [part] => tx.record(event, about(part)),
        [first, ..] => {
            tx.record(event, About { version: None, ..about(first) });
            for part in &wish.parts {
                let event = Event::DeploymentShared {
                    infrastructure: infrastructure.name.clone(),
                    service: wish.service.clone(),
                    revision,
                    version: part.found.name.clone(),
                    model_digest: part.found.version.model_digest,
                    weight: part.weight,
                };
                tx.record(event, about(part));
            }
        }
    }
}

/// The gate's denial or warning as an error that says what is missing and who can act.
fn refusal(infrastructure: &Name, service: &Name, answer: Answer) -> Error {
    let versions: Vec<_> = answer
        .reasons
        .iter()
        .map(|reason| format!("{} is {}", reason.version, reason.status.map_or("not governed", |status| status.as_str())))
        .collect();
    let versions = versions.join(", ");
    let first = answer.reasons.first();
    let details = Details {
        status: first.and_then(|reason| reason.status).map(|status| status.to_string()),
        missing: first.map(|reason| reason.missing.clone()),
        who_can: first.map(|reason| reason.who_can.clone()).unwrap_or_default(),
        link: first.and_then(|reason| reason.link.clone()),
        answer: Some(answer.clone()),
    };
    let error = match answer.verdict {
        Verdict::Warn => Error::new(
            Kind::NotAcknowledged,
            "not_acknowledged",
            format!("{infrastructure} warns about {infrastructure}/{service}: {versions}"),
        )
        .hint("To go on all the same, acknowledge it with a reason; both are recorded."),
        Verdict::Deny | Verdict::Allow => {
            Error::new(Kind::DeniedByPolicy, "denied_by_policy", format!("{infrastructure} prevents this deployment: {versions}"))
                .hint(first.map_or_else(|| "Name a version that is approved.".to_owned(), way_on))
        }
    };
    Error { details: Some(Box::new(details)), ..error }
}

/// What leads to an approval from where a version stands.
fn way_on(reason: &Reason) -> String {
    let version = &reason.version;
    match reason.status {
        None => "Register these bytes as a version, and ask for its review.".to_owned(),
        Some(Status::NotStarted) => format!("Ask for a review: countersign review request {version}."),
        Some(Status::WaitingForFeedback | Status::WaitingForApproval) => {
            format!("Wait for the decision: countersign gate {version} --infra NAME --wait.")
        }
        Some(_) => format!("A project manager can open the next round: countersign review reset {version}."),
    }
}
