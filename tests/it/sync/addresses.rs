//! Where a connector may not send a request: whatever leads there, nothing is sent, and the error says what would allow it.

use super::standin::{Source, manifest, serve};
use crate::harness::on_both;
use axum::http::{StatusCode, header};
use axum::routing::get;
use axum::{Json, Router};
use onefold::config::{PrivateAddresses, SyncConfig};
use onefold::store::Store;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const PEOPLE: &str = "  people:\n    into: party\n    key: /id\n    deletes: none\n    map: {kind: = PERSON, displayName: name}\n    \
                      snapshot: {get: /people, pages: list, records: /people}\n";
const LIST: &str = "{list: {style: next_url, url: /next}}";

fn people(http: &str) -> String {
    manifest("", http, LIST, PEOPLE)
}

/// A system that answers every request with this, and counts them.
async fn answering(status: StatusCode, location: Option<String>, body: Value) -> (SocketAddr, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    let app = Router::new().route(
        "/people",
        get(move || {
            counted.fetch_add(1, Ordering::SeqCst);
            let headers = location.clone().map(|location| [(header::LOCATION, location)]);
            let body = Json(body.clone());
            async move { (status, headers, body) }
        }),
    );
    (serve(app).await, count)
}

async fn one_page(next: Value) -> (SocketAddr, Arc<AtomicUsize>) {
    answering(StatusCode::OK, None, json!({"people": [{"id": 1, "name": "Ada"}], "next": next})).await
}

#[tokio::test]
async fn an_address_of_this_machine_is_not_asked_unless_the_operator_says_so() {
    on_both(async |store: Store| {
        let (address, asked) = one_page(Value::Null).await;
        let port = address.port();
        // By number in every way to write it, and by a name that leads there: that one is seen when it is resolved.
        for base in [
            format!("http://{address}"),
            format!("http://2130706433:{port}"),
            format!("http://0x7f.1:{port}"),
            format!("http://[::ffff:127.0.0.1]:{port}"),
            format!("http://0.0.0.0:{port}"),
            format!("http://localhost:{port}"),
        ] {
            let source = Source::new(&store, &people(""), &[("base_url", &base)], None).await;
            let (stream, (code, message)) = source.run_one().await;
            assert_eq!((code, stream.pages), ("ADDRESS_REFUSED", 0), "{base}: {message}");
            assert!(message.contains("an address of this machine"), "{message}");
            assert!(
                message.contains("private_addresses = \"allow\" into [[source]] standin, or into [sync]"),
                "{message}"
            );
        }
        assert_eq!(asked.load(Ordering::SeqCst), 0, "nothing was sent");

        let base = format!("http://localhost:{port}");
        let allowed = Some(PrivateAddresses::Allow);
        let source = Source::new(&store, &people(""), &[("base_url", &base)], allowed).await;
        assert_eq!(source.run_one().await.0.outcome.created, 1);
        let for_all = SyncConfig { private_addresses: PrivateAddresses::Allow, ..SyncConfig::default() };
        let source = Source::new(&store, &people(""), &[("base_url", &base)], None).await.with_config(for_all.clone());
        assert_eq!(source.run_one().await.0.pages, 1);
        let refused = Some(PrivateAddresses::Refuse);
        let source = Source::new(&store, &people(""), &[("base_url", &base)], refused).await.with_config(for_all);
        assert_eq!(source.run_one().await.1.0, "ADDRESS_REFUSED", "what a source says itself counts");
        assert_eq!(asked.load(Ordering::SeqCst), 2);
    })
    .await;
}

#[tokio::test]
async fn a_next_page_at_a_metadata_address_is_not_asked_even_where_private_addresses_are() {
    on_both(async |store: Store| {
        for (host, next) in [
            ("169.254.169.254", "http://169.254.169.254/latest/meta-data/"),
            ("'[fd00:ec2::254]'", "http://[fd00:ec2::254]/latest/meta-data/"),
            ("metadata.google.internal", "http://metadata.google.internal/computeMetadata/v1/"),
            ("'[::ffff:169.254.169.254]'", "http://[::ffff:169.254.169.254]/latest/meta-data/"),
        ] {
            let (address, _) = one_page(json!(next)).await;
            let base = format!("http://{address}");
            // The host is not declared: the page is not asked for.
            let allowed = Some(PrivateAddresses::Allow);
            let source = Source::new(&store, &people(""), &[("base_url", &base)], allowed).await;
            assert_eq!(source.run_one().await.1.0, "FOREIGN_HOST", "{next}");
            // A hostile manifest declares it: no permission reaches as far.
            let hostile = people(&format!("  hosts: [{host}]\n"));
            let source = Source::new(&store, &hostile, &[("base_url", &base)], allowed).await;
            let (_, (code, message)) = source.run_one().await;
            assert_eq!(code, "ADDRESS_REFUSED", "{next}: {message}");
            assert!(message.contains("no setting allows that"), "{message}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_redirect_to_another_host_is_not_followed() {
    on_both(async |store: Store| {
        let (elsewhere, asked) = one_page(Value::Null).await;
        for location in [format!("http://{elsewhere}/people"), "http://169.254.169.254/latest".to_owned()] {
            for status in [301, 302, 303, 307, 308] {
                let status = StatusCode::from_u16(status).unwrap();
                let (address, first) = answering(status, Some(location.clone()), Value::Null).await;
                let base = format!("http://{address}");
                let allowed = Some(PrivateAddresses::Allow);
                let source = Source::new(&store, &people(""), &[("base_url", &base)], allowed).await;
                let (_, (code, message)) = source.run_one().await;
                assert_eq!(code, "MOVED", "{message}");
                assert!(message.contains("set the address of the source"), "{message}");
                assert_eq!(first.load(Ordering::SeqCst), 1);
            }
        }
        assert_eq!(asked.load(Ordering::SeqCst), 0, "nothing was sent there");
    })
    .await;
}
