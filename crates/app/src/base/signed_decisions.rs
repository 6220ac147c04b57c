//! The decisions on versions as this server signed them. Gate, deployer, permits and plans stand on them alike: somebody who can
//! write to the database can write rows that say "approved", and no signature.

use crate::{
    Error, OpContext,
    base::{error::Code, governed_version::GovernedVersion, verified::SignedDecision},
};
use domain::{
    NextStep, Timestamp, VersionId,
    signoff::{Approval, SignOff, State},
};
use proof::{ApprovalPredicate, Decision, Sha256, UtcTime};
use std::{cmp::Ordering, collections::HashMap, sync::Arc};
use store::{Reader, Statement, StatementKind};

/// The signed decisions on some versions.
pub(crate) struct SignedDecisions(HashMap<VersionId, Vec<Arc<SignedDecision>>>);

impl SignedDecisions {
    /// The decisions on these versions. A statement that this server did not sign is none.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn of(op: &OpContext, reader: &mut Reader, versions: impl IntoIterator<Item = VersionId>) -> Result<Self, Error> {
        Ok(Self::among(op, &reader.decisions_of(versions).await?))
    }

    /// The decisions among these statements.
    pub fn among<'a>(op: &OpContext, statements: impl IntoIterator<Item = &'a Statement>) -> Self {
        let key = op.keys.public_key();
        let mut decisions: HashMap<_, Vec<_>> = HashMap::new();
        for stored in statements.into_iter().filter(|stored| stored.kind == StatementKind::Decision) {
            if let Some(decision) = op.verified.verify(&stored.envelope, &key) {
                decisions.entry(stored.version_id).or_default().push(decision);
            }
        }
        Self(decisions)
    }

    /// The signed approval on which this sign-off of the version stands; none where the sign-off says more than was signed.
    pub fn approval(&self, found: &GovernedVersion, signoff: &SignOff) -> Option<&SignedDecision> {
        let State::Approved { approval, .. } = &signoff.state else {
            return None;
        };
        let mut signed = None;
        for decision in self.0.get(&found.version.id).into_iter().flatten() {
            if !is_about(decision, found, signoff) {
                continue;
            }
            match decision.statement.predicate.round.cmp(&signoff.round.into()) {
                Ordering::Less => continue,
                // A later round was decided, and its row is gone.
                Ordering::Greater => return None,
                Ordering::Equal => {}
            }
            match decision.statement.predicate.decision {
                // A round has one decision that counts; what was taken back stays taken back.
                Decision::Rejected | Decision::Revoked => return None,
                Decision::Approved if says(&decision.statement.predicate, approval) => signed = Some(&**decision),
                Decision::Approved => {}
            }
        }
        signed
    }
}

/// The error of a version whose approval is in the database and was not signed.
pub(crate) fn not_signed(version: impl std::fmt::Display) -> Error {
    let message = format!("this server has not signed the approval that its database shows for {version}");
    Error::new(Code::ApprovalNotSigned, message).next(NextStep::VerifyStore)
}

/// Whether a decision is about exactly this version and this sign-off of it.
fn is_about(decision: &SignedDecision, found: &GovernedVersion, signoff: &SignOff) -> bool {
    let (subject, predicate) = (&decision.statement.subject, &decision.statement.predicate);
    subject.digest == Sha256::from_bytes(*found.version.model_digest.as_bytes())
        && subject.name == found.name.to_string()
        && predicate.step == signoff.step.as_str()
}

/// Whether the signed approval has the time, the end and the approver of the row.
fn says(signed: &ApprovalPredicate, approval: &Approval) -> bool {
    let same = |time: Timestamp, signed: UtcTime| UtcTime::from_micros(time.micros()).is_ok_and(|time| time == signed);
    let same_end = match (approval.not_after, signed.not_after) {
        (None, None) => true,
        (Some(end), Some(signed)) => same(end, signed),
        _ => false,
    };
    let account = approval.act.signatory.as_ref().map(|signatory| signatory.account.as_str());
    let same_kind = signed.independent == approval.independent;
    same_end
        && same_kind
        && same(approval.act.at, signed.decided_at)
        && account.is_none_or(|account| account == signed.decided_by.subject)
}
