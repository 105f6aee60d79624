//! A source whose connector a test writes itself, over a stand-in that it serves on the loopback.

use axum::Router;
use onefold::config::{PrivateAddresses, Setting, SourceConfig, SyncConfig};
use onefold::store::Store;
use onefold::sync::{AcceptedLosses, Engine, Registry, RunReport, SourceSetup, StreamReport};
use onefold_model::{SourceKey, SystemClock};
use std::net::SocketAddr;
use std::sync::Arc;

/// Serves a system until the test ends.
pub(super) async fn serve(app: Router) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    address
}

/// A manifest that waits for nothing. `http` are further lines of its part of that name.
pub(super) fn manifest(config: &str, http: &str, pages: &str, streams: &str) -> String {
    format!(
        "manifest: 1\nid: standin\ntitle: Stand-in\nversion: 1.0.0\n\
         config:\n  base_url: {{type: url, required: true}}\n{config}\
         http:\n  base: '{{config.base_url}}'\n  limits: {{permits: 1000, per: 1s, timeout: 30s}}\n  \
         retry: {{on: [429, 500, 503], first: 1ms, longest: 5ms, attempts: 2}}\n{http}\
         pages: {pages}\nstreams:\n{streams}"
    )
}

/// A source.
pub(super) struct Source {
    pub(super) engine: Engine,
    pub(super) setup: SourceSetup,
}

impl Source {
    /// Sets up a source with this manifest, which may be where `permitted` says.
    pub(super) async fn new(
        store: &Store,
        manifest: &str,
        settings: &[(&str, &str)],
        permitted: Option<PrivateAddresses>,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().join("crm/standin");
        std::fs::create_dir_all(&home).unwrap();
        std::fs::write(home.join("connector.yaml"), manifest).unwrap();
        let registry = Registry::load(Some(folder.path())).unwrap();
        assert!(registry.broken().is_empty(), "{:?}", registry.broken());
        let text = |(name, value): &(&str, &str)| ((*name).to_owned(), Setting::Text((*value).to_owned()));
        let config = SourceConfig {
            key: SourceKey::new("standin").unwrap(),
            connector: "crm/standin".to_owned(),
            department: None,
            title: None,
            private_addresses: permitted,
            schedule: None,
            settings: settings.iter().map(text).collect(),
        };
        let setup = SourceSetup::new(&config, &registry, &SystemClock).unwrap();
        let engine = Engine::open(store.clone(), vec![setup.clone()], Arc::new(SystemClock)).await.unwrap();
        Self { engine, setup }
    }

    /// The same under other settings for all sources.
    pub(super) fn with_config(self, config: SyncConfig) -> Self {
        Self { engine: self.engine.with_config(config), ..self }
    }

    pub(super) async fn run(&self) -> RunReport {
        let run = self.engine.run_begin(&self.setup, "manual", "test").await.unwrap();
        self.engine.run(&self.setup, &run, &AcceptedLosses::new(), |_| {}).await.unwrap().unwrap()
    }

    /// Runs, and gives the only stream and what stopped it.
    pub(super) async fn run_one(&self) -> (StreamReport, (&'static str, String)) {
        let report = self.run().await;
        assert_eq!(report.streams.len(), 1, "{:?}", report.streams);
        let stream = report.streams.into_values().next().unwrap();
        let error = stream.error.clone().unwrap_or_default();
        (stream, error)
    }
}
