//! The situations, each run for every stream to which it applies.

use super::stage::Stage;
use super::system::{Deed, RECORDS, System};
use super::{Situation, Subject, applying, one_each, said};
use crate::harness::on_both;
use chrono::{DateTime, TimeDelta};
use futures_util::FutureExt;
use onefold::store::RunState;
use onefold::sync::AcceptedLosses;
use serde_json::{Value, json};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

#[expect(clippy::cast_possible_wrap, reason = "there are five")]
const ALL: i64 = RECORDS as i64;

/// Plays a situation on both databases.
async fn play(subjects: Vec<Subject>, body: impl AsyncFn(Stage, &Subject)) {
    assert!(subjects.len() >= 5, "connectors are missing: {subjects:?}");
    on_both(async |store| {
        let mut failed = Vec::new();
        for subject in &subjects {
            // One that fails does not hide the next.
            let played = async { body(Stage::new(&store, subject).await, subject).await };
            if let Err(cause) = AssertUnwindSafe(played).catch_unwind().await {
                let text = cause.downcast_ref::<String>().cloned();
                failed.push((subject, text.unwrap_or_default().chars().take(600).collect::<String>()));
            }
        }
        assert!(failed.is_empty(), "{failed:#?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn first_load() {
    play(applying(Situation::FirstLoad), async |stage, subject| {
        stage.well().await;
        assert_eq!((stage.live().await, stage.versions().await), (ALL, ALL), "{subject:?}");
        assert!(stage.system.requests().len() >= 3, "{subject:?}: three pages are three requests");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn incremental() {
    play(applying(Situation::Incremental), async |stage, subject| {
        stage.well().await;
        let before = stage.system.requests().len();
        stage.clock.forward(1);
        stage.system.change(1);
        stage.clock.forward(1);
        stage.well().await;
        assert_eq!((stage.live().await, stage.saying("zz_changed").await), (ALL, 1), "{subject:?}");
        assert_eq!(stage.versions().await, ALL + 1, "{subject:?}: what is the same makes no version");
        let asked = stage.system.requests()[before..].join("\n");
        let from = ["2024-", "2025-", "2026-", "173", "174", "175", "176", "177"];
        assert!(from.iter().any(|from| asked.contains(from)), "{subject:?} does not say from when: {asked}");
    })
    .await;
}

/// A process that dies while it waits for a page leaves what was committed; another run ends it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_every_page() {
    play(applying(Situation::Killed), async |stage, subject| {
        let stage = Arc::new(stage);
        for page in 1..=3 {
            stage.forget().await;
            let before = stage.system.requests().len();
            stage.system.at(page, Deed::Hang);
            let run = stage.engine.run_begin(&stage.setup, "manual", "test").await.unwrap();
            let (at_work, id) = (Arc::clone(&stage), run.clone());
            let reading = tokio::spawn(async move {
                at_work.engine.run(&at_work.setup, &id, &AcceptedLosses::new(), |_| {}).await.map(|_| ())
            });
            asked(&stage.system, before + page, subject).await;
            reading.abort();
            assert!(reading.await.is_err_and(|error| error.is_cancelled()), "{subject:?}: it was killed");
            stage.well().await;
            assert_eq!((stage.live().await, stage.versions().await), (ALL, ALL), "{subject:?} killed at {page}");
        }
    })
    .await;
}

/// Waits until a request has come.
async fn asked(system: &System, nth: usize, subject: &Subject) {
    for _ in 0..6_000 {
        if system.requests().len() >= nth {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{subject:?}: request {nth} never comes");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn duplicate_delivery() {
    play(applying(Situation::Duplicate), async |stage, subject| {
        stage.well().await;
        for _ in 0..2 {
            stage.forget().await;
            let report = stage.well().await;
            let done = &report.streams[&subject.stream].outcome;
            assert_eq!((done.created, done.updated, done.deleted), (0, 0, 0), "{subject:?}");
        }
        assert_eq!((stage.live().await, stage.versions().await), (ALL, ALL), "{subject:?}");
    })
    .await;
}

/// Every time in a payload so much earlier, in the form in which it stands there.
fn earlier(value: &mut Value, by: TimeDelta) {
    match value {
        Value::Object(object) => object.values_mut().for_each(|value| earlier(value, by)),
        Value::Array(list) => list.iter_mut().for_each(|value| earlier(value, by)),
        Value::Number(number) => {
            let seconds = number.as_i64().filter(|n| (1_400_000_000..3_000_000_000).contains(n));
            let millis = number.as_i64().filter(|n| (1_400_000_000_000..3_000_000_000_000).contains(n));
            if let Some(seconds) = seconds {
                *value = json!(seconds - by.num_seconds());
            } else if let Some(millis) = millis {
                *value = json!(millis - by.num_milliseconds());
            }
        }
        Value::String(text) => {
            let dotnet = text.strip_prefix("/Date(").and_then(|rest| rest.get(..13)?.parse::<i64>().ok());
            if let Some(millis) = dotnet {
                *text = text.replacen(&millis.to_string(), &(millis - by.num_milliseconds()).to_string(), 1);
            } else if let Ok(at) = DateTime::parse_from_rfc3339(text) {
                *text = (at - by).to_rfc3339();
            } else if let Ok(at) = DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.3f%z") {
                *text = (at - by).format("%Y-%m-%dT%H:%M:%S%.3f%z").to_string();
            }
        }
        Value::Null | Value::Bool(_) => {}
    }
}

/// Pages in another order, and an older copy after a newer one: what is newer stays.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn out_of_order() {
    play(applying(Situation::OutOfOrder), async |stage, subject| {
        stage.system.records.lock().unwrap().reverse();
        stage.well().await;
        assert_eq!(stage.live().await, ALL, "{subject:?}");
        for record in stage.system.records.lock().unwrap().iter_mut() {
            earlier(record, TimeDelta::days(40));
            record["zz_older"] = json!(true);
        }
        stage.forget().await;
        stage.well().await;
        assert_eq!(
            (stage.live().await, stage.saying("zz_older").await),
            (ALL, 0),
            "{subject:?}: an older copy replaces nothing"
        );
    })
    .await;
}

/// The system's clock is ahead of the hub's, or behind: what changed by its clock is asked for all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clock_skew() {
    play(applying(Situation::ClockSkew), async |stage, subject| {
        for ahead in [-3_600, 3_600] {
            stage.system.ahead.store(ahead, Ordering::SeqCst);
            stage.forget().await;
            stage.well().await;
            stage.system.change(usize::from(ahead >= 0));
            stage.clock.forward(8);
            stage.well().await;
            assert_eq!(stage.saying("zz_changed").await, if ahead < 0 { 1 } else { 2 }, "{subject:?} {ahead} s ahead");
        }
        assert_eq!(stage.live().await, ALL, "{subject:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deleted() {
    play(applying(Situation::Deleted), async |stage, subject| {
        stage.well().await;
        let deletes = said(subject)["deletes"].clone();
        match deletes["tombstone_field"].as_object().and_then(|fields| fields.iter().next()) {
            Some((pointer, word)) => {
                let word = word.as_str().or_else(|| word[0].as_str()).unwrap();
                let mut records = stage.system.records.lock().unwrap();
                let place = records[0].pointer(pointer).cloned().unwrap_or_default();
                let (within, name) = pointer.rsplit_once('/').unwrap();
                let is_flag = place.is_boolean() || word == "true";
                let gone = if is_flag { json!(word == "true") } else { json!(word) };
                records[0].pointer_mut(within).unwrap()[name] = gone;
            }
            None => _ = stage.system.records.lock().unwrap().pop(),
        }
        stage.clock.forward(8);
        stage.well().await;
        assert_eq!(stage.live().await, ALL - 1, "{subject:?}: {deletes}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn drift() {
    play(applying(Situation::Drift), async |stage, subject| {
        stage.well().await;
        for record in stage.system.records.lock().unwrap().iter_mut() {
            record["zz_new"] = json!({"tier": "gold"});
        }
        stage.forget().await;
        stage.clock.forward(8);
        stage.well().await;
        let fields = stage.store.field_list(&[stage.setup.row.id]).await.unwrap();
        let new: Vec<&str> = fields
            .iter()
            .filter(|row| !row.from_start && row.stream == subject.stream)
            .map(|row| row.path.as_str())
            .collect();
        assert_eq!(new, ["zz_new", "zz_new.tier"], "{subject:?}");
        assert_eq!(stage.saying("zz_new").await, ALL, "{subject:?}: the raw payload keeps it");
    })
    .await;
}

/// A fault that passes by itself, at the second request of a first load.
async fn passes(situation: Situation, subjects: Vec<Subject>, deed: Deed) {
    play(subjects, async |stage, subject| {
        stage.system.at(2, deed.clone());
        stage.well().await;
        assert_eq!((stage.live().await, stage.versions().await), (ALL, ALL), "{subject:?} {situation:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rate_limit() {
    passes(Situation::RateLimit, applying(Situation::RateLimit), Deed::Status(429)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn truncated() {
    passes(Situation::Truncated, applying(Situation::Truncated), Deed::Cut).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow() {
    passes(Situation::Slow, applying(Situation::Slow), Deed::Slow).await;
}

/// It is given up on after a while and asked again; one stream of each, because that while has to pass.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hanging() {
    passes(Situation::Hanging, one_each(Situation::Hanging), Deed::Hang).await;
}

/// A token that can be renewed is, once; a key that cannot ends the run after one request.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn expired_token() {
    play(applying(Situation::ExpiredToken), async |stage, subject| {
        stage.system.at(2, Deed::Status(401));
        let report = stage.run().await;
        if stage.system.tokens() > 0 {
            assert_eq!((report.state, stage.system.tokens()), (RunState::Succeeded, 2), "{subject:?}: {report:#?}");
            assert_eq!((stage.live().await, stage.versions().await), (ALL, ALL), "{subject:?}");
            return;
        }
        assert_ne!(report.state, RunState::Succeeded, "{subject:?}");
        let (code, _) = report.streams[&subject.stream].error.clone().unwrap();
        assert_eq!((code, stage.system.requests().len()), ("AUTH", 2), "{subject:?}: nobody asks on with it");
        stage.system.always(Some(Deed::Status(401)));
        let before = stage.system.requests().len();
        stage.run().await;
        assert_eq!(stage.system.requests().len(), before + 1, "{subject:?}: asking again would lock an account");
        stage.system.always(None);
        stage.well().await;
        assert_eq!((stage.live().await, stage.versions().await), (ALL, ALL), "{subject:?}");
    })
    .await;
}

/// Somebody adds a record at the front while the list is read: none is lost, and none is there twice.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changing_page() {
    play(applying(Situation::ChangingPage), async |stage, subject| {
        stage.system.at(2, Deed::Insert);
        stage.run().await;
        stage.clock.forward(8);
        stage.forget().await;
        stage.well().await;
        assert_eq!((stage.live().await, stage.versions().await), (ALL + 1, ALL + 1), "{subject:?}");
    })
    .await;
}
