//! The address of a webhook: checked when it is saved, and by the worker again at each connection, since a name may lead elsewhere later.

use crate::{Error, Networks, OpContext, base::error::Code};
use domain::NextStep;
use std::{net::IpAddr, time::Duration};
use tokio::{net::lookup_host, time::timeout};
use url::{Host, Url};

/// The longest address.
const LONGEST: usize = 2000;

/// How long the look-up of a name may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// The address, in the form in which it is stored.
///
/// # Errors
/// No address of the Web; one with a user name, or in the clear; a name that is not known; one that leads to a machine that is not public
/// and that the operator does not allow.
pub(super) async fn checked(op: &OpContext, text: &str) -> Result<String, Error> {
    let wrong = |message: &str| Error::invalid("/url", message);
    if text.len() > LONGEST {
        return Err(wrong("the address is too long: use 2000 characters or fewer"));
    }
    let url: Url = text.parse().map_err(|error| wrong(&format!("this is no address, like https://example.org/hook: {error}")))?;
    if !matches!(url.scheme(), "https" | "http") {
        return Err(wrong("the address begins with https://"));
    }
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return Err(wrong("write the address without user name, password and #"));
    }
    let addresses = addresses(&url).await.map_err(|error| wrong(&error))?;
    check(&op.settings.networks, &url, &addresses)?;
    Ok(url.into())
}

/// Where an address leads to.
async fn addresses(url: &Url) -> Result<Vec<IpAddr>, String> {
    let port = url.port_or_known_default().unwrap_or(443);
    match url.host() {
        None => Err("the address names no machine".to_owned()),
        Some(Host::Ipv4(address)) => Ok(vec![address.into()]),
        Some(Host::Ipv6(address)) => Ok(vec![address.into()]),
        Some(Host::Domain(name)) => {
            let found = timeout(PATIENCE, lookup_host((name, port))).await;
            let found = found.map_err(|_| format!("the look-up of {name} took too long: try again"))?;
            let found: Vec<_> =
                found.map_err(|error| format!("{name} cannot be looked up: {error}"))?.map(|at| at.ip()).collect();
            if found.is_empty() { Err(format!("{name} leads nowhere")) } else { Ok(found) }
        }
    }
}

fn check(networks: &Networks, url: &Url, addresses: &[IpAddr]) -> Result<(), Error> {
    // Without the address of the machine: a manager of a project need not learn where an inner name leads.
    if addresses.iter().any(|address| !networks.admit(*address)) {
        let message = "the address leads to a machine which is not public and which the operator of the server does not allow";
        return Err(Error::new(Code::WebhookAddressNotAllowed, message).at("/url").next(NextStep::AllowNetwork));
    }
    let own = addresses.iter().all(|address| networks.allow(*address));
    if url.scheme() == "http" && !own {
        return Err(Error::invalid(
            "/url",
            "the address begins with https://: http is only for networks that the operator allows",
        ));
    }
    Ok(())
}

/// The address as others than the webhook may see it: of a chat only the host, of a program without the query.
pub(super) fn shown(webhook: &store::Webhook) -> String {
    match webhook.url.parse::<Url>() {
        Ok(url) if webhook.kind.has_secret_address() => format!("{}/…", url.origin().ascii_serialization()),
        // What comes after the question mark is a secret with many programs.
        Ok(url) if url.query().is_some() => format!("{}{}?…", url.origin().ascii_serialization(), url.path()),
        _ => webhook.url.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(allowed: &str, url: &str, address: &str) -> Result<(), Code> {
        let networks = allowed.parse().unwrap();
        check(&networks, &url.parse().unwrap(), &[address.parse().unwrap()]).map_err(|error| error.code)
    }

    #[test]
    fn private_addresses_and_open_connections_are_for_allowed_networks_only() {
        assert_eq!(verdict("", "https://example.org", "8.8.8.8"), Ok(()));
        assert_eq!(verdict("", "https://example.org", "10.0.0.1"), Err(Code::WebhookAddressNotAllowed));
        assert_eq!(verdict("10.0.0.0/8", "https://example.org", "10.0.0.1"), Ok(()));
        assert_eq!(verdict("10.0.0.0/8", "http://example.org", "10.0.0.1"), Ok(()));
        assert_eq!(verdict("10.0.0.0/8", "http://example.org", "8.8.8.8"), Err(Code::Invalid));
    }
}
