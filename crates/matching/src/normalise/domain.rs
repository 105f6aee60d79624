//! Internet domains, and what they say about the name of their owner.

use super::email::domain_label;
use super::tables::held;
use super::text::{fold, skeleton};
use crate::values::{ValueId, Values, stable_hash};

/// The distinct internet domains of organisations and of mailboxes.
#[derive(Debug)]
pub(crate) struct Domains {
    pub(super) values: Values,
    /// Of those domains that organisations have. There are no more than up to the last of them.
    spellings: Vec<u64>,
}

impl Domains {
    pub(crate) fn new() -> Self {
        Self { values: Values::new(), spellings: Vec::new() }
    }

    /// The number of an organisation's domain.
    pub(crate) fn intern(&mut self, domain: &str) -> ValueId {
        let (id, _) = self.values.intern(domain);
        if self.spellings.len() <= id.index() {
            self.spellings.resize(id.index() + 1, 0);
        }
        // The domain may be known from a mailbox, then what it spells is not.
        let spelling = &mut self.spellings[id.index()];
        if *spelling == 0 {
            *spelling = stable_hash(&skeleton(&fold(domain_label(domain))));
        }
        id
    }

    /// The hash of what the owner chose, in the spelling that variants of a name share; 0 where no organisation has the
    /// domain.
    pub(crate) fn spelling(&self, id: ValueId) -> u64 {
        self.spellings.get(id.index()).copied().unwrap_or(0)
    }

    /// See [`Values::hash`].
    pub(crate) fn hash(&self, id: ValueId) -> u64 {
        self.values.hash(id)
    }

    /// See [`Values::hashes`].
    pub(crate) fn hashes(&self) -> &[u64] {
        self.values.hashes()
    }

    /// How many bytes are held.
    pub(super) fn bytes(&self) -> usize {
        self.values.bytes() + held(&self.spellings)
    }

    /// See [`Values::forget_texts`].
    pub(crate) fn forget_texts(&mut self) {
        self.values.forget_texts();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_spells_a_name_whether_or_not_a_mailbox_told_it_first() {
        let mut domains = Domains::new();
        domains.values.intern("moeller-bikes.example");
        let known = domains.intern("moeller-bikes.example");
        let other = domains.intern("www.mollerbikes.co.uk");
        assert_ne!(known, other);
        assert_eq!(domains.spelling(known), stable_hash(&skeleton("moller bikes")));
        assert_eq!(domains.spelling(known), domains.spelling(other));
        assert_eq!(domains.spelling(ValueId::NONE), 0);
    }
}
