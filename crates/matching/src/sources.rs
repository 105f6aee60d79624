//! Which source each record is of, as far as a guard asks: two records of one source whose ids are unique people are two people.
//!
//! Decides nothing. A record that was read without its source is of none.

use onefold_model::SourceId;
use std::collections::BTreeSet;

/// The sources of the records, by their rows.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    /// For each row 0 for no source, else the place of the source among the known ones and 1.
    of: Vec<u16>,
    known: Vec<SourceId>,
}

impl Sources {
    /// The row at this place is of this source. Places are taken one after the other.
    pub(crate) fn put(&mut self, place: usize, source: Option<SourceId>) {
        let number = source.map_or(0, |source| self.number(source));
        if self.of.len() <= place {
            self.of.resize(place + 1, 0);
        }
        self.of[place] = number;
    }

    /// Forgets the last row.
    pub(crate) fn pop(&mut self) {
        self.of.pop();
    }

    /// Keeps these rows, in this order.
    pub(crate) fn reorder(&mut self, kept: impl Iterator<Item = usize>) {
        self.of = kept.map(|place| self.of.get(place).copied().unwrap_or_default()).collect();
    }

    /// A number for the source of a row, where it is one of these.
    pub(crate) fn among(&self, place: usize, sources: &BTreeSet<SourceId>) -> Option<u16> {
        let number = self.of.get(place).copied().filter(|number| *number > 0)?;
        let source = self.known.get(usize::from(number) - 1)?;
        sources.contains(source).then_some(number)
    }

    fn number(&mut self, source: SourceId) -> u16 {
        let place = self.known.iter().position(|known| *known == source).unwrap_or_else(|| {
            self.known.push(source);
            self.known.len() - 1
        });
        // Nobody has more sources than that; one beyond is of none.
        u16::try_from(place + 1).unwrap_or(0)
    }
}
