//! From the YAML of a map to checked rules.

pub(crate) mod call;
mod contact;

use super::FieldMap;
use super::expression::{Call, Written, read_expression};
use super::function::Function;
use super::rule::{Alternative, Expression, Extension, Rule, RuleValue, Source};
use crate::manifest::Context;
use crate::manifest::references::Names;
use crate::problem::{Position, Report};
use crate::yaml::{self, Data, Node};
use call::Shape;
use onefold_model::{Field, FieldType, RecordKind};

/// Compiles a map that stands in the manifest or in a file of the folder (`{file: map/customer.yaml}`).
pub(crate) fn compile_map(
    node: &Node,
    kind: RecordKind,
    context: Context<'_>,
    report: &mut Report,
) -> Option<FieldMap> {
    let files = context.files;
    let entries = node.entries("fields of the record", report);
    let Some((_, file)) = entries.iter().find(|(key, _)| key.text == "file").filter(|_| entries.len() == 1) else {
        return Some(compile_fields(node, kind, Some(context.names), report));
    };
    let name = file.word(report)?;
    let Some(text) = files.files.get(name) else {
        report.unknown(&file.at, "file of the folder", name, files.files.keys().map(String::as_str));
        return None;
    };
    let root = yaml::parse(&format!("{}/{name}", files.folder), text, report)?;
    Some(compile_fields(&root, kind, Some(context.names), report))
}

/// Compiles the mapping of fields itself. Without names, references are not checked: the map stands alone.
pub(crate) fn compile_fields(node: &Node, kind: RecordKind, names: Option<&Names>, report: &mut Report) -> FieldMap {
    let mut compiler = Compiler { report, names };
    let entries = node.entries("fields of the record", compiler.report);
    let mut rules = Vec::new();
    for (key, value) in entries {
        let Some(place) = kind.fields().iter().position(|field| field.name == key.text) else {
            let known = kind.fields().iter().map(|field| field.name.as_str());
            compiler.report.unknown(&key.at, &format!("field of {kind}"), &key.text, known);
            continue;
        };
        let target = &kind.fields()[place];
        if let Some(value) = compiler.rule(target, value) {
            rules.push(Rule { target, place, value });
        }
    }
    for field in kind.fields().iter().filter(|field| field.required) {
        if !entries.iter().any(|(key, _)| key.text == field.name) {
            compiler.report.add(&node.at, format!("a {kind} needs {:?}", field.name));
        }
    }
    FieldMap { rules }
}

pub(crate) struct Compiler<'r> {
    report: &'r mut Report,
    names: Option<&'r Names>,
}

impl Compiler<'_> {
    fn rule(&mut self, target: &'static Field, node: &Node) -> Option<RuleValue> {
        match (&node.data, target.ty) {
            (Data::Scalar(_), _) => self.expression(node, target.ty).map(|expression| match target.ty {
                FieldType::EmailList => RuleValue::Emails(vec![contact::email(expression)]),
                FieldType::PhoneList => RuleValue::Phones(vec![contact::phone(expression)]),
                _ => RuleValue::One(expression),
            }),
            (Data::List(items), FieldType::TextList) => {
                Some(RuleValue::Texts(items.iter().filter_map(|node| self.expression(node, target.ty)).collect()))
            }
            (Data::List(items), FieldType::EmailList) => {
                Some(RuleValue::Emails(items.iter().filter_map(|node| self.email(node)).collect()))
            }
            (Data::List(items), FieldType::PhoneList) => {
                Some(RuleValue::Phones(items.iter().filter_map(|node| self.phone(node)).collect()))
            }
            (Data::List(items), FieldType::AddressList) => {
                Some(RuleValue::Addresses(items.iter().filter_map(|node| self.address(node)).collect()))
            }
            (Data::List(items), FieldType::IdentifierList) => {
                Some(RuleValue::Identifiers(items.iter().filter_map(|node| self.identifier(node)).collect()))
            }
            (Data::Map(entries), FieldType::Extensions) => Some(RuleValue::Extensions(
                entries
                    .iter()
                    .filter_map(|(key, node)| {
                        let value = self.expression_of_any(node)?;
                        let path = format!("{}.{}", target.name, key.text);
                        Some(Extension { key: key.text.clone(), path, value })
                    })
                    .collect(),
            )),
            (
                Data::List(items),
                FieldType::Text
                | FieldType::OneOf(_)
                | FieldType::Money
                | FieldType::Currency
                | FieldType::Date
                | FieldType::PartialDate
                | FieldType::DateTime
                | FieldType::Bool
                | FieldType::Integer
                | FieldType::Reference,
            ) => {
                let list = items.iter().filter_map(|node| self.expression(node, target.ty)).collect();
                Some(RuleValue::First(list))
            }
            (Data::List(_) | Data::Map(_), ty) => {
                let reason = format!("{:?} holds {}, found {}", target.name, describe(ty), node.form());
                self.report.add(&node.at, reason);
                None
            }
        }
    }

    /// An expression whose value has the type of the field.
    pub(crate) fn expression(&mut self, node: &Node, ty: FieldType) -> Option<Expression> {
        let text = node.word(self.report)?;
        let written = match read_expression(text) {
            Ok(written) => written,
            Err(reason) => {
                self.report.add(&node.at, format!("{reason} in {text:?}"));
                return None;
            }
        };
        match written {
            Written::Constant(text) => self.constant(text, ty, &node.at),
            Written::Paths { alternatives, calls } => {
                let parts = alternatives.iter().map(Vec::len).max().unwrap_or(1);
                let any = calls.first().is_some_and(|call| call.name == "join");
                if !any && alternatives.iter().any(|alternative| alternative.len() != parts) {
                    self.report.add(&node.at, "every alternative must have the same number of parts");
                    return None;
                }
                let is_key = alternatives.iter().flatten().any(super::path::Path::is_key);
                let start = if parts > 1 { Shape::Parts } else { Shape::Raw };
                let counted = (!is_key).then_some(parts);
                let (functions, shape) = self.calls(&calls, start, ty, counted, &node.at)?;
                self.fits(shape, ty, &node.at)?;
                let lenient = calls.iter().any(|call| call.lenient);
                let source = Source::Paths(
                    alternatives.into_iter().map(|parts| Alternative { any: any && parts.len() > 1, parts }).collect(),
                );
                Some(Expression { source, functions, lenient })
            }
        }
    }

    /// An expression whose value is kept as it is, in `extensions`.
    fn expression_of_any(&mut self, node: &Node) -> Option<Expression> {
        let text = node.word(self.report)?;
        match read_expression(text) {
            Ok(Written::Constant(text)) => {
                Some(Expression { source: Source::Constant(text), functions: Vec::new(), lenient: false })
            }
            Ok(Written::Paths { alternatives, calls }) => {
                let parts = alternatives.iter().map(Vec::len).max().unwrap_or(1);
                let start = if parts > 1 { Shape::Parts } else { Shape::Raw };
                let (functions, _) = self.calls(&calls, start, FieldType::Extensions, Some(parts), &node.at)?;
                let any = calls.first().is_some_and(|call| call.name == "join");
                let lenient = calls.iter().any(|call| call.lenient);
                let source = Source::Paths(
                    alternatives.into_iter().map(|parts| Alternative { any: any && parts.len() > 1, parts }).collect(),
                );
                Some(Expression { source, functions, lenient })
            }
            Err(reason) => {
                self.report.add(&node.at, format!("{reason} in {text:?}"));
                None
            }
        }
    }

    fn constant(&mut self, text: String, ty: FieldType, at: &Position) -> Option<Expression> {
        let source = match ty {
            FieldType::OneOf(words) => {
                let Some(word) = words.iter().find(|word| **word == text) else {
                    self.report.unknown(at, "word", &text, words.iter().copied());
                    return None;
                };
                Source::Word(word)
            }
            FieldType::Bool => match text.as_str() {
                "true" | "false" => Source::Flag(text == "true"),
                _ => {
                    self.report.add(at, format!("expected = true or = false, found {text:?}"));
                    return None;
                }
            },
            FieldType::Integer if text.parse::<i64>().is_err() => {
                self.report.add(at, format!("expected a whole number after =, found {text:?}"));
                return None;
            }
            FieldType::Text | FieldType::TextList | FieldType::Integer | FieldType::Currency => Source::Constant(text),
            ty => {
                self.report.add(at, format!("a constant cannot be {}", describe(ty)));
                return None;
            }
        };
        Some(Expression { source, functions: Vec::new(), lenient: false })
    }

    fn calls(
        &mut self,
        calls: &[Call],
        start: Shape,
        ty: FieldType,
        parts: Option<usize>,
        at: &Position,
    ) -> Option<(Vec<Function>, Shape)> {
        let mut shape = start;
        let mut functions = Vec::with_capacity(calls.len());
        for call in calls {
            let (function, made) = self.call(call, shape, ty, at)?;
            if let (Function::Ref { stream }, Some(names)) = (&function, self.names) {
                names.check_reference(stream, parts, at, self.report);
            }
            functions.push(function);
            shape = made;
        }
        if shape == Shape::Parts {
            self.report.add(at, "values joined with + need -> ref(stream) or -> join(\" \")");
            return None;
        }
        Some((functions, shape))
    }

    /// The value of an expression must be what the field holds.
    fn fits(&mut self, shape: Shape, ty: FieldType, at: &Position) -> Option<()> {
        let hint = match (shape, ty) {
            (
                Shape::Raw | Shape::Text,
                FieldType::Text | FieldType::Currency | FieldType::Integer | FieldType::Bool,
            )
            | (Shape::Raw | Shape::Text | Shape::Texts, FieldType::TextList)
            | (Shape::Raw | Shape::Object, FieldType::Extensions)
            | (Shape::Word, FieldType::OneOf(_))
            | (Shape::Money, FieldType::Money)
            | (Shape::Date, FieldType::Date | FieldType::PartialDate)
            | (Shape::PartialDate, FieldType::PartialDate)
            | (Shape::Time, FieldType::DateTime)
            | (Shape::Reference, FieldType::Reference)
            | (Shape::Emails, FieldType::EmailList)
            | (Shape::Phone, FieldType::PhoneList) => return Some(()),
            (_, FieldType::OneOf(words)) => format!("-> one_of(word: {})", words.first().unwrap_or(&"WORD")),
            (_, FieldType::Money) => "-> money_minor(currency) or -> money(currency)".to_owned(),
            (_, FieldType::Date) => "-> date".to_owned(),
            (_, FieldType::PartialDate) => "-> partial_date".to_owned(),
            (_, FieldType::DateTime) => "-> unix, -> rfc3339 or -> datetime(\"%d.%m.%Y\", UTC)".to_owned(),
            (_, FieldType::Reference) => "-> ref(stream)".to_owned(),
            (_, FieldType::EmailList) => "-> email".to_owned(),
            (_, FieldType::PhoneList) => "-> phone(country)".to_owned(),
            (_, FieldType::AddressList) => {
                "a list of {lines, locality, region, postalCode, country, purpose}".to_owned()
            }
            (_, FieldType::IdentifierList) => "a list of {system, value}".to_owned(),
            _ => "another function".to_owned(),
        };
        self.report.add(at, format!("the field holds {}, this is {}: use {hint}", describe(ty), shape.describe()));
        None
    }
}

/// What a field holds, for messages.
fn describe(ty: FieldType) -> String {
    match ty {
        FieldType::Text => "a text".to_owned(),
        FieldType::OneOf(words) => format!("one of {}", words.join(", ")),
        FieldType::Money => "money".to_owned(),
        FieldType::Currency => "a currency".to_owned(),
        FieldType::Date => "a date".to_owned(),
        FieldType::PartialDate => "a date that may have gaps".to_owned(),
        FieldType::DateTime => "a point in time".to_owned(),
        FieldType::Bool => "true or false".to_owned(),
        FieldType::Integer => "a whole number".to_owned(),
        FieldType::Reference => "a reference to a record".to_owned(),
        FieldType::TextList => "a list of texts".to_owned(),
        FieldType::EmailList => "a list of e-mail addresses".to_owned(),
        FieldType::PhoneList => "a list of telephone numbers".to_owned(),
        FieldType::AddressList => "a list of postal addresses".to_owned(),
        FieldType::IdentifierList => "a list of identifiers".to_owned(),
        FieldType::Extensions => "custom fields by name".to_owned(),
    }
}
