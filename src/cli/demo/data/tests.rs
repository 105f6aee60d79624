//! The demo's data keeps its promises.

use super::*;
use std::collections::{BTreeMap, BTreeSet};

fn now() -> DateTime<Utc> {
    DateTime::parse_from_rfc3339("2026-03-14T15:09:26Z").unwrap().to_utc()
}

fn demo() -> DemoData {
    demo_data(&DemoOptions::demo(now()))
}

/// Everything in one text.
fn bytes(data: &DemoData) -> String {
    let mut all = String::new();
    for system in [&data.stripe, &data.zendesk, &data.mailchimp] {
        for name in system.collections() {
            all.push_str(&serde_json::to_string(&(name.clone(), system.all(&name))).unwrap());
        }
    }
    all + &format!("{:?}{:?}", data.truth, data.misfits)
}

#[test]
fn the_same_options_give_the_same_bytes_and_only_the_day_of_now_counts() {
    let evening = now() + chrono::Duration::hours(8);
    assert_eq!(bytes(&demo()), bytes(&demo_data(&DemoOptions::demo(evening))));
    assert_ne!(bytes(&demo()), bytes(&demo_data(&DemoOptions { seed: 43, ..DemoOptions::demo(now()) })));
}

#[test]
fn another_day_moves_the_dates_and_nothing_else() {
    let later = demo_data(&DemoOptions::demo(now() + chrono::Duration::days(40)));
    assert_eq!(demo().truth, later.truth);
    let before = demo().stripe.all("invoices");
    let after = later.stripe.all("invoices");
    assert_eq!(before.len(), after.len());
    assert!(before.iter().zip(&after).all(|(before, after)| {
        before["total"] == after["total"] && before["created"].as_i64().unwrap() + 40 * 86_400 == after["created"]
    }));
}

#[test]
fn each_difference_of_real_systems_occurs() {
    let mut seen: BTreeMap<Quirk, usize> = BTreeMap::new();
    for quirk in demo().truth.iter().flat_map(|truth| &truth.quirks) {
        *seen.entry(*quirk).or_default() += 1;
    }
    eprintln!("{seen:?}");
    for quirk in [
        Quirk::Typo,
        Quirk::Nickname,
        Quirk::LetterCase,
        Quirk::Diacritics,
        Quirk::SwappedNames,
        Quirk::FormerName,
        Quirk::SharedMail,
        Quirk::MailSpelling,
        Quirk::WorkMail,
        Quirk::NoMail,
        Quirk::Placeholder,
        Quirk::FormerAddress,
        Quirk::NationalPhone,
        Quirk::Duplicate,
        Quirk::LegalForm,
        Quirk::RoleMailbox,
    ] {
        assert!(seen.get(&quirk).is_some_and(|count| *count >= 2), "{quirk:?}");
    }
}

#[test]
fn the_systems_overlap_and_every_record_is_somebodys() {
    let data = demo();
    let mut systems: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
    for truth in &data.truth {
        systems.entry(truth.entity).or_default().insert(truth.system);
    }
    let known_to = |count: usize| systems.values().filter(|systems| systems.len() == count).count();
    eprintln!("known to one, two, three systems: {} {} {}", known_to(1), known_to(2), known_to(3));
    assert!((0..240).all(|person| systems.contains_key(&person)));
    assert!([1, 2, 3].iter().all(|count| known_to(*count) > 30));

    let members = data.mailchimp.collections().into_iter().filter(|name| name.ends_with("/members"));
    let members: Vec<Value> = members.flat_map(|name| data.mailchimp.all(&name)).collect();
    let listed = |system: &str, stream: &str| -> BTreeSet<&str> {
        let of_stream = data.truth.iter().filter(|truth| truth.system == system && truth.stream == stream);
        of_stream.map(|truth| truth.external_id.as_str()).collect()
    };
    for (system, stream, rows) in [
        ("stripe", "customers", data.stripe.all("customers")),
        ("zendesk", "users", data.zendesk.all("users")),
        ("zendesk", "organizations", data.zendesk.all("organizations")),
        ("mailchimp", "members", members),
    ] {
        let rows = rows.iter().filter(|row| row["deleted"] != true);
        let ids: BTreeSet<String> = rows.map(|row| row["id"].to_string().replace('"', "")).collect();
        let misfits = data.misfits.iter().filter(|misfit| misfit.stream == stream).map(|misfit| &misfit.external_id);
        let expected: BTreeSet<String> =
            ids.into_iter().filter(|id| !misfits.clone().any(|misfit| misfit == id)).collect();
        assert_eq!(listed(system, stream), expected.iter().map(String::as_str).collect(), "{system} {stream}");
    }
}

#[test]
fn the_hero_is_in_all_three_systems_with_a_history_in_each() {
    let data = demo();
    let id = |system: &str| data.truth.iter().find(|truth| truth.entity == HERO && truth.system == system).unwrap();
    let of = |rows: Vec<Value>, field: &str, id: &str| -> Vec<Value> {
        rows.into_iter().filter(|row| row[field].to_string().replace('"', "") == id).collect()
    };
    let customer = data.stripe.get("customers", &id("stripe").external_id).unwrap();
    assert_eq!((&customer["name"], &customer["email"]), (&"Robert Kovač".into(), &"robert.kovac@example.com".into()));
    assert!(of(data.stripe.all("invoices"), "customer", &id("stripe").external_id).len() >= 10);
    assert!(of(data.stripe.all("charges"), "customer", &id("stripe").external_id).len() >= 10);
    let user = data.zendesk.get("users", &id("zendesk").external_id).unwrap();
    assert_eq!(user["name"], "Bob Kovac");
    assert_ne!(user["phone"], customer["phone"]);
    let read = |phone: &Value| onefold_model::Phone::parse(phone.as_str().unwrap(), None).unwrap().e164.unwrap();
    assert_eq!(read(&user["phone"]), read(&customer["phone"]));
    let tickets = of(data.zendesk.all("tickets"), "requester_id", &id("zendesk").external_id);
    assert_eq!((tickets.len(), &tickets[0]["status"]), (2, &"solved".into()));
    assert_eq!(data.zendesk.all(&format!("tickets/{}/comments", tickets[0]["id"])).len(), 3);
    assert!(!of(data.zendesk.all("satisfaction_ratings"), "ticket_id", &tickets[0]["id"].to_string()).is_empty());
    let member = data.mailchimp.get("lists/a1f09c27d4/members", &id("mailchimp").external_id).unwrap();
    assert_eq!(member["full_name"], "ROBERT KOVAC");
    let mut campaigns = data.mailchimp.collections().into_iter().filter(|name| name.ends_with("/sent-to"));
    assert!(campaigns.all(|name| of(data.mailchimp.all(&name), "email_id", &id("mailchimp").external_id).len() == 1));
}

#[test]
fn money_comes_in_currencies_of_every_kind_and_adds_up() {
    let data = demo();
    let invoices = data.stripe.all("invoices");
    let currencies: BTreeSet<&str> = invoices.iter().filter_map(|invoice| invoice["currency"].as_str()).collect();
    assert!(["eur", "usd", "gbp", "jpy", "kwd"].iter().all(|currency| currencies.contains(currency)), "{currencies:?}");
    for invoice in invoices.iter().filter(|invoice| invoice["total"].is_i64()) {
        let figure = |name: &str| invoice[name].as_i64().unwrap();
        assert_eq!(figure("total"), figure("subtotal") + figure("tax"), "{invoice}");
        assert_eq!(figure("amount_due"), figure("amount_paid") + figure("amount_remaining"), "{invoice}");
    }
    let charges = data.stripe.all("charges");
    let with = |field: &str, value: Value| charges.iter().filter(|charge| charge[field] == value).count();
    assert!(with("status", "failed".into()) > 5 && with("refunded", true.into()) > 2);
    assert!(charges.iter().any(|charge| charge["amount_refunded"].as_i64() > Some(0) && charge["refunded"] == false));
    for refund in data.stripe.all("refunds") {
        let charge = data.stripe.get("charges", refund["charge"].as_str().unwrap()).unwrap();
        assert_eq!(charge["amount_refunded"], refund["amount"]);
        assert!(charge["created"].as_i64() <= refund["created"].as_i64());
    }
}

#[test]
fn everything_happened_before_today_and_events_within_thirty_days() {
    let data = demo();
    let today = now().timestamp().div_euclid(86_400) * 86_400;
    for name in data.stripe.collections() {
        for row in data.stripe.all(&name) {
            assert!(row["created"].as_i64().unwrap() < today, "{name} {row}");
        }
    }
    let events = data.stripe.all("events");
    assert!(events.iter().all(|event| event["created"].as_i64().unwrap() >= today - 30 * 86_400));
    let kinds: BTreeSet<&str> = events.iter().filter_map(|event| event["type"].as_str()).collect();
    for kind in ["customer.updated", "customer.deleted", "invoice.paid", "charge.succeeded"] {
        assert!(kinds.contains(kind), "{kinds:?}");
    }
    for (name, field) in [("users", "updated_at"), ("organizations", "updated_at"), ("tickets", "updated_at")] {
        for row in data.zendesk.all(name) {
            let at = DateTime::parse_from_rfc3339(row[field].as_str().unwrap()).unwrap().timestamp();
            assert!(at < today, "{name} {row}");
        }
    }
}

#[test]
fn nobody_real_is_named_mailed_or_called() {
    let text = bytes(&demo());
    for (at, _) in text.match_indices('@') {
        let domain: String =
            text[at + 1..].chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-')).collect();
        let domain = domain.to_lowercase();
        let reserved =
            ["example.com", "example.net", "example.org"].contains(&domain.as_str()) || domain.ends_with(".example");
        assert!(reserved, "{domain}");
    }
}

#[test]
fn keys_are_distinct_within_a_stream() {
    let data = demo();
    for (system, name) in [(&data.stripe, "stripe"), (&data.zendesk, "zendesk"), (&data.mailchimp, "mailchimp")] {
        for collection in system.collections() {
            let rows = system.all(&collection);
            let key = |row: &Value| row.get("id").or_else(|| row.get("email_id")).unwrap().to_string();
            let keys: BTreeSet<String> = rows.iter().map(key).collect();
            assert_eq!(keys.len(), rows.len(), "{name} {collection}");
        }
    }
}

#[test]
fn a_mail_address_is_one_user_and_an_invoice_number_one_invoice() {
    let data = demo();
    let once = |rows: Vec<Value>, field: &str| {
        let values: Vec<String> = rows.iter().filter_map(|row| row[field].as_str()).map(str::to_lowercase).collect();
        let distinct: BTreeSet<&String> = values.iter().collect();
        assert_eq!(distinct.len(), values.len(), "{field}");
    };
    once(data.zendesk.all("users"), "email");
    let misfit = |row: &Value| data.misfits.iter().any(|misfit| row["id"] == misfit.external_id.as_str());
    once(data.stripe.all("invoices").into_iter().filter(|row| !misfit(row)).collect(), "number");
}

#[test]
fn misfits_are_there_and_nothing_else_is_odd() {
    let data = demo();
    assert_eq!(data.misfits.len(), 5);
    for (system, count) in [("stripe", 2), ("zendesk", 2), ("mailchimp", 1)] {
        assert_eq!(data.misfits.iter().filter(|misfit| misfit.system == system).count(), count, "{system}");
    }
    let odd =
        data.stripe.all("charges").iter().filter(|charge| charge["currency"].as_str().unwrap().len() != 3).count();
    assert_eq!(odd, 1);
}

#[test]
fn the_scale_can_be_chosen() {
    let data = demo_data(&DemoOptions::parties(2000, now()));
    let people: BTreeSet<usize> = data.truth.iter().map(|truth| truth.entity).filter(|entity| *entity < 2000).collect();
    assert_eq!(people.len(), 2000);
    assert_eq!(data.stripe.count("invoices") + data.zendesk.count("tickets") + data.mailchimp.count("campaigns"), 0);
    for people in [0, 1, 7] {
        let data = demo_data(&DemoOptions { people, ..DemoOptions::demo(now()) });
        assert!(people == 0 || data.stripe.count("customers") > 0);
    }
}
