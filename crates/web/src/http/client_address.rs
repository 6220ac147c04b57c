//! The address of the client. Behind a proxy the peer is the proxy. The server believes the `X-Forwarded-For` header only if the
//! operator says so.

use axum::{
    extract::ConnectInfo,
    http::{Extensions, HeaderMap},
};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// An address for counting: of IPv6 only the first 64 bits, since one client has all the rest to itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Network(IpAddr);

/// The address of the other end of the connection; none when the request did not come over one.
fn peer(extensions: &Extensions) -> Option<IpAddr> {
    extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(address)| address.ip().to_canonical())
}

/// Whether the request was made on this machine itself, and not handed on by a proxy on it.
pub(crate) fn is_local(extensions: &Extensions, headers: &HeaderMap) -> bool {
    let handed_on = ["x-forwarded-for", "forwarded", "x-real-ip", "via"].iter().any(|header| headers.contains_key(*header));
    !handed_on && peer(extensions).is_some_and(|address| address.is_loopback())
}

/// Where the request comes from, for counting. Requests of unknown origin share one network.
pub(crate) fn network(extensions: &Extensions, headers: &HeaderMap, trust_forwarded_for: bool) -> Network {
    // The last entry is the one that our own proxy wrote; whatever is before it a client may have made up.
    let forwarded = headers.get_all("x-forwarded-for").iter().next_back().filter(|_| trust_forwarded_for);
    let forwarded = forwarded.and_then(|value| value.to_str().ok()?.rsplit(',').next()?.trim().parse::<IpAddr>().ok());
    match forwarded.map(|address| address.to_canonical()).or_else(|| peer(extensions)) {
        Some(IpAddr::V6(address)) => Network(IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64))),
        Some(address) => Network(address),
        None => Network(IpAddr::V4(Ipv4Addr::UNSPECIFIED)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(peer: &str) -> Extensions {
        let mut extensions = Extensions::new();
        extensions.insert(ConnectInfo(SocketAddr::new(peer.parse().unwrap(), 1)));
        extensions
    }

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().unwrap());
        }
        headers
    }

    fn ip(text: &str) -> Network {
        Network(text.parse().unwrap())
    }

    #[test]
    fn a_forwarded_address_is_believed_only_when_trusted_and_only_the_last() {
        let forwarded = headers(&[("x-forwarded-for", "10.9.9.9"), ("x-forwarded-for", "1.1.1.1, 203.0.113.7")]);
        assert_eq!(network(&from("127.0.0.1"), &forwarded, false), ip("127.0.0.1"));
        assert_eq!(network(&from("127.0.0.1"), &forwarded, true), ip("203.0.113.7"));
        assert_eq!(network(&from("10.0.0.1"), &headers(&[("x-forwarded-for", "nonsense")]), true), ip("10.0.0.1"));
        assert_eq!(network(&Extensions::new(), &HeaderMap::new(), true), ip("0.0.0.0"));
    }

    #[test]
    fn one_client_cannot_count_as_many() {
        assert_eq!(
            network(&from("2001:db8::1"), &HeaderMap::new(), false),
            network(&from("2001:db8::2"), &HeaderMap::new(), false)
        );
        assert_ne!(
            network(&from("2001:db8::1"), &HeaderMap::new(), false),
            network(&from("2001:db9::1"), &HeaderMap::new(), false)
        );
        assert_eq!(network(&from("::ffff:192.0.2.1"), &HeaderMap::new(), false), ip("192.0.2.1"));
    }

    #[test]
    fn what_a_local_proxy_hands_on_is_not_local() {
        assert!(is_local(&from("127.0.0.1"), &HeaderMap::new()));
        assert!(is_local(&from("::1"), &HeaderMap::new()));
        assert!(!is_local(&from("127.0.0.1"), &headers(&[("x-forwarded-for", "203.0.113.7")])));
        assert!(!is_local(&from("192.0.2.1"), &HeaderMap::new()));
        assert!(!is_local(&Extensions::new(), &HeaderMap::new()));
    }
}
