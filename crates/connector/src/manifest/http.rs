//! How to talk to the system: address, authentication, headers, limits, retry, and what its errors mean.

use super::oauth::{OAuth, read_oauth};
use crate::pointer::Pointer;
use crate::problem::Report;
use crate::retry::RetryPolicy;
use crate::setting::Setting;
use crate::template::{Scope, Template};
use crate::yaml::{Fields, Node};
use std::time::Duration;

#[derive(Debug)]
pub(crate) struct HttpSource {
    pub(crate) base: Template,
    /// Hosts beside that of `base` that next pages may stand on.
    pub(crate) hosts: Vec<Template>,
    pub(crate) auth: Option<Auth>,
    pub(crate) headers: Vec<(String, Template)>,
    pub(crate) limits: Limits,
    pub(crate) retry: RetryPolicy,
    pub(crate) errors: ErrorRules,
}

#[derive(Debug)]
pub(crate) enum Auth {
    Bearer(Template),
    /// Some systems take a key as the user, and no password.
    Basic {
        user: Template,
        password: Option<Template>,
    },
    Header {
        name: String,
        value: Template,
    },
    /// An access token that must be asked for.
    Token(Box<OAuth>),
}

/// How fast a source may be asked, over all its streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// So many requests …
    pub permits: u32,
    /// … in so much time.
    pub per: Duration,
    /// One request is given up on after this.
    pub timeout: Duration,
    /// An answer longer than this, in bytes, is refused.
    pub max_body: usize,
}

/// Where an error says what it is.
#[derive(Debug, Default)]
pub(crate) struct ErrorRules {
    /// Codes of the vendor's, first found wins. Shown only where they look like a code.
    pub(crate) code: Vec<Pointer>,
    /// An answer with status 200 that has something here is an error all the same.
    pub(crate) in_body: Vec<Pointer>,
    /// Statuses by which the system says that it has nothing to list.
    pub(crate) nothing: Vec<u16>,
}

pub(crate) fn read_http(node: &Node, settings: &[Setting], report: &mut Report) -> Option<HttpSource> {
    let open = Scope::of(settings);
    let hidden = open.with_secrets();
    let mut fields = Fields::open(node, "http", report)?;
    let base = fields.require("base", report).and_then(|node| template(node, open, report));
    let hosts = fields.get("hosts").map(|node| templates(node, open, report)).unwrap_or_default();
    let auth = fields.get("auth").and_then(|node| read_auth(node, open, hidden, report));
    let headers = fields.get("headers").map(|node| pairs(node, "headers", hidden, report)).unwrap_or_default();
    let retry = fields.get("retry").and_then(|node| RetryPolicy::read(node, report)).unwrap_or_default();
    let limits = read_limits(fields.get("limits"), report);
    let errors = fields.get("errors").and_then(|node| read_errors(node, report)).unwrap_or_default();
    fields.finish(report);
    Some(HttpSource { base: base?, hosts, auth, headers, limits, retry, errors })
}

pub(crate) fn template(node: &Node, scope: Scope<'_>, report: &mut Report) -> Option<Template> {
    let text = node.word(report)?;
    Template::parse(text, &node.at, scope, report)
}

fn templates(node: &Node, scope: Scope<'_>, report: &mut Report) -> Vec<Template> {
    node.items().iter().filter_map(|node| template(node, scope, report)).collect()
}

/// Texts by name: headers, query parameters.
pub(crate) fn pairs(node: &Node, what: &str, scope: Scope<'_>, report: &mut Report) -> Vec<(String, Template)> {
    node.entries(what, report)
        .iter()
        .filter_map(|(key, node)| Some((key.text.clone(), template(node, scope, report)?)))
        .collect()
}

fn read_auth(node: &Node, open: Scope<'_>, scope: Scope<'_>, report: &mut Report) -> Option<Auth> {
    let mut fields = Fields::open(node, "auth", report)?;
    let bearer = fields.get("bearer").and_then(|node| template(node, scope, report)).map(Auth::Bearer);
    let basic = fields.get("basic").and_then(|node| {
        let mut fields = Fields::open(node, "basic authentication", report)?;
        let user = fields.require("user", report).and_then(|node| template(node, scope, report));
        let password = fields.get("password").and_then(|node| template(node, scope, report));
        fields.finish(report);
        Some(Auth::Basic { user: user?, password })
    });
    let header = fields.get("header").and_then(|node| {
        let mut fields = Fields::open(node, "authentication header", report)?;
        let name = fields.require("name", report).and_then(|node| node.word(report)).map(str::to_owned);
        let value = fields.require("value", report).and_then(|node| template(node, scope, report));
        fields.finish(report);
        Some(Auth::Header { name: name?, value: value? })
    });
    let oauth = fields.get("oauth2").and_then(|node| read_oauth(node, open, scope, report));
    let oauth = oauth.map(|oauth| Auth::Token(Box::new(oauth)));
    let at = fields.at;
    fields.finish(report);
    let mut ways = [bearer, basic, header, oauth].into_iter().flatten();
    let auth = ways.next();
    if ways.next().is_some() {
        report.add(at, "one way to authenticate, please: bearer, basic, header or oauth2");
    }
    auth
}

fn read_limits(node: Option<&Node>, report: &mut Report) -> Limits {
    let mut limits =
        Limits { permits: 10, per: Duration::from_secs(1), timeout: Duration::from_mins(1), max_body: 64 << 20 };
    let Some(mut fields) = node.and_then(|node| Fields::open(node, "limits", report)) else { return limits };
    if let Some(node) = fields.get("permits")
        && let Some(permits) = node.number::<u32>(report)
    {
        if permits == 0 {
            report.add(&node.at, "at least one request must be allowed");
        }
        limits.permits = permits.max(1);
    }
    let mut period = |name| fields.get(name).and_then(|node| node.period(report)?.to_std().ok());
    limits.per = period("per").unwrap_or(limits.per);
    limits.timeout = period("timeout").unwrap_or(limits.timeout);
    if let Some(mib) = fields.get("max_body_mib").and_then(|node| node.number::<usize>(report)) {
        limits.max_body = mib << 20;
    }
    fields.finish(report);
    limits
}

fn read_errors(node: &Node, report: &mut Report) -> Option<ErrorRules> {
    let mut fields = Fields::open(node, "errors", report)?;
    let mut pointers = |name| -> Vec<Pointer> {
        let nodes = fields.get(name).map(Node::items).unwrap_or_default();
        nodes.iter().filter_map(|node| node.pointer(report)).collect()
    };
    let (code, in_body) = (pointers("code"), pointers("in_body"));
    let nothing = fields.get("nothing").map(Node::items).unwrap_or_default();
    let nothing = nothing.iter().filter_map(|node| node.number(report)).collect();
    let rules = ErrorRules { code, in_body, nothing };
    fields.finish(report);
    Some(rules)
}
