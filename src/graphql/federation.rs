//! The hub as a subgraph of Apollo Federation 2: a gateway reads its schema, and asks for customers by id.
//!
//! Promises: a customer that a gateway asks for is shown by the rights of whoever the gateway's token is of, as everywhere
//! else; one that may not be seen is null. The schema that is told to gateways is the one that everybody has, with `@key` on
//! customers, without what federation adds itself, and without subscriptions: a gateway passes those on to nobody, and the
//! name of their root is that of another type here.

use super::error::coded;
use super::ids::typed_id;
use super::types::{Customer, Organization, Person, customer_of};
use apollo_compiler::Node;
use apollo_compiler::ast::{Argument, Definition, Directive, Document, OperationType, Value as Written};
use apollo_compiler::name;
use async_graphql::{
    Context, Description, ID, InputValueResult, Object, Result, Scalar, ScalarType, SimpleObject, Union, Value,
};
use onefold_model::CustomerId;

/// Objects that a gateway may ask for in one request.
const MAX_ENTITIES: usize = 100;

/// The types that a gateway may ask for, each by its id.
const ENTITIES: [&str; 3] = ["Customer", "Organization", "Person"];

/// What federation adds to the schema, and adds again by itself.
const ADDED: [&str; 3] = ["_Any", "_Entity", "_Service"];

/// The types of subscriptions, which a subgraph does not tell of.
const STREAMED: [&str; 4] = ["SubscriptionRoot", "Change", "ChangeKind", "ChangeStart"];

const LINK: &str = "extend schema @link(url: \"https://specs.apollo.dev/federation/v2.3\", import: [\"@key\"])\n\n";

/// What a gateway asks of a subgraph.
#[derive(Description, Default)]
pub struct Federation;

/// The schema as a gateway composes it.
#[derive(SimpleObject)]
#[graphql(name = "_Service")]
pub struct Service {
    /// The schema in the definition language, with `@key`.
    sdl: String,
}

/// An object that a gateway names: its `__typename` and the fields of its key.
#[derive(Debug, Clone, Description)]
pub struct Any(Value);

#[Scalar(name = "_Any", use_type_description)]
impl ScalarType for Any {
    fn parse(value: Value) -> InputValueResult<Self> {
        Ok(Self(value))
    }

    fn to_value(&self) -> Value {
        self.0.clone()
    }
}

/// What a gateway can ask for.
#[derive(Union)]
#[graphql(name = "_Entity")]
#[allow(clippy::large_enum_variant, reason = "one at a time, never in long lists")]
pub enum Entity {
    /// A human being.
    Person(Person),
    /// A company, a club, an authority.
    Organization(Organization),
}

#[Object(use_type_description)]
impl Federation {
    /// For gateways: the schema of this subgraph.
    #[graphql(name = "_service")]
    async fn service(&self) -> Service {
        Service { sdl: subgraph() }
    }

    /// For gateways: the customers that they name, in their order; at most 100. Null for each that there is not, or that you
    /// may not see.
    #[graphql(name = "_entities")]
    async fn entities(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Each with `__typename` (Customer, Person or Organization) and `id`.")] representations: Vec<
            Any,
        >,
    ) -> Result<Vec<Option<Entity>>> {
        if representations.len() > MAX_ENTITIES {
            return Err(coded("INVALID_INPUT", format!("argument representations: at most {MAX_ENTITIES} objects")));
        }
        let asked = representations.iter().map(named).collect::<Result<Vec<_>>>()?;
        let found = asked.into_iter().map(|(type_name, id)| async move {
            Ok::<_, async_graphql::Error>(match (customer_of(ctx, Some(id)).await?, type_name) {
                (Some(Customer::Person(person)), "Person" | "Customer") => Some(Entity::Person(person)),
                (Some(Customer::Organization(organization)), "Organization" | "Customer") => {
                    Some(Entity::Organization(organization))
                }
                _ => None,
            })
        });
        futures_util::future::try_join_all(found).await
    }
}

/// Type and id of what a gateway names.
fn named(any: &Any) -> Result<(&str, CustomerId)> {
    let invalid = || {
        let message = "argument representations: each is {__typename: \"Customer\", id: …}";
        coded("INVALID_INPUT", message)
    };
    let Value::Object(fields) = &any.0 else { return Err(invalid()) };
    match (fields.get("__typename"), fields.get("id")) {
        (Some(Value::String(type_name)), Some(Value::String(id))) if ENTITIES.contains(&type_name.as_str()) => {
            Ok((type_name, typed_id("representations", &ID(id.clone()))?))
        }
        _ => Err(invalid()),
    }
}

/// The schema as a gateway composes it.
pub fn subgraph() -> String {
    // What does not read back is told as it is: a test proves that it reads.
    let Ok(mut document) = Document::parse(super::sdl(), "schema.graphql") else { return super::sdl() };
    document.definitions.retain(|definition| {
        let is_left_out =
            definition.name().is_some_and(|name| ADDED.contains(&name.as_str()) || STREAMED.contains(&name.as_str()));
        // The directives of the specification are in every schema.
        !is_left_out && !matches!(definition, Definition::DirectiveDefinition(_))
    });
    for definition in &mut document.definitions {
        match definition {
            Definition::SchemaDefinition(schema) => {
                let roots = &mut schema.make_mut().root_operations;
                roots.retain(|root| root.0 != OperationType::Subscription);
            }
            Definition::ObjectTypeDefinition(object) if object.name == "Query" => {
                object.make_mut().fields.retain(|field| !field.name.starts_with('_'));
            }
            Definition::ObjectTypeDefinition(object) if ENTITIES.contains(&object.name.as_str()) => {
                object.make_mut().directives.push(key());
            }
            Definition::InterfaceTypeDefinition(interface) if ENTITIES.contains(&interface.name.as_str()) => {
                interface.make_mut().directives.push(key());
            }
            _ => {}
        }
    }
    format!("{LINK}{document}")
}

fn key() -> Node<Directive> {
    let fields = Argument { name: name!("fields"), value: Node::new(Written::String("id".to_owned())) };
    Node::new(Directive { name: name!("key"), arguments: vec![Node::new(fields)] })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subgraph_tells_of_customers_by_their_key_and_of_nothing_that_a_gateway_adds() {
        let sdl = subgraph();
        assert!(sdl.starts_with(LINK));
        for key in ["interface Customer @key(fields: \"id\")", "type Person implements", "@key(fields: \"id\")"] {
            assert!(sdl.contains(key), "{key}");
        }
        assert_eq!(sdl.matches("@key(fields: \"id\")").count(), 3);
        for other in ["_entities", "_service", "_Any", "SubscriptionRoot", "directive @"] {
            assert!(!sdl.contains(other), "{other}");
        }
    }
}
