//! The mail server, as the operator chooses it.

use std::fmt;

/// How messages leave the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailServer {
    /// The mail server's host.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// What protects the connection.
    pub security: MailSecurity,
    /// User name and password, where the mail server asks for them.
    pub login: Option<(String, MailPassword)>,
    /// From whom messages come: an address, or `Name <address>`.
    pub from: String,
    /// Certificates, in PEM, of an authority that is trusted besides those of the machine.
    pub authority: Option<Vec<u8>>,
}

/// What protects the connection to the mail server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailSecurity {
    /// TLS from the first byte.
    Tls,
    /// TLS after the greeting. A mail server that does not offer it gets no message.
    StartTls,
    /// Nothing.
    None,
}

impl std::str::FromStr for MailSecurity {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "tls" => Ok(Self::Tls),
            "starttls" => Ok(Self::StartTls),
            "none" => Ok(Self::None),
            _ => Err("write tls, starttls or none"),
        }
    }
}

/// A password that no log shows.
#[derive(Clone, PartialEq, Eq)]
pub struct MailPassword(pub String);

impl fmt::Debug for MailPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MailPassword")
    }
}
