//! The views that use cases return: API, pages and command line show these objects.

mod absence;
mod act;
mod audit;
mod comparison;
mod deployment;
mod inbox;
mod infrastructure;
mod messages;
mod password;
mod people;
mod places;
mod project;
mod record;
mod review;
mod review_request;
pub mod schema;
mod search;
mod serving;
mod sheet;
mod slot_mark;
mod tables;
mod upkeep;
mod version;
mod webhooks;

pub use absence::*;
pub use act::*;
pub use audit::*;
pub use comparison::*;
pub use deployment::*;
pub use inbox::*;
pub use infrastructure::*;
pub use messages::*;
pub use password::*;
pub use people::*;
pub use places::*;
pub use project::*;
pub use record::*;
pub use review::*;
pub use review_request::*;
pub use search::*;
pub use serving::*;
pub use sheet::*;
pub use slot_mark::*;
pub use tables::*;
pub use upkeep::*;
pub use version::*;
pub use webhooks::*;

use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct List<T> {
    /// What is on this page.
    pub items: Vec<T>,
    /// Where the next page begins; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub next: Option<String>,
}

impl<T> List<T> {
    /// A page of a longer list: `items` holds one more than asked for when there is a next page.
    pub(crate) fn page(mut items: Vec<T>, limit: u32, cursor: impl Fn(&T) -> String) -> Self {
        let limit = limit as usize;
        let more = items.len() > limit;
        items.truncate(limit);
        let next = items.last().filter(|_| more).map(cursor);
        Self { items, next }
    }

    /// A list that is whole.
    pub(crate) fn whole(items: Vec<T>) -> Self {
        Self { items, next: None }
    }
}

/// The result of a command that may have been done before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Done<T> {
    /// True when the very same was done before, and nothing was changed or recorded now.
    pub already_done: bool,
    /// How it stands now.
    #[serde(flatten)]
    pub result: T,
}

/// Reads a value that is there, null included: so "take it away" (null) differs from "leave it as it is" (absent).
fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}
