//! Comparing pairs: what each shows, many at once.

use crate::block::PackedPair;
use crate::compare;
use crate::normalise::Columns;
use crate::share;
use crate::weigh::{Counts, Signature, Weigher};
use onefold_model::PartyKind;
use std::num::NonZeroUsize;

/// What comparing needs to know.
#[derive(Clone, Copy)]
pub(super) struct Comparing<'a> {
    pub(super) columns: &'a Columns,
    pub(super) counts: &'a Counts,
    /// Where the record of each row stands among all by id.
    pub(super) ranks: &'a [u32],
    pub(super) weigher: &'a Weigher,
    pub(super) threads: NonZeroUsize,
}

impl Comparing<'_> {
    /// So many pairs are worth the beginning of threads, and their signatures little memory.
    pub(super) fn at_once(&self) -> usize {
        self.threads.get() << 16
    }

    /// Of which kind both records of a pair are.
    #[inline]
    pub(super) fn kind_of(&self, pair: PackedPair) -> PartyKind {
        self.columns.rows[pair.unpack().0 as usize].kind
    }

    /// What each pair shows. `after` is told how many are done.
    pub(super) fn signatures(&self, pairs: &[PackedPair], mut after: impl FnMut(usize)) -> Vec<Signature> {
        let mut signatures = vec![Signature::default(); pairs.len()];
        let mut done = 0;
        for (some, signatures) in pairs.chunks(self.at_once()).zip(signatures.chunks_mut(self.at_once())) {
            self.compare_into(some, signatures);
            done += some.len();
            after(done);
        }
        signatures
    }

    /// As [`Comparing::signatures`], into as many signatures.
    pub(super) fn compare_into(&self, pairs: &[PackedPair], signatures: &mut [Signature]) {
        share::fill(self.threads, pairs, signatures, |pairs, signatures| {
            for (pairs, signatures) in pairs.chunks(32).zip(signatures.chunks_mut(32)) {
                compare::fetch(self.columns, pairs.iter().map(|pair| pair.unpack()));
                for (pair, signature) in pairs.iter().zip(signatures) {
                    *signature = self.compare(*pair);
                }
            }
        });
    }

    fn compare(&self, pair: PackedPair) -> Signature {
        let (one, other) = pair.unpack();
        // The smaller id is on the left, as everywhere.
        let is_in_order = self.ranks[one as usize] < self.ranks[other as usize];
        let (left, right) = if is_in_order { (one, other) } else { (other, one) };
        let comparison = compare::compare(self.columns, self.counts, left as usize, right as usize);
        self.weigher.signature(self.kind_of(pair), &comparison)
    }
}
