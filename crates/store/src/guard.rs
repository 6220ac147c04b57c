//! What a store checks with what it reads: the key of the seals, and with which event each row was recorded last, as far as this process
//! knows. So neither a row that somebody altered is read, nor an older state of a row with the seal that it had then.

use crate::{SealKey, StoreError, record::Table, value::Value};
use domain::Digest;
use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    sync::{
        OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
        atomic::{AtomicBool, Ordering},
    },
};

/// The checks of a store.
#[derive(Default)]
pub(crate) struct Guard {
    key: OnceLock<SealKey>,
    /// Whether rows are read where there is no key.
    keyless: bool,
    log: RwLock<Known>,
    /// Whether the log was gone through once: from then on, no event may be missed.
    went_through: AtomicBool,
}

/// What is known of the log. A row is known by a hash of its name, so that a million rows take some ten megabytes.
#[derive(Default)]
struct Known {
    size: u64,
    /// The size up to which every event was gone through.
    through: u64,
    hasher: RandomState,
    rows: HashMap<u64, Recorded>,
}

/// The last event that a row was recorded with, and whether the row was there after it.
#[derive(Clone, Copy)]
struct Recorded {
    position: u64,
    there: bool,
}

/// A row in a state from before the last event that is known of it.
pub(crate) struct Stale {
    pub row: String,
    pub recorded: u64,
}

/// What was seen of rows while they were read.
#[derive(Default)]
pub(crate) struct Seen {
    /// The last one with a later state that is known: only the reader knows whether its view is from before that.
    pub stale: Option<Stale>,
    /// The right seals, by row, where somebody keeps them.
    pub seals: Option<HashMap<String, Vec<u8>>>,
}

impl Guard {
    /// For a verifier who has no key, and who compares every row with the log.
    pub fn without_key() -> Self {
        Self { keyless: true, ..Self::default() }
    }

    /// Gives the store its key. The first one stays.
    pub fn set_key(&self, key: SealKey) {
        // A second one is that of the same server: a store belongs to one.
        let _ = self.key.set(key);
    }

    /// The key to check with; none for a verifier without one.
    ///
    /// # Errors
    /// When the store was not given its key.
    pub fn checking(&self) -> Result<Option<&SealKey>, StoreError> {
        if self.keyless { Ok(self.key.get()) } else { self.key().map(Some) }
    }

    /// The key to seal with.
    ///
    /// # Errors
    /// When the store was not given its key.
    pub fn key(&self) -> Result<&SealKey, StoreError> {
        self.key.get().ok_or(StoreError::NoSealKey)
    }

    /// The columns of a row as read, once their seal, which stands behind them, is found right.
    pub fn opened(&self, table: &Table, mut values: Vec<Value>, seen: &mut Seen) -> Result<Vec<Value>, StoreError> {
        if !table.sealed {
            return Ok(values);
        }
        let seal = match values.pop() {
            Some(Value::Bytes(seal)) => seal,
            _ => Vec::new(),
        };
        if let Some(key) = self.checking()? {
            let altered = || StoreError::Altered(table.row_name(&values));
            let position = key.position(table, &values, &seal).ok_or_else(altered)?;
            let row = table.row_name(&values);
            if let Some(last) = self.known().of(&row).filter(|last| last.position > position) {
                seen.stale = Some(Stale { row, recorded: last.position });
            } else if let Some(seals) = &mut seen.seals {
                seals.insert(row, seal);
            }
        }
        Ok(values)
    }

    /// The last event that is known of a row, where the row was there after it.
    pub fn there_since(&self, row: &str) -> Option<u64> {
        self.known().of(row).filter(|last| last.there).map(|last| last.position)
    }

    /// How large the log was at least, when this process heard of it last.
    pub fn log_size(&self) -> u64 {
        self.known().size
    }

    /// From which event on the log was not gone through yet.
    pub fn through(&self) -> u64 {
        self.known().through
    }

    /// The log was gone through up to this size: from now on no event may be missed.
    pub fn went_through(&self, size: u64) {
        let mut known = self.log.write().unwrap_or_else(PoisonError::into_inner);
        known.through = known.through.max(size);
        self.went_through.store(true, Ordering::SeqCst);
    }

    /// From which event on a log of this size has to be gone through, before anything is read that rests on its rows. None before the log
    /// was gone through once: a server answers meanwhile.
    pub fn missing(&self, size: u64) -> Option<u64> {
        Some(self.through()).filter(|through| *through < size && self.went_through.load(Ordering::SeqCst))
    }

    /// Keeps what an event says of rows.
    pub fn learn(&self, position: u64, rows: &[(String, Option<Digest>)]) {
        let mut known = self.log.write().unwrap_or_else(PoisonError::into_inner);
        known.size = known.size.max(position + 1);
        if known.through == position {
            known.through = position + 1;
        }
        for (row, digest) in rows {
            let hash = known.hasher.hash_one(row);
            let last = known.rows.entry(hash).or_insert(Recorded { position, there: digest.is_some() });
            if last.position <= position {
                *last = Recorded { position, there: digest.is_some() };
            }
        }
    }

    /// Forgets the log: an operator went on with an older one.
    pub fn forget(&self) {
        let mut known: RwLockWriteGuard<'_, Known> = self.log.write().unwrap_or_else(PoisonError::into_inner);
        *known = Known::default();
    }

    fn known(&self) -> RwLockReadGuard<'_, Known> {
        self.log.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn of(&self, row: &str) -> Option<Recorded> {
        self.rows.get(&self.hasher.hash_one(row)).copied()
    }
}
