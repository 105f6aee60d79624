//! Which fields of a payload a connector reads: those that its maps, its keys and its cursors name. Whoever watches for fields
//! that nobody has thought of asks here.
//!
//! Promises: what a map reads is known, and so is what stands around and below it. Deliberately says nothing of values.

use crate::connector::{Connector, RecordMap};
use crate::manifest::cursor::Cursor;
use crate::manifest::stream::{Changes, KeyPart, Stream};
use crate::map::FieldMap;
use crate::pointer::Pointer;
use std::collections::BTreeSet;

/// Every element of a list, in the path of a field.
pub const ANY_ELEMENT: &str = "*";

/// What a stream's payloads are read for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KnownFields {
    paths: BTreeSet<Vec<String>>,
    /// The text of a filter, which may read anything that it names.
    jq: String,
}

impl KnownFields {
    /// Whether the field at this path is read, or stands around or below something that is.
    pub fn has(&self, path: &[&str]) -> bool {
        let is_same = |known: &String, name: &&str| known == ANY_ELEMENT || *name == ANY_ELEMENT || known == name;
        let is_near = |known: &Vec<String>| known.iter().zip(path).all(|(known, name)| is_same(known, name));
        self.paths.iter().any(is_near) || path.last().is_some_and(|name| self.is_in_jq(name))
    }

    /// Adds places that are read too: the names on the way to each.
    pub fn extend(&mut self, places: impl IntoIterator<Item = Vec<String>>) {
        self.paths.extend(places.into_iter().filter(|place| !place.is_empty()));
    }

    /// The names on the way to each place that is read.
    pub fn places(&self) -> impl Iterator<Item = &Vec<String>> {
        self.paths.iter()
    }

    fn is_in_jq(&self, name: &str) -> bool {
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        self.jq.match_indices(name).any(|(at, _)| {
            let before = self.jq[..at].chars().next_back().is_none_or(|c| !is_part(c));
            let after = self.jq[at + name.len()..].chars().next().is_none_or(|c| !is_part(c));
            before && after
        })
    }

    fn point(&mut self, pointer: &Pointer, within: &[String]) {
        let segments = pointer.as_str().split('/').skip(1).map(|name| name.replace("~1", "/").replace("~0", "~"));
        let segments = segments.map(|name| if name.parse::<usize>().is_ok() { ANY_ELEMENT.to_owned() } else { name });
        self.paths.insert(within.iter().cloned().chain(segments).collect());
    }

    fn map(&mut self, map: &FieldMap, within: &[String]) {
        let mut read = Vec::new();
        map.paths(&mut read);
        for path in read {
            if let Some((is_whole, names)) = path.names() {
                let within = if is_whole { &[] } else { within };
                self.paths.insert(within.iter().cloned().chain(names).collect());
            }
        }
    }

    fn of(stream: &Stream) -> Self {
        let mut known = Self { jq: stream.jq.clone().unwrap_or_default(), ..Self::default() };
        let mut pointers: Vec<&Pointer> = Vec::new();
        for part in &stream.key {
            match part {
                KeyPart::Own(pointer) => pointers.push(pointer),
                KeyPart::Parent(_) => {}
            }
        }
        pointers.extend(stream.version.iter().flat_map(|version| &version.at));
        pointers.extend(stream.deletes.tombstones.iter().map(|(pointer, _)| pointer));
        if let Some(Changes::Cursor { cursor, .. }) = &stream.changes {
            match cursor.as_ref() {
                Cursor::Time(time) => pointers.push(&time.field),
                // The token stands beside the records.
                Cursor::Token(_) => {}
            }
        }
        for pointer in pointers {
            known.point(pointer, &[]);
        }
        known.map(&stream.map, &[]);
        for also in &stream.also {
            let mut within = Vec::new();
            for pointer in also.when.iter().chain(also.only.iter().map(|(pointer, _)| pointer)) {
                known.point(pointer, &[]);
            }
            if let Some((each, key)) = &also.each {
                within = each.as_str().split('/').skip(1).map(str::to_owned).collect();
                within.push(ANY_ELEMENT.to_owned());
                known.point(key, &within);
            }
            known.map(&also.map, &within);
        }
        known
    }
}

impl Connector {
    /// What the payloads of a stream are read for. What its children keep of it is read too.
    pub fn known_fields(&self, stream: &str) -> KnownFields {
        let streams = &self.inner.manifest.streams;
        let Some(own) = self.inner.manifest.stream(stream) else { return KnownFields::default() };
        let mut known = KnownFields::of(own);
        for parent in streams.iter().filter_map(|child| child.parent_of(stream)) {
            for pointer in parent.keep.iter().map(|(_, at)| at).chain(parent.only.iter().map(|(at, _)| at)) {
                known.point(pointer, &[]);
            }
        }
        known
    }
}

impl RecordMap {
    /// What payloads are read for.
    pub fn known_fields(&self) -> KnownFields {
        let mut known = KnownFields::default();
        known.map(self.field_map(), &[]);
        known
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    const MANIFEST: &str = "manifest: 1\nid: shop\ntitle: Shop\nversion: 1.0.0\nconfig:\n  token: {type: text}\nhttp: {base: 'https://shop.test'}\n\
pages: {all: {style: single}}\nstreams:\n  orders:\n    into: invoice\n    key: /id\n    version: {at: /changed/at, type: rfc3339}\n    \
deletes: {tombstone_field: {/state: gone}}\n    snapshot: {get: /orders, pages: all, records: /orders}\n    map:\n      \
number: number | \"Order No\"\n      status: = OPEN\n      total: total -> money_minor(currency)\n      issuedAt: dates.0 -> rfc3339\n    \
jq: '{kind: (.lines | map(.sku) | first)}'\n";

    fn known() -> KnownFields {
        let files = BTreeMap::from([("billing/shop/connector.yaml".to_owned(), MANIFEST.to_owned())]);
        Connector::load("billing/shop", &files).unwrap().known_fields("orders")
    }

    #[test]
    fn what_maps_keys_and_filters_name_is_known_with_what_is_around_and_below() {
        let known = known();
        for path in [
            &["id"][..],
            &["number"],
            &["Order No"],
            &["total"],
            &["currency"],
            &["changed"],
            &["changed", "at"],
            &["state"],
            &["dates"],
            &["dates", "*"],
            &["total", "inner"],
            &["lines"],
            &["lines", "*", "sku"],
        ] {
            assert!(known.has(path), "{path:?}");
        }
        for path in [&["ident"][..], &["changed", "by"], &["note"], &["sk"], &["lines", "*", "price"], &["orders"]] {
            assert!(!known.has(path), "{path:?}");
        }
    }
}
