//! What can be known about a text in two words of memory: enough to tell most pairs of texts apart without reading them.

use super::text::letters;

/// Letters, beginning and length of a folded text.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Shape {
    /// Letters that occur, see [`letters`].
    pub(crate) letters: u64,
    /// The first four bytes.
    pub(crate) begin: Begin,
    /// How many bytes there are.
    pub(crate) len: u32,
}

impl Shape {
    pub(crate) fn of(text: &str) -> Self {
        Self { letters: letters(text), begin: Begin::of(text), len: u32::try_from(text.len()).unwrap_or(u32::MAX) }
    }

    /// How many of the first four bytes both have.
    pub(crate) fn common_prefix(self, other: Self) -> u32 {
        ((self.begin.0 ^ other.begin.0).leading_zeros() / 8).min(self.len).min(other.len)
    }

    /// At least so many edits lie between two texts of these shapes: an edit changes the length by one, and at most two
    /// of the letters that occur.
    pub(crate) fn least_edits(self, other: Self) -> u32 {
        (self.letters ^ other.letters).count_ones().div_ceil(2).max(self.len.abs_diff(other.len))
    }
}

/// The first four bytes of a text; 0 where there are fewer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Begin(u32);

impl Begin {
    pub(crate) fn of(text: &str) -> Self {
        let mut bytes = [0; 4];
        for (to, from) in bytes.iter_mut().zip(text.bytes()) {
            *to = from;
        }
        Self(u32::from_be_bytes(bytes))
    }

    /// Whether the first byte is a digit.
    pub(crate) fn is_digit(self) -> bool {
        self.0.to_be_bytes()[0].is_ascii_digit()
    }

    /// The first bytes as a number, from one to four of them; those of a shorter text are all its bytes, and an empty
    /// text is 0.
    pub(crate) fn first(self, bytes: u32) -> u64 {
        let unused = (self.0.trailing_zeros() / 8).max(4 - bytes);
        u64::from(self.0.checked_shr(8 * unused).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_first_bytes_are_those_of_the_text(text in "[a-z0-9 ]{0,6}", bytes in 1u32..5) {
            let expected = text.bytes().take(bytes as usize).fold(0, |packed, byte| packed << 8 | u64::from(byte));
            prop_assert_eq!(Begin::of(&text).first(bytes), expected);
        }

        #[test]
        fn the_common_prefix_is_that_of_the_texts(one in "[ab]{0,6}", other in "[ab]{0,6}") {
            let expected = one.bytes().zip(other.bytes()).take(4).take_while(|(a, b)| a == b).count();
            prop_assert_eq!(Shape::of(&one).common_prefix(Shape::of(&other)) as usize, expected);
        }
    }
}
