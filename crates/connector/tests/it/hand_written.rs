//! What somebody would write who had only customers of Stripe to map: the limit that a field map is measured by.

use onefold_model::{Email, Party, PartyKind, Phone, PostalAddress, StandardRecord};
use serde::Deserialize;
use serde_json::{Map, Value};

#[derive(Deserialize)]
struct Customer {
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    created: Option<i64>,
    #[serde(default)]
    preferred_locales: Vec<String>,
    address: Option<Address>,
    shipping: Option<Shipping>,
    metadata: Option<Map<String, Value>>,
    description: Option<String>,
    delinquent: Option<bool>,
    tax_exempt: Option<String>,
    currency: Option<String>,
}

#[derive(Deserialize)]
struct Shipping {
    name: Option<String>,
    phone: Option<String>,
    address: Option<Address>,
}

#[derive(Default, Deserialize)]
struct Address {
    line1: Option<String>,
    line2: Option<String>,
    city: Option<String>,
    state: Option<String>,
    postal_code: Option<String>,
    country: Option<String>,
}

/// As `connectors/billing/stripe/map/customer.yaml` has it, for customers that have what its fixture has.
pub(crate) fn customer(raw: &Value) -> Option<StandardRecord> {
    let customer = Customer::deserialize(raw).ok()?;
    let mut extensions = Map::new();
    let metadata = customer.metadata.filter(|metadata| !metadata.is_empty()).map(Value::Object);
    extensions.extend(metadata.map(|metadata| ("metadata".to_owned(), metadata)));
    extensions.extend(customer.description.map(|text| ("description".to_owned(), Value::String(text))));
    extensions.extend(customer.delinquent.map(|flag| ("delinquent".to_owned(), Value::Bool(flag))));
    extensions.extend(customer.tax_exempt.map(|text| ("taxExempt".to_owned(), Value::String(text))));
    extensions.extend(customer.currency.map(|text| ("currency".to_owned(), Value::String(text))));
    let shipping = customer.shipping.unwrap_or(Shipping { name: None, phone: None, address: None });
    let mut phones: Vec<Phone> = Vec::new();
    for (phone, address, primary) in
        [(customer.phone, customer.address.as_ref(), true), (shipping.phone, shipping.address.as_ref(), false)]
    {
        let Some(phone) = phone else { continue };
        let country = address.and_then(|address| address.country.as_deref());
        phones.extend(Phone::parse(&phone, country).map(|phone| Phone { primary, ..phone }));
    }
    let mut emails = Vec::new();
    if let Some(email) = &customer.email {
        emails.push(Email { primary: true, ..Email::parse(email).ok()? });
    }
    let mut addresses: Vec<PostalAddress> = customer.address.into_iter().map(|part| part.read("billing")).collect();
    addresses.extend(shipping.address.map(|part| part.read("shipping")).filter(|part| !part.is_as(addresses.first())));
    let name = customer.name.or(shipping.name).or(customer.email)?;
    Some(StandardRecord::Party(Party {
        kind: PartyKind::Person,
        display_name: Some(name),
        language: customer.preferred_locales.into_iter().next(),
        emails,
        phones,
        addresses,
        created_at: customer.created.and_then(chrono::DateTime::from_timestamp_secs),
        extensions,
        ..nobody()
    }))
}

impl Address {
    fn read(self, purpose: &str) -> PostalAddress {
        let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
        PostalAddress {
            lines: [self.line1, self.line2].into_iter().filter_map(filled).collect(),
            locality: filled(self.city),
            region: filled(self.state),
            postal_code: filled(self.postal_code),
            country: filled(self.country).map(|country| country.to_ascii_uppercase()),
            purpose: Some(purpose.to_owned()),
        }
    }
}

trait SameAddress {
    fn is_as(&self, other: Option<&PostalAddress>) -> bool;
}

impl SameAddress for PostalAddress {
    /// But for what it is used for.
    fn is_as(&self, other: Option<&PostalAddress>) -> bool {
        let parts = |address: &PostalAddress| {
            let PostalAddress { lines, locality, region, postal_code, country, purpose: _ } = address.clone();
            (lines, locality, region, postal_code, country)
        };
        other.is_some_and(|other| parts(other) == parts(self))
    }
}

fn nobody() -> Party {
    Party {
        kind: PartyKind::Person,
        display_name: None,
        given_name: None,
        middle_name: None,
        family_name: None,
        name_prefix: None,
        name_suffix: None,
        nickname: None,
        legal_name: None,
        trade_names: Vec::new(),
        company: None,
        employer: None,
        job_title: None,
        birth_date: None,
        language: None,
        time_zone: None,
        emails: Vec::new(),
        phones: Vec::new(),
        addresses: Vec::new(),
        domains: Vec::new(),
        identifiers: Vec::new(),
        tags: Vec::new(),
        created_at: None,
        updated_at: None,
        extensions: Map::new(),
    }
}
