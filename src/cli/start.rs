//! From a configuration to a running hub: what every command begins with.

use super::error::CliError;
use crate::app::App;
use crate::auth::{PolicySet, SigningSecret, TokenKeys, TokenSettings, TokenVerifier, default_policies};
use crate::config::{AuthConfig, Config, Secret};
use crate::graphql::graph_fields;
use crate::identity::Identity;
use crate::issuer::{Issuers, issuer_settings};
use crate::store::Store;
use crate::sync::{Engine, Registry, SourceSetup};
use onefold_model::{Clock, DepartmentKey, SystemClock};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

/// The configuration: of the file that is named, of `onefold.toml` here, or the defaults.
pub(super) fn config(path: Option<&Path>) -> Result<Config, CliError> {
    let here = Path::new("onefold.toml");
    match path {
        Some(path) => Ok(Config::read(path)?),
        None if here.exists() => Ok(Config::read(here)?),
        None => Ok(Config::default()),
    }
}

/// Opens everything but the network.
pub(super) async fn app(config: &Config) -> Result<Arc<App>, CliError> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let registry = Registry::load(config.connectors.as_deref())?;
    for broken in registry.broken() {
        // One that is not used stops nobody; one that is used fails below with its name.
        tracing::error!("a connector cannot be used: {broken}");
    }
    let mut setups = Vec::new();
    for source in &config.sources {
        match SourceSetup::new(source, &registry, clock.as_ref()) {
            Ok(setup) => setups.push(setup),
            Err(error) if registry.get(&source.connector).is_none() && !registry.broken().is_empty() => {
                let causes: Vec<String> = registry.broken().iter().map(ToString::to_string).collect();
                return Err(CliError::Connector(format!("{error}\n{}", causes.join("\n"))));
            }
            Err(error) => return Err(error.into()),
        }
    }
    let mut store = Store::open(&config.store.url).await?;
    if let Some(secret) = config.privacy.secret()? {
        store = store.with_erasure(&secret)?;
    }
    store.erasure_check().await?;
    let engine = Arc::new(Engine::open(store.clone(), setups, Arc::clone(&clock)).await?);
    let known: BTreeSet<DepartmentKey> =
        store.source_list().await?.into_iter().map(|source| source.department).collect();
    let departments: Vec<DepartmentKey> = known.into_iter().collect();
    let policies = policies(config, &departments)?;
    let identity = Identity::new(&config.matching)?;
    Ok(App::open_audited(store, policies, identity, engine, clock, config.audit).await?)
}

/// The shipped policies, or those of the operator's folder.
fn policies(config: &Config, departments: &[DepartmentKey]) -> Result<PolicySet, CliError> {
    let files = match &config.policies {
        None => default_policies(departments),
        Some(folder) => policy_files(folder)?,
    };
    Ok(PolicySet::load(&files, &graph_fields(), departments)?)
}

fn policy_files(folder: &Path) -> Result<Vec<(String, String)>, CliError> {
    let failed = |source| CliError::PolicyFile { path: folder.to_owned(), source };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|extension| extension == "cedar") {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            files.push((name, std::fs::read_to_string(&path).map_err(failed)?));
        }
    }
    files.sort();
    Ok(files)
}

/// Who checks and, in development, makes tokens.
pub(super) fn tokens(auth: &AuthConfig, secret: Option<&Secret>) -> Result<Arc<TokenVerifier>, CliError> {
    let shared = secret.map(|secret| TokenSettings {
        keys: TokenKeys::Hs256 { secret: SigningSecret(secret.reveal().as_bytes().to_vec()) },
        issuer: auth.issuer.clone(),
        audience: auth.audience.clone(),
        leeway_s: auth.leeway_s,
        departments_claim: auth.departments_claim.clone(),
        roles_claim: auth.roles_claim.clone(),
    });
    Ok(Arc::new(TokenVerifier::with_issuers(shared, issuer_settings(&auth.issuers))?))
}

/// The issuers, with their keys as far as they answer.
pub(super) async fn issuers(auth: &AuthConfig, tokens: Arc<TokenVerifier>) -> Result<Arc<Issuers>, CliError> {
    let issuers = Issuers::new(auth, tokens)?;
    issuers.warm(SystemClock.now()).await;
    Ok(Arc::new(issuers))
}
