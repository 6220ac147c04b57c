//! That the log of a bundle continues the checkpoints that the verifier kept.

use super::{
    format::Bundle,
    outcome::{Checks, Outcome},
};
use crate::{checkpoint::Checkpoint, merkle, trust::TrustedServer};

/// That the log of the bundle continues the checkpoints that the verifier kept.
pub(super) fn check(
    checks: &mut Checks,
    bundle: &Bundle,
    trusted: &TrustedServer,
    notes: &[String],
    checkpoint: Option<&Checkpoint>,
) {
    const CHECK: &str = "your checkpoint";
    if notes.is_empty() {
        checks.add(
            CHECK,
            Outcome::NotShown,
            "no earlier checkpoint was given: the log may have been rewritten before this one",
            false,
        );
    }
    for note in notes {
        let kept = match trusted.checkpoint(note) {
            Ok(kept) => kept,
            Err(error) => {
                checks.result(CHECK, Err(error.to_string()));
                continue;
            }
        };
        let Some(checkpoint) = checkpoint else {
            checks.add(CHECK, Outcome::NotShown, "the bundle has no good checkpoint to compare with", true);
            continue;
        };
        let none = Vec::new();
        let proof = bundle.consistency.iter().find(|proof| proof.from == kept.size).map(|proof| &proof.hashes);
        match proof.or((kept.size == checkpoint.size || kept.size == 0).then_some(&none)) {
            None => {
                let because = format!("the bundle has no proof from event {} on: make it again with that checkpoint", kept.size);
                checks.add(CHECK, Outcome::NotShown, because, true);
            }
            Some(hashes) => {
                let verified = merkle::verify_consistency(kept.size, checkpoint.size, hashes, &kept.root, &checkpoint.root);
                checks.result(
                    CHECK,
                    match verified {
                        Ok(()) => Ok(format!("the log of {} events continues yours of {}", checkpoint.size, kept.size)),
                        Err(error) => Err(format!("the log does not continue your checkpoint of {} events: {error}", kept.size)),
                    },
                );
            }
        }
    }
    // What nobody asked for is checked as far as that goes: a proof has to be a good one for some checkpoint.
    let asked: Vec<_> = notes.iter().filter_map(|note| trusted.checkpoint(note).ok()).map(|kept| kept.size).collect();
    if bundle.consistency.iter().any(|proof| !asked.contains(&proof.from)) {
        checks.add("other checkpoints", Outcome::NotShown, "the bundle has proofs for checkpoints that were not given", false);
    }
}
