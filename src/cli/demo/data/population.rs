//! Everybody: the people by household, and the companies that some of them work for.

use super::household::{Registry, home, household, systems};
use super::noise::slug;
use super::person::{Company, Person, Systems};
use super::phone::Line;
use super::random::Random;
use super::region::Region;

const TRADES: &[&str] = &[
    "Logistics",
    "Foods",
    "Print",
    "Optics",
    "Garden",
    "Bikes",
    "Software",
    "Bakery",
    "Timber",
    "Glass",
    "Textiles",
    "Books",
    "Energy",
    "Tools",
    "Travel",
    "Consulting",
];

/// The real world behind the records.
#[derive(Debug)]
pub(super) struct Population {
    /// What everything else forks from.
    pub(super) random: Random,
    pub(super) people: Vec<Person>,
    pub(super) companies: Vec<Company>,
}

impl Population {
    /// Exactly so many people, and a company to every six.
    pub(super) fn new(seed: u64, count: usize) -> Self {
        let random = Random::new(seed);
        let mut registry = Registry::default();
        let mut people: Vec<Person> = Vec::with_capacity(count + 4);
        let mut index = 0;
        while people.len() < count {
            let mut own = random.fork("household", index);
            people.extend(household(index, people.len(), &mut own, &mut registry));
            index += 1;
        }
        people.truncate(count);
        let companies = companies(count, &random, &mut registry);
        for person in &mut people {
            let mut own = random.fork("employment", person.number);
            if companies.is_empty() || person.number == super::HERO || !own.chance(35) {
                continue;
            }
            let employer = own.below(companies.len());
            let local = format!("{}.{}", slug(person.given.name), slug(&person.family));
            person.work_mail = Some(registry.mail(&local, &companies[employer].domain, &mut own));
            person.employer = Some(employer);
        }
        Self { random, people, companies }
    }

    /// Whom a person works for.
    pub(super) fn employer_of(&self, person: &Person) -> Option<&Company> {
        person.employer.and_then(|at| self.companies.get(at))
    }

    /// Who is behind a number of the truth, among the people.
    pub(super) fn agents_from(&self) -> usize {
        self.people.len() + self.companies.len()
    }
}

fn companies(people: usize, random: &Random, registry: &mut Registry) -> Vec<Company> {
    let mut taken = std::collections::HashSet::new();
    (0..people / 6)
        .map(|at| {
            let mut own = random.fork("company", at);
            let region = Region::draw(&mut own);
            let mut name = format!("{} {}", region.family(&mut own), own.pick(TRADES));
            // Two companies of one name would be told apart by nobody.
            while !taken.insert(slug(&name)) {
                name = format!("{} {name}", region.family(&mut own));
            }
            let Systems { stripe, zendesk, mailchimp } = systems(&mut own, [82, 82, 55]);
            Company {
                number: people + at,
                region,
                domain: format!("{}.example", slug(&name)),
                name,
                phone: registry.phones.next(region.code, Line::Fixed),
                home: home(region, &mut own),
                known_to: Systems { stripe, zendesk, mailchimp },
            }
        })
        .collect()
}
