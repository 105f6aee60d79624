//! Marketing: two lists with their members as Mailchimp has them, and the campaigns that went to them.

mod campaign;

use super::calendar::{Calendar, with_offset};
use super::person::{Home, Person};
use super::population::Population;
use super::random::Random;
use super::spelled::{Spelled, System, dial};
use super::{Quirk, Rows, Truth};
use md5::{Digest, Md5};
use serde_json::{Value, json};
use std::collections::HashSet;

/// Key and name of each list.
pub(super) const LISTS: &[(&str, &str)] = &[("a1f09c27d4", "Newsletter"), ("5e83b6102f", "Product updates")];

/// A mailbox as one member of one or two lists.
struct Contact {
    mail: String,
    first_name: String,
    last_name: String,
    company: String,
    phone: Option<String>,
    region: &'static str,
    home: Option<Home>,
    birthday: String,
    language: &'static str,
    is_hero: bool,
}

/// The collections of Mailchimp.
pub(super) fn rows(population: &Population, calendar: &Calendar, truth: &mut Vec<Truth>) -> Rows {
    let mut members: Vec<Vec<Value>> = LISTS.iter().map(|_| Vec::new()).collect();
    let mut taken: HashSet<String> = HashSet::new();
    let mut join = |contact: &Contact, entity: usize, quirks: Vec<Quirk>, random: &mut Random| {
        let id = member_id(&contact.mail);
        if !taken.insert(id.clone()) {
            return;
        }
        let both = contact.is_hero || random.chance(30);
        let first = if contact.is_hero { 0 } else { random.below(LISTS.len()) };
        for at in 0..LISTS.len() {
            if both || at == first {
                members[at].push(member(contact, &id, LISTS[at].0, calendar, random));
            }
        }
        truth.push(Truth { system: System::Mailchimp.as_str(), stream: "members", external_id: id, entity, quirks });
    };
    let mut shared = HashSet::new();
    for person in population.people.iter().filter(|person| person.known_to.mailchimp) {
        let mut random = population.random.fork("mailchimp person", person.number);
        let is_hero = person.number == super::HERO;
        let copies = if !is_hero && random.chance(5) { 2 } else { 1 };
        for copy in 0..copies {
            let mut spelled = Spelled::new(person, System::Mailchimp, copy, &mut random);
            own_mail(&mut spelled, person, &mut shared);
            let employer = population.employer_of(person).filter(|_| random.chance(60));
            let company = employer.map_or_else(String::new, |company| company.name.clone());
            let quirks = spelled.quirks.clone();
            let contact = of_person(person, spelled, company, &mut random);
            join(&contact, person.number, quirks, &mut random);
        }
    }
    for company in population.companies.iter().filter(|company| company.known_to.mailchimp) {
        let mut random = population.random.fork("mailchimp company", company.number);
        let contact = Contact {
            mail: format!("info@{}", company.domain),
            first_name: String::new(),
            last_name: String::new(),
            company: company.name.clone(),
            phone: company.phone.as_ref().map(|number| dial(number, &mut random).0),
            region: company.region.code,
            home: Some(company.home.clone()),
            birthday: String::new(),
            language: company.region.language,
            is_hero: false,
        };
        join(&contact, company.number, vec![Quirk::RoleMailbox], &mut random);
    }
    let mut rows = Rows::new();
    rows.insert("campaigns".to_owned(), Vec::new());
    for ((id, _), members) in LISTS.iter().zip(&members) {
        let mut random = population.random.fork(id, 0);
        campaign::add(&mut rows, id, members, calendar, &mut random);
    }
    let lists = LISTS.iter().zip(&members).map(|((id, name), members)| list(id, name, members, calendar)).collect();
    rows.insert("lists".to_owned(), lists);
    for ((id, _), members) in LISTS.iter().zip(members) {
        rows.insert(format!("lists/{id}/members"), members);
    }
    rows
}

/// A mailbox is one member of a list: the first of a family to give the shared address is who that member is, the others
/// give their own.
fn own_mail(spelled: &mut Spelled, person: &Person, shared: &mut HashSet<String>) {
    let is_taken = spelled.quirks.contains(&Quirk::SharedMail)
        && spelled.mail.as_ref().is_some_and(|mail| !shared.insert(mail.clone()));
    if is_taken {
        spelled.mail = Some(person.mail.clone());
        spelled.quirks.retain(|quirk| *quirk != Quirk::SharedMail);
    }
}

fn of_person(person: &Person, spelled: Spelled, company: String, random: &mut Random) -> Contact {
    let (month, day) = person.birthday;
    let suffix = spelled.suffix.map_or_else(String::new, |suffix| format!(" {suffix}"));
    Contact {
        mail: spelled.mail.unwrap_or_else(|| person.mail.clone()),
        first_name: spelled.given,
        last_name: format!("{}{suffix}", spelled.family),
        company,
        phone: spelled.phone,
        region: person.region.code,
        home: spelled.home,
        birthday: if random.chance(35) { format!("{month:02}/{day:02}") } else { String::new() },
        language: person.region.language,
        is_hero: person.number == super::HERO,
    }
}

/// MD5 of the mail address in small letters, as the vendor defines the key of a member.
pub(super) fn member_id(mail: &str) -> String {
    use std::fmt::Write;
    Md5::digest(mail.to_lowercase().as_bytes()).iter().fold(String::with_capacity(32), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

fn member(contact: &Contact, id: &str, list: &str, calendar: &Calendar, random: &mut Random) -> Value {
    let status = match random.below(100) {
        _ if contact.is_hero => "subscribed",
        0..74 => "subscribed",
        74..88 => "unsubscribed",
        88..94 => "cleaned",
        _ => "pending",
    };
    let age = calendar.history_days() + 1 + random.time_below(600);
    let joined = calendar.days_ago(age, random);
    let changed =
        if status == "subscribed" { joined } else { calendar.days_ago(1 + random.time_below(age), random).max(joined) };
    let address = contact.home.as_ref().map_or_else(
        || Value::from(""),
        |home| {
            let (city, zip, state) = home.town;
            json!({"addr1": home.line, "addr2": "", "city": city, "state": state, "zip": zip, "country": home.country})
        },
    );
    let opt_in_at = if status == "pending" { String::new() } else { with_offset(joined) };
    let (first_name, last_name) = (&contact.first_name, &contact.last_name);
    json!({
        "id": id,
        "email_address": contact.mail,
        "unique_email_id": random.hex(10),
        "contact_id": random.hex(32),
        "full_name": format!("{first_name} {last_name}").trim(),
        "web_id": 100_000_000 + random.below(800_000_000),
        "email_type": "html",
        "status": status,
        "unsubscribe_reason": if status == "unsubscribed" { Value::from("N/A (Unsubscribed by an admin)") } else { Value::Null },
        "consents_to_one_to_one_messaging": status == "subscribed",
        "merge_fields": {
            "FNAME": first_name,
            "LNAME": last_name,
            "ADDRESS": address,
            "PHONE": contact.phone.clone().unwrap_or_default(),
            "BIRTHDAY": contact.birthday,
            "COMPANY": contact.company,
        },
        "stats": {"avg_open_rate": 0, "avg_click_rate": 0},
        "ip_signup": "",
        "timestamp_signup": with_offset(joined),
        "ip_opt": format!("192.0.2.{}", 1 + random.below(250)),
        "timestamp_opt": opt_in_at,
        "member_rating": 2 + random.below(4),
        "last_changed": with_offset(changed),
        "language": contact.language.split('-').next(),
        "vip": false,
        "email_client": "",
        "location": {"latitude": 0, "longitude": 0, "gmtoff": 0, "dstoff": 0, "country_code": contact.region, "timezone": "", "region": ""},
        "source": if random.chance(60) { "Hosted Signup Form" } else { "Import" },
        "tags_count": 0,
        "tags": [],
        "list_id": list,
        "_links": [],
    })
}

fn list(id: &str, name: &str, members: &[Value], calendar: &Calendar) -> Value {
    let count = |status: &str| members.iter().filter(|member| member["status"] == status).count();
    let created = with_offset(calendar.days_ago(calendar.history_days() + 700, &mut Random::new(0)));
    json!({
        "id": id,
        "web_id": 4711,
        "name": name,
        "contact": {"company": "Onefold demo", "address1": "Brunnengasse 1", "address2": "", "city": "Wien", "state": "", "zip": "1030", "country": "AT", "phone": ""},
        "permission_reminder": "You signed up on our site.",
        "use_archive_bar": true,
        "campaign_defaults": {"from_name": "Onefold demo", "from_email": "hello@onefold.example", "subject": "", "language": "en"},
        "date_created": created,
        "list_rating": 4,
        "email_type_option": false,
        "visibility": "pub",
        "double_optin": true,
        "has_welcome": false,
        "marketing_permissions": false,
        "stats": {
            "member_count": count("subscribed"),
            "total_contacts": members.len(),
            "unsubscribe_count": count("unsubscribed"),
            "cleaned_count": count("cleaned"),
        },
        "_links": [],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_of_a_member_ignores_case() {
        assert_eq!(member_id("Robert.Kovac@Example.com"), member_id("robert.kovac@example.com"));
        // RFC 1321, appendix A.5.
        assert_eq!(member_id("abc"), "900150983cd24fb0d6963f7d28e17f72");
    }
}
