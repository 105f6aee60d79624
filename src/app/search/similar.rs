//! Similar terms: what may have been meant by a word that is typed with a slip.
//!
//! Looked for only where too few were found by the word as it stands, in steps of which each is taken only where the one before
//! found nothing that the caller may see: every word that is one slip away, complete and at a cost that does not grow with the store;
//! then, for longer words, two slips, among so many terms that share a varied beginning with the word. What is beyond is not looked
//! at. A similar term is read as any other, under the rights to it.

use super::slips::{beginnings, one_slip_from, slips_between, slips_of};
use super::{AppError, Session};
use crate::store::{SearchHit, SearchPath};

/// So many different terms are looked at for a word with two slips.
const LOOKED_AT: usize = 4_000;

/// So many similar terms are read, the nearest first.
const TERMS: usize = 24;

/// Whoever has a similar term is weighed, so many at least of each.
const HITS_PER_TERM: usize = 40;

/// Terms that are near to a word, and how many slips away.
type Near = Vec<(usize, String)>;

impl Session {
    /// The hits by terms that are similar to a folded word, the nearest terms first.
    pub(super) async fn search_similar(
        &self,
        paths: &[SearchPath],
        word: &str,
        limit: usize,
    ) -> Result<Vec<SearchHit>, AppError> {
        // A telephone number with another digit is somebody else's.
        let paths: Vec<SearchPath> = paths.iter().filter(|path| !path.path.starts_with("phone")).cloned().collect();
        let slips = slips_of(word);
        if slips == 0 || paths.is_empty() {
            return Ok(Vec::new());
        }
        let near = self.store().vocabulary_has(&paths, &one_slip_from(word)).await?;
        let near = near.into_iter().map(|term| (1, term)).collect();
        let mut hits = self.hits_of(&paths, near, limit).await?;
        if slips == 1 {
            return Ok(hits);
        }
        for list in beginnings(word) {
            if hits.is_empty() {
                let terms = self.store().vocabulary_under(&list, LOOKED_AT).await?;
                hits = self.hits_of(&paths, near_of(word, terms, slips), limit).await?;
            }
        }
        Ok(hits)
    }

    /// The hits by these terms. Each gets its share of what is weighed, so that a frequent one does not crowd out the others.
    async fn hits_of(&self, paths: &[SearchPath], near: Near, limit: usize) -> Result<Vec<SearchHit>, AppError> {
        let mut hits = Vec::new();
        let count = near.len().min(TERMS);
        for (index, (_, term)) in near.into_iter().take(TERMS).enumerate() {
            let share = (limit.saturating_sub(hits.len()) / (count - index)).max(HITS_PER_TERM);
            hits.extend(self.store().search_term(self.scope(), paths, &term, share).await?);
        }
        Ok(hits)
    }
}

/// The terms that are near enough, the nearest first, each once.
fn near_of(word: &str, terms: Vec<String>, slips: usize) -> Near {
    let near = |term: String| slips_between(word, &term, slips).map(|away| (away, term));
    let mut near: Near = terms.into_iter().filter_map(near).collect();
    near.sort();
    near.dedup();
    near
}
