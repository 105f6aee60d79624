//! Nothing that the program writes holds a secret, and nothing that it says names a person.

use super::changes::{change_stripe, first};
use super::hub::Hub;
use super::kept::Kept;
use super::systems::{MAILCHIMP_KEY, STRIPE_KEY, Systems, ZENDESK_EMAIL, ZENDESK_TOKEN};
use crate::store::dump::dump;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use onefold::http::vendor::Fault;
use serde_json::json;

/// The secrets, and the forms in which they travel.
fn secrets() -> Vec<String> {
    let login = |name: &str, secret: &str| BASE64.encode(format!("{name}:{secret}"));
    let logins = [login(&format!("{ZENDESK_EMAIL}/token"), ZENDESK_TOKEN), login("onefold", MAILCHIMP_KEY)];
    [STRIPE_KEY, ZENDESK_TOKEN, MAILCHIMP_KEY].map(str::to_owned).into_iter().chain(logins).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn neither_logs_nor_errors_nor_the_store_hold_secrets_or_addresses() {
    let systems = Systems::start(12, 2).await;
    let hub = Hub::new(&systems);
    // A bad day, so that there is something to say.
    systems.stripe.faults().on_nth("/v1/invoices", 1, Fault::server_error());
    systems.stripe.faults().on_every("/v1/charges", Fault::Html);
    systems.zendesk.faults().on_every("/api/v2/incremental/tickets", Fault::unauthorized());
    systems.mailchimp.faults().on_every("/3.0/reports", Fault::CutBody);
    let customer = first(systems.stripe.data(), "customers", |row| row["deleted"] != true && row["email"].is_string());
    let wrong = "somebody@@example.com";
    systems.stripe.data().change("customers", &customer, |row| row["email"] = json!(wrong));
    let mut addresses = systems.addresses();
    addresses.push(wrong.to_owned());
    assert!(addresses.len() > 20);

    for (level, format) in [("", ""), ("debug", ""), ("trace", "json")] {
        let variables: Vec<(&str, &str)> =
            [("ONEFOLD_LOG", level), ("ONEFOLD_LOG_FORMAT", format)].into_iter().filter(|v| !v.1.is_empty()).collect();
        let ran = hub.start_with(&["sync"], &variables).ended().await.badly(&["not everything was read"]);
        let said = format!("{}{}", ran.out, ran.err);
        for secret in secrets() {
            assert!(!said.contains(&secret), "at level {level:?} a secret is told");
        }
        // Libraries tell whole requests and answers at the level `trace`, which no operator uses.
        if level != "trace" {
            for address in &addresses {
                assert!(!said.contains(address), "at level {level:?} {address} is told");
            }
        }
    }
    systems.heal();
    change_stripe(&systems.stripe, "customers", &customer, "customer.updated", |_| {});
    hub.run(&["sync"]).await.well();
    let kept = Kept::of(&hub).await;
    let everything = dump(&kept.store).await;
    for secret in secrets() {
        assert!(!everything.contains(&secret), "the store holds a secret");
    }
    kept.close().await;
}
