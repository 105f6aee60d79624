//! `[graphql]` in the JSON Schema of the configuration.

use serde_json::{Value, json};

pub(super) fn graphql(slug: &Value) -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "documents": {"type": "string", "description": "A folder with registered documents: *.graphql, and manifests of other tools, *.json."},
            "trusted_only": {"type": "array", "items": slug, "description": "Departments for which nothing but registered documents is run."},
            "introspection": {"enum": ["open", "closed"], "description": "Whether documents may ask about the schema; open unless told otherwise. /schema.graphql has it for whoever has a token."},
            "cost_limit": {"type": "integer", "minimum": 1, "description": "Points that a caller has at most, 1000000 unless told otherwise; docs/reference/limits.md says what costs how many."},
            "cost_per_second": {"type": "integer", "minimum": 1, "description": "Points that come back to a caller each second, 50000 unless told otherwise."},
            "planner": {"enum": ["on", "off"], "description": "Whether documents that only read customers and what happened with them are planned, which is faster; on unless told otherwise. The answers are the same."},
        },
    })
}
