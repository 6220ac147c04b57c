//! Permits: the signed outcome of the gate for one version on one infrastructure.

use super::{nonce, sha256, utc};
use crate::{
    Error, OpContext,
    base::{
        governed_version::GovernedVersion,
        signed_checkpoint::examine,
        signed_decisions::{SignedDecisions, not_signed},
    },
};
use domain::{
    StatementId, Timestamp,
    deployment::{self, Basis},
    infrastructure::Policy,
    signoff::SignOff,
};
use proof::{AttestationReference, DigestSet, PermitPredicate, PermitTerms, PolicyReference, Sha256};
use serde::Serialize;
use store::{Infrastructure, Reader, Statement, StatementKind};

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
    let approvals = needed_sign_offs(found).filter_map(|signoff| signoff.approval_in_force(op.now)).filter(|_| needed);
    approvals.filter_map(|approval| approval.not_after).min().map_or(lasts, |end| end.min(lasts))
}

/// The rounds of the sign-offs that the gate asks for.
fn needed_sign_offs(found: &GovernedVersion) -> impl Iterator<Item = &SignOff> {
    found.version.workflow.0.sign_offs_before_deployment().filter_map(|step| found.sign_off_on(step)).map(SignOff::speaking)
}

/// Signs a permit for one version on one infrastructure.
pub(crate) async fn permit(
    op: &OpContext,
    reader: &mut Reader,
    found: &GovernedVersion,
    policy: Policy,
    purpose: &PermitFor<'_>,
) -> Result<Statement, Error> {
    examine(op, reader).await?;
    let infrastructure = purpose.infrastructure;
    let not_after = permit_end(op, found, infrastructure, purpose.basis);
    let approvals: Vec<AttestationReference> = match purpose.basis {
        Basis::Approved => {
            let approvals = signed_approvals(op, reader, found).await?;
            let uri = op.settings.links.statements(&found.name);
            let reference = |sha256| AttestationReference { uri: Some(uri.clone()), digest: DigestSet { sha256 } };
            approvals.into_iter().map(reference).collect()
        }
        Basis::Acknowledged | Basis::Unapproved => Vec::new(),
    };
    let policy_bytes = policy_bytes(infrastructure, policy)?;
    let policy = PolicyReference {
        uri: op.settings.links.infrastructure(&infrastructure.name),
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
    let resource = op.settings.links.version_page(&found.name);
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
        step: found.round.step.clone(),
        round: found.signoff().speaking().round,
        model_digest: found.version.model_digest,
        envelope: envelope.to_json_bytes(),
        issued_at: op.now,
        not_after: Some(not_after),
    })
}

/// The digests of the approvals in force as this server signed them, one for each sign-off that the gate asks for. Rows alone are not
/// enough to sign a permit for.
async fn signed_approvals(op: &OpContext, reader: &mut Reader, found: &GovernedVersion) -> Result<Vec<Sha256>, Error> {
    let decisions = SignedDecisions::of(op, reader, [found.version.id]).await?;
    let signed = |signoff: &SignOff| decisions.approval(found, signoff).map(|approval| approval.digest);
    needed_sign_offs(found).map(|signoff| signed(signoff).ok_or_else(|| not_signed(&found.name))).collect()
}

/// The policy of an infrastructure as canonical bytes, so that a permit says by which one it was given.
fn policy_bytes(infrastructure: &Infrastructure, policy: Policy) -> Result<Vec<u8>, Error> {
    #[derive(Serialize)]
    struct Bytes<'a> {
        infrastructure: &'a domain::Name,
        stage: &'a domain::Name,
        policy: Policy,
        on_lapse: domain::infrastructure::OnLapse,
        accepts: &'a domain::infrastructure::Acceptance,
        revision: u64,
    }
    let Infrastructure { name, stage, on_lapse, accepts, revision, .. } = infrastructure;
    let bytes = Bytes { infrastructure: name, stage, policy, on_lapse: *on_lapse, accepts: &accepts.0, revision: *revision };
    proof::canonical::to_vec(&bytes).map_err(Error::internal)
}
