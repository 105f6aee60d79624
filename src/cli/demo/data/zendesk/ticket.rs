//! Tickets, what was said in them and what people thought of it.

use super::super::Rows;
use super::super::calendar::{Calendar, zulu};
use super::super::random::Random;
use super::{Ids, Requester};
use serde_json::{Value, json};

/// Subject, what the customer writes, what the agent answers.
const STORIES: &[(&str, &str, &str)] = &[
    (
        "Invoice shows my old address",
        "We moved last spring. Could you correct the address?",
        "Done, the next invoice has the new one.",
    ),
    ("Cannot sign in", "The reset link never arrives.", "Your mailbox refused it. Please try again now."),
    (
        "Charged twice?",
        "There are two bookings for this month on my card.",
        "The first one failed and was returned by the bank.",
    ),
    ("How do I add a colleague", "I cannot find where to invite somebody.", "Settings, then People, then Invite."),
    ("Export is empty", "The file has a header and nothing else.", "A filter was active. I removed it for you."),
    (
        "Please change my name",
        "I married and would like my new name on the account.",
        "Congratulations! The account has it now.",
    ),
    ("Newsletter although I unsubscribed", "Please stop sending it.", "You were on a second list. Both are off now."),
    ("Slow since Monday", "Every page takes ten seconds.", "A disk was full. It is fast again."),
    ("Question about the yearly plan", "Is there a discount?", "Two months are free when you pay for a year."),
    ("Card expired", "I have a new card, where do I enter it?", "Billing, then Payment method."),
];

const CHANNELS: &[&str] = &["email", "email", "email", "web", "voice", "chat", "api", "mobile"];

/// Adds the tickets of one requester. The hero has two, the first answered, rated and praised.
pub(super) fn add(rows: &mut Rows, ids: &mut Ids, requester: &Requester<'_>, calendar: &Calendar, random: &mut Random) {
    if calendar.months() == 0 {
        return;
    }
    let count = if requester.is_hero { 2 } else { [0, 0, 1, 1, 1, 2, 3][random.below(7)] };
    for at in 0..count {
        let is_model = requester.is_hero && at == 0;
        let created_days = if is_model { 20 } else { 1 + random.time_below(calendar.history_days()) };
        let created = calendar.days_ago(created_days, random);
        let answered = calendar.after(created, 30, random);
        let status = if is_model { "solved" } else { status(created_days, random) };
        let score = match (status, is_model) {
            (_, true) => "good",
            ("solved" | "closed", _) if random.chance(35) => ["good", "good", "good", "bad"][random.below(4)],
            ("solved" | "closed", _) if random.chance(50) => "offered",
            _ => "unoffered",
        };
        let story = if is_model { STORIES[2] } else { *random.pick(STORIES) };
        let ticket_id = ids.ticket();
        let agent = *random.pick(requester.agents);
        let channel = *random.pick(CHANNELS);
        let updated = if status == "new" { created } else { answered };
        rows.entry("tickets".to_owned()).or_default().push(json!({
            "id": ticket_id,
            "url": format!("https://onefold-demo.zendesk.example/api/v2/tickets/{ticket_id}.json"),
            "external_id": null,
            "via": {"channel": channel, "source": {"from": {}, "to": {}, "rel": null}},
            "created_at": zulu(created),
            "updated_at": zulu(updated),
            "generated_timestamp": updated,
            "type": if random.chance(30) { "problem" } else { "question" },
            "subject": story.0,
            "raw_subject": story.0,
            "description": story.1,
            "priority": if random.chance(15) { Value::Null } else { json!(["low", "normal", "normal", "high", "urgent"][random.below(5)]) },
            "status": status,
            "recipient": null,
            "requester_id": requester.user,
            "submitter_id": requester.user,
            "assignee_id": if status == "new" { Value::Null } else { Value::from(agent) },
            "organization_id": requester.organization,
            "group_id": 360_000_000_007_i64,
            "is_public": true,
            "due_at": null,
            "tags": [random.pick(&["billing", "access", "data", "praise", "performance"])],
            "custom_fields": [{"id": 360_000_000_011_i64, "value": null}],
            "satisfaction_rating": {"score": score},
            "ticket_form_id": 360_000_000_013_i64,
            "brand_id": 360_000_000_017_i64,
        }));
        let mut said = vec![comment(ids, requester.user, story.1, created, channel)];
        if status != "new" {
            said.push(comment(ids, agent, story.2, answered, "web"));
        }
        if is_model || (status == "solved" && random.chance(40)) {
            said.push(comment(
                ids,
                requester.user,
                "Thank you, that was quick!",
                calendar.after(answered, 3, random),
                channel,
            ));
        }
        rows.insert(format!("tickets/{ticket_id}/comments"), said);
        if score != "unoffered" {
            let rated = calendar.after(answered, 48, random);
            let rating = rating(ids, requester.user, ticket_id, agent, score, rated);
            rows.entry("satisfaction_ratings".to_owned()).or_default().push(rating);
        }
    }
}

fn status(days: i64, random: &mut Random) -> &'static str {
    match (days, random.below(10)) {
        (0..=2, 0..6) => "new",
        (0..=10, 0..5) => "open",
        (0..=20, 0..3) => "pending",
        (0..=20, 3) => "hold",
        (0..=30, _) => "solved",
        (_, 0) => "deleted",
        _ => "closed",
    }
}

fn comment(ids: &mut Ids, author: i64, body: &str, at: i64, channel: &str) -> Value {
    json!({
        "id": ids.user(),
        "type": "Comment",
        "author_id": author,
        "body": body,
        "html_body": format!("<p>{body}</p>"),
        "plain_body": body,
        "public": true,
        "attachments": [],
        "audit_id": ids.user(),
        "via": {"channel": channel, "source": {"from": {}, "to": {}, "rel": null}},
        "created_at": zulu(at),
        "metadata": {"system": {}, "custom": {}},
    })
}

fn rating(ids: &mut Ids, requester: i64, ticket: i64, agent: i64, score: &str, at: i64) -> Value {
    let id = ids.user();
    let words = match score {
        "good" => Some("Friendly and fast."),
        "bad" => Some("I had to ask twice."),
        _ => None,
    };
    json!({
        "id": id,
        "url": format!("https://onefold-demo.zendesk.example/api/v2/satisfaction_ratings/{id}.json"),
        "assignee_id": agent,
        "group_id": 360_000_000_007_i64,
        "requester_id": requester,
        "ticket_id": ticket,
        "score": score,
        "comment": words,
        "reason": if score == "bad" { "The issue took too long to resolve" } else { "No reason provided" },
        "created_at": zulu(at),
        "updated_at": zulu(at),
    })
}
