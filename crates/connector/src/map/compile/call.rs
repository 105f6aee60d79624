//! The functions by name, their arguments, and what they take and give.

use super::Compiler;
use crate::map::expression::{Argument, Call};
use crate::map::function::{Counterpart, Form, Function, Given};
use crate::problem::Position;
use chrono::FixedOffset;
use chrono::format::StrftimeItems;
use onefold_model::FieldType;

/// What a value is while an expression is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Raw,
    Parts,
    Text,
    Texts,
    Word,
    Time,
    Date,
    PartialDate,
    Money,
    Reference,
    Emails,
    Phone,
    Object,
}

impl Shape {
    pub(crate) fn describe(self) -> &'static str {
        match self {
            Shape::Raw => "a value as the vendor sends it",
            Shape::Parts => "several values",
            Shape::Text => "a text",
            Shape::Texts => "a list of texts",
            Shape::Word => "a word",
            Shape::Time => "a point in time",
            Shape::Date => "a date",
            Shape::PartialDate => "a date that may have gaps",
            Shape::Money => "money",
            Shape::Reference => "a reference",
            Shape::Emails => "e-mail addresses",
            Shape::Phone => "a telephone number",
            Shape::Object => "an object",
        }
    }
}

/// Name, form of the call, meaning: for messages and for the published schema.
pub(crate) const FUNCTIONS: &[(&str, &str, &str)] = &[
    ("unix", "unix", "seconds since 1970 as a time"),
    ("unix_ms", "unix_ms", "milliseconds since 1970 as a time"),
    ("rfc3339", "rfc3339", "2026-01-31T10:00:00+01:00 as a time; the offset may lack its colon"),
    ("dotnet", "dotnet", "/Date(1769850000000+0000)/ as a time"),
    (
        "datetime",
        "datetime(\"%d.%m.%Y %H:%M\", UTC)",
        "a time in another form; the zone stands in the form or behind it",
    ),
    ("date", "date or date(\"%d.%m.%Y\")", "a day, from a text or from a time"),
    ("partial_date", "partial_date or partial_date(\"%m/%d\")", "a date that may have gaps"),
    ("money_minor", "money_minor(currency)", "a count of minor units; the currency is a place or a quoted code"),
    ("money", "money(currency) or money(\"EUR\", \",\")", "an amount in major units; \",\" for a decimal comma"),
    ("phone", "phone or phone(country)", "a telephone number; the country is a place or a quoted code"),
    ("email", "email", "one or several e-mail addresses"),
    ("ref", "ref(stream)", "the record with this key in a stream of the same source"),
    ("one_of", "one_of(word: WORD, …, *: WORD)", "the vendor's words in those of the model; - for nothing"),
    ("translate", "translate(word: text, …, *: text)", "the vendor's words in other texts; - for nothing"),
    ("org_or_person", "org_or_person", "ORGANIZATION where the name has a legal form, else PERSON"),
    ("filled", "filled(YES, NO)", "one word where there is a value, another where there is none"),
    ("unless", "unless(\"n/a\", \"(not set)\")", "nothing where the value is one of these"),
    ("lower", "lower", "in lower case"),
    ("upper", "upper", "in upper case"),
    ("join", "join(\" \")", "several values as one text"),
    ("split", "split(\",\")", "one text as several"),
    ("pairs", "pairs(id, value)", "a list of {id, value} as an object"),
    (
        "sum_minor",
        "sum_minor(amount, quantity, currency)",
        "the sum of a list of amounts in minor units times quantities",
    ),
];

impl Compiler<'_> {
    /// The function and what it gives. Wrong names, arguments and inputs are reported.
    pub(crate) fn call(
        &mut self,
        call: &Call,
        shape: Shape,
        ty: FieldType,
        at: &Position,
    ) -> Option<(Function, Shape)> {
        let name = call.name.as_str();
        let Some((_, form, _)) = FUNCTIONS.iter().find(|(known, _, _)| *known == name) else {
            self.report.unknown(at, "function", name, FUNCTIONS.iter().map(|(known, _, _)| *known));
            return None;
        };
        let arguments = call.arguments.as_slice();
        let made = match name {
            "unix" => (none(arguments, Function::Unix), Shape::Time),
            "unix_ms" => (none(arguments, Function::UnixMillis), Shape::Time),
            "rfc3339" => (none(arguments, Function::Rfc3339), Shape::Time),
            "dotnet" => (none(arguments, Function::DotNet), Shape::Time),
            "datetime" => (date_time(arguments), Shape::Time),
            "date" => (formatted(arguments, |format| Function::Date { format }), Shape::Date),
            "partial_date" => (formatted(arguments, |format| Function::PartialDate { format }), Shape::PartialDate),
            "money_minor" => (one_given(arguments).map(Function::MoneyMinor), Shape::Money),
            "money" => (money(arguments), Shape::Money),
            "phone" => (phone(arguments), Shape::Phone),
            "email" => (none(arguments, Function::Email), Shape::Emails),
            "ref" => (one_text(arguments).map(|stream| Function::Ref { stream }), Shape::Reference),
            "one_of" => (self.one_of(arguments, ty, at), Shape::Word),
            "translate" => (translate(arguments), Shape::Text),
            "org_or_person" => (self.org_or_person(arguments, ty, at), Shape::Word),
            "filled" => (self.filled(arguments, ty, at), Shape::Word),
            "unless" => (unless(arguments), Shape::Text),
            "lower" => (none(arguments, Function::Lower), Shape::Text),
            "upper" => (none(arguments, Function::Upper), Shape::Text),
            "join" => (one_text(arguments).map(Function::Join), Shape::Text),
            "split" => (one_text(arguments).filter(|text| !text.is_empty()).map(Function::Split), Shape::Texts),
            "sum_minor" => (sum_minor(arguments), Shape::Money),
            _ => (pairs(arguments), Shape::Object),
        };
        if !takes(name, shape) {
            self.report.add(at, format!("{name} cannot be applied to {}", shape.describe()));
            return None;
        }
        let (Some(function), shape) = made else {
            self.report.add(at, format!("write {form}"));
            return None;
        };
        Some((function, shape))
    }

    fn one_of(&mut self, arguments: &[Argument], ty: FieldType, at: &Position) -> Option<Function> {
        let mut words = Vec::new();
        let mut other = None;
        for argument in arguments {
            let own = argument.text.to_uppercase().replace(['-', ' '], "_");
            let word = match argument.value.as_deref() {
                Some("-") => Counterpart::Nothing,
                written => Counterpart::Is(self.word(written.unwrap_or(&own), ty, at)?),
            };
            if argument.text == "*" && !argument.quoted {
                other = Some(word);
            } else {
                words.push((argument.text.clone(), word));
            }
        }
        (!arguments.is_empty()).then_some(Function::OneOf { words, other })
    }

    fn org_or_person(&mut self, arguments: &[Argument], ty: FieldType, at: &Position) -> Option<Function> {
        let organization = self.word("ORGANIZATION", ty, at)?;
        let person = self.word("PERSON", ty, at)?;
        none(arguments, Function::OrgOrPerson { organization, person })
    }

    fn filled(&mut self, arguments: &[Argument], ty: FieldType, at: &Position) -> Option<Function> {
        let [yes, no] = arguments else { return None };
        Some(Function::Filled { yes: self.word(&yes.text, ty, at)?, no: self.word(&no.text, ty, at)? })
    }

    fn word(&mut self, text: &str, ty: FieldType, at: &Position) -> Option<&'static str> {
        let FieldType::OneOf(words) = ty else {
            self.report.add(at, "the field does not hold one of several words");
            return None;
        };
        let found = words.iter().copied().find(|word| *word == text);
        if found.is_none() {
            self.report.unknown(at, "word", text, words.iter().copied());
        }
        found
    }
}

fn takes(function: &str, shape: Shape) -> bool {
    matches!(
        (function, shape),
        ("ref" | "join", Shape::Parts)
            | ("join", Shape::Texts)
            | ("date", Shape::Time)
            | ("filled", _)
            | (_, Shape::Raw | Shape::Text)
    )
}

fn none(arguments: &[Argument], function: Function) -> Option<Function> {
    arguments.is_empty().then_some(function)
}

fn one_text(arguments: &[Argument]) -> Option<String> {
    match arguments {
        [argument] if argument.value.is_none() => Some(argument.text.clone()),
        _ => None,
    }
}

fn unless(arguments: &[Argument]) -> Option<Function> {
    let words = arguments.iter().map(|argument| argument.value.is_none().then(|| argument.text.clone()));
    words.collect::<Option<Vec<_>>>().filter(|words| !words.is_empty()).map(Function::Unless)
}

fn given(argument: &Argument) -> Option<Given> {
    if argument.quoted { Some(Given::Constant(argument.text.clone())) } else { argument.path().map(Given::Place) }
}

fn one_given(arguments: &[Argument]) -> Option<Given> {
    match arguments {
        [argument] => given(argument),
        _ => None,
    }
}

fn money(arguments: &[Argument]) -> Option<Function> {
    match arguments {
        [currency] => Some(Function::Money { currency: given(currency)?, comma: false }),
        [currency, comma] if comma.text == "," => Some(Function::Money { currency: given(currency)?, comma: true }),
        _ => None,
    }
}

fn phone(arguments: &[Argument]) -> Option<Function> {
    match arguments {
        [] => Some(Function::Phone { country: None }),
        [country] => Some(Function::Phone { country: Some(given(country)?) }),
        _ => None,
    }
}

fn pairs(arguments: &[Argument]) -> Option<Function> {
    match arguments {
        [key, value] => Some(Function::Pairs { key: key.path()?, value: value.path()? }),
        _ => None,
    }
}

fn sum_minor(arguments: &[Argument]) -> Option<Function> {
    match arguments {
        [amount, quantity, currency] => {
            Some(Function::SumMinor { amount: amount.path()?, quantity: quantity.path()?, currency: given(currency)? })
        }
        _ => None,
    }
}

fn translate(arguments: &[Argument]) -> Option<Function> {
    let mut words = Vec::new();
    let mut other = None;
    for argument in arguments {
        let text = argument.value.clone()?;
        let text = if text == "-" { Counterpart::Nothing } else { Counterpart::Is(text) };
        if argument.text == "*" && !argument.quoted {
            other = Some(text);
        } else {
            words.push((argument.text.clone(), text));
        }
    }
    (!words.is_empty()).then_some(Function::Translate { words, other })
}

fn valid_format(argument: &Argument) -> Option<Form> {
    StrftimeItems::new(&argument.text).parse_to_owned().ok().map(Form)
}

fn formatted(arguments: &[Argument], make: impl Fn(Option<Form>) -> Function) -> Option<Function> {
    match arguments {
        [] => Some(make(None)),
        [format] => valid_format(format).map(|format| make(Some(format))),
        _ => None,
    }
}

/// A time without a zone is no point in time: the zone stands in the form (`%z`) or behind it.
fn date_time(arguments: &[Argument]) -> Option<Function> {
    match arguments {
        [format] if format.text.contains("%z") || format.text.contains("%:z") => {
            Some(Function::DateTime { format: valid_format(format)?, zone: None })
        }
        [format, zone] => {
            let zone = match zone.text.as_str() {
                "UTC" => FixedOffset::east_opt(0)?,
                offset => offset.parse().ok()?,
            };
            Some(Function::DateTime { format: valid_format(format)?, zone: Some(zone) })
        }
        _ => None,
    }
}
