//! Billing: customers as Stripe has them, and everything that hangs on them.

mod billing;
mod charge;
mod invoice;

use super::calendar::Calendar;
use super::person::Home;
use super::population::Population;
use super::random::Random;
use super::spelled::{Spelled, System, company_name, dial};
use super::{Quirk, Rows, Truth};
use crate::http::vendor::stripe::event;
use serde_json::{Value, json};

/// The collections of Stripe, each oldest first.
pub(super) fn rows(population: &Population, calendar: &Calendar, truth: &mut Vec<Truth>) -> Rows {
    let mut rows = Rows::new();
    for name in ["customers", "subscriptions", "invoices", "charges", "refunds", "events"] {
        rows.insert(name.to_owned(), Vec::new());
    }
    for person in population.people.iter().filter(|person| person.known_to.stripe) {
        let mut random = population.random.fork("stripe person", person.number);
        let copies = if person.number != super::HERO && random.chance(7) { 2 } else { 1 };
        for copy in 0..copies {
            let spelled = Spelled::new(person, System::Stripe, copy, &mut random);
            let contact = Contact {
                name: spelled.full_name(),
                mail: spelled.mail.clone(),
                phone: spelled.phone.clone(),
                home: spelled.home.as_ref(),
                currency: person.region.currency,
                language: person.region.language,
                company: population.employer_of(person).map(|company| company.name.clone()),
            };
            let customer = customer(&contact, calendar, &mut random);
            truth.push(true_customer(&customer, person.number, spelled.quirks));
            billing::add(&mut rows, customer, person.number == super::HERO, calendar, &mut random);
        }
    }
    for company in population.companies.iter().filter(|company| company.known_to.stripe) {
        let mut random = population.random.fork("stripe company", company.number);
        for copy in 0..if random.chance(10) { 2 } else { 1 } {
            let (name, mut quirks) = company_name(company, copy, &mut random);
            let mailbox = *random.pick(&["info", "billing", "office", "accounts"]);
            quirks.push(Quirk::RoleMailbox);
            let phone = company.phone.as_ref().map(|number| dial(number, &mut random));
            quirks.extend(phone.as_ref().filter(|(_, national)| *national).map(|_| Quirk::NationalPhone));
            let contact = Contact {
                name,
                mail: Some(format!("{mailbox}@{}", company.domain)),
                phone: phone.map(|(phone, _)| phone),
                home: Some(&company.home),
                currency: company.region.currency,
                language: company.region.language,
                company: None,
            };
            let customer = customer(&contact, calendar, &mut random);
            truth.push(true_customer(&customer, company.number, quirks));
            billing::add(&mut rows, customer, false, calendar, &mut random);
        }
    }
    tell_of_customers(&mut rows, calendar, &population.random);
    for collection in rows.values_mut() {
        collection.sort_by_key(|row| row["created"].as_i64());
    }
    rows
}

struct Contact<'a> {
    name: String,
    mail: Option<String>,
    phone: Option<String>,
    home: Option<&'a Home>,
    currency: &'static str,
    language: &'static str,
    company: Option<String>,
}

fn customer(contact: &Contact<'_>, calendar: &Calendar, random: &mut Random) -> Value {
    let age = calendar.history_days() + 1 + random.time_below(700);
    let metadata = match &contact.company {
        Some(company) => json!({"company": company}),
        None => json!({}),
    };
    json!({
        "id": random.key("cus", 14),
        "object": "customer",
        "address": contact.home.map(address),
        "balance": 0,
        "created": calendar.days_ago(age, random),
        "currency": contact.currency,
        "default_source": null,
        "delinquent": false,
        "description": null,
        "discount": null,
        "email": contact.mail,
        "invoice_prefix": random.hex(8).to_uppercase(),
        "invoice_settings": {"custom_fields": null, "default_payment_method": null, "footer": null, "rendering_options": null},
        "livemode": false,
        "metadata": metadata,
        "name": contact.name,
        "next_invoice_sequence": 1,
        "phone": contact.phone,
        "preferred_locales": [contact.language],
        "shipping": null,
        "tax_exempt": "none",
        "test_clock": null,
    })
}

fn address(home: &Home) -> Value {
    let (city, postal_code, state) = home.town;
    json!({
        "city": city,
        "country": home.country,
        "line1": home.line,
        "line2": null,
        "postal_code": postal_code,
        "state": if state.is_empty() { Value::Null } else { Value::from(state) },
    })
}

fn true_customer(customer: &Value, entity: usize, quirks: Vec<Quirk>) -> Truth {
    let external_id = customer["id"].as_str().unwrap_or_default().to_owned();
    Truth { system: System::Stripe.as_str(), stream: "customers", external_id, entity, quirks }
}

/// Events of the last thirty days about customers: some changed, and two that left and are in no list any more.
fn tell_of_customers(rows: &mut Rows, calendar: &Calendar, random: &Random) {
    if calendar.months() == 0 {
        return;
    }
    let mut random = random.fork("stripe events", 0);
    let customers = rows.get("customers").cloned().unwrap_or_default();
    let mut events = Vec::new();
    for customer in &customers {
        if random.chance(10) {
            let at = calendar.days_ago(1 + random.time_below(28), &mut random);
            events.push(event(&random.key("evt", 24), "customer.updated", at, customer));
        }
    }
    for days in [3, 17] {
        let contact = Contact {
            name: "Former Customer".to_owned(),
            mail: Some(format!("left.{days}@example.net")),
            phone: None,
            home: None,
            currency: "usd",
            language: "en-US",
            company: None,
        };
        let mut gone = customer(&contact, calendar, &mut random);
        let at = calendar.days_ago(days, &mut random);
        events.push(event(&random.key("evt", 24), "customer.deleted", at, &gone));
        gone["deleted"] = Value::Bool(true);
        rows.entry("customers".to_owned()).or_default().push(gone);
    }
    rows.entry("events".to_owned()).or_default().extend(events);
}
