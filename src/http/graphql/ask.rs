//! What a request asks for, however it came: posted, in the address, or as a message of a socket.

use crate::app::Session;
use crate::graphql::{DocumentAsk, HubSchema};
use async_graphql::{Request, ServerError};
use serde::Deserialize;
use serde_json::{Map, Value};

/// A request. Read here and not by the library, whose reader takes numbers for objects.
#[derive(Debug, Deserialize)]
pub(super) struct Ask {
    query: Option<String>,
    #[serde(rename = "documentId")]
    document_id: Option<String>,
    #[serde(rename = "operationName")]
    operation_name: Option<String>,
    variables: Option<Map<String, Value>>,
    extensions: Option<Map<String, Value>>,
}

/// A query in the address, where objects are written as JSON.
#[derive(Deserialize)]
struct Asked {
    query: Option<String>,
    #[serde(rename = "documentId")]
    document_id: Option<String>,
    #[serde(rename = "operationName")]
    operation_name: Option<String>,
    variables: Option<String>,
    extensions: Option<String>,
}

/// Why there is nothing to run.
#[derive(Debug)]
pub(super) enum Unasked {
    /// The request does not read.
    Unreadable(String),
    /// The document is not there, or not to be run.
    Refused(ServerError),
}

impl Ask {
    /// From a body.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Unasked> {
        serde_json::from_slice(bytes).map_err(|error| {
            let place = format!("line {}, column {}", error.line(), error.column());
            Unasked::Unreadable(format!("the request is no JSON object with \"query\" and \"variables\" ({place})"))
        })
    }

    /// From an address.
    pub(super) fn of_address(query: Option<&str>) -> Result<Self, Unasked> {
        let unreadable = |message: &str| Unasked::Unreadable(message.to_owned());
        let uri: Option<axum::http::Uri> = format!("/?{}", query.unwrap_or_default()).parse().ok();
        let asked = uri.and_then(|uri| axum::extract::Query::<Asked>::try_from_uri(&uri).ok());
        let axum::extract::Query(asked) = asked.ok_or_else(|| unreadable(NO_DOCUMENT))?;
        let object = |name: &str, text: Option<String>| match text {
            None => Ok(None),
            Some(text) => serde_json::from_str::<Option<Map<String, Value>>>(&text)
                .map_err(|_| unreadable(&format!("?{name}= is no JSON object"))),
        };
        Ok(Self {
            variables: object("variables", asked.variables)?,
            extensions: object("extensions", asked.extensions)?,
            query: asked.query,
            document_id: asked.document_id,
            operation_name: asked.operation_name,
        })
    }

    /// What is to be run: the document itself, or the one that it stands for.
    pub(super) fn request(self, schema: &HubSchema, session: &Session) -> Result<Request, Unasked> {
        let hash = self.extensions.as_ref().and_then(|all| all.get("persistedQuery")?.get("sha256Hash")?.as_str());
        let id = self.document_id.as_deref().or(hash);
        let query = self.query.filter(|query| !query.is_empty());
        let document = match (query, id) {
            (None, None) => return Err(Unasked::Unreadable(NO_DOCUMENT.to_owned())),
            (Some(text), None) => DocumentAsk::Text(text),
            (None, Some(id)) => DocumentAsk::Id(id.to_owned()),
            (Some(text), Some(id)) => DocumentAsk::Both { text, id: id.to_owned() },
        };
        let text = schema.document(session, document).map_err(Unasked::Refused)?;
        let mut request = Request::new(text).variables(crate::graphql::variables(self.variables.unwrap_or_default()));
        request.operation_name = self.operation_name;
        Ok(request)
    }
}

const NO_DOCUMENT: &str =
    "the request has no \"query\": send {\"query\": \"{ viewer { subject } }\"}, or ?query=… in the address";
