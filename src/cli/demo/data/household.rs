//! One household: who lives together, and what they share.

use super::noise::slug;
use super::person::{Home, Person, Systems};
use super::phone::{Line, PhoneBook};
use super::random::Random;
use super::region::{AUSTRIA, BRITAIN, Given, Region};
use std::collections::HashSet;

const MAIL_DOMAINS: &[&str] =
    &["example.com", "example.net", "example.org", "mail.example", "post.example", "inbox.example"];

/// What is given out only once in the whole population.
#[derive(Debug, Default)]
pub(super) struct Registry {
    pub(super) phones: PhoneBook,
    mails: HashSet<String>,
}

impl Registry {
    /// A mail address that nobody has yet.
    pub(super) fn mail(&mut self, local: &str, domain: &str, random: &mut Random) -> String {
        let mut candidate = format!("{local}@{domain}");
        while !self.mails.insert(candidate.clone()) {
            candidate = format!("{local}{}@{domain}", random.below(1_000_000));
        }
        candidate
    }
}

struct Member {
    given: &'static Given,
    former_family: Option<String>,
    suffix: Option<&'static str>,
}

/// The `index`th household; its people are numbered from `first`. The first household is the hero's, the second that
/// of a father and a son with one name.
pub(super) fn household(index: usize, first: usize, random: &mut Random, registry: &mut Registry) -> Vec<Person> {
    let region = match index {
        0 => AUSTRIA,
        1 => BRITAIN,
        _ => Region::draw(random),
    };
    let family = if index == 0 { "Kovač".to_owned() } else { region.family(random) };
    if index == 0 {
        // Nobody else may get it.
        registry.mail("robert.kovac", "example.com", random);
    }
    let members = members(index, region, &family, random);
    let home = home(region, random);
    let former_home = random.chance(14).then(|| self::home(region, random));
    let together = members.len() > 1;
    let fixed = (together || random.chance(40)).then(|| registry.phones.next(region.code, Line::Fixed)).flatten();
    let family_mail = (together && index > 1 && random.chance(35)).then(|| {
        let domain = *random.pick(MAIL_DOMAINS);
        registry.mail(&format!("family.{}", slug(&family)), domain, random)
    });
    let with_number = members.into_iter().enumerate();
    let mut people: Vec<Person> = with_number
        .map(|(at, member)| {
            let mobile = registry.phones.next(region.code, Line::Mobile);
            Person {
                number: first + at,
                region,
                given: member.given,
                mail: mail(member.given.name, &family, random, registry),
                family: family.clone(),
                former_family: member.former_family,
                suffix: member.suffix,
                work_mail: None,
                family_mail: family_mail.clone(),
                mobile,
                fixed: fixed.clone(),
                home: home.clone(),
                former_home: former_home.clone(),
                birthday: (1 + random.below(12), 1 + random.below(28)),
                employer: None,
                known_to: systems(random, [66, 62, 72]),
            }
        })
        .collect();
    if index == 0 {
        as_hero(&mut people[0]);
    }
    people
}

/// Which systems know somebody, by the chance of each.
pub(super) fn systems(random: &mut Random, percent: [usize; 3]) -> Systems {
    let [stripe, zendesk, mailchimp] = percent.map(|percent| random.chance(percent));
    Systems { stripe: stripe || !(zendesk || mailchimp), zendesk, mailchimp }
}

/// A home in a region.
pub(super) fn home(region: &'static Region, random: &mut Random) -> Home {
    let street = *random.pick(region.streets);
    let number = 1 + random.below(180);
    let line = if region.number_first { format!("{number} {street}") } else { format!("{street} {number}") };
    Home { line, town: *random.pick(region.towns), country: region.code }
}

fn members(index: usize, region: &'static Region, family: &str, random: &mut Random) -> Vec<Member> {
    let plain = |given| Member { given, former_family: None, suffix: None };
    let first_woman = random.chance(50);
    let size = [1, 1, 1, 1, 1, 2, 2, 2, 3, 4][random.below(10)];
    let father_and_son = index == 1 || (index > 1 && size > 1 && random.chance(7));
    if father_and_son {
        let given = region.given(false, random);
        return ["Sr.", "Jr."].map(|suffix| Member { suffix: Some(suffix), ..plain(given) }).into();
    }
    if index == 0 {
        let robert = BRITAIN.given.iter().find(|given| given.name == "Robert");
        return vec![plain(robert.unwrap_or(&BRITAIN.given[0])), plain(region.given(true, random))];
    }
    let mut members = vec![plain(region.given(first_woman, random))];
    if size > 1 {
        let mut partner = plain(region.given(!first_woman, random));
        partner.former_family = random.chance(60).then(|| region.family(random)).filter(|former| former != family);
        members.push(partner);
    }
    while members.len() < size {
        let woman = random.chance(50);
        let child = region.given(woman, random);
        // Two children of one name would be one child to everybody.
        if members.iter().all(|member| member.given.name != child.name) {
            members.push(plain(child));
        }
    }
    members
}

fn mail(given: &str, family: &str, random: &mut Random, registry: &mut Registry) -> String {
    let (given, family) = (slug(given), slug(family));
    let local = match random.below(5) {
        0 | 1 => format!("{given}.{family}"),
        2 => format!("{}{family}", &given[..1]),
        3 => format!("{given}.{family}{:02}", random.below(100)),
        _ => format!("{family}.{given}"),
    };
    let domain = *random.pick(MAIL_DOMAINS);
    registry.mail(&local, domain, random)
}

fn as_hero(person: &mut Person) {
    "robert.kovac@example.com".clone_into(&mut person.mail);
    person.former_family = None;
    person.former_home = None;
    person.home = Home { line: "Lindengasse 12".to_owned(), town: ("Wien", "1030", ""), country: "AT" };
    person.known_to = Systems { stripe: true, zendesk: true, mailchimp: true };
}
