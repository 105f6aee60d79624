//! `onefold demo`: three departments, three systems, one graph, with nothing installed.

pub mod data;

use super::error::CliError;
use super::fold::fold;
use super::output::print;
use super::serve::{Front, address, listen, serve};
use super::start;
use super::sync::sync_all;
use crate::auth::{MintRequest, TokenVerifier};
use crate::config::{Config, PrivateAddresses, Secret, Setting, SourceConfig};
use crate::graphql::schema;
use crate::http::Edge;
use crate::http::vendor::{Mailchimp, Stripe, VendorServer, Zendesk};
use crate::issuer::Issuers;
use clap::Args;
use data::{DemoOptions, demo_data};
use onefold_model::{Clock, DepartmentKey, SourceKey, SystemClock, Timestamp};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Starts a hub with example data.
#[derive(Debug, Args)]
pub(super) struct Demo {
    /// Address and port.
    #[arg(long, default_value = "127.0.0.1:7188")]
    listen: SocketAddr,
    /// Keeps the store here instead of throwing it away: sqlite:PATH or postgres://….
    #[arg(long, value_name = "URL")]
    store: Option<String>,
    /// Ends once the hub would be serving: for trying out.
    #[arg(long)]
    once: bool,
}

/// The keys that the demo's systems ask for. They guard invented data on this machine's loopback.
const STRIPE_KEY: &str = "sk_test_demo";
const ZENDESK_EMAIL: &str = "agent@onefold.example";
const ZENDESK_TOKEN: &str = "demo-token";
const MAILCHIMP_KEY: &str = "demo-us1";

/// The day on which the demo's history ends. Fixed, so that the demo gives the same answers whenever it is started.
const DAY: &str = "2026-11-01T12:00:00Z";

/// A customer that all three departments know.
const QUERY: &str = include_str!("demo/query.graphql");

struct Systems {
    stripe: VendorServer,
    zendesk: VendorServer,
    mailchimp: VendorServer,
}

impl Demo {
    pub(super) async fn run(self) -> Result<(), CliError> {
        let listener = listen(self.listen).await?;
        let folder = Folder::new()?;
        let now = SystemClock.now();
        eprintln!("starting three systems of three departments on this machine");
        let systems = Systems::start(DAY.parse().unwrap_or(now)).await.map_err(CliError::Serve)?;
        let mut config = Config { sources: systems.sources(), ..Config::default() };
        config.store.url = self.store.unwrap_or_else(|| format!("sqlite:{}", folder.0.join("onefold.db").display()));
        // Drawn anew at each start: a token of another demo is worth nothing here.
        let secret = Secret::new(format!("{}{}", uuid::Uuid::new_v4().simple(), uuid::Uuid::new_v4().simple()));
        let tokens = start::tokens(&config.auth, Some(&secret))?;
        let app = start::app(&config).await?;
        if !sync_all(&app, app.source_setups(), &BTreeMap::new(), "demo").await? {
            return Err(CliError::Incomplete);
        }
        fold(&app).await?;
        welcome(&address(&listener), &tokens, now)?;
        if self.once {
            app.store().close().await;
        } else {
            let front = Front { schema: schema(), tokens: Arc::new(Issuers::none(tokens)), edge: Edge::default() };
            serve(app, front, listener).await?;
        }
        systems.stop().await;
        Ok(())
    }
}

impl Systems {
    async fn start(now: Timestamp) -> std::io::Result<Self> {
        let data = demo_data(&DemoOptions::demo(now));
        Ok(Self {
            stripe: VendorServer::start(Stripe { api_key: STRIPE_KEY.to_owned() }, data.stripe).await?,
            zendesk: VendorServer::start(Zendesk::new(ZENDESK_EMAIL, ZENDESK_TOKEN), data.zendesk).await?,
            mailchimp: VendorServer::start(Mailchimp { api_key: MAILCHIMP_KEY.to_owned() }, data.mailchimp).await?,
        })
    }

    fn sources(&self) -> Vec<SourceConfig> {
        let text = |name: &str, value: &str| (name.to_owned(), Setting::Text(value.to_owned()));
        let source = |key: &str, connector: &str, settings: Vec<(String, Setting)>| {
            let key = SourceKey::new(key).ok()?;
            Some(SourceConfig {
                key,
                connector: connector.to_owned(),
                department: None,
                title: None,
                // They are on this machine.
                private_addresses: Some(PrivateAddresses::Allow),
                schedule: None,
                settings: settings.into_iter().collect(),
            })
        };
        let sources = [
            source(
                "stripe",
                "billing/stripe",
                vec![text("base_url", self.stripe.base_url()), text("api_key", STRIPE_KEY)],
            ),
            source(
                "zendesk",
                "support/zendesk",
                vec![
                    text("base_url", self.zendesk.base_url()),
                    text("email", ZENDESK_EMAIL),
                    text("token", ZENDESK_TOKEN),
                ],
            ),
            source(
                "mailchimp",
                "marketing/mailchimp",
                vec![text("base_url", self.mailchimp.base_url()), text("api_key", MAILCHIMP_KEY)],
            ),
        ];
        sources.into_iter().flatten().collect()
    }

    async fn stop(self) {
        self.stripe.stop().await;
        self.zendesk.stop().await;
        self.mailchimp.stop().await;
    }
}

/// A folder that is gone when the demo ends.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Result<Self, CliError> {
        let path = std::env::temp_dir().join(format!("onefold-demo-{}", uuid::Uuid::new_v4().simple()));
        std::fs::create_dir(&path).map_err(|source| CliError::File { path: path.clone(), source })?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed is in the temporary folder, which the system empties.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn welcome(address: &str, tokens: &TokenVerifier, now: Timestamp) -> Result<(), CliError> {
    let mut lines = vec![
        format!("\nOnefold serves http://{address}/ and the API at http://{address}/graphql\n"),
        "Tokens, for 12 hours:".to_owned(),
    ];
    let mut console = String::new();
    let holders: [(&str, &[&str], &[&str]); 5] = [
        ("billing", &["billing"], &[]),
        ("support", &["support"], &[]),
        ("marketing", &["marketing"], &[]),
        ("everything", &["billing", "support", "marketing"], &["operator", "steward"]),
        ("steward", &["support"], &["steward"]),
    ];
    for (name, departments, roles) in holders {
        let departments = departments.iter().filter_map(|department| DepartmentKey::new(*department).ok());
        let request = MintRequest {
            subject: format!("{name}@demo"),
            departments: departments.collect(),
            roles: roles.iter().map(|role| (*role).to_owned()).collect(),
            ttl: Duration::from_hours(12),
        };
        let token = tokens.mint(&request, now)?;
        if name == "everything" {
            console = format!("http://{address}/#token={token}");
        }
        lines.push(format!("  {name:10} {token}"));
    }
    lines.push(format!("\nThe console, in a browser, for somebody of all three departments:\n  {console}"));
    lines.push(format!("\nA query to paste, one customer that all three departments know:\n\n{QUERY}"));
    lines.push("Stop with Ctrl-C.".to_owned());
    Ok(print(&lines.join("\n"))?)
}
