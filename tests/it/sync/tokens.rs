//! Access tokens over real HTTP: renewed when they end, with a refresh token that is spent each time, and never seen.

use super::standin::{Source, manifest, serve};
use crate::harness::on_both;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use onefold::config::{PrivateAddresses, SyncConfig};
use onefold::store::{RunState, Store};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

const PEOPLE: &str = "  people:\n    into: party\n    key: /id\n    deletes: none\n    map: {kind: = PERSON, displayName: name}\n    \
                      snapshot: {get: /people, pages: list, records: /people}\n";
const PAGES: u32 = 5;
const CLIENT_SECRET: &str = "never-print-the-client";
const FIRST: &str = "never-print-r0";

/// A system whose refresh tokens are worth something once.
#[derive(Default)]
struct Bank {
    /// How many tokens it gave out.
    given: usize,
    /// The only refresh token that it takes.
    refresh: String,
    /// The only access token that it takes.
    access: String,
    /// So many requests an access token is good for.
    good_for: usize,
    left: usize,
    /// What it says about the life of a token.
    expires_in: Option<i64>,
    /// What was asked for a token, by form.
    asked: Vec<BTreeMap<String, String>>,
    pages_asked: usize,
    /// Where refresh tokens are kept: looked at when the first page after a renewal is asked for.
    dir: PathBuf,
    was_kept: Vec<bool>,
}

type Shared = Arc<Mutex<Bank>>;

async fn token(State(bank): State<Shared>, headers: HeaderMap, body: String) -> (StatusCode, Json<Value>) {
    assert_eq!(headers["content-type"], "application/x-www-form-urlencoded");
    let form = reqwest::Url::parse(&format!("http://form/?{body}")).unwrap();
    let form: BTreeMap<String, String> = form.query_pairs().into_owned().collect();
    let mut bank = bank.lock().unwrap();
    bank.asked.push(form.clone());
    let expected = format!("Basic {}", STANDARD.encode(format!("me:{CLIENT_SECRET}")));
    let is_client = headers.get("authorization").is_some_and(|value| value.to_str().unwrap() == expected);
    let refused = |code: &str| {
        let body = json!({"error": code, "error_description": format!("{CLIENT_SECRET} and {form:?} are refused")});
        (StatusCode::BAD_REQUEST, Json(body))
    };
    if !is_client {
        return refused("invalid_client");
    }
    let is_refresh = form["grant_type"] == "refresh_token";
    if is_refresh && form["refresh_token"] != bank.refresh {
        return refused("invalid_grant");
    }
    bank.given += 1;
    bank.left = bank.good_for;
    bank.access = format!("never-print-a{}", bank.given);
    let mut answer = json!({"access_token": bank.access, "token_type": "Bearer"});
    if is_refresh {
        bank.refresh = format!("never-print-r{}", bank.given);
        answer["refresh_token"] = json!(bank.refresh);
    }
    if let Some(seconds) = bank.expires_in {
        answer["expires_in"] = json!(seconds);
    }
    (StatusCode::OK, Json(answer))
}

async fn people(
    State(bank): State<Shared>,
    headers: HeaderMap,
    Query(query): Query<BTreeMap<String, String>>,
) -> (StatusCode, Json<Value>) {
    let mut bank = bank.lock().unwrap();
    bank.pages_asked += 1;
    let given = headers.get("authorization").map_or("", |value| value.to_str().unwrap());
    if bank.left == 0 || given != format!("Bearer {}", bank.access) {
        return (StatusCode::UNAUTHORIZED, Json(json!({"error": format!("{given} has ended")})));
    }
    if bank.left == bank.good_for {
        let is_there = kept(&bank.dir) == [bank.refresh.clone()];
        bank.was_kept.push(is_there);
    }
    bank.left -= 1;
    let page: u32 = query.get("after").map_or(0, |after| after.parse().unwrap()) + 1;
    let next = (page < PAGES).then(|| page.to_string());
    (StatusCode::OK, Json(json!({"people": [{"id": page, "name": format!("Person {page}")}], "next": next})))
}

/// The refresh tokens in a folder.
fn kept(dir: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(dir) else { return Vec::new() };
    let paths = entries.map(|entry| entry.unwrap().path()).filter(|path| path.extension().is_none());
    paths.map(|path| std::fs::read_to_string(path).unwrap().trim().to_owned()).collect()
}

struct Rig {
    bank: Shared,
    base: String,
    folder: TempDir,
}

impl Rig {
    async fn new(good_for: usize, expires_in: Option<i64>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("secrets");
        let bank = Bank { refresh: FIRST.to_owned(), good_for, expires_in, dir, ..Bank::default() };
        let bank = Arc::new(Mutex::new(bank));
        let app =
            Router::new().route("/token", post(token)).route("/people", get(people)).with_state(Arc::clone(&bank));
        let base = format!("http://{}", serve(app).await);
        Self { bank, base, folder }
    }

    /// A process that reads the source, as after a start.
    async fn start(&self, store: &Store, grant: &str, refresh: &str) -> Source {
        let config =
            "  refresh: {type: text, secret: true}\n  client_secret: {type: text, secret: true, required: true}\n";
        let auth = format!(
            "  auth: {{oauth2: {{token_url: '{{config.base_url}}/token', client_id: me, client_secret: '{{config.client_secret}}', {grant}}}}}\n"
        );
        let text = manifest(config, &auth, "{list: {style: token, param: after, token: /next}}", PEOPLE);
        let settings = [("base_url", self.base.as_str()), ("client_secret", CLIENT_SECRET), ("refresh", refresh)];
        let config =
            SyncConfig { secrets_dir: self.folder.path().join("secrets"), private_addresses: PrivateAddresses::Allow };
        Source::new(store, &text, &settings, None).await.with_config(config)
    }

    async fn refreshing(&self, store: &Store) -> Source {
        self.start(store, REFRESHING, FIRST).await
    }

    fn given(&self) -> usize {
        self.bank.lock().unwrap().given
    }
}

const REFRESHING: &str = "grant: refresh_token, refresh_token: '{config.refresh}'";

async fn people_stored(store: &Store) -> usize {
    store.fetch("select record_id from record where deleted_at is null", Vec::new()).await.unwrap().len()
}

/// Nothing secret is in what a run left behind.
async fn assert_hushed(store: &Store, source: &Source) {
    for (table, column) in
        [("sync_run", "error"), ("sync_run_stream", "error"), ("checkpoint", "state"), ("record_version", "raw")]
    {
        let rows =
            store.fetch(format!("select coalesce(cast({column} as text), '') from {table}"), Vec::new()).await.unwrap();
        for row in rows {
            let text = row.text(0).unwrap();
            assert!(!text.contains("never-print"), "{table}.{column}: {text}");
        }
    }
    assert!(!format!("{:?}", source.setup).contains("never-print"));
}

#[tokio::test]
async fn a_token_that_ends_in_the_middle_is_renewed_and_the_run_goes_on() {
    on_both(async |store: Store| {
        // Each is good for two pages of five, and the system does not say so.
        let rig = Rig::new(2, None).await;
        let source = rig.refreshing(&store).await;
        let report = source.run().await;
        assert_eq!(report.state, RunState::Succeeded, "{:?}", report.streams);
        assert_eq!(people_stored(&store).await, 5);
        {
            let bank = rig.bank.lock().unwrap();
            assert_eq!((bank.given, bank.pages_asked), (3, 7), "two pages were asked for twice");
            assert_eq!(
                bank.was_kept,
                [true, true, true],
                "the new refresh token is on the disk before the access token is used"
            );
            let spent: Vec<&str> = bank.asked.iter().map(|form| form["refresh_token"].as_str()).collect();
            assert_eq!(spent, [FIRST, "never-print-r1", "never-print-r2"], "each was spent once");
        }
        assert_hushed(&store, &source).await;
    })
    .await;
}

#[tokio::test]
async fn a_token_is_renewed_before_it_ends() {
    on_both(async |store: Store| {
        let rig = Rig::new(1000, Some(0)).await;
        let source = rig.refreshing(&store).await;
        assert_eq!(source.run().await.state, RunState::Succeeded);
        assert_eq!(rig.bank.lock().unwrap().pages_asked, 5, "none was refused");
        assert!(rig.given() >= 5, "each page had its own: {}", rig.given());
    })
    .await;
}

#[tokio::test]
async fn a_new_refresh_token_survives_a_restart_and_an_access_token_the_next_run() {
    on_both(async |store: Store| {
        let rig = Rig::new(1000, Some(3600)).await;
        let source = rig.refreshing(&store).await;
        assert_eq!(source.run().await.state, RunState::Succeeded);
        assert_eq!(source.run().await.state, RunState::Succeeded);
        assert_eq!(rig.given(), 1, "the access token of the first run is still good");
        // The configuration still has the first one, which is worth nothing any more.
        let restarted = rig.refreshing(&store).await;
        assert_eq!(restarted.run().await.state, RunState::Succeeded);
        assert_eq!(rig.given(), 2);
        assert_eq!(kept(&rig.folder.path().join("secrets")), ["never-print-r2"]);
        // Somebody signs in anew: what the configuration has now counts.
        rig.bank.lock().unwrap().refresh = "never-print-new".to_owned();
        let anew = rig.start(&store, REFRESHING, "never-print-new").await;
        assert_eq!(anew.run().await.state, RunState::Succeeded);
    })
    .await;
}

#[tokio::test]
async fn a_refused_refresh_says_how_to_sign_in_again_and_nothing_secret() {
    on_both(async |store: Store| {
        let rig = Rig::new(1000, None).await;
        rig.bank.lock().unwrap().refresh = "another".to_owned();
        let source = rig.refreshing(&store).await;
        let (_, (code, message)) = source.run_one().await;
        assert_eq!(code, "SIGN_IN", "{message}");
        for words in
            ["source standin (invalid_grant)", "sign in at the system again", "put the new refresh token where"]
        {
            assert!(message.contains(words), "{message}");
        }
        assert!(!message.contains("never-print"), "{message}");
        {
            let bank = rig.bank.lock().unwrap();
            assert_eq!((bank.asked.len(), bank.pages_asked), (1, 0), "it was asked once, and nothing without a token");
        }
        assert_hushed(&store, &source).await;
    })
    .await;
}

#[tokio::test]
async fn a_system_that_refuses_every_token_is_not_asked_in_a_circle() {
    on_both(async |store: Store| {
        let rig = Rig::new(0, None).await;
        let source = rig.refreshing(&store).await;
        let (_, (code, message)) = source.run_one().await;
        assert_eq!(code, "AUTH", "{message}");
        assert_eq!(rig.given(), 1, "a token that was never accepted is not renewed");
        assert!(!message.contains("never-print"), "{message}");
    })
    .await;
}

#[tokio::test]
async fn a_token_is_not_spent_where_its_successor_cannot_be_kept() {
    on_both(async |store: Store| {
        let rig = Rig::new(1000, None).await;
        std::fs::write(rig.folder.path().join("secrets"), "a file in the way").unwrap();
        let source = rig.refreshing(&store).await;
        let (_, (code, message)) = source.run_one().await;
        assert_eq!(code, "SECRETS_DIR", "{message}");
        assert!(message.contains("[sync] secrets_dir") && !message.contains("never-print"), "{message}");
        assert_eq!(rig.bank.lock().unwrap().asked.len(), 0);
    })
    .await;
}

#[tokio::test]
async fn client_credentials_are_asked_for_and_keep_nothing() {
    on_both(async |store: Store| {
        let rig = Rig::new(3, None).await;
        let source = rig.start(&store, "grant: client_credentials, scope: 'people.read more'", "unused").await;
        assert_eq!(source.run().await.state, RunState::Succeeded);
        let bank = rig.bank.lock().unwrap();
        assert_eq!(bank.given, 2);
        assert_eq!(bank.asked[0]["scope"], "people.read more", "the form is written as a form");
        assert!(!rig.folder.path().join("secrets").exists());
    })
    .await;
}
