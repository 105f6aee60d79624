//! Deliveries: what a system sends by itself, checked and read.
//!
//! Promises: nothing of a delivery is looked at before its signature holds; the bytes are checked as they came; signatures are
//! compared in constant time; a delivery that is too old, or from the future, is refused although its signature holds; an
//! unsigned one is a hint. Does not do: remember deliveries, or send anything.

use crate::configured::Configured;
use crate::manifest::webhook::{Encoding, Hash, Piece, Place, Says, Signature, Vouched};
use crate::message::HttpResponse;
use crate::pointer::Pointer;
use crate::read::item::read_item;
use crate::read::{Page, delivered_events};
use crate::secret::Secret;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use onefold_model::{ContentHash, Timestamp, content_hash};
use serde_json::{Value, json};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// A request that somebody sent to the address of a source.
#[derive(Debug, Clone, Copy)]
pub struct Delivery<'a> {
    /// `POST`.
    pub method: &'a str,
    /// Name and value. Names are compared without case.
    pub headers: &'a [(String, String)],
    /// The last part of the address, where it holds a secret.
    pub key: Option<&'a str>,
    /// The bytes, as they came.
    pub body: &'a [u8],
}

/// Why a delivery is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DeliveryRefusal {
    /// The connector has no webhook, or its secret is not set.
    #[error("this source takes no deliveries")]
    NotTaken,
    /// No signature.
    #[error("the delivery is not signed")]
    Unsigned,
    /// The signature is not that of these bytes under the secret; or the address does not hold the secret.
    #[error("the signature does not hold")]
    Forged,
    /// Signed too long ago, or in the future.
    #[error("the delivery was signed too long ago, or in the future")]
    Late,
    /// Signed, and not what the manifest says that it would be.
    #[error("the delivery does not read as this system's")]
    Unreadable,
    /// It names an address that is none of the system's.
    #[error("the delivery names an address that is not on a host of this system")]
    Foreign,
}

impl DeliveryRefusal {
    /// A stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::NotTaken => "DELIVERY_NOT_TAKEN",
            Self::Unsigned => "DELIVERY_UNSIGNED",
            Self::Forged => "DELIVERY_FORGED",
            Self::Late => "DELIVERY_LATE",
            Self::Unreadable => "DELIVERY_UNREADABLE",
            Self::Foreign => "DELIVERY_FOREIGN",
        }
    }
}

/// A delivery that holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivered {
    /// Names it: the same again is the same delivery.
    pub id: String,
    /// What it says.
    pub content: DeliveredContent,
}

/// What a delivery says.
#[derive(Debug, Clone, PartialEq)]
pub enum DeliveredContent {
    /// That the source should be read.
    Hint,
    /// Payloads, as if they had been read.
    Page(Box<Page>),
}

/// The secrets and addresses of a webhook, filled in.
#[derive(Debug, Clone)]
pub(crate) struct WebhookSource {
    pub(crate) secret: Secret,
    pub(crate) url: Option<String>,
}

impl Configured {
    /// Whether deliveries are taken: the connector says how, and the secret is set.
    pub fn takes_deliveries(&self) -> bool {
        self.webhook_source().is_some()
    }

    /// Whether an address with this key is the one for deliveries: systems that do not sign ask before they send.
    pub fn is_delivery_key(&self, key: &str) -> bool {
        let is_keyed = matches!(&self.manifest().webhook, Some(webhook) if matches!(webhook.vouched, Vouched::Key(_)));
        is_keyed && self.webhook_source().is_some_and(|source| same(source.secret.expose(), key))
    }

    /// Checks a delivery and reads what it says.
    ///
    /// # Errors
    /// Why it is not taken. Nothing of it is repeated.
    pub fn deliver(&self, delivery: &Delivery<'_>, now: Timestamp) -> Result<Delivered, DeliveryRefusal> {
        let (Some(webhook), Some(source)) = (&self.manifest().webhook, self.webhook_source()) else {
            return Err(DeliveryRefusal::NotTaken);
        };
        match (&webhook.vouched, delivery.key) {
            (Vouched::Key(_), None) => return Err(DeliveryRefusal::Unsigned),
            (Vouched::Key(_), Some(key)) if same(source.secret.expose(), key) => {}
            (Vouched::Key(_), Some(_)) => return Err(DeliveryRefusal::Forged),
            (Vouched::Signed(signature), None) => check_signature(signature, source, delivery, now)?,
            // An address that is made up.
            (Vouched::Signed(_), Some(_)) => return Err(DeliveryRefusal::NotTaken),
        }
        // A form, which some systems send, says nothing that a hint would need.
        let body: Option<Value> = serde_json::from_slice(delivery.body).ok();
        if let Some(pointer) = &webhook.address {
            let text = body.as_ref().and_then(|body| pointer.get_text(body)).ok_or(DeliveryRefusal::Unreadable)?;
            if self.vendor().is_none_or(|vendor| vendor.resolve(&text).is_err()) {
                return Err(DeliveryRefusal::Foreign);
            }
        }
        let id = webhook.id.as_ref().and_then(|place| named(place, delivery, body.as_ref()));
        let id = id.unwrap_or_else(|| ContentHash(digest(&webhook.vouched, delivery)).to_hex());
        let content = match (&webhook.says, body) {
            (Says::Hint, _) => DeliveredContent::Hint,
            (_, None) => return Err(DeliveryRefusal::Unreadable),
            (Says::Feed(feed), Some(body)) => {
                let events = listed(body, None).ok_or(DeliveryRefusal::Unreadable)?;
                let page = delivered_events(self, feed, &events, now).ok_or(DeliveryRefusal::Unreadable)?;
                DeliveredContent::Page(Box::new(page))
            }
            (Says::Records { stream, at }, Some(body)) => {
                let payloads = listed(body, Some(at)).ok_or(DeliveryRefusal::Unreadable)?;
                DeliveredContent::Page(Box::new(self.delivered_payloads(stream, payloads, now)?))
            }
        };
        Ok(Delivered { id, content })
    }

    fn delivered_payloads(&self, stream: &str, payloads: Vec<Value>, now: Timestamp) -> Result<Page, DeliveryRefusal> {
        let stream = self.manifest().stream(stream).ok_or(DeliveryRefusal::NotTaken)?;
        let answer = HttpResponse { status: 200, headers: Vec::new(), body: Value::Null, at: now };
        let mut page = Page::default();
        for payload in payloads {
            match read_item(stream, payload, &[], &answer) {
                Ok(item) => page.items.push(item),
                Err(refused) => page.refused.push(refused),
            }
        }
        Ok(page)
    }
}

/// One payload, or a list of them.
fn listed(body: Value, at: Option<&Pointer>) -> Option<Vec<Value>> {
    let found = match at {
        Some(at) => body.pointer(at.as_str())?.clone(),
        None => body,
    };
    match found {
        Value::Array(items) => Some(items),
        Value::Object(_) => Some(vec![found]),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

/// What names a delivery that has no name: its bytes, and when they were signed.
fn digest(vouched: &Vouched, delivery: &Delivery<'_>) -> [u8; 32] {
    let signed_at = match vouched {
        Vouched::Signed(signature) => {
            let own = signature.time.as_ref().and_then(|time| time.header.as_deref());
            header(delivery, own.unwrap_or(&signature.header)).filter(|_| signature.time.is_some())
        }
        Vouched::Key(_) => None,
    };
    let mut hasher = Sha256::new();
    hasher.update(signed_at.unwrap_or_default().as_bytes());
    hasher.update([0]);
    hasher.update(delivery.body);
    hasher.finalize().into()
}

fn named(place: &Place, delivery: &Delivery<'_>, body: Option<&Value>) -> Option<String> {
    match place {
        Place::Header(name) => header(delivery, name).map(str::to_owned),
        Place::Body(pointer) => pointer.get_text(body?),
    }
    .filter(|text| !text.trim().is_empty())
    // Whatever a vendor takes for an id, the store keeps a short one.
    .map(|text| if text.len() > 200 { content_hash(&json!(text)).to_hex() } else { text })
}

fn header<'a>(delivery: &Delivery<'a>, name: &str) -> Option<&'a str> {
    delivery.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

fn check_signature(
    signature: &Signature,
    source: &WebhookSource,
    delivery: &Delivery<'_>,
    now: Timestamp,
) -> Result<(), DeliveryRefusal> {
    let given = header(delivery, &signature.header).ok_or(DeliveryRefusal::Unsigned)?;
    let (listed_time, signatures) = match &signature.list {
        None => (None, vec![given]),
        Some((time, name)) => {
            let of = |wanted: &str| {
                let parts = given.split(',').filter_map(|part| part.trim().split_once('='));
                parts.filter(|(name, _)| *name == wanted).map(|(_, value)| value).collect::<Vec<_>>()
            };
            // Two times would leave open which of them is signed.
            let times = of(time);
            (if times.len() == 1 { times.first().copied() } else { None }, of(name))
        }
    };
    if signatures.is_empty() {
        return Err(DeliveryRefusal::Unsigned);
    }
    let time = match &signature.time {
        None => None,
        Some(timed) => {
            let text = match &timed.header {
                Some(name) => header(delivery, name),
                None => listed_time,
            };
            Some((text.ok_or(DeliveryRefusal::Unsigned)?, timed))
        }
    };
    let signed = signed_bytes(signature, source, delivery, time.map(|(text, _)| text))?;
    let secret = source.secret.expose().as_bytes();
    let holds = |given: &&str| {
        let given = match &signature.prefix {
            Some(prefix) => given.trim().strip_prefix(prefix.as_str()),
            None => Some(*given),
        };
        given.and_then(|given| decoded(signature.encoding, given)).is_some_and(|given| match signature.hash {
            Hash::Sha256 => holds_under::<Hmac<Sha256>>(secret, &signed, &given),
            Hash::Sha1 => holds_under::<Hmac<Sha1>>(secret, &signed, &given),
        })
    };
    // While a secret is exchanged, systems sign with both.
    if !signatures.iter().any(holds) {
        return Err(DeliveryRefusal::Forged);
    }
    let Some((text, timed)) = time else { return Ok(()) };
    let at = timed.format.read(&Value::from(text)).ok_or(DeliveryRefusal::Unreadable)?;
    if (now - at).abs() > timed.tolerance { Err(DeliveryRefusal::Late) } else { Ok(()) }
}

/// Compares in constant time.
fn holds_under<M: Mac + KeyInit>(secret: &[u8], signed: &[Vec<u8>], given: &[u8]) -> bool {
    let Ok(mut mac) = <M as KeyInit>::new_from_slice(secret) else { return false };
    for piece in signed {
        Mac::update(&mut mac, piece);
    }
    mac.verify_slice(given).is_ok()
}

/// What is signed, piece by piece.
fn signed_bytes(
    signature: &Signature,
    source: &WebhookSource,
    delivery: &Delivery<'_>,
    time: Option<&str>,
) -> Result<Vec<Vec<u8>>, DeliveryRefusal> {
    let bytes = |piece: &Piece| {
        Ok(match piece {
            Piece::Method => delivery.method.as_bytes().to_vec(),
            Piece::Url => source.url.as_deref().ok_or(DeliveryRefusal::NotTaken)?.as_bytes().to_vec(),
            Piece::Time => time.ok_or(DeliveryRefusal::Unsigned)?.as_bytes().to_vec(),
            Piece::Body => delivery.body.to_vec(),
            Piece::Text(text) => text.as_bytes().to_vec(),
        })
    };
    signature.of.iter().map(bytes).collect()
}

fn decoded(encoding: Encoding, text: &str) -> Option<Vec<u8>> {
    match encoding {
        Encoding::Base64 => STANDARD.decode(text.trim()).ok(),
        Encoding::Hex => {
            let text = text.trim().as_bytes();
            let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
            let pair = |pair: &[u8]| match pair {
                [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
                _ => None,
            };
            text.chunks(2).map(pair).collect()
        }
    }
}

fn same(secret: &str, given: &str) -> bool {
    secret.as_bytes().ct_eq(given.as_bytes()).into()
}
