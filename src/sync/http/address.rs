//! What kind of address a system is at, and whether it may be asked there.
//!
//! A manifest, a next page or a name server could lead a request to this machine, to the network behind it, or to the
//! address at which cloud machines are told their credentials. Whatever form an address has, the one inside decides: an
//! IPv4 address mapped into IPv6 is what it would be as IPv4. What is not known to be public is not.

use crate::config::PrivateAddresses;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What kind of address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AddressKind {
    /// Of the internet.
    Public,
    /// Of this machine.
    Loopback,
    /// Of a private network (RFC 1918, RFC 4193).
    Private,
    /// Of the network between a provider and its customers (RFC 6598).
    Carrier,
    /// Of the wire that the machine hangs on (RFC 3927, RFC 4291).
    LinkLocal,
    /// Where cloud machines are told about themselves, their credentials too.
    Metadata,
    /// For documentation, for many receivers, or for nobody.
    Reserved,
}

/// Where a system is not asked, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The host as it was written.
    host: String,
    /// The address that a name leads to; none where the host is refused by itself.
    leads_to: Option<IpAddr>,
    kind: AddressKind,
}

/// Addresses outside the link-local networks at which the big providers answer about a machine: Alibaba, Oracle, Azure,
/// AWS and Google.
const METADATA: [&str; 6] =
    ["100.100.100.200", "192.0.0.192", "168.63.129.16", "fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254"];

/// Their names. A proxy would resolve them where this process cannot see it.
const METADATA_NAMES: [&str; 7] = [
    "metadata",
    "metadata.google.internal",
    "metadata.goog",
    "metadata.azure.internal",
    "metadata.tencentyun.com",
    "instance-data",
    "instance-data.ec2.internal",
];

impl AddressKind {
    /// What kind an address is.
    pub(crate) fn of(address: IpAddr) -> Self {
        match address {
            _ if METADATA.iter().any(|known| known.parse() == Ok(address)) => Self::Metadata,
            IpAddr::V4(address) => of_four(address),
            IpAddr::V6(address) => of_six(address),
        }
    }

    fn may_be_asked(self, permitted: PrivateAddresses) -> bool {
        match self {
            Self::Public => true,
            Self::Loopback | Self::Private | Self::Carrier => permitted == PrivateAddresses::Allow,
            Self::LinkLocal | Self::Metadata | Self::Reserved => false,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Public => "an address of the internet",
            Self::Loopback => "an address of this machine",
            Self::Private => "an address of a private network",
            Self::Carrier => "an address of a provider's own network",
            Self::LinkLocal => "a link-local address",
            Self::Metadata => "where cloud machines are told their credentials",
            Self::Reserved => "no address of a system",
        }
    }
}

impl Refused {
    /// Whether a host is refused by what it is called: an address that may not be asked, or a name that is known.
    pub(crate) fn by_name(host: &str, permitted: PrivateAddresses) -> Result<(), Self> {
        let bare = host.trim_matches(['[', ']']);
        let name = bare.trim_end_matches('.').to_ascii_lowercase();
        let kind = if let Ok(address) = bare.parse() {
            AddressKind::of(address)
        } else if METADATA_NAMES.contains(&name.as_str()) {
            AddressKind::Metadata
        } else {
            return Ok(());
        };
        if kind.may_be_asked(permitted) { Ok(()) } else { Err(Self { host: host.to_owned(), leads_to: None, kind }) }
    }

    /// Whether an address that a name leads to is refused.
    pub(crate) fn by_address(host: &str, address: IpAddr, permitted: PrivateAddresses) -> Result<(), Self> {
        let kind = AddressKind::of(address);
        let refused = || Self { host: host.to_owned(), leads_to: Some(address), kind };
        if kind.may_be_asked(permitted) { Ok(()) } else { Err(refused()) }
    }

    /// Whether a setting would allow it.
    pub(crate) fn can_be_allowed(&self) -> bool {
        self.kind.may_be_asked(PrivateAddresses::Allow)
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.kind.as_str();
        match self.leads_to {
            None => write!(f, "{} is {kind}", self.host),
            Some(address) => write!(f, "{} leads to {address}, which is {kind}", self.host),
        }
    }
}

impl std::error::Error for Refused {}

fn of_four(address: Ipv4Addr) -> AddressKind {
    match address.octets() {
        // 0.0.0.0 is where this machine listens, and connecting to it reaches the same (RFC 6890).
        [0 | 127, ..] => AddressKind::Loopback,
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => AddressKind::Private,
        [100, 64..=127, ..] => AddressKind::Carrier,
        [169, 254, ..] => AddressKind::LinkLocal,
        // Protocol assignments, documentation, the old 6to4 relays, measurements between networks, and from 224 on groups
        // and what was never given out.
        [192, 0, 0 | 2, _] | [192, 88, 99, _] | [198, 18 | 19, ..] | [198, 51, 100, _] | [203, 0, 113, _] => {
            AddressKind::Reserved
        }
        [224..=255, ..] => AddressKind::Reserved,
        _ => AddressKind::Public,
    }
}

fn of_six(address: Ipv6Addr) -> AddressKind {
    let parts = address.segments();
    if address.is_loopback() || address.is_unspecified() {
        return AddressKind::Loopback;
    }
    if let Some(inside) = four_inside(parts) {
        return AddressKind::of(IpAddr::V4(inside));
    }
    match parts {
        // Unique-local, and site-local, which those replaced (RFC 3879).
        [0xfc00..=0xfdff | 0xfec0..=0xfeff, ..] => AddressKind::Private,
        [0xfe80..=0xfebf, ..] => AddressKind::LinkLocal,
        // Protocols (RFC 2928) and documentation (RFC 3849, RFC 9637).
        [0x2001, 0..=0x01ff | 0x0db8, ..] | [0x3fff, 0..=0x0fff, ..] => AddressKind::Reserved,
        // All that has been given out so far.
        [0x2000..=0x3fff, ..] => AddressKind::Public,
        _ => AddressKind::Reserved,
    }
}

/// The IPv4 address that an IPv6 address leads to, in any of the ways to write one into the other.
fn four_inside(parts: [u16; 8]) -> Option<Ipv4Addr> {
    let four = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match parts {
        // Mapped (RFC 4291), compatible (the same, withdrawn), translated (RFC 2765), NAT64 (RFC 6052 and RFC 8215), and
        // 6to4 (RFC 3056).
        [0, 0, 0, 0, 0, 0xffff | 0, high, low]
        | [0, 0, 0, 0, 0xffff, 0, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x64, 0xff9b, 1, _, _, _, high, low]
        | [0x2002, high, low, ..] => Some(four(high, low)),
        // Teredo, written upside down (RFC 4380).
        [0x2001, 0, _, _, _, _, high, low] => Some(four(!high, !low)),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
