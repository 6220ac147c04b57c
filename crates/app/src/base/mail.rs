//! Mail, as the operator chooses it.

use super::morning::Morning;
use std::{fmt, path::PathBuf};

/// How messages leave the server.
#[derive(Clone, Debug, PartialEq)]
pub struct Mail {
    /// The way that mails take.
    pub way: MailWay,
    /// From whom messages come: an address, or `Name <address>`.
    pub from: String,
    /// When mails go out that gather what happened since the morning before.
    pub morning: Morning,
    /// A folder with templates, in the place of the server's own.
    pub templates: Option<PathBuf>,
}

/// The way that mails take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MailWay {
    /// A mail server sends them.
    Server(MailServer),
    /// Each becomes a file in this folder, for trials: nobody gets a mail.
    Folder(PathBuf),
}

/// The mail server.
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
    /// Certificates, in PEM, of an authority that is trusted besides those of the machine.
    pub authority: Option<Vec<u8>>,
}

impl fmt::Display for MailWay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Server(MailServer { host, port, security, login, .. }) => {
                let security = match security {
                    MailSecurity::Tls => "with TLS",
                    MailSecurity::StartTls => "with STARTTLS",
                    MailSecurity::None => "unencrypted",
                };
                let login = login.as_ref().map(|(user, _)| format!(", as {user}")).unwrap_or_default();
                write!(f, "to the mail server {host}:{port}, {security}{login}")
            }
            Self::Folder(folder) => write!(f, "into the folder {}: nobody gets one", folder.display()),
        }
    }
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
