//! A page of a list, as a caller asks for it.

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

/// A page of a list: `after` is the last name of the page before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Only what comes after this.
    pub after: String,
    /// At most so many, 1 to 200.
    pub limit: u32,
}

impl Page {
    /// The limit within its bounds; 50 when none was asked for.
    pub fn limit(&self) -> u32 {
        if self.limit == 0 { 50 } else { self.limit.min(Limit::MOST.0) }
    }
}

/// How many items a page has, 1 to 200.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Limit(u32);

impl Limit {
    /// The longest page.
    pub const MOST: Self = Self(200);

    /// The number.
    pub const fn number(self) -> u32 {
        self.0
    }

    /// The number; 0 where none was asked for.
    pub fn of(limit: Option<Self>) -> u32 {
        limit.map_or(0, Self::number)
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let limit = u32::deserialize(deserializer)?;
        if (1..=Self::MOST.0).contains(&limit) { Ok(Self(limit)) } else { Err(D::Error::custom("a page has 1 to 200 items")) }
    }
}
