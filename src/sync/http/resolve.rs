//! Names become addresses, and those that may not be asked are dropped.
//!
//! The connection is made to what comes out of here, so a name that leads elsewhere at the second question leads nowhere.
//! Proxies of the environment are the operator's and may be anywhere; what lies behind one is resolved there and not here.

use super::address::Refused;
use crate::config::PrivateAddresses;
use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::net::SocketAddr;

/// Variables that name a proxy.
const PROXIES: [&str; 6] = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/// Resolves names as the machine does.
pub(super) struct Resolver {
    permitted: PrivateAddresses,
    proxies: Vec<String>,
}

impl Resolver {
    pub(super) fn new(permitted: PrivateAddresses) -> Self {
        let named = PROXIES.iter().filter_map(|name| std::env::var(name).ok());
        let proxies = named.filter_map(|address| proxy_host(&address)).collect();
        Self { permitted, proxies }
    }
}

/// The host of a proxy, whose address may lack its scheme.
fn proxy_host(address: &str) -> Option<String> {
    let whole = if address.contains("://") { address.to_owned() } else { format!("http://{address}") };
    Url::parse(&whole).ok()?.host_str().map(str::to_owned)
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let host = name.as_str().to_owned();
        let permitted = if self.proxies.contains(&host) { PrivateAddresses::Allow } else { self.permitted };
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((host.as_str(), 0)).await?.collect();
            let allowed = permitted_of(&host, found, permitted)?;
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

/// Those that may be asked; an error where there were some and none of them may.
fn permitted_of(host: &str, found: Vec<SocketAddr>, permitted: PrivateAddresses) -> Result<Vec<SocketAddr>, Refused> {
    let mut refused = None;
    let mut allowed = Vec::with_capacity(found.len());
    for address in found {
        match Refused::by_address(host, address.ip(), permitted) {
            Ok(()) => allowed.push(address),
            Err(why) => refused = Some(why),
        }
    }
    match refused {
        Some(why) if allowed.is_empty() => Err(why),
        _ => Ok(allowed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forbidden_addresses_are_dropped_and_the_others_stay() {
        let found = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect::<Vec<SocketAddr>>();
        let both = found(&["127.0.0.1:0", "1.1.1.1:0", "[::1]:0"]);
        let of = |found, permitted| permitted_of("crm.example", found, permitted);
        assert_eq!(of(both.clone(), PrivateAddresses::Refuse), Ok(found(&["1.1.1.1:0"])));
        assert_eq!(of(both.clone(), PrivateAddresses::Allow), Ok(both));
        assert!(of(found(&["127.0.0.1:0"]), PrivateAddresses::Refuse).is_err());
        assert!(of(found(&["169.254.169.254:0"]), PrivateAddresses::Allow).is_err());
        assert_eq!(of(Vec::new(), PrivateAddresses::Refuse), Ok(Vec::new()));
    }

    #[test]
    fn the_host_of_a_proxy_is_found_with_and_without_a_scheme() {
        for (text, host) in [
            ("http://proxy.example:3128", Some("proxy.example")),
            ("proxy.example:3128", Some("proxy.example")),
            ("http://user:word@10.0.0.1:3128/", Some("10.0.0.1")),
            ("", None),
        ] {
            assert_eq!(proxy_host(text).as_deref(), host, "{text}");
        }
    }
}
