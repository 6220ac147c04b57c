//! Makes a new revision of a service, if the gate lets it through: shares, permits and events.

use crate::change::{self, Subject};
use crate::{
    Error, OpContext,
    base::{error::Code, governed_version::GovernedVersion, signed_decisions::SignedDecisions, version_people},
    change::statements,
    deployments::present,
    gate::{
        candidate,
        refusal::refusal,
        same_bytes::{Readers, WordsOnBytes},
    },
    views::{self, Done},
};
use domain::{
    Name, NextStep,
    deployment::{self, Admission, PolicyStanding, RevisionKind, Share as WeightedVersion, Traffic},
    event::{Event, RecordedShare},
    gate::{Answer, Candidate},
    signoff::SignOff,
};
use store::{Deployment, Infrastructure, Json, Reader, Revision, Share, Writer};

/// A version to serve, as the gate sees it.
pub struct Part {
    found: GovernedVersion,
    candidate: Candidate,
    weight: u8,
}

impl Part {
    /// The version as the gate sees it.
    pub fn candidate(&self) -> &Candidate {
        &self.candidate
    }
}

/// What is asked for.
pub struct Wish<'a> {
    pub service: &'a Name,
    pub kind: RevisionKind,
    pub parts: Vec<Part>,
    pub acknowledge: Option<&'a str>,
    /// Whether the caller saw the state before the last revision, and so perhaps sends that revision's request once more.
    pub repeats: bool,
}

/// How the gate sees this version now.
///
/// # Errors
/// When the database does not answer.
pub async fn part(op: &OpContext, reader: &mut Reader, found: GovernedVersion, weight: u8) -> Result<Part, Error> {
    let people = version_people::load(op, reader, &found, &[]).await?;
    let decisions = SignedDecisions::of(op, reader, [found.version.id]).await?;
    let words = WordsOnBytes::on(op, reader, found.version.model_digest).await?;
    let same_bytes = words.besides(op, reader, Some(&found), Readers::Record).await?;
    let candidate = Candidate { same_bytes, ..candidate::candidate(op, &found, &decisions, Some(&people)) };
    Ok(Part { found, candidate, weight })
}

/// Asks the gate, and makes the revision or records the refusal.
///
/// # Errors
/// The gate's denial or warning; a wish that no service can have.
pub async fn revise(
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
        return Err(Error::new(Code::OtherModel, message).next(NextStep::ChooseAnotherService));
    }
    let candidates: Vec<_> = wish.parts.iter().map(|part| part.candidate.clone()).collect();
    let answer = domain::gate::check(infrastructure.policy, &infrastructure.accepts.0, &candidates, op.now);
    let acknowledgement = match deployment::admit(&answer, wish.acknowledge) {
        Admission::Admitted { acknowledgement } => acknowledgement,
        Admission::NeedsAcknowledgement | Admission::Denied if wish.repeats => return present::stale(),
        Admission::NeedsAcknowledgement | Admission::Denied => return refuse(op, tx, &infrastructure, wish, answer).await,
    };
    if let Some(deployment) = &present
        && is_in_service(op, &mut tx, &infrastructure, deployment, &wish, &answer, acknowledgement.as_deref()).await?
    {
        drop(tx);
        return Ok(Done { already_done: true, result: present::shown(op, &infrastructure, deployment).await? });
    }
    if wish.repeats {
        return present::stale();
    }
    let deployment = put_into_service(op, &mut tx, &infrastructure, present, wish, answer, acknowledgement).await?;
    present::commit(op, tx, &infrastructure, &deployment).await
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

/// Whether exactly this is in service already: in policy, on the ground and for the reason that it would have now, on permits that
/// still hold and rest on the present round.
async fn is_in_service(
    op: &OpContext,
    tx: &mut Writer,
    infrastructure: &Infrastructure,
    deployment: &Deployment,
    wish: &Wish<'_>,
    answer: &Answer,
    acknowledgement: Option<&str>,
) -> Result<bool, Error> {
    let revision = tx.revision(deployment.id, deployment.current_revision).await?;
    let present = tx.shares(deployment.id, deployment.current_revision).await?;
    let same_reason = revision.is_some_and(|revision| revision.acknowledgement.as_deref() == acknowledgement);
    if present.len() != wish.parts.len() || !same_reason {
        return Ok(false);
    }
    for (share, part) in present.iter().zip(&wish.parts) {
        let lacks = domain::gate::lacking(&part.candidate, &infrastructure.accepts.0, op.now);
        let standing = deployment::standing(share.basis, lacks.as_ref(), infrastructure.policy, infrastructure.on_lapse);
        let ground = deployment::basis(answer, lacks.is_some());
        let same = share.version_id == part.found.version.id && share.weight == part.weight && share.basis == ground;
        let permit = tx.statement(share.permit_id).await?;
        let holds = permit.is_some_and(|permit| {
            let on_this_round = permit.step == part.found.round.step && permit.round == part.found.signoff().speaking().round;
            let mut others = part.found.signoffs().skip(1).map(SignOff::speaking);
            let others_unchanged = others.all(|signoff| {
                let mut rounds = part.found.rounds_of(&signoff.step).filter(|round| round.number == signoff.round);
                rounds.all(|round| round.changed_at <= permit.issued_at)
            });
            on_this_round && others_unchanged && permit.not_after.is_none_or(|end| op.now < end)
        });
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
                lapse_acknowledged: None,
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
        signatory: op.signatory().map(Json),
    };
    tx.insert(&revision).await?;
    let mut recorded = Vec::new();
    for (place, part) in (0..).zip(&wish.parts) {
        let lacks = domain::gate::lacking(&part.candidate, &infrastructure.accepts.0, op.now).is_some();
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
    }
    let event = Event::DeploymentRevised {
        service: wish.service.clone(),
        revision: number,
        kind: wish.kind,
        shares: recorded,
        answer: Some(answer),
        acknowledgement,
    };
    record(op, tx, infrastructure, wish, Some(number), event).await?;
    Ok(deployment)
}

/// Records that the gate did not let it through, and says so.
async fn refuse(
    op: &OpContext,
    mut tx: Writer,
    infrastructure: &Infrastructure,
    wish: Wish<'_>,
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
    let service = wish.service;
    record(op, &mut tx, infrastructure, wish, None, event).await?;
    tx.commit().await?;
    Err(refusal(&infrastructure.name, service, answer))
}

/// Records what became of a wish. An event is about one version at the most: of several, each gets a small one besides, so that
/// the history of every version tells where it went into service or was refused. Of a stop the deployment's own history tells.
async fn record(
    op: &OpContext,
    tx: &mut Writer,
    infrastructure: &Infrastructure,
    wish: Wish<'_>,
    revision: Option<u32>,
    event: Event,
) -> Result<(), Error> {
    let Wish { service, mut parts, .. } = wish;
    if let [part] = parts.as_mut_slice() {
        return change::record(op, tx, Subject::InService { infrastructure, version: &mut part.found }, event).await;
    }
    let whole = match parts.first() {
        None => Subject::Infrastructure(infrastructure),
        Some(Part { found: GovernedVersion { project, model, .. }, .. }) => {
            Subject::ModelInService { infrastructure, project, model }
        }
    };
    change::record(op, tx, whole, event).await?;
    for part in &mut parts {
        let event = Event::DeploymentShared {
            infrastructure: infrastructure.name.clone(),
            service: service.clone(),
            revision,
            version: part.found.name.clone(),
            model_digest: part.found.version.model_digest,
            weight: part.weight,
        };
        change::record(op, tx, Subject::InService { infrastructure, version: &mut part.found }, event).await?;
    }
    Ok(())
}
