//! A hub over a store that is there: what is asked, and what is decided, in this process.

use super::people::SYSTEMS;
use super::place::Place;
use onefold::app::App;
use onefold::auth::{Actor, PolicySet, default_policies};
use onefold::config::MatchingConfig;
use onefold::graphql::{HubSchema, graph_fields};
use onefold::identity::Identity;
use onefold::store::Store;
use onefold::sync::Engine;
use onefold_model::{Clock, DepartmentKey, SystemClock};
use serde_json::{Map, Value};
use std::error::Error;
use std::sync::Arc;

/// A hub and somebody of every department at it.
pub struct Hub {
    /// What it does.
    pub app: Arc<App>,
    schema: HubSchema,
    actor: Actor,
}

impl Hub {
    /// With the policies that are shipped, and these files of rules beside them, for somebody with these roles.
    pub async fn guarded(place: &Place, more: &[(&str, &str)], roles: &[&str]) -> Result<Self, Box<dyn Error>> {
        let mut files = shipped()?;
        files.extend(more.iter().map(|(name, rules)| ((*name).to_owned(), (*rules).to_owned())));
        Self::under(place, &files, roles).await
    }

    /// With these policies alone.
    pub async fn under(place: &Place, files: &[(String, String)], roles: &[&str]) -> Result<Self, Box<dyn Error>> {
        let app = app(&place.url, files).await?;
        let actor = Actor::new("bench", departments()?, roles.iter().map(|role| (*role).to_owned()));
        Ok(Self { app, schema: onefold::graphql::schema(), actor })
    }

    /// What it answers, as it goes to the client.
    pub async fn ask(&self, document: &str, variables: Map<String, Value>) -> Result<Vec<u8>, Box<dyn Error>> {
        let request = async_graphql::Request::new(document).variables(onefold::graphql::variables(variables));
        let answer = onefold::graphql::execute(&self.schema, self.app.session(self.actor.clone()), request).await;
        Ok(serde_json::to_vec(&answer)?)
    }
}

/// What a hub does over the store at this address, under these policies.
pub async fn app(url: &str, files: &[(String, String)]) -> Result<Arc<App>, Box<dyn Error>> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let store = Store::open(url).await?;
    let engine = Arc::new(Engine::open(store.clone(), Vec::new(), Arc::clone(&clock)).await?);
    let policies = PolicySet::load(files, &graph_fields(), &departments()?)?;
    Ok(App::open(store, policies, Identity::new(&MatchingConfig::default())?, engine, clock).await?)
}

/// The policies that are shipped.
pub fn shipped() -> Result<Vec<(String, String)>, Box<dyn Error>> {
    Ok(default_policies(&departments()?))
}

/// The departments of the invented systems.
pub fn departments() -> Result<Vec<DepartmentKey>, Box<dyn Error>> {
    Ok(SYSTEMS.iter().map(|system| DepartmentKey::new(*system)).collect::<Result<_, _>>()?)
}
