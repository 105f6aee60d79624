//! One issuer: which tokens of its are accepted, and what their claims mean here.

use super::claims::{claim, words};
use super::keys::KeyRing;
use super::{IssuerSettings, KEY_PREFIX, SYSTEM_PREFIX, TokenError, TokenSettings, TokenSettingsError};
use crate::auth::Actor;
use crate::config::ClaimConfig;
use jsonwebtoken::Algorithm;
use onefold_model::DepartmentKey;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

pub(super) struct Issuer {
    pub(super) name: String,
    pub(super) audiences: Vec<String>,
    pub(super) leeway_s: i64,
    pub(super) subject_claim: String,
    pub(super) departments: ClaimConfig,
    pub(super) roles: ClaimConfig,
    pub(super) keys: KeyRing,
}

impl Issuer {
    /// One that shares a secret with the hub.
    pub(super) fn shared(settings: TokenSettings) -> Result<Self, TokenSettingsError> {
        settings.check()?;
        let plain = |claim: String| ClaimConfig { claim, map: BTreeMap::new() };
        Ok(Self {
            keys: KeyRing::shared(settings.keys)?,
            name: settings.issuer,
            audiences: vec![settings.audience],
            leeway_s: i64::try_from(settings.leeway_s).unwrap_or(i64::MAX),
            subject_claim: "sub".to_owned(),
            departments: plain(settings.departments_claim),
            roles: plain(settings.roles_claim),
        })
    }

    /// One that publishes its keys. It has none yet.
    pub(super) fn published(settings: IssuerSettings) -> Result<Self, TokenSettingsError> {
        settings.check()?;
        Ok(Self {
            keys: KeyRing::published(&settings.algorithms),
            name: settings.issuer,
            audiences: settings.audiences,
            leeway_s: i64::try_from(settings.leeway_s).unwrap_or(i64::MAX),
            subject_claim: settings.subject_claim,
            departments: settings.departments,
            roles: settings.roles,
        })
    }

    /// The algorithm with this name, if tokens of this issuer may be signed so.
    pub(super) fn algorithm(&self, name: &str) -> Option<Algorithm> {
        self.keys.algorithms().iter().find(|(known, _)| *known == name).map(|(_, algorithm)| *algorithm)
    }

    /// Who the claims are of.
    pub(super) fn actor(&self, claims: &Map<String, Value>) -> Result<Actor, TokenError> {
        let subject = claim(claims, &self.subject_claim).and_then(Value::as_str);
        let subject = subject.filter(|subject| !subject.trim().is_empty());
        let subject = subject.ok_or(TokenError::Malformed("it has no subject (sub)"))?;
        if [SYSTEM_PREFIX, KEY_PREFIX].iter().any(|reserved| subject.starts_with(reserved)) {
            return Err(TokenError::Malformed("its subject (sub) is reserved for the hub's own work"));
        }
        let departments = mapped(claims, &self.departments)
            .ok_or(TokenError::Malformed("its departments are not a list of texts"))?;
        // Directories put every group that a person is in into one claim. What is no department key can grant nothing.
        let departments: Vec<DepartmentKey> =
            departments.into_iter().filter_map(|word| DepartmentKey::new(word).ok()).collect();
        if departments.is_empty() {
            return Err(TokenError::NoDepartment);
        }
        let roles = mapped(claims, &self.roles).ok_or(TokenError::Malformed("its roles are not a list of texts"))?;
        Ok(Actor::new(subject, departments, roles))
    }
}

/// What the values of a claim mean here; `None` where it does not hold texts.
fn mapped(claims: &Map<String, Value>, config: &ClaimConfig) -> Option<Vec<String>> {
    let values = words(claim(claims, &config.claim))?;
    if config.map.is_empty() {
        return Some(values);
    }
    let meant = values.iter().filter_map(|value| config.map.get(value));
    Some(meant.flat_map(|meant| meant.words().iter().cloned()).collect())
}
