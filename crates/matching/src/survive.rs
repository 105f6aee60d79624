//! Survivorship: which value of which record a customer shows.
//!
//! Promises that every golden value is one that a member says, names its record and the rule that chose it, and lists
//! what lost and why. Given and family name come from one record where any record has both, so that nobody gets a name
//! that no source knows. Deleted records count only when all are deleted. In which order and when the records arrived
//! changes nothing. What is pinned wins over every rule, as long as its record says something. Does not merge lists: of e-mail addresses, numbers and addresses it chooses the best.

mod candidate;
mod field;
mod rules;

pub use rules::{Rule, SurvivorshipRules};

use crate::normalise::kind_of;
use crate::record::{PartyRecord, PartyTexts};
use candidate::{Candidate, Chosen, Preferred};
use field::{FIELDS, Field, NAME_FIELDS};
use onefold_model::{PartyKind, RecordId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The values that a customer shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Golden {
    /// A person or an organisation: what most members are, ties to the smallest record id.
    pub kind: PartyKind,
    /// Fields of which any member says something, in the order of the standardised party; last `email`, `phone` and
    /// `address`, the best of each.
    pub fields: Vec<GoldenField>,
}

/// One value, and where it comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GoldenField {
    /// The name of the field, as in the standardised party.
    pub path: String,
    /// The value, as the record says it.
    pub value: Value,
    /// The record that says it.
    pub record: RecordId,
    /// The rule that chose it.
    pub rule: Rule,
    /// Other values, by record id.
    pub losing: Vec<LosingValue>,
}

/// A value that was not chosen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LosingValue {
    /// The value.
    pub value: Value,
    /// The record that says it.
    pub record: RecordId,
    /// Why another was chosen, in words.
    pub lost_because: String,
}

/// What a record says in a field, held fast by somebody.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Pin {
    /// The name of the field, as [`GoldenField::path`].
    pub path: String,
    /// The record.
    pub record: RecordId,
}

/// Chooses the values of a customer from the records that belong to it. `None` where there is no record.
pub fn survive(members: &[PartyRecord], rules: &SurvivorshipRules) -> Option<Golden> {
    survive_pinned(members, rules, &[])
}

/// As [`survive`], with what somebody pinned: of several pins of one field, the first counts whose record is a member that
/// says something there.
pub fn survive_pinned(members: &[PartyRecord], rules: &SurvivorshipRules, pins: &[Pin]) -> Option<Golden> {
    let counted = counted(members);
    let kind = kind(&counted)?;
    Some(Golden { kind, fields: chosen(&counted, rules, pins, |_| true) })
}

/// The values of some fields alone, in the order of [`Golden::fields`]: the same that [`survive_pinned`] chooses, without the
/// work for the others.
pub fn survive_only(
    members: &[PartyRecord],
    rules: &SurvivorshipRules,
    pins: &[Pin],
    wanted: impl Fn(&str) -> bool,
) -> Vec<GoldenField> {
    chosen(&counted(members), rules, pins, wanted)
}

/// The records that count, by id.
fn counted(members: &[PartyRecord]) -> Vec<&PartyRecord> {
    let all_deleted = members.iter().all(|member| member.deleted);
    let mut counted: Vec<&PartyRecord> = members.iter().filter(|member| all_deleted || !member.deleted).collect();
    counted.sort_by_key(|member| member.id);
    counted
}

fn chosen(
    members: &[&PartyRecord],
    rules: &SurvivorshipRules,
    pins: &[Pin],
    wanted: impl Fn(&str) -> bool,
) -> Vec<GoldenField> {
    let has_name = NAME_FIELDS.iter().any(|field| wanted(field));
    let name_record = if has_name { name_record(members, rules, pins) } else { None };
    let mut fields = Vec::new();
    for field in FIELDS.iter().filter(|field| wanted(field.path)) {
        let from = name_record.filter(|_| NAME_FIELDS.contains(&field.path));
        fields.extend(golden_field(members, field, rules, from, pins));
    }
    fields
}

fn golden_field(
    members: &[&PartyRecord],
    field: &Field,
    rules: &SurvivorshipRules,
    from: Option<RecordId>,
    pins: &[Pin],
) -> Option<GoldenField> {
    let candidates: Vec<Candidate> = members.iter().flat_map(|member| field.candidates(member)).collect();
    let preferred = Preferred { pinned: pinned(pins, &[field.path], &candidates), from };
    let chain = rules.chain(field.path);
    let Chosen { winner, rule, losers } = candidate::choose(candidates, chain, &rules.sources, preferred)?;
    let losing = losers
        .into_iter()
        .filter(|loser| loser.candidate.key != winner.key)
        .map(|loser| LosingValue {
            value: loser.candidate.value,
            record: loser.candidate.record,
            lost_because: loser.rule.lost_because().to_owned(),
        })
        .collect();
    Some(GoldenField { path: field.path.to_owned(), value: winner.value, record: winner.record, rule, losing })
}

/// The record that gives a person's name: the best of those that have a given and a family name. Who pins one of the two
/// pins the name.
fn name_record(members: &[&PartyRecord], rules: &SurvivorshipRules, pins: &[Pin]) -> Option<RecordId> {
    let candidates: Vec<Candidate> = members.iter().filter_map(|member| field::whole_name(member)).collect();
    let preferred = Preferred { pinned: pinned(pins, &["givenName", "familyName"], &candidates), from: None };
    candidate::choose(candidates, rules.chain("givenName"), &rules.sources, preferred)
        .map(|chosen| chosen.winner.record)
}

/// The first pin of these fields whose record says something.
fn pinned(pins: &[Pin], paths: &[&str], candidates: &[Candidate]) -> Option<RecordId> {
    let of_field = pins.iter().filter(|pin| paths.contains(&pin.path.as_str())).map(|pin| pin.record);
    of_field.into_iter().find(|record| candidates.iter().any(|candidate| candidate.record == *record))
}

/// The fields that can be pinned.
pub fn pinnable() -> impl Iterator<Item = &'static str> {
    FIELDS.iter().map(|field| field.path)
}

fn kind(members: &[&PartyRecord]) -> Option<PartyKind> {
    let mut texts = PartyTexts::default();
    let kinds: Vec<PartyKind> = members.iter().map(|member| kind_of(&texts.of(&member.party))).collect();
    let first = *kinds.first()?;
    let as_first = kinds.iter().filter(|&&kind| kind == first).count();
    let other = kinds.iter().copied().find(|&kind| kind != first);
    Some(other.filter(|_| as_first * 2 < members.len()).unwrap_or(first))
}
