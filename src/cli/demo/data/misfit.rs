//! Records that no model can take: every company has some, and a hub that hides them cannot be trusted.

use super::calendar::{Calendar, zulu};
use super::random::Random;
use super::{Misfit, Rows};
use serde_json::{Value, json};

/// Puts two records into each system, each a copy of a good one with one thing wrong.
pub(super) fn add(stripe: &mut Rows, zendesk: &mut Rows, mailchimp: &mut Rows, calendar: &Calendar) -> Vec<Misfit> {
    let mut random = Random::new(404);
    let at = calendar.days_ago(5, &mut random);
    let members = format!("lists/{}/members", super::mailchimp::LISTS[0].0);
    let mut misfits = Vec::new();
    let mut spoil = |rows: &mut Rows, system, stream, collection: &str, reason, wrong: &[(&str, Value)]| {
        let target = rows.entry(collection.to_owned()).or_default();
        let Some(mut copy) = target.first().cloned() else { return };
        for (field, value) in wrong {
            copy[*field] = value.clone();
        }
        let external_id = copy["id"].as_str().map_or_else(|| copy["id"].to_string(), str::to_owned);
        target.push(copy);
        misfits.push(Misfit { system, stream, external_id, reason });
    };
    spoil(
        stripe,
        "stripe",
        "charges",
        "charges",
        "the currency is no code of ISO 4217",
        &[
            ("id", json!("ch_MisfitCurrency0000000000")),
            ("created", json!(at)),
            ("currency", json!("e$")),
            ("invoice", Value::Null),
        ],
    );
    spoil(
        stripe,
        "stripe",
        "invoices",
        "invoices",
        "the total is a text with a comma",
        &[("id", json!("in_MisfitAmount000000000000")), ("created", json!(at)), ("total", json!("12,50"))],
    );
    spoil(
        zendesk,
        "zendesk",
        "tickets",
        "tickets",
        "the ticket was opened on the 31st of February",
        &[
            ("id", json!(999_001)),
            ("created_at", json!("2024-02-31T25:61:00Z")),
            ("updated_at", json!(zulu(at))),
            ("generated_timestamp", json!(at)),
        ],
    );
    spoil(
        zendesk,
        "zendesk",
        "satisfaction_ratings",
        "satisfaction_ratings",
        "the ticket is not named by a key",
        &[("id", json!(999_002)), ("ticket_id", json!({"unexpected": "object"}))],
    );
    spoil(
        mailchimp,
        "mailchimp",
        "members",
        &members,
        "the last change was never",
        &[
            ("id", json!(super::mailchimp::member_id("never@example.com"))),
            ("email_address", json!("never@example.com")),
            ("last_changed", json!("0000-00-00 00:00:00")),
            ("timestamp_opt", json!("0000-00-00 00:00:00")),
        ],
    );
    misfits
}
