//! Recorded answers and API descriptions of the vendors, where the shared data is beside the repository: every payload
//! becomes its records, or is refused with a cause that is written down here.

use crate::fixtures::imported;
use crate::folders::load;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Where payloads stand in a file of the shared data.
struct Case {
    file: &'static str,
    stream: &'static str,
    /// A pointer to a record or to a list of records in an answer.
    at: &'static str,
    /// What the payload is put into, where a list wraps its records and a single answer does not.
    wrap: Option<&'static str>,
}

const fn case(file: &'static str, stream: &'static str, at: &'static str) -> Case {
    Case { file, stream, at, wrap: None }
}

fn shared(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/connectors").join(name);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: {name}, because the shared data is not beside the repository");
    None
}

/// The payloads of a file.
fn payloads(case: &Case) -> Option<Vec<Value>> {
    let text = std::fs::read_to_string(shared(case.file)?).unwrap();
    let file: Value = serde_json::from_str(&text).unwrap();
    let answers: Vec<&Value> = match (file.get("responses"), file.get("exchanges")) {
        (Some(Value::Array(responses)), _) => responses.iter().collect(),
        (_, Some(Value::Array(exchanges))) => exchanges.iter().map(|exchange| &exchange["response"]).collect(),
        _ => panic!("{} has no answers", case.file),
    };
    let mut found = Vec::new();
    for answer in answers {
        match answer.pointer(case.at) {
            Some(Value::Array(records)) => found.extend(records.iter().cloned()),
            Some(record) => found.push(record.clone()),
            None => panic!("{} has nothing at {:?}", case.file, case.at),
        }
    }
    for payload in &mut found {
        if let Some(key) = case.wrap {
            *payload = Value::Object(Map::from_iter([(key.to_owned(), payload.take())]));
        }
    }
    Some(found)
}

/// Maps all payloads of a vendor. What does not become a record, and what was left out, must be as written here.
fn check(folder: &str, cases: &[Case], misfits: &[&str], drift: &[&str]) {
    let connector = load(folder);
    let (mut count, mut files, mut refused, mut left_out) = (0, 0, BTreeSet::new(), BTreeSet::new());
    let (mut filled, mut known) = (BTreeSet::new(), BTreeSet::new());
    for case in cases {
        let Some(payloads) = payloads(case) else { continue };
        files += 1;
        let info = connector.streams().into_iter().find(|stream| stream.name == case.stream).unwrap();
        known.extend(info.into.fields().iter().map(|field| (case.stream, field.name.clone())));
        for payload in payloads {
            count += 1;
            let output = connector.map(case.stream, "key", &payload);
            refused.extend(output.misfits.iter().map(|misfit| format!("{}: {}", case.file, misfit.error)));
            left_out.extend(output.drift.iter().map(|drift| format!("{}: {} {}", case.file, drift.path, drift.code)));
            for mapped in output.records.iter().filter(|mapped| mapped.stream == case.stream) {
                let record = mapped.record.to_json();
                let fields = record.as_object().unwrap().keys();
                filled.extend(fields.map(|field| (case.stream, field.clone())));
            }
        }
    }
    if files == 0 {
        return;
    }
    eprintln!("{folder}: {count} payloads of {files} files, {} of {} fields filled", filled.len(), known.len());
    let expected = |list: &[&str]| list.iter().map(|line| (*line).to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(refused, expected(misfits), "{folder}");
    assert_eq!(left_out, expected(drift), "{folder}");
}

#[test]
fn hubspot() {
    let cases = [
        case("hubspot/contacts.json", "contacts", "/results"),
        case("hubspot/contacts_search.json", "contacts", "/results"),
        case("hubspot/companies.json", "companies", "/results"),
        case("hubspot/tickets.json", "tickets", "/results"),
        case("hubspot/recorded_single/get-contact.json", "contacts", ""),
        case("hubspot/recorded_single/get-company.json", "companies", ""),
        case("hubspot/recorded_single/get-ticket.json", "tickets", ""),
    ];
    check("marketing/hubspot", &cases, &[], &[]);
}

#[test]
fn chargebee() {
    let cases = [
        case("chargebee/customers.json", "customers", "/list"),
        case("chargebee/subscriptions.json", "subscriptions", "/list"),
        case("chargebee/invoices.json", "invoices", "/list"),
        case("chargebee/transactions.json", "payments", "/list"),
        case("chargebee/recorded_single/get-customer.json", "customers", ""),
        case("chargebee/recorded_single/get-subscription.json", "subscriptions", ""),
        case("chargebee/recorded_single/get-invoice.json", "invoices", ""),
    ];
    check("billing/chargebee", &cases, &[], &[]);
}

#[test]
fn freshdesk() {
    let cases = [
        case("freshdesk/b_api_v2_contacts.json", "contacts", ""),
        case("freshdesk/b_api_v2_contacts_id.json", "contacts", ""),
        case("freshdesk/b_api_v2_tickets.json", "tickets", ""),
        case("freshdesk/b_api_v2_tickets_id.json", "tickets", ""),
    ];
    check("support/freshdesk", &cases, &[], &[]);
}

#[test]
fn intercom() {
    let cases = [
        case("intercom/contacts.json", "contacts", "/data"),
        case("intercom/contact.json", "contacts", ""),
        case("intercom/contacts_search.json", "contacts", "/data"),
        case("intercom/contacts_search_pages.json", "contacts", "/data"),
        case("intercom/companies.json", "companies", "/data"),
        case("intercom/companies_scroll.json", "companies", "/data"),
        case("intercom/conversation.json", "conversations", ""),
        case("intercom/conversations.json", "conversations", "/conversations"),
        case("intercom/conversations_search.json", "conversations", "/conversations"),
        case("intercom/ticket.json", "tickets", ""),
        case("intercom/tickets_search.json", "tickets", "/tickets"),
        case("intercom/recorded_single/get-contact.json", "contacts", ""),
        case("intercom/recorded_single/get-company.json", "companies", ""),
        case("intercom/recorded_single/get-conversation.json", "conversations", ""),
    ];
    check("support/intercom", &cases, &[], &[]);
}

#[test]
fn klaviyo() {
    let cases = [
        case("klaviyo/profiles.json", "profiles", "/data"),
        case("klaviyo/list_profiles.json", "profiles", "/data"),
        case("klaviyo/campaigns.json", "campaigns", "/data"),
        case("klaviyo/events.json", "events", "/data"),
        case("klaviyo/recorded_single/get-profile.json", "profiles", "/data"),
        case("klaviyo/recorded_single/get-campaign.json", "campaigns", "/data"),
    ];
    check("marketing/klaviyo", &cases, &[], &[]);
}

#[test]
fn zoho_crm() {
    let cases = [
        case("zoho_crm/b_module_api_name.json", "contacts", "/data"),
        case("zoho_crm/b_module_api_name_record_id.json", "accounts", "/data"),
        case("zoho_crm/b_module_api_name_search.json", "leads", "/data"),
        case("zoho_crm/recorded_single/get-account.json", "accounts", "/data"),
        case("zoho_crm/recorded_single/get-contact.json", "contacts", "/data"),
        case("zoho_crm/recorded_single/get-lead.json", "leads", "/data"),
        case("zoho_crm/recorded_single/get-call.json", "calls", "/data"),
        case("zoho_crm/recorded_single/get-event.json", "meetings", "/data"),
    ];
    check("crm/zoho_crm", &cases, &[], &[]);
}

#[test]
fn xero() {
    let cases = [
        case("xero/contacts.json", "contacts", "/Contacts"),
        case("xero/invoices.json", "invoices", "/Invoices"),
        case("xero/payments.json", "payments", "/Payments"),
        case("xero/recorded_single/get-contact.json", "contacts", "/Contacts"),
        case("xero/recorded_single/get-invoice.json", "invoices", "/Invoices"),
        case("xero/recorded_single/get-payment.json", "payments", "/Payments"),
    ];
    check("billing/xero", &cases, &[], &[]);
}

#[test]
fn quickbooks() {
    let described = "quickbooks/b_v3_company_realm_id_";
    let cases = [
        case("quickbooks/b_v3_company_realm_id_customer_customer_id.json", "customers", "/Customer"),
        case("quickbooks/b_v3_company_realm_id_invoice_invoice_id.json", "invoices", "/Invoice"),
        case("quickbooks/b_v3_company_realm_id_payment_payment_id.json", "payments", "/Payment"),
        case("quickbooks/recorded_single/get-customer.json", "customers", "/Customer"),
        case("quickbooks/recorded_single/get-invoice.json", "invoices", "/Invoice"),
        case("quickbooks/recorded_single/get-payment.json", "payments", "/Payment"),
    ];
    assert!(cases[0].file.starts_with(described));
    check("billing/quickbooks", &cases, &[], &[]);
}

#[test]
fn salesforce() {
    let cases = [case("salesforce/recorded_single/get-record.json", "accounts", "")];
    check("crm/salesforce", &cases, &[], &[]);
}

#[test]
fn eventbrite() {
    let cases = [
        case("eventbrite/getEventAttendees.json", "attendees", "/attendees"),
        case("eventbrite/getEventAttendee.json", "attendees", ""),
        case("eventbrite/getEventsAttendees.json", "attendees", "/attendees"),
        case("eventbrite/getOrganizationAttendees.json", "attendees", "/attendees"),
        case("eventbrite/getOrganizationsAttendees.json", "attendees", "/attendees"),
        case("eventbrite/getOrganizationEvents.json", "events", "/events"),
        case("eventbrite/getEvent.json", "events", ""),
        case("eventbrite/getEventOrders.json", "orders", "/orders"),
        case("eventbrite/getOrganizationOrders.json", "orders", "/orders"),
        case("eventbrite/getOrder.json", "orders", ""),
    ];
    check("marketing/eventbrite", &cases, &[], &[]);
}

/// The recorded report has other dimensions than the connector asks for: it has no user, so it is a report of days whose
/// user is the source of the session.
#[test]
fn google_analytics() {
    let cases = [case("google_analytics/run_report.json", "days", "/rows")];
    check("marketing/google_analytics", &cases, &[], &[]);
}

#[test]
fn exports_of_older_programs_are_recognised_by_their_columns() {
    for (file, folder, kind, unfit) in [
        ("legacy/act_contacts.csv", "crm/act_files", "party", 0),
        ("legacy/goldmine_contact1.csv", "crm/goldmine_files", "party", 0),
        ("legacy/eventbrite_attendees_us.csv", "marketing/eventbrite_files", "party", 0),
    ] {
        let Some(path) = shared(file) else { continue };
        let found = imported(&load(folder), &std::fs::read(path).unwrap(), Some("DE"));
        let lines = found.as_array().unwrap();
        assert_eq!(lines[0]["kind"], kind, "{file}");
        let bad = lines[1..].iter().filter(|line| line.get("record").is_none()).count();
        assert_eq!(bad, unfit, "{file}: {found:#}");
        eprintln!("{folder}: {} rows, {bad} refused", lines.len() - 1);
    }
}
