//! The situations for the systems that have a stand-in of their own, as far as the tests beside this suite do not play them.

use crate::sync::rig::{Rig, System, over};
use crate::sync::rows::{billing, marketing, support};
use onefold::http::vendor::VendorData;
use onefold::store::RunState;
use serde_json::json;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// A system, one of its streams, and where its records are.
#[derive(Clone, Copy)]
struct Own {
    system: System,
    data: fn() -> VendorData,
    stream: &'static str,
    collection: &'static str,
    id: &'static str,
    /// The field that tells a newer copy from an older one, where a list has one.
    version: Option<&'static str>,
}

const OWN: [Own; 3] = [
    Own {
        system: System::Stripe,
        data: billing,
        stream: "customers",
        collection: "customers",
        id: "cus_004",
        version: None,
    },
    Own {
        system: System::Zendesk,
        data: support,
        stream: "users",
        collection: "users",
        id: "104",
        version: Some("updated_at"),
    },
    Own {
        system: System::Mailchimp,
        data: marketing,
        stream: "members",
        collection: "lists/aa/members",
        id: "aa0004",
        version: Some("last_changed"),
    },
];

async fn well(rig: &Rig) {
    let report = rig.run().await;
    assert_eq!(report.state, RunState::Succeeded, "{:#?}", report.streams);
}

async fn forget(rig: &Rig) {
    let mut tx = rig.store.begin().await.unwrap();
    tx.checkpoint_clear(rig.setup.row.id).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn own_duplicate_delivery() {
    for own in OWN {
        over(own.system, own.data, async |rig: Rig| {
            well(&rig).await;
            let before = rig.dump().await;
            forget(&rig).await;
            well(&rig).await;
            assert_eq!(rig.dump().await, before, "{:?}: what is the same makes no version", own.system);
        })
        .await;
    }
}

#[tokio::test]
async fn own_out_of_order() {
    for own in OWN {
        let Some(version) = own.version else { continue };
        over(own.system, own.data, async |rig: Rig| {
            well(&rig).await;
            let before = rig.dump().await;
            let is_there = rig.server.data().change(own.collection, own.id, |object| {
                object[version] = json!("2025-06-01T00:00:00Z");
                object["zz_older"] = json!(true);
            });
            assert!(is_there, "{:?}", own.system);
            forget(&rig).await;
            well(&rig).await;
            assert_eq!(rig.dump().await, before, "{:?}: an older copy replaces nothing", own.system);
        })
        .await;
    }
}

#[tokio::test]
async fn own_drift() {
    for own in OWN {
        over(own.system, own.data, async |rig: Rig| {
            well(&rig).await;
            for object in rig.server.data().all(own.collection) {
                let id = object["id"].as_str().map_or_else(|| object["id"].to_string(), str::to_owned);
                rig.server.data().change(own.collection, &id, |object| object["zz_new"] = json!({"tier": "gold"}));
            }
            forget(&rig).await;
            well(&rig).await;
            let fields = rig.store.field_list(&[rig.setup.row.id]).await.unwrap();
            let new = fields.iter().filter(|row| !row.from_start && row.stream == own.stream);
            let new: Vec<&str> = new.map(|row| row.path.as_str()).collect();
            assert_eq!(new, ["zz_new", "zz_new.tier"], "{:?}", own.system);
        })
        .await;
    }
}

#[tokio::test]
async fn own_slow() {
    for own in OWN {
        over(own.system, own.data, async |rig: Rig| {
            rig.server.faults().delay(Duration::from_millis(30));
            well(&rig).await;
            assert!(rig.live(own.stream).await.len() >= 13, "{:?}", own.system);
        })
        .await;
    }
}

/// Somebody is added while the list is read.
#[tokio::test]
async fn own_changing_page() {
    for own in OWN {
        over(own.system, own.data, async |rig: Rig| {
            let (is_added, data) = (AtomicBool::new(false), rig.server.data());
            let new = |id: &str| if own.system == System::Zendesk { json!(199) } else { json!(id) };
            rig.run_watched(|tick| {
                if tick.task == own.stream && !is_added.swap(true, Ordering::SeqCst) {
                    let mut object = data.get(own.collection, own.id).unwrap();
                    object["id"] = new("zz_199");
                    data.add(own.collection, object);
                }
            })
            .await;
            assert!(is_added.load(Ordering::SeqCst), "{:?}", own.system);
            forget(&rig).await;
            well(&rig).await;
            let live = rig.live(own.stream).await;
            assert_eq!(live.iter().filter(|key| key.contains("199")).count(), 1, "{:?}: {live:?}", own.system);
        })
        .await;
    }
}
