//! Campaigns of one list, whom they reached and what came of it.

use super::super::Rows;
use super::super::calendar::{Calendar, with_offset};
use super::super::random::Random;
use serde_json::{Value, json};

const SUBJECTS: &[&str] = &[
    "What is new this month",
    "Three things that save you an hour",
    "Your invoices, in one place",
    "Meet the team behind support",
    "Prices stay as they are",
    "Before the year ends",
];

/// One campaign a month, six at most. Every subscriber who had joined is reached; some mailboxes bounce.
pub(super) fn add(rows: &mut Rows, list: &str, members: &[Value], calendar: &Calendar, random: &mut Random) {
    for (at, subject) in SUBJECTS.iter().take(usize::try_from(calendar.months()).unwrap_or(0)).enumerate() {
        let id = random.hex(10);
        let days = 9 + 30 * i64::try_from(at).unwrap_or(0);
        let sent = calendar.days_ago(days, random);
        let (touches, activity) = touches(&id, list, members, sent, calendar, random);
        let opens: u64 = touches.iter().filter_map(|touch| touch["open_count"].as_u64()).sum();
        let opened = touches.iter().filter(|touch| touch["open_count"] != 0).count();
        let campaign = campaign(&id, list, subject, sent, touches.len(), opens, opened);
        rows.entry("campaigns".to_owned()).or_default().push(campaign);
        rows.insert(format!("reports/{id}/sent-to"), touches);
        rows.insert(format!("reports/{id}/email-activity"), activity);
    }
}

fn touches(
    campaign: &str,
    list: &str,
    members: &[Value],
    sent: i64,
    calendar: &Calendar,
    random: &mut Random,
) -> (Vec<Value>, Vec<Value>) {
    let mut touches = Vec::new();
    let mut activity = Vec::new();
    for member in members.iter().filter(|member| member["status"] != "pending") {
        let is_subscribed = member["status"] == "subscribed";
        let is_hero = member["email_address"] == "Robert.Kovac@Example.com";
        if !is_hero && !is_subscribed && random.chance(60) {
            continue;
        }
        let bounced = !is_hero && (member["status"] == "cleaned" || random.chance(2));
        let opens = match random.below(10) {
            _ if bounced => 0,
            _ if is_hero => 2,
            0..5 => 0,
            5..8 => 1,
            _ => 3,
        };
        let opened = (opens > 0).then(|| calendar.after(sent, 40, random));
        let clicked = opened.filter(|_| is_hero || random.chance(35)).map(|at| calendar.after(at, 1, random));
        touches.push(json!({
            "email_id": member["id"],
            "email_address": member["email_address"],
            "merge_fields": member["merge_fields"],
            "vip": false,
            "status": if bounced { "hard" } else { "sent" },
            "open_count": opens,
            "last_open": opened.map_or_else(String::new, with_offset),
            "absplit_group": "",
            "gmt_offset": 0,
            "campaign_id": campaign,
            "list_id": list,
            "list_is_active": true,
            "_links": [],
        }));
        let mut actions = Vec::new();
        if bounced {
            actions.push(json!({"action": "bounce", "type": "hard", "timestamp": with_offset(sent + 30)}));
        }
        if let Some(at) = opened {
            actions.push(json!({"action": "open", "timestamp": with_offset(at), "ip": "192.0.2.7"}));
        }
        if let Some(at) = clicked {
            let url = "https://onefold.example/news";
            actions.push(json!({"action": "click", "timestamp": with_offset(at), "url": url, "ip": "192.0.2.7"}));
        }
        activity.push(json!({
            "campaign_id": campaign,
            "list_id": list,
            "list_is_active": true,
            "email_id": member["id"],
            "email_address": member["email_address"],
            "activity": actions,
            "_links": [],
        }));
    }
    (touches, activity)
}

fn campaign(id: &str, list: &str, subject: &str, sent: i64, reached: usize, opens: u64, opened: usize) -> Value {
    json!({
        "id": id,
        "web_id": 4_700_000 + sent % 100_000,
        "type": "regular",
        "create_time": with_offset(sent - 7200),
        "archive_url": "",
        "long_archive_url": "",
        "status": "sent",
        "emails_sent": reached,
        "send_time": with_offset(sent),
        "content_type": "template",
        "resendable": true,
        "recipients": {"list_id": list, "list_is_active": true, "list_name": "", "segment_text": "", "recipient_count": reached},
        "settings": {
            "subject_line": subject,
            "preview_text": "",
            "title": subject,
            "from_name": "Onefold demo",
            "reply_to": "hello@onefold.example",
            "to_name": "*|FNAME|*",
            "folder_id": "",
            "template_id": 0,
        },
        "tracking": {"opens": true, "html_clicks": true, "text_clicks": false},
        "report_summary": {"opens": opens, "unique_opens": opened, "clicks": 0, "subscriber_clicks": 0},
        "delivery_status": {"enabled": false},
        "_links": [],
    })
}
