//! Requests to issuers: one try, little time, few bytes, no redirect.

mod address;

pub use address::{Address, AddressError};

use super::{IssuerError, IssuerSetupError};
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder};
use std::sync::Once;
use std::time::Duration;

/// The whole of an answer must be here by then: a request waits for it.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Asks issuers.
pub(super) struct Fetcher {
    outside: Client,
    /// For this machine: never through a proxy.
    own: Client,
}

/// An answer that was read to its end.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
}

impl Fetcher {
    pub(super) fn new() -> Result<Self, IssuerSetupError> {
        static PROVIDER: Once = Once::new();
        // Another part of the process may have chosen one already; either will do.
        PROVIDER.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
        let builder = || {
            Client::builder()
                .redirect(Policy::none())
                .timeout(TIMEOUT)
                .user_agent(concat!("onefold/", env!("CARGO_PKG_VERSION")))
        };
        let outside = builder().build().map_err(|_| IssuerSetupError::Client)?;
        let own = builder().no_proxy().build().map_err(|_| IssuerSetupError::Client)?;
        Ok(Self { outside, own })
    }

    /// What stands at this address; anything but a plain success is an error.
    pub(super) async fn get(
        &self,
        what: &'static str,
        address: &Address,
        limit: usize,
    ) -> Result<Vec<u8>, IssuerError> {
        let request = self.client(address).get(address.url().clone()).header(ACCEPT, "application/json");
        let answer = read(what, request, limit).await?;
        if answer.status == 200 { Ok(answer.body) } else { Err(IssuerError::Status { what, status: answer.status }) }
    }

    /// Sends a form, and what the answer says, whatever its status.
    pub(super) async fn post(
        &self,
        what: &'static str,
        address: &Address,
        form: &[(&str, &str)],
        credentials: Option<&str>,
        limit: usize,
    ) -> Result<Answer, IssuerError> {
        let mut request = self.client(address).post(address.url().clone()).header(ACCEPT, "application/json");
        if let Some(credentials) = credentials {
            request = request.header(AUTHORIZATION, format!("Basic {credentials}"));
        }
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(form_encoded(form));
        read(what, request, limit).await
    }

    fn client(&self, address: &Address) -> &Client {
        if address.is_own_machine() { &self.own } else { &self.outside }
    }
}

/// Names and values as `application/x-www-form-urlencoded` has them.
fn form_encoded(pairs: &[(&str, &str)]) -> String {
    let pairs = pairs.iter().map(|(name, value)| format!("{}={}", form_word(name), form_word(value)));
    pairs.collect::<Vec<_>>().join("&")
}

/// One text as a form has it.
pub(super) fn form_word(text: &str) -> String {
    use std::fmt::Write;
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'*' | b'-' | b'.' | b'_' => out.push(char::from(byte)),
            b' ' => out.push('+'),
            _ => drop(write!(out, "%{byte:02X}")),
        }
    }
    out
}

async fn read(what: &'static str, request: RequestBuilder, limit: usize) -> Result<Answer, IssuerError> {
    let unreachable = |error: &reqwest::Error| IssuerError::Unreachable { what, reason: reason(error) };
    let mut answer = request.send().await.map_err(|error| unreachable(&error))?;
    let status = answer.status().as_u16();
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| unreachable(&error))? {
        if body.len() + chunk.len() > limit {
            return Err(IssuerError::TooLarge { what, limit });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer { status, body })
}

/// What happened, in words that hold no address.
fn reason(error: &reqwest::Error) -> &'static str {
    if error.is_timeout() {
        "it took too long"
    } else if error.is_connect() {
        "the connection could not be made"
    } else if error.is_body() || error.is_decode() {
        "the answer broke off"
    } else {
        "the connection failed"
    }
}
