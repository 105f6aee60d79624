//! Distinct texts under small numbers, so that each value is normalised, counted and compared once however many
//! records have it. Numbers are only meaningful inside one run; what leaves the run is the stable hash.

use std::hint::black_box;
use xxhash_rust::xxh3::xxh3_64;

/// A distinct text of one column. [`ValueId::NONE`] is the empty text: there is no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(crate) struct ValueId(u32);

impl ValueId {
    /// No value.
    pub(crate) const NONE: ValueId = ValueId(0);

    /// The value at this place of arrays beside [`Values`].
    pub(crate) fn at(index: usize) -> Self {
        // More than four thousand million distinct values do not fit in memory, so the cast cannot lose anything.
        Self(u32::try_from(index).unwrap_or(u32::MAX))
    }

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

    /// The number itself.
    pub(crate) fn number(self) -> u32 {
        self.0
    }

    /// Whether both sides have the same value.
    pub(crate) fn agrees(self, other: ValueId) -> bool {
        self.0 != 0 && self.0 == other.0
    }
}

/// A hash table of numbers. A slot holds the upper half of a hash and the number, so that a look-up of what is new
/// reads one place of memory, and what is known is compared once.
#[derive(Debug, Default)]
struct Index {
    /// The upper half is that of the hash, the lower the number; 0 is free.
    slots: Vec<u64>,
    used: usize,
}

impl Index {
    /// Where the hash would stand if all were spread evenly. Ascending hashes stand in ascending places, so that a
    /// larger table is filled from front to back.
    fn place(&self, hash: u64) -> usize {
        // The product of two numbers of 32 bits, of which the upper half is below the number of slots.
        (((hash >> 32) * self.slots.len() as u64) >> 32) as usize
    }

    /// The number with this hash that is the one.
    fn find(&self, hash: u64, is_it: impl Fn(u32) -> bool) -> Option<u32> {
        if self.slots.is_empty() {
            return None;
        }
        let mut place = self.place(hash);
        loop {
            let slot = self.slots[place];
            if slot == 0 {
                return None;
            }
            if slot >> 32 == hash >> 32 && is_it(low(slot)) {
                return Some(low(slot));
            }
            place = if place + 1 == self.slots.len() { 0 } else { place + 1 };
        }
    }

    /// The number that stands where the hash would, if its hash is that one; else 0.
    fn first(&self, hash: u64) -> u32 {
        let Some(&slot) = self.slots.get(self.place(hash)) else { return 0 };
        let same = u32::from(slot >> 32 == hash >> 32);
        low(slot) & same.wrapping_neg()
    }

    fn bytes(&self) -> usize {
        self.slots.capacity() * size_of::<u64>()
    }

    /// Adds a number, not 0, that is not yet in the table.
    fn insert(&mut self, hash: u64, number: u32) {
        // At most three quarters are full.
        if self.used * 4 >= self.slots.len() * 3 {
            let larger = vec![0; (self.slots.len() * 2).max(16)];
            let slots = std::mem::replace(&mut self.slots, larger);
            slots.into_iter().filter(|&slot| slot != 0).for_each(|slot| self.put(slot));
        }
        self.used += 1;
        self.put((hash & !u64::from(u32::MAX)) | u64::from(number));
    }

    fn put(&mut self, slot: u64) {
        let mut place = self.place(slot);
        while self.slots[place] != 0 {
            place = if place + 1 == self.slots.len() { 0 } else { place + 1 };
        }
        self.slots[place] = slot;
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the lower half of a slot")]
fn low(slot: u64) -> u32 {
    slot as u32
}

/// Distinct texts in one arena.
#[derive(Debug)]
struct Texts {
    index: Index,
    ends: Vec<usize>,
    text: String,
}

impl Texts {
    /// Only the empty text.
    fn new() -> Self {
        Self { index: Index::default(), ends: vec![0], text: String::new() }
    }

    /// Makes room for so many texts, each of so many bytes: lists that grow leave holes in memory. What is not needed stays
    /// untouched, and is no memory in use. The index grows by itself, because a small one is the faster.
    fn reserve(&mut self, texts: usize, bytes: usize) {
        self.ends.reserve(texts);
        self.text.reserve(texts * bytes);
    }

    /// The number of a text, not the empty one, that has this hash; and whether it is new.
    fn intern(&mut self, text: &str, hash: u64) -> (ValueId, bool) {
        if let Some(id) = self.find(text, hash) {
            return (id, false);
        }
        (self.add(text, hash), true)
    }

    /// Adds a text that is not there.
    fn add(&mut self, text: &str, hash: u64) -> ValueId {
        let id = ValueId::at(self.ends.len());
        self.text.push_str(text);
        self.ends.push(self.text.len());
        self.index.insert(hash, id.0);
        id
    }

    fn find(&self, text: &str, hash: u64) -> Option<ValueId> {
        let is_it = |id: u32| self.bytes_of(id as usize) == text.as_bytes();
        self.index.find(hash, is_it).map(ValueId)
    }

    /// Asks for the memory that finding texts with these hashes will want. What the numbers are after it means nothing.
    ///
    /// Each step is done for all of them before the next one begins, and without branches: the processor then waits for
    /// many places of memory at once.
    fn fetch(&self, hashes: &mut [u64]) {
        for hash in &mut *hashes {
            *hash = u64::from(self.index.first(*hash));
        }
        let last = self.ends.len().saturating_sub(1);
        for number in &mut *hashes {
            let place = usize::try_from(*number).unwrap_or(0).min(last);
            *number = self.ends.get(place).map_or(0, |&end| end as u64);
        }
        let byte = |end: &u64| self.text.as_bytes().get(usize::try_from(*end).unwrap_or(0).saturating_sub(1));
        black_box(hashes.iter().filter_map(byte).fold(0, |seen, byte| seen ^ byte));
    }

    fn get(&self, id: usize) -> &str {
        if id == 0 { "" } else { &self.text[self.ends[id - 1]..self.ends[id]] }
    }

    /// As [`Texts::get`], for which nobody needs to know where letters begin.
    fn bytes_of(&self, id: usize) -> &[u8] {
        if id == 0 { &[] } else { &self.text.as_bytes()[self.ends[id - 1]..self.ends[id]] }
    }

    fn held(&self) -> usize {
        self.index.bytes() + self.ends.capacity() * size_of::<usize>() + self.text.capacity()
    }
}

/// The distinct texts of one column, each with its stable hash.
#[derive(Debug)]
pub(crate) struct Values {
    texts: Texts,
    hashes: Vec<u64>,
}

impl Values {
    /// Only the empty text.
    pub(crate) fn new() -> Self {
        Self { texts: Texts::new(), hashes: vec![0] }
    }

    /// The hashes of all texts, by number.
    pub(crate) fn hashes(&self) -> &[u64] {
        &self.hashes
    }

    /// See [`Texts::reserve`].
    pub(crate) fn reserve(&mut self, texts: usize, bytes: usize) {
        self.texts.reserve(texts, bytes);
        self.hashes.reserve(texts);
    }

    /// How many bytes are held.
    pub(crate) fn bytes(&self) -> usize {
        self.texts.held() + self.hashes.capacity() * size_of::<u64>()
    }

    /// The number of a text, and whether it is new.
    pub(crate) fn intern(&mut self, text: &str) -> (ValueId, bool) {
        if text.is_empty() {
            return (ValueId::NONE, false);
        }
        let hash = stable_hash(text);
        let (id, is_new) = self.texts.intern(text, hash);
        if is_new {
            self.hashes.push(hash);
        }
        (id, is_new)
    }

    /// The number of a text, or the place that it may be given by [`Values::put`].
    pub(crate) fn get_or_place(&self, text: &str) -> Result<ValueId, Unknown> {
        if text.is_empty() {
            return Ok(ValueId::NONE);
        }
        let hash = stable_hash(text);
        self.texts.find(text, hash).ok_or(Unknown { hash, place: self.hashes.len() })
    }

    /// Adds a text that [`Values::get_or_place`] did not know, if none has come since.
    pub(crate) fn put(&mut self, text: &str, unknown: Unknown) -> (ValueId, bool) {
        if unknown.place != self.hashes.len() {
            return self.intern(text);
        }
        self.hashes.push(unknown.hash);
        (self.texts.add(text, unknown.hash), true)
    }

    /// The number of a text that is known.
    pub(crate) fn find(&self, text: &str) -> Option<ValueId> {
        if text.is_empty() || self.hashes.len() == 1 { None } else { self.texts.find(text, stable_hash(text)) }
    }

    /// Frees what only finding further texts needs. None can be found or added after it.
    pub(crate) fn forget_index(&mut self) {
        self.texts.index = Index::default();
    }

    /// Frees all but the hashes.
    pub(crate) fn forget_texts(&mut self) {
        self.texts = Texts::new();
    }

    /// Asks for the memory that finding texts with these hashes will want. What the numbers are after it means nothing.
    pub(crate) fn fetch(&self, hashes: &mut [u64]) {
        self.texts.fetch(hashes);
    }

    /// The text of a value.
    pub(crate) fn get(&self, id: ValueId) -> &str {
        self.texts.get(id.index())
    }

    /// The hash of a value's text: the same on every machine and in every run. 0 for no value.
    pub(crate) fn hash(&self, id: ValueId) -> u64 {
        self.hashes[id.index()]
    }
}

impl<'a> FromIterator<&'a str> for Values {
    fn from_iter<T: IntoIterator<Item = &'a str>>(texts: T) -> Self {
        let mut values = Self::new();
        for text in texts {
            values.intern(text);
        }
        values
    }
}

/// A text that was not known when there were so many.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Unknown {
    hash: u64,
    place: usize,
}

/// XXH3 of a text, never 0.
pub(crate) fn stable_hash(text: &str) -> u64 {
    xxh3_64(text.as_bytes()).max(1)
}

/// Distinct combinations of values.
#[derive(Debug)]
pub(crate) struct Distinct<K> {
    index: Index,
    keys: Vec<K>,
}

impl<K: Copy + Eq + Default + Mixed> Distinct<K> {
    /// None; number 0 is no combination.
    pub(crate) fn new() -> Self {
        Self { index: Index::default(), keys: vec![K::default()] }
    }

    /// The number of a combination, and whether it is new.
    pub(crate) fn intern(&mut self, key: K) -> (ValueId, bool) {
        let keys = &self.keys;
        let mixed = key.mixed();
        if let Some(id) = self.index.find(mixed, |id| keys[id as usize] == key) {
            return (ValueId(id), false);
        }
        let id = ValueId::at(self.keys.len());
        self.keys.push(key);
        self.index.insert(mixed, id.0);
        (id, true)
    }

    /// See [`Texts::reserve`].
    pub(crate) fn reserve(&mut self, combinations: usize) {
        self.keys.reserve(combinations);
    }

    /// Asks for the memory that finding these combinations will want, given their hashes. Changes nothing.
    pub(crate) fn fetch(&self, mixed: &[u64]) {
        black_box(mixed.iter().fold(0, |seen, mixed| seen ^ self.index.first(*mixed)));
    }

    /// How many bytes are held.
    pub(crate) fn bytes(&self) -> usize {
        self.index.bytes() + self.keys.capacity() * size_of::<K>()
    }
}

/// Distinct combinations of values, each with the stable hash of the text that it stands for. The text itself is not
/// kept.
#[derive(Debug)]
pub(crate) struct Combinations<K> {
    distinct: Distinct<K>,
    hashes: Vec<u64>,
}

impl<K: Copy + Eq + Default + Mixed> Combinations<K> {
    /// None; number 0 is no combination.
    pub(crate) fn new() -> Self {
        Self { distinct: Distinct::new(), hashes: vec![0] }
    }

    /// The number of a combination; its text is asked for once.
    pub(crate) fn intern(&mut self, key: K, hash_of_text: impl FnOnce() -> u64) -> (ValueId, bool) {
        let (id, is_new) = self.distinct.intern(key);
        if is_new {
            self.hashes.push(hash_of_text());
        }
        (id, is_new)
    }

    /// See [`Texts::reserve`].
    pub(crate) fn reserve(&mut self, combinations: usize) {
        self.distinct.reserve(combinations);
        self.hashes.reserve(combinations);
    }

    /// See [`Distinct::fetch`].
    pub(crate) fn fetch(&self, mixed: &[u64]) {
        self.distinct.fetch(mixed);
    }

    /// The hashes of all texts, by number.
    pub(crate) fn hashes(&self) -> &[u64] {
        &self.hashes
    }

    /// Frees all but the hashes. None can be added after it.
    pub(crate) fn forget_keys(&mut self) {
        self.distinct = Distinct::new();
    }

    /// How many bytes are held.
    pub(crate) fn bytes(&self) -> usize {
        self.distinct.bytes() + self.hashes.capacity() * size_of::<u64>()
    }

    /// The hash of a combination's text, 0 for none.
    pub(crate) fn hash(&self, id: ValueId) -> u64 {
        self.hashes[id.index()]
    }
}

/// A hash for tables of this run alone.
pub(crate) trait Mixed {
    /// The hash.
    fn mixed(&self) -> u64;
}

impl<const N: usize> Mixed for [ValueId; N] {
    fn mixed(&self) -> u64 {
        // Fibonacci hashing (Knuth 1973, 6.4) of one number after the other; the table looks at the upper bits.
        self.iter().fold(0, |mixed: u64, id| {
            let mixed = (mixed ^ u64::from(id.0)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            mixed ^ (mixed >> 32)
        })
    }
}

/// Remembers what a function made of each distinct text.
#[derive(Debug)]
pub(crate) struct Memo<T> {
    keys: Texts,
    made: Vec<T>,
}

impl<T: Copy + Default> Memo<T> {
    /// Nothing remembered; the empty text makes the default.
    pub(crate) fn new() -> Self {
        Self { keys: Texts::new(), made: vec![T::default()] }
    }

    /// What was made of this text before.
    pub(crate) fn get(&mut self, text: &str) -> Result<T, Missing> {
        if text.is_empty() {
            return Ok(self.made[0]);
        }
        let (id, is_new) = self.keys.intern(text, stable_hash(text));
        if is_new {
            self.made.push(T::default());
            return Err(Missing(id));
        }
        Ok(self.made[id.index()])
    }

    /// See [`Texts::reserve`].
    pub(crate) fn reserve(&mut self, texts: usize, bytes: usize) {
        self.keys.reserve(texts, bytes);
        self.made.reserve(texts);
    }

    /// See [`Values::fetch`].
    pub(crate) fn fetch(&self, hashes: &mut [u64]) {
        self.keys.fetch(hashes);
    }

    /// Remembers what was made of a text that [`Memo::get`] did not know.
    pub(crate) fn put(&mut self, place: Missing, value: T) -> T {
        self.made[place.0.index()] = value;
        value
    }

    /// How many bytes are held.
    pub(crate) fn bytes(&self) -> usize {
        self.keys.held() + self.made.capacity() * size_of::<T>()
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
        assert_eq!(values.find("ada"), None);
        let (ada, is_new) = values.intern("ada");
        assert!(is_new);
        let (bob, _) = values.intern("bob");
        assert_eq!(values.intern("ada"), (ada, false));
        assert_eq!(values.find("ada"), Some(ada));
        assert_ne!(ada, bob);
        assert_eq!((values.get(ada), values.get(bob)), ("ada", "bob"));
        assert_eq!(values.intern("").0, ValueId::NONE);
        assert!(!ValueId::NONE.agrees(ValueId::NONE));
        assert_eq!(values.hashes().len(), 3);
    }

    #[test]
    fn what_was_looked_for_is_added_once() {
        let mut values = Values::new();
        let (first, second) = (values.get_or_place("ada").unwrap_err(), values.get_or_place("ada").unwrap_err());
        let (ada, is_new) = values.put("ada", first);
        assert!(is_new);
        assert_eq!(values.put("ada", second), (ada, false));
        assert_eq!((values.get_or_place("ada").unwrap(), values.get_or_place("").unwrap()), (ada, ValueId::NONE));
        assert_eq!(values.hash(ada), stable_hash("ada"));
    }

    #[test]
    fn equal_combinations_have_one_number() {
        let mut pairs: Combinations<[ValueId; 2]> = Combinations::new();
        let (one, is_new) = pairs.intern([ValueId(1), ValueId(2)], || 7);
        assert!(is_new && one.is_some());
        assert_eq!(pairs.intern([ValueId(1), ValueId(2)], || 8), (one, false));
        assert_ne!(pairs.intern([ValueId(2), ValueId(1)], || 8).0, one);
        assert_eq!((pairs.hash(one), pairs.hash(ValueId::NONE)), (7, 0));
    }

    #[test]
    fn the_stored_hash_never_changes() {
        // Block keys and frequencies are kept in the database: another value here would orphan them.
        assert_eq!(stable_hash("ada"), 7_574_285_342_802_214_959);
    }
}
