//! Webhooks: other programs are told of what happens. A webhook is part of the record; what became of each call is not.
//!
//! The log is the outbox, as for messages: [`crate::messages::announce()`] makes a delivery for each webhook and event, [`take()`] hands
//! deliveries to a worker, and the worker notes the end of each attempt with [`answered()`].

mod access;
mod address;
mod answered;
mod call;
mod change;
mod count;
mod create;
mod deliveries;
mod disable;
mod list;
mod remove;
mod rotate;
mod secrets;
mod test;
mod view;

pub use answered::{Answer, answered, unreadable, unsendable};
pub use call::{Call, call, keep_request, take};
pub use change::change;
pub use count::count;
pub(crate) use count::describe_metrics;
pub use create::create;
pub use deliveries::{deliveries, redeliver};
pub use list::{list, may_change, show};
pub use remove::remove;
pub use rotate::rotate;
pub use store::WebhookAnswer;
pub use test::test;
