//! Whether anybody signs the log. A server without the key of the log relies on another server. Where no server has the key, no checkpoint is
//! signed any more, and nobody would notice a restored backup.

use crate::{Error, Server};
use domain::{Duration, Timestamp};
use proof::Checkpoint;
use store::{About, LogKeyRow, Reader};

/// A log that waits this long for a signature is not well.
const NOT_WELL: Duration = Duration::from_seconds(10 * 60);

/// A log that waits this long for a signature counts as one that nobody signs: decisions and permits are refused.
const NOBODY_SIGNS: Duration = Duration::from_seconds(60 * 60);

/// Events that no checkpoint covers, on a server that cannot sign one.
pub(crate) struct Unsigned {
    events: u64,
    /// When the first of them was recorded; none where there is no such event.
    since: Option<Timestamp>,
    /// For how long.
    age: Duration,
    /// No other server can sign: the database serves this one alone.
    alone: bool,
}

impl Unsigned {
    /// What waits for a signature on a server without the key of the log. None on the server that has the key.
    pub async fn of(
        server: &Server,
        reader: &mut Reader,
        key: &LogKeyRow,
        last: Option<&Checkpoint>,
    ) -> Result<Option<Self>, Error> {
        if server.keys.log.key(&key.vkey).map_err(Error::internal)?.is_some() {
            return Ok(None);
        }
        let signed = last.map_or(0, |last| last.size);
        let events = reader.log_size().await?.saturating_sub(signed);
        let first = match events {
            0 => None,
            _ => reader.events(About::default(), signed, Timestamp::from_micros(i64::MIN), 1).await?.pop(),
        };
        let since = first.map(|event| event.at);
        let age = Duration::from_micros(since.map_or(0, |since| server.now().micros() - since.micros()));
        Ok(Some(Self { events, since, age, alone: server.store.serves_one_server() }))
    }

    /// Whether the operator has to do something.
    pub fn is_overdue(&self) -> bool {
        self.alone || self.age >= NOT_WELL
    }

    /// Whether nothing may be signed any more.
    pub fn stops_signing(&self) -> bool {
        self.age >= NOBODY_SIGNS
    }

    /// For people.
    pub fn reason(&self) -> String {
        let without = "nobody signs the log: this server does not have the key of the log";
        match self.since {
            Some(since) => format!("{without}, and {} events since {since} are in no checkpoint", self.events),
            None => without.to_owned(),
        }
    }
}
