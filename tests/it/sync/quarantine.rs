//! What does not fit is kept with its cause, stops nobody, and is resolved when it fits.

use super::rig::{Rig, System, over, retried};
use super::rows::{billing, customer, marketing, rename};
use onefold::http::vendor::VendorData;
use onefold::store::RunState;
use onefold::sync::Retried;
use onefold_model::Clock;
use serde_json::json;

fn with_misfits() -> VendorData {
    let data = billing();
    let mut bad = customer(90);
    bad["email"] = json!("Ada Secretperson");
    data.add("customers", bad);
    let mut charge = json!({"id": "ch_900", "object": "charge", "created": 1_760_000_500, "customer": "cus_001"});
    charge["amount"] = json!("a lot");
    charge["currency"] = json!("eur");
    data.add("charges", charge);
    data
}

#[tokio::test]
async fn a_record_that_does_not_fit_stops_nobody_and_its_cause_names_no_value() {
    over(System::Stripe, with_misfits, async |rig: Rig| {
        let report = rig.run().await;
        assert_eq!(report.state, RunState::Succeeded);
        assert_eq!((rig.live("customers").await.len(), rig.live("payments").await.len()), (23, 9));
        let mut causes: Vec<(String, String)> =
            rig.quarantine().await.iter().map(|row| (row.item.stream.clone(), row.item.message.clone())).collect();
        causes.sort();
        let expected = [
            ("customers", "emails (from email): not an e-mail address"),
            ("payments", "amount (from amount): not an amount that can be kept exactly"),
        ];
        assert_eq!(causes, expected.map(|(stream, cause)| (stream.to_owned(), cause.to_owned())));
    })
    .await;
}

#[tokio::test]
async fn it_is_resolved_when_the_system_sends_what_fits() {
    over(System::Stripe, with_misfits, async |rig: Rig| {
        rig.run().await;
        rig.server.data().change("customers", "cus_090", |customer| customer["email"] = json!("ada@mail.example"));
        rename(rig.server.data(), "cus_090", "Ada", "evt_1", rig.clock.now().timestamp());
        rig.run().await;
        assert!(rig.live("customers").await.contains(&"cus_090".to_owned()));
        assert_eq!(rig.quarantine().await.len(), 1, "the charge waits on");
    })
    .await;
}

#[tokio::test]
async fn it_can_be_tried_again_without_asking_the_system() {
    over(System::Stripe, with_misfits, async |rig: Rig| {
        rig.run().await;
        rig.server.requests().clear();
        let row = rig.quarantine().await.into_iter().find(|row| row.item.stream == "customers").unwrap();
        assert!(matches!(retried(&rig.store, &rig.engine, &rig.setup, &row).await, Some(Retried::Unfit(_))));
        // As if a better map had come: the payload reads now.
        let mut mended = row.clone();
        mended.item.raw["email"] = json!("ada@mail.example");
        let Some(Retried::Fits(outcome)) = retried(&rig.store, &rig.engine, &rig.setup, &mended).await else {
            panic!("it fits")
        };
        assert_eq!(outcome.created, 1);
        assert_eq!(rig.quarantine().await.len(), 1);
        assert_eq!(rig.record("customers", "cus_090").await["emails"][0]["address"], "ada@mail.example");
        assert_eq!(rig.server.requests().total(), 0);
    })
    .await;
}

#[tokio::test]
async fn a_payload_in_quarantine_is_not_taken_for_deleted() {
    over(System::Mailchimp, marketing, async |rig: Rig| {
        rig.run().await;
        rig.server.data().change("lists/aa/members", "aa0002", |member| {
            member["email_address"] = json!("no address");
            member["last_changed"] = json!("2026-02-01T00:00:00+00:00");
        });
        rig.clock.forward(8);
        let report = rig.run().await;
        assert_eq!(report.state, RunState::Succeeded, "{:#?}", report.streams);
        assert_eq!(rig.quarantine().await.len(), 1);
        for stream in ["members", "consents"] {
            assert!(rig.live(stream).await.contains(&"aa:aa0002".to_owned()), "{stream}");
        }
    })
    .await;
}
