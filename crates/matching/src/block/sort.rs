//! Sorting by hashes and by pairs of places, in linear time.
//!
//! Promises the order of a comparison sort; the radix passes only come before it and leave it little to do.

/// Records with a key that only one of them has cannot form a pair: most are known by a bit without sorting.
#[derive(Debug, Default)]
pub(crate) struct Repeated {
    once: Vec<u64>,
    twice: Vec<u64>,
}

impl Repeated {
    /// Keeps the entries whose key may occur more than once, in their order; certainly all that do.
    pub(crate) fn keep(&mut self, entries: &mut Vec<(u64, u32)>) {
        // Four bits for each entry: of ten single keys two are kept by chance.
        let bits = (entries.len() * 4).next_power_of_two().max(64);
        for words in [&mut self.once, &mut self.twice] {
            words.clear();
            words.resize(bits / 64, 0);
        }
        let shift = 64 - bits.trailing_zeros();
        let place = |key: u64| ((key >> shift >> 6) as usize, 1u64 << (key >> shift & 63));
        for (key, _) in entries.iter() {
            let (word, bit) = place(*key);
            self.twice[word] |= self.once[word] & bit;
            self.once[word] |= bit;
        }
        entries.retain(|(key, _)| {
            let (word, bit) = place(*key);
            self.twice[word] & bit != 0
        });
    }
}

/// Sorts entries whose records ascend by key and record. Fast where the upper bits of keys are spread evenly, as those of
/// hashes are.
pub(crate) fn sort_by_key(entries: &mut Vec<(u64, u32)>, scratch: &mut Vec<(u64, u32)>) {
    if entries.len() < 1024 {
        entries.sort_unstable();
        return;
    }
    // Two or three passes of eleven bits leave few different keys side by side in the wrong order.
    let first = if entries.len() <= 1 << 20 { 42 } else { 31 };
    for shift in (first..64).step_by(11) {
        radix_pass(entries, scratch, |entry| entry.0 >> shift);
        std::mem::swap(entries, scratch);
    }
    for alike in entries.chunk_by_mut(|a, b| a.0 >> first == b.0 >> first).filter(|alike| alike.len() > 1) {
        if alike.iter().any(|entry| entry.0 != alike[0].0) {
            alike.sort_unstable();
        }
    }
}

/// Sorts numbers of which only the lower `bits` differ.
pub(super) fn sort_numbers(numbers: &mut Vec<u64>, scratch: &mut Vec<u64>, bits: u32) {
    if numbers.len() < 512 {
        numbers.sort_unstable();
        return;
    }
    let mut shift = 0;
    while shift < bits {
        radix_pass(numbers, scratch, |number| number >> shift);
        std::mem::swap(numbers, scratch);
        shift += 11;
    }
}

/// Writes the items to `scratch`, by the lower eleven bits of a number and otherwise in their order.
fn radix_pass<T: Copy>(items: &[T], scratch: &mut Vec<T>, number_of: impl Fn(&T) -> u64) {
    const DIGITS: usize = 1 << 11;
    // The modulus is far below the range of either type.
    let digit = |item: &T| usize::try_from(number_of(item) % DIGITS as u64).unwrap_or(0);
    let mut starts = vec![0usize; DIGITS];
    for item in items {
        starts[digit(item)] += 1;
    }
    let mut start = 0;
    for count in &mut starts {
        start += std::mem::replace(count, start);
    }
    scratch.clear();
    scratch.extend_from_slice(items);
    for item in items {
        let place = &mut starts[digit(item)];
        scratch[*place] = *item;
        *place += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Many entries that collide in all of the key, in its upper bits, or not at all.
    fn entries() -> impl Strategy<Value = Vec<(u64, u32)>> {
        proptest::collection::vec((0u64..400, 0u64..3, any::<bool>()), 0..3000).prop_map(|keys| {
            let spread = |upper: u64| upper.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 31 << 31;
            let key = |(upper, lower, _): (u64, u64, bool)| spread(upper) | lower;
            keys.into_iter().map(key).zip(0..).collect()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn keys_are_sorted_as_by_comparison(mut entries in entries()) {
            let mut expected = entries.clone();
            expected.sort_unstable();
            sort_by_key(&mut entries, &mut Vec::new());
            prop_assert_eq!(entries, expected);
        }

        #[test]
        fn numbers_are_sorted_as_by_comparison(mut numbers in proptest::collection::vec(0u64..1 << 40, 0..3000)) {
            let mut expected = numbers.clone();
            expected.sort_unstable();
            sort_numbers(&mut numbers, &mut Vec::new(), 40);
            prop_assert_eq!(numbers, expected);
        }

        #[test]
        fn what_occurs_twice_is_kept(entries in entries()) {
            let mut kept = entries.clone();
            Repeated::default().keep(&mut kept);
            let occurs = |key: u64| entries.iter().filter(|entry| entry.0 == key).count();
            prop_assert!(kept.is_sorted_by_key(|entry| entry.1));
            for entry in &entries {
                prop_assert!(occurs(entry.0) < 2 || kept.contains(entry));
            }
        }
    }
}
