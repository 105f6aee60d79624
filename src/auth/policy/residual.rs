//! From what Cedar leaves of a policy to a condition on rows.
//!
//! Promises: what is read here means exactly what Cedar means by it; what has no such meaning is refused with what can be
//! used instead. Deliberately reads only what a database can decide row by row from the attributes of a row.

use super::schema::NAMESPACE;
use crate::auth::scope::{RowAttribute, RowCondition};
use cedar_policy::EntityUid;
use serde_json::Value;
use std::collections::HashSet;

/// What cannot become a condition on rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unfit {
    /// The word of the policy that tells where it stands.
    pub(super) word: Option<&'static str>,
    /// What was found.
    pub(super) found: String,
    /// What can be used.
    pub(super) instead: &'static str,
}

const TESTS: &str = "contains, containsAny, containsAll or isEmpty on a set, and == or in on a single value";

/// Reads the conditions of a policy in Cedar's JSON form.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'a> {
    /// The departments and roles of whoever asks; none while policies are checked, where what is said of the principal
    /// counts as true.
    pub(super) groups: Option<&'a HashSet<EntityUid>>,
}

/// A side of a comparison.
enum Side {
    Attribute(RowAttribute),
    /// Texts and departments, as their words.
    Words(Vec<String>),
}

type Read = Result<RowCondition, Unfit>;

impl Reader<'_> {
    /// What the policy asks of a row, all of its conditions together.
    pub(super) fn policy(self, json: &Value) -> Read {
        let conditions = json["conditions"].as_array().map(Vec::as_slice).unwrap_or_default();
        let parts = conditions.iter().map(|condition| {
            let body = self.expression(&condition["body"])?;
            Ok(if condition["kind"] == "unless" { body.negate() } else { body })
        });
        Ok(RowCondition::all(parts.collect::<Result<Vec<_>, _>>()?))
    }

    fn expression(self, json: &Value) -> Read {
        if let Some(decided) = json["Value"].as_bool() {
            return Ok(if decided { RowCondition::Always } else { RowCondition::Never });
        }
        let Some((operator, of)) = json.as_object().and_then(|object| object.iter().next()) else {
            return Err(unfit(None, "an expression without an operator", TESTS));
        };
        // While policies are checked, what does not speak of the row is for Cedar to decide, once the principal is known.
        if self.groups.is_none() && !speaks_of_row(json) {
            return Ok(RowCondition::Always);
        }
        let both = || Ok([self.expression(&of["left"])?, self.expression(&of["right"])?]);
        match operator.as_str() {
            "!" => Ok(self.expression(&of["arg"])?.negate()),
            "&&" => Ok(RowCondition::all(both()?)),
            "||" => Ok(RowCondition::any(both()?)),
            "if-then-else" => {
                let condition = self.expression(&of["if"])?;
                let (then, other) = (self.expression(&of["then"])?, self.expression(&of["else"])?);
                let otherwise = RowCondition::all([condition.clone().negate(), other]);
                Ok(RowCondition::any([RowCondition::all([condition, then]), otherwise]))
            }
            "==" => Self::equal(of),
            "!=" => Ok(Self::equal(of)?.negate()),
            "in" => self.within(of),
            "contains" => Self::has_any(of, "contains"),
            "containsAny" => Self::has_any(of, "containsAny"),
            "containsAll" => Self::has_all(of),
            "isEmpty" => empty(&of["arg"]),
            // Every row of a type has all attributes of the type.
            "has" if is_row(&of["left"]) => Ok(RowCondition::Always),
            "is" if is_row(&of["left"]) => Err(unfit(Some("is"), "is within a condition", "is in the policy's head")),
            "like" => Err(unfit(Some("like"), "like", "== with the whole value, or contains on a set")),
            "error" => Err(unfit(None, "a part that always fails", "a condition that cannot fail")),
            other => Err(unfit(None, &format!("the operator {other}"), TESTS)),
        }
    }

    fn equal(of: &Value) -> Read {
        match (side(&of["left"])?, side(&of["right"])?) {
            (Some(Side::Attribute(attribute)), Some(Side::Words(words)))
            | (Some(Side::Words(words)), Some(Side::Attribute(attribute)))
                if !attribute.is_set() =>
            {
                Ok(RowCondition::has(attribute, words))
            }
            _ => Err(unfit(Some("resource"), "== or != between these two", TESTS)),
        }
    }

    /// `resource in …` holds of nothing: rows have no parents. `principal in resource.owner` asks for the own departments.
    fn within(self, of: &Value) -> Read {
        if is_row(&of["left"]) {
            return Ok(RowCondition::Never);
        }
        let attribute = match side(&of["right"])? {
            Some(Side::Attribute(attribute)) if attribute.is_department() => attribute,
            _ => return Err(unfit(Some("in"), "in on what is no department", "principal in resource.owner")),
        };
        // Checked before somebody asks, the principal is a variable; afterwards it is an actor.
        let left = &of["left"];
        let is_actor = left["Value"]["__entity"]["type"] == format!("{NAMESPACE}::Actor");
        let Some(groups) = self.groups.filter(|_| is_actor || left["Var"] == "principal") else {
            return match words(left) {
                Some(words) => Ok(RowCondition::has(attribute, words)),
                None if left["Var"] == "principal" => Ok(RowCondition::Always),
                None => Err(unfit(Some("in"), "in of what is not the principal", "principal in resource.owner")),
            };
        };
        let own = groups.iter().filter(|group| group.type_name().basename() == "Department");
        Ok(RowCondition::has(attribute, own.map(|group| group.id().unescaped().to_owned())))
    }

    /// A set of the row has one of the words, or a list of words has the row's single value.
    fn has_any(of: &Value, word: &'static str) -> Read {
        match (side(&of["left"])?, side(&of["right"])?) {
            (Some(Side::Attribute(attribute)), Some(Side::Words(words))) if attribute.is_set() => {
                Ok(RowCondition::has(attribute, words))
            }
            (Some(Side::Words(words)), Some(Side::Attribute(attribute))) => Ok(RowCondition::has(attribute, words)),
            _ => Err(unfit(Some(word), &format!("{word} between these two"), TESTS)),
        }
    }

    fn has_all(of: &Value) -> Read {
        match (side(&of["left"])?, side(&of["right"])?) {
            (Some(Side::Attribute(attribute)), Some(Side::Words(words))) if attribute.is_set() => {
                Ok(RowCondition::all(words.into_iter().map(|word| RowCondition::has(attribute, [word]))))
            }
            _ => Err(unfit(Some("containsAll"), "containsAll between these two", TESTS)),
        }
    }
}

fn empty(of: &Value) -> Read {
    match side(of)? {
        Some(Side::Attribute(attribute)) if attribute.is_set() => Ok(RowCondition::Empty(attribute)),
        _ => Err(unfit(Some("isEmpty"), "isEmpty of what is no set of the row", TESTS)),
    }
}

fn unfit(word: Option<&'static str>, found: &str, instead: &'static str) -> Unfit {
    Unfit { word, found: found.to_owned(), instead }
}

fn is_row(json: &Value) -> bool {
    // Once the type is known, Cedar leaves the variable as it is.
    json["Var"] == "resource"
}

fn speaks_of_row(json: &Value) -> bool {
    match json {
        Value::Object(object) => is_row(json) || object.values().any(speaks_of_row),
        Value::Array(items) => items.iter().any(speaks_of_row),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// An attribute of the row, or literal words. `None` for anything that is neither.
fn side(json: &Value) -> Result<Option<Side>, Unfit> {
    if let Some(access) = json.get(".") {
        let name = access["attr"].as_str().unwrap_or_default();
        let attribute = RowAttribute::ALL.into_iter().find(|attribute| attribute.as_str() == name);
        if !is_row(&access["left"]) {
            return Err(unfit(None, &format!("the attribute {name} of what is not the row"), TESTS));
        }
        return Ok(attribute.map(Side::Attribute));
    }
    Ok(words(json).map(Side::Words))
}

/// A text, a department or a set of them, written out.
fn words(json: &Value) -> Option<Vec<String>> {
    match json {
        Value::String(text) => Some(vec![text.clone()]),
        Value::Array(items) => items.iter().map(words).collect::<Option<Vec<_>>>().map(|words| words.concat()),
        Value::Object(object) => {
            if let Some(inner) = object.get("Value").or_else(|| object.get("Set")) {
                return words(inner);
            }
            Some(vec![object.get("__entity")?.get("id")?.as_str()?.to_owned()])
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}
