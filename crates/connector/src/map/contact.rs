//! The lists of a party: e-mail addresses, telephone numbers, postal addresses, identifiers.

use super::Scope;
use super::cell::Cell;
use super::error::{Drift, MapError};
use super::rule::{Expression, flag};
use onefold_model::{Email, FieldValue, Identifier, Phone, PostalAddress};
use std::borrow::Cow;

#[derive(Debug)]
pub(crate) struct EmailRule {
    pub(crate) value: Expression,
    pub(crate) primary: Option<Expression>,
    pub(crate) verified: Option<Expression>,
}

#[derive(Debug)]
pub(crate) struct PhoneRule {
    pub(crate) value: Expression,
    pub(crate) primary: Option<Expression>,
}

#[derive(Debug, Default)]
pub(crate) struct AddressRule {
    pub(crate) lines: Vec<Expression>,
    pub(crate) locality: Option<Expression>,
    pub(crate) region: Option<Expression>,
    pub(crate) postal_code: Option<Expression>,
    pub(crate) country: Option<Expression>,
    pub(crate) purpose: Option<Expression>,
}

#[derive(Debug)]
pub(crate) struct IdentifierRule {
    pub(crate) system: Expression,
    pub(crate) value: Expression,
}

impl EmailRule {
    pub(super) fn expressions(&self) -> Vec<&Expression> {
        std::iter::once(&self.value).chain(&self.primary).chain(&self.verified).collect()
    }
}

impl PhoneRule {
    pub(super) fn expressions(&self) -> Vec<&Expression> {
        std::iter::once(&self.value).chain(&self.primary).collect()
    }
}

impl AddressRule {
    pub(super) fn expressions(&self) -> Vec<&Expression> {
        let Self { lines, locality, region, postal_code, country, purpose } = self;
        lines.iter().chain(locality).chain(region).chain(postal_code).chain(country).chain(purpose).collect()
    }
}

impl IdentifierRule {
    pub(super) fn expressions(&self) -> Vec<&Expression> {
        vec![&self.system, &self.value]
    }
}

fn switch(path: &str, rule: Option<&Expression>, scope: Scope<'_>, drift: &mut Vec<Drift>) -> Result<bool, MapError> {
    let Some(rule) = rule else { return Ok(false) };
    match rule.value(path, scope, drift, true)? {
        Some(cell) => flag(cell).map_err(|cause| MapError::new(path, rule.origin(), cause)),
        None => Ok(false),
    }
}

fn text<'v>(
    path: &str,
    rule: &'v Expression,
    scope: Scope<'v>,
    drift: &mut Vec<Drift>,
) -> Result<Option<Cow<'v, str>>, MapError> {
    match rule.value(path, scope, drift, true)? {
        Some(cell) => cell.text().map(Some).map_err(|cause| MapError::new(path, rule.origin(), cause)),
        None => Ok(None),
    }
}

fn own_text(
    path: &str,
    rule: Option<&Expression>,
    scope: Scope<'_>,
    drift: &mut Vec<Drift>,
) -> Result<Option<String>, MapError> {
    let Some(rule) = rule else { return Ok(None) };
    Ok(text(path, rule, scope, drift)?.map(Cow::into_owned))
}

pub(crate) fn emails(
    name: &str,
    rules: &[EmailRule],
    scope: Scope<'_>,
    drift: &mut Vec<Drift>,
) -> Result<Option<FieldValue>, MapError> {
    let mut emails: Vec<Email> = Vec::new();
    for rule in rules {
        let Some(Cell::Emails(found)) = rule.value.value(name, scope, drift, true)? else { continue };
        let primary = switch(name, rule.primary.as_ref(), scope, drift)?;
        let verified = switch(name, rule.verified.as_ref(), scope, drift)?;
        for (i, email) in found.into_iter().enumerate() {
            // Of several addresses in one cell the first is the main one.
            let email = Email { primary: primary && i == 0, verified, ..email };
            match emails.iter_mut().find(|known| known.address == email.address) {
                Some(known) => {
                    known.primary |= email.primary;
                    known.verified |= email.verified;
                }
                None => emails.push(email),
            }
        }
    }
    Ok((!emails.is_empty()).then_some(FieldValue::Emails(emails)))
}

pub(crate) fn phones(
    name: &str,
    rules: &[PhoneRule],
    scope: Scope<'_>,
    drift: &mut Vec<Drift>,
) -> Result<Option<FieldValue>, MapError> {
    let mut phones: Vec<Phone> = Vec::new();
    for rule in rules {
        let Some(Cell::Phone(found)) = rule.value.value(name, scope, drift, true)? else { continue };
        let primary = switch(name, rule.primary.as_ref(), scope, drift)?;
        let phone = Phone { primary, ..found };
        match phones
            .iter_mut()
            .find(|known| known.e164 == phone.e164 && (known.e164.is_some() || known.original == phone.original))
        {
            Some(known) => known.primary |= phone.primary,
            None => phones.push(phone),
        }
    }
    Ok((!phones.is_empty()).then_some(FieldValue::Phones(phones)))
}

pub(crate) fn addresses(
    name: &str,
    rules: &[AddressRule],
    scope: Scope<'_>,
    drift: &mut Vec<Drift>,
) -> Result<Option<FieldValue>, MapError> {
    let mut addresses: Vec<PostalAddress> = Vec::new();
    for rule in rules {
        let mut lines = Vec::new();
        for line in &rule.lines {
            if let Some(line) = text(name, line, scope, drift)? {
                lines.extend(line.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned));
            }
        }
        let address = PostalAddress {
            lines,
            locality: own_text(name, rule.locality.as_ref(), scope, drift)?,
            region: own_text(name, rule.region.as_ref(), scope, drift)?,
            postal_code: own_text(name, rule.postal_code.as_ref(), scope, drift)?,
            country: own_text(name, rule.country.as_ref(), scope, drift)?.map(country),
            purpose: own_text(name, rule.purpose.as_ref(), scope, drift)?,
        };
        // A country alone is worth keeping; a purpose alone is not.
        let blank = address.is_blank() && address.country.is_none();
        if !blank && !addresses.iter().any(|known| is_same_place(known, &address)) {
            addresses.push(address);
        }
    }
    Ok((!addresses.is_empty()).then_some(FieldValue::Addresses(addresses)))
}

/// The same address, whatever it is used for.
fn is_same_place(one: &PostalAddress, other: &PostalAddress) -> bool {
    let PostalAddress { lines, locality, region, postal_code, country, purpose: _ } = one;
    *lines == other.lines
        && *locality == other.locality
        && *region == other.region
        && *postal_code == other.postal_code
        && *country == other.country
}

/// ISO 3166-1 alpha-2 codes are written in capitals; names stay as they are.
fn country(text: String) -> String {
    if text.len() == 2 && text.bytes().all(|b| b.is_ascii_alphabetic()) { text.to_ascii_uppercase() } else { text }
}

pub(crate) fn identifiers(
    name: &str,
    rules: &[IdentifierRule],
    scope: Scope<'_>,
    drift: &mut Vec<Drift>,
) -> Result<Option<FieldValue>, MapError> {
    let mut identifiers: Vec<Identifier> = Vec::new();
    for rule in rules {
        let system = own_text(name, Some(&rule.system), scope, drift)?;
        let value = own_text(name, Some(&rule.value), scope, drift)?;
        if let (Some(system), Some(value)) = (system, value) {
            let identifier = Identifier { system, value };
            if !identifiers.contains(&identifier) {
                identifiers.push(identifier);
            }
        }
    }
    Ok((!identifiers.is_empty()).then_some(FieldValue::Identifiers(identifiers)))
}
