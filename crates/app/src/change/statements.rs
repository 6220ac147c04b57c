//! Signs final decisions as approval statements, and the gate's answers as permits. The statements are stored byte for byte.

use crate::{
    Error, OpContext,
    base::{error::Kind, governed_version::GovernedVersion, version_people::VersionPeople},
    views,
};
use domain::{
    Digest, StatementId, Timestamp,
    deployment::{self, Basis},
    infrastructure::Policy,
    signoff::{Act, Answer, Approval, Review, State},
};
use proof::{
    ApprovalPredicate, AttestationReference, Decision, DigestSet, DutyPolicy, Envelope, Nonce, PermitPredicate, PermitTerms,
    Person, PolicyReference, Sha256, UtcTime,
};
use serde::Serialize;
use store::{Infrastructure, Reader, Statement, StatementKind};

/// A final decision, or the taking back of one.
pub(crate) enum Decided<'a> {
    Approved(&'a Approval),
    Rejected(&'a Act),
    Revoked(&'a Act),
}

impl Decided<'_> {
    const fn decision(&self) -> Decision {
        match self {
            Self::Approved(_) => Decision::Approved,
            Self::Rejected(_) => Decision::Rejected,
            Self::Revoked(_) => Decision::Revoked,
        }
    }

    const fn act(&self) -> &Act {
        match self {
            Self::Approved(approval) => &approval.act,
            Self::Rejected(act) | Self::Revoked(act) => act,
        }
    }

    const fn not_after(&self) -> Option<Timestamp> {
        match self {
            Self::Approved(approval) => approval.not_after,
            Self::Rejected(_) | Self::Revoked(_) => None,
        }
    }

    fn meaning(&self, name: &impl std::fmt::Display) -> String {
        match self {
            Self::Approved(_) => format!("{name}, with exactly these bytes, may be deployed."),
            Self::Rejected(_) => format!("{name} may not be deployed."),
            Self::Revoked(_) => format!("The approval of {name} no longer holds."),
        }
    }
}

/// Signs a decision on a version.
pub(crate) fn decision(
    op: &OpContext,
    found: &GovernedVersion,
    people: &VersionPeople,
    review: &Review,
    decided: &Decided<'_>,
) -> Result<Statement, Error> {
    let act = decided.act();
    let rules = &found.project.rules.0;
    let directory = &people.directory;
    let account = directory.person(act.by).map_or_else(|| act.by.to_string(), |person| person.name.to_string());
    let predicate = ApprovalPredicate {
        server: op.settings.server_name.clone(),
        project: found.name.project.to_string(),
        model: found.name.model.to_string(),
        version: found.name.number.into(),
        round: found.signoff().round.into(),
        decision: decided.decision(),
        meaning: decided.meaning(&found.name),
        decided_by: Person { issuer: op.settings.base_url.clone(), subject: account, name: directory.show(act.by) },
        decided_at: utc(act.at)?,
        not_after: decided.not_after().map(utc).transpose()?,
        comment: act.comment.clone().unwrap_or_default(),
        policy: DutyPolicy { author_may_approve: rules.author_may_approve, requester_may_approve: rules.requester_may_approve },
        approvers: review.reviewers.approvers.iter().map(|container| directory.describe(container)).collect(),
        slots: review.reviewers.slots.iter().map(|slot| slot.name.to_string()).collect(),
        considered: sha256(review.shown),
        feedback: feedback_digest(&review.answers)?,
        nonce: nonce(op),
    };
    let envelope = predicate.about(sha256(found.version.model_digest)).sign(&op.keys.signing).map_err(Error::internal)?;
    Ok(Statement {
        id: op.id(),
        kind: StatementKind::Decision,
        version_id: found.version.id,
        infrastructure_id: None,
        round: found.signoff().round,
        model_digest: found.version.model_digest,
        envelope: envelope.to_json_bytes(),
        issued_at: op.now,
        not_after: decided.not_after(),
    })
}

/// What a permit is for.
pub(crate) struct PermitFor<'a> {
    pub infrastructure: &'a Infrastructure,
    pub service: &'a domain::Name,
    pub revision: u32,
    pub basis: Basis,
    pub reason: Option<&'a str>,
}

/// When a permit that is signed now ends: with the approval that the version needs to be there, or earlier.
pub(crate) fn permit_end(op: &OpContext, found: &GovernedVersion, infrastructure: &Infrastructure, basis: Basis) -> Timestamp {
    let lasts = op.now.plus(infrastructure.permit_valid_for);
    let needed = deployment::needs_approval(basis, infrastructure.policy);
    let approval = found.signoff().approval_in_force(op.now).filter(|_| needed);
    approval.and_then(|approval| approval.not_after).map_or(lasts, |end| end.min(lasts))
}

/// Signs a permit for one version on one infrastructure.
pub(crate) async fn permit(
    op: &OpContext,
    reader: &mut Reader,
    found: &GovernedVersion,
    policy: Policy,
    purpose: &PermitFor<'_>,
) -> Result<Statement, Error> {
    let infrastructure = purpose.infrastructure;
    let not_after = permit_end(op, found, infrastructure, purpose.basis);
    let approvals: Vec<AttestationReference> = match purpose.basis {
        Basis::Approved => {
            let approval = signed_approval(op, reader, found).await?;
            let uri = format!(
                "{}/api/v1/projects/{}/models/{}/versions/{}/statements",
                op.settings.base_url, found.name.project, found.name.model, found.name.number
            );
            vec![AttestationReference { uri: Some(uri), digest: DigestSet { sha256: approval.payload_digest() } }]
        }
        Basis::Acknowledged | Basis::Unapproved => Vec::new(),
    };
    let policy_bytes = policy_bytes(infrastructure, policy)?;
    let policy = PolicyReference {
        uri: format!("{}/api/v1/infrastructures/{}", op.settings.base_url, infrastructure.name),
        digest: DigestSet { sha256: Sha256::of(&policy_bytes) },
    };
    let terms = PermitTerms {
        audience: infrastructure.name.to_string(),
        service: purpose.service.to_string(),
        revision: purpose.revision.into(),
        basis: match purpose.basis {
            Basis::Approved => proof::Basis::Approved,
            Basis::Acknowledged => proof::Basis::Acknowledged,
            Basis::Unapproved => proof::Basis::Unapproved,
        },
        reason: purpose.reason.map(str::to_owned),
        not_before: utc(op.now)?,
        not_after: utc(not_after)?,
        nonce: nonce(op),
    };
    let resource = op.version_link(&found.name);
    let predicate = PermitPredicate::new(op.settings.server_name.clone(), utc(op.now)?, resource, policy, approvals, terms)
        .map_err(Error::internal)?;
    let envelope = predicate
        .about(found.name.to_string(), sha256(found.version.model_digest))
        .sign(&op.keys.signing)
        .map_err(Error::internal)?;
    Ok(Statement {
        id: op.id::<StatementId>(),
        kind: StatementKind::Permit,
        version_id: found.version.id,
        infrastructure_id: Some(infrastructure.id),
        round: found.signoff().round,
        model_digest: found.version.model_digest,
        envelope: envelope.to_json_bytes(),
        issued_at: op.now,
        not_after: Some(not_after),
    })
}

/// The approval in force as this server signed it. Rows are not enough to sign a permit for: a person with write access to the
/// database can write rows.
async fn signed_approval(op: &OpContext, reader: &mut Reader, found: &GovernedVersion) -> Result<Envelope, Error> {
    let mut approval = None;
    for stored in reader.decisions(found.version.id).await? {
        let Some((envelope, decision)) = said(op, &stored, found) else { continue };
        match decision.decision {
            // A round has one decision that counts; what was taken back stays taken back.
            Decision::Rejected | Decision::Revoked => {
                approval = None;
                break;
            }
            Decision::Approved if approves(&decision, found) => approval = Some(envelope),
            Decision::Approved => {}
        }
    }
    approval.ok_or_else(|| {
        let message =
            format!("this server has not signed the approval that its database shows for {}: it signs no permit", found.name);
        Error::new(Kind::Internal, "approval_not_signed", message)
            .hint("Have the server's operator find out what was altered: countersign admin verify-store.")
    })
}

/// A decision on exactly this version in its present round, if it is this server's word. By its signed round and not by its
/// time: clocks are set back.
fn said(op: &OpContext, stored: &Statement, found: &GovernedVersion) -> Option<(Envelope, ApprovalPredicate)> {
    let envelope = Envelope::from_json_bytes(&stored.envelope).ok()?;
    let statement = proof::Statement::<ApprovalPredicate>::verify(&envelope, &op.keys.public_key()).ok()?;
    let about_it = statement.subject.digest == sha256(found.version.model_digest)
        && statement.subject.name == found.name.to_string()
        && statement.predicate.round == u64::from(found.signoff().round);
    about_it.then_some((envelope, statement.predicate))
}

/// Whether an approval lasts as long as the sign-off says.
fn approves(approval: &ApprovalPredicate, found: &GovernedVersion) -> bool {
    match &found.signoff().state {
        State::Approved { approval: state, .. } => {
            state.not_after.map(utc).transpose().is_ok_and(|end| approval.not_after == end)
        }
        _ => false,
    }
}

/// The policy of an infrastructure as canonical bytes, so that a permit says by which one it was given.
fn policy_bytes(infrastructure: &Infrastructure, policy: Policy) -> Result<Vec<u8>, Error> {
    #[derive(Serialize)]
    struct Bytes<'a> {
        infrastructure: &'a domain::Name,
        stage: &'a domain::Name,
        policy: Policy,
        on_lapse: domain::infrastructure::OnLapse,
        revision: u64,
    }
    let Infrastructure { name, stage, on_lapse, revision, .. } = infrastructure;
    proof::canonical::to_vec(&Bytes { infrastructure: name, stage, policy, on_lapse: *on_lapse, revision: *revision })
        .map_err(Error::internal)
}

fn feedback_digest(answers: &[Answer]) -> Result<Sha256, Error> {
    Ok(Sha256::of(&proof::canonical::to_vec(answers).map_err(Error::internal)?))
}

pub(crate) fn sha256(digest: Digest) -> Sha256 {
    Sha256::from_bytes(*digest.as_bytes())
}

pub(crate) fn utc(time: Timestamp) -> Result<UtcTime, Error> {
    UtcTime::from_micros(time.micros()).map_err(Error::internal)
}

fn nonce(op: &OpContext) -> Nonce {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&op.entropy.bytes()[..16]);
    Nonce::from_entropy(bytes)
}

/// A statement as it is shown; the envelope is the JSON that was signed and stored.
pub(crate) fn view(statement: &Statement) -> Result<views::StatementView, Error> {
    Ok(views::StatementView {
        id: statement.id,
        kind: statement.kind.to_string(),
        round: statement.round,
        issued_at: statement.issued_at,
        not_after: statement.not_after,
        envelope: serde_json::from_slice(&statement.envelope).map_err(Error::internal)?,
    })
}
