//! Exact money. No floats: an amount is a decimal, a currency is a code of ISO 4217.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A currency of ISO 4217, in capitals.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

/// Why something is not money.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Not three letters.
    #[error("{0:?} is not a currency code of ISO 4217")]
    Currency(String),
    /// Not a decimal number.
    #[error("{0:?} is not a decimal amount")]
    Amount(String),
    /// More digits than the store keeps exactly.
    #[error("{0} has more than six decimals or is larger than 9 trillion, which cannot be kept exactly")]
    Range(Decimal),
}

// ISO 4217 (list one, 2024): the currencies whose minor unit is not one hundredth.
const NO_MINOR_UNIT: &[&[u8; 3]] = &[
    b"BIF", b"CLP", b"DJF", b"GNF", b"ISK", b"JPY", b"KMF", b"KRW", b"PYG", b"RWF", b"UGX", b"UYI", b"VND", b"VUV",
    b"XAF", b"XOF", b"XPF",
];
const THREE_DECIMALS: &[&[u8; 3]] = &[b"BHD", b"IQD", b"JOD", b"KWD", b"LYD", b"OMR", b"TND"];
const FOUR_DECIMALS: &[&[u8; 3]] = &[b"CLF", b"UYW"];

impl Currency {
    /// Reads a code in any case: `eur` and `EUR` are the same.
    pub fn new(code: &str) -> Result<Self, MoneyError> {
        let upper = code.trim().to_ascii_uppercase();
        match <[u8; 3]>::try_from(upper.as_bytes()) {
            Ok(bytes) if bytes.iter().all(u8::is_ascii_uppercase) => Ok(Self(bytes)),
            _ => Err(MoneyError::Currency(code.chars().take(20).collect())),
        }
    }

    /// The three capitals.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("XXX")
    }

    /// How many decimals the minor unit has: 2 for EUR, 0 for JPY, 3 for KWD.
    pub fn exponent(self) -> u32 {
        let is_in = |list: &[&[u8; 3]]| list.contains(&&self.0);
        if is_in(NO_MINOR_UNIT) {
            0
        } else if is_in(THREE_DECIMALS) {
            3
        } else if is_in(FOUR_DECIMALS) {
            4
        } else {
            2
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl TryFrom<String> for Currency {
    type Error = MoneyError;
    fn try_from(code: String) -> Result<Self, MoneyError> {
        Self::new(&code)
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.as_str().to_owned()
    }
}

/// An exact amount in a currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// In major units, for example `12.30`. JSON carries it as a string.
    pub amount: Decimal,
    /// The currency.
    pub currency: Currency,
}

impl Money {
    /// From a count of minor units: 1230 and EUR is 12.30 EUR, 1230 and JPY is 1230 JPY.
    pub fn from_minor(minor: i64, currency: Currency) -> Self {
        Self { amount: Decimal::new(minor, currency.exponent()), currency }
    }

    /// From a decimal text in major units. The digits are kept as they are written; exponents are refused.
    pub fn from_major(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let invalid = || MoneyError::Amount(text.chars().take(40).collect());
        let digits = text.trim();
        if !digits.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+')) {
            return Err(invalid());
        }
        let amount = Decimal::from_str_exact(digits).map_err(|_| invalid())?;
        Ok(Self { amount, currency })
    }

    /// The amount in millionths of the major unit: how the store keeps it, exactly, in a 64-bit integer.
    pub fn to_micros(&self) -> Result<i64, MoneyError> {
        let scaled = self.amount.checked_mul(Decimal::from(1_000_000)).ok_or(MoneyError::Range(self.amount))?;
        if scaled.fract().is_zero() {
            i64::try_from(scaled.trunc().mantissa() / 10i128.pow(scaled.trunc().scale()))
                .map_err(|_| MoneyError::Range(self.amount))
        } else {
            Err(MoneyError::Range(self.amount))
        }
    }

    /// From what [`Money::to_micros`] gave, or a sum of it, with as many decimals as the currency has, or more where they are
    /// needed. None of more than 28 digits, which are too many for an amount.
    pub fn from_micros(micros: i128, currency: Currency) -> Option<Self> {
        let mut amount = Decimal::try_from_i128_with_scale(micros, 6).ok()?.normalize();
        if amount.scale() < currency.exponent() {
            amount.rescale(currency.exponent());
        }
        Some(Self { amount, currency })
    }

    /// The amount as a count of minor units, where it is a whole number of them.
    pub fn to_minor(&self) -> Option<i128> {
        let mut amount = self.amount.normalize();
        (amount.scale() <= self.currency.exponent()).then(|| {
            amount.rescale(self.currency.exponent());
            amount.mantissa()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn currency(code: &str) -> Currency {
        Currency::new(code).unwrap()
    }

    #[test]
    fn minor_units_follow_the_currency() {
        assert_eq!(Money::from_minor(1230, currency("eur")).amount.to_string(), "12.30");
        assert_eq!(Money::from_minor(1230, currency("jpy")).amount.to_string(), "1230");
        assert_eq!(Money::from_minor(1230, currency("kwd")).amount.to_string(), "1.230");
    }

    #[test]
    fn digits_are_never_lost() {
        let money = Money::from_major("19.99", currency("usd")).unwrap();
        assert_eq!(money.to_minor(), Some(1999));
        assert_eq!(money.to_micros(), Ok(19_990_000));
        assert!(Money::from_major("0.0000001", currency("usd")).unwrap().to_micros().is_err());
        assert!(Money::from_major("1e5", currency("usd")).is_err());
    }

    proptest! {
        #[test]
        fn the_store_form_reads_back_equal(minor in -900_000_000_000i64..900_000_000_000, code in "EUR|JPY|KWD|CLF") {
            let money = Money::from_minor(minor, currency(&code));
            prop_assert_eq!(Money::from_micros(money.to_micros().unwrap().into(), money.currency).unwrap().amount.to_string(), money.amount.to_string());
        }
    }
}
