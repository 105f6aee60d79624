//! Chance without a machine's help: SplitMix64 (Steele, Lea, Flood 2014), the same on every platform.

/// A stream of numbers. Each thing that is made draws from a fork of its own, so that making one thing more does not
/// change the others.
#[derive(Debug, Clone)]
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The stream of one thing: the same for the same name and number.
    pub(super) fn fork(&self, name: &str, number: usize) -> Self {
        // FNV-1a spreads the name, one step of the generator spreads the rest.
        let hash = name
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
        let mut forked = Self(self.0 ^ hash ^ (number as u64).wrapping_mul(0xd6e8_feb8_6659_fd93));
        Self(forked.next())
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `limit`; 0 where there is none. The bias of the remainder is far below what anybody would see.
    pub(super) fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % (limit.max(1) as u64)).unwrap_or(0)
    }

    /// A number of days or seconds below `limit`.
    pub(super) fn time_below(&mut self, limit: i64) -> i64 {
        i64::try_from(self.below(usize::try_from(limit).unwrap_or(1))).unwrap_or(0)
    }

    /// True in so many of a hundred cases.
    pub(super) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of these; the list is not empty.
    pub(super) fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }

    /// So many characters of an alphabet of ASCII.
    pub(super) fn text(&mut self, alphabet: &[u8], length: usize) -> String {
        (0..length).map(|_| char::from(*self.pick(alphabet))).collect()
    }

    /// A key as Stripe makes them: `cus_` and 14 letters and digits.
    pub(super) fn key(&mut self, prefix: &str, length: usize) -> String {
        let alphabet = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        format!("{prefix}_{}", self.text(alphabet, length))
    }

    /// Hexadecimal digits.
    pub(super) fn hex(&mut self, length: usize) -> String {
        self.text(b"0123456789abcdef", length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generator_is_splitmix64() {
        // The first outputs for seed 1234567 as published with the reference implementation.
        let mut random = Random::new(1_234_567);
        assert_eq!([random.next(), random.next()], [6_457_827_717_110_365_317, 3_203_168_211_198_807_973]);
    }

    #[test]
    fn forks_depend_on_name_and_number_only() {
        let random = Random::new(7);
        assert_eq!(random.fork("person", 3).next(), random.clone().fork("person", 3).next());
        assert_ne!(random.fork("person", 3).next(), random.fork("person", 4).next());
        assert_ne!(random.fork("person", 3).next(), random.fork("company", 3).next());
    }
}
