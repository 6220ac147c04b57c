//! Mails: their words, their form, and the way to the mail server.

mod compose;
mod sender;
mod words;

pub use sender::Sender;
