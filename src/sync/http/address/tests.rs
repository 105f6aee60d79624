use super::*;
use AddressKind::{Carrier, LinkLocal, Loopback, Metadata, Private, Public, Reserved};
use proptest::prelude::*;

fn kind(address: &str) -> AddressKind {
    AddressKind::of(address.parse().unwrap())
}

#[test]
fn every_kind_of_address_is_told() {
    for (expected, addresses) in [
        (Public, &["1.1.1.1", "100.63.255.255", "100.128.0.0", "172.15.0.1", "172.32.0.1", "223.255.255.255"][..]),
        (Public, &["2606:4700::1111", "2001:4860::8888", "2a00::1", "::ffff:1.1.1.1", "2002:101:101::"]),
        (Loopback, &["127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3", "::1", "::", "::ffff:127.0.0.1"]),
        (Private, &["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.0.1", "fc00::1", "fdff::1", "fec0::1"]),
        (Carrier, &["100.64.0.1", "100.127.255.255", "::ffff:100.64.0.1"]),
        (LinkLocal, &["169.254.0.1", "169.254.169.254", "169.254.170.2", "fe80::1", "febf::1"]),
        (Metadata, &["fd00:ec2::254", "fd20:ce::254", "100.100.100.200", "168.63.129.16", "::ffff:100.100.100.200"]),
        (Reserved, &["192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "255.255.255.255"]),
        (Reserved, &["2001:db8::1", "ff02::1", "100::1", "4000::1", "3fff::1"]),
    ] {
        for address in addresses {
            assert_eq!(kind(address), expected, "{address}");
        }
    }
}

#[test]
fn an_address_inside_another_is_what_it_is_outside() {
    for (four, expected) in [("127.0.0.1", Loopback), ("10.1.2.3", Private), ("169.254.169.254", LinkLocal)] {
        let parts = four.parse::<Ipv4Addr>().unwrap().octets();
        let [a, b, c, d] = parts.map(u16::from);
        let (high, low) = (a << 8 | b, c << 8 | d);
        let forms = [
            [0, 0, 0, 0, 0, 0xffff, high, low],
            [0, 0, 0, 0, 0, 0, high, low],
            [0, 0, 0, 0, 0xffff, 0, high, low],
            [0x64, 0xff9b, 0, 0, 0, 0, high, low],
            [0x64, 0xff9b, 1, 7, 7, 7, high, low],
            [0x2002, high, low, 7, 7, 7, 7, 7],
            [0x2001, 0, 7, 7, 7, 7, !high, !low],
        ];
        for form in forms {
            assert_eq!(AddressKind::of(IpAddr::V6(form.into())), expected, "{}", Ipv6Addr::from(form));
        }
    }
}

#[test]
fn permission_reaches_as_far_as_a_system_can_be() {
    let by_name = |host, permitted| Refused::by_name(host, permitted).is_ok();
    for host in ["127.0.0.1", "[::1]", "10.0.0.1", "[fd00::1]", "100.64.1.1", "[::ffff:7f00:1]"] {
        assert!(!by_name(host, PrivateAddresses::Refuse), "{host}");
        assert!(by_name(host, PrivateAddresses::Allow), "{host}");
    }
    for host in [
        "169.254.169.254",
        "[fd00:ec2::254]",
        "[::ffff:a9fe:a9fe]",
        "metadata.google.internal.",
        "Metadata",
        "[fe80::1]",
    ] {
        let refused = Refused::by_name(host, PrivateAddresses::Allow).unwrap_err();
        assert!(!refused.can_be_allowed(), "{refused}");
    }
    // What other names lead to is seen when they are resolved.
    for host in ["api.stripe.com", "1.1.1.1", "[2606:4700::1111]", "localhost", "metadata.example"] {
        assert!(by_name(host, PrivateAddresses::Refuse), "{host}");
    }
}

#[test]
fn the_text_says_what_a_name_leads_to() {
    let refused = Refused::by_address("crm.example", [10, 0, 0, 7].into(), PrivateAddresses::Refuse).unwrap_err();
    assert_eq!(refused.to_string(), "crm.example leads to 10.0.0.7, which is an address of a private network");
    assert!(refused.can_be_allowed());
    assert_eq!(Refused::by_address("crm.example", [10, 0, 0, 7].into(), PrivateAddresses::Allow), Ok(()));
}

proptest! {
    #[test]
    fn mapping_into_ipv6_changes_nothing(bits in any::<u32>()) {
        let four = Ipv4Addr::from(bits);
        prop_assert_eq!(AddressKind::of(IpAddr::V6(four.to_ipv6_mapped())), AddressKind::of(IpAddr::V4(four)));
    }

    #[test]
    fn only_what_was_given_out_is_public(bits in any::<u128>()) {
        let six = Ipv6Addr::from(bits);
        let given_out = (0x2000..=0x3fff).contains(&six.segments()[0]);
        let inside = four_inside(six.segments());
        prop_assert!(AddressKind::of(IpAddr::V6(six)) != Public || given_out || inside.is_some());
    }
}
