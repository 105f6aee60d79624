//! What goes to a vendor and what comes back, as data: whoever drives a reader does the talking.

use crate::secret::Secret;
use onefold_model::Timestamp;
use serde_json::Value;
use std::fmt;

/// A request to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpRequest {
    /// `GET`, or `POST` where a system is asked with a body. Both only read.
    pub method: &'static str,
    /// Absolute address, on a host that the manifest declares. May carry a query of its own (next pages).
    pub url: String,
    /// Parameters to add to the query, not yet escaped.
    pub query: Vec<(String, String)>,
    /// Headers; values may be secret, so none is shown.
    pub headers: Vec<(String, Secret)>,
    /// What is sent as JSON.
    pub body: Option<Value>,
}

/// The address without its query, which may carry a page cursor of the vendor's.
impl fmt::Display for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.url.split('?').next().unwrap_or_default())
    }
}

/// An answer.
#[derive(Debug, Clone, PartialEq)]
pub struct HttpResponse {
    /// Status code.
    pub status: u16,
    /// Headers as they came; names are compared without regard to case.
    pub headers: Vec<(String, String)>,
    /// The parsed body; `null` where it was empty.
    pub body: Value,
    /// The vendor's clock (`Date` header) where it says, else the local one.
    pub at: Timestamp,
}

impl HttpResponse {
    /// The first header of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }

    /// Reads the `Date` header, for [`HttpResponse::at`].
    pub fn date(headers: &[(String, String)]) -> Option<Timestamp> {
        httpdate::parse_http_date(header(headers, "date")?).ok().map(Timestamp::from)
    }
}

pub(crate) fn header<'h>(headers: &'h [(String, String)], name: &str) -> Option<&'h str> {
    headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}
