//! E.164 of telephone numbers that are written in plain digits, `040 555 0142` or `+49 40 5550142`.
//!
//! Promises: what it decides is what the library `phonenumber` says, whose steps it follows and whose plans of the countries
//! it reads; a property test holds them against each other. The library keeps a hundred compiled patterns behind one lock and
//! compiles the others anew each time, which takes longer than all else that is done to a record; here each pattern is
//! compiled once. Deliberately leaves to the library what it cannot decide: letters, extensions, other scripts, and the
//! countries where a number is rewritten.

use phonenumber::Metadata;
use phonenumber::metadata::{DATABASE, Descriptor};
use regex::{Regex, RegexBuilder};
use std::collections::HashMap;
use std::sync::{LazyLock, OnceLock};

/// Why a text has no number in E.164.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unread {
    /// It is none.
    NoNumber,
    /// That is for the library to say.
    Undecided,
}

/// The number in E.164; `region` is the country of numbers without an international prefix, ISO 3166-1 alpha-2.
pub(super) fn e164(text: &str, region: Option<&str>) -> Result<String, Unread> {
    let digits = plain_digits(text)?;
    let (code, national) = if text.starts_with('+') {
        let (code, national) = split_code(&digits)?;
        let national = match PLANS.of_number(code, national.trim_start_matches('0'))? {
            Some(plan) => plan.without_prefix(national)?,
            None => national,
        };
        (code, national)
    } else {
        let region = region.ok_or(Unread::NoNumber)?;
        let plan = PLANS.of_region(region.trim()).ok_or(Unread::Undecided)?;
        let (code, national) = plan.dialled_within(&digits)?;
        (code, plan.without_prefix(national)?)
    };
    if !is_long_enough(national) {
        return Err(Unread::NoNumber);
    }
    match PLANS.of_number(code, national)? {
        Some(plan) if plan.has_number(national)? => Ok(format!("+{code}{national}")),
        Some(_) | None => Err(Unread::NoNumber),
    }
}

/// The digits of a number in which nothing else has a meaning. A number such as `+49-40-5550142` is read by another rule,
/// which takes the country from the dashes.
fn plain_digits(text: &str) -> Result<String, Unread> {
    let rest = text.strip_prefix('+').unwrap_or(text);
    let digits: String = rest.chars().filter(char::is_ascii_digit).collect();
    let is_plain = rest.bytes().all(|b| b.is_ascii_digit() || matches!(b, b' ' | b'-' | b'(' | b')' | b'.' | b'/'));
    let is_by_dashes = rest.len() < text.len() && rest.len() > digits.len() && !rest.contains(' ');
    if is_plain && !is_by_dashes && digits.len() >= 3 { Ok(digits) } else { Err(Unread::Undecided) }
}

/// The shortest calling code that the digits begin with, and the rest.
fn split_code(digits: &str) -> Result<(u16, &str), Unread> {
    if digits.len() <= 2 || digits.starts_with('0') {
        return Err(Unread::NoNumber);
    }
    for length in 1..=3 {
        let (code, rest) = digits.split_at(length);
        if let Ok(code) = code.parse()
            && !PLANS.of_code(code).is_empty()
        {
            return Ok((code, rest));
        }
    }
    Err(Unread::NoNumber)
}

/// From two to seventeen digits that are not all zero, and less than the 56 bits in which the library keeps them.
fn is_long_enough(national: &str) -> bool {
    (2..=17).contains(&national.len()) && national.parse::<u64>().is_ok_and(|value| value > 0 && value < 1 << 56)
}

static PLANS: LazyLock<Plans> = LazyLock::new(Plans::new);

struct Plans {
    all: Vec<Plan>,
    by_region: HashMap<&'static str, usize>,
    /// By calling code, the main country of the code first.
    by_code: Vec<Vec<usize>>,
}

impl Plans {
    fn new() -> Self {
        let (mut plans, mut by_region) = (Vec::new(), HashMap::new());
        let by_code = (0..1000_u16).map(|code| {
            let countries = DATABASE.by_code(&code).unwrap_or_default();
            let places = countries.into_iter().map(|country| {
                by_region.insert(country.id(), plans.len());
                plans.push(Plan::new(country));
                plans.len() - 1
            });
            places.collect()
        });
        let by_code = by_code.collect();
        by_region.retain(|_, place| plans[*place].is_region);
        Self { all: plans, by_region, by_code }
    }

    fn of_region(&self, region: &str) -> Option<&Plan> {
        let place = self.by_region.get(region).or_else(|| self.by_region.get(region.to_ascii_uppercase().as_str()));
        place.map(|place| &self.all[*place])
    }

    fn of_code(&self, code: u16) -> &[usize] {
        self.by_code.get(usize::from(code)).map(Vec::as_slice).unwrap_or_default()
    }

    /// The plan that a number belongs to: several countries share a code.
    fn of_number(&self, code: u16, national: &str) -> Result<Option<&Plan>, Unread> {
        let places = self.of_code(code);
        if let [place] = places {
            let plan = &self.all[*place];
            return Ok((plan.is_region || plan.is_of_the_world).then_some(plan));
        }
        for place in places {
            let plan = &self.all[*place];
            if !plan.is_region {
                return Err(Unread::Undecided);
            }
            let is_of_it = match &plan.leading_digits {
                Some(leading) => leading.begins(national)?,
                None => plan.has_number(national)?,
            };
            if is_of_it {
                return Ok(Some(plan));
            }
        }
        Ok(None)
    }
}

/// The numbers of one country.
struct Plan {
    /// One that can be named as the country of a number.
    is_region: bool,
    /// Numbers of no country, such as +800.
    is_of_the_world: bool,
    code: u16,
    code_digits: String,
    international_prefix: Option<Pattern>,
    national_prefix: Option<&'static str>,
    prefix_for_parsing: Option<Pattern>,
    /// What stands behind the prefix is rewritten.
    is_rewritten: bool,
    leading_digits: Option<Pattern>,
    general: Numbers,
    local_lengths: &'static [u16],
    /// Numbers of each type, the most frequent first.
    types: Vec<Numbers>,
}

impl Plan {
    fn new(country: &'static Metadata) -> Self {
        let all = country.descriptors();
        let types = [
            all.fixed_line(),
            all.mobile(),
            all.toll_free(),
            all.premium_rate(),
            all.shared_cost(),
            all.voip(),
            all.personal_number(),
            all.pager(),
            all.uan(),
            all.voicemail(),
        ];
        Self {
            is_region: is_named(country.id()),
            is_of_the_world: country.id() == "001",
            code: country.country_code(),
            code_digits: country.country_code().to_string(),
            international_prefix: country.international_prefix().map(|known| Pattern::new(known.as_str())),
            national_prefix: country.national_prefix(),
            prefix_for_parsing: country.national_prefix_for_parsing().map(|known| Pattern::new(known.as_str())),
            is_rewritten: country.national_prefix_transform_rule().is_some(),
            leading_digits: country.leading_digits().map(|known| Pattern::new(known.as_str())),
            general: Numbers::new(all.general()),
            local_lengths: all.general().possible_local_length(),
            types: types.into_iter().flatten().map(Numbers::new).collect(),
        }
    }

    /// The calling code and the national number of what is dialled within the country.
    fn dialled_within<'t>(&self, digits: &'t str) -> Result<(u16, &'t str), Unread> {
        let abroad = self.international_prefix.as_ref().map(|prefix| prefix.end(digits)).transpose()?.flatten();
        if let Some(end) = abroad
            && !digits[end..].starts_with('0')
        {
            return split_code(&digits[end..]);
        }
        // The country's own code, without a sign that it is one.
        let national = match digits.strip_prefix(&self.code_digits) {
            Some(rest) if !self.is_possible(digits) || !self.general.has(digits)? => rest,
            Some(_) | None => digits,
        };
        Ok((self.code, national))
    }

    /// Without what is dialled before the number within the country, where enough stays.
    fn without_prefix<'t>(&self, national: &'t str) -> Result<&'t str, Unread> {
        let mut rest = national;
        if let Some(prefix) = &self.prefix_for_parsing {
            if let Some(end) = prefix.end(national)? {
                if self.is_rewritten {
                    return Err(Unread::Undecided);
                }
                rest = &national[end..];
            }
        } else {
            rest = self.without_national_prefix(rest);
        }
        rest = self.without_national_prefix(rest);
        Ok(if self.is_too_short(rest) { national } else { rest })
    }

    fn without_national_prefix<'t>(&self, national: &'t str) -> &'t str {
        self.national_prefix.and_then(|prefix| national.strip_prefix(prefix)).unwrap_or(national)
    }

    fn is_too_short(&self, national: &str) -> bool {
        !is_length(self.local_lengths, national)
            && self.general.lengths.first().is_some_and(|least| national.len() < usize::from(*least))
    }

    fn is_possible(&self, national: &str) -> bool {
        is_length(self.local_lengths, national) || is_length(self.general.lengths, national)
    }

    fn has_number(&self, national: &str) -> Result<bool, Unread> {
        if !self.general.has(national)? {
            return Ok(false);
        }
        for numbers in &self.types {
            if numbers.has(national)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// The library has a name for the country, under which it finds its plan.
fn is_named(region: &str) -> bool {
    region.parse::<phonenumber::country::Id>().is_ok_and(|id| id.as_ref() == region)
}

fn is_length(lengths: &[u16], digits: &str) -> bool {
    lengths.iter().any(|length| usize::from(*length) == digits.len())
}

/// Numbers of one type.
struct Numbers {
    /// Any length where none is said.
    lengths: &'static [u16],
    pattern: Pattern,
}

impl Numbers {
    fn new(descriptor: &'static Descriptor) -> Self {
        Self { lengths: descriptor.possible_length(), pattern: Pattern::new(descriptor.national_number().as_str()) }
    }

    /// The pattern says how a number begins, and the lengths where it ends.
    fn has(&self, national: &str) -> Result<bool, Unread> {
        Ok((self.lengths.is_empty() || is_length(self.lengths, national)) && self.pattern.begins(national)?)
    }
}

/// What the beginning of a number must be, compiled when it is first asked for.
struct Pattern {
    source: &'static str,
    is_literal: bool,
    compiled: OnceLock<Option<Regex>>,
}

impl Pattern {
    fn new(source: &'static str) -> Self {
        let is_literal = source.bytes().all(|b| b.is_ascii_digit());
        Self { source, is_literal, compiled: OnceLock::new() }
    }

    fn begins(&self, digits: &str) -> Result<bool, Unread> {
        if self.is_literal { Ok(digits.starts_with(self.source)) } else { Ok(self.regex()?.is_match(digits)) }
    }

    /// Where it ends in the digits, if they begin with it.
    fn end(&self, digits: &str) -> Result<Option<usize>, Unread> {
        if self.is_literal {
            return Ok(digits.starts_with(self.source).then_some(self.source.len()));
        }
        Ok(self.regex()?.find(digits).map(|found| found.end()))
    }

    fn regex(&self) -> Result<&Regex, Unread> {
        let compile = || RegexBuilder::new(&format!(r"\A(?:{})", self.source)).ignore_whitespace(true).build().ok();
        self.compiled.get_or_init(compile).as_ref().ok_or(Unread::Undecided)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn by_the_library(text: &str, region: Option<&str>) -> Option<String> {
        let country = region.and_then(|code| code.trim().to_ascii_uppercase().parse().ok());
        let number = phonenumber::parse(country, text).ok().filter(phonenumber::is_valid)?;
        Some(number.format().mode(phonenumber::Mode::E164).to_string())
    }

    /// Whether the library was spared.
    #[track_caller]
    fn assert_same(text: &str, region: Option<&str>) -> bool {
        let region = region.filter(|_| !text.starts_with('+'));
        let decided = e164(text, region);
        if decided != Err(Unread::Undecided) {
            assert_eq!(decided.clone().ok(), by_the_library(text, region), "{text:?} in {region:?}");
        }
        decided != Err(Unread::Undecided)
    }

    /// Country, calling code and an example of each type of its numbers.
    fn examples() -> Vec<(&'static str, u16, &'static str)> {
        let mut examples: Vec<_> = DATABASE
            .iter()
            .flat_map(|country| {
                let all = country.descriptors();
                let types = [all.fixed_line(), all.mobile(), all.toll_free(), all.premium_rate(), all.shared_cost()];
                let numbers = types.into_iter().flatten().filter_map(Descriptor::example);
                numbers.map(|number| (country.id(), country.country_code(), number))
            })
            .collect();
        examples.sort_unstable();
        examples
    }

    #[test]
    fn the_examples_of_every_country_are_read_as_by_the_library() {
        let (mut spared, mut all) = (0, 0);
        for (region, code, number) in examples() {
            for text in
                [number.to_owned(), format!("0{number}"), format!("+{code}{number}"), format!("00{code} {number}")]
            {
                spared += usize::from(assert_same(&text, Some(region)));
                all += 1;
            }
        }
        assert!(spared * 10 > all * 9, "only {spared} of {all} were decided");
    }

    #[test]
    fn a_number_of_digits_is_decided_and_others_are_not() {
        let german = |text| e164(text, Some("de"));
        assert_eq!(german("(040) 555/0142").as_deref(), Ok("+49405550142"));
        assert_eq!(german("0049 40 5550142").as_deref(), Ok("+49405550142"));
        assert_eq!(e164("+43 660 1234567", None).as_deref(), Ok("+436601234567"));
        assert_eq!(german("12"), Err(Unread::Undecided));
        assert_eq!(german("000"), Err(Unread::NoNumber));
        assert_eq!(e164("040 5550142", None), Err(Unread::NoNumber));
        for text in ["040 555 ext. 7", "+49-40-5550142", "tel:0405550142", "040 555 #7", "٠٤٠٥٥٥٠١٤٢"] {
            assert_eq!(german(text), Err(Unread::Undecided), "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(768))]

        /// Numbers of all countries as they are written in any other, with digits and signs that do not belong there.
        #[test]
        fn what_is_decided_is_what_the_library_says(
            example in any::<proptest::sample::Index>(),
            elsewhere in proptest::option::weighted(0.3, any::<proptest::sample::Index>()),
            before in "[+]?(00|011|0|1|[0-9]{1,3})?",
            has_code in any::<bool>(),
            cut in 0_usize..3,
            more in "[0-9]{0,3}",
            signs in proptest::collection::vec(("[ ()./-]{1,2}", any::<proptest::sample::Index>()), 0..4),
        ) {
            let examples = examples();
            let (region, code, number) = examples[example.index(examples.len())];
            let region = elsewhere.map_or(region, |other| examples[other.index(examples.len())].0);
            let code = if has_code { code.to_string() } else { String::new() };
            let mut text = format!("{before}{code}{}{more}", &number[..number.len() - cut]);
            for (sign, place) in signs {
                text.insert_str(place.index(text.len() + 1), &sign);
            }
            if text.bytes().filter(u8::is_ascii_digit).count() >= 3 {
                assert_same(&text, Some(region));
                assert_same(&text, None);
            }
        }
    }
}
