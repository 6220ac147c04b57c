//! Who asks for the pages of the demo: a browser on this machine, whether somebody is signed in or not.

use crate::{
    http::{Failure, Web, is_local},
    pages::shell::{Shell, Visit},
};
use app::{Error, error::Code};
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts, uri::Authority},
};
use domain::NextStep;
use std::net::IpAddr;

/// A request that a browser on this machine made, to an address of this machine. A name that leads here from elsewhere is no such address,
/// so that no site of another machine gets in by its own name.
pub(super) struct OnThisMachine;

impl FromRequestParts<Web> for OnThisMachine {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &Web) -> Result<Self, Failure> {
        let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok());
        match is_local(&parts.extensions, &parts.headers) && host.is_some_and(is_loopback) {
            true => Ok(Self),
            false => {
                let message = "the demo answers a browser on its own machine, and no proxy";
                Err(Error::new(Code::FormFromElsewhere, message).next(NextStep::LookAgain).into())
            }
        }
    }
}

/// Whether a `Host` header names this machine.
fn is_loopback(host: &str) -> bool {
    let Ok(authority) = host.parse::<Authority>() else { return false };
    let name = authority.host().trim_start_matches('[').trim_end_matches(']');
    name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// What stands around a page of the demo that nobody has to sign in for.
pub(super) fn shell(web: &Web, headers: &HeaderMap, visit: Result<Visit, Failure>) -> Shell {
    match visit {
        Ok(Visit { shell, .. }) => shell.here("demo"),
        Err(_) => Shell::for_nobody(web, headers),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_address_of_this_machine_is_one() {
        for host in ["127.0.0.1:8700", "127.0.0.1", "localhost:80", "[::1]:8700", "127.3.2.1"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["countersign.example", "localhost.example:80", "192.0.2.1:80", "127.0.0.1.example", "", "a b"] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
