//! Support: users, organisations and agents as Zendesk has them, and the tickets that they write.

mod ticket;

use super::calendar::{Calendar, zulu};
use super::person::Company;
use super::population::Population;
use super::random::Random;
use super::spelled::{Spelled, System, company_name, dial};
use super::{Quirk, Rows, Truth};
use serde_json::{Value, json};
use std::collections::HashSet;

const AGENTS: &[(&str, &str)] = &[("Nora Feldwirth", "nora"), ("Colin Thornwood", "colin"), ("Mika Östgren", "mika")];

/// Who writes tickets and who answers.
struct Requester<'a> {
    user: i64,
    organization: Option<i64>,
    agents: &'a [i64],
    is_hero: bool,
}

/// The collections of Zendesk.
pub(super) fn rows(population: &Population, calendar: &Calendar, truth: &mut Vec<Truth>) -> Rows {
    let mut rows = Rows::new();
    for name in ["users", "organizations", "tickets", "satisfaction_ratings"] {
        rows.insert(name.to_owned(), Vec::new());
    }
    let mut ids = Ids::default();
    let agents = agents(&mut rows, &mut ids, population, calendar, truth);
    let mut organizations = Vec::with_capacity(population.companies.len());
    for company in &population.companies {
        organizations.push(add_company(&mut rows, &mut ids, company, &agents, population, calendar, truth));
    }
    let mut taken = HashSet::new();
    for person in population.people.iter().filter(|person| person.known_to.zendesk) {
        let mut random = population.random.fork("zendesk person", person.number);
        let organization = person.employer.and_then(|at| organizations.get(at).copied().flatten());
        let is_hero = person.number == super::HERO;
        let copies = if !is_hero && random.chance(8) { 2 } else { 1 };
        for copy in 0..copies {
            let mut spelled = Spelled::new(person, System::Zendesk, copy, &mut random);
            give_up_taken_mail(&mut spelled, &mut taken);
            let id = ids.user();
            let user = User {
                id,
                name: spelled.full_name(),
                mail: spelled.mail,
                phone: spelled.phone,
                role: "end-user",
                language: person.region.language,
                zone: person.region.zone,
                country: person.region.code,
                organization,
            };
            rows.entry("users".to_owned()).or_default().push(user.into_row(calendar, &mut random));
            truth.push(truth_of("users", id, person.number, spelled.quirks));
            let requester = Requester { user: id, organization, agents: &agents, is_hero };
            ticket::add(&mut rows, &mut ids, &requester, calendar, &mut random);
        }
    }
    rows
}

/// A mail address belongs to one user: whoever comes second has none.
fn give_up_taken_mail(spelled: &mut Spelled, taken: &mut HashSet<String>) {
    if spelled.mail.as_ref().is_some_and(|mail| !taken.insert(mail.to_lowercase())) {
        spelled.mail = None;
        spelled.quirks.retain(|quirk| !matches!(quirk, Quirk::SharedMail | Quirk::MailSpelling | Quirk::WorkMail));
        spelled.quirks.push(Quirk::NoMail);
    }
}

/// Numbers as the vendor hands them out: large for users and organisations, small for tickets.
#[derive(Debug, Default)]
struct Ids {
    large: i64,
    ticket: i64,
}

impl Ids {
    fn user(&mut self) -> i64 {
        self.large += 1;
        // Odd steps, as an account sees only some of the numbers.
        360_000_000_000 + self.large * 41
    }

    fn ticket(&mut self) -> i64 {
        self.ticket += 1;
        self.ticket
    }
}

struct User {
    id: i64,
    name: String,
    mail: Option<String>,
    phone: Option<String>,
    role: &'static str,
    language: &'static str,
    zone: &'static str,
    country: &'static str,
    organization: Option<i64>,
}

impl User {
    fn into_row(self, calendar: &Calendar, random: &mut Random) -> Value {
        let age = calendar.history_days() + 1 + random.time_below(500);
        let created = calendar.days_ago(age, random);
        let updated = calendar.days_ago(1 + random.time_below(age), random).max(created);
        let id = self.id;
        json!({
            "id": id,
            "url": format!("https://onefold-demo.zendesk.example/api/v2/users/{id}.json"),
            "name": self.name,
            "email": self.mail,
            "created_at": zulu(created),
            "updated_at": zulu(updated),
            "time_zone": self.zone,
            "iana_time_zone": self.zone,
            "phone": self.phone,
            "shared_phone_number": null,
            "photo": null,
            "locale": self.language,
            "organization_id": self.organization,
            "role": self.role,
            "verified": self.mail.is_some(),
            "external_id": null,
            "tags": [],
            "alias": null,
            "active": true,
            "shared": false,
            "last_login_at": null,
            "details": "",
            "notes": "",
            "suspended": false,
            "user_fields": {"country": self.country},
        })
    }
}

fn truth_of(stream: &'static str, id: i64, entity: usize, quirks: Vec<Quirk>) -> Truth {
    Truth { system: System::Zendesk.as_str(), stream, external_id: id.to_string(), entity, quirks }
}

fn agents(
    rows: &mut Rows,
    ids: &mut Ids,
    population: &Population,
    calendar: &Calendar,
    truth: &mut Vec<Truth>,
) -> Vec<i64> {
    let mut random = population.random.fork("zendesk agents", 0);
    let mut agents = Vec::with_capacity(AGENTS.len());
    for (at, (name, local)) in AGENTS.iter().enumerate() {
        let id = ids.user();
        let user = User {
            id,
            name: (*name).to_owned(),
            mail: Some(format!("{local}@support.onefold.example")),
            phone: None,
            role: "agent",
            language: "en-GB",
            zone: "Europe/Vienna",
            country: "AT",
            organization: None,
        };
        rows.entry("users".to_owned()).or_default().push(user.into_row(calendar, &mut random));
        truth.push(truth_of("users", id, population.agents_from() + at, Vec::new()));
        agents.push(id);
    }
    agents
}

/// The organisation, and for some companies a mailbox that writes in its name.
fn add_company(
    rows: &mut Rows,
    ids: &mut Ids,
    company: &Company,
    agents: &[i64],
    population: &Population,
    calendar: &Calendar,
    truth: &mut Vec<Truth>,
) -> Option<i64> {
    if !company.known_to.zendesk {
        return None;
    }
    let mut random = population.random.fork("zendesk company", company.number);
    let id = ids.user();
    let (name, quirks) = company_name(company, 0, &mut random);
    let created = calendar.days_ago(calendar.history_days() + 1 + random.time_below(500), &mut random);
    rows.entry("organizations".to_owned()).or_default().push(json!({
        "id": id,
        "url": format!("https://onefold-demo.zendesk.example/api/v2/organizations/{id}.json"),
        "name": name,
        "shared_tickets": false,
        "shared_comments": false,
        "external_id": null,
        "created_at": zulu(created),
        "updated_at": zulu(calendar.after(created, 24 * 200, &mut random)),
        "domain_names": [company.domain],
        "details": null,
        "notes": null,
        "group_id": null,
        "tags": [],
        "organization_fields": {},
    }));
    truth.push(truth_of("organizations", id, company.number, quirks));
    if random.chance(45) {
        let user = ids.user();
        let (name, mut quirks) = company_name(company, 0, &mut random);
        quirks.push(Quirk::RoleMailbox);
        let phone = company.phone.as_ref().map(|number| dial(number, &mut random).0);
        let row = User {
            id: user,
            name,
            mail: Some(format!("info@{}", company.domain)),
            phone,
            role: "end-user",
            language: company.region.language,
            zone: company.region.zone,
            country: company.region.code,
            organization: Some(id),
        };
        rows.entry("users".to_owned()).or_default().push(row.into_row(calendar, &mut random));
        truth.push(truth_of("users", user, company.number, quirks));
        let requester = Requester { user, organization: Some(id), agents, is_hero: false };
        ticket::add(rows, ids, &requester, calendar, &mut random);
    }
    Some(id)
}
