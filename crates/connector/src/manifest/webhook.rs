//! What a system sends by itself: how a delivery is vouched for, and what it says.

use super::Context;
use super::cursor::{TIME_FORMATS, TimeFormat};
use super::http::template;
use crate::pointer::Pointer;
use crate::problem::{Position, Report};
use crate::template::{Scope, Template};
use crate::yaml::{Fields, Node};
use chrono::TimeDelta;

/// How deliveries are taken.
#[derive(Debug)]
pub(crate) struct Webhook {
    pub(crate) vouched: Vouched,
    /// What names a delivery, so that it counts once; without it its bytes do.
    pub(crate) id: Option<Place>,
    pub(crate) says: Says,
    /// An address in the delivery that must be on a host of the system.
    pub(crate) address: Option<Pointer>,
}

/// Why a delivery is believed to come from the system.
#[derive(Debug)]
pub(crate) enum Vouched {
    /// It is signed with a secret that both sides know.
    Signed(Box<Signature>),
    /// Its address holds a secret. Whoever learns the address can send what they like: such a delivery is a hint.
    Key(Template),
}

/// HMAC of parts of the request.
#[derive(Debug)]
pub(crate) struct Signature {
    pub(crate) secret: Template,
    pub(crate) header: String,
    pub(crate) hash: Hash,
    /// What stands before the signature in its header, `sha1=`.
    pub(crate) prefix: Option<String>,
    pub(crate) encoding: Encoding,
    /// The header is a list `t=…,v1=…`, and these are the names of the time and of signatures in it.
    pub(crate) list: Option<(String, String)>,
    /// What is signed.
    pub(crate) of: Vec<Piece>,
    /// The address as the system calls it, where that is signed.
    pub(crate) url: Option<Template>,
    pub(crate) time: Option<SignedTime>,
}

/// When the system says that it signed, which is signed too.
#[derive(Debug)]
pub(crate) struct SignedTime {
    /// The header; none where it is in the list.
    pub(crate) header: Option<String>,
    pub(crate) format: TimeFormat,
    /// Deliveries further from now are refused.
    pub(crate) tolerance: TimeDelta,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    Hex,
    Base64,
}

pub(crate) const ENCODINGS: [(&str, Encoding); 2] = [("hex", Encoding::Hex), ("base64", Encoding::Base64)];

/// The hash of a signature. SHA-1 is broken where somebody chooses both texts; under a secret key it still holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Hash {
    #[default]
    Sha256,
    Sha1,
}

pub(crate) const HASHES: [(&str, Hash); 2] = [("sha256", Hash::Sha256), ("sha1", Hash::Sha1)];

/// A piece of what is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    Method,
    Url,
    Time,
    Body,
    Text(String),
}

pub(crate) const PIECES: [&str; 4] = ["method", "url", "time", "body"];

/// Where something stands in a request.
#[derive(Debug)]
pub(crate) enum Place {
    Header(String),
    Body(Pointer),
}

/// What a delivery says.
#[derive(Debug)]
pub(crate) enum Says {
    /// It is an event of this feed, or several in a list.
    Feed(String),
    /// Payloads of this stream stand there.
    Records { stream: String, at: Pointer },
    /// That something has changed: the source is read.
    Hint,
}

pub(crate) fn read_webhook(node: &Node, context: Context<'_>, report: &mut Report) -> Option<Webhook> {
    let mut fields = Fields::open(node, "webhook", report)?;
    let (signed, key) = (fields.get("signed"), fields.get("key"));
    let vouched = match (signed, key) {
        (Some(node), None) => read_signature(node, context, report).map(|signed| Vouched::Signed(Box::new(signed))),
        (None, Some(node)) => template(node, Scope::of(context.settings).with_secrets(), report).map(Vouched::Key),
        _ => {
            report.add(fields.at, "a webhook needs exactly one of \"signed\" and \"key\": why a delivery is believed");
            None
        }
    };
    let id = fields.get("id").and_then(|node| read_place(node, report));
    let says = fields.require("says", report).and_then(|node| read_says(node, context, report));
    let address = fields.get("address").and_then(|node| node.pointer(report));
    let at = fields.at;
    fields.finish(report);
    let (vouched, says) = (vouched?, says?);
    if matches!(vouched, Vouched::Key(_)) && !matches!(says, Says::Hint) {
        report.add(at, "a delivery that is not signed is a hint and never a fact: says: hint");
    }
    Some(Webhook { vouched, id, says, address })
}

fn read_place(node: &Node, report: &mut Report) -> Option<Place> {
    let text = node.word(report)?;
    match text.strip_prefix("header ") {
        Some(name) => Some(Place::Header(name.trim().to_owned())),
        None => node.pointer(report).map(Place::Body),
    }
}

fn read_says(node: &Node, context: Context<'_>, report: &mut Report) -> Option<Says> {
    if let crate::yaml::Data::Scalar(_) = node.data {
        return node.choice("thing that a delivery says", &[("hint", ())], report).map(|()| Says::Hint);
    }
    let mut fields = Fields::open(node, "thing that a delivery says", report)?;
    let (feed, stream) = (fields.get("feed"), fields.get("stream"));
    let at = fields.get("records").map(|node| node.pointer(report));
    let here = fields.at;
    fields.finish(report);
    match (feed, stream) {
        (Some(node), None) => {
            let name = node.word(report)?;
            context.names.check_feed(name, &node.at, report);
            Some(Says::Feed(name.to_owned()))
        }
        (None, Some(node)) => {
            let name = node.word(report)?;
            context.names.check_stream(name, &node.at, report);
            let at = at.unwrap_or_else(|| Pointer::parse(""))?;
            Some(Says::Records { stream: name.to_owned(), at })
        }
        _ => {
            report.add(here, "a delivery says exactly one of \"feed\" and \"stream\", or is a hint");
            None
        }
    }
}

fn read_signature(node: &Node, context: Context<'_>, report: &mut Report) -> Option<Signature> {
    let open = Scope::of(context.settings);
    let mut fields = Fields::open(node, "signature", report)?;
    let secret = fields.require("secret", report).and_then(|node| template(node, open.with_secrets(), report));
    let header = fields.require("header", report).and_then(|node| node.word(report)).map(str::to_owned);
    let encoding = fields.require("encoding", report).and_then(|node| node.choice("encoding", &ENCODINGS, report));
    let hash = fields.get("hash").map(|node| node.choice("hash", &HASHES, report));
    let prefix = fields.get("prefix").and_then(|node| node.word(report)).map(str::to_owned);
    let list = fields.get("list").and_then(|node| {
        let mut fields = Fields::open(node, "list in the header", report)?;
        let mut name = |name| fields.require(name, report).and_then(|node| node.word(report)).map(str::to_owned);
        let (time, signature) = (name("time"), name("signature"));
        fields.finish(report);
        Some((time?, signature?))
    });
    let of = fields.require("of", report).and_then(|node| {
        let pieces = read_pieces(node.word(report)?, &node.at, report)?;
        if !pieces.contains(&Piece::Body) {
            report.add(&node.at, "what is signed must hold {body}, or the signature says nothing of it");
        }
        Some(pieces)
    });
    let url = fields.get("url").and_then(|node| template(node, open, report));
    let time = fields.get("time").and_then(|node| read_time(node, report));
    let at = fields.at;
    fields.finish(report);
    let of = of?;
    if of.contains(&Piece::Url) != url.is_some() {
        report.add(at, "{url} in \"of\" and \"url\" go together");
    }
    let is_timed = of.contains(&Piece::Time);
    if is_timed != time.is_some() {
        report.add(at, "{time} in \"of\" and \"time\" go together: a time that is not signed says nothing");
    }
    if let Some(time) = &time
        && time.header.is_some() == list.is_some()
    {
        report.add(at, "the time stands either in a header of its own or in the list of the signature's");
    }
    let hash = hash.map_or(Some(Hash::default()), |hash| hash)?;
    Some(Signature { secret: secret?, header: header?, hash, prefix, encoding: encoding?, list, of, url, time })
}

fn read_time(node: &Node, report: &mut Report) -> Option<SignedTime> {
    let mut fields = Fields::open(node, "signed time", report)?;
    let header = fields.get("header").and_then(|node| node.word(report)).map(str::to_owned);
    let format = fields.require("type", report).and_then(|node| node.choice("type of time", &TIME_FORMATS, report));
    let tolerance = fields.require("tolerance", report).and_then(|node| node.period(report));
    fields.finish(report);
    Some(SignedTime { header, format: format?, tolerance: tolerance? })
}

/// `{time}.{body}`.
fn read_pieces(text: &str, at: &Position, report: &mut Report) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        if !before.is_empty() {
            pieces.push(Piece::Text(before.to_owned()));
        }
        let Some((name, after)) = after.split_once('}') else {
            report.add(at, format!("{text:?} has a {{ without its }}"));
            return None;
        };
        pieces.push(match name {
            "method" => Piece::Method,
            "url" => Piece::Url,
            "time" => Piece::Time,
            "body" => Piece::Body,
            _ => {
                report.unknown(at, "part of a request", name, PIECES);
                return None;
            }
        });
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest.to_owned()));
    }
    Some(pieces)
}
