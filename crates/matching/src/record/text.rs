//! What a record says, borrowed from wherever it stands: from a party, or from the cells of a table.
//!
//! Promises nothing about spelling: texts are as the source wrote them, and an empty text says nothing. Holds only what
//! is compared; what a customer then shows comes from the party, see [`crate::survive`].

use onefold_model::{Identifier, PartialDate, Party, PartyKind, Phone, PostalAddress};

/// The texts of one record. An empty text or list says nothing.
///
/// ```
/// use onefold_matching::RecordText;
///
/// let record = RecordText { given_name: "Ada", family_name: "King", emails: &["ada@king.example"], ..RecordText::PERSON };
/// assert!(record.company.is_empty());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordText<'a> {
    /// Of a person or of an organisation. A record of a person is compared as one of an organisation where all that it
    /// says is about one.
    pub kind: PartyKind,
    /// Given name or names.
    pub given_name: &'a str,
    /// Middle names or initials.
    pub middle_name: &'a str,
    /// Family name.
    pub family_name: &'a str,
    /// Jr., Sr., III.
    pub name_suffix: &'a str,
    /// What friends say.
    pub nickname: &'a str,
    /// The whole name in one text; read where a part is missing.
    pub display_name: &'a str,
    /// The registered name of an organisation.
    pub legal_name: &'a str,
    /// Other names of an organisation.
    pub trade_names: &'a [&'a str],
    /// The organisation that a person belongs to.
    pub company: &'a str,
    /// What somebody does for a living: then the record is about a person.
    pub job_title: &'a str,
    /// Day of birth, as far as it is known.
    pub birth_date: Option<PartialDate>,
    /// E-mail addresses, without a name in front and in lower case.
    pub emails: &'a [&'a str],
    /// Telephone numbers.
    pub phones: &'a [PhoneText<'a>],
    /// Postal addresses.
    pub addresses: &'a [AddressText<'a>],
    /// Numbers that somebody issued.
    pub identifiers: &'a [IdentifierText<'a>],
    /// Internet domains of an organisation.
    pub domains: &'a [&'a str],
}

/// A telephone number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PhoneText<'a> {
    /// In the form of E.164, where the country is known.
    pub e164: &'a str,
    /// As the source wrote it.
    pub original: &'a str,
}

/// A postal address.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AddressText<'a> {
    /// The line with street and house number.
    pub street: &'a str,
    /// Other lines that may hold the house or the flat; those without a digit are not read.
    pub more_lines: [&'a str; 2],
    /// Town.
    pub locality: &'a str,
    /// State, province, canton.
    pub region: &'a str,
    /// Post code.
    pub post_code: &'a str,
    /// Country in two letters (ISO 3166-1).
    pub country: &'a str,
}

/// A number that somebody issued.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct IdentifierText<'a> {
    /// Which register or system: `vat`, `ssn`.
    pub system: &'a str,
    /// The number.
    pub value: &'a str,
}

impl RecordText<'_> {
    /// A person of whom nothing is said.
    pub const PERSON: RecordText<'static> = RecordText {
        kind: PartyKind::Person,
        given_name: "",
        middle_name: "",
        family_name: "",
        name_suffix: "",
        nickname: "",
        display_name: "",
        legal_name: "",
        trade_names: &[],
        company: "",
        job_title: "",
        birth_date: None,
        emails: &[],
        phones: &[],
        addresses: &[],
        identifiers: &[],
        domains: &[],
    };

    /// An organisation of which nothing is said.
    pub const ORGANIZATION: RecordText<'static> = RecordText { kind: PartyKind::Organization, ..RecordText::PERSON };
}

impl<'a> From<&'a PostalAddress> for AddressText<'a> {
    fn from(address: &'a PostalAddress) -> Self {
        let text = |field: &'a Option<String>| field.as_deref().unwrap_or("");
        Self {
            locality: text(&address.locality),
            region: text(&address.region),
            post_code: text(&address.postal_code),
            country: text(&address.country),
            ..Self::of_lines(address.lines.iter().map(String::as_str))
        }
    }
}

impl<'a> AddressText<'a> {
    /// The lines of an address: those with a digit count, else the first.
    pub(crate) fn of_lines(lines: impl Iterator<Item = &'a str> + Clone) -> Self {
        let first = lines.clone().next().unwrap_or("");
        let mut with_digit = lines.filter(|line| line.bytes().any(|b| b.is_ascii_digit()));
        let mut next = || with_digit.next();
        Self {
            street: next().unwrap_or(first),
            more_lines: [next().unwrap_or(""), next().unwrap_or("")],
            ..Self::default()
        }
    }
}

impl<'a> From<&'a Phone> for PhoneText<'a> {
    fn from(phone: &'a Phone) -> Self {
        Self { e164: phone.e164.as_deref().unwrap_or(""), original: &phone.original }
    }
}

impl<'a> From<&'a Identifier> for IdentifierText<'a> {
    fn from(number: &'a Identifier) -> Self {
        Self { system: &number.system, value: &number.value }
    }
}

/// Room for the lists of one party, so that reading many needs no new memory.
#[derive(Debug, Default)]
pub(crate) struct PartyTexts<'a> {
    trade_names: Vec<&'a str>,
    emails: Vec<&'a str>,
    phones: Vec<PhoneText<'a>>,
    addresses: Vec<AddressText<'a>>,
    identifiers: Vec<IdentifierText<'a>>,
    domains: Vec<&'a str>,
}

impl<'a> PartyTexts<'a> {
    /// What a party says.
    pub(crate) fn of(&mut self, party: &'a Party) -> RecordText<'_> {
        let text = |field: &'a Option<String>| field.as_deref().unwrap_or("");
        refill(&mut self.trade_names, party.trade_names.iter().map(String::as_str));
        refill(&mut self.emails, party.emails.iter().map(|email| email.address.as_str()));
        refill(&mut self.phones, party.phones.iter().map(PhoneText::from));
        refill(&mut self.addresses, party.addresses.iter().map(AddressText::from));
        refill(&mut self.identifiers, party.identifiers.iter().map(IdentifierText::from));
        refill(&mut self.domains, party.domains.iter().map(String::as_str));
        RecordText {
            kind: party.kind,
            given_name: text(&party.given_name),
            middle_name: text(&party.middle_name),
            family_name: text(&party.family_name),
            name_suffix: text(&party.name_suffix),
            nickname: text(&party.nickname),
            display_name: text(&party.display_name),
            legal_name: text(&party.legal_name),
            trade_names: &self.trade_names,
            company: text(&party.company),
            job_title: text(&party.job_title),
            birth_date: party.birth_date,
            emails: &self.emails,
            phones: &self.phones,
            addresses: &self.addresses,
            identifiers: &self.identifiers,
            domains: &self.domains,
        }
    }
}

fn refill<T>(list: &mut Vec<T>, items: impl Iterator<Item = T>) {
    list.clear();
    list.extend(items);
}
