//! Dates of birth, packed so that their digits can be compared.

use super::placeholder::is_placeholder_date;
use crate::values::Mixed;
use onefold_model::PartialDate;

/// A date of birth as year, month and day in decimal digits; a missing part is 0 and no date is 0 altogether.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, PartialOrd, Ord)]
pub(crate) struct Birth(u32);

impl Birth {
    /// Reads a date; defaults such as 1900-01-01 are no date.
    pub(crate) fn new(date: Option<PartialDate>) -> Self {
        let Some(date) = date else { return Self(0) };
        if date.to_date().is_some()
            && is_placeholder_date(date.year().unwrap_or(0), date.month().unwrap_or(0), date.day().unwrap_or(0))
        {
            return Self(0);
        }
        let year = date.year().and_then(|year| u32::try_from(year).ok()).unwrap_or(0);
        Self(year * 10_000 + date.month().unwrap_or(0) * 100 + date.day().unwrap_or(0))
    }

    #[cfg(test)]
    pub(crate) fn of_packed(packed: u32) -> Self {
        Self(packed)
    }

    /// There is a date, perhaps with gaps.
    pub(crate) fn is_some(self) -> bool {
        self.0 != 0
    }

    /// Year, month and day are known.
    pub(crate) fn is_full(self) -> bool {
        self.year() != 0 && self.month() != 0 && self.day() != 0
    }

    /// The year, 0 where unknown.
    pub(crate) fn year(self) -> u32 {
        self.0 / 10_000
    }

    /// The month, 0 where unknown.
    pub(crate) fn month(self) -> u32 {
        self.0 / 100 % 100
    }

    /// The day of the month, 0 where unknown.
    pub(crate) fn day(self) -> u32 {
        self.0 % 100
    }

    /// The eight digits, most significant first.
    pub(crate) fn digits(self) -> [u32; 8] {
        let mut rest = self.0;
        let mut digits = [0; 8];
        for digit in digits.iter_mut().rev() {
            *digit = rest % 10;
            rest /= 10;
        }
        digits
    }

    /// The packed number: equal for equal dates only.
    pub(crate) fn packed(self) -> u32 {
        self.0
    }
}

impl Mixed for Birth {
    fn mixed(&self) -> u64 {
        u64::from(self.0).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_and_defaults_are_kept_apart() {
        let birth = |text: &str| Birth::new(Some(text.parse().unwrap()));
        assert_eq!(birth("1984-03-07").digits(), [1, 9, 8, 4, 0, 3, 0, 7]);
        assert!(birth("1984-03-07").is_full() && !birth("1984").is_full() && birth("--03-07").is_some());
        assert!(!birth("1900-01-01").is_some());
    }
}
