//! The part of the schema about what a system sends by itself.

use super::{object, period, pointer, says, text, time_format};
use crate::manifest::webhook::{ENCODINGS, HASHES};
use serde_json::{Value, json};

pub(super) fn webhook() -> Value {
    let names = object(&["time", "signature"], &json!({"time": text(), "signature": text()}));
    let time = object(
        &["type", "tolerance"],
        &json!({
            "header": says("The header that holds it; none where it is in the list.", &text()),
            "type": time_format(),
            "tolerance": says("Deliveries further from now are refused.", &period()),
        }),
    );
    let signed = object(
        &["secret", "header", "encoding", "of"],
        &json!({
            "secret": says("'{config.webhook_secret}', a secret setting. Where it is not set, no deliveries are taken.", &text()),
            "header": says("The header that holds the signature.", &text()),
            "hash": says("The hash under the HMAC; sha256 unless told otherwise.", &json!({"enum": HASHES.map(|(word, _)| word)})),
            "prefix": says("What stands before the signature in its header: sha1=.", &text()),
            "encoding": {"enum": ENCODINGS.map(|(word, _)| word)},
            "list": says("The header is a list such as t=…,v1=…: the names of the time and of the signatures.", &names),
            "of": says("What is signed by HMAC, of {method}, {url}, {time}, {body} and other signs: '{time}.{body}'.", &text()),
            "url": says("The address as the system calls it, where that is signed.", &text()),
            "time": says("When the system signed, which is signed too.", &time),
        }),
    );
    let facts = json!({"anyOf": [
        {"enum": ["hint"]},
        object(&["feed"], &json!({"feed": says("A delivery is an event of this feed.", &text())})),
        object(&["stream"], &json!({"stream": says("A delivery holds payloads of this stream.", &text()), "records": pointer()})),
    ]});
    object(
        &["says"],
        &json!({
            "signed": says("A delivery is believed because it is signed.", &signed),
            "key": says("Or because its address ends with this secret; then it can only be a hint.", &text()),
            "id": says("What names a delivery: a JSON pointer, or 'header X-Id'. Without it its bytes do.", &text()),
            "says": says("What a delivery says. After a hint the source is read.", &facts),
            "address": says("An address in the delivery that must be on a host of the system.", &pointer()),
        }),
    )
}
