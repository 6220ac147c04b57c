//! Asks for the size of the log. Every request asks. The question also names the tables that answers from memory rest on, so that no such
//! answer outlives a table.

use crate::{
    StoreError,
    conn::{Expected, Sql},
    guard::Guard,
    kept_connections::KeptConnections,
    log_head::LogHead,
    pools::Pools,
    record::column,
    tx::log,
    value::Kind,
};
use domain::Timestamp;

macro_rules! filled {
    ($($table:literal)*) => {
        concat!("CAST(0" $(, " + CAST(EXISTS (SELECT 1 FROM ", $table, ") AS INTEGER)")*, " AS BIGINT)")
    };
}

pub(crate) const LOG_SIZE: &str = concat!(
    "SELECT size, frontier, last_event_at, seal, (SELECT COUNT(*) FROM events WHERE position = log_head.size - 1), ",
    filled!(
        "users" "tokens" "user_groups" "group_members" "projects" "project_members" "models" "versions" "rounds" "statements"
        "infrastructures" "infrastructure_members" "deployments" "revisions" "shares"
    ),
    " FROM log_head WHERE id = 1"
);

/// What the database says of its present state in one breath.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogMark {
    /// How many events there are.
    pub size: u64,
    /// When the last of them was recorded: the present is no earlier. None without an event.
    pub last_event_at: Option<Timestamp>,
    /// The right edge of the log's tree: two logs of one size differ here.
    frontier: Vec<u8>,
    /// How many of the tables have a row.
    filled: i64,
}

impl LogMark {
    /// Whether this can be the present of a database that was at `earlier`: no event, no tree of that size and no table's rows are gone.
    pub fn follows(&self, earlier: &Self) -> bool {
        self == earlier || (self.size > earlier.size && self.filled >= earlier.filled)
    }

    /// What the head of a log says by itself. It counts no tables.
    pub fn of(head: &LogHead) -> Self {
        let (size, frontier) = (head.frontier.size(), head.frontier.to_bytes());
        Self { size, last_event_at: head.last_event_at, frontier, filled: 0 }
    }

    /// Whether the log has exactly this head.
    pub fn is_at(&self, head: &LogHead) -> bool {
        self.size == head.frontier.size() && self.frontier == head.frontier.to_bytes()
    }

    /// The mark once events moved the log to this head. No table has lost its last row as far as is known.
    #[must_use]
    pub fn moved_to(&self, head: &LogHead) -> Self {
        Self { filled: self.filled, ..Self::of(head) }
    }
}

/// The mark of the log now, asked on this connection, which is kept for it.
///
/// # Errors
/// When the database does not answer, or its log is damaged.
pub(crate) async fn ask(connection: &KeptConnections, pools: &Pools, guard: &Guard) -> Result<LogMark, StoreError> {
    const KINDS: [Kind; 6] = [Kind::Int, Kind::Bytes, Kind::Int, Kind::Bytes, Kind::Int, Kind::Int];
    let (mut rows, _) = connection.rows(pools, Sql::both(LOG_SIZE), &[], Expected::One(&KINDS)).await?;
    let mut row = rows.pop().ok_or_else(|| StoreError::Log("its row is gone".to_owned()))?.into_iter();
    let size = column(row.next(), "log_head", "size")?;
    let frontier: Vec<u8> = column(row.next(), "log_head", "frontier")?;
    let last_event_at = column(row.next(), "log_head", "last_event_at")?;
    let seal = column(row.next(), "log_head", "seal")?;
    let last_events: i64 = column(row.next(), "events", "position")?;
    let filled = column(row.next(), "log_head", "tables")?;
    log::opened(guard, (size, frontier.clone(), last_event_at, seal))?;
    if last_events == 0 && size > 0 {
        return Err(StoreError::Log("its last event is gone".to_owned()));
    }
    Ok(LogMark { size, last_event_at, frontier, filled })
}
