//! The published JSON Schema of manifests and maps, so that an editor completes them.
//!
//! It is looser than loading a folder: it knows names and forms, not what the parts say about each other.

mod map;
mod webhook;

use crate::manifest::FORMAT;
use crate::manifest::cursor::{ORDERS, TIME_FORMATS};
use crate::manifest::file::FORMATS;
use onefold_model::RecordKind;
use serde_json::{Map, Value, json};

/// JSON Schema (draft 2020-12) of `connector.yaml`.
pub fn connector_schema() -> Value {
    let mut definitions = Map::new();
    for (name, schema) in [
        ("setting", setting()),
        ("http", http()),
        ("pages", pages()),
        ("feed", feed()),
        ("stream", stream()),
        ("listing", listing()),
        ("cursor", cursor()),
        ("parent", parent()),
        ("deletes", deletes()),
        ("also", also()),
        ("conditions", conditions()),
        ("webhook", webhook::webhook()),
    ] {
        definitions.insert(name.to_owned(), schema);
    }
    definitions.extend(map::definitions());
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Connector",
        "description": "connectors/<department>/<system>/connector.yaml: how to read a kind of system.",
        "type": "object",
        "additionalProperties": false,
        "required": ["manifest", "id", "title", "version", "streams"],
        "oneOf": [{"required": ["http"]}, {"required": ["file"]}, {"required": ["singer"]}],
        "properties": {
            "manifest": says("The version of this format.", &json!({"enum": [1, FORMAT]})),
            "id": says("The name of the folder.", &text()),
            "title": says("What people call the system.", &text()),
            "version": says("The version of this manifest.", &json!({"type": ["string", "number"]})),
            "config": says("What the operator is asked for.", &named("setting")),
            "unique_people": says("Each record of a party in the system is another person or organisation: two of them are never taken for one without a steward.", &json!({"type": "boolean"})),
            "http": reference("http"),
            "file": object(&["formats"], &json!({"formats": list(&json!({"enum": FORMATS.map(|(name, _)| name)}))})),
            "singer": says("A Singer tap that is started and read.", &singer()),
            "pages": says("Ways to page, by name.", &named("pages")),
            "feeds": says("Change feeds that drive several streams.", &named("feed")),
            "streams": says("One kind of record each.", &named("stream")),
            "webhook": says("What the system sends by itself.", &reference("webhook")),
        },
        "$defs": definitions,
    })
}

fn singer() -> Value {
    let config = json!({"type": "object", "additionalProperties": {"type": "string"}});
    object(
        &["command"],
        &json!({
            "command": says("The program and its arguments: '{config.command}', a setting of the operator's.", &text()),
            "config": says("What the tap reads as its configuration.", &config),
            "config_file": says("Or a file of the operator's, to which it may write: taps that renew a token do.", &text()),
            "catalog": says("It is asked for its streams first and told which to read (discover), or not.", &json!({"enum": ["discover", "none"]})),
        }),
    )
}

fn text() -> Value {
    json!({"type": "string"})
}

fn flag() -> Value {
    json!({"type": ["boolean", "string"]})
}

fn period() -> Value {
    json!({"type": "string", "pattern": "^[0-9]+(ms|[smhd])$"})
}

fn pointer() -> Value {
    json!({"type": "string", "pattern": "^(/.*)?$"})
}

fn says(description: &str, schema: &Value) -> Value {
    let mut schema = schema.clone();
    if let Some(object) = schema.as_object_mut() {
        object.insert("description".to_owned(), json!(description));
    }
    schema
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/$defs/{name}")})
}

fn named(name: &str) -> Value {
    json!({"type": "object", "additionalProperties": reference(name)})
}

fn object(required: &[&str], properties: &Value) -> Value {
    json!({"type": "object", "additionalProperties": false, "required": required, "properties": properties})
}

/// A list, or one item by itself.
fn list(item: &Value) -> Value {
    json!({"anyOf": [item, {"type": "array", "items": item}]})
}

fn time_format() -> Value {
    json!({"enum": TIME_FORMATS.map(|(word, _)| word)})
}

fn order() -> Value {
    says("Asserted while reading.", &json!({"enum": ORDERS.map(|(word, _)| word)}))
}

fn kinds() -> Value {
    json!({"enum": RecordKind::ALL.iter().map(|kind| kind.as_str()).collect::<Vec<_>>()})
}

fn setting() -> Value {
    object(
        &["type"],
        &json!({
            "type": {"enum": ["text", "url", "datetime", "integer", "bool"]},
            "secret": says("May be named only in auth and headers, and is never shown.", &flag()),
            "required": flag(),
            "default": {"type": ["string", "number", "boolean"]},
            "pattern": says("A regular expression.", &text()),
            "help": text(),
        }),
    )
}

fn oauth() -> Value {
    object(
        &["token_url", "grant", "client_id", "client_secret"],
        &json!({
            "token_url": says("Where an access token is asked for.", &text()),
            "grant": {"enum": ["client_credentials", "refresh_token"]},
            "refresh_token": text(),
            "access_token": says("A token that something else keeps fresh: where it has a value, nothing is asked for.", &text()),
            "client": says("Where the client says who it is.", &json!({"enum": ["basic", "form"]})),
            "client_id": text(),
            "client_secret": text(),
            "scope": text(),
            "scheme": says("The word before the token; Bearer where it is not said.", &text()),
            "base": says("Where the answer says which address the account is at; its host must be declared.", &pointer()),
        }),
    )
}

fn http() -> Value {
    let auth = object(
        &[],
        &json!({
            "bearer": text(),
            "basic": object(&["user"], &json!({"user": text(), "password": text()})),
            "header": object(&["name", "value"], &json!({"name": text(), "value": text()})),
            "oauth2": oauth(),
        }),
    );
    let limits = object(
        &[],
        &json!({
            "permits": says("So many requests …", &json!({"type": "integer", "minimum": 1})),
            "per": says("… in so much time, over all streams.", &period()),
            "timeout": period(),
            "max_body_mib": {"type": "integer"},
        }),
    );
    let retry = object(
        &[],
        &json!({"on": list(&json!({"type": "integer"})), "first": period(), "longest": period(), "attempts": {"type": "integer"}}),
    );
    let errors = object(
        &[],
        &json!({
            "code": says("Where the system's code of an error stands.", &list(&pointer())),
            "in_body": says("An answer with status 200 and something here is an error.", &list(&pointer())),
            "nothing": says("Statuses by which the system says that it has nothing to list.", &list(&json!({"type": "integer"}))),
        }),
    );
    let texts = json!({"type": "object", "additionalProperties": text()});
    object(
        &["base"],
        &json!({
            "base": says("Where paths begin.", &text()),
            "hosts": says("Hosts beside that of base on which next pages may stand.", &list(&text())),
            "auth": auth, "headers": texts, "limits": limits, "retry": retry, "errors": errors,
        }),
    )
}

fn pages() -> Value {
    let size = object(&["value"], &json!({"param": text(), "value": {"type": "integer", "minimum": 1}}));
    object(
        &["style"],
        &json!({
            "style": {"enum": ["last_id", "next_url", "token", "scroll", "offset", "number", "link", "single"]},
            "param": says("The query parameter that asks for the next page; without one the list names {place}.", &text()),
            "id": says("last_id: where a record has its id.", &pointer()),
            "url": says("next_url: where the address of the next page stands.", &pointer()),
            "token": says("token, scroll: where the token for the next page stands.", &pointer()),
            "overlap": says("offset: so many records are read twice, to see whether the list has moved.", &json!({"type": "integer"})),
            "first": says("number: the number of the first page. offset: that of the first record.", &json!({"type": "integer"})),
            "cap": says("The system gives no more records of one list than this.", &json!({"type": "integer"})),
            "size": size,
            "more": says("false there: this was the last page.", &pointer()),
            "end": says("true there: this was the last page.", &pointer()),
            "total": says("How many records the list has.", &pointer()),
            "echo": says("Where the answer repeats which page was asked for.", &pointer()),
            "ends": says("What else means the end.", &json!({"enum": ["empty_page", "short_page", "same_page"]})),
        }),
    )
}

fn listing_properties() -> Map<String, Value> {
    let properties = json!({
        "get": says("A path below base.", &text()),
        "post": says("The same, where the system is asked with a body.", &text()),
        "body": says("Sent as JSON, with {from}, {to}, {place}, {size}.", &json!({"type": "object"})),
        "query": {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean"]}},
        "headers": {"type": "object", "additionalProperties": {"type": "string"}},
        "pages": says("The name of a way to page.", &text()),
        "records": says("Where the list of records stands.", &pointer()),
        "absent": says("An answer without that list means an empty one.", &json!({"enum": ["empty"]})),
        "included": says("Where the objects stand that records only name by type and id (JSON:API).", &pointer()),
    });
    match properties {
        Value::Object(properties) => properties,
        _ => Map::new(),
    }
}

fn with_listing(required: &[&str], more: Value) -> Value {
    let mut properties = listing_properties();
    if let Value::Object(more) = more {
        properties.extend(more);
    }
    object(required, &Value::Object(properties))
}

fn listing() -> Value {
    with_listing(
        &["pages", "records"],
        json!({"every": says("Not more often than this.", &period()), "key": says("Only for parents: where the key stands.", &pointer())}),
    )
}

fn time_cursor(param: &str) -> Value {
    json!({
        "field": says("Where a record has its time.", &pointer()),
        "type": time_format(),
        (param): says("The query parameter of the lower bound, which is inclusive; without one the list names {from}.", &text()),
        "until": says("The query parameter of the upper bound of a slice; without one the list names {to}.", &text()),
        "step": says("So much time is asked for at once.", &period()),
        "send_as": time_format(),
        "lookback": says("The lower bound lies so long before what was seen.", &period()),
        "settle": says("What is younger may still be joined by something older.", &period()),
        "start": says("Where the first run begins.", &text()),
    })
}

fn cursor() -> Value {
    let start = object(&["param", "type", "value"], &json!({"param": text(), "type": time_format(), "value": text()}));
    let token = json!({
        "token": says("Where the token for the next run stands.", &pointer()),
        "param": text(),
        "type": says("The token is a time.", &time_format()),
        "settle": period(),
        "start": start,
    });
    json!({"oneOf": [
        object(&["field", "type"], &time_cursor("param")),
        object(&["token", "param"], &token),
    ]})
}

fn feed() -> Value {
    with_listing(
        &["pages", "records", "order", "cursor", "retention", "object", "kind"],
        json!({
            "order": order(),
            "cursor": object(&["field", "type"], &time_cursor("from")),
            "retention": says("How long the system keeps events. After a longer pause, snapshots are taken again.", &period()),
            "object": says("The object that an event is about.", &pointer()),
            "kind": says("What kind of event it is.", &pointer()),
            "deleted": object(&["suffix"], &json!({"suffix": text()})),
            "refetch": says("The object is read again by its id.", &flag()),
        }),
    )
}

fn conditions() -> Value {
    json!({"type": "object", "propertyNames": pointer(), "additionalProperties": list(&json!({"type": ["string", "number", "boolean"]}))})
}

fn parent() -> Value {
    let again =
        object(&["field", "type", "within"], &json!({"field": pointer(), "type": time_format(), "within": period()}));
    object(
        &["keep"],
        &json!({
            "stream": says("The stream whose records are each asked for theirs.", &text()),
            "list": says("A list that is read only for this.", &reference("listing")),
            "keep": says("Values kept of the parent: {parent.x} in templates, $parent.x in maps.", &json!({"type": "object", "additionalProperties": pointer()})),
            "only": reference("conditions"),
            "again": says("A parent older than this is asked once.", &again),
        }),
    )
}

fn deletes() -> Value {
    let ways = object(&[], &json!({"feed": flag(), "tombstone_field": reference("conditions"), "sweep": period()}));
    json!({"description": "How deletions are seen; must be stated.", "anyOf": [{"enum": ["none", "feed", "sweep"]}, ways]})
}

fn also() -> Value {
    let schema = object(
        &["into", "map"],
        &json!({
            "into": kinds(),
            "each": says("One record for each element there …", &pointer()),
            "key": says("… told apart by this.", &pointer()),
            "when": says("Only where there is a value.", &pointer()),
            "only": says("Only where these have one of these values.", &reference("conditions")),
            "map": {"type": "object"},
        }),
    );
    map::by_kind(schema)
}

fn stream() -> Value {
    let detail = object(&["get"], &json!({"get": says("A path with {id}.", &text()), "record": pointer()}));
    let by_feed = object(
        &["feed", "kinds"],
        &json!({"feed": text(), "kinds": list(&text()), "exclude": list(&text()), "detail": detail}),
    );
    let by_cursor =
        with_listing(&["pages", "records", "cursor"], json!({"cursor": reference("cursor"), "order": order()}));
    let version = object(&["at", "type"], &json!({"at": list(&pointer()), "type": time_format()}));
    let columns = json!({"type": "object", "additionalProperties": list(&text())});
    let schema = object(
        &["into", "deletes"],
        &json!({
            "into": says("The kind of standardised record.", &kinds()),
            "key": says("Where the key stands; several parts are joined with a colon.", &list(&text())),
            "version": says("What tells a newer copy from an older one.", &version),
            "parent": reference("parent"),
            "snapshot": says("Everything there is.", &reference("listing")),
            "changes": {"description": "What changed since last time.", "anyOf": [by_feed, by_cursor]},
            "deletes": reference("deletes"),
            "map": {"type": "object"},
            "jq": says("For what a map cannot say: a jq filter that makes an object of the payload; maps see it as $jq.", &text()),
            "also": says("Further records from the same payload.", &named("also")),
            "headers": says("Files of one program: the columns by which its file is recognised.", &list(&text())),
            "columns": says("Files: headers by what they mean, best first.", &columns),
        }),
    );
    map::by_kind(schema)
}
