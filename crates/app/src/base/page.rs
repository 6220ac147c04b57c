//! A page of a list, as a caller asks for it.

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
        if self.limit == 0 { 50 } else { self.limit.min(200) }
    }
}
