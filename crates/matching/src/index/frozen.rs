//! A model that no longer learns, and the records as it sees them.
//!
//! Promises that a pair weighs what it weighs in a run over all records with the same model and frequencies. A value that
//! comes later is looked up when it comes.

use crate::block::{self, AnyRule, BlockKey};
use crate::cluster::Guard;
use crate::compare;
use crate::normalise::Columns;
use crate::record::{PartyRecord, PartyTexts};
use crate::settings::Settings;
use crate::sources::Sources;
use crate::weigh::{Counts, Frequencies, MatchWeight, Prior, Weigher};
use onefold_model::PartyKind;
use std::sync::Arc;

/// What weighs, and what is weighed.
#[derive(Debug)]
pub(crate) struct Frozen {
    pub(crate) settings: Settings,
    rules: Vec<AnyRule>,
    frequencies: Arc<Frequencies>,
    weigher: Weigher,
    persons: Prior,
    organizations: Prior,
    columns: Columns,
    counts: Counts,
    sources: Sources,
}

impl Frozen {
    /// No record yet.
    pub(crate) fn new(settings: Settings, frequencies: Arc<Frequencies>) -> Self {
        let columns = Columns::new();
        let prior = |kind| Weigher::prior(&settings.model, &frequencies, kind);
        Self {
            weigher: Weigher::new(&settings.model, &frequencies),
            persons: prior(PartyKind::Person),
            organizations: prior(PartyKind::Organization),
            counts: Counts::of_frequencies(&columns, &frequencies, settings.model.commonplace),
            columns,
            sources: Sources::default(),
            rules: settings.blocking.all_rules(),
            settings,
            frequencies,
        }
    }

    /// How many places there are.
    pub(crate) fn places(&self) -> usize {
        self.columns.rows.len()
    }

    /// Puts a record at a place: that of a record before it, or the first free one.
    pub(crate) fn put(&mut self, place: u32, record: &PartyRecord) {
        let mut texts = PartyTexts::default();
        self.columns.put(place as usize, &texts.of(&record.party));
        self.sources.put(place as usize, Some(record.source));
        self.counts.learn(&self.columns, &self.frequencies);
    }

    /// Forgets the party at the last place. Its values stay.
    pub(crate) fn pop(&mut self) {
        self.columns.pop();
        self.sources.pop();
    }

    /// Frees what only reading many parties one after the other is faster with.
    pub(crate) fn forget_read(&mut self) {
        self.columns.forget_read();
    }

    /// Writes the block keys of the party at a place, ascending, each once.
    pub(crate) fn keys_into(&self, place: u32, keys: &mut Vec<BlockKey>) {
        keys.clear();
        let mut found = Vec::new();
        for &rule in &self.rules {
            block::each_key(rule, &self.columns, place, |key| found.push(key));
            found.sort_unstable();
            found.dedup();
            keys.extend(found.drain(..).map(|key| BlockKey { rule, key }));
        }
    }

    /// What a pair weighs, where that is enough for a review.
    pub(crate) fn weigh_likely(&self, left: u32, right: u32) -> Option<MatchWeight> {
        let kind = self.columns.rows[left as usize].kind;
        let prior = self.prior(kind);
        let comparison = compare::compare(&self.columns, &self.counts, left as usize, right as usize);
        let evidence = self.weigher.evidence(kind, &comparison);
        let is_likely = |weight: MatchWeight| weight.probability() >= self.settings.thresholds.review;
        // Most pairs fall short of the least that the household takes away: spare them its logarithm.
        if !is_likely(evidence.most(prior)) {
            return None;
        }
        Some(evidence.weight(prior)).filter(|weight| is_likely(*weight))
    }

    /// What guards the clusters of the records at `places`, by their place in that list.
    pub(crate) fn guarded<T>(&self, places: &[u32], work: impl FnOnce(&Guard<'_>) -> T) -> T {
        work(&Guard {
            columns: &self.columns,
            counts: &self.counts,
            weigher: &self.weigher,
            prior_of: &|kind| self.prior(kind),
            contradiction: self.settings.contradiction,
            births: self.settings.births,
            unique_of: &|place| self.sources.among(place, &self.settings.unique_sources),
            places: Some(places),
        })
    }

    /// What rare values are rare in.
    pub(crate) fn frequencies(&self) -> &Frequencies {
        &self.frequencies
    }

    /// How many bytes the records and their values hold.
    pub(crate) fn bytes(&self) -> usize {
        self.columns.bytes() + self.counts.bytes()
    }

    fn prior(&self, kind: PartyKind) -> Prior {
        match kind {
            PartyKind::Person => self.persons,
            PartyKind::Organization => self.organizations,
        }
    }
}
