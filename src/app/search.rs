//! Search: customers by names, e-mails, phones and numbers, each with the reason of the hit; by words with slips too, where too few
//! have them as they are typed.
//!
//! A caller searches only by what the caller may read as it is, record by record: a hit never tells what its owner hides.

mod rank;
mod similar;
mod slips;

use super::customer::CUSTOMER;
use super::{AppError, ReadKind, Session};
use crate::auth::Owners;
use crate::store::{SearchPath, fold_text};
use onefold_model::{CustomerId, DepartmentKey, RecordId};
use rank::{Found, having_all, rank};
use slips::is_numbered;
use std::collections::BTreeSet;

/// How well the words are those of a customer, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SearchMatch {
    /// Each is there as it was typed.
    Exact,
    /// One begins with what was typed, or is a number that ends so.
    Prefix,
    /// One is a slip or two away.
    Similar,
}

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
    /// From 0 to 1: how much of the words were found, and how exactly; see `search/rank.rs`.
    pub score: f64,
    /// The weakest match of those words that were found.
    pub how: SearchMatch,
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
        let asked = words(text);
        if asked.words.is_empty() {
            return Err(AppError::Invalid("search text: give at least two letters or digits".to_owned()));
        }
        let paths = self.search_paths();
        let mut found: Vec<Found> = Vec::new();
        for word in &asked.words {
            let hits = self.store().search_terms(self.scope(), &paths, word, HITS_PER_WORD).await?;
            found.push(Found { word: word.clone(), words: 1, hits });
        }
        if having_all(&found, asked.typed) < limit {
            self.search_slips(&paths, &asked, &mut found).await?;
        }
        let mut results = rank(&found, asked.typed);
        results.truncate(limit);
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

    /// Adds what is similar. What is a number or an address and is there needs no neighbours: they are somebody else's.
    async fn search_slips(&self, paths: &[SearchPath], asked: &Asked, found: &mut Vec<Found>) -> Result<(), AppError> {
        let is_there = |found: &Found| !found.hits.is_empty();
        if asked.typed == 1 && found.iter().any(|found| is_there(found) && !is_name(&found.word)) {
            return Ok(());
        }
        for found in found.iter_mut().filter(|found| is_name(&found.word) || !is_there(found)) {
            // Of a number, the way from its end is only for telephones.
            if asked.typed == asked.words.len() || found.word == asked.whole {
                found.hits.extend(self.search_similar(paths, &found.word, HITS_PER_WORD).await?);
            }
        }
        if asked.typed > 1 && having_all(found, asked.typed) == 0 {
            let hits = self.search_similar(paths, &asked.whole, HITS_PER_WORD).await?;
            found.push(Found { word: asked.whole.clone(), words: asked.typed, hits });
        }
        Ok(())
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

/// What to look for.
#[derive(Debug, PartialEq, Eq)]
struct Asked {
    /// The words: an address or a number whole, a name word by word. Numbers also from their end.
    words: Vec<String>,
    /// How many of them somebody has to have: one of a number, which is the same from both ends.
    typed: usize,
    /// All of it, folded.
    whole: String,
}

/// Neither an address nor a number.
fn is_name(word: &str) -> bool {
    !word.contains('@') && !is_numbered(word)
}

fn words(text: &str) -> Asked {
    let folded = fold_text(text);
    let digits: String = folded.chars().filter(char::is_ascii_digit).collect();
    let is_number = digits.len() >= 4 && folded.chars().all(|c| c.is_ascii_digit() || " +-()/.".contains(c));
    if folded.contains('@') {
        return Asked { words: vec![folded.clone()], typed: 1, whole: folded };
    }
    if is_number {
        return Asked { words: vec![digits.chars().rev().collect(), digits.clone()], typed: 1, whole: digits };
    }
    let words: Vec<String> =
        folded.split_whitespace().filter(|word| word.chars().count() > 1).take(6).map(str::to_owned).collect();
    Asked { typed: words.len(), words, whole: folded }
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn addresses_and_numbers_are_looked_for_whole() {
        let looked_for = |text| (words(text).words, words(text).typed);
        assert_eq!(looked_for("Bob@Example.COM"), (vec!["bob@example.com".to_owned()], 1));
        assert_eq!(looked_for("+43 660-1234"), (vec!["432106634".to_owned(), "436601234".to_owned()], 1));
        assert_eq!(looked_for("Bob  Kovač x"), (vec!["bob".to_owned(), "kovac".to_owned()], 2));
    }
}
