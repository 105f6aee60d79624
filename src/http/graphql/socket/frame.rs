//! The messages of `graphql-transport-ws`, and the codes with which it closes.

use super::super::ask::Ask;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// What a client says.
#[derive(Debug)]
pub(super) enum Incoming {
    /// Who it is.
    Init(Option<Map<String, Value>>),
    /// Whether somebody is there.
    Ping(Option<Map<String, Value>>),
    /// That it is there.
    Pong,
    /// What it wants to hear, under a name of its own.
    Subscribe { id: String, ask: Ask },
    /// What it no longer wants to hear.
    Complete(String),
}

/// Why the hub closes a socket.
#[derive(Debug)]
pub(super) enum Close {
    /// The hub stops.
    GoingAway,
    /// A message that is none of the protocol.
    Invalid(String),
    /// An operation before the client has said who it is.
    Unauthorized,
    /// Who the client says it is does not hold; the code says why.
    Forbidden(String),
    /// The client did not say in time who it is.
    InitTimeout,
    /// The client uses a name twice.
    NameTaken(String),
    /// The client says twice who it is.
    TooManyInits,
}

/// Bytes that the reason in a close frame may have (RFC 6455, 5.5).
const MAX_REASON: usize = 123;

#[derive(Deserialize)]
struct Raw {
    r#type: String,
    id: Option<String>,
    payload: Option<Value>,
}

impl Incoming {
    pub(super) fn read(text: &str) -> Result<Self, Close> {
        let invalid = |what: &str| Close::Invalid(what.to_owned());
        let raw: Raw = serde_json::from_str(text).map_err(|_| invalid("a message is JSON with a \"type\""))?;
        let object = |payload: Option<Value>| match payload {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Object(fields)) => Ok(Some(fields)),
            Some(_) => Err(invalid("a payload is an object")),
        };
        let id = raw.id.filter(|id| !id.is_empty()).ok_or_else(|| invalid("the message has no \"id\""));
        match raw.r#type.as_str() {
            "connection_init" => Ok(Self::Init(object(raw.payload)?)),
            "ping" => Ok(Self::Ping(object(raw.payload)?)),
            "pong" => Ok(Self::Pong),
            "complete" => Ok(Self::Complete(id?)),
            "subscribe" => {
                let id = id?;
                let is_asked = |payload: &Value| {
                    payload.get("query").is_some()
                        || payload.get("documentId").is_some()
                        || payload.get("extensions").is_some()
                };
                let payload = raw.payload.filter(is_asked).ok_or_else(|| invalid("subscribe has no document"))?;
                let ask =
                    serde_json::from_value(payload).map_err(|_| invalid("the payload of subscribe does not read"))?;
                Ok(Self::Subscribe { id, ask })
            }
            _ => Err(invalid("the message has a type that is none of the protocol")),
        }
    }
}

impl Close {
    pub(super) fn code(&self) -> u16 {
        match self {
            Self::GoingAway => 1001,
            Self::Invalid(_) => 4400,
            Self::Unauthorized => 4401,
            Self::Forbidden(_) => 4403,
            Self::InitTimeout => 4408,
            Self::NameTaken(_) => 4409,
            Self::TooManyInits => 4429,
        }
    }

    /// As the protocol words it, where it does.
    pub(super) fn reason(&self) -> String {
        let mut reason = match self {
            Self::GoingAway => "the hub stops".to_owned(),
            Self::Invalid(what) => what.clone(),
            Self::Unauthorized => "Unauthorized".to_owned(),
            Self::Forbidden(code) => format!("Forbidden: {code}"),
            Self::InitTimeout => "Connection initialisation timeout".to_owned(),
            Self::NameTaken(id) => format!("Subscriber for {id} already exists"),
            Self::TooManyInits => "Too many initialisation requests".to_owned(),
        };
        while reason.len() > MAX_REASON {
            reason.pop();
        }
        reason
    }
}

pub(super) fn ack() -> String {
    json!({"type": "connection_ack"}).to_string()
}

pub(super) fn pong(payload: Option<Map<String, Value>>) -> String {
    match payload {
        None => json!({"type": "pong"}).to_string(),
        Some(payload) => json!({"type": "pong", "payload": payload}).to_string(),
    }
}

pub(super) fn next(id: &str, payload: &Value) -> String {
    json!({"id": id, "type": "next", "payload": payload}).to_string()
}

pub(super) fn error(id: &str, errors: &Value) -> String {
    json!({"id": id, "type": "error", "payload": errors}).to_string()
}

pub(super) fn complete(id: &str) -> String {
    json!({"id": id, "type": "complete"}).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_none_of_the_protocol_is_refused() {
        for text in [
            "",
            "not json",
            "[]",
            "{}",
            r#"{"type": "zzz"}"#,
            r#"{"type": 1}"#,
            r#"{"type": "subscribe", "payload": {"query": "{ a }"}}"#,
            r#"{"type": "subscribe", "id": "", "payload": {"query": "{ a }"}}"#,
            r#"{"type": "subscribe", "id": "1"}"#,
            r#"{"type": "subscribe", "id": "1", "payload": {}}"#,
            r#"{"type": "subscribe", "id": "1", "payload": {"query": 1}}"#,
            r#"{"type": "complete"}"#,
            r#"{"type": "ping", "payload": 1}"#,
            r#"{"type": "connection_init", "payload": []}"#,
        ] {
            assert!(matches!(Incoming::read(text), Err(Close::Invalid(_))), "{text}");
        }
    }

    #[test]
    fn a_reason_fits_into_its_frame() {
        let reason = Close::NameTaken("ä".repeat(500)).reason();
        assert!(reason.len() <= MAX_REASON && reason.starts_with("Subscriber for ä"));
    }
}
