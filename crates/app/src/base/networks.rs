//! To which addresses the server calls webhooks: public ones, and those that the operator allows. A person who sets a webhook must not reach
//! what only the server reaches: its own machine, its neighbours, the metadata of a cloud.

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Addresses that are not public, by the registries of special-purpose addresses (RFC 6890 and those after it), and multicast.
const RESERVED_4: [Ipv4Net; 15] = [
    v4([0, 0, 0, 0], 8),
    v4([10, 0, 0, 0], 8),
    v4([100, 64, 0, 0], 10),
    v4([127, 0, 0, 0], 8),
    v4([169, 254, 0, 0], 16),
    v4([172, 16, 0, 0], 12),
    v4([192, 0, 0, 0], 24),
    v4([192, 0, 2, 0], 24),
    v4([192, 88, 99, 0], 24),
    v4([192, 168, 0, 0], 16),
    v4([198, 18, 0, 0], 15),
    v4([198, 51, 100, 0], 24),
    v4([203, 0, 113, 0], 24),
    v4([224, 0, 0, 0], 4),
    v4([240, 0, 0, 0], 4),
];

/// Of IPv6 the global unicast addresses are public, without those for documentation and for protocols.
const GLOBAL_6: Ipv6Net = v6([0x2000, 0], 3);
const RESERVED_6: [Ipv6Net; 3] = [v6([0x2001, 0], 23), v6([0x2001, 0xdb8], 32), v6([0x3fff, 0], 20)];

/// In these an IPv4 address is hidden, at this byte: NAT64 (RFC 6052) and 6to4 (RFC 3056).
const WITH_IPV4_INSIDE: [(Ipv6Net, usize); 2] = [(v6([0x64, 0xff9b], 96), 12), (v6([0x2002, 0], 16), 2)];

const fn v4([a, b, c, d]: [u8; 4], prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn v6([a, b]: [u16; 2], prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, 0, 0, 0, 0, 0, 0), prefix)
}

/// Which addresses webhooks may have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Networks {
    /// Networks that are allowed though they are not public.
    allowed: Vec<IpNet>,
}

impl Networks {
    /// Whether the server may connect to this address.
    pub fn admit(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.allow(address) || is_public(address)
    }

    /// Whether the operator allowed this address.
    pub fn allow(&self, address: IpAddr) -> bool {
        self.allowed.iter().any(|network| network.contains(&address.to_canonical()))
    }
}

impl std::str::FromStr for Networks {
    type Err = String;

    /// Networks between commas: `10.1.0.0/16, fd00::/8`.
    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        let network = |part: &str| {
            let alone = || part.parse::<IpAddr>().map(IpNet::from);
            part.parse::<IpNet>()
                .or_else(|_| alone())
                .map_err(|_| format!("`{}` is no network, like 10.1.0.0/16", part.escape_debug()))
        };
        Ok(Self { allowed: parts.map(network).collect::<Result<_, _>>()? })
    }
}

/// Whether everybody can reach this address.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !RESERVED_4.iter().any(|network| network.contains(&address)),
        IpAddr::V6(address) => {
            let inside = WITH_IPV4_INSIDE.iter().find(|(network, _)| network.contains(&address));
            match inside {
                Some((_, at)) => {
                    let bytes = address.octets();
                    is_public(Ipv4Addr::new(bytes[*at], bytes[at + 1], bytes[at + 2], bytes[at + 3]).into())
                }
                None => GLOBAL_6.contains(&address) && !RESERVED_6.iter().any(|network| network.contains(&address)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admits(networks: &str, address: &str) -> bool {
        networks.parse::<Networks>().unwrap().admit(address.parse().unwrap())
    }

    #[test]
    fn public_addresses_are_admitted_and_no_others() {
        for public in
            ["8.8.8.8", "172.32.0.1", "100.128.0.1", "192.0.1.1", "2606:4700::1111", "64:ff9b::808:808", "2002:808:808::1"]
        {
            assert!(admits("", public), "{public}");
        }
        for private in [
            "0.0.0.0",
            "10.0.0.1",
            "100.64.0.1",
            "127.0.0.1",
            "127.8.8.8",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "fec0::1",
            "ff02::1",
            "64:ff9b::7f00:1",
            "64:ff9b::a9fe:a9fe",
            "2002:7f00:1::1",
            "2001:db8::1",
            "2001::1",
        ] {
            assert!(!admits("", private), "{private}");
        }
    }

    #[test]
    fn an_operator_allows_networks() {
        assert!(admits("10.1.0.0/16, fd00::/8", "10.1.2.3"));
        assert!(admits("10.1.0.0/16, fd00::/8", "::ffff:10.1.2.3"));
        assert!(admits("10.1.0.0/16, fd00::/8", "fd00::1"));
        assert!(!admits("10.1.0.0/16, fd00::/8", "10.2.0.1"));
        assert!(admits("127.0.0.1", "127.0.0.1"));
        assert!(!admits("127.0.0.1", "127.0.0.2"));
        assert!("10.0.0.0/99".parse::<Networks>().is_err());
        assert!("example.org".parse::<Networks>().is_err());
    }
}
