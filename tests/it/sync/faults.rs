//! Bad days: what passes by itself is waited out, what does not is said, and one stream does not stop the others.

use super::rig::{Rig, SECRET, System, over};
use super::rows::{billing, marketing, support};
use onefold::http::vendor::{Fault, VendorData};
use onefold::store::RunState;
use serde_json::json;

/// What a run over a good day stores.
async fn undisturbed(system: System, data: fn() -> VendorData) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("good.db").display());
    let store = onefold::store::Store::open(&url).await.unwrap();
    let rig = Rig::new(store, system, data()).await;
    rig.run().await;
    rig.dump().await
}

#[tokio::test]
async fn what_passes_by_itself_is_waited_out() {
    for (system, data) in
        [(System::Stripe, billing as fn() -> VendorData), (System::Zendesk, support), (System::Mailchimp, marketing)]
    {
        let good = undisturbed(system, data).await;
        over(system, data, async |rig: Rig| {
            let faults = [
                Fault::too_many_requests("0"),
                Fault::too_many_requests("Wed, 21 Oct 2015 07:28:00 GMT"),
                Fault::server_error(),
                Fault::unavailable(),
                Fault::CutBody,
                Fault::MalformedJson,
                Fault::Html,
            ];
            // Each at another request, so that every kind of page meets some of them.
            for (i, fault) in (1u64..).zip(faults) {
                rig.server.faults().on_nth("", i * 2, fault);
            }
            let report = rig.run().await;
            assert_eq!(report.state, RunState::Succeeded, "{:#?}", report.streams);
            assert_eq!(rig.dump().await, good);
        })
        .await;
    }
}

#[tokio::test]
async fn an_answer_that_never_comes_is_given_up_on_and_asked_for_again() {
    let good = undisturbed(System::Stripe, billing).await;
    over(System::Stripe, billing, async |rig: Rig| {
        rig.server.faults().on_nth("/v1/customers", 2, Fault::Hang);
        assert_eq!(rig.run().await.state, RunState::Succeeded);
        assert_eq!(rig.dump().await, good);
    })
    .await;
}

#[tokio::test]
async fn refused_credentials_end_the_run_at_once() {
    over(System::Stripe, billing, async |rig: Rig| {
        rig.server.faults().on_every("", Fault::unauthorized());
        let report = rig.run().await;
        assert_eq!(report.state, RunState::Failed);
        assert_eq!(rig.server.requests().total(), 1, "asking again and again would lock the account");
        for (name, stream) in &report.streams {
            let (code, message) = stream.error.as_ref().unwrap();
            assert_eq!(*code, "AUTH", "{name}");
            assert!(message.contains("check the source's settings") && !message.contains(SECRET), "{message}");
        }
        rig.server.faults().clear();
        assert_eq!(rig.run().await.state, RunState::Succeeded);
    })
    .await;
}

#[tokio::test]
async fn a_forbidden_stream_leaves_the_others_to_go_on() {
    let good = undisturbed(System::Stripe, billing).await;
    over(System::Stripe, billing, async |rig: Rig| {
        rig.server.faults().on_every("/v1/charges", Fault::forbidden());
        let report = rig.run().await;
        assert_eq!(report.state, RunState::Partial);
        assert_eq!(report.streams["payments"].error.as_ref().unwrap().0, "DENIED");
        assert_eq!(rig.live("customers").await.len(), 23);
        rig.server.faults().clear();
        assert_eq!(rig.run().await.state, RunState::Succeeded);
        assert_eq!(rig.dump().await, good);
    })
    .await;
}

#[tokio::test]
async fn a_system_that_stays_down_costs_its_streams_and_keeps_its_place() {
    let good = undisturbed(System::Mailchimp, marketing).await;
    over(System::Mailchimp, marketing, async |rig: Rig| {
        // The first page of members comes, the second one never.
        rig.server.faults().on_nth("/3.0/lists/aa/members", 1, Fault::unavailable());
        for nth in 3..40 {
            rig.server.faults().on_nth("/3.0/lists/aa/members", nth, Fault::unavailable());
        }
        let report = rig.run().await;
        assert_eq!(report.state, RunState::Partial, "{:#?}", report.streams);
        assert_eq!(report.streams["members"].error.as_ref().unwrap().0, "UNAVAILABLE");
        assert!(report.streams["campaigns"].error.is_none());
        let read = rig.live("members").await.len();
        assert!((1..17).contains(&read), "{read}");
        rig.server.faults().clear();
        rig.server.requests().clear();
        assert_eq!(rig.run().await.state, RunState::Succeeded);
        let queries = rig.server.requests().queries("/3.0/lists/aa/members");
        assert!(!queries[0].contains("offset=0"), "it goes on where it was: {queries:?}");
        assert_eq!(rig.dump().await, good);
    })
    .await;
}

#[tokio::test]
async fn a_list_that_turns_empty_is_not_a_thousand_deletions() {
    over(
        System::Mailchimp,
        || {
            let data = marketing();
            for n in 100..140 {
                data.add("lists/aa/members", super::rows::member("aa", n));
            }
            data
        },
        async |rig: Rig| {
            rig.run().await;
            for n in (0..14).chain(100..140) {
                rig.server.data().delete("lists/aa/members", &format!("aa{n:04}"));
            }
            rig.clock.forward(8);
            let report = rig.run().await;
            let (code, message) = report.streams["members"].error.clone().unwrap();
            assert_eq!(code, "SUDDEN_LOSS", "{message}");
            assert_eq!(rig.live("members").await.len(), 57, "nothing was deleted");
        },
    )
    .await;
}

#[tokio::test]
async fn a_next_page_elsewhere_is_not_followed() {
    over(System::Zendesk, support, async |rig: Rig| {
        // The stand-in builds its next pages from the host that it is asked for, so the trick is played on the checkpoint.
        let mut tx = rig.store.begin().await.unwrap();
        let state = json!({"v": 1, "changes": {"reading": {"resume": {"url": "http://elsewhere.example/x"}, "cap": "2026-01-01T00:00:00Z"}}});
        let page = onefold::store::PageCommit {
            source: rig.setup.row.id,
            source_key: &rig.setup.row.key,
            run: None,
            stream: "satisfaction_ratings",
            mapping: "m",
            records: Vec::new(),
            quarantined: Vec::new(),
            checkpoints: vec![("satisfaction_ratings".to_owned(), state)],
            generation: None,
            at: onefold_model::Clock::now(&onefold_model::SystemClock),
        };
        tx.page_commit(page).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(rig.run().await.state, RunState::Succeeded);
        assert_eq!(rig.live("satisfaction_ratings").await.len(), 9);
    })
    .await;
}
