//! Which rules choose values: those of the configuration, those in place, and what changing them would do.
//!
//! Promises that the rules in place change only with a plan that was looked at; the first ones of a store, before anything was
//! folded, are those of the configuration. They are applied when values are read, so no record is loaded again. A process that
//! shares the store with the one that put them in place shows them within half a minute.

use super::Identity;
use super::fold::IdentityError;
use super::golden::golden;
use crate::config::{SurvivorshipConfig, SurvivorshipRule};
use crate::store::{AuditEntry, SourceRow, Store, StoreError, StoredParty, SurvivorshipRow};
use onefold_matching::{Golden, Pin, Rule, SurvivorshipRules, pinnable};
use onefold_model::{Clock, CustomerId, RecordId, Timestamp};
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

/// Why rules cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SurvivorshipSetupError {
    /// A field is unknown.
    #[error("[survivorship.fields] {0:?} is no field of a customer: one of {known} is", known = pinnable().collect::<Vec<_>>().join(", "))]
    Field(String),
    /// A source is unknown.
    #[error("[survivorship] sources: there is no source {0:?}: give the keys of sources as [[source]] has them")]
    Source(String),
    /// A chain has no rule, or one twice.
    #[error("[survivorship] the rules of {0}: at least one, and each once")]
    Chain(String),
}

/// A golden value that other rules would choose otherwise.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rechosen {
    /// The customer.
    pub customer: CustomerId,
    /// The field.
    pub path: String,
    /// The record whose value it shows.
    pub before: RecordId,
    /// The record whose value it would show.
    pub after: RecordId,
}

/// The rules that a configuration asks for.
pub fn survivorship_rules(
    config: &SurvivorshipConfig,
    sources: &[SourceRow],
) -> Result<SurvivorshipRules, SurvivorshipSetupError> {
    let mut rules = SurvivorshipRules::default();
    for key in &config.sources {
        let found = sources.iter().find(|source| source.key.as_str() == key);
        rules.sources.push(found.ok_or_else(|| SurvivorshipSetupError::Source(key.clone()))?.id);
    }
    for (path, given) in &config.fields {
        if !pinnable().any(|field| field == path) {
            return Err(SurvivorshipSetupError::Field(path.clone()));
        }
        rules.fields.insert(path.clone(), chain(path, given)?);
    }
    if let Some(given) = &config.otherwise {
        rules.otherwise = chain("otherwise", given)?;
    }
    Ok(rules)
}

impl Identity {
    /// The same with the rules of a configuration. They hold once they are put in place.
    #[must_use]
    pub fn with_survivorship(self, rules: SurvivorshipRules) -> Self {
        Self { wanted: Arc::new(rules), ..self }
    }

    /// The rules of the configuration.
    pub fn rules_wanted(&self) -> Arc<SurvivorshipRules> {
        Arc::clone(&self.wanted)
    }

    /// The rules in place, as this process last read them.
    pub fn rules(&self) -> Arc<SurvivorshipRules> {
        Arc::clone(&self.in_place.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads which rules are in place: another process may have put others there.
    pub async fn rules_refresh(&self, store: &Store) -> Result<Arc<SurvivorshipRules>, StoreError> {
        let rules = Arc::new(rules_of(store.survivorship().await?.as_ref())?);
        *self.in_place.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&rules);
        Ok(rules)
    }

    /// Reads which rules are in place. In a store in which nothing was folded, those of the configuration are put there.
    pub async fn rules_open(&self, store: &Store, clock: &dyn Clock) -> Result<(), StoreError> {
        if store.survivorship().await?.is_none()
            && !store.has_customers().await?
            && *self.wanted != SurvivorshipRules::default()
        {
            let mut tx = store.begin().await?;
            tx.identity_lock().await?;
            let (at, actor) = (clock.now(), "system:start".to_owned());
            let rules = rules_text(&self.wanted)?;
            tx.survivorship_insert(&SurvivorshipRow { at, actor: actor.clone(), fingerprint: String::new(), rules })
                .await?;
            let target = "configuration".to_owned();
            tx.audit_append(&AuditEntry { at, actor, action: "survivorship.apply", target, detail: None }).await?;
            tx.commit().await?;
        }
        let rules = self.rules_refresh(store).await?;
        if rules != self.wanted {
            tracing::warn!(
                "the survivorship rules of the configuration are not in place: `onefold survivorship` shows what they would change"
            );
        }
        Ok(())
    }

    /// The values of whom the rules of the configuration would choose otherwise than those in place; ascending. Reads all
    /// records and writes nothing.
    pub async fn rules_preview(&self, store: &Store) -> Result<Vec<Rechosen>, IdentityError> {
        let now = self.rules_refresh(store).await?;
        let wanted = self.rules_wanted();
        if now == wanted {
            return Ok(Vec::new());
        }
        let mut homes: BTreeMap<RecordId, CustomerId> = BTreeMap::new();
        for (record, customer, _) in store.link_list().await? {
            homes.insert(RecordId(record), customer);
        }
        let pins = super::pins(&store.pin_list().await?);
        let parties = store.party_list().await?;
        let comparing = tokio::task::spawn_blocking(move || {
            let mut members: BTreeMap<CustomerId, Vec<StoredParty>> = BTreeMap::new();
            for party in parties {
                if let Some(customer) = homes.get(&party.record) {
                    members.entry(*customer).or_default().push(party);
                }
            }
            let rechosen =
                members.iter().flat_map(|(customer, members)| rechosen(*customer, members, &pins, &now, &wanted));
            rechosen.collect()
        });
        comparing.await.map_err(|_| IdentityError::Stopped)
    }
}

/// The rules that held at a time.
pub async fn rules_then(store: &Store, at: Timestamp) -> Result<SurvivorshipRules, StoreError> {
    rules_of(store.survivorship_then(at).await?.as_ref())
}

/// The rules in place.
pub(super) async fn rules_now(store: &Store) -> Result<SurvivorshipRules, StoreError> {
    rules_of(store.survivorship().await?.as_ref())
}

/// Rules as they are stored.
pub fn rules_text(rules: &SurvivorshipRules) -> Result<String, StoreError> {
    serde_json::to_string(rules).map_err(|_| StoreError::Corrupt { what: "rules cannot be written as text" })
}

fn rules_of(row: Option<&SurvivorshipRow>) -> Result<SurvivorshipRules, StoreError> {
    let Some(row) = row else { return Ok(SurvivorshipRules::default()) };
    serde_json::from_str(&row.rules)
        .map_err(|_| StoreError::Corrupt { what: "stored survivorship rules do not read back" })
}

/// What changes for one customer. One record alone leaves nothing to choose but between its own values.
fn rechosen(
    customer: CustomerId,
    members: &[StoredParty],
    pins: &[Pin],
    now: &SurvivorshipRules,
    wanted: &SurvivorshipRules,
) -> Vec<Rechosen> {
    let (Some(before), Some(after)) = (golden(members, pins, now), golden(members, pins, wanted)) else {
        return Vec::new();
    };
    let Golden { fields, .. } = before;
    let changed = fields.into_iter().filter_map(|field| {
        let other = after.fields.iter().find(|other| other.path == field.path)?;
        let is_other = (field.record, &field.value) != (other.record, &other.value);
        is_other.then_some(Rechosen { customer, path: field.path, before: field.record, after: other.record })
    });
    changed.collect()
}

fn chain(of: &str, given: &[SurvivorshipRule]) -> Result<Vec<Rule>, SurvivorshipSetupError> {
    let is_twice = (1..given.len()).any(|n| given[..n].contains(&given[n]));
    if given.is_empty() || is_twice {
        return Err(SurvivorshipSetupError::Chain(of.to_owned()));
    }
    let rule = |rule: &SurvivorshipRule| match rule {
        SurvivorshipRule::SourcePriority => Rule::SourcePriority,
        SurvivorshipRule::MostRecent => Rule::MostRecent,
        SurvivorshipRule::Verified => Rule::Verified,
        SurvivorshipRule::MostFrequent => Rule::MostFrequent,
        SurvivorshipRule::MostComplete => Rule::MostComplete,
    };
    Ok(given.iter().map(rule).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use std::path::Path;

    fn rules(text: &str) -> Result<SurvivorshipRules, SurvivorshipSetupError> {
        survivorship_rules(&Config::parse(text, Path::new("onefold.toml")).unwrap().survivorship, &[])
    }

    #[test]
    fn what_is_given_replaces_what_the_program_has_and_nothing_else() {
        let given = rules("[survivorship.fields]\nemail = ['most_recent', 'verified']\n").unwrap();
        assert_eq!(given.fields["email"], [Rule::MostRecent, Rule::Verified]);
        assert_eq!(given.fields["phone"], SurvivorshipRules::default().fields["phone"]);
        assert_eq!(rules("").unwrap(), SurvivorshipRules::default());
    }

    #[test]
    fn what_is_unknown_or_decides_nothing_is_refused() {
        for (text, error) in [
            ("[survivorship.fields]\nemial = ['verified']\n", SurvivorshipSetupError::Field("emial".to_owned())),
            ("[survivorship]\nsources = ['crm']\n", SurvivorshipSetupError::Source("crm".to_owned())),
            ("[survivorship]\notherwise = []\n", SurvivorshipSetupError::Chain("otherwise".to_owned())),
            (
                "[survivorship.fields]\nemail = ['verified', 'verified']\n",
                SurvivorshipSetupError::Chain("email".to_owned()),
            ),
        ] {
            assert_eq!(rules(text).unwrap_err(), error, "{text}");
        }
        let unknown = Config::parse("[survivorship]\notherwise = ['newest']\n", Path::new("onefold.toml"));
        assert!(std::error::Error::source(&unknown.unwrap_err()).unwrap().to_string().contains("newest"));
    }
}
