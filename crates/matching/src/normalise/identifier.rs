//! Identifiers: numbers that somebody issued to exactly one party.

use super::placeholder::is_placeholder_digits;
use crate::record::IdentifierText;

/// `system:VALUE` in one spelling, and how much it binds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct IssuedNumber {
    /// Lower-case system, colon, upper-case letters and digits.
    pub(crate) text: String,
    /// Where the system ends.
    pub(crate) colon: usize,
    /// One party has only one, so that two different ones speak against.
    pub(crate) is_hard: bool,
    /// A register gives it and others check it: two different ones are two parties, whatever else agrees. Numbers that
    /// people write from memory, or borrow from their spouse, are not among these.
    pub(crate) is_register: bool,
}

/// Reads an identifier; `None` for fillers and for what has no letters or digits.
pub(crate) fn issued_number(identifier: IdentifierText<'_>) -> Option<IssuedNumber> {
    let system: String =
        identifier.system.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let value: String =
        identifier.value.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase();
    let digits: String = value.chars().filter(char::is_ascii_digit).collect();
    let is_filler = value.len() < 3
        || (digits.len() + 2 >= value.len() && is_placeholder_digits(&digits))
        || matches!(value.as_str(), "NONE" | "NULL" | "UNKNOWN" | "TEST");
    (!is_filler).then(|| {
        let is_register = is_register(&system);
        let is_hard = is_register || is_personal(&system);
        let system = one_system(&system);
        IssuedNumber { colon: system.len(), is_hard, is_register, text: format!("{system}:{value}") }
    })
}

/// One name for the several that systems give to one register.
fn one_system(system: &str) -> &str {
    match system {
        "vatid" | "vatin" | "vatnumber" | "uid" | "ustid" | "ustidnr" | "euvat" => "vat",
        "taxid" | "taxnumber" | "tin" | "steuernummer" => "tax",
        "dunsnumber" => "duns",
        "companynumber" | "registernumber" | "registrationnumber" | "crn" => "registration",
        "socsecid" | "socialsecurity" | "socialsecuritynumber" => "ssn",
        other => other,
    }
}

// Numbers of other systems (a CRM that keeps duplicates) are in neither list: there, two may well be one customer.
fn is_register(system: &str) -> bool {
    matches!(
        system,
        "vat"
            | "vatid"
            | "vatin"
            | "vatnumber"
            | "ustidnr"
            | "euvat"
            | "dunsnumber"
            | "registrationnumber"
            | "crn"
            | "tax"
            | "taxid"
            | "taxnumber"
            | "tin"
            | "ein"
            | "uid"
            | "ustid"
            | "steuernummer"
            | "nif"
            | "cif"
            | "siren"
            | "siret"
            | "lei"
            | "duns"
            | "registration"
            | "companynumber"
            | "registernumber"
            | "abn"
            | "gln"
            | "cnpj"
    )
}

fn is_personal(system: &str) -> bool {
    matches!(
        system,
        "ssn"
            | "sin"
            | "nin"
            | "nino"
            | "socsecid"
            | "socialsecurity"
            | "socialsecuritynumber"
            | "nationalid"
            | "passport"
            | "drivinglicence"
            | "cpf"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_number_agree_and_fillers_vanish() {
        let read = |system, value| issued_number(IdentifierText { system, value });
        assert_eq!(read("VAT", "DE 123.456.780"), read("vat", "de123456780"));
        assert!(read("vat", "DE811128135").unwrap().is_hard && !read("crm", "0017000000Lx").unwrap().is_hard);
        assert_eq!(read("VAT ID", "ATU12345678"), read("ust-id", "ATU 1234 5678"));
        assert_ne!(read("vat", "ATU12345678"), read("duns", "ATU12345678"));
        assert_eq!(read("ssn", "000-00-0000"), None);
        assert_eq!(read("tax", "n/a"), None);
    }
}
