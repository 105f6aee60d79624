//! The demo's data: the customers of an invented company as three of its systems know them, and who they really are.
//!
//! About 240 people and 40 companies appear in Stripe (billing), Zendesk (support) and Mailchimp (marketing), with the
//! differences that real systems have: nicknames, typos, lost diacritics, swapped and married names, families with one
//! address, fathers and sons of one name, companies under several legal forms, duplicates within a system, moves,
//! numbers in national spelling, placeholders; and a few records that fit no model. It promises the same bytes for the
//! same [`DemoOptions`], on any machine, and says of every record whose it is ([`Truth`]). Names are put together from
//! the lists in `region`, addresses of e-mail end in `example.com` or `.example`, telephone numbers come from the
//! ranges that countries keep for fiction. It deliberately does not know the standardised model or the matcher: it
//! speaks the vendors' fields only.

mod calendar;
mod household;
mod mailchimp;
mod misfit;
mod noise;
mod person;
mod phone;
mod population;
mod random;
mod region;
mod spelled;
mod stripe;
mod zendesk;

use crate::http::vendor::VendorData;
use calendar::Calendar;
use chrono::{DateTime, Utc};
use population::Population;
use serde_json::Value;
use std::collections::BTreeMap;

/// Collections under construction, by name.
type Rows = BTreeMap<String, Vec<Value>>;

/// What to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DemoOptions {
    /// Another seed, other people.
    pub seed: u64,
    /// How many people; there is a company to every six.
    pub people: usize,
    /// Months of invoices, tickets and campaigns before today. Zero makes parties only: a hundred thousand people with
    /// a year of history do not fit into the memory of a laptop.
    pub months: u32,
    /// The moment that the demo calls now. Only its day counts, and everything happens before it.
    pub now: DateTime<Utc>,
}

impl DemoOptions {
    /// The demo: 240 people and a year of history.
    pub fn demo(now: DateTime<Utc>) -> Self {
        Self { seed: 42, people: 240, months: 12, now }
    }

    /// Parties only, as many as wanted.
    pub fn parties(people: usize, now: DateTime<Utc>) -> Self {
        Self { people, months: 0, ..Self::demo(now) }
    }
}

/// A way in which a record differs from what its person would call right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Quirk {
    /// A slip of the keyboard in the name.
    Typo,
    /// Bob for Robert.
    Nickname,
    /// The whole name in capitals or in small letters.
    LetterCase,
    /// č as c, ö as oe.
    Diacritics,
    /// Family name first.
    SwappedNames,
    /// The family name before marriage.
    FormerName,
    /// The address that the whole family uses for mail.
    SharedMail,
    /// A mail address with a slip, a tag or capitals.
    MailSpelling,
    /// The mail address at the employer.
    WorkMail,
    /// No mail address.
    NoMail,
    /// `n/a`, `000-000-0000`, `noemail@example.com`.
    Placeholder,
    /// The address before the last move.
    FormerAddress,
    /// A telephone number without its country.
    NationalPhone,
    /// A second record of the same person in the same stream.
    Duplicate,
    /// A company under another legal form than elsewhere, or under none.
    LegalForm,
    /// A mailbox of a company instead of a person.
    RoleMailbox,
}

/// Whose record this is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Truth {
    /// `stripe`, `zendesk` or `mailchimp`.
    pub system: &'static str,
    /// `customers`, `users`, `organizations` or `members`.
    pub stream: &'static str,
    /// The key of the record there.
    pub external_id: String,
    /// The number of the person, from 0; companies come after the people, the agents of support after the companies.
    /// Records with the same number are the same customer.
    pub entity: usize,
    /// What makes it hard to see.
    pub quirks: Vec<Quirk>,
}

/// A record that no model can take, so that quarantine has something to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// `stripe`, `zendesk` or `mailchimp`.
    pub system: &'static str,
    /// The collection.
    pub stream: &'static str,
    /// The key of the record there.
    pub external_id: String,
    /// What is wrong with it.
    pub reason: &'static str,
}

/// Three systems and the truth about them.
#[derive(Debug, Clone)]
pub struct DemoData {
    /// Billing: customers, subscriptions, invoices, charges, refunds, events.
    pub stripe: VendorData,
    /// Support: users, organizations, tickets, tickets/{id}/comments, satisfaction_ratings.
    pub zendesk: VendorData,
    /// Marketing: lists, lists/{id}/members, campaigns, reports/{id}/sent-to, reports/{id}/email-activity.
    pub mailchimp: VendorData,
    /// Whose every customer, user, organisation and member is; one entry for a member of two lists.
    pub truth: Vec<Truth>,
    /// What does not fit.
    pub misfits: Vec<Misfit>,
}

/// The number of the person whom the tour follows: Robert Kovač, known to all three systems.
pub const HERO: usize = 0;

/// Makes the three systems.
pub fn demo_data(options: &DemoOptions) -> DemoData {
    let population = Population::new(options.seed, options.people);
    let calendar = Calendar::new(options.now, options.months);
    let mut truth = Vec::new();
    let mut stripe = stripe::rows(&population, &calendar, &mut truth);
    let mut zendesk = zendesk::rows(&population, &calendar, &mut truth);
    let mut mailchimp = mailchimp::rows(&population, &calendar, &mut truth);
    let misfits = if options.months == 0 {
        Vec::new()
    } else {
        misfit::add(&mut stripe, &mut zendesk, &mut mailchimp, &calendar)
    };
    DemoData {
        stripe: VendorData::new(stripe),
        zendesk: VendorData::new(zendesk),
        mailchimp: VendorData::new(mailchimp),
        truth,
        misfits,
    }
}

#[cfg(test)]
mod tests;
