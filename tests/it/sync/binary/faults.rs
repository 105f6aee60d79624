//! Bad answers: what passes by itself is waited out, what does not ends one stream and leaves the others to go on.

use super::complete::assert_complete;
use super::hub::Hub;
use super::kept::Kept;
use super::systems::{Moment, PAGE, Systems};
use onefold::http::vendor::Fault;
use onefold::store::RunState;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// What goes wrong, the code under which the run tells of it, and words of the message.
fn faults() -> Vec<(Fault, &'static str, &'static str)> {
    vec![
        (Fault::too_many_requests("0"), "LIMITED", "asks to slow down"),
        (Fault::server_error(), "UNAVAILABLE", "a problem of its own"),
        (Fault::unavailable(), "UNAVAILABLE", "a problem of its own"),
        (Fault::CutBody, "UNREACHABLE", "broke off"),
        (Fault::MalformedJson, "NOT_JSON", "not the JSON"),
        (Fault::Html, "NOT_JSON", "not the JSON"),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fault_that_passes_is_waited_out() {
    let systems = Systems::start(24, 2).await;
    let hub = Hub::new(&systems);
    // Each fault in the middle of another list.
    let paths = [
        (&systems.stripe, "/v1/customers", Fault::too_many_requests("0")),
        (&systems.stripe, "/v1/invoices", Fault::server_error()),
        (&systems.stripe, "/v1/charges", Fault::CutBody),
        (&systems.zendesk, "/api/v2/incremental/users", Fault::unavailable()),
        (&systems.zendesk, "/api/v2/incremental/tickets", Fault::MalformedJson),
        (&systems.mailchimp, "/3.0/lists/", Fault::Html),
    ];
    for (server, path, fault) in &paths {
        server.faults().on_nth(path, 2, fault.clone());
    }
    hub.sync().await.well();
    for (server, path, _) in &paths {
        assert!(server.requests().paths().iter().filter(|seen| seen.starts_with(path)).count() > 2, "{path}");
    }
    let kept = Kept::of(&hub).await;
    assert_complete(&kept, &systems).await;
    kept.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_system_that_asks_to_wait_is_not_asked_before() {
    let systems = Systems::start(8, 1).await;
    let hub = Hub::new(&systems);
    let moments: Arc<Mutex<Vec<(Moment, Instant)>>> = Arc::default();
    let seen = Arc::clone(&moments);
    systems.watch.tell(move |moment, _| seen.lock().unwrap().push((moment, Instant::now())));
    systems.stripe.faults().on_nth("/v1/invoices", 1, Fault::too_many_requests("1"));
    hub.run(&["sync", "--no-match", "stripe"]).await.well();
    // Only the answer that was a fault was not let in: two answers in a row are the place where the wait is.
    let moments = moments.lock().unwrap();
    let at = moments.windows(2).position(|two| two.iter().all(|(moment, _)| *moment == Moment::Answered)).unwrap();
    let (refused, next) = (moments[at + 1].1, moments[at + 2].1);
    assert!(next - refused >= Duration::from_secs(1), "{:?}", next - refused);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fault_that_lasts_ends_one_stream_and_the_next_run_completes() {
    let systems = Systems::start(24, 2).await;
    let hub = Hub::new(&systems);
    let invoices = systems.stripe.data().count("invoices");
    assert!(invoices > 2 * PAGE, "{invoices}");
    for (at, (fault, code, words)) in faults().into_iter().enumerate() {
        // The first page of what is left, then nothing but faults.
        for nth in [2, 3, 4] {
            systems.stripe.faults().on_nth("/v1/invoices", nth, fault.clone());
        }
        systems.stripe.requests().clear();
        let said = format!("stripe invoices: {code}: ");
        let ran = hub.sync().await.badly(&[&said, words, "not everything was read"]);
        assert!(!ran.err.contains("<html"), "{}", ran.err);
        let kept = Kept::of(&hub).await;
        let (found, message) = kept.failure("stripe", "invoices").await;
        assert!(found == code && message.contains(words), "{found} {message}");
        assert!(!message.contains('?'), "addresses are told without what they ask: {message}");
        let (run, streams) = kept.run("stripe").await;
        assert_eq!((run.state, streams["events"].state), (RunState::Partial, RunState::Succeeded));
        assert_eq!(run.error.as_deref(), Some("not read to the end: invoices"));
        // Every run goes on where the last one stopped: one page more.
        let read = kept.keys("stripe", "invoices").await.len() + kept.waiting("stripe", "invoices").await.len();
        assert_eq!(read, (at + 1) * PAGE, "{fault:?}");
        let goes_on = systems.stripe.requests().queries("/v1/invoices")[0].contains("starting_after");
        assert_eq!(goes_on, at > 0, "the checkpoint of the earlier page holds");
        for (source, stream) in [("stripe", "payments"), ("zendesk", "tickets"), ("mailchimp", "members")] {
            assert!(!kept.keys(source, stream).await.is_empty(), "{source} {stream} went on");
        }
        kept.close().await;
        systems.heal();
        if (at + 2) * PAGE >= invoices {
            break;
        }
    }
    hub.sync().await.well();
    let kept = Kept::of(&hub).await;
    assert_complete(&kept, &systems).await;
    kept.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_kind_of_fault_has_its_code() {
    let systems = Systems::start(8, 1).await;
    let hub = Hub::new(&systems);
    let more = [
        (Fault::forbidden(), "DENIED", "grant access or leave the stream out"),
        (Fault::Status { status: 302, retry_after: None }, "MOVED", "leads to another address"),
        (Fault::Status { status: 404, retry_after: None }, "GONE", "nothing at this address"),
    ];
    for (fault, code, words) in faults().into_iter().chain(more) {
        systems.zendesk.faults().on_every("/api/v2/incremental/tickets", fault.clone());
        let said = format!("zendesk tickets: {code}: ");
        hub.run(&["sync", "--no-match", "zendesk"]).await.badly(&[&said, words]);
        systems.heal();
    }
    hub.run(&["sync", "--no-match", "zendesk"]).await.well();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_never_comes_is_given_up_on() {
    let systems = Systems::start(8, 1).await;
    let hub = Hub::new(&systems);
    hub.limit("support/zendesk", "timeout", "3s");
    hub.limit("support/zendesk", "attempts", "2");
    systems.zendesk.faults().on_every("/api/v2/incremental/users", Fault::Hang);
    hub.sync().await.badly(&["zendesk users: UNREACHABLE: ", "no answer after 2 attempts: it took too long"]);
    let kept = Kept::of(&hub).await;
    assert!(!kept.keys("zendesk", "tickets").await.is_empty(), "the other streams went on");
    assert!(!kept.keys("stripe", "payments").await.is_empty(), "and the other sources");
    kept.close().await;
    systems.heal();
    // Hanging once is no more than a delay.
    systems.zendesk.faults().on_nth("/api/v2/incremental/users", 1, Fault::Hang);
    hub.sync().await.well();
    let kept = Kept::of(&hub).await;
    assert_complete(&kept, &systems).await;
    kept.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_is_too_large_is_refused_before_it_fills_the_memory() {
    let systems = Systems::start(8, 1).await;
    let hub = Hub::new(&systems);
    hub.limit("support/zendesk", "max_body_mib", "1");
    let user = systems.zendesk.data().all("users").remove(0)["id"].to_string();
    systems.zendesk.data().change("users", &user, |row| row["notes"] = "x".repeat(2 << 20).into());
    let said = ["zendesk users: TOO_LARGE: ", "larger than 1048576 bytes"];
    hub.run(&["sync", "--no-match", "zendesk"]).await.badly(&said);
    let kept = Kept::of(&hub).await;
    assert!(!kept.keys("zendesk", "tickets").await.is_empty(), "the other streams went on");
    kept.close().await;
}
