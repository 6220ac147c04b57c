//! Decisions whose signature was verified: a decision is looked at for each answer of the gate, and its bytes never change.

use crate::base::generations::Generations;
use proof::{ApprovalPredicate, Envelope, PublicKey, Sha256, Statement};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How many are remembered.
const MOST: usize = 10_000;

/// A decision as the server signed it.
#[derive(Debug)]
pub(crate) struct SignedDecision {
    /// The digest of the signed payload.
    pub digest: Sha256,
    /// What was signed.
    pub statement: Statement<ApprovalPredicate>,
}

type Verified = Generations<Sha256, Arc<SignedDecision>, MOST>;

/// The decisions that were verified, by the digest of their envelopes.
#[derive(Default)]
pub(crate) struct VerifiedDecisions(Mutex<Verified>);

impl VerifiedDecisions {
    /// The decision in these bytes, if this key signed it.
    pub fn verify(&self, envelope: &[u8], key: &PublicKey) -> Option<Arc<SignedDecision>> {
        let bytes = Sha256::of(envelope);
        let known = self.known().get(&bytes).cloned();
        if known.is_some() {
            return known;
        }
        let envelope = Envelope::from_json_bytes(envelope).ok()?;
        let statement = Statement::<ApprovalPredicate>::verify(&envelope, key).ok()?;
        let decision = Arc::new(SignedDecision { digest: envelope.payload_digest(), statement });
        self.known().insert(bytes, decision.clone());
        Some(decision)
    }

    fn known(&self) -> MutexGuard<'_, Verified> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
