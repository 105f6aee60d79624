//! One configured system: its address, what authenticates us there, and what its answers mean.

use crate::manifest::http::ErrorRules;
use crate::message::{HttpRequest, HttpResponse};
use crate::pointer::Pointer;
use crate::secret::Secret;
use std::fmt;
use url::Url;

/// Why reading cannot go on. Nothing here repeats what the vendor said, except a code that looks like one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The vendor refused.
    #[error("the system answered {status}{}: {refusal}", CodeNote(code.as_deref()))]
    Refused {
        /// Status code.
        status: u16,
        /// What it means.
        refusal: Refusal,
        /// The vendor's code, where it looks like one.
        code: Option<String>,
    },
    /// Status 200 with an error inside.
    #[error("the system reported an error with status {status}{}", CodeNote(code.as_deref()))]
    InBody {
        /// Status code.
        status: u16,
        /// The vendor's code, where it looks like one.
        code: Option<String>,
    },
    /// The answer does not have what the manifest says it has.
    #[error("the answer has no {what} at {pointer:?}")]
    Missing {
        /// What is missing.
        what: &'static str,
        /// Where it should be.
        pointer: String,
    },
    /// The list does not move on, so reading it would never end or would miss a part.
    #[error("the list does not move on: {reason}")]
    Stuck {
        /// What shows it.
        reason: &'static str,
    },
    /// The list is not in the order that the manifest declares, so the cursor cannot be trusted.
    #[error("the list is not in the declared order")]
    Order,
    /// A next page on a host that the manifest does not declare. Our credentials stay home.
    #[error("the next page is on {host:?}, which is not a declared host")]
    ForeignHost {
        /// The host.
        host: String,
    },
    /// A next page that is not an address.
    #[error("the next page is not an address")]
    BadAddress,
    /// A checkpoint that this version does not understand.
    #[error("checkpoint {name:?} was written by another version or edited: clear it to read the stream from the start")]
    State {
        /// The checkpoint.
        name: String,
    },
    /// An answer that nobody asked for.
    #[error("an answer came after the task was complete")]
    Unasked,
}

/// What a refusal means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// 401: the credentials are wrong or expired.
    #[error("the credentials are not accepted: check the source's settings")]
    Auth,
    /// 403: the credentials do not cover this.
    #[error("the credentials do not cover this stream: grant access or leave the stream out")]
    Denied,
    /// 301, 302, 303, 307, 308: what is asked for is somewhere else.
    #[error("it leads to another address, which is not followed: set the address of the source to the new one")]
    Moved,
    /// 404 and 410: there is nothing here.
    #[error("there is nothing at this address")]
    Gone,
    /// 429: too fast.
    #[error("the system asks to slow down")]
    Limited,
    /// 5xx: the system has a problem.
    #[error("the system has a problem of its own")]
    Unavailable,
    /// Anything else from 300 on: the request is wrong.
    #[error("the request is wrong")]
    Wrong,
}

struct CodeNote<'a>(Option<&'a str>);

impl fmt::Display for CodeNote<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |code| write!(f, " ({code})"))
    }
}

impl ReadError {
    /// The list has more records than the system gives of one list, and there is no later time to go on from.
    pub(crate) const CAPPED: Self =
        Self::Stuck { reason: "it has more records than the system gives of one list: read less at once" };

    /// A stable word, for counting and filtering.
    pub fn code(&self) -> &'static str {
        match self {
            ReadError::Refused { refusal, .. } => refusal.code(),
            ReadError::InBody { .. } => "error_in_body",
            ReadError::Missing { .. } => "unexpected_answer",
            ReadError::Stuck { .. } => "stuck",
            ReadError::Order => "order",
            ReadError::ForeignHost { .. } => "foreign_host",
            ReadError::BadAddress => "bad_address",
            ReadError::State { .. } => "checkpoint",
            ReadError::Unasked => "internal",
        }
    }
}

impl Refusal {
    /// What a status means.
    pub fn of(status: u16) -> Self {
        match status {
            301..=303 | 307 | 308 => Refusal::Moved,
            401 => Refusal::Auth,
            403 => Refusal::Denied,
            404 | 410 => Refusal::Gone,
            429 => Refusal::Limited,
            500.. => Refusal::Unavailable,
            _ => Refusal::Wrong,
        }
    }

    /// A stable word, for counting and filtering.
    pub fn code(self) -> &'static str {
        match self {
            Refusal::Auth => "auth",
            Refusal::Denied => "denied",
            Refusal::Moved => "moved",
            Refusal::Gone => "gone",
            Refusal::Limited => "limited",
            Refusal::Unavailable => "unavailable",
            Refusal::Wrong => "wrong_request",
        }
    }
}

#[derive(Debug)]
pub(crate) struct Vendor {
    pub(crate) base: Url,
    /// Origins that next pages may stand on, that of `base` first.
    pub(crate) origins: Vec<url::Origin>,
    pub(crate) headers: Vec<(String, Secret)>,
}

impl Vendor {
    /// A request for a path below the base.
    pub(crate) fn request(&self, path: &str, query: Vec<(String, String)>) -> HttpRequest {
        let base = self.base.as_str().trim_end_matches('/');
        let slash = if path.starts_with('/') || path.is_empty() { "" } else { "/" };
        let url = format!("{base}{slash}{path}");
        HttpRequest { method: "GET", url, query, headers: self.headers.clone(), body: None }
    }

    /// An address from an answer, made absolute and held to the declared hosts.
    pub(crate) fn resolve(&self, found: &str) -> Result<String, ReadError> {
        let url = self.base.join(found).map_err(|_| ReadError::BadAddress)?;
        if !self.origins.contains(&url.origin()) || !url.username().is_empty() || url.password().is_some() {
            let host = url.host_str().unwrap_or_default().chars().take(80).collect();
            return Err(ReadError::ForeignHost { host });
        }
        Ok(url.into())
    }
}

/// Status and declared places of errors.
pub(crate) fn check(response: &HttpResponse, rules: &ErrorRules) -> Result<(), ReadError> {
    let status = response.status;
    let code = || rules.code.iter().find_map(|pointer| error_code(pointer, response));
    if rules.nothing.contains(&status) {
        return Ok(());
    }
    if !(200..300).contains(&status) {
        return Err(ReadError::Refused { status, refusal: Refusal::of(status), code: code() });
    }
    if rules.in_body.iter().any(|pointer| pointer.get(&response.body).is_some_and(is_error)) {
        return Err(ReadError::InBody { status, code: code() });
    }
    Ok(())
}

fn is_error(value: &serde_json::Value) -> bool {
    match value {
        serde_json::Value::Array(list) => !list.is_empty(),
        serde_json::Value::Bool(flag) => *flag,
        _ => true,
    }
}

/// Only what looks like a code: a sentence may name a person or repeat a key.
fn error_code(pointer: &Pointer, response: &HttpResponse) -> Option<String> {
    let text = pointer.get_text(&response.body)?;
    let plain = text.len() <= 64 && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'));
    plain.then_some(text)
}
