//! OAuth 2: how an access token is got, declared.
//!
//! Says where the token is asked for and with what. Whoever drives a reader asks, keeps what must be kept, and asks again
//! before the token ends.

use super::http::template;
use crate::pointer::Pointer;
use crate::problem::Report;
use crate::template::{Scope, Template};
use crate::yaml::{Fields, Node};

#[derive(Debug)]
pub(crate) struct OAuth {
    pub(crate) token_url: Template,
    pub(crate) grant: Grant,
    pub(crate) client: ClientPlace,
    pub(crate) client_id: Template,
    pub(crate) client_secret: Template,
    pub(crate) scope: Option<Template>,
    /// The word before the token in `Authorization`.
    pub(crate) scheme: String,
    /// A token that something else keeps fresh. Where it has a value, nothing is asked for.
    pub(crate) fixed: Option<Template>,
    /// Where the answer says which address the account is at. It must be a declared host.
    pub(crate) base: Option<Pointer>,
}

#[derive(Debug)]
pub(crate) enum Grant {
    ClientCredentials,
    /// The answer may bring a new refresh token; then the old one is of no more use.
    RefreshToken(Template),
}

/// Where the client says who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ClientPlace {
    Basic,
    Form,
}

pub(crate) fn read_oauth(node: &Node, open: Scope<'_>, hidden: Scope<'_>, report: &mut Report) -> Option<OAuth> {
    let mut fields = Fields::open(node, "OAuth 2", report)?;
    let token_url = fields.require("token_url", report).and_then(|node| template(node, open, report));
    let grants = [("client_credentials", 0), ("refresh_token", 1)];
    let grant = fields.require("grant", report).and_then(|node| node.choice("grant", &grants, report));
    let refresh = fields.get("refresh_token").and_then(|node| template(node, hidden, report));
    let places = [("basic", ClientPlace::Basic), ("form", ClientPlace::Form)];
    let client = fields.get("client").and_then(|node| node.choice("place of the client", &places, report));
    let client_id = fields.require("client_id", report).and_then(|node| template(node, hidden, report));
    let client_secret = fields.require("client_secret", report).and_then(|node| template(node, hidden, report));
    let scope = fields.get("scope").and_then(|node| template(node, open, report));
    let scheme = fields.get("scheme").and_then(|node| node.word(report)).unwrap_or("Bearer").to_owned();
    let fixed = fields.get("access_token").and_then(|node| template(node, hidden, report));
    let base = fields.get("base").and_then(|node| node.pointer(report));
    let at = fields.at;
    fields.finish(report);
    let grant = match (grant?, refresh) {
        (0, None) => Grant::ClientCredentials,
        (1, Some(refresh)) => Grant::RefreshToken(refresh),
        _ => {
            report.add(at, "the grant refresh_token has a refresh_token, and client_credentials has none");
            return None;
        }
    };
    let client = client.unwrap_or(ClientPlace::Basic);
    Some(OAuth {
        token_url: token_url?,
        grant,
        client,
        client_id: client_id?,
        client_secret: client_secret?,
        scope,
        scheme,
        fixed,
        base,
    })
}
