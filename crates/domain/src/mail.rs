//! The mail server that takes messages to people.

use crate::people::words;
use serde::{Deserialize, Serialize};

/// What protects the connection to the mail server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailSecurity {
    /// TLS after the greeting. A mail server that does not offer it gets no message.
    #[serde(rename = "starttls")]
    StartTls,
    /// TLS from the first byte.
    Tls,
    /// Nothing.
    None,
}

words! { MailSecurity { StartTls = "starttls", Tls = "tls", None = "none" } }
