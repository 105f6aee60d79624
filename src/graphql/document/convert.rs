//! From a valid document to what the executor runs: one operation, its fragments in place, and each field once.
//!
//! The executor would run a field as often as it is written, a mutation too, and would not look at directives of
//! `__typename`. So fields of one response key are merged (CollectFields of the specification) and `@skip` and `@include` are
//! settled here. A fragment that always applies is opened; one for some types of an interface stays a fragment.

use super::lines::Lines;
use super::values::{JsonMap, JsonValue, written};
use apollo_compiler::collections::IndexMap;
use apollo_compiler::executable::{
    DirectiveList, ExecutableDocument as Content, Field, Operation, Selection, SelectionSet, Value as Written,
};
use apollo_compiler::parser::SourceSpan;
use apollo_compiler::{Name, Node, Schema};
use async_graphql::parser::types as executable;
use async_graphql::{Pos, Positioned};
use executable::{DocumentOperations, ExecutableDocument, OperationDefinition, OperationType, TypeCondition};

/// What the executor runs.
pub(super) fn executable(
    schema: &Schema,
    content: &Content,
    lines: &Lines,
    operation: &Operation,
    variables: &JsonMap,
) -> ExecutableDocument {
    let converter = Converter { schema, content, lines, variables };
    let ty = match () {
        () if operation.is_mutation() => OperationType::Mutation,
        () if operation.is_subscription() => OperationType::Subscription,
        () => OperationType::Query,
    };
    let variable_definitions = operation.variables.iter().map(|variable| converter.variable(variable)).collect();
    let set = converter.set(operation.object_type(), [&operation.selection_set]);
    let selection_set = Positioned::new(set, Pos::default());
    let definition = OperationDefinition { ty, variable_definitions, directives: Vec::new(), selection_set };
    ExecutableDocument {
        operations: DocumentOperations::Single(Positioned::new(definition, Pos::default())),
        fragments: std::collections::HashMap::new(),
    }
}

/// Whether a directive asks for a variable, so that the fields of the document are not the same in every request.
pub(super) fn depends_on_variables(content: &Content) -> bool {
    let operations = content.operations.iter().map(|operation| &operation.selection_set);
    let fragments = content.fragments.values().map(|fragment| &fragment.selection_set);
    operations.chain(fragments).any(asks_variable)
}

fn asks_variable(set: &SelectionSet) -> bool {
    set.selections.iter().any(|selection| {
        let asks = selection.directives().iter().flat_map(|directive| &directive.arguments);
        asks.into_iter().any(|argument| matches!(&*argument.value, Written::Variable(_)))
            || match selection {
                Selection::Field(field) => asks_variable(&field.selection_set),
                Selection::InlineFragment(fragment) => asks_variable(&fragment.selection_set),
                Selection::FragmentSpread(_) => false,
            }
    })
}

struct Converter<'a> {
    schema: &'a Schema,
    content: &'a Content,
    lines: &'a Lines,
    variables: &'a JsonMap,
}

/// What an object is asked for, in the order in which it was written first.
enum Asked<'a> {
    /// The same field, as often as it is written.
    Field(Vec<&'a Node<Field>>),
    /// What only objects of another type are asked for.
    OfType(&'a Name, &'a SelectionSet),
}

impl<'a> Converter<'a> {
    /// What objects of a type are asked for by several selection sets together.
    fn set(&self, of: &str, sets: impl IntoIterator<Item = &'a SelectionSet>) -> executable::SelectionSet {
        let mut asked = IndexMap::default();
        for set in sets {
            self.collect(of, set, &mut asked);
        }
        executable::SelectionSet { items: asked.into_values().map(|asked| self.selection(&asked)).collect() }
    }

    fn collect(&self, of: &str, set: &'a SelectionSet, asked: &mut IndexMap<(bool, String), Asked<'a>>) {
        for selection in &set.selections {
            if !self.is_included(selection.directives()) {
                continue;
            }
            let (condition, set) = match selection {
                Selection::Field(field) => {
                    let key = (true, field.response_key().to_string());
                    match asked.entry(key).or_insert_with(|| Asked::Field(Vec::new())) {
                        Asked::Field(written) => written.push(field),
                        Asked::OfType(..) => {}
                    }
                    continue;
                }
                Selection::InlineFragment(fragment) => (fragment.type_condition.as_ref(), &fragment.selection_set),
                Selection::FragmentSpread(spread) => {
                    let Some(fragment) = spread.fragment_def(self.content) else { continue };
                    (Some(fragment.type_condition()), &fragment.selection_set)
                }
            };
            match condition {
                Some(condition) if condition != of && !self.schema.is_subtype(condition, of) => {
                    asked.insert((false, asked.len().to_string()), Asked::OfType(condition, set));
                }
                _ => self.collect(of, set, asked),
            }
        }
    }

    fn selection(&self, asked: &Asked<'a>) -> Positioned<executable::Selection> {
        match asked {
            Asked::Field(written) => self.field(written),
            Asked::OfType(name, set) => {
                let position = self.position(name.location());
                let on = Positioned::new(async_graphql::Name::new(name), position);
                let fragment = executable::InlineFragment {
                    type_condition: Some(Positioned::new(TypeCondition { on }, position)),
                    directives: Vec::new(),
                    selection_set: Positioned::new(self.set(name, [*set]), position),
                };
                let fragment = Positioned::new(fragment, position);
                Positioned::new(executable::Selection::InlineFragment(fragment), position)
            }
        }
    }

    /// One field of several that are written alike: valid documents give them the same name and arguments.
    fn field(&self, written_alike: &[&'a Node<Field>]) -> Positioned<executable::Selection> {
        let first = written_alike[0];
        let position = self.position(first.location());
        let name = |name: &Name| Positioned::new(async_graphql::Name::new(name), self.position(name.location()));
        let arguments = first.arguments.iter().map(|argument| {
            let value = Positioned::new(written(&argument.value), self.position(argument.value.location()));
            (name(&argument.name), value)
        });
        let below = written_alike.iter().map(|field| &field.selection_set);
        let field = executable::Field {
            alias: first.alias.as_ref().map(name),
            name: name(&first.name),
            arguments: arguments.collect(),
            directives: Vec::new(),
            selection_set: Positioned::new(self.set(first.definition.ty.inner_named_type(), below), position),
        };
        Positioned::new(executable::Selection::Field(Positioned::new(field, position)), position)
    }

    /// `@skip` and `@include`; every other directive is refused before.
    fn is_included(&self, directives: &DirectiveList) -> bool {
        let says = |directive: &str| {
            let condition = directives.get(directive)?.specified_argument_by_name("if")?;
            match &**condition {
                Written::Boolean(says) => Some(*says),
                Written::Variable(name) => match self.variables.get(name.as_str()) {
                    Some(JsonValue::Bool(says)) => Some(*says),
                    _ => None,
                },
                _ => None,
            }
        };
        says("skip") != Some(true) && says("include") != Some(false)
    }

    fn variable(
        &self,
        variable: &Node<apollo_compiler::executable::VariableDefinition>,
    ) -> Positioned<executable::VariableDefinition> {
        let position = self.position(variable.location());
        let default = variable.default_value.as_ref().and_then(|value| written(value).into_const());
        let ty = executable::Type::new(&variable.ty.to_string());
        let definition = executable::VariableDefinition {
            name: Positioned::new(async_graphql::Name::new(&variable.name), position),
            // The validator has read the type; a type that cannot be read is that of no variable.
            var_type: Positioned::new(ty.unwrap_or_else(unreadable), position),
            directives: Vec::new(),
            default_value: default.map(|value| Positioned::new(value, position)),
        };
        Positioned::new(definition, position)
    }

    fn position(&self, place: Option<SourceSpan>) -> Pos {
        place.map_or_else(Pos::default, |place| self.lines.position(place.offset()))
    }
}

fn unreadable() -> executable::Type {
    executable::Type { base: executable::BaseType::Named(async_graphql::Name::new("")), nullable: true }
}
