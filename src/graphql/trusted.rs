//! Documents that stand for themselves: those that an operator has registered, and those that came before.
//!
//! Promises: a document is found by its SHA-256, or by the name that its manifest gives it; whoever is of a department that
//! runs registered documents alone is answered nothing else; what merely came before is kept in bounded number and size, and
//! is the same for everybody, because it says nothing about anybody. Deliberately does not read files.

use super::error::coded;
use super::{HubSchema, refusal};
use crate::app::Session;
use async_graphql::{Pos, ServerError};
use lru::LruCache;
use onefold_model::DepartmentKey;
use sha2::{Digest, Sha256};
use std::collections::{BTreeSet, HashMap};
use std::fmt::Write;
use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};

/// Documents that are kept because they came with their hash.
const KEPT: NonZeroUsize = NonZeroUsize::new(1_000).unwrap();
/// A longer document is not kept.
const MAX_KEPT_BYTES: usize = 8_000;

/// How a request names its document.
#[derive(Debug, Clone)]
pub enum DocumentAsk {
    /// By itself.
    Text(String),
    /// By its hash or its name.
    Id(String),
    /// By both, so that it can be named alone next time.
    Both {
        /// The document.
        text: String,
        /// Its hash or its name.
        id: String,
    },
}

/// The documents that are registered.
#[derive(Debug, Default)]
pub struct TrustedDocuments {
    /// By hash, and by name where they have one.
    by_id: HashMap<String, String>,
}

/// The documents that came with their hash.
pub(super) struct Seen(Mutex<LruCache<String, String>>);

impl Default for Seen {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(KEPT)))
    }
}

impl TrustedDocuments {
    /// Registers a document, under a name too where it has one. Gives its hash.
    pub fn register(&mut self, name: Option<&str>, text: &str) -> String {
        let hash = document_hash(text);
        self.by_id.extend(name.map(|name| (name.to_owned(), text.to_owned())));
        self.by_id.insert(hash.clone(), text.to_owned());
        hash
    }

    /// Whether none is registered.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    fn get(&self, id: &str) -> Option<&String> {
        self.by_id.get(id)
    }

    fn has(&self, text: &str) -> bool {
        self.by_id.contains_key(&document_hash(text))
    }
}

/// The SHA-256 of a document, in hexadecimal.
pub fn document_hash(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().fold(String::with_capacity(64), |mut hash, byte| {
        let _ = write!(hash, "{byte:02x}");
        hash
    })
}

impl HubSchema {
    /// The text of the document that a request asks to be run, if the caller may run it.
    pub fn document(&self, session: &Session, ask: DocumentAsk) -> Result<String, ServerError> {
        let trusted = &self.settings.trusted;
        let (text, id) = match ask {
            DocumentAsk::Text(text) => (Some(text), None),
            DocumentAsk::Id(id) => (None, Some(id)),
            DocumentAsk::Both { text, id } => (Some(text), Some(id)),
        };
        let id = id.map(|id| id.strip_prefix("sha256:").unwrap_or(&id).to_owned());
        if let Some(known) = id.as_deref().and_then(|id| trusted.get(id)) {
            return match text {
                Some(text) if text != *known => Err(not_its_hash()),
                _ => Ok(known.clone()),
            };
        }
        let only = self.only_trusted(session);
        match (text, id) {
            (Some(text), _) if only.is_some() && !trusted.has(&text) => {
                Err(only.map_or_else(not_its_hash, |department| not_trusted(&department)))
            }
            (Some(text), None) => Ok(text),
            (Some(text), Some(id)) => {
                if document_hash(&text) != id.to_ascii_lowercase() {
                    return Err(not_its_hash());
                }
                self.seen.keep(&text);
                Ok(text)
            }
            (None, Some(id)) => {
                let seen = if only.is_none() { self.seen.get(&id.to_ascii_lowercase()) } else { None };
                // Clients of Apollo know the message, those of others the code: both send the whole document next.
                seen.ok_or_else(|| refusal("PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound"))
            }
            (None, None) => Err(refusal("BAD_REQUEST", "the request names no document")),
        }
    }

    /// The department of the caller for which registered documents alone are run.
    fn only_trusted(&self, session: &Session) -> Option<DepartmentKey> {
        let only: &BTreeSet<DepartmentKey> = &self.settings.trusted_only;
        session.scope().actor().departments().iter().find(|department| only.contains(*department)).cloned()
    }
}

impl Seen {
    fn get(&self, id: &str) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }

    fn keep(&self, text: &str) {
        if text.len() <= MAX_KEPT_BYTES {
            let hash = document_hash(text);
            self.0.lock().unwrap_or_else(PoisonError::into_inner).put(hash, text.to_owned());
        }
    }
}

fn not_its_hash() -> ServerError {
    refusal("DOCUMENT_HASH_MISMATCH", "the id of the document is not its SHA-256")
}

fn not_trusted(department: &DepartmentKey) -> ServerError {
    let message = format!("for department {department} only registered documents are run: ask who operates the hub");
    coded("DOCUMENT_NOT_TRUSTED", message).into_server_error(Pos::default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_that_of_other_tools() {
        // printf '' | sha256sum
        assert_eq!(document_hash(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }

    #[test]
    fn a_registered_document_is_found_by_hash_and_by_name() {
        let mut trusted = TrustedDocuments::default();
        let hash = trusted.register(Some("Viewer"), "{ viewer { subject } }");
        assert_eq!(trusted.get(&hash), trusted.get("Viewer"));
        assert!(trusted.has("{ viewer { subject } }") && !trusted.has("{ viewer { subject} }"));
        assert!(trusted.get("viewer").is_none());
    }
}
