//! Values of records. What stands in a record in the very form of the answer is copied; everything else is read as its type and
//! written again, and is null where it is not of that type.

use super::Written;
use crate::graphql::planned::fields::Leaf;
use crate::graphql::planned::plan::{Keyed, MoneyPart};
use chrono::NaiveDate;
use onefold_model::{Money, Timestamp};
use serde::de::DeserializeOwned;

/// Digits of an amount that are copied: as many always fit into a decimal.
const SHORT_AMOUNT: usize = 20;

fn read<T: DeserializeOwned>(json: &str) -> Option<T> {
    serde_json::from_str(json).ok()
}

/// What stands between the quotes of a text, as it is written.
fn between_quotes(json: &str) -> Option<&str> {
    json.strip_prefix('"')?.strip_suffix('"')
}

/// `2026-11-27T16:38:42Z` without its `Z`. No other form is taken for one.
fn whole_second(json: &str) -> Option<&str> {
    let text = between_quotes(json)?.strip_suffix('Z')?;
    let is_form = text.len() == 19
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            10 => byte == b'T',
            13 | 16 => byte == b':',
            _ => byte.is_ascii_digit(),
        });
    is_form.then_some(text)
}

/// `12.30`: digits with at most one point between them, no sign.
fn plain_amount(text: &str) -> bool {
    let (whole, rest) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    text.len() <= SHORT_AMOUNT && digits(whole) && digits(rest) && (whole == "0" || !whole.starts_with('0'))
}

/// `{"amount":"12.30","currency":"EUR"}` as the store writes it: its amount and its currency.
fn plain_money(json: &str) -> Option<(&str, &str)> {
    let rest = json.strip_prefix("{\"amount\":\"")?;
    let (amount, rest) = rest.split_once("\",\"currency\":\"")?;
    let currency = rest.strip_suffix("\"}")?;
    let is_code = currency.len() == 3 && currency.bytes().all(|byte| byte.is_ascii_uppercase());
    (is_code && plain_amount(amount)).then_some((amount, currency))
}

impl Written {
    /// A value of a record.
    pub(super) fn leaf(&mut self, leaf: &Leaf, json: Option<&str>) -> Option<()> {
        let Some(json) = json else { return self.quoted_or_null(None) };
        match leaf {
            // What the store wrote is escaped as answers are.
            Leaf::Text => {
                self.text(between_quotes(json).map_or("null", |_| json));
                Some(())
            }
            Leaf::Word(words) => {
                let word = between_quotes(json).filter(|word| words.contains(word));
                self.quoted_or_null(word)
            }
            Leaf::Time => match whole_second(json) {
                Some(text) => self.in_quotes(format_args!("{text}+00:00")),
                None => match read::<Timestamp>(json) {
                    Some(at) => self.time(at),
                    None => self.quoted_or_null(None),
                },
            },
            Leaf::Texts => match read::<Vec<String>>(json) {
                Some(texts) => self.list(&texts, |out, text| out.quoted(text)),
                None => self.quoted_or_null(None),
            },
            Leaf::Date => self.quoted_or_null(read::<NaiveDate>(json).map(|day| day.to_string()).as_deref()),
            Leaf::Int => match read::<i64>(json) {
                Some(number) => self.shown(number),
                None => self.quoted_or_null(None),
            },
            Leaf::Money(parts) => self.money(parts, json),
        }
    }

    fn money(&mut self, parts: &[Keyed<MoneyPart>], json: &str) -> Option<()> {
        let is_simple = parts.iter().all(|part| !matches!(part.what, MoneyPart::MinorUnits));
        if let Some((amount, currency)) = plain_money(json).filter(|_| is_simple) {
            return self.object(parts, |out, part| match part {
                MoneyPart::Amount => out.in_quotes(amount),
                MoneyPart::Currency => out.in_quotes(currency),
                MoneyPart::Typename => out.quoted("Money"),
                MoneyPart::MinorUnits => None,
            });
        }
        let Some(money) = read::<Money>(json) else { return self.quoted_or_null(None) };
        self.object(parts, |out, part| match part {
            MoneyPart::Amount => out.in_quotes(money.amount),
            MoneyPart::Currency => out.in_quotes(money.currency),
            MoneyPart::MinorUnits => out.quoted_or_null(money.to_minor().map(|minor| minor.to_string()).as_deref()),
            MoneyPart::Typename => out.quoted("Money"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn written(leaf: &Leaf, json: &str) -> String {
        let mut out = Written::new();
        out.leaf(leaf, Some(json)).unwrap();
        String::from_utf8(out.bytes).unwrap()
    }

    #[test]
    fn what_is_of_another_type_is_null() {
        assert_eq!(written(&Leaf::Text, "1"), "null");
        assert_eq!(written(&Leaf::Word(&["A"]), "\"B\""), "null");
        assert_eq!(written(&Leaf::Time, "\"2026\""), "null");
        assert_eq!(written(&Leaf::Date, "\"…\""), "null");
        assert_eq!(written(&Leaf::Int, "1.5"), "null");
        assert_eq!(written(&Leaf::Texts, "\"a\""), "null");
        assert_eq!(written(&Leaf::Money(Vec::new()), "\"1.00\""), "null");
    }

    #[test]
    fn only_a_whole_second_of_zulu_is_copied() {
        assert_eq!(written(&Leaf::Time, "\"2026-11-27T16:38:42Z\""), "\"2026-11-27T16:38:42+00:00\"");
        assert_eq!(written(&Leaf::Time, "\"2026-11-27T16:38:42.120Z\""), "\"2026-11-27T16:38:42.120+00:00\"");
        assert_eq!(written(&Leaf::Time, "\"2026-11-27T17:38:42+01:00\""), "\"2026-11-27T16:38:42+00:00\"");
    }

    proptest! {
        #[test]
        fn a_time_is_written_as_the_graph_writes_it(seconds in -60_000_000_000_i64..300_000_000_000, micros in 0_u32..1_000_000) {
            for micros in [0, micros] {
                let at = Timestamp::from_timestamp(seconds, micros * 1000).unwrap();
                let json = serde_json::to_string(&at).unwrap();
                prop_assert_eq!(written(&Leaf::Time, &json), format!("\"{}\"", at.to_rfc3339()));
            }
        }

        #[test]
        fn money_is_written_as_it_reads(whole in any::<i64>(), scale in 0_u32..12) {
            let amount = rust_decimal::Decimal::new(whole, scale);
            let parts = |parts: &[MoneyPart]| parts.iter().map(|what| Keyed { key: "\"k\":".into(), what: *what }).collect();
            let json = json!({"amount": amount.to_string(), "currency": "EUR"}).to_string();
            let read: Money = serde_json::from_str(&json).unwrap();
            let short = written(&Leaf::Money(parts(&[MoneyPart::Amount])), &json);
            prop_assert_eq!(short, format!("{{\"k\":\"{}\"}}", read.amount));
        }

        #[test]
        fn a_text_is_copied_as_it_would_be_written(text in ".{0,20}") {
            let json = serde_json::to_string(&text).unwrap();
            prop_assert_eq!(written(&Leaf::Text, &json), json);
        }
    }
}
