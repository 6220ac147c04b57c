//! A writer changes rows and records why, and both commit together or not at all.

use super::{
    About, Origin, OutsideWriter,
    log::{self, LoggedEvent, Pending},
};
use crate::{
    StoreError,
    conn::Conn,
    guard::{Guard, Seen},
    log_head::LogHead,
    record::{Exclusion, Record, SignedStatement, Table, Written},
    value::Value,
};
use domain::{Digest, Timestamp, VersionId, event::Event};
use std::{
    collections::HashMap,
    ops::{Deref, DerefMut},
    sync::Arc,
};

/// A change in the making. Writers run one after the other on both databases, so nothing that was read through one can change
/// before it commits.
pub struct Writer {
    outside: OutsideWriter,
    origin: Origin,
    head: LogHead,
    pending: Vec<Pending>,
    touched: Vec<(String, Option<Digest>)>,
    signed: Vec<Digest>,
    model_digests: HashMap<VersionId, Digest>,
    on_commit: Option<OnCommit>,
}

/// What a change added to the log.
pub struct Committed {
    /// The head of the log before.
    pub before: LogHead,
    /// The head of the log after.
    pub after: LogHead,
    /// The events.
    pub events: Vec<LoggedEvent>,
    /// The bytes of the versions that something was signed about.
    pub model_digests: HashMap<VersionId, Digest>,
}

type OnCommit = Box<dyn FnOnce(&Committed) + Send>;

impl Writer {
    /// Takes the head of the log, which only one writer at a time can hold.
    pub(crate) async fn begin(conn: Conn, guard: Arc<Guard>, origin: Origin) -> Result<Self, StoreError> {
        let mut outside = OutsideWriter::begin(conn, guard);
        outside.seals = Some(HashMap::new());
        let head = log::lock_head(&mut outside).await?;
        outside.held_head = Some(head.clone());
        // Nothing is decided on an older state than the one that the log tells of, also where another server recorded the later one.
        if outside.guard.missing(head.frontier.size()).is_some() {
            outside.learn(head.frontier.size()).await?;
        }
        let mut writer = Self {
            outside,
            origin,
            head,
            pending: Vec::new(),
            touched: Vec::new(),
            signed: Vec::new(),
            model_digests: HashMap::new(),
            on_commit: None,
        };
        if let Some(claim) = writer.origin.key.clone() {
            let at = writer.origin.at;
            writer.claim_key(claim, at).await?;
        }
        Ok(writer)
    }

    /// Who writes, when and why.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Sets the moment of acting, which is known better once the wait for other writers is over.
    pub fn acts_at(&mut self, at: Timestamp) {
        self.origin.at = at;
    }

    /// The head of the log on which this change builds.
    pub fn head(&self) -> &LogHead {
        &self.head
    }

    /// Tells of the events of this change once they are committed.
    pub fn on_commit(&mut self, tell: impl FnOnce(&Committed) + Send + 'static) {
        self.on_commit = Some(Box::new(tell));
    }

    /// When the last event was recorded, if there is one.
    pub fn last_event_at(&self) -> Option<Timestamp> {
        self.head.last_event_at
    }

    /// Adds a row.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when its key or a unique name is taken.
    pub async fn insert<R: Record>(&mut self, row: &R) -> Result<(), StoreError> {
        let table = R::table();
        let values = row.values();
        self.check(row).await?;
        let sealed = self.sealed(table, &values)?;
        self.conn.execute(table.insert(), &sealed).await?;
        self.index(row, Written::Inserted).await?;
        self.touch(row, &values)?;
        Ok(())
    }

    /// Replaces the row with this key.
    ///
    /// # Errors
    /// [`StoreError::Gone`] when there is none; [`StoreError::Altered`] when the row that is there bears no right seal.
    pub async fn update<R: Record>(&mut self, row: &R) -> Result<(), StoreError> {
        let table = R::table();
        let values = row.values();
        self.check(row).await?;
        let sealed = self.sealed(table, &values)?;
        if !self.replace_read(table, &sealed).await? {
            self.check_present(table, &values).await?;
            if self.conn.execute(table.update(), &sealed).await? != 1 {
                return Err(StoreError::Gone(table.name));
            }
        }
        self.index(row, Written::Updated).await?;
        self.touch(row, &values)?;
        Ok(())
    }

    /// Refuses a row beside which there is what it excludes.
    async fn check<R: Record>(&mut self, row: &R) -> Result<(), StoreError> {
        match row.exclusion() {
            Some(Exclusion { sql, args, error }) if self.number::<u64>(sql, &args).await? > 0 => Err(error),
            _ => Ok(()),
        }
    }

    /// Replaces a row in the very state in which this writer read it, whose seal was right; gives whether it was there. No other writer can
    /// have changed it meanwhile.
    async fn replace_read(&mut self, table: &Table, sealed: &[Value]) -> Result<bool, StoreError> {
        let row = table.row_name(&sealed[..table.columns.len()]);
        let Some(seal) = self.seals.as_mut().and_then(|seals| seals.remove(&row)) else {
            return Ok(false);
        };
        let args = [sealed, &[Value::Bytes(seal)]].concat();
        Ok(self.conn.execute(table.update_read(), &args).await? == 1)
    }

    /// Refuses to write over a row that another than the server wrote: the new event would vouch for it.
    async fn check_present(&mut self, table: &Table, values: &[Value]) -> Result<(), StoreError> {
        let present = self.rows(table.one(), &values[..table.key], &table.listed_kinds()).await?.pop();
        let mut seen = Seen::default();
        let guard = Arc::clone(&self.guard);
        guard.opened(table, present.ok_or(StoreError::Gone(table.name))?, &mut seen)?;
        match seen.stale {
            Some(stale) => self.refuse(stale).await,
            None => Ok(()),
        }
    }

    /// The values with the seal of the row, which names the event that comes next.
    fn sealed(&self, table: &Table, values: &[Value]) -> Result<Vec<Value>, StoreError> {
        let position = self.head.frontier.size() + self.pending.len() as u64;
        let seal = self.guard.key()?.row(table, values, position);
        Ok([values, &[Value::Bytes(seal)]].concat())
    }

    fn touch<R: Record>(&mut self, row: &R, values: &[Value]) -> Result<(), StoreError> {
        let table = R::table();
        self.touched.push((table.row_name(values), Some(table.row_digest(values))));
        if let Some(SignedStatement { payload, version, model_digest }) = row.statement() {
            self.signed.push(payload);
            self.model_digests.insert(version, model_digest);
        }
        Ok(())
    }

    async fn index<R: Record>(&mut self, row: &R, written: Written) -> Result<(), StoreError> {
        for (sql, args) in row.index(written) {
            self.conn.execute(sql, &args).await?;
        }
        Ok(())
    }

    /// Takes a row away.
    ///
    /// # Errors
    /// [`StoreError::Gone`] when there is none with this key; [`StoreError::Altered`] when it bears no right seal.
    pub async fn delete<R: Record>(&mut self, row: &R) -> Result<(), StoreError> {
        let table = R::table();
        let values = row.values();
        self.check_present(table, &values).await?;
        if self.conn.execute(table.delete(), &values[..table.key]).await? != 1 {
            return Err(StoreError::Gone(table.name));
        }
        self.touched.push((table.row_name(&values), None));
        Ok(())
    }

    /// Records what happened, together with every row changed and every statement signed since the last event.
    pub fn record(&mut self, event: Event, about: About) {
        let (rows, statements) = (std::mem::take(&mut self.touched), std::mem::take(&mut self.signed));
        self.pending.push(Pending { event, about, rows, statements });
    }

    /// Appends the events to the log and commits everything at once.
    ///
    /// # Errors
    /// Nothing was kept then; with [`StoreError::InDoubt`] it may have been, whole.
    pub async fn commit(mut self) -> Result<(), StoreError> {
        if let Some((row, _)) = self.touched.first() {
            return Err(StoreError::Unrecorded(row.clone()));
        }
        if self.pending.is_empty() {
            return self.outside.commit().await;
        }
        let before = self.head.clone();
        let events = log::append(&mut self.outside, &self.origin, &mut self.head, self.pending).await?;
        let guard = Arc::clone(&self.outside.guard);
        self.outside.commit().await?;
        for event in &events {
            guard.learn(event.position, &event.rows);
        }
        if let Some(tell) = self.on_commit {
            tell(&Committed { before, after: self.head, events, model_digests: self.model_digests });
        }
        Ok(())
    }
}

impl Deref for Writer {
    type Target = OutsideWriter;
    fn deref(&self) -> &OutsideWriter {
        &self.outside
    }
}

impl DerefMut for Writer {
    fn deref_mut(&mut self) -> &mut OutsideWriter {
        &mut self.outside
    }
}
