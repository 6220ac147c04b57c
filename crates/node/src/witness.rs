//! The node as a witness of the server's log: the node keeps the largest checkpoint that it saw, and follows no plan of a log that does
//! not continue it. So a server that lost events, a revocation among them, cannot go on as if nothing had happened.

mod file;
mod refusal;

pub use file::{Acceptance, WitnessFile};
pub use refusal::LogRefusal;

use proof::{Checkpoint, Handover, NoteError, Sha256, TrustedLogKey, checkpoint, merkle};
use serde::Deserialize;
use std::io;

/// The log as the server shows it with a plan. Nothing of it counts before it is verified.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct ShownLog {
    /// A signed checkpoint.
    pub checkpoint: String,
    /// The proof from the size that the node named.
    #[serde(default)]
    pub consistency: Vec<Sha256>,
    /// How the present key took over from the key that the node named.
    #[serde(default)]
    pub handovers: Vec<Handover>,
}

/// What a node knows of the server's log.
#[derive(Clone, Debug)]
pub struct Witness {
    /// The key of the log that the node goes by.
    key: String,
    /// The largest checkpoint, as the note and as its content.
    kept: Option<(String, Checkpoint)>,
    /// How `key` took over from the key in the trust file, if it did.
    handovers: Vec<Handover>,
    accepted: Vec<Acceptance>,
    /// Why the file cannot be used.
    damage: Option<String>,
    /// The checkpoint of a file that cannot be used, for the operator who goes on with another log.
    uncounted: Option<String>,
}

impl Witness {
    /// Takes up what the node kept, by the keys of the log in the trust file, the present one last. `None` without a key. An earlier
    /// key counts up to the size at which the next one took over.
    pub fn new(file: io::Result<Option<Vec<u8>>>, keys: &[TrustedLogKey]) -> Option<Self> {
        let key = keys.last()?.vkey.clone();
        let mut witness = Self { key, kept: None, handovers: Vec::new(), accepted: Vec::new(), damage: None, uncounted: None };
        match file.map_err(|error| error.to_string()).and_then(|bytes| bytes.map(|bytes| WitnessFile::parse(&bytes)).transpose())
        {
            Ok(None) => {}
            Ok(Some(file)) => witness.take_up(file, keys),
            Err(problem) => witness.damage = Some(problem),
        }
        Some(witness)
    }

    fn take_up(&mut self, file: WitnessFile, keys: &[TrustedLogKey]) {
        self.accepted = file.accepted;
        let mut known = keys.to_vec();
        for handover in file.handovers {
            // A newer trust file names the later keys itself.
            if let Ok(key) = handover.verify(&self.key) {
                self.handovers.push(handover);
                known.push(TrustedLogKey::present(key.clone()));
                self.key = key;
            }
        }
        let Some(note) = file.checkpoint else { return };
        let opened = known.iter().rev().find_map(|key| {
            let checkpoint = checkpoint::open(&note, &key.vkey).ok()?;
            key.until.is_none_or(|until| checkpoint.size <= until).then_some(checkpoint)
        });
        match opened {
            Some(checkpoint) => self.kept = Some((note, checkpoint)),
            None => {
                self.uncounted = Some(note);
                let damage =
                    "no key of the log in the trust file signed the checkpoint in it, while that key was the key of the log";
                self.damage = Some(damage.to_owned());
            }
        }
    }

    /// The key that the node goes by.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// How many events the largest checkpoint covers.
    pub fn size(&self) -> Option<u64> {
        self.kept.as_ref().map(|(_, kept)| kept.size)
    }

    /// The largest checkpoint.
    pub fn checkpoint(&self) -> Option<&str> {
        self.kept.as_ref().map(|(note, _)| note.as_str())
    }

    /// Checks that the log which the server shows continues what the node saw, and keeps its checkpoint. Says whether there is something
    /// new to keep.
    ///
    /// # Errors
    /// Why the log is refused. Nothing is kept then.
    pub fn examine(&mut self, shown: Option<&ShownLog>) -> Result<bool, LogRefusal> {
        if let Some(damage) = &self.damage {
            return Err(LogRefusal::Damaged(damage.clone()));
        }
        let Some(shown) = shown else {
            // Nothing was signed yet, and nothing was seen.
            return self.size().map_or(Ok(false), |kept| Err(LogRefusal::NoCheckpoint { kept }));
        };
        let mut key = self.key.clone();
        for handover in &shown.handovers {
            key = handover.verify(&key)?;
        }
        let seen = checkpoint::open(&shown.checkpoint, &key)?;
        if let Some((note, kept)) = &self.kept {
            let (was, is) = (kept.size, seen.size);
            if is < was {
                return Err(LogRefusal::Shrunk { kept: was, shown: is });
            }
            merkle::verify_consistency(was, is, &shown.consistency, &kept.root, &seen.root)
                .map_err(|_| LogRefusal::Forked { kept: was, shown: is })?;
            if was == is && shown.handovers.is_empty() && checkpoint::open(note, &key).is_ok() {
                return Ok(false);
            }
        }
        self.key = key;
        self.handovers.extend(shown.handovers.iter().cloned());
        self.kept = Some((shown.checkpoint.clone(), seen));
        Ok(true)
    }

    /// Goes on with the log of this checkpoint, by the word of the node's operator. Says whether that was new: each checkpoint is accepted
    /// once, so that the word may stay where the node is started.
    ///
    /// # Errors
    /// When the key that the node goes by did not sign the checkpoint.
    pub fn accept(&mut self, note: &str, at: String) -> Result<bool, NoteError> {
        let checkpoint = checkpoint::open(note, &self.key)?;
        if self.accepted.iter().any(|accepted| accepted.checkpoint == note) {
            return Ok(false);
        }
        let given_up = self.kept.take().map(|(note, _)| note).or_else(|| self.uncounted.take());
        self.accepted.push(Acceptance { checkpoint: note.to_owned(), given_up, at });
        self.kept = Some((note.to_owned(), checkpoint));
        self.damage = None;
        Ok(true)
    }

    /// The file that keeps all of this.
    pub fn to_file(&self) -> WitnessFile {
        let checkpoint = self.checkpoint().map(str::to_owned).or_else(|| self.uncounted.clone());
        WitnessFile { checkpoint, handovers: self.handovers.clone(), accepted: self.accepted.clone() }
    }
}

#[cfg(test)]
mod tests;
