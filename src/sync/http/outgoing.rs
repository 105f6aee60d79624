//! Requests to addresses that subscribers have registered.
//!
//! Promises: whoever may register an address makes the hub ask nothing that it may not be asked: only over HTTPS, and only at
//! addresses of the internet, whatever a name leads to, unless the operator allows others; redirects are not followed; nothing
//! of an answer but its status is read, and nothing of address, headers or body reaches a log or an error.

use super::address::Refused;
use super::{outside, reason, refused_inside};
use crate::config::PrivateAddresses;
use reqwest::Url;
use reqwest::header::CONTENT_TYPE;
use std::sync::OnceLock;
use std::time::Duration;

/// A receiver answers within this time, or has not answered.
const TIMEOUT: Duration = Duration::from_secs(15);
/// The longest address.
const LONGEST: usize = 2_000;

/// What is told to a receiver.
#[derive(Debug, Clone)]
pub struct OutgoingRequest<'a> {
    /// Where.
    pub url: &'a str,
    /// Names and values of headers.
    pub headers: Vec<(&'static str, String)>,
    /// JSON.
    pub body: String,
}

/// What a receiver answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutgoingAnswer {
    /// With this status.
    Status(u16),
    /// Not at all, and why.
    None(&'static str),
}

/// Why an address is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OutgoingRefusal {
    /// It is none.
    #[error("this is no address that can be told: https://host/path")]
    Address,
    /// It is not over HTTPS.
    #[error("an address begins with https://")]
    Plain,
    /// It holds a user or a password.
    #[error("an address holds no user and no password: receivers check the signature")]
    Credentials,
    /// It may not be asked.
    #[error("{0}: where receivers may be is said by [webhooks] private_addresses")]
    Host(Refused),
}

/// Tells receivers.
#[derive(Debug, Default)]
pub struct OutgoingClient {
    permitted: PrivateAddresses,
    http: OnceLock<Option<reqwest::Client>>,
}

impl OutgoingClient {
    /// One that tells receivers at these addresses.
    pub(crate) fn new(permitted: PrivateAddresses) -> Self {
        Self { permitted, http: OnceLock::new() }
    }

    /// Whether an address may be registered. What its name leads to is looked at with every request.
    pub fn check(&self, url: &str) -> Result<(), OutgoingRefusal> {
        let parsed = Url::parse(url).ok().filter(|_| url.len() <= LONGEST).ok_or(OutgoingRefusal::Address)?;
        let host = parsed.host_str().ok_or(OutgoingRefusal::Address)?;
        match parsed.scheme() {
            "https" => {}
            // Within one's own network there may be no certificates.
            "http" if self.permitted == PrivateAddresses::Allow => {}
            "http" => return Err(OutgoingRefusal::Plain),
            _ => return Err(OutgoingRefusal::Address),
        }
        if !parsed.username().is_empty() || parsed.password().is_some() {
            return Err(OutgoingRefusal::Credentials);
        }
        Refused::by_name(host, self.permitted).map_err(OutgoingRefusal::Host)
    }

    /// Tells a receiver, once.
    pub async fn send(&self, request: OutgoingRequest<'_>) -> OutgoingAnswer {
        // The operator may have changed their mind since it was registered.
        if self.check(request.url).is_err() {
            return OutgoingAnswer::None("the address may not be asked");
        }
        let (Some(client), Ok(url)) = (self.client(), Url::parse(request.url)) else {
            return OutgoingAnswer::None("the HTTP client could not be built");
        };
        let mut builder = client.post(url).header(CONTENT_TYPE, "application/json").body(request.body);
        for (name, value) in request.headers {
            builder = builder.header(name, value);
        }
        match builder.send().await {
            Ok(answer) => OutgoingAnswer::Status(answer.status().as_u16()),
            Err(error) if refused_inside(&error).is_some() => OutgoingAnswer::None("the address may not be asked"),
            Err(error) => OutgoingAnswer::None(reason(&error)),
        }
    }

    fn client(&self) -> Option<&reqwest::Client> {
        self.http.get_or_init(|| outside(self.permitted, TIMEOUT).ok()).as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_internet_over_https_are_taken() {
        let strict = OutgoingClient::new(PrivateAddresses::Refuse);
        assert_eq!(strict.check("https://hooks.example/onefold?x=1"), Ok(()));
        assert_eq!(strict.check("http://hooks.example/"), Err(OutgoingRefusal::Plain));
        assert_eq!(strict.check("https://ann:word@hooks.example/"), Err(OutgoingRefusal::Credentials));
        for odd in ["", "hooks.example", "ftp://hooks.example", "file:///etc/passwd", "https://", "data:text/plain,x"] {
            assert_eq!(strict.check(odd), Err(OutgoingRefusal::Address), "{odd}");
        }
        assert_eq!(
            strict.check(&format!("https://hooks.example/{}", "x".repeat(2_000))),
            Err(OutgoingRefusal::Address)
        );
        let forbidden = [
            "127.0.0.1",
            "[::1]",
            "10.1.2.3",
            "192.168.0.1",
            "169.254.169.254",
            "[::ffff:10.0.0.1]",
            "0x7f.1",
            "metadata",
        ];
        for host in forbidden {
            let refused = strict.check(&format!("https://{host}/"));
            assert!(matches!(refused, Err(OutgoingRefusal::Host(_))), "{host}: {refused:?}");
        }
        let lax = OutgoingClient::new(PrivateAddresses::Allow);
        assert_eq!(lax.check("http://127.0.0.1:8080/"), Ok(()));
        assert!(matches!(lax.check("http://169.254.169.254/"), Err(OutgoingRefusal::Host(_))));
    }
}
