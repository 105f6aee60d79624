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
use onefold_model::{Email, Party, PartyKind};

/// The kind of party that a record is compared as.
pub(crate) fn kind_of(party: &Party) -> PartyKind {
    if party.kind == PartyKind::Organization || is_organization(party) {
        PartyKind::Organization
    } else {
        PartyKind::Person
    }
}

/// What an organisation is called in a record.
pub(crate) fn names(party: &Party) -> Vec<&str> {
    // A contact that is a company has its name where a person's would be.
    let person = [&party.family_name, &party.given_name].into_iter().filter_map(Option::as_deref);
    let mut names: Vec<&str> = [&party.legal_name, &party.display_name, &party.company]
        .into_iter()
        .filter_map(Option::as_deref)
        .filter(|name| !name.contains('@'))
        .chain(party.trade_names.iter().map(String::as_str))
        .collect();
    if names.is_empty() {
        names.extend(person);
    }
    names
}

fn is_organization(party: &Party) -> bool {
    let text = |field: &Option<String>| field.as_deref().map_or("", str::trim).to_owned();
    if party.given_name.is_some() && party.family_name.is_some() {
        // "Wexford" "GmbH" came from a form that asks for two names. Almost every person passes here, so nothing is folded.
        let family = party.family_name.as_deref().unwrap_or("").trim().trim_end_matches('.');
        return FORMS.iter().any(|form| family.eq_ignore_ascii_case(form));
    }
    if party.birth_date.is_some() || party.job_title.is_some() || party.middle_name.is_some() {
        return false;
    }
    let shown = text(&party.display_name);
    let shown = if shown.contains('@') { String::new() } else { shown };
    let whole = [shown, text(&party.family_name), text(&party.given_name)].into_iter().find(|name| !name.is_empty());
    let folded = fold_dotted(whole.as_deref().unwrap_or(""));
    let company = party.company.as_deref().map_or_else(String::new, fold);
    let is_nameless = folded.is_empty() || is_placeholder_name(&folded);
    if is_nameless {
        // An office's mailbox that names the company and nobody in it.
        return !company.is_empty() && !is_placeholder_name(&company) && party.emails.iter().all(is_office);
    }
    let words: Vec<&str> = folded.split(' ').collect();
    if says_organization(&words) || folded == company {
        return true;
    }
    // "Wexford Bikes", info@wexford-bikes.example. A sole trader's name is a name: "Anna King", info@annaking.example.
    let is_name = words.len() <= 3 && words.iter().any(|word| !nickname_groups(word).is_empty());
    !is_name && party.emails.iter().any(|email| is_office(email) && is_domain_of(&words, email.domain()))
}

const FORMS: [&str; 12] =
    ["gmbh", "g.m.b.h", "mbh", "ltd", "limited", "inc", "llc", "llp", "plc", "sarl", "ohg", "kgaa"];

fn is_office(email: &Email) -> bool {
    mailbox(&email.address).is_none_or(|mailbox| mailbox.is_role)
}

fn is_domain_of(words: &[&str], domain: &str) -> bool {
    let label = fold(domain_label(domain)).replace(' ', "");
    label.len() >= 4 && !is_provider(domain) && skeleton(&label) == skeleton(&words.concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn kind(mut party: Value) -> PartyKind {
        party["kind"] = json!("PERSON");
        if let Some(email) = party.as_object_mut().unwrap().remove("email") {
            party["emails"] = json!([{ "address": email, "original": email }]);
        }
        kind_of(&serde_json::from_value(party).unwrap())
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
