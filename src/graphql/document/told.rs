//! The schema that documents are held against.

use apollo_compiler::ast::{FieldDefinition, Type};
use apollo_compiler::schema::{Component, ExtendedType};
use apollo_compiler::validation::Valid;
use apollo_compiler::{Node, Schema, name};

/// The schema of this text, with what the executor tells of types beyond what the validator knows: newer clients ask whether
/// an input object is a choice of one (GraphQL of September 2025, 4.2.2).
pub(super) fn schema(sdl: &str) -> Result<Valid<Schema>, String> {
    let mut schema = Schema::parse(sdl, "schema.graphql").map_err(|problem| problem.errors.to_string())?;
    if let Some(ExtendedType::Object(of_types)) = schema.types.get_mut("__Type") {
        let is_one_of = FieldDefinition {
            description: Some(Node::new_str("Whether exactly one of its fields is given.")),
            name: name!("isOneOf"),
            arguments: Vec::new(),
            ty: Type::Named(name!("Boolean")),
            directives: apollo_compiler::ast::DirectiveList::default(),
        };
        of_types.make_mut().fields.entry(name!("isOneOf")).or_insert_with(|| Component::new(is_one_of));
    }
    schema.validate().map_err(|problem| problem.errors.to_string())
}
