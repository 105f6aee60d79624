//! The JSON Schema of `onefold.toml`, for editors. A test reads a file that names every key.

mod auth;
mod graphql;

use serde_json::{Value, json};

/// JSON Schema (draft 2020-12) of the configuration file.
pub fn config_schema() -> Value {
    let object = |required: &[&str], properties: Value| json!({"type": "object", "additionalProperties": false, "required": required, "properties": properties});
    let text = |doc: &str| json!({"type": "string", "description": doc});
    let share = |doc: &str| json!({"type": "number", "minimum": 0, "maximum": 1, "description": doc});
    let secret = json!({"oneOf": [
        object(&["env"], json!({"env": text("The environment variable that holds it.")})),
        object(&["file"], json!({"file": text("The file that holds it.")})),
        object(&["command"], json!({"command": {
            "description": "The program that prints it, run without a shell: as one text that is split at blanks, or as a list.",
            "oneOf": [{"type": "string"}, {"type": "array", "minItems": 1, "items": {"type": "string"}}],
        }})),
    ]});
    let private = |doc: &str| json!({"enum": ["refuse", "allow"], "description": doc});
    let rule = json!({"enum": ["source_priority", "most_recent", "verified", "most_frequent", "most_complete"]});
    let chain = json!({"type": "array", "minItems": 1, "uniqueItems": true, "items": rule,
        "description": "Which value of which record a customer shows: each rule keeps the best and passes ties on."});
    let slug = json!({"type": "string", "pattern": "^[a-z][a-z0-9_-]{0,63}$"});
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "onefold.toml",
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "store": object(&[], json!({"url": text("sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE")})),
            "server": object(&[], json!({
                "listen": text("Address and port, 127.0.0.1:7188 unless told otherwise."),
                "origins": {"type": "array", "items": {"type": "string"}, "description": "Pages of these origins may ask, besides the hub's own: https://app.example."},
            })),
            "graphql": graphql::graphql(&slug),
            "auth": auth::auth(&secret),
            "matching": object(&[], json!({
                "auto_merge": share("From this probability on two records are folded without asking."),
                "review": share("From this probability on a pair is shown to a steward."),
                "unique_people": {"type": "array", "items": slug, "description": "The keys of sources of which each record of a party is another person or organisation, beside those whose connector says so: two of them are never taken for one without a steward."},
                "birth_dates": {"enum": ["weigh", "block"], "description": "What two days of birth that have nothing in common are: evidence, or a contradiction that only a steward overrules; weigh unless told otherwise."},
                "shared_by_most": {"type": "integer", "minimum": 1, "description": "A mailbox, number or identifier that more other parties have is no evidence by itself; 50 unless told otherwise. Holds for models that are trained from then on."},
                "rules": {
                    "type": "array",
                    "description": "What two records must share to be compared, instead of the rules that the matcher chooses.",
                    "items": {"type": "array", "minItems": 1, "items": text("A part of a key: family.phonetic, birth.year, email.")},
                },
            })),
            "survivorship": object(&[], json!({
                "sources": {"type": "array", "items": slug, "description": "The keys of sources, the most trusted first; those that are not listed come last."},
                "fields": {"type": "object", "additionalProperties": chain, "description": "The rules of a field by its name in the graph, such as email or displayName; the one that decides first first."},
                "otherwise": chain,
            })),
            "audit": object(&[], json!({
                "reads": {"enum": ["all", "sensitive", "none"], "description": "Which reads of customers the audit keeps; sensitive unless told otherwise."},
            })),
            "privacy": object(&[], json!({"secret": secret})),
            "connectors": text("A folder with connectors of one's own."),
            "policies": object(&[], json!({
                "folder": text("A folder with policies of one's own, *.cedar."),
                "shipped": {"enum": ["beside", "replaced"], "description": "Whether the shipped policies hold beside those of the folder, or only those of the folder."},
                "departments": {"type": "array", "items": slug, "description": "Departments without a source of their own."},
                "reload_s": {"type": "integer", "minimum": 0, "description": "How often the folder is looked at, in seconds; 0 for never."},
                "pseudonym_secret": secret,
            })),
            "sync": object(&[], json!({
                "secrets_dir": text("Where refresh tokens are kept that systems give instead of those of the configuration; onefold-secrets unless told otherwise. Hosts that share a store must share it."),
                "private_addresses": private("Whether systems may be at addresses of this machine or of a private network; refuse unless told otherwise."),
            })),
            "webhooks": object(&[], json!({
                "private_addresses": private("Whether receivers of webhooks may be at addresses of this machine or of a private network, and be told without HTTPS; refuse unless told otherwise."),
            })),
            "export": object(&[], json!({
                "keep_hours": {"type": "integer", "minimum": 1, "description": "How long an export is kept after it was written, in hours; 24 unless told otherwise. An erasure deletes every one that was made before it."},
                "at_once": {"type": "integer", "minimum": 1, "description": "Exports of one person that are written or wait at once; 2 unless told otherwise."},
                "max_bytes": {"type": "integer", "minimum": 1, "description": "The most bytes of one export, which the store holds until it is deleted; 536870912 unless told otherwise. `onefold export` writes into a file and has no such limit."},
            })),
            "source": {"type": "array", "items": object(&["key", "connector"], json!({
                "key": slug,
                "connector": text("The folder of the connector: billing/stripe."),
                "department": slug,
                "title": text("What people call it."),
                "private_addresses": private("Whether this system may be at an address of this machine or of a private network, instead of what [sync] says."),
                "schedule": text("When it is read by itself while `onefold serve` runs: every so often, as 15m, 6h or 1d, or at the times of a cron expression of five fields in UTC, as 0 3 * * *."),
                "settings": {"type": "object", "additionalProperties": {"oneOf": [
                    {"type": "string"}, {"type": "integer"}, {"type": "boolean"}, secret,
                ]}},
            }))},
        },
    })
}
