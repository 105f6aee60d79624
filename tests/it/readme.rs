//! What the README promises is run: its query, against the demo that its first command starts, gives the answer that stands
//! there.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// The demo as a child process; gone when dropped.
struct Demo {
    child: Child,
    url: String,
    token: String,
}

impl Drop for Demo {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Demo {
    fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_onefold"))
            .args(["demo", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the demo starts");
        let lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let (mut url, mut token) = (None, None);
        for line in lines.map_while(Result::ok) {
            if let Some(rest) = line.strip_prefix("Onefold serves ") {
                url = rest.split_once("the API at ").map(|(_, url)| url.trim().to_owned());
            }
            if let Some(rest) = line.trim_start().strip_prefix("everything") {
                token = Some(rest.trim().to_owned());
            }
            if line.starts_with("Stop with") {
                break;
            }
        }
        Self { child, url: url.expect("the URL is printed"), token: token.expect("a token is printed") }
    }
}

/// The first fenced block of a language.
fn block<'t>(text: &'t str, language: &str) -> &'t str {
    let open = format!("```{language}\n");
    let start = text.find(&open).unwrap_or_else(|| panic!("the README has a block of {language}")) + open.len();
    let end = text[start..].find("\n```").expect("the block ends") + start;
    &text[start..end]
}

fn readme() -> String {
    std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).expect("README.md")
}

#[test]
fn the_query_of_the_readme_is_the_one_that_the_demo_prints() {
    let printed = include_str!("../../src/cli/demo/query.graphql");
    assert_eq!(block(&readme(), "graphql").trim(), printed.trim());
}

#[tokio::test]
async fn the_query_of_the_readme_gives_the_answer_that_stands_there() {
    let readme = readme();
    let demo = tokio::task::spawn_blocking(Demo::start).await.expect("the demo starts");
    // Another test of the process may have chosen the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let answer = reqwest::Client::new()
        .post(&demo.url)
        .bearer_auth(&demo.token)
        .header("content-type", "application/json")
        .body(json!({"query": block(&readme, "graphql")}).to_string())
        .send()
        .await
        .expect("an answer");
    let mut answer: Value = serde_json::from_str(&answer.text().await.expect("a body")).expect("JSON");
    let extensions = answer.as_object_mut().and_then(|answer| answer.remove("extensions")).expect("what it cost");
    assert!(extensions["cost"]["actual"].is_u64(), "{extensions}");
    let promised: Value = serde_json::from_str(block(&readme, "json")).expect("the README's answer is JSON");
    assert_eq!(answer, promised, "{}", serde_json::to_string_pretty(&answer).expect("JSON"));
}

#[test]
fn the_configuration_of_the_readme_is_one_that_the_hub_takes() {
    let readme = readme();
    let config =
        onefold::config::Config::parse(block(&readme, "toml"), std::path::Path::new("README.md")).expect("it parses");
    let registry = onefold::sync::Registry::load(None).expect("the shipped connectors");
    assert!(registry.broken().is_empty(), "{:?}", registry.broken());
    for source in &config.sources {
        let connector =
            registry.get(&source.connector).unwrap_or_else(|| panic!("there is a connector {}", source.connector));
        for name in source.settings.keys() {
            assert!(
                connector.settings().iter().any(|setting| setting.name == *name),
                "{} has no setting {name}",
                source.connector
            );
        }
    }
}
