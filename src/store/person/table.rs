//! Where a person is: every table of the store.

/// How a person's rows are found in a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// By the id of a record of theirs, in one of these columns.
    Records(&'static [&'static str]),
    /// By the id of the customer, in this column.
    Customers(&'static str),
    /// By any id that the customer ever had, in this column.
    CustomersEver(&'static str),
    /// By the id of a payload that did not fit.
    Quarantine,
    /// By the id of a record or of the customer as the graph writes it, in this column.
    Nodes(&'static str),
    /// Through [`Store::audit_about`](crate::store::Store::audit_about), and never taken out.
    Audit,
    /// Not at all, for this reason.
    Nothing(&'static str),
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Id,
    Text,
    Json,
    Int,
    Real,
    Bool,
    Time,
    Hex,
}

/// A table.
#[derive(Debug, Clone, Copy)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    pub(super) by: By,
    /// What is told of a row: the name in the document, the column, and what it holds.
    pub(super) told: &'static [(&'static str, &'static str, Kind)],
}

impl Table {
    /// Why no person is in it; nothing where people are.
    pub fn reason(&self) -> Option<&'static str> {
        match self.by {
            By::Nothing(reason) => Some(reason),
            By::Records(_) | By::Customers(_) | By::CustomersEver(_) | By::Quarantine | By::Nodes(_) | By::Audit => {
                None
            }
        }
    }
}

const RECORD: By = By::Records(&["record_id"]);
const PAIR: By = By::Records(&["left_record", "right_record"]);

const fn nothing(name: &'static str, reason: &'static str) -> Table {
    Table { name, by: By::Nothing(reason), told: &[] }
}

/// Every table, in the order in which a person's rows can be taken out of them.
pub const TABLES: &[Table] = &[
    Table {
        name: "term",
        by: RECORD,
        told: &[
            ("recordId", "record_id", Kind::Id),
            ("kind", "path", Kind::Text),
            ("word", "term", Kind::Text),
            ("whole", "whole", Kind::Text),
        ],
    },
    Table {
        name: "record_attribute",
        by: RECORD,
        told: &[("recordId", "record_id", Kind::Id), ("name", "name", Kind::Text), ("value", "value", Kind::Text)],
    },
    Table {
        name: "activity",
        by: RECORD,
        told: &[
            ("recordId", "record_id", Kind::Id),
            ("kind", "kind", Kind::Text),
            ("partyId", "party_id", Kind::Id),
            ("parentId", "parent_id", Kind::Id),
            ("occurredAt", "occurred_at", Kind::Time),
            ("status", "status", Kind::Text),
            ("number", "number", Kind::Text),
            ("amountMicros", "amount_micros", Kind::Int),
            ("currency", "currency", Kind::Text),
        ],
    },
    // What the other record of a pair says is not this person's to know: of the evidence only its weight is told.
    Table {
        name: "match_candidate",
        by: PAIR,
        told: &[
            ("id", "candidate_id", Kind::Id),
            ("probability", "probability", Kind::Real),
            ("weight", "weight", Kind::Real),
            ("model", "model", Kind::Text),
            ("foundAt", "found_at", Kind::Time),
        ],
    },
    // What matching did and what was said of it: not from which record it was told.
    Table {
        name: "quality_pair",
        by: PAIR,
        told: &[
            ("period", "period", Kind::Text),
            ("automatic", "automatic", Kind::Text),
            ("judgedBy", "judged_by", Kind::Text),
            ("judgedAt", "judged_at", Kind::Time),
        ],
    },
    Table {
        name: "candidate_claim",
        by: PAIR,
        told: &[("holder", "holder", Kind::Text), ("until", "until_at", Kind::Time)],
    },
    Table {
        name: "candidate_assignment",
        by: PAIR,
        told: &[
            ("assignee", "assignee", Kind::Text),
            ("assignedBy", "assigned_by", Kind::Text),
            ("assignedAt", "assigned_at", Kind::Time),
            ("dueAt", "due_at", Kind::Time),
        ],
    },
    Table {
        name: "pin",
        by: RECORD,
        told: &[
            ("id", "pin_id", Kind::Id),
            ("recordId", "record_id", Kind::Id),
            ("path", "path", Kind::Text),
            ("actor", "actor", Kind::Text),
            ("reason", "reason", Kind::Text),
            ("madeAt", "made_at", Kind::Time),
            ("expiresAt", "expires_at", Kind::Time),
            ("undoneAt", "undone_at", Kind::Time),
            ("undoneBy", "undone_by", Kind::Text),
            ("undoneReason", "undone_reason", Kind::Text),
        ],
    },
    Table {
        name: "decision",
        by: PAIR,
        told: &[
            ("id", "decision_id", Kind::Id),
            ("kind", "kind", Kind::Text),
            ("actor", "actor", Kind::Text),
            ("reason", "reason", Kind::Text),
            ("madeAt", "made_at", Kind::Time),
            ("model", "model", Kind::Text),
            ("expiresAt", "expires_at", Kind::Time),
            ("scope", "scope", Kind::Text),
            ("undoneAt", "undone_at", Kind::Time),
            ("undoneBy", "undone_by", Kind::Text),
            ("undoneReason", "undone_reason", Kind::Text),
        ],
    },
    Table {
        name: "link",
        by: RECORD,
        told: &[
            ("recordId", "record_id", Kind::Id),
            ("customerId", "customer_id", Kind::Id),
            ("model", "model", Kind::Text),
            ("linkedAt", "linked_at", Kind::Time),
        ],
    },
    Table {
        name: "link_history",
        by: RECORD,
        told: &[("recordId", "record_id", Kind::Id), ("customerId", "customer_id", Kind::Id), ("at", "at", Kind::Time)],
    },
    Table {
        name: "sweep_seen",
        by: RECORD,
        told: &[("recordId", "record_id", Kind::Id), ("stream", "stream", Kind::Text)],
    },
    Table {
        name: "stream_field_sample",
        by: RECORD,
        told: &[("recordId", "record_id", Kind::Id), ("stream", "stream", Kind::Text), ("path", "path", Kind::Text)],
    },
    Table {
        name: "outbox",
        by: RECORD,
        told: &[("recordId", "record_id", Kind::Id), ("topic", "topic", Kind::Text), ("at", "at", Kind::Time)],
    },
    Table {
        name: "record_version",
        by: RECORD,
        told: &[
            ("recordId", "record_id", Kind::Id),
            ("version", "version", Kind::Int),
            ("receivedAt", "received_at", Kind::Time),
            ("runId", "run_id", Kind::Id),
            ("contentHash", "content_hash", Kind::Hex),
            ("mapping", "mapping", Kind::Text),
            ("deleted", "deleted", Kind::Bool),
            ("raw", "raw", Kind::Json),
            ("mapped", "mapped", Kind::Json),
        ],
    },
    Table {
        name: "record",
        by: RECORD,
        told: &[
            ("recordId", "record_id", Kind::Id),
            ("sourceId", "source_id", Kind::Id),
            ("stream", "stream", Kind::Text),
            ("externalId", "external_id", Kind::Text),
            ("kind", "kind", Kind::Text),
            ("version", "version", Kind::Int),
            ("firstSeenAt", "first_seen_at", Kind::Time),
            ("changedAt", "changed_at", Kind::Time),
            ("deletedAt", "deleted_at", Kind::Time),
        ],
    },
    Table {
        name: "quarantine",
        by: By::Quarantine,
        told: &[
            ("id", "quarantine_id", Kind::Id),
            ("sourceId", "source_id", Kind::Id),
            ("stream", "stream", Kind::Text),
            ("externalId", "external_id", Kind::Text),
            ("code", "code", Kind::Text),
            ("message", "message", Kind::Text),
            ("raw", "raw", Kind::Json),
            ("firstSeenAt", "first_seen_at", Kind::Time),
            ("lastSeenAt", "last_seen_at", Kind::Time),
        ],
    },
    Table {
        name: "customer_history",
        by: By::CustomersEver("customer_id"),
        told: &[
            ("customerId", "customer_id", Kind::Id),
            ("at", "at", Kind::Time),
            ("kind", "kind", Kind::Text),
            ("version", "version", Kind::Int),
            ("createdAt", "created_at", Kind::Time),
            ("intoId", "into_id", Kind::Id),
            ("retiredAt", "retired_at", Kind::Time),
        ],
    },
    Table {
        name: "customer_alias",
        by: By::Customers("customer_id"),
        told: &[
            ("retiredId", "retired_id", Kind::Id),
            ("customerId", "customer_id", Kind::Id),
            ("retiredAt", "retired_at", Kind::Time),
        ],
    },
    Table {
        name: "customer",
        by: By::Customers("customer_id"),
        told: &[
            ("customerId", "customer_id", Kind::Id),
            ("kind", "kind", Kind::Text),
            ("version", "version", Kind::Int),
            ("createdAt", "created_at", Kind::Time),
            ("updatedAt", "updated_at", Kind::Time),
            ("recordCount", "record_count", Kind::Int),
            ("sortName", "sort_name", Kind::Text),
            ("email", "email", Kind::Text),
            ("phone", "phone", Kind::Text),
        ],
    },
    Table {
        name: "change",
        by: By::Nodes("node"),
        told: &[("at", "at", Kind::Time), ("kind", "kind", Kind::Text), ("node", "node", Kind::Text)],
    },
    Table { name: "audit", by: By::Audit, told: &[] },
    Table { name: "audit_subject", by: By::Audit, told: &[] },
    nothing("api_key", "keys of machines, as hashes"),
    nothing("audit_head", "one number and one hash"),
    nothing("audit_unchained", "entries on their way into the audit, which name sources and folds and no customer"),
    nothing("checkpoint", "where reading a source goes on: a time, a page, at most the key of the record read last"),
    nothing("erased", "keyed hashes, which nobody can look up without the secret"),
    nothing("erasure", "what was erased, in figures"),
    nothing("export", "who of those who work with the hub exports what, by which document, and how far that has come"),
    nothing(
        "export_customer",
        "ids of customers that an export under way is to look at: an erasure deletes all of them",
    ),
    nothing("export_part", "copies of what is told here, for a day: an erasure deletes every one that was made before"),
    nothing("login_session", "sessions of those who work with the hub, not of customers"),
    nothing("model", "weights, and how often hashes of values occur: no value, and none of a single record"),
    nothing("quality_stratum", "how many pairs matching linked and kept apart, by score"),
    nothing("quarantine_discard", "which causes were discarded and why; what was discarded stays in quarantine"),
    nothing("outgoing_delivery", "which entries of the change log were told to whom, and no body"),
    nothing("outgoing_webhook", "who of those who work with the hub is told of changes, where, and by which document"),
    nothing("plan", "which decisions were made together; whom they are about, and why, is told by the decisions"),
    nothing("source", "the systems of the departments"),
    nothing(
        "source_lease",
        "who reads a source at present: a host and the number of a process, and who asked it to end",
    ),
    nothing("source_pause", "which sources are paused, by whom of those who work with the hub, and why"),
    nothing("stream_field", "which fields the payloads of a stream have, and no value of them"),
    nothing("stream_shape", "how many payloads of a stream were looked at"),
    nothing("survivorship", "rules by which values are chosen, and no value"),
    nothing("sync_run", "runs of sources; errors name streams and codes"),
    nothing("sync_run_stream", "figures of runs"),
    nothing("webhook_hint", "which sources are to be read because their systems have hinted at them"),
    nothing("webhook_delivery", "names that systems give to their deliveries, or hashes of those"),
];
