//! Two rules of the specification that the validator leaves out: a field of an input object stands once (5.6.3), and a default
//! of null does not let a variable into a place where no null may be (5.8.5).

use super::lines::Lines;
use super::refusal::invalid;
use apollo_compiler::ast::{Argument, Directive, Value};
use apollo_compiler::executable::{Selection, SelectionSet};
use apollo_compiler::{ExecutableDocument, Name, Node};
use async_graphql::ServerError;
use std::collections::HashSet;

/// The fields of input objects that stand more than once.
pub(super) fn repeated_fields(document: &ExecutableDocument, lines: &Lines) -> Vec<ServerError> {
    let mut names = Repeated(Vec::new());
    for operation in document.operations.iter() {
        names.of_directives(&operation.directives.0);
        for variable in &operation.variables {
            variable.default_value.iter().for_each(|value| names.of_value(value));
            names.of_directives(&variable.directives.0);
        }
        names.of_set(&operation.selection_set);
    }
    for fragment in document.fragments.values() {
        names.of_directives(&fragment.directives.0);
        names.of_set(&fragment.selection_set);
    }
    let told = |name: &Name| {
        let place = name.location().map(|place| lines.position(place.offset()));
        invalid(&format!("the input field `{name}` is given more than once"), place)
    };
    names.0.iter().map(told).collect()
}

/// The document as it has to be valid where variables have null as their default; none where no variable has. Such a default
/// is like none, but for what is read where the variable is not given.
pub(super) fn without_null_defaults(document: &ExecutableDocument) -> Option<ExecutableDocument> {
    let is_null = |value: &Option<Node<Value>>| value.as_ref().is_some_and(|value| value.is_null());
    let mut variables = document.operations.iter().flat_map(|operation| &operation.variables);
    if !variables.any(|variable| is_null(&variable.default_value)) {
        return None;
    }
    let mut document = document.clone();
    let operations = document.operations.anonymous.iter_mut().chain(document.operations.named.values_mut());
    for variable in operations.flat_map(|operation| &mut operation.make_mut().variables) {
        if is_null(&variable.default_value) {
            variable.make_mut().default_value = None;
        }
    }
    Some(document)
}

struct Repeated(Vec<Name>);

impl Repeated {
    fn of_set(&mut self, set: &SelectionSet) {
        for selection in &set.selections {
            match selection {
                Selection::Field(field) => {
                    self.of_arguments(&field.arguments);
                    self.of_directives(&field.directives.0);
                    self.of_set(&field.selection_set);
                }
                Selection::InlineFragment(fragment) => {
                    self.of_directives(&fragment.directives.0);
                    self.of_set(&fragment.selection_set);
                }
                Selection::FragmentSpread(spread) => self.of_directives(&spread.directives.0),
            }
        }
    }

    fn of_directives(&mut self, directives: &[Node<Directive>]) {
        for directive in directives {
            self.of_arguments(&directive.arguments);
        }
    }

    fn of_arguments(&mut self, arguments: &[Node<Argument>]) {
        for argument in arguments {
            self.of_value(&argument.value);
        }
    }

    fn of_value(&mut self, value: &Value) {
        match value {
            Value::Object(fields) => {
                let mut seen = HashSet::new();
                for (name, value) in fields {
                    if !seen.insert(name) {
                        self.0.push(name.clone());
                    }
                    self.of_value(value);
                }
            }
            Value::List(items) => items.iter().for_each(|item| self.of_value(item)),
            Value::Null
            | Value::Enum(_)
            | Value::Variable(_)
            | Value::String(_)
            | Value::Float(_)
            | Value::Int(_)
            | Value::Boolean(_) => {}
        }
    }
}
