//! Deliveries of vendors: real ones are taken and forged ones are not, whatever is done to them.

use crate::folders::{configure, connector, load};
use chrono::DateTime;
use onefold_connector::{Configured, Delivered, DeliveredContent, Delivery, DeliveryRefusal};
use onefold_model::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::path::Path;

const SECRET: &str = "whsec_of_nobody";

fn now() -> Timestamp {
    at(1_795_314_005)
}

fn at(seconds: i64) -> Timestamp {
    DateTime::from_timestamp_secs(seconds).unwrap()
}

fn stripe() -> Configured {
    configure(&load("billing/stripe"), &[("api_key", "rk_test_x"), ("webhook_secret", SECRET)])
}

/// The HMAC of a text as hexadecimal digits.
fn signed(secret: &str, text: &str) -> String {
    use hmac::{Hmac, KeyInit, Mac};
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().iter().fold(String::new(), |digits, byte| digits + &format!("{byte:02x}"))
}

fn stripe_header(time: i64, body: &str) -> Vec<(String, String)> {
    let signature = signed(SECRET, &format!("{time}.{body}"));
    vec![("stripe-signature".to_owned(), format!("t={time},v1={signature}"))]
}

fn deliver(source: &Configured, headers: &[(String, String)], body: &str) -> Result<Delivered, DeliveryRefusal> {
    source.deliver(&Delivery { method: "POST", headers, key: None, body: body.as_bytes() }, now())
}

fn event(kind: &str, object: &Value) -> String {
    json!({"id": "evt_1", "type": kind, "created": 1_795_314_000, "data": {"object": object}}).to_string()
}

#[test]
fn an_event_is_read_as_the_feed_would_give_it() {
    let customer = json!({"id": "cus_1", "name": "Ada", "created": 1_760_000_000});
    let page = |kind: &str| {
        let body = event(kind, &customer);
        let taken = deliver(&stripe(), &stripe_header(1_795_314_000, &body), &body).unwrap();
        assert_eq!(taken.id, "evt_1");
        match taken.content {
            DeliveredContent::Page(page) => page,
            DeliveredContent::Hint => panic!("an event is a fact"),
        }
    };
    let changed = page("customer.updated");
    let item = &changed.items[0];
    assert_eq!((item.stream.as_str(), item.external_id.as_str(), item.deleted), ("customers", "cus_1", false));
    assert_eq!(item.version, Some(at(1_795_314_000)), "as of the event");
    assert!(changed.checkpoints.is_empty(), "how far the feed was read does not move");
    assert!(page("customer.deleted").items[0].deleted);
    assert!(page("invoice.upcoming").items.is_empty(), "a kind that no stream takes says nothing");
}

#[test]
fn what_is_signed_and_is_no_event_is_unreadable() {
    for body in ["[1", "7", "{}", r#"{"id": "evt_1"}"#, r#"{"created": "soon", "type": "customer.updated"}"#] {
        let refused = deliver(&stripe(), &stripe_header(1_795_314_000, body), body).unwrap_err();
        assert_eq!(refused, DeliveryRefusal::Unreadable, "{body}");
    }
    let keyless = event("customer.updated", &json!({"name": "Ada"}));
    let taken = deliver(&stripe(), &stripe_header(1_795_314_000, &keyless), &keyless).unwrap();
    let DeliveredContent::Page(page) = taken.content else { panic!("a fact") };
    assert_eq!((page.items.len(), page.refused.len()), (0, 1), "an object without a key is kept with its cause");
}

#[test]
fn late_and_early_deliveries_are_refused_although_they_are_signed() {
    let body = event("customer.updated", &json!({"id": "cus_1"}));
    for (time, is_taken) in [(-301, false), (-300, true), (0, true), (300, true), (301, false)] {
        let outcome = deliver(&stripe(), &stripe_header(1_795_314_005 + time, &body), &body);
        assert_eq!(outcome.is_ok(), is_taken, "{time}");
        if let Err(refusal) = outcome {
            assert_eq!(refusal, DeliveryRefusal::Late);
        }
    }
}

#[test]
fn without_a_secret_nothing_is_taken() {
    let source = configure(&load("billing/stripe"), &[("api_key", "rk_test_x")]);
    assert!(!source.takes_deliveries());
    let body = event("customer.updated", &json!({"id": "cus_1"}));
    let refused = deliver(&source, &stripe_header(1_795_314_000, &body), &body).unwrap_err();
    assert_eq!(refused, DeliveryRefusal::NotTaken);
    let keyed = Delivery { method: "POST", headers: &[], key: Some("x"), body: b"{}" };
    assert_eq!(stripe().deliver(&keyed, now()).unwrap_err(), DeliveryRefusal::NotTaken, "an address that is made up");
}

#[test]
fn an_unsigned_delivery_is_a_hint_for_whoever_knows_the_address() {
    let key = "k-of-24-letters-and-more";
    let source =
        configure(&load("marketing/mailchimp"), &[("api_key", "x"), ("data_center", "us1"), ("webhook_key", key)]);
    let deliver =
        |key| source.deliver(&Delivery { method: "POST", headers: &[], key, body: b"type=unsubscribe" }, now());
    assert_eq!(deliver(Some(key)).unwrap().content, DeliveredContent::Hint);
    assert_eq!(deliver(Some("k-of-24-letters-and-less")).unwrap_err(), DeliveryRefusal::Forged);
    assert_eq!(deliver(None).unwrap_err(), DeliveryRefusal::Unsigned);
    assert!(source.is_delivery_key(key) && !source.is_delivery_key("other"));
}

#[test]
fn a_signature_of_sha1_with_its_prefix_is_checked() {
    use hmac::{Hmac, KeyInit, Mac};
    let source = configure(&load("support/intercom"), &[("token", "x"), ("webhook_secret", SECRET)]);
    let body = r#"{"type": "notification_event", "id": "notif_1", "topic": "contact.updated"}"#;
    let mut mac = Hmac::<sha1::Sha1>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(body.as_bytes());
    let digits = mac.finalize().into_bytes().iter().fold(String::new(), |digits, byte| digits + &format!("{byte:02x}"));
    let header = |value: String| vec![("X-Hub-Signature".to_owned(), value)];
    let taken = deliver(&source, &header(format!("sha1={digits}")), body).unwrap();
    assert_eq!((taken.id.as_str(), taken.content), ("notif_1", DeliveredContent::Hint));
    for forged in [
        digits.clone(),
        format!("sha256={digits}"),
        "sha1=".to_owned(),
        format!("sha1={}", "0".repeat(40)),
        format!("sha1={}", signed(SECRET, body)),
    ] {
        assert_eq!(deliver(&source, &header(forged), body).unwrap_err(), DeliveryRefusal::Forged);
    }
    let other = deliver(&source, &header(format!("sha1={digits}")), &body.replace("updated", "deleted"));
    assert_eq!(other.unwrap_err(), DeliveryRefusal::Forged);
    assert_eq!(deliver(&source, &[], body).unwrap_err(), DeliveryRefusal::Unsigned);
}

#[test]
fn a_webhook_that_cannot_hold_is_named_when_the_folder_is_loaded() {
    let with = |hook: &str| {
        let text = format!(
            "manifest: 1\nid: sample\ntitle: S\nversion: 1\nconfig:\n  s: {{type: text, secret: true}}\n  u: {{type: url}}\nhttp: {{base: 'https://a.test'}}\n\
             pages: {{all: {{style: single}}}}\nstreams:\n  people: {{into: party, key: /id, deletes: none, snapshot: {{get: /p, pages: all, records: ''}}, map: {{kind: = PERSON}}}}\n\
             webhook: {hook}\n"
        );
        let files = std::collections::BTreeMap::from([("test/sample/connector.yaml".to_owned(), text)]);
        onefold_connector::Connector::load("test/sample", &files).map(|_| ()).map_err(|error| error.to_string())
    };
    let signed = "secret: '{config.s}', header: X, encoding: hex";
    let good = format!("{{signed: {{{signed}, of: '{{body}}'}}, says: {{stream: people}}}}");
    assert_eq!(with(&good), Ok(()));
    for (hook, word) in [
        ("{key: '{config.s}', says: {stream: people}}".to_owned(), "a hint and never a fact"),
        ("{says: hint}".to_owned(), "exactly one of \"signed\" and \"key\""),
        (format!("{{signed: {{{signed}, of: '{{time}}'}}, says: hint}}"), "must hold {body}"),
        (format!("{{signed: {{{signed}, of: '{{time}}{{body}}'}}, says: hint}}"), "go together"),
        (format!("{{signed: {{{signed}, of: '{{url}}{{body}}'}}, says: hint}}"), "go together"),
        (format!("{{signed: {{{signed}, of: '{{bdoy}}'}}, says: hint}}"), "did you mean \"body\"?"),
        (format!("{{signed: {{{signed}, of: '{{body}}'}}, says: {{stream: peple}}}}"), "did you mean \"people\"?"),
        (format!("{{signed: {{{signed}, of: '{{body}}'}}, says: {{feed: events}}}}"), "events"),
    ] {
        let error = with(&hook).unwrap_err();
        assert!(error.contains(word), "{hook}: {error}");
    }
}

fn shared(name: &str) -> Option<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/connectors/webhooks").join(name);
    if !path.exists() {
        eprintln!("skipped: {name}, because the shared data is not beside the repository");
        return None;
    }
    Some(serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap())
}

const SHOP: &str = "manifest: 1\nid: sample\ntitle: Shop\nversion: 1\nconfig:\n  webhook_secret: {type: text, secret: true}\n\
http: {base: 'https://shop.test'}\npages: {all: {style: single}}\nstreams:\n  customers:\n    into: party\n    key: /id\n    deletes: none\n    \
snapshot: {get: /customers, pages: all, records: /customers}\n    map: {kind: = PERSON, givenName: first_name, familyName: last_name}\n\
webhook:\n  signed: {secret: '{config.webhook_secret}', header: X-Shopify-Hmac-Sha256, encoding: base64, of: '{body}'}\n  \
id: header X-Shopify-Webhook-Id\n  says: {stream: customers}\n";

#[test]
fn real_deliveries_are_taken_and_what_was_done_to_them_is_seen() {
    const KEY: &str = "k-of-24-letters-and-more";
    let mut seen = 0;
    for name in ["stripe", "zendesk", "hubspot", "shopify", "mailchimp", "eventbrite"] {
        let Some(data) = shared(&format!("{name}.json")) else { continue };
        let secret = data["verify"]["secret"].as_str().unwrap_or_default();
        for case in data["cases"].as_array().unwrap() {
            let url = case["url"].as_str().unwrap();
            let source = match name {
                "stripe" => configure(&load("billing/stripe"), &[("api_key", "x"), ("webhook_secret", secret)]),
                "zendesk" => configure(
                    &load("support/zendesk"),
                    &[("email", "a"), ("token", "b"), ("subdomain", "c"), ("webhook_secret", secret)],
                ),
                "hubspot" => {
                    let settings = [("token", "x"), ("webhook_secret", secret), ("webhook_url", url)];
                    configure(&load("marketing/hubspot"), &settings)
                }
                "shopify" => configure(&connector(SHOP), &[("webhook_secret", secret)]),
                "mailchimp" => {
                    let settings = [("api_key", "x"), ("data_center", "us1"), ("webhook_key", KEY)];
                    configure(&load("marketing/mailchimp"), &settings)
                }
                _ => {
                    let settings = [("token", "x"), ("organization", "1"), ("webhook_key", KEY)];
                    configure(&load("marketing/eventbrite"), &settings)
                }
            };
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            let headers: Vec<(String, String)> =
                case["headers"].as_object().unwrap().iter().map(|(name, value)| (name.clone(), text(value))).collect();
            let body = text(&case["body"]);
            let key = ["mailchimp", "eventbrite"].contains(&name).then_some(KEY);
            let delivery = Delivery { method: "POST", headers: &headers, key, body: body.as_bytes() };
            let outcome = source.deliver(&delivery, at(case["now"].as_i64().unwrap()));
            assert_eq!(outcome.is_ok(), case["accept"] == true, "{name} {}: {outcome:?}", case["case"]);
            seen += 1;
        }
    }
    eprintln!("{seen} deliveries");
    assert!(seen == 0 || seen == 23, "{seen} deliveries");
}

proptest! {
    /// Whatever one byte is changed to: the signature does not hold any more.
    #[test]
    fn a_changed_byte_is_seen(at in 0_usize..60, to: u8) {
        let body = event("customer.updated", &json!({"id": "cus_1", "name": "Ada"}));
        let headers = stripe_header(1_795_314_000, &body);
        let mut bytes = body.into_bytes();
        let at = at % bytes.len();
        prop_assume!(bytes[at] != to);
        bytes[at] = to;
        let delivery = Delivery { method: "POST", headers: &headers, key: None, body: &bytes };
        prop_assert_eq!(stripe().deliver(&delivery, now()).unwrap_err(), DeliveryRefusal::Forged);
    }

    #[test]
    fn no_header_makes_it_panic_or_lets_anything_in(header in ".{0,80}") {
        let headers = [("Stripe-Signature".to_owned(), header)];
        let delivery = Delivery { method: "POST", headers: &headers, key: None, body: b"{}" };
        prop_assert!(stripe().deliver(&delivery, now()).is_err());
    }
}
