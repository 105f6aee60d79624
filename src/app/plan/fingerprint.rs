//! What names a plan: who is together before and after, which facts that rests on, and what is decided.
//!
//! Promises that a plan which would do something else has another name, and that two names tell in words what moved. Hashes
//! ids and versions, never a value: a name tells nobody what they may not see.

use super::PlannedDecision;
use crate::identity::{Foresight, Partition};
use crate::store::{ConsentStatement, DecisionRow};
use sha2::{Digest, Sha256};
use std::fmt;
use std::fmt::Write;
use std::str::FromStr;

/// So many bytes of a hash tell one part from the next; nobody gains by forging one.
const BYTES: usize = 6;

/// The name of a plan, written as four parts: `4f0c…-…-…-…`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanMark([String; 4]);

/// A text that names no plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} names no plan: take the fingerprint as the preview shows it")]
pub struct UnknownMark(String);

/// What each part stands for.
const PARTS: [&str; 4] = ["who is together", "what the records say", "the consents", "what would be decided"];

impl PlanMark {
    pub(super) fn of(
        foresight: &Foresight,
        statements: &[ConsentStatement],
        makes: &[PlannedDecision],
        takes_back: &[DecisionRow],
    ) -> Self {
        let partition = |partition: &Partition| {
            let mut text = String::new();
            for (customer, records) in partition {
                let _ = write!(text, "{customer}:");
                for record in records {
                    let _ = write!(text, "{record},");
                }
            }
            text
        };
        let people = [partition(&foresight.before), partition(&foresight.after)];
        let facts = foresight.parties.values().map(|party| format!("{} {}", party.record, party.changed_at));
        let consents = statements.iter().map(|said| format!("{} {}", said.record, said.version));
        let made = makes.iter().map(|made| format!("{} {} {}", made.kind, made.left, made.right));
        let taken = takes_back.iter().map(|row| row.id.to_string());
        Self([hash(people), hash(facts), hash(consents), hash(made.chain(taken))])
    }

    /// A name over lists of texts, in the same form: for plans that decide about pairs.
    pub(in super::super) fn of_texts(people: Vec<String>, facts: Vec<String>, made: Vec<String>) -> Self {
        Self([hash(people), hash(facts), hash([]), hash(made)])
    }

    /// What moved since another one, in words.
    pub fn difference(&self, now: &Self) -> String {
        let moved = self.0.iter().zip(&now.0).zip(PARTS).filter(|((then, now), _)| then != now);
        let moved: Vec<&str> = moved.map(|(_, part)| part).collect();
        if moved.is_empty() { "nothing".to_owned() } else { moved.join(", ") }
    }
}

impl fmt::Display for PlanMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("-"))
    }
}

impl FromStr for PlanMark {
    type Err = UnknownMark;

    fn from_str(text: &str) -> Result<Self, UnknownMark> {
        let parts: Vec<String> = text.trim().split('-').map(str::to_owned).collect();
        let is_hash = |part: &String| part.len() == BYTES * 2 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
        let known = parts.iter().all(is_hash).then(|| <[String; 4]>::try_from(parts.clone()).ok()).flatten();
        known.map(Self).ok_or_else(|| UnknownMark(text.chars().take(80).collect()))
    }
}

fn hash(texts: impl IntoIterator<Item = String>) -> String {
    let mut hash = Sha256::new();
    for text in texts {
        hash.update(text.len().to_le_bytes());
        hash.update(text);
    }
    hash.finalize().iter().take(BYTES).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_reads_back_and_tells_what_moved() {
        let texts = |people: &str, facts: &str| {
            PlanMark::of_texts(vec![people.to_owned()], vec![facts.to_owned()], vec!["LINK".to_owned()])
        };
        let then = texts("a", "1");
        assert_eq!(then.to_string().parse::<PlanMark>().unwrap(), then);
        assert_eq!(then.difference(&texts("a", "2")), "what the records say");
        assert_eq!(then.difference(&texts("b", "2")), "who is together, what the records say");
        for text in ["", "x", "00-00-00-00", "zzzzzzzzzzzz-000000000000-000000000000-000000000000"] {
            assert!(text.parse::<PlanMark>().is_err(), "{text}");
        }
    }
}
