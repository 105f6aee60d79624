//! Distinct texts under small numbers, so that each value is normalised, counted and compared once however many
//! records have it. Numbers are only meaningful inside one run; what leaves the run is the stable hash.

use hashbrown::HashTable;
use xxhash_rust::xxh3::xxh3_64;

/// A distinct text of one column. [`ValueId::NONE`] is the empty text: there is no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(crate) struct ValueId(u32);

impl ValueId {
    /// No value.
    pub(crate) const NONE: ValueId = ValueId(0);

    /// Whether there is a value.
    pub(crate) fn is_some(self) -> bool {
        self.0 != 0
    }

    /// Whether there is none.
    pub(crate) fn is_none(self) -> bool {
        self.0 == 0
    }

    /// The place of the value in arrays beside [`Values`].
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }

    /// Whether both sides have the same value.
    pub(crate) fn agrees(self, other: ValueId) -> bool {
        self.0 != 0 && self.0 == other.0
    }
}

/// The distinct texts of one column, in one arena.
#[derive(Debug)]
pub(crate) struct Values {
    table: HashTable<u32>,
    ends: Vec<usize>,
    hashes: Vec<u64>,
    text: String,
}

impl Values {
    /// Only the empty text.
    pub(crate) fn new() -> Self {
        Self { table: HashTable::new(), ends: vec![0], hashes: vec![0], text: String::new() }
    }

    /// Every number, from no value on.
    pub(crate) fn ids(&self) -> impl Iterator<Item = ValueId> {
        (0u32..).take(self.len()).map(ValueId)
    }

    /// How many distinct texts there are, with the empty one.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The numbers from the one that came as `first`.
    pub(crate) fn ids_from(&self, first: usize) -> impl Iterator<Item = ValueId> + use<> {
        (u32::try_from(first).unwrap_or(u32::MAX)..).take(self.len().saturating_sub(first)).map(ValueId)
    }

    /// Forgets the texts that came last, down to so many.
    pub(crate) fn truncate(&mut self, len: usize) {
        for id in self.ids_from(len.max(1)) {
            if let Ok(entry) = self.table.find_entry(self.hashes[id.index()], |&other| other == id.0) {
                entry.remove();
            }
        }
        self.ends.truncate(len.max(1));
        self.hashes.truncate(len.max(1));
        self.text.truncate(self.ends.last().copied().unwrap_or(0));
    }

    /// How many bytes are held.
    pub(crate) fn bytes(&self) -> usize {
        // One byte of each place of the table says whether it is taken; an eighth of the places stays free.
        self.table.capacity() / 7 * 8 * 5
            + self.ends.capacity() * size_of::<usize>()
            + self.hashes.capacity() * 8
            + self.text.capacity()
    }

    /// The number of a text, and whether it is new.
    pub(crate) fn intern(&mut self, text: &str) -> (ValueId, bool) {
        if text.is_empty() {
            return (ValueId::NONE, false);
        }
        let hash = stable_hash(text);
        let (ends, arena) = (&self.ends, &self.text);
        if let Some(&id) = self.table.find(hash, |&id| slice(ends, arena, id as usize) == text) {
            return (ValueId(id), false);
        }
        // More than four thousand million distinct values do not fit in memory, so the cast cannot lose anything.
        let id = u32::try_from(self.ends.len()).unwrap_or(u32::MAX);
        self.text.push_str(text);
        self.ends.push(self.text.len());
        self.hashes.push(hash);
        let hashes = &self.hashes;
        self.table.insert_unique(hash, id, |&id| hashes[id as usize]);
        (ValueId(id), true)
    }

    /// The text of a value.
    pub(crate) fn get(&self, id: ValueId) -> &str {
        slice(&self.ends, &self.text, id.index())
    }

    /// The hash of a value's text: the same on every machine and in every run. 0 for no value.
    pub(crate) fn hash(&self, id: ValueId) -> u64 {
        self.hashes[id.index()]
    }
}

/// XXH3 of a text, never 0.
pub(crate) fn stable_hash(text: &str) -> u64 {
    xxh3_64(text.as_bytes()).max(1)
}

fn slice<'a>(ends: &[usize], arena: &'a str, id: usize) -> &'a str {
    if id == 0 { "" } else { &arena[ends[id - 1]..ends[id]] }
}

/// Remembers what a function made of each distinct text.
#[derive(Debug)]
pub(crate) struct Memo<T> {
    keys: Values,
    made: Vec<T>,
}

impl<T: Copy + Default> Memo<T> {
    /// Nothing remembered; the empty text makes the default.
    pub(crate) fn new() -> Self {
        Self { keys: Values::new(), made: vec![T::default()] }
    }

    /// What was made of this text before.
    pub(crate) fn get(&mut self, text: &str) -> Result<T, Missing> {
        let (id, is_new) = self.keys.intern(text);
        if is_new {
            self.made.push(T::default());
            return Err(Missing(id));
        }
        Ok(self.made[id.index()])
    }

    /// Remembers what was made of a text that [`Memo::get`] did not know.
    pub(crate) fn put(&mut self, place: Missing, value: T) -> T {
        self.made[place.0.index()] = value;
        value
    }

    /// How many distinct texts there are, with the empty one.
    pub(crate) fn len(&self) -> usize {
        self.keys.len()
    }

    /// Forgets the texts that came last, down to so many.
    pub(crate) fn truncate(&mut self, len: usize) {
        self.keys.truncate(len);
        self.made.truncate(len);
    }

    /// How many bytes are held.
    pub(crate) fn bytes(&self) -> usize {
        self.keys.bytes() + self.made.capacity() * size_of::<T>()
    }
}

/// The place that waits for a value.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Missing(ValueId);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_have_one_number_and_the_empty_text_is_no_value() {
        let mut values = Values::new();
        let (ada, is_new) = values.intern("ada");
        assert!(is_new);
        let (bob, _) = values.intern("bob");
        assert_eq!(values.intern("ada"), (ada, false));
        assert_ne!(ada, bob);
        assert_eq!((values.get(ada), values.get(bob)), ("ada", "bob"));
        assert_eq!(values.intern("").0, ValueId::NONE);
        assert!(!ValueId::NONE.agrees(ValueId::NONE));
        assert_eq!(values.len(), 3);
    }

    #[test]
    fn a_text_that_was_forgotten_is_new_again() {
        let mut values = Values::new();
        let (ada, _) = values.intern("ada");
        let before = values.len();
        let (bob, _) = values.intern("bob");
        values.truncate(before);
        assert_eq!(values.intern("ada"), (ada, false));
        assert_eq!(values.intern("carla"), (bob, true));
        assert_eq!(values.intern("bob").0.index(), 3);
    }

    #[test]
    fn the_stored_hash_never_changes() {
        // Block keys and frequencies are kept in the database: another value here would orphan them.
        assert_eq!(stable_hash("ada"), 7_574_285_342_802_214_959);
    }
}
