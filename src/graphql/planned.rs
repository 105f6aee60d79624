//! Planned answers: documents that only read what is known here become a few statements, and their rows become the bytes of
//! the answer.
//!
//! A plan is made of a document once, and made ready for a statement once for each set of rights. Promises: the bytes are
//! those that the executor's answer would have (a test holds the two against each other, document by document); a document
//! with anything in it that is not known here is not planned, and a plan that meets anything but a whole answer is given up:
//! then the executor answers, errors and all. Deliberately knows no right and no SQL; see [`crate::app`] and the store.

mod ask;
mod compile;
mod fields;
mod plan;
mod run;
mod write;

pub(super) use compile::compile;
pub(super) use plan::Plan;
pub(super) use run::{Asked, run};

use super::COST;
use super::cost::Cost;
use async_graphql::Response;
use serde_json::{Map, Value, json};

/// An answer, in the form in which it was made.
#[derive(Debug)]
pub enum Answer {
    /// By a plan: without an error, and written already.
    Planned(Planned),
    /// By the executor.
    Executed(Response),
}

/// What a plan answered.
#[derive(Debug)]
pub struct Planned {
    /// A JSON object whose last brace is missing.
    body: Vec<u8>,
}

impl Planned {
    /// `written` is the object of the data, with what stands before it.
    pub(super) fn new(mut written: Vec<u8>, cost: &Cost) -> Self {
        let tail = format!(",\"extensions\":{{\"{COST}\":{}}}", json!(cost.value()));
        written.extend_from_slice(tail.as_bytes());
        Self { body: written }
    }
}

impl Answer {
    /// The answer as JSON: `data` where the document was run, `errors` where there are any, and `extensions`.
    pub fn into_body(self) -> Vec<u8> {
        match self {
            Self::Planned(Planned { mut body }) => {
                body.push(b'}');
                body
            }
            Self::Executed(answer) => executed(&answer),
        }
    }
}

fn executed(answer: &Response) -> Vec<u8> {
    let mut body = Map::new();
    if super::was_run(answer) {
        body.insert("data".to_owned(), json!(answer.data));
    }
    if !answer.errors.is_empty() {
        body.insert("errors".to_owned(), json!(answer.errors));
    }
    if !answer.extensions.is_empty() {
        body.insert("extensions".to_owned(), json!(answer.extensions));
    }
    Value::Object(body).to_string().into_bytes()
}
