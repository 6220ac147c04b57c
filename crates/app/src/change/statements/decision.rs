//! The statement of a final decision, in two phases.
//!
//! The first phase prepares the payload: the exact bytes, from a dry run of the command. The second phase judges the command again
//! under the lock and builds the payload again. The decision is made only if the payload equals the prepared bytes. Between
//! the phases a person can sign with their own key. If only the server signs, one transaction does both phases.

use super::{nonce, sha256, utc};
use crate::{
    Error, OpContext,
    base::{
        governed_version::GovernedVersion,
        names::{self, NameThen},
        version_people::VersionPeople,
    },
};
use domain::{
    Duration, Timestamp,
    signoff::{Act, Answer, State, Transition},
};
use proof::{ApprovalPredicate, Decision, DutyPolicy, Envelope, Nonce, Person, Sha256, Signer};
use store::{Reader, Statement, StatementKind};

/// How long a prepared decision can be committed.
const PREPARED_FOR: Duration = Duration::from_seconds(300);

/// A decision that was prepared: what a person can sign, and what the commit has to find again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preparation {
    /// The moment of the decision.
    pub decided_at: Timestamp,
    /// The nonce of the server in the payload.
    pub nonce: Nonce,
    /// The payload: an in-toto statement in canonical JSON.
    pub payload: Vec<u8>,
}

impl Preparation {
    /// Prepares the decision that a dry run led to.
    ///
    /// # Errors
    /// Texts that have no canonical form, or too many of them.
    pub(crate) fn of(
        op: &OpContext,
        version: &GovernedVersion,
        people: &VersionPeople,
        transition: &Transition,
        decision: Decision,
        revokes: Option<Sha256>,
    ) -> Result<Self, Error> {
        let nonce = nonce(op);
        let payload = payload(op, version, people, transition, (decision, revokes), nonce)?;
        Ok(Self { decided_at: op.now, nonce, payload })
    }

    /// Checks that the payload can be committed at this moment.
    ///
    /// # Errors
    /// Prepared too long ago, or at a moment that is still to come.
    pub(crate) fn check_time(&self, now: Timestamp) -> Result<(), Error> {
        if self.decided_at <= now && now < self.decided_at.plus(PREPARED_FOR) {
            return Ok(());
        }
        Err(Error::stale(format!("the decision was prepared at {}, and can be committed for {PREPARED_FOR}", self.decided_at)))
    }

    /// Checks that the command leads to the very same bytes again.
    ///
    /// # Errors
    /// The command leads to other bytes now: something that the statement says has changed since.
    pub(crate) fn check(
        &self,
        op: &OpContext,
        version: &GovernedVersion,
        people: &VersionPeople,
        transition: &Transition,
        decision: Decision,
        revokes: Option<Sha256>,
    ) -> Result<(), Error> {
        match payload(op, version, people, transition, (decision, revokes), self.nonce)? == self.payload {
            true => Ok(()),
            false => Err(Error::stale("what the prepared decision says has changed since it was prepared")),
        }
    }

    /// Signs the payload.
    pub(crate) fn sign(
        self,
        op: &OpContext,
        version: &GovernedVersion,
        transition: &Transition,
        decision: Decision,
        signer: &dyn Signer,
    ) -> Statement {
        Statement {
            id: op.id(),
            kind: StatementKind::Decision,
            version_id: version.version.id,
            infrastructure_id: None,
            step: transition.signoff.step.clone(),
            round: transition.round,
            model_digest: version.version.model_digest,
            envelope: Envelope::sign(self.payload, signer).to_json_bytes(),
            issued_at: self.decided_at,
            not_after: not_after(decision, transition),
        }
    }
}

/// The bytes that a decision is signed over.
fn payload(
    op: &OpContext,
    version: &GovernedVersion,
    people: &VersionPeople,
    transition: &Transition,
    (decision, revokes): (Decision, Option<Sha256>),
    nonce: Nonce,
) -> Result<Vec<u8>, Error> {
    let broken = || Error::internal("a decision without a review cannot be signed");
    let decided = transition.changed().ok_or_else(broken)?;
    let review = decided.review().ok_or_else(broken)?;
    let act = act(&decided.state).ok_or_else(broken)?;
    let (rules, directory, name) = (&version.project.rules.0, &people.directory, &version.name);
    let NameThen { by, account, credential, password } = names::then(act.signatory.as_ref(), act.by, directory);
    let account = account.map_or_else(|| act.by.to_string(), |account| account.to_string());
    let predicate = ApprovalPredicate {
        server: op.settings.server_name.clone(),
        project: name.project.to_string(),
        model: name.model.to_string(),
        version: name.number.into(),
        step: decided.step.to_string(),
        round: decided.round.into(),
        decision,
        meaning: match decision {
            Decision::Approved => format!("{name}, with exactly these bytes, may be deployed."),
            Decision::Rejected => format!("{name} may not be deployed."),
            Decision::Revoked => format!("The approval of {name} no longer holds."),
        },
        decided_by: Person {
            issuer: op.settings.links.server().to_owned(),
            subject: account,
            name: by,
            credential: credential.map(|credential| credential.to_string()),
            invited_by: password.as_ref().map(|origin| origin.issued_by.to_string()),
            invitation_confirmed_by: password.and_then(|origin| origin.confirmed_by).map(|inviter| inviter.to_string()),
        },
        decided_at: utc(act.at)?,
        not_after: not_after(decision, transition).map(utc).transpose()?,
        independent: decision == Decision::Approved && independent(&decided.state),
        revokes,
        comment: act.comment.clone().unwrap_or_default(),
        policy: DutyPolicy { author_may_approve: rules.author_may_approve, requester_may_approve: rules.requester_may_approve },
        approvers: review.reviewers.approvers.iter().map(|container| directory.describe(container)).collect(),
        slots: review.reviewers.slots.iter().map(|slot| slot.name.to_string()).collect(),
        considered: sha256(review.shown),
        feedback: feedback_digest(&review.answers)?,
        nonce,
    };
    predicate.about(sha256(version.version.model_digest)).to_payload().map_err(Error::internal)
}

/// The approval that a revocation takes back, by the digest of what the server signed; none for other decisions. A round that no
/// signature approved can be revoked as well.
pub(crate) async fn revoked_approval(
    op: &OpContext,
    reader: &mut Reader,
    version: &GovernedVersion,
    transition: &Transition,
    decision: Decision,
) -> Result<Option<Sha256>, Error> {
    if decision != Decision::Revoked {
        return Ok(None);
    }
    let decisions = reader.decisions(version.version.id).await?;
    // While an approval is renewed, the revocation is of the round before the present one.
    let round = |stored: &&Statement| stored.step == transition.signoff.step && stored.round == transition.round;
    let approval = decisions.iter().filter(round).find_map(|stored| {
        let envelope = Envelope::from_json_bytes(&stored.envelope).ok()?;
        let signed = proof::Statement::<ApprovalPredicate>::verify(&envelope, &op.keys.public_key()).ok()?;
        (signed.predicate.decision == Decision::Approved).then(|| envelope.payload_digest())
    });
    Ok(approval)
}

/// The act that ended the round.
fn act(state: &State) -> Option<&Act> {
    match state {
        State::Approved { approval, .. } => Some(&approval.act),
        State::Rejected { rejection, .. } => Some(rejection),
        State::Revoked { revocation, .. } => Some(revocation),
        _ => None,
    }
}

/// Whether the approver was neither author nor requester.
fn independent(state: &State) -> bool {
    matches!(state, State::Approved { approval, .. } if approval.independent)
}

/// When the approval ends that a decision gives.
fn not_after(decision: Decision, transition: &Transition) -> Option<Timestamp> {
    match (decision, transition.changed().map(|decided| &decided.state)) {
        (Decision::Approved, Some(State::Approved { approval, .. })) => approval.not_after,
        _ => None,
    }
}

fn feedback_digest(answers: &[Answer]) -> Result<Sha256, Error> {
    Ok(Sha256::of(&proof::canonical::to_vec(answers).map_err(Error::internal)?))
}
