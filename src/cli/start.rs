//! From a configuration to a running hub: what every command begins with.

use super::error::CliError;
use crate::app::{App, AppConfig};
use crate::auth::{SigningSecret, TokenKeys, TokenSettings, TokenVerifier};
use crate::config::{AuthConfig, Config, Secret};
use crate::identity::{Identity, survivorship_rules};
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
    let (mut setups, mut unique) = (Vec::new(), BTreeSet::new());
    for source in &config.sources {
        match SourceSetup::new(source, &registry, clock.as_ref()) {
            Ok(setup) => {
                if registry.get(&source.connector).is_some_and(onefold_connector::Connector::has_unique_people) {
                    unique.insert(setup.row.id);
                }
                setups.push(setup);
            }
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
    let engine = Engine::open(store.clone(), setups, Arc::clone(&clock)).await?;
    let engine = Arc::new(engine.with_config(config.sync.clone()).with_receivers(config.webhooks.private_addresses));
    let sources = store.source_list().await?;
    let of_sources = sources.iter().map(|source| source.department.clone());
    let known: BTreeSet<DepartmentKey> = of_sources.chain(config.policies.departments.iter().cloned()).collect();
    let departments: Vec<DepartmentKey> = known.into_iter().collect();
    let policies = super::policy::load(&config.policies, &departments)?;
    let identity =
        Identity::new(&config.matching)?.with_survivorship(survivorship_rules(&config.survivorship, &sources)?);
    for key in &config.matching.unique_people {
        let source = sources.iter().find(|source| source.key.as_str() == key);
        let unknown = || CliError::Usage(format!("[matching] unique_people: there is no source {key:?}"));
        unique.insert(source.ok_or_else(unknown)?.id);
    }
    let identity = identity.with_unique_people(unique);
    let decided = AppConfig { audit: config.audit, export: config.export.clone() };
    Ok(App::open_with(store, policies, identity, engine, clock, decided).await?)
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
