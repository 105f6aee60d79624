//! What is wrong with a document, in the form of the graph's errors.

use super::lines::Lines;
use crate::auth::nearest;
use apollo_compiler::diagnostic::ToCliReport;
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::validation::DiagnosticList;
use apollo_compiler::{Name, Schema};
use async_graphql::{Pos, ServerError};

/// The code of a document that did not parse or validate, or whose variables do not fit.
pub const INVALID_DOCUMENT: &str = "INVALID_DOCUMENT";
/// The code of a document that is larger than it may be.
const DOCUMENT_TOO_LARGE: &str = "DOCUMENT_TOO_LARGE";
/// Errors that are told of one document. A document can hold many more, and nobody reads them all.
const MAX_ERRORS: usize = 20;

/// A document, or its variables, that cannot be run.
pub(super) fn invalid(message: &impl ToString, place: Option<Pos>) -> ServerError {
    with_code(message.to_string(), place, INVALID_DOCUMENT)
}

/// A document that would cost too much.
pub(super) fn too_large(message: String) -> ServerError {
    with_code(message, None, DOCUMENT_TOO_LARGE)
}

fn with_code(message: String, place: Option<Pos>, code: &str) -> ServerError {
    let mut error = ServerError::new(message, place);
    error.extensions.get_or_insert_default().set("code", code);
    error
}

/// What the validator found, the first places first.
pub(super) fn refusals(schema: &Schema, text: &str, lines: &Lines, found: &DiagnosticList) -> Vec<ServerError> {
    let told = found.iter().take(MAX_ERRORS).map(|diagnostic| {
        let offset = diagnostic.error.location().map(|place| place.offset());
        let message = with_word(text, offset, diagnostic.error.to_string());
        invalid(&with_suggestion(schema, message), offset.map(|offset| lines.position(offset)))
    });
    told.collect()
}

/// Names the word at which the error is, where the validator names none.
fn with_word(text: &str, offset: Option<usize>, message: String) -> String {
    let rest = offset.and_then(|offset| text.get(offset..)).unwrap_or_default();
    let word = rest.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '$').next().unwrap_or_default();
    if word.is_empty() || message.contains('`') { message } else { format!("{message}, at `{word}`") }
}

/// Names the field that was probably meant.
fn with_suggestion(schema: &Schema, message: String) -> String {
    let names: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let [type_name, field] = names.as_slice() else { return message };
    if !message.contains("does not have a field") {
        return message;
    }
    let fields: Vec<&str> = match schema.types.get(*type_name) {
        Some(ExtendedType::Object(object)) => object.fields.keys().map(Name::as_str).collect(),
        Some(ExtendedType::Interface(interface)) => interface.fields.keys().map(Name::as_str).collect(),
        _ => return message,
    };
    match nearest(field, fields) {
        Some(meant) => format!("{message}; did you mean `{meant}`?"),
        None => message,
    }
}
