//! A time for which a person is away, and who stands in meanwhile.

use crate::{Timestamp, UserId};
use serde::{Deserialize, Serialize};

/// How long somebody can be away at a time, in days. Who is away for longer is no reviewer.
pub const LONGEST_ABSENCE_DAYS: u32 = 366;

/// A time for which a person is away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Absence {
    /// From this moment on.
    pub from: Timestamp,
    /// Until this moment.
    pub until: Timestamp,
    /// To whom the person's tasks are handed meanwhile.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub stand_in: Option<UserId>,
}

impl Absence {
    /// Whether the person is away at this moment.
    pub fn holds(&self, now: Timestamp) -> bool {
        self.from <= now && now < self.until
    }
}
