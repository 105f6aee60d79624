//! A compiled rule: one field of the record and where its value comes from.

use super::Scope;
use super::cell::Cell;
use super::contact::{AddressRule, EmailRule, IdentifierRule, PhoneRule};
use super::error::{Drift, MapCause, MapError};
use super::function::Function;
use super::path::{Found, Path};
use onefold_model::{Currency, Field, FieldType, FieldValue, RecordRef};
use serde_json::{Map, Value};
use std::borrow::Cow;

#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) target: &'static Field,
    /// Where the field stands among those of its record.
    pub(crate) place: usize,
    pub(crate) value: RuleValue,
}

#[derive(Debug)]
pub(crate) enum RuleValue {
    One(Expression),
    /// The first that gives a value.
    First(Vec<Expression>),
    Texts(Vec<Expression>),
    Emails(Vec<EmailRule>),
    Phones(Vec<PhoneRule>),
    Addresses(Vec<AddressRule>),
    Identifiers(Vec<IdentifierRule>),
    Extensions(Vec<Extension>),
}

/// A custom field of the source.
#[derive(Debug)]
pub(crate) struct Extension {
    pub(crate) key: String,
    /// As messages name it: `extensions.key`.
    pub(crate) path: String,
    pub(crate) value: Expression,
}

/// A checked expression.
#[derive(Debug)]
pub(crate) struct Expression {
    pub(crate) source: Source,
    pub(crate) functions: Vec<Function>,
    /// What does not read is left out and reported, not refused.
    pub(crate) lenient: bool,
}

#[derive(Debug)]
pub(crate) enum Source {
    Constant(String),
    /// A word of the model.
    Word(&'static str),
    Flag(bool),
    Paths(Vec<Alternative>),
}

#[derive(Debug)]
pub(crate) struct Alternative {
    pub(crate) parts: Vec<Path>,
    /// One part is enough (`join`); otherwise all are needed (`ref`).
    pub(crate) any: bool,
}

impl Rule {
    /// Every place that the rule looks at.
    pub(crate) fn paths<'m>(&'m self, into: &mut Vec<&'m Path>) {
        let expressions: Vec<&Expression> = match &self.value {
            RuleValue::One(expression) => vec![expression],
            RuleValue::First(all) | RuleValue::Texts(all) => all.iter().collect(),
            RuleValue::Emails(rules) => rules.iter().flat_map(EmailRule::expressions).collect(),
            RuleValue::Phones(rules) => rules.iter().flat_map(PhoneRule::expressions).collect(),
            RuleValue::Addresses(rules) => rules.iter().flat_map(AddressRule::expressions).collect(),
            RuleValue::Identifiers(rules) => rules.iter().flat_map(IdentifierRule::expressions).collect(),
            RuleValue::Extensions(named) => named.iter().map(|extension| &extension.value).collect(),
        };
        for expression in expressions {
            expression.paths(into);
        }
    }
}

impl Expression {
    fn paths<'m>(&'m self, into: &mut Vec<&'m Path>) {
        match &self.source {
            Source::Paths(alternatives) => into.extend(alternatives.iter().flat_map(|alternative| &alternative.parts)),
            Source::Constant(_) | Source::Word(_) | Source::Flag(_) => {}
        }
        for function in &self.functions {
            function.paths(into);
        }
    }

    /// The value, or nothing where the payload has none.
    pub(crate) fn evaluate<'v>(&'v self, scope: Scope<'v>) -> Result<Option<Cell<'v>>, MapCause> {
        let mut cell = match &self.source {
            Source::Constant(text) => Some(Cell::Text(text.into())),
            Source::Word(word) => Some(Cell::Word(word)),
            Source::Flag(flag) => Some(Cell::Word(if *flag { "true" } else { "false" })),
            Source::Paths(alternatives) => alternatives.iter().find_map(|alternative| alternative.get(scope)),
        };
        for function in &self.functions {
            cell = match cell {
                Some(cell) => function.apply(cell, scope)?,
                None => function.of_nothing(),
            };
        }
        Ok(cell)
    }

    /// Where the value comes from, as the map writes it.
    pub(crate) fn origin(&self) -> Option<String> {
        match &self.source {
            Source::Paths(alternatives) => {
                let parts = |alternative: &Alternative| {
                    alternative.parts.iter().map(Path::to_string).collect::<Vec<_>>().join(" + ")
                };
                Some(alternatives.iter().map(parts).collect::<Vec<_>>().join(" | "))
            }
            Source::Constant(_) | Source::Word(_) | Source::Flag(_) => None,
        }
    }

    /// Evaluates and reports what may be left out.
    pub(crate) fn value<'v>(
        &'v self,
        path: &str,
        scope: Scope<'v>,
        drift: &mut Vec<Drift>,
        optional_word: bool,
    ) -> Result<Option<Cell<'v>>, MapError> {
        match self.evaluate(scope) {
            Ok(cell) => Ok(cell),
            // The vendor's list of words grows without notice; a new one is no reason to refuse the whole record.
            Err(cause) if self.lenient || (optional_word && cause == MapCause::UnknownWord) => {
                drift.push(Drift { path: path.to_owned(), source_path: self.origin(), code: cause.code() });
                Ok(None)
            }
            Err(cause) => Err(MapError::new(path, self.origin(), cause)),
        }
    }
}

impl Alternative {
    fn get<'v>(&'v self, scope: Scope<'v>) -> Option<Cell<'v>> {
        if let [path] = self.parts.as_slice() {
            return match path.get(scope) {
                Found::Absent => None,
                Found::Key(id) => Some(Cell::Key(id)),
                Found::One(value) => Some(Cell::Raw(value)),
                Found::Many(values) => Some(Cell::Many(values)),
            };
        }
        let parts: Vec<Option<&Value>> = self
            .parts
            .iter()
            .map(|path| match path.get(scope) {
                Found::One(value) => Some(value),
                Found::Absent | Found::Key(_) | Found::Many(_) => None,
            })
            .collect();
        let present = if self.any { parts.iter().any(Option::is_some) } else { parts.iter().all(Option::is_some) };
        present.then_some(Cell::Parts(parts))
    }
}

impl Rule {
    /// Where the value comes from, for messages.
    pub(crate) fn origin(&self) -> Option<String> {
        match &self.value {
            RuleValue::One(expression) => expression.origin(),
            RuleValue::First(list) => list.first().and_then(Expression::origin),
            _ => None,
        }
    }

    /// The value of the field; `None` where there is none.
    pub(crate) fn apply(&self, scope: Scope<'_>, drift: &mut Vec<Drift>) -> Result<Option<FieldValue>, MapError> {
        let name = self.target.name.as_str();
        match &self.value {
            RuleValue::One(expression) => self.one(expression, scope, drift),
            RuleValue::First(list) => {
                for expression in list {
                    if let Some(value) = self.one(expression, scope, drift)? {
                        return Ok(Some(value));
                    }
                }
                Ok(None)
            }
            RuleValue::Texts(list) => {
                let mut texts: Vec<String> = Vec::new();
                for expression in list {
                    if let Some(cell) = expression.value(name, scope, drift, true)? {
                        let found = cell.texts().map_err(|cause| MapError::new(name, expression.origin(), cause))?;
                        texts.extend(found.into_iter().map(Cow::into_owned));
                    }
                }
                Ok((!texts.is_empty()).then_some(FieldValue::Texts(texts)))
            }
            RuleValue::Emails(rules) => super::contact::emails(name, rules, scope, drift),
            RuleValue::Phones(rules) => super::contact::phones(name, rules, scope, drift),
            RuleValue::Addresses(rules) => super::contact::addresses(name, rules, scope, drift),
            RuleValue::Identifiers(rules) => super::contact::identifiers(name, rules, scope, drift),
            RuleValue::Extensions(entries) => {
                let mut object = Map::with_capacity(entries.len());
                for Extension { key, path, value } in entries {
                    if let Some(cell) = value.value(path, scope, drift, true)? {
                        object.insert(key.clone(), cell.into_json());
                    }
                }
                Ok((!object.is_empty()).then_some(FieldValue::Extensions(object)))
            }
        }
    }
}

impl Rule {
    fn one(
        &self,
        expression: &Expression,
        scope: Scope<'_>,
        drift: &mut Vec<Drift>,
    ) -> Result<Option<FieldValue>, MapError> {
        let name = self.target.name.as_str();
        let Some(cell) = expression.value(name, scope, drift, !self.target.required)? else { return Ok(None) };
        match finish(cell, self.target.ty) {
            Ok(value) => Ok(value),
            Err(cause) if expression.lenient => {
                drift.push(Drift { path: name.to_owned(), source_path: expression.origin(), code: cause.code() });
                Ok(None)
            }
            Err(cause) => Err(MapError::new(name, expression.origin(), cause)),
        }
    }
}

/// Gives a value the form of its field.
fn finish(cell: Cell<'_>, ty: FieldType) -> Result<Option<FieldValue>, MapCause> {
    Ok(Some(match ty {
        FieldType::Text => FieldValue::Text(cell.text()?.into_owned()),
        FieldType::Bool => FieldValue::Bool(flag(cell)?),
        FieldType::Integer => FieldValue::Integer(cell.text()?.parse().map_err(|_| MapCause::Integer)?),
        FieldType::Currency => FieldValue::Currency(Currency::new(&cell.text()?).map_err(|_| MapCause::Currency)?),
        FieldType::TextList => {
            let texts = cell.texts()?;
            if texts.is_empty() {
                return Ok(None);
            }
            FieldValue::Texts(texts.into_iter().map(Cow::into_owned).collect())
        }
        FieldType::Extensions => {
            let object = extensions(cell)?;
            return Ok((!object.is_empty()).then_some(FieldValue::Extensions(object)));
        }
        FieldType::EmailList
        | FieldType::PhoneList
        | FieldType::AddressList
        | FieldType::IdentifierList
        | FieldType::OneOf(_)
        | FieldType::Money
        | FieldType::Date
        | FieldType::PartialDate
        | FieldType::DateTime
        | FieldType::Reference => made(cell)?,
    }))
}

fn extensions(cell: Cell<'_>) -> Result<Map<String, Value>, MapCause> {
    match cell {
        Cell::Raw(Value::Object(object)) => {
            let said = object.iter().filter(|(_, value)| !value.is_null());
            Ok(said.map(|(key, value)| (key.clone(), value.clone())).collect())
        }
        Cell::Object(object) => Ok(*object),
        _ => Err(MapCause::Form),
    }
}

/// What a function made. The map was compiled only because its last one makes what the field holds.
fn made(cell: Cell<'_>) -> Result<FieldValue, MapCause> {
    Ok(match cell {
        Cell::Word(word) => FieldValue::Word(word),
        Cell::Time(at) => FieldValue::Time(at),
        Cell::Date(day) => FieldValue::Date(day),
        Cell::PartialDate(date) => FieldValue::PartialDate(date),
        Cell::Money(money) => FieldValue::Money(money),
        Cell::Reference { stream, id } => {
            FieldValue::Reference(RecordRef { stream: stream.to_owned(), external_id: id })
        }
        Cell::Emails(emails) => FieldValue::Emails(emails),
        Cell::Phone(phone) => FieldValue::Phones(vec![phone]),
        Cell::Raw(_)
        | Cell::Many(_)
        | Cell::Parts(_)
        | Cell::Key(_)
        | Cell::Text(_)
        | Cell::Texts(_)
        | Cell::Object(_) => {
            return Err(MapCause::Record);
        }
    })
}

pub(crate) fn flag(cell: Cell<'_>) -> Result<bool, MapCause> {
    if let Cell::Raw(Value::Bool(flag)) = cell {
        return Ok(*flag);
    }
    let text = cell.text()?;
    let is_one_of = |words: &[&str]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    if is_one_of(&["true", "t", "yes", "y", "1"]) {
        Ok(true)
    } else if is_one_of(&["false", "f", "no", "n", "0"]) {
        Ok(false)
    } else {
        Err(MapCause::Bool)
    }
}
