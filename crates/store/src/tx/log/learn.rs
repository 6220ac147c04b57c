//! Tells the guard of what the log says of rows.

use super::event::check_seal;
use crate::{
    StoreError,
    query::queries,
    record::column,
    tx::Reader,
    value::{Column, Kind},
};
use domain::Digest;
use serde::Deserialize;

/// What the guard needs to know of an event. It reads events of a newer program too.
#[derive(Deserialize)]
struct Spoken {
    position: u64,
    rows: Vec<(String, Option<Digest>)>,
}

queries! {
    ;
    NEXT = "SELECT position, body, seal FROM events WHERE position >= $1 ORDER BY position LIMIT $2";
}

impl Reader {
    /// Goes through the events that this process has not gone through yet, a page at once, up to this size.
    pub(crate) async fn learn(&mut self, size: u64) -> Result<(), StoreError> {
        const AT_ONCE: u64 = 1_000;
        loop {
            // Asked once a page: the writer before this one may be going through the same events, and what it has reached by now is no gap.
            let from = self.guard.through();
            if from >= size {
                return Ok(());
            }
            let page = self
                .rows(NEXT, &[from.to_value(), AT_ONCE.min(size - from).to_value()], &[Kind::Int, Kind::Bytes, Kind::Bytes])
                .await?;
            for row in page {
                let mut row = row.into_iter();
                let position: u64 = column(row.next(), "events", "position")?;
                let body: Vec<u8> = column(row.next(), "events", "body")?;
                let seal: Vec<u8> = column(row.next(), "events", "seal")?;
                check_seal(&self.guard, position, &body, &seal)?;
                let unreadable = |error: serde_json::Error| StoreError::Unreadable {
                    table: "events",
                    column: "body",
                    reason: error.to_string(),
                };
                let spoken: Spoken = serde_json::from_slice(&body).map_err(unreadable)?;
                self.guard.learn(spoken.position, &spoken.rows);
            }
            // A gap: an event is gone.
            if self.guard.through() == from {
                return Err(StoreError::Altered(format!("events/{from}")));
            }
        }
    }
}
