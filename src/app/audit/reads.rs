//! What one request has read: collected while it is answered, told in few entries.
//!
//! What of a customer's own fields was read is known by the names in the document, and for all its customers alike; what
//! happened with a customer is noted customer by customer. Deliberately keeps no value.

use super::kind::{KindSet, ReadKind};
use crate::config::AuditReads;
use crate::store::AuditEntry;
use onefold_model::{CustomerId, NodeId, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

/// The action of an entry about customers whose fields were read.
pub const CUSTOMER_READ: &str = "customer.read";
/// The action of an entry about payloads of which no customer is known.
pub const RECORD_READ: &str = "record.read";

/// Customers that one entry names.
const CUSTOMERS: usize = 200;
/// Objects that one entry names in its detail.
const OBJECTS: usize = 50;

/// An entry, and the customers that it is about.
pub(super) type Told = (AuditEntry, Vec<CustomerId>);

/// What has been read.
#[derive(Debug)]
pub(in crate::app) struct Reads {
    wanted: AuditReads,
    noted: Mutex<Noted>,
}

#[derive(Debug, Default)]
struct Noted {
    /// Of every customer whose values were read.
    selected: KindSet,
    values: BTreeSet<CustomerId>,
    customers: BTreeMap<CustomerId, KindSet>,
    others: BTreeMap<String, KindSet>,
}

impl Reads {
    pub(super) fn new(wanted: AuditReads) -> Self {
        Self { wanted, noted: Mutex::default() }
    }

    fn with(&self, change: impl FnOnce(&mut Noted)) {
        // Notes are added one by one: what a panic left behind is still true.
        change(&mut self.noted.lock().unwrap_or_else(PoisonError::into_inner));
    }

    pub(super) fn select(&self, kind: ReadKind) {
        if kind.is_wanted(self.wanted) {
            self.with(|noted| noted.selected.add(kind));
        }
    }

    pub(super) fn values(&self, customers: &[CustomerId]) {
        self.with(|noted| noted.values.extend(customers));
    }

    pub(super) fn note(&self, customer: CustomerId, kind: ReadKind) {
        if kind.is_wanted(self.wanted) {
            self.with(|noted| noted.customers.entry(customer).or_default().add(kind));
        }
    }

    pub(super) fn note_other(&self, object: impl Into<NodeId>, kind: ReadKind) {
        if kind.is_wanted(self.wanted) {
            let object = object.into().to_string();
            self.with(|noted| noted.others.entry(object).or_default().add(kind));
        }
    }

    /// The entries about what has been read so far; forgets it.
    pub(super) fn take(&self, actor: &str, at: Timestamp) -> Vec<Told> {
        let noted = std::mem::take(&mut *self.noted.lock().unwrap_or_else(PoisonError::into_inner));
        let Noted { selected, values, mut customers, others } = noted;
        if !selected.is_empty() {
            for customer in values {
                customers.entry(customer).or_default().join(selected);
            }
        }
        let entry = |action, target, detail| AuditEntry { at, actor: actor.to_owned(), action, target, detail };
        let mut told = Vec::new();
        for (kinds, ids) in by_kinds(customers) {
            for ids in ids.chunks(CUSTOMERS) {
                let target = match ids {
                    [one] => one.to_string(),
                    many => format!("{} customers", many.len()),
                };
                told.push((entry(CUSTOMER_READ, target, Some(kinds.words())), ids.to_vec()));
            }
        }
        for (kinds, objects) in by_kinds(others) {
            for objects in objects.chunks(OBJECTS) {
                let detail = format!("{}: {}", kinds.words(), objects.join(", "));
                told.push((entry(RECORD_READ, format!("{} objects", objects.len()), Some(detail)), Vec::new()));
            }
        }
        told
    }
}

fn by_kinds<T>(noted: BTreeMap<T, KindSet>) -> BTreeMap<KindSet, Vec<T>> {
    let mut by_kinds: BTreeMap<KindSet, Vec<T>> = BTreeMap::new();
    for (id, kinds) in noted {
        by_kinds.entry(kinds).or_default().push(id);
    }
    by_kinds
}

#[cfg(test)]
mod tests {
    use super::*;
    use onefold_model::RecordId;
    use uuid::Uuid;

    fn customer(n: u128) -> CustomerId {
        CustomerId(Uuid::from_u128(n))
    }

    fn told(reads: &Reads) -> Vec<(String, String, usize)> {
        let at = Timestamp::from_timestamp(0, 0).unwrap();
        let entries = reads.take("ann", at).into_iter();
        entries.map(|(entry, of)| (entry.target, entry.detail.unwrap_or_default(), of.len())).collect()
    }

    #[test]
    fn customers_of_whom_the_same_was_read_share_an_entry() {
        let reads = Reads::new(AuditReads::All);
        reads.select(ReadKind::Contact);
        reads.values(&[customer(1), customer(2)]);
        reads.note(customer(2), ReadKind::Financial);
        reads.note(customer(3), ReadKind::Financial);
        reads.note(customer(4), ReadKind::Financial);
        let one = |n| customer(n).to_string();
        assert_eq!(
            told(&reads),
            [
                (one(1), "contact".to_owned(), 1),
                ("2 customers".to_owned(), "financial".to_owned(), 2),
                (one(2), "contact, financial".to_owned(), 1),
            ]
        );
        assert_eq!(told(&reads), [], "told once");
    }

    #[test]
    fn what_is_not_wanted_is_not_noted() {
        let sensitive = Reads::new(AuditReads::Sensitive);
        sensitive.select(ReadKind::Identity);
        sensitive.values(&[customer(1)]);
        sensitive.note(customer(1), ReadKind::Consent);
        assert_eq!(told(&sensitive), []);
        sensitive.note_other(RecordId(Uuid::from_u128(1)), ReadKind::Payload);
        assert_eq!(told(&sensitive).len(), 1);
    }

    #[test]
    fn a_large_page_is_a_few_entries() {
        let reads = Reads::new(AuditReads::All);
        for n in 0..450 {
            reads.note(customer(n), ReadKind::Support);
        }
        let sizes: Vec<usize> = told(&reads).into_iter().map(|(_, _, size)| size).collect();
        assert_eq!(sizes, [200, 200, 50]);
    }
}
