//! That the log holds the statements of a bundle: each event names its statement, and each event is in the log under one checkpoint.

use super::{
    format::{Bundle, LoggedStatement},
    outcome::{Checks, Outcome},
};
use crate::{
    checkpoint::Checkpoint,
    leaf::EventLeaf,
    sha256::Sha256,
    strict_json::{self, Floats, Limits},
    tlog_proof::TlogProof,
    trust::TrustedServer,
};

/// An event's body, as far as it is read here.
const EVENT: Limits = Limits { max_bytes: 16 << 20, max_depth: 64, floats: Floats::Refused };

/// Checks every statement; gives the checkpoint that all of them are under.
pub(super) fn check(checks: &mut Checks, bundle: &Bundle, trusted: &TrustedServer) -> Option<Checkpoint> {
    const CHECK: &str = "log";
    if trusted.log_keys.is_empty() {
        checks.add(CHECK, Outcome::NotShown, "the trust file names no key of the log", true);
        return None;
    }
    let mut checkpoint: Option<Checkpoint> = None;
    let mut events = 0;
    for logged in bundle.decisions.iter().chain(&bundle.permits) {
        match one(logged, trusted) {
            Err(problem) => {
                checks.result(CHECK, Err(problem));
                return None;
            }
            Ok(found) if checkpoint.as_ref().is_some_and(|checkpoint| *checkpoint != found) => {
                checks.result(CHECK, Err("the events are proved under different checkpoints".to_owned()));
                return None;
            }
            Ok(found) => checkpoint = Some(found),
        }
        events += 1;
    }
    if let Some(checkpoint) = &checkpoint {
        let because =
            format!("{events} events with these statements are in the log `{}` of {} events", checkpoint.origin, checkpoint.size);
        checks.result(CHECK, Ok(because));
    }
    checkpoint
}

fn one(logged: &LoggedStatement, trusted: &TrustedServer) -> Result<Checkpoint, String> {
    let proof = TlogProof::parse(&logged.proof).map_err(|error| error.to_string())?;
    let body = logged.event.as_bytes();
    let leaf = EventLeaf::of(proof.index, body).hash().map_err(|error| error.to_string())?;
    let checkpoint = proof.verify(&leaf, trusted).map_err(|error| error.to_string())?;
    let event = strict_json::parse(body, &EVENT).map_err(|error| format!("the event cannot be read: {error}"))?;
    let payload = logged.envelope.payload_digest();
    let named = event["statements"].as_array().into_iter().flatten().filter_map(|digest| digest.as_str()?.parse::<Sha256>().ok());
    if !named.into_iter().any(|digest| digest == payload) {
        return Err(format!("event {} records another statement than the one beside it", proof.index));
    }
    if event["position"].as_u64() != Some(proof.index) {
        return Err(format!("the event at {} says that it stands elsewhere", proof.index));
    }
    Ok(checkpoint)
}
