//! Parties: people and organisations as one system knows them.

use super::{Extensions, Facets, Identifier, RecordRef};
use crate::field::{Describe, Field, FieldType, camel_case};
use crate::value::{FieldValue, Filled};
use crate::{Email, PartialDate, Phone, PostalAddress, Timestamp};
use serde::{Deserialize, Serialize};

words! {
    /// A person or an organisation.
    PartyKind {
        /// A human being.
        Person = "PERSON",
        /// A company, a club, an authority.
        Organization = "ORGANIZATION",
    }
}

record! {
    /// Somebody whom a department deals with: the part of a customer that one system knows.
    Party {
        /// A person or an organisation.
        kind: PartyKind,
        /// The whole name as the source shows it.
        display_name: Option<String>,
        /// Given name or names.
        given_name: Option<String>,
        /// Middle name or initial.
        middle_name: Option<String>,
        /// Family name.
        family_name: Option<String>,
        /// Title before the name.
        name_prefix: Option<String>,
        /// What follows the name: Jr., PhD.
        name_suffix: Option<String>,
        /// The name used among friends.
        nickname: Option<String>,
        /// The registered name of an organisation.
        legal_name: Option<String>,
        /// Other names that an organisation trades under.
        #[serde(default)]
        trade_names: Vec<String>,
        /// The organisation that a person belongs to, as text.
        company: Option<String>,
        /// The organisation that a person belongs to, as a record of the same source.
        employer: Option<RecordRef>,
        /// What a person does there.
        job_title: Option<String>,
        /// Day of birth, as far as known.
        birth_date: Option<PartialDate>,
        /// Language tag, BCP 47.
        language: Option<String>,
        /// Time zone of IANA.
        time_zone: Option<String>,
        /// E-mail addresses.
        #[serde(default)]
        emails: Vec<Email>,
        /// Telephone numbers.
        #[serde(default)]
        phones: Vec<Phone>,
        /// Postal addresses.
        #[serde(default)]
        addresses: Vec<PostalAddress>,
        /// Internet domains of an organisation.
        #[serde(default)]
        domains: Vec<String>,
        /// Identifiers such as a VAT number or the number in another system.
        #[serde(default)]
        identifiers: Vec<Identifier>,
        /// Labels that the source gave.
        #[serde(default)]
        tags: Vec<String>,
        /// When the source first had it.
        created_at: Option<Timestamp>,
        /// When the source last changed it.
        updated_at: Option<Timestamp>,
        /// Custom fields of the source.
        #[serde(default)]
        extensions: Extensions,
    }
}

facets! {
    Party |r| { parent: r.employer.as_ref(), occurred_at: r.created_at, number: r.display_name.as_deref() }
}
