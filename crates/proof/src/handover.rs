//! One key of the log takes over from another, shown by the log: the event that names both keys, under a checkpoint that the earlier key
//! signed. So a program that trusts the earlier key learns the later one without its operator.

use crate::{
    checkpoint::{self, NoteError},
    leaf::EventLeaf,
    merkle,
    strict_json::{self, Floats, Limits},
    tlog_proof::{TlogProof, TlogProofError},
};
use serde::{Deserialize, Serialize};

/// The type of the event.
const CHANGED: &str = "log.key_changed";
/// The body of such an event.
const EVENT: Limits = Limits { max_bytes: 64 << 10, max_depth: 16, floats: Floats::Refused };

/// What shows that a key took over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handover {
    /// The bytes of the event's body.
    pub event: String,
    /// The proof that the event is in the log, as C2SP `tlog-proof`, under a checkpoint that both keys signed.
    pub proof: String,
}

/// Why a hand-over shows nothing.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum HandoverError {
    /// The event cannot be read, or is another one.
    #[error("the event is no change of this key of the log: {0}")]
    Event(String),
    /// The event is not in the log of the checkpoint, or the checkpoint is not signed.
    #[error(transparent)]
    Proof(#[from] TlogProofError),
}

impl Handover {
    /// The key that took over from this key.
    ///
    /// # Errors
    /// When the event does not name this key, is not in the log, or one of the two keys did not sign the checkpoint.
    pub fn verify(&self, from: &str) -> Result<String, HandoverError> {
        let wrong = |what: &str| HandoverError::Event(what.to_owned());
        let body = self.event.as_bytes();
        let event = strict_json::parse(body, &EVENT).map_err(|error| wrong(&error.to_string()))?;
        let event = &event["event"];
        if event["type"] != CHANGED || event["data"]["from"] != from {
            return Err(wrong("it has another type, or names another key"));
        }
        let to = event["data"]["to"].as_str().ok_or_else(|| wrong("it names no later key"))?;
        let names = [from, to].map(checkpoint::name_of);
        let [from_name, to_name] = names.map(|name| name.map_err(TlogProofError::Checkpoint));
        if from_name? != to_name? {
            return Err(wrong("the later key is the key of another log"));
        }
        let proof = TlogProof::parse(&self.proof)?;
        let leaf = EventLeaf::of(proof.index, body).hash().map_err(|error| wrong(&error.to_string()))?;
        // Each of the two keys vouches for the other.
        for key in [from, to] {
            let signed = checkpoint::open(&proof.checkpoint, key).map_err(TlogProofError::Checkpoint)?;
            let included = merkle::verify_inclusion(&leaf, proof.index, signed.size, &proof.hashes, &signed.root);
            included.map_err(TlogProofError::Path)?;
        }
        Ok(to.to_owned())
    }
}

impl From<NoteError> for HandoverError {
    fn from(error: NoteError) -> Self {
        Self::Proof(TlogProofError::Checkpoint(error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Checkpoint, LogKey, Sha256};

    fn key(byte: u8, name: &str) -> LogKey {
        LogKey::from_seed([byte; 32], name).unwrap()
    }

    /// A log of two events, the second of which is this body; each of the keys signs its checkpoint.
    fn handover(body: &str, keys: &[&LogKey]) -> Handover {
        let leaf = EventLeaf::of(1, body.as_bytes()).hash().unwrap();
        let before = merkle::leaf_hash(b"before");
        let root = merkle::node_hash(&before, &leaf);
        let checkpoint = Checkpoint { origin: keys[0].name().to_owned(), size: 2, root };
        let note = checkpoint::sign(&checkpoint, keys[0]).unwrap();
        let note = keys[1..].iter().fold(note, |note, key| checkpoint::add_signature(&note, key).unwrap());
        let proof = TlogProof { index: 1, hashes: vec![before], checkpoint: note };
        Handover { event: body.to_owned(), proof: proof.to_text() }
    }

    fn changed(from: &LogKey, to: &LogKey) -> String {
        let data = serde_json::json!({"from": from.vkey(), "to": to.vkey(), "reason": "Yearly."});
        serde_json::json!({"event": {"type": "log.key_changed", "data": data}}).to_string()
    }

    #[test]
    fn the_earlier_key_shows_the_later_one() {
        let [old, new, other] = [1, 2, 3].map(|byte| key(byte, "a.example"));
        let good = handover(&changed(&old, &new), &[&new, &old]);
        assert_eq!(good.verify(&old.vkey()), Ok(new.vkey()));
        assert!(matches!(good.verify(&other.vkey()), Err(HandoverError::Event(_))), "another key handed over");
    }

    #[test]
    fn nothing_else_does() {
        let [old, new] = [1, 2].map(|byte| key(byte, "a.example"));
        let elsewhere = key(3, "b.example");
        let body = changed(&old, &new);
        // Signed by one of the two keys only.
        for keys in [[&new].as_slice(), &[&old]] {
            let refused = handover(&body, keys).verify(&old.vkey());
            assert!(matches!(refused, Err(HandoverError::Proof(TlogProofError::Checkpoint(NoteError::NotSignedBy(_))))));
        }
        let good = handover(&body, &[&new, &old]);
        let altered = Handover { event: body.replace("Yearly", "Weekly"), ..good.clone() };
        assert!(matches!(altered.verify(&old.vkey()), Err(HandoverError::Proof(TlogProofError::Path(_)))));
        let moved = TlogProof { hashes: vec![Sha256::of(b"x")], ..TlogProof::parse(&good.proof).unwrap() };
        let moved = Handover { proof: moved.to_text(), ..good.clone() };
        assert!(matches!(moved.verify(&old.vkey()), Err(HandoverError::Proof(TlogProofError::Path(_)))));
        let continued = body.replace("log.key_changed", "log.continued");
        let another_log = changed(&old, &elsewhere);
        let no_key = body.replace(&new.vkey(), "no key");
        for event in [continued, another_log, no_key, "{}".to_owned(), "[".to_owned()] {
            assert!(handover(&event, &[&new, &old]).verify(&old.vkey()).is_err(), "{event}");
        }
    }
}
