//! Documents: read and validated as the specification says, once for all the requests that bring them.
//!
//! Promises: the time and the memory of a refusal follow the bytes of the document, whatever its fragments spread into; what
//! is kept between requests is bounded in number and bytes; fields that stand twice are run once. Deliberately does not
//! know who asks: what is kept here is the same for everybody.

mod convert;
mod lines;
mod names;
mod refusal;
mod rows;
mod rules;
mod size;
#[cfg(test)]
mod tests;
mod told;
mod values;

use super::cost::MUTATION;
use super::planned::{Asked, Plan, compile};
use apollo_compiler::executable::Operation;
use apollo_compiler::parser::Parser;
use apollo_compiler::request::coerce_variable_values;
use apollo_compiler::validation::Valid;
use apollo_compiler::{ExecutableDocument, Name, Node, Schema};
use async_graphql::parser::types::ExecutableDocument as Executable;
use async_graphql::{Request, ServerError};
use lines::Lines;
use lru::LruCache;
pub(super) use names::{asks_about_schema, field_names};
pub use refusal::INVALID_DOCUMENT;
use refusal::{invalid, refusals, too_large};
pub(super) use rows::{Column, GONE, INTO};
use sha2::{Digest, Sha256};
pub(super) use size::Limits;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
pub(super) use values::{JsonMap, graph_value};

/// Text that a document may have, in bytes.
const MAX_BYTES: usize = 100_000;
/// Names, numbers, texts and marks that a document may have. The largest document that the limits of size let pass has fewer.
const MAX_TOKENS: usize = 20_000;
/// Operations and fragments that a document may have. Those that a program brings in one have a few dozen.
const MAX_DEFINITIONS: usize = 250;
/// Selection sets, lists and objects within each other, before fragments are spread.
const MAX_NESTING: usize = 64;
/// Documents that are kept.
const KEPT: NonZeroUsize = NonZeroUsize::new(1_000).unwrap();
/// A longer document is read anew each time. With `KEPT` it bounds the memory of what is kept.
const MAX_KEPT_BYTES: usize = 8_000;

/// The documents that came so far, those that were refused among them.
pub(super) struct Documents {
    /// What documents are held against. An error where the schema itself could not be read, which a test excludes.
    schema: Result<Valid<Schema>, String>,
    kept: Mutex<LruCache<[u8; 32], Outcome>>,
}

type Outcome = Result<Arc<Document>, Arc<[ServerError]>>;

/// A document that is valid.
struct Document {
    content: Valid<ExecutableDocument>,
    lines: Lines,
    /// For the executor, where that does not depend on variables and there is one operation.
    ready: OnceLock<Executable>,
    /// How it is answered without the executor, where it can be.
    plan: OnceLock<Option<Arc<Plan>>>,
}

/// What kind of operation would be run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// It reads.
    Query,
    /// It writes.
    Mutation,
    /// It stays.
    Subscription,
}

impl Documents {
    /// Documents over this schema.
    pub(super) fn new(sdl: &str) -> Self {
        Self { schema: told::schema(sdl), kept: Mutex::new(LruCache::new(KEPT)) }
    }

    /// What a request would run. None where it would be refused.
    pub(super) fn kind(&self, request: &Request) -> Option<Kind> {
        self.operation(request).map(|(_, kind)| kind)
    }

    /// Name and kind of what a request would run.
    pub(super) fn operation(&self, request: &Request) -> Option<(Option<String>, Kind)> {
        let document = self.document(&request.query).ok()?;
        let operation = document.content.operations.get(request.operation_name.as_deref()).ok()?;
        let kind = match () {
            () if operation.is_query() => Kind::Query,
            () if operation.is_mutation() => Kind::Mutation,
            () => Kind::Subscription,
        };
        Some((operation.name.as_ref().map(ToString::to_string), kind))
    }

    /// What is wrong with a document.
    pub(super) fn problems(&self, text: &str) -> Vec<String> {
        let outcome = self.document(text);
        let errors = outcome.as_ref().err().map(|errors| errors.iter()).into_iter().flatten();
        errors.map(|error| error.message.clone()).collect()
    }

    /// Puts what is to be run into the request: valid, with its variables, no larger than allowed, each field once. Gives what
    /// it could come to, in points.
    pub(super) fn prepare(&self, request: &mut Request, limits: Limits) -> Result<u64, Vec<ServerError>> {
        let document = self.document(&request.query).map_err(|errors| errors.to_vec())?;
        let operation = operation(&document, request.operation_name.as_deref()).map_err(|error| vec![error])?;
        let schema = self.schema.as_ref().map_err(|problem| vec![invalid(problem, None)])?;
        let given = values::given(&request.variables);
        let variables = coerce_variable_values(schema, operation, &given).map_err(|error| {
            vec![invalid(&error.message(), error.location().map(|place| document.lines.position(place.offset())))]
        })?;
        let objects = size::check(operation, &document.content, &variables, limits);
        let objects = objects.map_err(|message| vec![too_large(message)])?;
        let mutations = if operation.is_mutation() { operation.selection_set.selections.len() as u64 } else { 0 };
        request.set_parsed_query(document.executable(schema, operation, &variables));
        // Only the operation that is to be run is left.
        request.operation_name = None;
        Ok(objects.saturating_add(1).saturating_add(mutations.saturating_mul(MUTATION)))
    }

    /// The plan of what a request asks for, with its variables and with what it could come to. None where it has none, and
    /// where the request would be refused.
    pub(super) fn planned(&self, request: &Request, limits: Limits) -> Option<Asked> {
        // A plan that is not kept is not worth making.
        if request.query.len() > MAX_KEPT_BYTES {
            return None;
        }
        let document = self.document(&request.query).ok()?;
        let operation = operation(&document, request.operation_name.as_deref()).ok()?;
        let schema = self.schema.as_ref().ok()?;
        let variables = coerce_variable_values(schema, operation, &values::given(&request.variables)).ok()?;
        // Before its fragments are put in place: only here is it known that they end.
        let objects = size::check(operation, &document.content, &variables, limits).ok()?;
        let plan = document.plan(schema, operation)?;
        Some(Asked { plan, variables: variables.into_inner(), requested: objects.saturating_add(1) })
    }

    fn document(&self, text: &str) -> Outcome {
        let key: [u8; 32] = Sha256::digest(text.as_bytes()).into();
        // A cache is never half written, so a lock that a panic left behind still guards a good one.
        if let Some(known) = self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return known.clone();
        }
        let outcome = self.read(text).map(Arc::new).map_err(Arc::from);
        if text.len() <= MAX_KEPT_BYTES {
            self.kept.lock().unwrap_or_else(PoisonError::into_inner).put(key, outcome.clone());
        }
        outcome
    }

    fn read(&self, text: &str) -> Result<Document, Vec<ServerError>> {
        let schema = self.schema.as_ref().map_err(|problem| vec![invalid(problem, None)])?;
        if text.len() > MAX_BYTES {
            let message = format!("the document has {} bytes, at most {MAX_BYTES} are read", text.len());
            return Err(vec![too_large(message)]);
        }
        let mut parser = Parser::new().recursion_limit(MAX_NESTING).token_limit(MAX_TOKENS);
        let read = parser.parse_executable(schema, text, "document");
        if parser.tokens_reached() > MAX_TOKENS {
            return Err(vec![too_large(format!("the document has more than {MAX_TOKENS} words and marks"))]);
        }
        if parser.recursion_reached() > MAX_NESTING {
            return Err(vec![too_large(format!("the document is nested more than {MAX_NESTING} levels deep"))]);
        }
        let lines = Lines::of(text);
        let content = read.map_err(|problem| refusals(schema, text, &lines, &problem.errors))?;
        let definitions = content.operations.len() + content.fragments.len();
        if definitions > MAX_DEFINITIONS {
            let message =
                format!("the document has {definitions} operations and fragments, at most {MAX_DEFINITIONS} are read");
            return Err(vec![too_large(message)]);
        }
        if let Some(stricter) = rules::without_null_defaults(&content) {
            stricter.validate(schema).map_err(|problem| refusals(schema, text, &lines, &problem.errors))?;
        }
        let content = content.validate(schema);
        let content = content.map_err(|problem| refusals(schema, text, &lines, &problem.errors))?;
        let repeated = rules::repeated_fields(&content, &lines);
        if !repeated.is_empty() {
            return Err(repeated);
        }
        Ok(Document { content, lines, ready: OnceLock::new(), plan: OnceLock::new() })
    }
}

impl Document {
    /// What the executor runs. Made once, unless directives depend on variables or the caller chooses the operation.
    fn executable(&self, schema: &Valid<Schema>, operation: &Operation, variables: &values::JsonMap) -> Executable {
        let convert = || convert::executable(schema, &self.content, &self.lines, operation, variables);
        if self.differs() {
            return convert();
        }
        self.ready.get_or_init(convert).clone()
    }

    /// Whether what is run is not the same in every request.
    fn differs(&self) -> bool {
        self.content.operations.len() > 1 || convert::depends_on_variables(&self.content)
    }

    /// Made once. None for what is not the same in every request, and for what has no plan.
    fn plan(&self, schema: &Valid<Schema>, operation: &Operation) -> Option<Arc<Plan>> {
        let make = || {
            let convert =
                || convert::executable(schema, &self.content, &self.lines, operation, &values::JsonMap::new());
            if self.differs() || !operation.is_query() {
                return None;
            }
            compile(self.ready.get_or_init(convert)).map(Arc::new)
        };
        self.plan.get_or_init(make).clone()
    }
}

fn operation<'a>(document: &'a Document, name: Option<&str>) -> Result<&'a Node<Operation>, ServerError> {
    let named = &document.content.operations.named;
    document.content.operations.get(name).map_err(|_| match name {
        Some(name) => invalid(&format!("the document has no operation \"{name}\""), None),
        None if named.len() > 1 => {
            let known: Vec<&str> = named.keys().map(Name::as_str).collect();
            invalid(&format!("say with \"operationName\" which is to be run: {}", known.join(", ")), None)
        }
        None => invalid(&"the document has no operation", None),
    })
}
