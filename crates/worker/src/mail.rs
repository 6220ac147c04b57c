//! Mails: their form, and the way to the mail server.

mod compose;
mod sender;

pub use sender::Sender;
