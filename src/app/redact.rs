//! Values under a scope: what is hidden is gone, what is masked is masked, before anything else sees it.

use crate::auth::{FieldRestriction, Mask, Scope, Verdict};
use onefold_model::{DepartmentKey, PostalAddress};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// The fields of an object that a scope shows, in their JSON form.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Redacted(Map<String, Value>);

impl Redacted {
    /// A field in its own type. Absent where it is hidden, where the source does not know it, and where only a part of
    /// it is shown that no longer is of that type.
    pub fn get<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        self.0.get(name).and_then(|value| T::deserialize(value).ok())
    }

    /// The names of the fields that are shown.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// A field in its JSON form.
    pub(super) fn value(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// Adds a field.
    pub(super) fn insert(&mut self, name: String, value: Value) {
        self.0.insert(name, value);
    }
}

/// The object as the scope shows it. `owner` is the department whose source said it.
pub(super) fn redact(scope: &Scope, type_name: &str, owner: &DepartmentKey, object: Value) -> Redacted {
    let Value::Object(fields) = object else { return Redacted::default() };
    let shown = fields
        .into_iter()
        .filter_map(|(name, value)| {
            let value = redact_value(scope.field(type_name, &name, Some(owner)), value)?;
            Some((name, value))
        })
        .collect();
    Redacted(shown)
}

/// One value under a verdict. `None` where nothing of it is shown.
pub(super) fn redact_value(verdict: &Verdict, value: Value) -> Option<Value> {
    match verdict {
        Verdict::Read => Some(value),
        Verdict::Masked { mask, .. } => mask_value(*mask, value),
        Verdict::Hidden { .. } => None,
    }
}

/// Masks are made for text and for postal addresses. Of anything else nothing is shown, rather than all of it.
fn mask_value(mask: Mask, value: Value) -> Option<Value> {
    match value {
        Value::String(text) => Some(Value::String(mask.apply(&text))),
        Value::Array(items) => {
            Some(Value::Array(items.into_iter().filter_map(|item| mask_value(mask, item)).collect()))
        }
        Value::Object(_) => {
            let address = PostalAddress::deserialize(&value).ok()?;
            serde_json::to_value(mask.apply_to_address(&address)?).ok()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

/// One text under a verdict.
pub(super) fn redact_text(verdict: &Verdict, text: &str) -> Option<String> {
    match verdict {
        Verdict::Read => Some(text.to_owned()),
        Verdict::Masked { mask, .. } => Some(mask.apply(text)),
        Verdict::Hidden { .. } => None,
    }
}

/// One postal address under a verdict.
pub(super) fn redact_address(verdict: &Verdict, address: &PostalAddress) -> Option<PostalAddress> {
    match verdict {
        Verdict::Read => Some(address.clone()),
        Verdict::Masked { mask, .. } => mask.apply_to_address(address),
        Verdict::Hidden { .. } => None,
    }
}

/// What a scope withholds of one object.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Restriction {
    /// The field.
    pub path: String,
    /// `MASKED` or `HIDDEN`.
    pub kind: &'static str,
    /// Why, as a word of the graph.
    pub reason: &'static str,
    /// The policy that decided; none where no policy permits the field.
    pub policy: Option<String>,
}

impl From<&FieldRestriction> for Restriction {
    fn from(withheld: &FieldRestriction) -> Self {
        Self {
            path: withheld.path.to_string(),
            kind: withheld.kind.as_str(),
            reason: withheld.reason.as_str(),
            policy: withheld.policy.as_ref().map(ToString::to_string),
        }
    }
}

/// What is withheld of an object of this type that this department's source said.
pub(super) fn restrictions(scope: &Scope, type_name: &str, owner: &DepartmentKey) -> Vec<Restriction> {
    scope.restrictions(type_name, Some(owner)).iter().map(Restriction::from).collect()
}
