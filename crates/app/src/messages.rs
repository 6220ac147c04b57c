//! Messages to people: who hears of an event, what a message says, and what became of each.
//!
//! The log is the outbox. [`announce()`] makes messages of new events, [`take()`] hands them to a worker, and the worker notes the end of each
//! with [`sent()`] or [`not_sent()`]. A message changes nothing that it tells of.

mod announce;
mod count;
pub(crate) mod happening;
mod letter;
mod list;
pub mod mail_server;
mod outcome;
mod recipients;
mod retry;
mod subscriptions;
mod take;
mod test;
mod wanted;

pub use announce::{Announced, announce};
pub use count::count;
pub(crate) use count::describe_metrics;
pub use happening::{By, Happening};
pub use letter::{Asked, Letter, Letters};
pub use list::list;
pub use outcome::{Attempt, not_sent, sent};
pub use retry::retry;
pub use subscriptions::{subscribe, subscribes, subscriptions};
pub use take::{are_due, take};
pub use test::test;
pub use wanted::{set_wanted, unsubscribe, wanted, wanted_by_code};
