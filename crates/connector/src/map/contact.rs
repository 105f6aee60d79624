//! The lists of a party: e-mail addresses, telephone numbers, postal addresses, identifiers.

use super::Scope;
use super::cell::Cell;
use super::error::{Drift, MapError};
use super::rule::{Expression, flag};
use onefold_model::{Email, Identifier, Phone, PostalAddress};
use serde::Serialize;
use serde_json::Value;

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
        Some(cell) => flag(&cell).map_err(|cause| MapError::new(path, rule.origin(), cause)),
        None => Ok(false),
    }
}

fn text(
    path: &str,
    rule: Option<&Expression>,
    scope: Scope<'_>,
    drift: &mut Vec<Drift>,
) -> Result<Option<String>, MapError> {
    let Some(rule) = rule else { return Ok(None) };
    match rule.value(path, scope, drift, true)? {
        Some(cell) => {
            cell.text().map(|text| Some(text.into_owned())).map_err(|cause| MapError::new(path, rule.origin(), cause))
        }
        None => Ok(None),
    }
}

fn list<T: Serialize>(items: &[T]) -> Option<Value> {
    if items.is_empty() { None } else { serde_json::to_value(items).ok() }
}

pub(crate) fn emails(
    name: &str,
    rules: &[EmailRule],
    scope: Scope<'_>,
    drift: &mut Vec<Drift>,
) -> Result<Option<Value>, MapError> {
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
    Ok(list(&emails))
}

pub(crate) fn phones(
    name: &str,
    rules: &[PhoneRule],
    scope: Scope<'_>,
    drift: &mut Vec<Drift>,
) -> Result<Option<Value>, MapError> {
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
    Ok(list(&phones))
}

pub(crate) fn addresses(
    name: &str,
    rules: &[AddressRule],
    scope: Scope<'_>,
    drift: &mut Vec<Drift>,
) -> Result<Option<Value>, MapError> {
    let mut addresses: Vec<PostalAddress> = Vec::new();
    for rule in rules {
        let mut lines = Vec::new();
        for line in &rule.lines {
            if let Some(line) = text(name, Some(line), scope, drift)? {
                lines.extend(line.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned));
            }
        }
        let address = PostalAddress {
            lines,
            locality: text(name, rule.locality.as_ref(), scope, drift)?,
            region: text(name, rule.region.as_ref(), scope, drift)?,
            postal_code: text(name, rule.postal_code.as_ref(), scope, drift)?,
            country: text(name, rule.country.as_ref(), scope, drift)?.map(country),
            purpose: text(name, rule.purpose.as_ref(), scope, drift)?,
        };
        // A country alone is worth keeping; a purpose alone is not.
        let blank = address.is_blank() && address.country.is_none();
        let known = addresses
            .iter()
            .any(|known| PostalAddress { purpose: address.purpose.clone(), ..known.clone() } == address);
        if !blank && !known {
            addresses.push(address);
        }
    }
    Ok(list(&addresses))
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
) -> Result<Option<Value>, MapError> {
    let mut identifiers: Vec<Identifier> = Vec::new();
    for rule in rules {
        let system = text(name, Some(&rule.system), scope, drift)?;
        let value = text(name, Some(&rule.value), scope, drift)?;
        if let (Some(system), Some(value)) = (system, value) {
            let identifier = Identifier { system, value };
            if !identifiers.contains(&identifier) {
                identifiers.push(identifier);
            }
        }
    }
    Ok(list(&identifiers))
}
