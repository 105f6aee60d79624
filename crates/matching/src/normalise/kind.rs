//! Whether a record is about a person or an organisation, where its source could not tell.
//!
//! Many systems know contacts only, and file `Wexford Bikes GmbH <info@wexford-bikes.example>` as a person. Promises that
//! a record of an organisation stays one, and that a person with a given and a family name stays a person unless the
//! name has a legal form. Does not look at other records.

use super::email::{domain_label, is_provider, mailbox};
use super::nickname::nickname_groups;
use super::organization::says_organization;
use super::placeholder::is_placeholder_name;
use super::text::{fold, fold_dotted, skeleton};
use crate::record::RecordText;
use onefold_model::PartyKind;

/// The kind of party that a record is compared as.
pub(crate) fn kind_of(record: &RecordText<'_>) -> PartyKind {
    if record.kind == PartyKind::Organization || is_organization(record) {
        PartyKind::Organization
    } else {
        PartyKind::Person
    }
}

/// What an organisation is called in a record.
pub(crate) fn names<'a>(record: &RecordText<'a>) -> Vec<&'a str> {
    let is_name = |name: &&str| !name.is_empty() && !name.contains('@');
    let own = [record.legal_name, record.display_name, record.company].into_iter().filter(is_name);
    let mut names: Vec<&str> = own.chain(record.trade_names.iter().copied()).collect();
    if names.is_empty() {
        // A contact that is a company has its name where a person's would be.
        names.extend([record.family_name, record.given_name].into_iter().filter(|name| !name.is_empty()));
    }
    names
}

fn is_organization(record: &RecordText<'_>) -> bool {
    if !record.given_name.is_empty() && !record.family_name.is_empty() {
        // "Wexford" "GmbH" came from a form that asks for two names. Almost every person passes here, so nothing is folded.
        let family = record.family_name.trim().trim_end_matches('.');
        return FORMS.iter().any(|form| family.eq_ignore_ascii_case(form));
    }
    if record.birth_date.is_some() || !record.job_title.is_empty() || !record.middle_name.is_empty() {
        return false;
    }
    let shown = if record.display_name.contains('@') { "" } else { record.display_name };
    let whole = [shown, record.family_name, record.given_name].into_iter().map(str::trim).find(|name| !name.is_empty());
    let folded = fold_dotted(whole.unwrap_or(""));
    let company = fold(record.company);
    let is_nameless = folded.is_empty() || is_placeholder_name(&folded);
    if is_nameless {
        // An office's mailbox that names the company and nobody in it.
        let is_office = |email: &&str| is_office(email);
        return !company.is_empty() && !is_placeholder_name(&company) && record.emails.iter().all(is_office);
    }
    let words: Vec<&str> = folded.split(' ').collect();
    if says_organization(&words) || folded == company {
        return true;
    }
    // "Wexford Bikes", info@wexford-bikes.example. A sole trader's name is a name: "Anna King", info@annaking.example.
    let is_name = words.len() <= 3 && words.iter().any(|word| !nickname_groups(word).is_empty());
    let is_own = |email: &&str| email.rsplit_once('@').is_some_and(|(_, domain)| is_domain_of(&words, domain));
    !is_name && record.emails.iter().any(|email| is_own(email) && is_office(email))
}

const FORMS: [&str; 12] =
    ["gmbh", "g.m.b.h", "mbh", "ltd", "limited", "inc", "llc", "llp", "plc", "sarl", "ohg", "kgaa"];

fn is_office(email: &str) -> bool {
    mailbox(email).is_none_or(|mailbox| mailbox.is_role)
}

fn is_domain_of(words: &[&str], domain: &str) -> bool {
    let label = fold(domain_label(domain)).replace(' ', "");
    label.len() >= 4 && !is_provider(domain) && skeleton(&label) == skeleton(&words.concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::PartyTexts;
    use serde_json::{Value, json};

    fn kind(mut party: Value) -> PartyKind {
        party["kind"] = json!("PERSON");
        if let Some(email) = party.as_object_mut().unwrap().remove("email") {
            party["emails"] = json!([{ "address": email, "original": email }]);
        }
        kind_of(&PartyTexts::default().of(&serde_json::from_value(party).unwrap()))
    }

    #[test]
    fn a_company_filed_as_a_contact_is_a_company() {
        for party in [
            json!({ "displayName": "Wexford Bikes GmbH" }),
            json!({ "displayName": "Wexford Bikes, Inc." }),
            json!({ "givenName": "Wexford", "familyName": "GmbH" }),
            json!({ "displayName": "Möller Bikes", "email": "info@moeller-bikes.example" }),
            json!({ "company": "Wexford Bikes", "email": "billing@wexford.example" }),
            json!({ "displayName": "info@wexford.example", "company": "Wexford Bikes", "email": "info@wexford.example" }),
            json!({ "displayName": "Wexford Bikes", "company": "Wexford Bikes" }),
        ] {
            assert_eq!(kind(party.clone()), PartyKind::Organization, "{party}");
        }
    }

    #[test]
    fn a_person_stays_a_person() {
        for party in [
            json!({ "displayName": "Ada King" }),
            json!({ "displayName": "Anna King", "email": "info@annaking.example" }),
            json!({ "displayName": "Ada King", "email": "ada@adaking.example" }),
            json!({ "displayName": "Ada King", "company": "Wexford GmbH", "email": "info@wexford.example" }),
            json!({ "givenName": "Ada", "familyName": "King", "company": "Wexford GmbH" }),
            json!({ "company": "Wexford Bikes", "email": "ada.king@wexford.example" }),
            json!({ "displayName": "Se Young Kim" }),
            json!({}),
        ] {
            assert_eq!(kind(party.clone()), PartyKind::Person, "{party}");
        }
    }
}
