//! The address of a server or a node, as people write it.

use crate::{failure::Failure, text::plain};
use reqwest::Url;
use std::net::IpAddr;

/// Reads the address of a server: scheme, host and port, perhaps with a path under which it lives.
///
/// # Errors
/// When it is no http or https address, or carries a user, a query or a fragment.
pub fn parse_url(text: &str) -> Result<Url, Failure> {
    let wrong = |why: String| {
        Failure::usage(format!("`{}` is not the address of a server: {why}", plain(text)))
            .hint("Write it like https://countersign.example.org.")
    };
    let url = Url::parse(text).map_err(|error| wrong(error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(wrong("it has to begin with http:// or https://".to_owned()));
    }
    if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("leave out user, password, query and fragment".to_owned()));
    }
    Ok(url)
}

/// Whether what is sent there stays on this machine.
pub fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::Exit;

    #[test]
    fn only_plain_addresses_of_servers_are_taken() {
        for good in ["http://127.0.0.1:8700", "https://countersign.example.org/", "https://example.org/governance"] {
            assert!(parse_url(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "127.0.0.1:8700",
            "ftp://example.org",
            "https://user:secret@example.org",
            "https://example.org?x=1",
            "https://example.org#x",
            "file:///etc/passwd",
        ] {
            assert_eq!(parse_url(bad).map(|_| ()).unwrap_err().exit, Exit::Usage, "{bad}");
        }
    }

    #[test]
    fn loopback_is_known_in_every_spelling() {
        for (url, loopback) in [
            ("http://localhost:1", true),
            ("http://127.0.0.2", true),
            ("http://[::1]:1", true),
            ("http://192.0.2.1", false),
            ("http://localhost.example.org", false),
        ] {
            assert_eq!(is_loopback(&parse_url(url).unwrap()), loopback, "{url}");
        }
    }
}
