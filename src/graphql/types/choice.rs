//! By what lists of what happened are chosen and ordered: the conditions on one field, by what the field holds.
//!
//! Promises: what is read here makes sense and is short enough to be compared. Deliberately does not know which fields a type
//! has, nor who may use them.

use crate::app::{ActivityChoice, ActivityCondition, ActivityField, ActivityOrder, ActivityTest, ActivityValue, Holds};
use crate::graphql::error::coded;
use crate::graphql::ids::typed_id;
use crate::graphql::scalars::Date;
use async_graphql::{ID, InputObject, InputType, Result};
use onefold_model::{Currency, Money, RecordId, Timestamp};
use rust_decimal::Decimal;

/// Texts that one condition may name.
const MOST_TEXTS: usize = 100;
/// Letters that such a text may have.
const MOST_LETTERS: usize = 200;

/// What a text is. All conditions hold together.
#[derive(InputObject)]
pub struct TextFilterInput {
    /// It is this, letter by letter: case and accents count.
    equals: Option<String>,
    /// It is one of these, letter by letter; at most 100.
    one_of: Option<Vec<String>>,
    /// It begins so. The case of A to Z does not count, accents and the case of other letters do.
    starts_with: Option<String>,
    /// It has this within. The case of A to Z does not count, accents and the case of other letters do.
    contains: Option<String>,
    /// True: there is none. False: there is one.
    is_null: Option<bool>,
}

/// Which labels something has. All conditions hold together.
#[derive(InputObject)]
pub struct LabelsFilterInput {
    /// It has one of these, letter by letter; at most 100.
    has_any: Option<Vec<String>>,
    /// True: there are none. False: there is one at least.
    is_null: Option<bool>,
}

/// When something was. All conditions hold together.
#[derive(InputObject)]
pub struct DateTimeFilterInput {
    /// At this time or after.
    since: Option<Timestamp>,
    /// Before this time.
    before: Option<Timestamp>,
    /// True: there is none. False: there is one.
    is_null: Option<bool>,
}

/// Which day something was. All conditions hold together.
#[derive(InputObject)]
pub struct DateFilterInput {
    /// On this day or after.
    since: Option<Date>,
    /// Before this day.
    before: Option<Date>,
    /// True: there is none. False: there is one.
    is_null: Option<bool>,
}

/// How much money. All conditions hold together.
#[derive(InputObject)]
pub struct MoneyFilterInput {
    /// In this currency: a code of ISO 4217, `EUR`. Without it, amounts of all currencies are compared by their number.
    currency: Option<String>,
    /// So much or more, in major units: `"12.30"`.
    at_least: Option<String>,
    /// So much or less, in major units.
    at_most: Option<String>,
    /// True: there is none. False: there is one.
    is_null: Option<bool>,
}

/// How many. All conditions hold together.
#[derive(InputObject)]
pub struct NumberFilterInput {
    /// So many or more.
    min: Option<i64>,
    /// So many or less.
    max: Option<i64>,
    /// True: there is none. False: there is one.
    is_null: Option<bool>,
}

/// Conditions on one field.
pub trait Condition: InputType {
    /// What is asked of it. `path` is the argument, for errors.
    fn tests(self, path: &str) -> Result<Vec<ActivityTest>>;
}

/// What a field holds, and how it is chosen by.
pub trait Chosen {
    /// What the store makes of it.
    const HOLDS: Holds;
    /// The conditions.
    type By: Condition;
}

/// The words of an enum, as the records have them.
pub trait Word: Copy {
    /// Every word, in order.
    const WORDS: &'static [&'static str];
    /// This word.
    fn word(self) -> &'static str;
}

/// Which objects of a type.
pub trait Filter: InputType {
    /// What is asked of its fields.
    fn read(self) -> Result<Vec<ActivityCondition>>;
}

/// Which objects, and in which order.
pub(in crate::graphql) fn choice<F: Filter, O: Into<ActivityOrder>>(
    filter: Option<F>,
    order: Option<O>,
) -> Result<ActivityChoice> {
    let conditions = filter.map_or_else(|| Ok(Vec::new()), Filter::read)?;
    Ok(ActivityChoice { conditions, order: order.map_or(ActivityOrder::Latest, Into::into) })
}

/// The conditions on a field, added to the others.
pub(in crate::graphql) fn add<C: Condition>(
    out: &mut Vec<ActivityCondition>,
    name: &'static str,
    holds: Holds,
    by: Option<C>,
) -> Result<()> {
    let Some(by) = by else { return Ok(()) };
    let field = ActivityField { name, holds };
    let tests = by.tests(&format!("filter.{name}"))?;
    out.extend(tests.into_iter().map(|test| ActivityCondition { field, test }));
    Ok(())
}

/// The condition on the id, added to the others.
pub(super) fn add_ids(out: &mut Vec<ActivityCondition>, ids: Option<Vec<ID>>) -> Result<()> {
    let Some(ids) = ids else { return Ok(()) };
    short("filter.id", ids.len())?;
    let ids = ids.iter().map(|id| typed_id::<RecordId>("filter.id", id)).collect::<Result<_>>()?;
    let field = ActivityField { name: "id", holds: Holds::Id };
    out.push(ActivityCondition { field, test: ActivityTest::Ids(ids) });
    Ok(())
}

fn invalid(path: &str, what: &str) -> async_graphql::Error {
    coded("INVALID_INPUT", format!("argument {path}: {what}"))
}

fn short(path: &str, texts: usize) -> Result<()> {
    if texts > MOST_TEXTS { Err(invalid(path, "at most 100 values")) } else { Ok(()) }
}

fn text(path: &str, text: String) -> Result<String> {
    if text.chars().count() > MOST_LETTERS { Err(invalid(path, "at most 200 letters")) } else { Ok(text) }
}

fn texts(path: &str, texts: Vec<String>) -> Result<Vec<String>> {
    short(path, texts.len())?;
    texts.into_iter().map(|one| text(path, one)).collect()
}

fn nothing(is_null: Option<bool>) -> Option<ActivityTest> {
    is_null.map(|is_null| if is_null { ActivityTest::Absent } else { ActivityTest::Present })
}

fn amount(path: &str, text: &str) -> Result<ActivityValue> {
    // Of any currency: only the number is read.
    let money = Currency::new("XXX").and_then(|currency| Money::from_major(text, currency));
    money.map(|money| ActivityValue::Number(money.amount)).map_err(|error| invalid(path, &error.to_string()))
}

impl Condition for TextFilterInput {
    fn tests(self, path: &str) -> Result<Vec<ActivityTest>> {
        let mut tests = Vec::new();
        tests.extend(self.equals.map(|one| text(path, one)).transpose()?.map(|one| ActivityTest::OneOf(vec![one])));
        tests.extend(self.one_of.map(|some| texts(path, some)).transpose()?.map(ActivityTest::OneOf));
        tests.extend(self.starts_with.map(|one| text(path, one)).transpose()?.map(ActivityTest::StartsWith));
        tests.extend(self.contains.map(|one| text(path, one)).transpose()?.map(ActivityTest::Contains));
        tests.extend(nothing(self.is_null));
        Ok(tests)
    }
}

impl Condition for LabelsFilterInput {
    fn tests(self, path: &str) -> Result<Vec<ActivityTest>> {
        let mut tests = Vec::new();
        tests.extend(self.has_any.map(|some| texts(path, some)).transpose()?.map(ActivityTest::OneOf));
        tests.extend(nothing(self.is_null));
        Ok(tests)
    }
}

impl Condition for DateTimeFilterInput {
    fn tests(self, _: &str) -> Result<Vec<ActivityTest>> {
        let mut tests = Vec::new();
        tests.extend(self.since.map(|at| ActivityTest::AtLeast(ActivityValue::Time(at))));
        tests.extend(self.before.map(|at| ActivityTest::Below(ActivityValue::Time(at))));
        tests.extend(nothing(self.is_null));
        Ok(tests)
    }
}

impl Condition for DateFilterInput {
    fn tests(self, _: &str) -> Result<Vec<ActivityTest>> {
        let mut tests = Vec::new();
        tests.extend(self.since.map(|day| ActivityTest::AtLeast(ActivityValue::Date(day.0))));
        tests.extend(self.before.map(|day| ActivityTest::Below(ActivityValue::Date(day.0))));
        tests.extend(nothing(self.is_null));
        Ok(tests)
    }
}

impl Condition for MoneyFilterInput {
    fn tests(self, path: &str) -> Result<Vec<ActivityTest>> {
        let mut tests = Vec::new();
        if let Some(code) = self.currency {
            let currency = Currency::new(&code).map_err(|error| invalid(path, &error.to_string()))?;
            tests.push(ActivityTest::Currency(currency.to_string()));
        }
        tests.extend(self.at_least.map(|text| amount(path, &text)).transpose()?.map(ActivityTest::AtLeast));
        tests.extend(self.at_most.map(|text| amount(path, &text)).transpose()?.map(ActivityTest::AtMost));
        tests.extend(nothing(self.is_null));
        Ok(tests)
    }
}

impl Condition for NumberFilterInput {
    fn tests(self, _: &str) -> Result<Vec<ActivityTest>> {
        let number = |number: i64| ActivityValue::Number(Decimal::from(number));
        let mut tests = Vec::new();
        tests.extend(self.min.map(|least| ActivityTest::AtLeast(number(least))));
        tests.extend(self.max.map(|most| ActivityTest::AtMost(number(most))));
        tests.extend(nothing(self.is_null));
        Ok(tests)
    }
}

impl<W: Word> Condition for Vec<W>
where
    Vec<W>: InputType,
{
    fn tests(self, path: &str) -> Result<Vec<ActivityTest>> {
        short(path, self.len())?;
        Ok(vec![ActivityTest::OneOf(self.into_iter().map(|word| word.word().to_owned()).collect())])
    }
}

macro_rules! chosen {
    ($($ty:ty => $holds:ident, $by:ty;)*) => { $(
        impl Chosen for $ty {
            const HOLDS: Holds = Holds::$holds;
            type By = $by;
        }
    )* };
}

chosen! {
    String => Text, TextFilterInput;
    Vec<String> => Texts, LabelsFilterInput;
    Timestamp => Time, DateTimeFilterInput;
    Date => Date, DateFilterInput;
    super::money::Money => Money, MoneyFilterInput;
    i64 => Int, NumberFilterInput;
}

impl<W: Word> Chosen for W
where
    Vec<W>: Condition,
{
    const HOLDS: Holds = Holds::Word(W::WORDS);
    type By = Vec<W>;
}
