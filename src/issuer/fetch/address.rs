//! Addresses that may be asked: over TLS, or on this machine.

use reqwest::Url;
use std::fmt;
use std::net::IpAddr;

/// An address without credentials or a fragment, with TLS unless it is of this machine.
#[derive(Clone, PartialEq, Eq)]
pub struct Address(Url);

/// Why an address is not asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// No address.
    #[error("it is no address: write https://host/path")]
    Malformed,
    /// Without TLS, and of another machine.
    #[error("it begins with {0}: and only https is used, except on this machine")]
    Scheme(String),
    /// With a user, a password or a fragment.
    #[error("it holds credentials or a fragment")]
    Extra,
    /// Of a host that the configuration does not name.
    #[error("its host {host} is not that of the configuration: if it is right, add it to \"hosts\" of the issuer")]
    Host {
        /// The host.
        host: String,
    },
}

impl Address {
    /// Reads an address.
    pub fn read(text: &str) -> Result<Self, AddressError> {
        let url = Url::parse(text.trim()).map_err(|_| AddressError::Malformed)?;
        if url.host_str().is_none_or(str::is_empty) {
            return Err(AddressError::Malformed);
        }
        if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
            return Err(AddressError::Extra);
        }
        let address = Self(url);
        match address.0.scheme() {
            "https" => Ok(address),
            "http" if address.is_own_machine() => Ok(address),
            other => Err(AddressError::Scheme(other.to_owned())),
        }
    }

    /// Reads an address that must be of one of these hosts.
    pub(in crate::issuer) fn read_of(text: &str, hosts: &[String]) -> Result<Self, AddressError> {
        let address = Self::read(text)?;
        let host = address.host();
        if hosts.contains(&host) { Ok(address) } else { Err(AddressError::Host { host }) }
    }

    /// Whether it is of this machine, by number or as `localhost`.
    pub fn is_own_machine(&self) -> bool {
        let host = self.0.host_str().unwrap_or_default();
        let number = host.trim_matches(['[', ']']).parse::<IpAddr>();
        host == "localhost" || number.is_ok_and(|number| number.is_loopback())
    }

    /// Whether it is used with TLS.
    pub fn is_encrypted(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// The host, with the port where it is not the usual one.
    pub(in crate::issuer) fn host(&self) -> String {
        let host = self.0.host_str().unwrap_or_default();
        self.0.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    /// Scheme, host and port, as browsers send them in `Origin`.
    pub fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    /// Whether nothing follows the host.
    pub(in crate::issuer) fn is_host_alone(&self) -> bool {
        self.0.path() == "/" && self.0.query().is_none()
    }

    /// The address with a path added at its end.
    pub(in crate::issuer) fn below(&self, path: &str) -> Self {
        let mut url = self.0.clone();
        url.set_path(&format!("{}/{path}", self.0.path().trim_end_matches('/')));
        Self(url)
    }

    /// The address with these added to its query.
    pub(in crate::issuer) fn asking(&self, pairs: &[(&str, &str)]) -> String {
        let mut url = self.0.clone();
        url.query_pairs_mut().extend_pairs(pairs);
        url.into()
    }

    pub(super) fn url(&self) -> &Url {
        &self.0
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({})", self.0.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_encrypted_addresses_and_those_of_this_machine_are_asked() {
        for good in ["https://login.example/a", "http://127.0.0.1:80/a", "http://[::1]:1/", "http://localhost/"] {
            assert!(Address::read(good).is_ok(), "{good}");
        }
        for (bad, error) in [
            ("http://login.example/a", AddressError::Scheme("http".to_owned())),
            ("http://127.0.0.1.evil.example/", AddressError::Scheme("http".to_owned())),
            ("http://localhost.evil.example/", AddressError::Scheme("http".to_owned())),
            ("file:///etc/passwd", AddressError::Malformed),
            ("ftp://login.example/", AddressError::Scheme("ftp".to_owned())),
            ("https://user:word@login.example/", AddressError::Extra),
            ("https://login.example/#a", AddressError::Extra),
            ("login.example", AddressError::Malformed),
            ("https://", AddressError::Malformed),
        ] {
            assert_eq!(Address::read(bad), Err(error), "{bad}");
        }
    }

    #[test]
    fn a_host_that_the_configuration_does_not_name_is_refused() {
        let hosts = ["login.example".to_owned(), "keys.example:8443".to_owned()];
        assert!(Address::read_of("https://login.example/keys", &hosts).is_ok());
        assert!(Address::read_of("https://login.example:443/keys", &hosts).is_ok());
        assert!(Address::read_of("https://keys.example:8443/", &hosts).is_ok());
        for other in ["https://keys.example/", "https://evil.example/login.example", "https://login.example.evil/"] {
            assert!(matches!(Address::read_of(other, &hosts), Err(AddressError::Host { .. })), "{other}");
        }
    }
}
