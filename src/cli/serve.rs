//! `onefold serve`.

use super::error::CliError;
use super::{documents, policy, start};
use crate::app::App;
use crate::graphql::{self, HubSchema};
use crate::http::{self, Edge, EdgeSettings, Hub};
use crate::issuer::Issuers;
use clap::Args;
use onefold_model::SystemClock;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use tokio::net::TcpListener;

/// Serves the graph until it is stopped.
#[derive(Debug, Args)]
pub(super) struct Serve {
    /// Address and port, instead of those of the configuration.
    #[arg(long)]
    listen: Option<SocketAddr>,
}

impl Serve {
    pub(super) async fn run(self, path: Option<&Path>) -> Result<(), CliError> {
        let config = start::config(path)?;
        let secret = config.auth.shared_secret()?;
        let tokens = start::tokens(&config.auth, secret.as_ref())?;
        let tokens = start::issuers(&config.auth, tokens).await?;
        let app = start::app(&config).await?;
        let settings = EdgeSettings { origins: config.server.origins.clone(), ..EdgeSettings::default() };
        let front = Front { schema: documents::configured(&config.graphql)?, tokens, edge: Edge::new(settings)? };
        let listener = listen(self.listen.unwrap_or(config.server.listen)).await?;
        let watching = policy::watch(Arc::clone(&app), config.policies, path.map(Path::to_owned));
        let watching = tokio::spawn(watching);
        eprintln!("serving http://{}/graphql", address(&listener));
        let served = serve(app, front, listener).await;
        watching.abort();
        served
    }
}

pub(super) async fn listen(address: SocketAddr) -> Result<TcpListener, CliError> {
    let failed = |source| CliError::Listen { address: address.to_string(), source };
    TcpListener::bind(address).await.map_err(failed)
}

pub(super) fn address(listener: &TcpListener) -> String {
    listener.local_addr().map(|address| address.to_string()).unwrap_or_default()
}

/// What stands before the use cases.
pub(super) struct Front {
    pub(super) schema: HubSchema,
    pub(super) tokens: Arc<Issuers>,
    pub(super) edge: Edge,
}

/// Serves, folds and reads sources in the background when they are due, until Ctrl-C or a termination.
pub(super) async fn serve(app: Arc<App>, front: Front, listener: TcpListener) -> Result<(), CliError> {
    let folding = tokio::spawn(Arc::clone(&app).fold_forever());
    let scheduling = tokio::spawn(Arc::clone(&app).schedule_forever());
    let (store, app_audit) = (app.store().clone(), Arc::clone(&app));
    let Front { schema, tokens, edge } = front;
    let telling = tokio::spawn(graphql::webhooks_forever(schema.clone(), Arc::clone(&app)));
    let exporting = tokio::spawn(graphql::exports_forever(schema.clone(), Arc::clone(&app)));
    let hub = Hub { app, schema, tokens, clock: Arc::new(SystemClock), edge };
    let served = http::serve(listener, hub, stopped()).await;
    folding.abort();
    scheduling.abort();
    telling.abort();
    exporting.abort();
    if let Err(error) = app_audit.audit_settled().await {
        tracing::error!(error = %error, "the last entries of the audit could not be written");
    }
    store.close().await;
    served.map_err(CliError::Serve)
}

async fn stopped() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminated) = signal(SignalKind::terminate()) {
            tokio::select! { _ = interrupted => {}, _ = terminated.recv() => {} }
            return;
        }
    }
    let _ = interrupted.await;
}
