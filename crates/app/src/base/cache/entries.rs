//! What the cache holds, and which of it each event makes old.

use crate::{
    Caller,
    base::{
        cache::{
            gate_facts::{GateFacts, GateKey},
            out_of_policy::OutOfPolicy,
            places::Places,
            rights::Rights,
            waiting_rounds::WaitingRounds,
        },
        generations::Generations,
    },
};
use domain::{Digest, Timestamp, UserId, VersionId, event::Event};
use std::{collections::HashMap, sync::Arc};
use store::{LogMark, LoggedEvent, MailSettings};

/// How many entries of each kind are kept.
const MOST: usize = 20_000;

#[derive(Default)]
pub(super) struct Entries {
    /// What the database said when it was asked last.
    pub mark: Option<LogMark>,
    /// The size of the log up to which its events were gone through.
    pub size: u64,
    /// The size at which everything was forgotten last.
    pub all_since: u64,
    /// The size at which the callers were forgotten last.
    pub since: u64,
    /// The size at which all that the gate knows was forgotten last.
    pub gates_since: u64,
    pub callers: Generations<Vec<u8>, (Caller, Timestamp), MOST>,
    /// What the gate knows, each with the size at which it was read.
    pub gates: Generations<GateKey, (u64, Arc<GateFacts>), MOST>,
    pub rights: Rights,
    /// Versions that changed, with the size right after; what was read at that size or later still holds.
    pub changed: HashMap<VersionId, u64>,
    /// The same for whichever version changed last.
    pub any_changed: u64,
    /// Bytes on which something was signed, with the size right after.
    pub spoken_on: HashMap<Digest, u64>,
    /// With the size at which they were read.
    pub waiting: Option<(u64, Arc<WaitingRounds>)>,
    /// With the size at which it was judged.
    pub out_of_policy: Option<(u64, Arc<OutOfPolicy>)>,
    /// By account, each with the size at which they were read.
    pub places: Generations<UserId, (u64, Arc<Places>), MOST>,
    /// The mail server that administrators chose, or that they chose none.
    pub mail: Option<Option<Arc<MailSettings>>>,
}

impl Entries {
    /// What the gate knows about a question at this size or a later one, if it is remembered and still holds.
    pub fn gate(&self, size: u64, key: &GateKey, now: Timestamp) -> Option<Arc<GateFacts>> {
        let (read_at, known) = self.gates.get(key).filter(|(_, known)| self.size >= size && known.holds(now))?;
        let changed_at = match known.version_id() {
            Some(version) if !key.version.is_empty() => {
                self.changed.get(&version).max(self.spoken_on.get(&known.candidate.model_digest)).copied().unwrap_or(0)
            }
            // Which version speaks for bytes depends on all of them.
            _ => self.any_changed,
        };
        (*read_at >= changed_at).then(|| known.clone())
    }

    pub fn forget(&mut self, size: u64) {
        // Not under the lock: there may be many.
        self.callers.clear();
        self.gates.clear();
        self.places.clear();
        let mark = self.mark.take();
        let rights = Rights::since(size);
        *self =
            Self { mark, size, all_since: size, since: size, gates_since: size, any_changed: size, rights, ..Self::default() };
    }

    fn forget_gates(&mut self, size: u64) {
        self.gates.clear();
        self.gates_since = size;
    }

    fn changed(&mut self, version: VersionId, size: u64) {
        self.changed.insert(version, size);
        self.any_changed = size;
    }

    /// Goes through the events from `self.size` on: changes of versions and their permits touch what is known of them, signed words what is
    /// known of their bytes, deployments what is known of any version, and tokens the callers; of any other row it is not known whom
    /// it matters to. `bytes` are those of the versions that something was signed about.
    pub fn learn(&mut self, events: &[LoggedEvent], bytes: &HashMap<VersionId, Digest>) {
        for event in events {
            let after = event.position + 1;
            if event.position != self.size || self.changed.len() >= MOST || self.spoken_on.len() >= MOST {
                return self.forget(events.last().map_or(after, |last| last.position + 1));
            }
            self.size = after;
            if matches!(event.event, Event::AbsenceSet { .. }) {
                // Nothing else that is remembered rests on an absence: accounts bear it.
                self.callers.clear();
                self.since = after;
                self.rights = Rights::since(after);
                continue;
            }
            if !event.statements.is_empty() {
                match event.about.version.and_then(|version| bytes.get(&version)) {
                    Some(bytes) => _ = self.spoken_on.insert(*bytes, after),
                    None => self.forget_gates(after),
                }
            }
            for (row, _) in &event.rows {
                let mut parts = row.split('/');
                match (parts.next(), parts.next().map(str::parse::<VersionId>)) {
                    (Some("versions" | "rounds"), Some(Ok(version))) => {
                        self.changed(version, after);
                    }
                    (Some("tokens"), _) => {
                        self.callers.clear();
                        self.since = after;
                    }
                    // What is in service is part of what the gate knows, for the permit that it hands out.
                    (Some("deployments" | "revisions"), _) => self.forget_gates(after),
                    (Some("shares"), _) => match event.about.version {
                        Some(version) => self.changed(version, after),
                        None => self.forget_gates(after),
                    },
                    // A statement counts by the bytes that it is about, and a permit only while a share has it, whose row would be named as well.
                    (Some("statements" | "invitations"), _) => {}
                    _ => self.forget(after),
                }
            }
        }
    }
}
