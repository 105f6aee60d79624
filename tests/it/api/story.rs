//! People and a company whom three departments know, with everything that can happen between them and the company.

use super::hub::{Hub, put, record_id};
use onefold::app::IngestRecord;
use onefold::store::{Quarantined, RunRow, RunState, Store};
use onefold_model::{RecordId, RecordKind, SourceId, SourceKey, SyncRunId};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::store::fixture::time;

const GIVEN: [&str; 24] = [
    "Robert", "Anna", "Mehmet", "Ingrid", "Pavel", "Chiara", "Tomasz", "Yuki", "Fatima", "Lars", "Elena", "Hugo",
    "Priya", "Oskar", "Noemi", "Viktor", "Salma", "Diego", "Greta", "Bruno", "Amina", "Jonas", "Livia", "Emil",
];
const FAMILY: [&str; 24] = [
    "Kovač",
    "Huber",
    "Yilmaz",
    "Lindqvist",
    "Novák",
    "Rossi",
    "Wisniewski",
    "Tanaka",
    "Haddad",
    "Eriksen",
    "Popescu",
    "Laurent",
    "Sharma",
    "Berger",
    "Fontana",
    "Petrov",
    "Mansour",
    "Alvarez",
    "Schneider",
    "Moretti",
    "Diallo",
    "Keller",
    "Marti",
    "Janssen",
];

/// The mailbox of the n-th person.
pub(crate) fn mailbox(n: usize) -> String {
    format!("{}.{n}@example.com", GIVEN[n].to_lowercase())
}

/// The number of the n-th person that Billing and Support have.
pub(crate) fn phone(n: usize) -> String {
    format!("+4366012345{n:02}")
}

fn email(address: &str) -> Value {
    json!([{"address": address, "original": address.to_uppercase(), "primary": true}])
}

fn customer_ref(n: usize) -> Value {
    json!({"stream": "customers", "externalId": format!("c{n}")})
}

fn reference(stream: &str, key: &str) -> Value {
    json!({"stream": stream, "externalId": key})
}

fn eur(amount: &str) -> Value {
    json!({"amount": amount, "currency": "EUR"})
}

/// What Billing knows of the n-th person.
pub(crate) fn billing_party(n: usize) -> Value {
    json!({
        "kind": "PERSON", "displayName": format!("{} {}", GIVEN[n], FAMILY[n]), "givenName": GIVEN[n],
        "familyName": FAMILY[n], "namePrefix": "Dr.", "nameSuffix": "Jr.", "middleName": "Maria", "language": "de",
        "timeZone": "Europe/Berlin", "nickname": format!("{}i", GIVEN[n]),
        "emails": email(&mailbox(n)), "phones": [{"e164": phone(n), "original": phone(n)}],
        "addresses": [{"lines": [format!("Hauptgasse {}", n + 1)], "locality": "Wien", "postalCode": "1010", "country": "AT"}],
        "identifiers": [{"system": "crm", "value": format!("K-{n:04}")}], "tags": ["pays late"],
    })
}

/// What Support knows of the n-th person.
pub(crate) fn support_party(n: usize) -> Value {
    json!({
        "kind": "PERSON", "displayName": format!("{} {}", GIVEN[n], FAMILY[n].to_uppercase()), "givenName": GIVEN[n],
        "familyName": FAMILY[n].to_uppercase(), "emails": email(&mailbox(n)),
        "phones": [{"e164": phone(n), "original": phone(n)}], "birthDate": "1984-03-07", "jobTitle": "Buyer",
        "tags": ["impatient"],
    })
}

/// What Marketing knows of the n-th person.
pub(crate) fn marketing_party(n: usize) -> Value {
    json!({
        "kind": "PERSON", "givenName": GIVEN[n], "familyName": FAMILY[n], "nickname": format!("{}chen", GIVEN[n]),
        "company": format!("{} Works", FAMILY[n]), "timeZone": "Europe/Vienna", "emails": email(&mailbox(n)), "language": "en",
        "phones": [{"e164": format!("+431999{n:04}"), "original": format!("01 999 {n:04}")}], "tags": ["reader"],
    })
}

/// The party records of the n-th person.
pub(crate) fn person(n: usize) -> Vec<(&'static str, IngestRecord)> {
    let key = format!("c{n}");
    vec![
        ("stripe", put(RecordKind::Party, "customers", &key, billing_party(n))),
        ("zendesk", put(RecordKind::Party, "customers", &key, support_party(n))),
        ("mailchimp", put(RecordKind::Party, "customers", &key, marketing_party(n))),
    ]
}

/// The record of the n-th person in a source.
pub(crate) fn party_id(source: &str, n: usize) -> RecordId {
    record_id(source, "customers", &format!("c{n}"))
}

/// What happened with the n-th person: one or two of every kind.
pub(crate) fn history(n: usize) -> Vec<(&'static str, IngestRecord)> {
    let (customer, key) = (customer_ref(n), |prefix: &str| format!("{prefix}{n}"));
    let (account, invoice, ticket) =
        (reference("accounts", &key("a")), reference("invoices", &key("i")), reference("tickets", &key("t")));
    let day = |day: usize| format!("2026-0{}-{:02}T10:00:00Z", 1 + n % 9, day);
    vec![
        (
            "stripe",
            put(
                RecordKind::Account,
                "accounts",
                &key("a"),
                json!({
            "number": format!("ACC-{n:04}"), "holder": customer, "status": "CLOSED", "openedOn": "2020-01-01",
            "closedOn": "2026-01-01", "balance": eur("-3.10")}),
            ),
        ),
        (
            "stripe",
            put(
                RecordKind::Subscription,
                "subscriptions",
                &key("s"),
                json!({
            "customer": customer, "account": account, "product": "Gold", "status": "CANCELLED", "startedAt": day(1),
            "currentPeriodEnd": day(20), "cancelledAt": day(10), "cancelReason": "too dear", "recurring": eur("9.90"),
            "interval": "month"}),
            ),
        ),
        (
            "stripe",
            put(
                RecordKind::Invoice,
                "invoices",
                &key("i"),
                json!({
            "number": format!("INV-{n:04}"), "customer": customer, "account": account, "status": "PAID",
            "issuedAt": day(2), "dueOn": "2026-02-01", "paidAt": day(3), "net": eur("10.25"), "tax": eur("2.05"),
            "total": eur("12.30"), "amountDue": eur("0"), "amountPaid": eur("12.30")}),
            ),
        ),
        (
            "stripe",
            put(
                RecordKind::Invoice,
                "invoices",
                &key("j"),
                json!({
            "number": format!("OPEN-{n:04}"), "customer": customer, "status": "OPEN", "issuedAt": day(4),
            "total": eur("99.95")}),
            ),
        ),
        (
            "stripe",
            put(
                RecordKind::Payment,
                "payments",
                &key("p"),
                json!({
            "customer": customer, "invoice": invoice, "amount": eur("12.30"), "refunded": eur("1"),
            "status": "FAILED", "method": "card", "failureReason": "no money", "paidAt": day(3)}),
            ),
        ),
        (
            "zendesk",
            put(
                RecordKind::Ticket,
                "tickets",
                &key("t"),
                json!({
            "number": format!("T-{n:04}"), "customer": customer, "subject": "Where is it?", "status": "SOLVED",
            "priority": "HIGH", "channel": "EMAIL", "openedAt": day(5), "updatedAt": day(6), "solvedAt": day(7),
            "tags": ["delivery"]}),
            ),
        ),
        (
            "zendesk",
            put(
                RecordKind::Interaction,
                "interactions",
                &key("x"),
                json!({
            "customer": customer, "ticket": ticket, "kind": "MESSAGE", "direction": "INBOUND", "channel": "EMAIL",
            "at": day(5), "subject": "Where is it?", "summary": "It has not come."}),
            ),
        ),
        (
            "zendesk",
            put(
                RecordKind::Feedback,
                "feedback",
                &key("f"),
                json!({
            "customer": customer, "ticket": ticket, "instrument": "CSAT", "score": 4, "scoreMax": 5,
            "comment": "Friendly.", "at": day(8)}),
            ),
        ),
        (
            "zendesk",
            put(
                RecordKind::Consent,
                "consents",
                &key("z"),
                json!({
            "customer": customer, "purpose": "newsletter", "channel": "EMAIL", "status": "WITHDRAWN",
            "capturedAt": day(9), "capturedVia": "telephone"}),
            ),
        ),
        (
            "mailchimp",
            put(
                RecordKind::Campaign,
                "campaigns",
                "spring",
                json!({
            "name": "Spring", "subject": "It is warm", "purpose": "newsletter", "channel": "EMAIL", "status": "SENT",
            "sentAt": "2026-03-01T08:00:00Z"}),
            ),
        ),
        (
            "mailchimp",
            put(
                RecordKind::CampaignTouch,
                "touches",
                &key("m"),
                json!({
            "campaign": reference("campaigns", "spring"), "customer": customer, "channel": "EMAIL",
            "at": "2026-03-01T08:00:01Z", "result": "OPENED", "opens": 2}),
            ),
        ),
        (
            "mailchimp",
            put(
                RecordKind::Consent,
                "consents",
                &key("n"),
                json!({
            "customer": customer, "purpose": "newsletter", "channel": "EMAIL", "status": "GRANTED",
            "legalBasis": "CONSENT", "capturedAt": day(1), "capturedVia": "web form"}),
            ),
        ),
    ]
}

/// A company that Billing and Support know.
pub(crate) fn company() -> Vec<(&'static str, IngestRecord)> {
    let party = |trade: &str| {
        json!({
            "kind": "ORGANIZATION", "displayName": "Quendel Handels GmbH", "legalName": "Quendel Handels GmbH",
            "tradeNames": [trade], "domains": ["quendel.example"], "emails": email("office@quendel.example"),
            "identifiers": [{"system": "vat", "value": "ATU12345678"}],
        })
    };
    vec![
        ("stripe", put(RecordKind::Party, "customers", "org", party("Quendel"))),
        ("zendesk", put(RecordKind::Party, "customers", "org", party("Quendel Tea"))),
    ]
}

/// Two records that are too alike to ignore and not alike enough to fold: the same rare name, and nothing else.
pub(crate) fn namesakes() -> Vec<(&'static str, IngestRecord)> {
    let party = |email_address: &str| {
        json!({"kind": "PERSON", "displayName": "Teodora Vasilescu", "givenName": "Teodora", "familyName": "Vasilescu",
               "emails": email(email_address)})
    };
    vec![
        ("stripe", put(RecordKind::Party, "customers", "v1", party("teodora.vasilescu@one.example"))),
        ("zendesk", put(RecordKind::Party, "customers", "v2", party("tvasilescu@two.example"))),
    ]
}

/// Everything: so many people with their histories, the company and the namesakes; then a fold, what did not fit, and a run
/// of each source that failed.
pub(crate) async fn filled(hub: &Hub, people: usize) {
    for source in super::hub::SOURCES.map(|(key, _)| key) {
        let all = (0..people).flat_map(|n| person(n).into_iter().chain(history(n))).chain(company()).chain(namesakes());
        let own: Vec<IngestRecord> = all.filter(|(of, _)| *of == source).map(|(_, record)| record).collect();
        hub.push(source, own).await;
    }
    hub.fold().await;
    for (key, _) in super::hub::SOURCES {
        misfit(hub.app.store(), key).await;
        failed_run(hub.app.store(), key).await;
    }
}

/// A payload that does not fit.
pub(crate) async fn misfit(store: &Store, source: &str) {
    let source = SourceId::derive(&SourceKey::new(source).expect("a slug"));
    let item = Quarantined {
        stream: "invoices".to_owned(),
        external_id: Some("bad".to_owned()),
        code: "NOT_A_DATE".to_owned(),
        path: Some("dueOn".to_owned()),
        place: Some("line 7".to_owned()),
        message: "dueOn is not a date".to_owned(),
        raw: serde_json::from_str(r#"{"id": "bad", "due": "soon", "amount": 12.30, "rate": 1e3}"#).expect("JSON"),
    };
    let mut tx = store.begin().await.expect("a transaction");
    tx.quarantine_write(source, None, &[item], time(500)).await.expect("it is kept");
    tx.commit().await.expect("commit");
}

/// The id of the run of a source.
pub(crate) fn run_id(source: &str) -> SyncRunId {
    SyncRunId(Uuid::from_u128(source.bytes().map(u128::from).sum()))
}

async fn failed_run(store: &Store, source: &str) {
    run_that_failed(store, source, run_id(source), "the key was refused").await;
}

/// A run that failed with this error, and what it did to a stream.
pub(crate) async fn run_that_failed(store: &Store, source: &str, id: SyncRunId, error: &str) {
    let run = RunRow {
        id,
        source: SourceId::derive(&SourceKey::new(source).expect("a slug")),
        trigger: "manual".to_owned(),
        actor: "ann".to_owned(),
        state: RunState::Running,
        started_at: time(500),
        finished_at: None,
        error: None,
    };
    let mut tx = store.begin().await.expect("a transaction");
    tx.run_start(&run).await.expect("it begins");
    tx.commit().await.expect("commit");
    let key = SourceKey::new(source).expect("a slug");
    let page = onefold::store::PageCommit {
        source: run.source,
        source_key: &key,
        run: Some(run.id),
        stream: "invoices",
        mapping: "map-1",
        records: Vec::new(),
        quarantined: Vec::new(),
        checkpoints: Vec::new(),
        generation: None,
        at: time(501),
    };
    crate::store::fixture::commit(store, page).await;
    let mut tx = store.begin().await.expect("a transaction");
    tx.run_finish(run.id, RunState::Failed, Some(error), time(502)).await.expect("it ends");
    tx.commit().await.expect("commit");
}
