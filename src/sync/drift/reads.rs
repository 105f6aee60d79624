//! Whether anything reads the field of a stream: the connector, the map of an upload, or the model into which records are pushed.

use super::super::shape;
use onefold_connector::{Connector, KnownFields};
use std::collections::HashMap;

/// The fields of a source that are read.
pub struct ReadFields<'c> {
    /// `None` where the source is no longer configured: nothing is read then but what its streams themselves say.
    connector: Option<&'c Connector>,
    streams: HashMap<String, KnownFields>,
}

impl<'c> ReadFields<'c> {
    /// Of this connector.
    pub fn new(connector: Option<&'c Connector>) -> Self {
        Self { connector, streams: HashMap::new() }
    }

    /// And what a stream says itself: a list of places in JSON.
    pub fn also(&mut self, stream: &str, places: &str) {
        let places: Vec<Vec<String>> = serde_json::from_str(places).unwrap_or_default();
        self.known(stream).extend(places);
    }

    /// Whether it is read.
    pub fn has(&mut self, stream: &str, path: &str) -> bool {
        self.known(stream).has(&shape::names(path))
    }

    fn known(&mut self, stream: &str) -> &mut KnownFields {
        let connector = self.connector;
        let of_connector = || connector.map(|connector| connector.known_fields(stream)).unwrap_or_default();
        self.streams.entry(stream.to_owned()).or_insert_with(of_connector)
    }
}
