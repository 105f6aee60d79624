//! What the two records said, in the words of their sources.

use crate::compare::{Attribute, Outcome};
use crate::normalise::{Columns, organization_names};
use crate::record::{AddressText, IdentifierText, PartyTexts, PhoneText};
use crate::values::ValueId;
use onefold_model::{Email, Identifier, Party, Phone, PostalAddress};

/// The texts that were compared, left and right. Of a list it is the value that decided, else the first.
pub(crate) fn texts(
    columns: &mut Columns,
    attribute: Attribute,
    parties: [&Party; 2],
    outcome: &Outcome,
) -> [Option<String>; 2] {
    let decided = [outcome.left, outcome.right];
    [0, 1].map(|side| text(columns, attribute, parties[side], decided[side]))
}

fn text(columns: &mut Columns, attribute: Attribute, party: &Party, decided: ValueId) -> Option<String> {
    match attribute {
        Attribute::GivenName => {
            // A nickname that decided is what the source said; so is a name that stands in the display name only.
            let alias = party.nickname.as_ref().filter(|_| decided.is_some() && decided == alias_of(columns, party));
            alias
                .or(party.given_name.as_ref())
                .cloned()
                .or_else(|| whole_name(party))
                .or_else(|| party.nickname.clone())
        }
        Attribute::FamilyName => party.family_name.clone().or_else(|| whole_name(party)),
        // These may stand inside another part of the name; then that is what the source said.
        Attribute::MiddleName => {
            party.middle_name.clone().or_else(|| decided.is_some().then(|| whole_name(party)).flatten())
        }
        Attribute::NameSuffix => party.name_suffix.clone(),
        Attribute::BirthDate => party.birth_date.map(|date| date.to_string()),
        Attribute::Company => party.company.clone(),
        Attribute::Email => pick(
            columns,
            &party.emails,
            decided,
            |columns, email| columns.email(&email.address),
            |email| email.original.clone(),
        ),
        Attribute::Phone => {
            let id_of = |columns: &mut Columns, phone: &Phone| columns.phone(PhoneText::from(phone));
            pick(columns, &party.phones, decided, id_of, |phone| phone.original.clone())
        }
        Attribute::Address => {
            let id_of = |columns: &mut Columns, address: &PostalAddress| columns.address(AddressText::from(address));
            pick(columns, &party.addresses, decided, id_of, PostalAddress::to_line)
        }
        Attribute::Identifier => {
            let id_of = |columns: &mut Columns, number: &Identifier| columns.identifier(IdentifierText::from(number));
            pick(columns, &party.identifiers, decided, id_of, |number| format!("{} {}", number.system, number.value))
        }
        Attribute::OrganizationName => {
            let either = |columns: &mut Columns, name: &&str| {
                let ids = columns.organization(name);
                if ids.contains(&decided) { decided } else { ids[0] }
            };
            let mut texts = PartyTexts::default();
            let names = organization_names(&texts.of(party));
            pick(columns, &names, decided, either, |name| (*name).to_owned())
        }
        Attribute::Domain => {
            let domains: Vec<&str> =
                party.domains.iter().map(String::as_str).chain(party.emails.iter().map(Email::domain)).collect();
            pick(columns, &domains, decided, |columns, domain| columns.domain(domain), |domain| (*domain).to_owned())
        }
        Attribute::Household => None,
    }
}

fn whole_name(party: &Party) -> Option<String> {
    let names: Vec<&str> = [&party.given_name, &party.family_name].into_iter().filter_map(Option::as_deref).collect();
    party.display_name.clone().or_else(|| (!names.is_empty()).then(|| names.join(" ")))
}

fn alias_of(columns: &mut Columns, party: &Party) -> ValueId {
    let nickname = party.nickname.as_deref().unwrap_or("");
    columns.name(nickname)
}

fn pick<T>(
    columns: &mut Columns,
    items: &[T],
    decided: ValueId,
    id_of: impl Fn(&mut Columns, &T) -> ValueId,
    write: impl Fn(&T) -> String,
) -> Option<String> {
    let found = items.iter().find(|item| decided.is_some() && id_of(columns, item) == decided);
    found.or(items.first()).map(write)
}
