//! Deletions found by absence: only a list that was read from its beginning to its end proves that something is gone.

use super::changes::first;
use super::hub::Hub;
use super::kept::Kept;
use super::systems::{PAGE, Systems};
use crate::harness::places;
use onefold::cli::demo::data::{DemoOptions, demo_data};
use onefold::http::vendor::Fault;
use std::collections::BTreeSet;

/// The two lists of the demo.
fn lists(systems: &Systems) -> Vec<String> {
    systems.mailchimp.data().all("lists").iter().map(|list| list["id"].as_str().unwrap().to_owned()).collect()
}

/// A hub that reads whole lists of members at every run instead of once a week.
fn sweeping(hub: Hub) -> Hub {
    hub.rewrite("marketing/mailchimp", "deletes: {sweep: 7d}", "deletes: {sweep: 0s}");
    hub
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_vanished_member_is_swept_after_a_complete_enumeration_and_not_after_an_interrupted_one() {
    for place in places().await {
        let systems = Systems::start(24, 1).await;
        let hub = sweeping(Hub::over(place, &systems));
        hub.sync().await.well();
        let [first_list, second_list] = &lists(&systems)[..] else { panic!("two lists") };
        let members = format!("lists/{first_list}/members");
        let gone = first(systems.mailchimp.data(), &members, |row| row["email_address"] != "");
        systems.mailchimp.data().delete(&members, &gone).unwrap();
        let gone = format!("{first_list}:{gone}");

        systems.mailchimp.faults().on_every(&format!("/3.0/lists/{second_list}/members"), Fault::server_error());
        hub.sync().await.badly(&["mailchimp members: UNAVAILABLE"]);
        let kept = Kept::of(&hub).await;
        assert!(kept.live_and_gone("mailchimp", "members").await.0.contains(&gone), "half a list proves nothing");
        kept.close().await;

        systems.heal();
        hub.sync().await.well();
        let kept = Kept::of(&hub).await;
        let (live, swept) = kept.live_and_gone("mailchimp", "members").await;
        assert_eq!(swept, [gone.clone()].into_iter().collect(), "this one and no other");
        assert!(!live.is_empty());
        let versions = kept.versions("mailchimp", "members", &gone).await;
        assert_eq!(versions.len(), 2);
        assert_eq!(versions[1].mapped, versions[0].mapped, "what it was is known all the same");
        kept.close().await;
        hub.sync().await.well();
        let kept = Kept::of(&hub).await;
        kept.assert_nothing_new(&["mailchimp"]).await;
        kept.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_without_deletions_keeps_what_a_later_list_leaves_out() {
    // Campaigns of three months: those older than thirty days are asked once and never again.
    let systems = Systems::start(16, 4).await;
    let hub = Hub::new(&systems);
    hub.sync().await.well();
    let kept = Kept::of(&hub).await;
    let (touches, _) = kept.live_and_gone("mailchimp", "sent_to").await;
    kept.close().await;
    let campaign = first(systems.mailchimp.data(), "campaigns", |_| true);
    systems.mailchimp.data().delete("campaigns", &campaign).unwrap();
    hub.sync().await.well();
    let kept = Kept::of(&hub).await;
    assert_eq!(kept.live_and_gone("mailchimp", "sent_to").await.0, touches);
    assert_eq!(kept.live_and_gone("mailchimp", "campaigns").await.1, [campaign].into_iter().collect());
    assert_eq!(kept.count("sweep_seen").await, 0, "nothing is remembered of lists that have ended");
    kept.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sudden_empty_list_does_not_delete_everything() {
    let options = DemoOptions { people: 60, ..DemoOptions::parties(60, chrono::Utc::now()) };
    let systems = Systems::with(demo_data(&options), PAGE).await;
    let hub = sweeping(Hub::new(&systems));
    hub.run(&["sync", "--no-match", "mailchimp"]).await.well();
    let kept = Kept::of(&hub).await;
    let (all, _) = kept.live_and_gone("mailchimp", "members").await;
    kept.close().await;
    assert!(all.len() > 30, "{}", all.len());
    let mut taken = Vec::new();
    for list in lists(&systems) {
        let name = format!("lists/{list}/members");
        for member in systems.mailchimp.data().all(&name) {
            let member = systems.mailchimp.data().delete(&name, member["id"].as_str().unwrap()).unwrap();
            taken.push((name.clone(), member));
        }
    }

    hub.run(&["sync", "--no-match", "mailchimp"]).await.badly(&["mailchimp members: SUDDEN_LOSS"]);
    let kept = Kept::of(&hub).await;
    assert_eq!(kept.live_and_gone("mailchimp", "members").await, (all.clone(), BTreeSet::new()));
    let (code, message) = kept.failure("mailchimp", "members").await;
    assert_eq!(code, "SUDDEN_LOSS");
    assert!(message.contains(&format!("{0} of {0} records of members", all.len())), "{message}");
    kept.close().await;

    // The vendor comes to itself: nothing was lost, and nothing is new.
    for (name, member) in taken {
        systems.mailchimp.data().add(&name, member);
    }
    hub.run(&["sync", "--no-match", "mailchimp"]).await.well();
    let kept = Kept::of(&hub).await;
    kept.assert_nothing_new(&["mailchimp"]).await;
    assert_eq!(kept.live_and_gone("mailchimp", "members").await.0, all);
    kept.close().await;
}

/// A real loss: the stream fails at every run until a person accepts it, and then for that run only.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sudden_loss_stops_its_stream_until_it_is_accepted() {
    for place in places().await {
        let options = DemoOptions { people: 60, ..DemoOptions::parties(60, chrono::Utc::now()) };
        let systems = Systems::with(demo_data(&options), PAGE).await;
        let hub = sweeping(Hub::over(place, &systems));
        hub.run(&["sync", "--no-match", "mailchimp"]).await.well();
        let kept = Kept::of(&hub).await;
        let (all, _) = kept.live_and_gone("mailchimp", "members").await;
        kept.close().await;
        for list in lists(&systems) {
            let name = format!("lists/{list}/members");
            for member in systems.mailchimp.data().all(&name) {
                systems.mailchimp.data().delete(&name, member["id"].as_str().unwrap()).unwrap();
            }
        }

        let said = ["mailchimp members: SUDDEN_LOSS", "onefold sync mailchimp --accept-loss mailchimp/members"];
        let sync = ["sync", "--no-match", "mailchimp"];
        hub.run(&sync).await.badly(&said);
        // A list that is read once a week only: the stream that was stopped is not done with for a week.
        hub.rewrite("marketing/mailchimp", "deletes: {sweep: 0s}", "deletes: {sweep: 7d}");
        hub.run(&sync).await.badly(&said);
        for (loss, words) in [
            ("members", "write SOURCE/STREAM"),
            ("stripe/customers", "not among the sources"),
            ("mailchimp/nothing", "there are: members, consents"),
        ] {
            hub.run(&[&sync[..], &["--accept-loss", loss]].concat()).await.badly(&[words]);
        }
        let kept = Kept::of(&hub).await;
        assert_eq!(kept.live_and_gone("mailchimp", "members").await, (all.clone(), BTreeSet::new()));
        kept.close().await;

        hub.run(&[&sync[..], &["--accept-loss", "mailchimp/members"]].concat()).await.well();
        let kept = Kept::of(&hub).await;
        assert_eq!(kept.live_and_gone("mailchimp", "members").await, (BTreeSet::new(), all));
        let (consents, _) = kept.live_and_gone("mailchimp", "consents").await;
        assert!(consents.is_empty(), "what comes from the same payloads: {consents:?}");
        assert_eq!(kept.count("sweep_seen").await, 0);
        kept.close().await;
        hub.run(&sync).await.well();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sweep_that_cannot_be_written_leaves_nothing_of_itself_behind() {
    let systems = Systems::start(16, 0).await;
    let hub = sweeping(Hub::new(&systems));
    hub.run(&["sync", "--no-match", "mailchimp"]).await.well();
    let list = lists(&systems).remove(0);
    let members = format!("lists/{list}/members");
    let gone = first(systems.mailchimp.data(), &members, |_| true);
    systems.mailchimp.data().delete(&members, &gone).unwrap();
    let gone = format!("{list}:{gone}");

    // The disk is full, so to say, between the two halves of a tombstone.
    let fault =
        "create trigger full before insert on record_version when new.deleted begin select raise(abort, 'full'); end";
    let write = async |sql: &str| {
        let kept = Kept::of(&hub).await;
        let mut tx = kept.store.begin().await.unwrap();
        tx.execute(sql, Vec::new()).await.unwrap();
        tx.commit().await.unwrap();
        kept.close().await;
    };
    write(fault).await;
    hub.run(&["sync", "--no-match", "mailchimp"]).await.badly(&["mailchimp members: STORE"]);
    let kept = Kept::of(&hub).await;
    assert!(kept.live_and_gone("mailchimp", "members").await.0.contains(&gone), "no half of it");
    assert_eq!(kept.versions("mailchimp", "members", &gone).await.len(), 1);
    kept.close().await;

    write("drop trigger full").await;
    hub.run(&["sync", "--no-match", "mailchimp"]).await.well();
    let kept = Kept::of(&hub).await;
    assert_eq!(kept.live_and_gone("mailchimp", "members").await.1, [gone].into_iter().collect());
    kept.close().await;
}
