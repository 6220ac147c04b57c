//! Mail: how messages leave the server.

use super::morning::Morning;
use domain::mail::MailSecurity;
use std::{fmt, path::PathBuf, str::FromStr};

/// How messages leave the server.
#[derive(Clone, Debug, PartialEq)]
pub struct Mail {
    /// The way that mails take.
    pub way: MailWay,
    /// From whom messages come.
    pub from: MailFrom,
    /// When mails go out that gather what happened since the morning before.
    pub morning: Morning,
}

/// From whom messages come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailFrom {
    /// The name that people read.
    pub name: Option<String>,
    /// The address.
    pub address: String,
}

impl fmt::Display for MailFrom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{name} <{}>", self.address),
            None => f.write_str(&self.address),
        }
    }
}

impl FromStr for MailFrom {
    type Err = String;

    /// An address, or `Name <address>`.
    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let (name, address) = match text.strip_suffix('>').and_then(|text| text.rsplit_once('<')) {
            Some((name, address)) => (name.trim().trim_matches('"'), address),
            None => ("", text),
        };
        let is_address = |(local, host): (&str, &str)| !local.is_empty() && !host.is_empty() && !host.contains('@');
        let is_plain = |c: char| c.is_ascii_graphic() && !"<>()[]\\,;:\"".contains(c);
        if !address.split_once('@').is_some_and(is_address)
            || !address.chars().all(is_plain)
            || text.chars().any(char::is_control)
        {
            let text: String = text.chars().take(100).flat_map(char::escape_debug).collect();
            return Err(format!("`{text}` is no mail address like `Countersign <countersign@example.org>`"));
        }
        Ok(Self { name: Some(name.to_owned()).filter(|name| !name.is_empty()), address: address.to_owned() })
    }
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

impl MailServer {
    /// Host and port of `HOST:PORT`; of an IPv6 address in brackets, the address.
    ///
    /// # Errors
    /// In words: what is no place of a mail server.
    pub fn place(text: &str) -> Result<(String, u16), String> {
        let is_host =
            |host: &str| !host.is_empty() && host.len() <= 255 && host.chars().all(|c| c.is_ascii_graphic() && c != '/');
        let parsed = text.rsplit_once(':').filter(|(host, _)| is_host(host));
        let parsed = parsed.and_then(|(host, port)| {
            Some((host.trim_start_matches('[').trim_end_matches(']').to_owned(), port.parse().ok().filter(|port| *port != 0)?))
        });
        parsed.ok_or_else(|| {
            let text: String = text.chars().take(100).flat_map(char::escape_debug).collect();
            format!("`{text}` is no HOST:PORT, like mail.example.org:587")
        })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn senders_are_an_address_with_or_without_a_name() {
        for (text, name, address) in [
            ("a@example.org", None, "a@example.org"),
            (" <a@example.org>", None, "a@example.org"),
            ("Sign-off, of models <a.b+c@example.org>", Some("Sign-off, of models"), "a.b+c@example.org"),
            ("\"Countersign\" <a@example.org>", Some("Countersign"), "a@example.org"),
        ] {
            let from: MailFrom = text.parse().unwrap();
            assert_eq!((from.name.as_deref(), &*from.address), (name, address));
            assert_eq!(from.to_string().parse::<MailFrom>().unwrap(), from);
        }
        for text in [
            "",
            "a",
            "@",
            "a@",
            "@b",
            "a@b@c",
            "a b@example.org",
            "a@exa\r\nmple.org",
            "N\n <a@example.org>",
            "a@b, c@d",
            "Name a@b",
        ] {
            assert!(text.parse::<MailFrom>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_mail_server_is_a_host_and_a_port() {
        assert_eq!(MailServer::place("mail.example.org:587").unwrap(), ("mail.example.org".to_owned(), 587));
        assert_eq!(MailServer::place("[::1]:25").unwrap(), ("::1".to_owned(), 25));
        for text in ["", "mail.example.org", ":25", "a b:25", "a:0", "a:70000", "a/b:25", "smtp://a:25"] {
            assert!(MailServer::place(text).is_err(), "{text:?}");
        }
    }
}
