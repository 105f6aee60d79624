//! Search: customers by names, e-mails, phones and numbers, each with the reason of the hit.
//!
//! A caller searches only by what the caller may read as it is, record by record: a hit never tells what its owner hides.

use super::customer::CUSTOMER;
use super::{AppError, ReadKind, Session};
use crate::auth::Owners;
use crate::store::{SearchHit, SearchPath, fold_text};
use onefold_model::{CustomerId, DepartmentKey, RecordId};
use std::collections::{BTreeMap, BTreeSet};

/// A customer that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchResult {
    /// The customer.
    pub customer: CustomerId,
    /// What kind of thing matched: `name`, `email`, `phone`, `company`, `invoice`, `ticket`, `account`.
    pub matched: String,
    /// The text that matched, as the source said it.
    pub text: String,
    /// The record that says so.
    pub record: RecordId,
    /// From 0 to 1: how much of the words were found, and how exactly.
    pub score: f64,
}

/// What each kind of term is made of: whoever searches by it may read all of that.
const PATHS: &[(&str, &str, &[&str])] = &[
    ("name", CUSTOMER, &["displayName", "givenName", "familyName", "legalName", "tradeNames"]),
    ("company", CUSTOMER, &["company"]),
    ("email", CUSTOMER, &["emails"]),
    ("phone", CUSTOMER, &["phones"]),
    ("phone_end", CUSTOMER, &["phones"]),
    ("invoice", "Invoice", &["number"]),
    ("ticket", "Ticket", &["number"]),
    ("account", "Account", &["number"]),
];

/// So many hits a word are weighed; a word that has more is too common to order by.
const HITS_PER_WORD: usize = 400;

impl Session {
    /// The customers that match, best first, at most `limit`.
    pub async fn search(&self, text: &str, limit: usize) -> Result<Vec<SearchResult>, AppError> {
        let words = words(text);
        if words.is_empty() {
            return Err(AppError::Invalid("search text: give at least two letters or digits".to_owned()));
        }
        let paths = self.search_paths();
        let mut found: Vec<(String, Vec<SearchHit>)> = Vec::new();
        for word in words {
            let hits = self.store().search_terms(self.scope(), &paths, &word, HITS_PER_WORD).await?;
            found.push((word, hits));
        }
        let results = rank(&found, limit);
        self.note_seen(results.iter().map(|result| result.customer));
        for result in &results {
            let kind = match result.matched.as_str() {
                "email" | "phone" => ReadKind::Contact,
                "invoice" | "account" => ReadKind::Financial,
                "ticket" => ReadKind::Support,
                _ => ReadKind::Identity,
            };
            self.read([result.customer], kind);
        }
        Ok(results)
    }

    fn search_paths(&self) -> Vec<SearchPath> {
        let departments: BTreeSet<&DepartmentKey> = self.app.sources.values().map(|row| &row.department).collect();
        PATHS
            .iter()
            .map(|(path, type_name, fields)| {
                let reads = |field: &&str, of| self.scope().field(type_name, field, Some(of)).is_read();
                let readable: BTreeSet<DepartmentKey> = departments
                    .iter()
                    .filter(|department| fields.iter().all(|field| reads(field, department)))
                    .map(|department| (*department).clone())
                    .collect();
                let owners = if readable.is_empty() {
                    Owners::None
                } else if readable.len() == departments.len() {
                    Owners::All
                } else {
                    Owners::Some(readable)
                };
                SearchPath { path, owners }
            })
            .filter(|path| path.owners != Owners::None)
            .collect()
    }
}

/// The words to look for: an address or a number whole, a name word by word. Numbers also from their end.
fn words(text: &str) -> Vec<String> {
    let folded = fold_text(text);
    let digits: String = folded.chars().filter(char::is_ascii_digit).collect();
    let is_number = digits.len() >= 4 && folded.chars().all(|c| c.is_ascii_digit() || " +-()/.".contains(c));
    if folded.contains('@') {
        return vec![folded];
    }
    if is_number {
        return vec![digits.chars().rev().collect(), digits];
    }
    let words: Vec<String> =
        folded.split_whitespace().filter(|word| word.chars().count() > 1).take(6).map(str::to_owned).collect();
    words
}

/// A customer's score is the share of the words that it has, each weighed by how much of the found term it covers.
fn rank(found: &[(String, Vec<SearchHit>)], limit: usize) -> Vec<SearchResult> {
    let is_number = found.iter().all(|(word, _)| word.bytes().all(|b| b.is_ascii_digit()));
    let needed = if is_number { 1.0 } else { found.len() as f64 };
    let mut best: BTreeMap<CustomerId, (f64, f64, &SearchHit)> = BTreeMap::new();
    for (word, hits) in found {
        let mut of_word: BTreeMap<CustomerId, (f64, &SearchHit)> = BTreeMap::new();
        for hit in hits {
            let cover = word.chars().count() as f64 / hit.term.chars().count().max(1) as f64;
            let entry = of_word.entry(hit.customer).or_insert((cover, hit));
            if cover > entry.0 {
                *entry = (cover, hit);
            }
        }
        for (customer, (cover, hit)) in of_word {
            let entry = best.entry(customer).or_insert((0.0, 0.0, hit));
            entry.0 += cover;
            if cover > entry.1 {
                (entry.1, entry.2) = (cover, hit);
            }
        }
    }
    let mut results: Vec<SearchResult> = best
        .into_iter()
        .map(|(customer, (sum, _, hit))| SearchResult {
            customer,
            matched: if hit.path == "phone_end" { "phone".to_owned() } else { hit.path.clone() },
            text: hit.whole.clone(),
            record: hit.record,
            score: (sum / needed).min(1.0),
        })
        .collect();
    results.sort_by(|one, other| other.score.total_cmp(&one.score).then(one.customer.cmp(&other.customer)));
    results.truncate(limit);
    results
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn addresses_and_numbers_are_looked_for_whole() {
        assert_eq!(words("Bob@Example.COM"), ["bob@example.com"]);
        assert_eq!(words("+43 660-1234"), ["432106634", "436601234"]);
        assert_eq!(words("Bob  Kovač x"), ["bob", "kovac"]);
    }
}
