//! Mails: their form, and the way to the mail server.

mod compose;
mod content;
mod sender;
mod templates;

pub use sender::{Sender, check_templates};
pub use templates::OWN as TEMPLATES;
