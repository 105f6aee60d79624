//! How customers are asked for: by what they are chosen and ordered, and why one was found.

use super::{bad, source_key};
use crate::app::{CustomerFilter, CustomerOrder, Direction, Holds};
use crate::graphql::error::coded;
use crate::graphql::loaders::{RecordKey, load};
use crate::graphql::types::choice::{LabelsFilterInput, TextFilterInput, add};
use crate::graphql::types::{Customer, CustomerKind, SourceRecord};
use async_graphql::{Context, Description, Enum, InputObject, Object, Result};
use onefold_model::{DepartmentKey, Timestamp};

/// Which customers. All conditions hold together. What some record says is looked up in every record of the customers that are left:
/// where there are many, with a name, an address or a number besides it is fast. Refused where you may not read the field as it is.
#[derive(InputObject, Default)]
pub struct CustomerFilterInput {
    /// A person or an organisation.
    kind: Option<CustomerKind>,
    /// The name begins so, whatever its case and accents.
    name_starts_with: Option<String>,
    /// Some record has this e-mail address.
    email: Option<String>,
    /// Some record has this telephone number, with the country code: its digits count.
    phone: Option<String>,
    /// Some record comes from this department.
    department: Option<String>,
    /// Some record comes from the source with this key.
    source: Option<String>,
    /// Some record has an address in this country, by its code of ISO 3166-1: `AT`. For whoever may read addresses.
    country: Option<String>,
    /// Some record has an address in this region, as its source writes it. For whoever may read addresses.
    region: Option<String>,
    /// Some record has this label. For whoever may read tags.
    tag: Option<String>,
    /// Some record has an identifier with this value, of whatever system.
    identifier: Option<String>,
    /// The whole name, as some record says it.
    display_name: Option<TextFilterInput>,
    /// The given name, as some record says it.
    given_name: Option<TextFilterInput>,
    /// The middle name, as some record says it.
    middle_name: Option<TextFilterInput>,
    /// The family name, as some record says it.
    family_name: Option<TextFilterInput>,
    /// What precedes the name, as some record says it.
    name_prefix: Option<TextFilterInput>,
    /// What follows the name, as some record says it.
    name_suffix: Option<TextFilterInput>,
    /// The nickname, as some record says it.
    nickname: Option<TextFilterInput>,
    /// The legal name, as some record says it.
    legal_name: Option<TextFilterInput>,
    /// The company that a person works for, as some record says it.
    company: Option<TextFilterInput>,
    /// The job title, as some record says it.
    job_title: Option<TextFilterInput>,
    /// The language, as some record says it.
    language: Option<TextFilterInput>,
    /// The time zone, as some record says it.
    time_zone: Option<TextFilterInput>,
    /// The day of birth as it is written, `1984-03-07` or only `1984`, as some record says it.
    birth_date: Option<TextFilterInput>,
    /// Trade names, as some record says them.
    trade_names: Option<LabelsFilterInput>,
    /// Domains, as some record says them.
    domains: Option<LabelsFilterInput>,
    /// Changed at or after.
    updated_since: Option<Timestamp>,
    /// Made of at least so many records.
    min_records: Option<i64>,
}

/// By what customers are ordered. Equal ones are ordered by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum CustomerOrderInput {
    /// By name, A first.
    NameAsc,
    /// By name, Z first.
    NameDesc,
    /// Changed last comes first.
    UpdatedDesc,
    /// Changed first comes first.
    UpdatedAsc,
    /// Folded last comes first.
    CreatedDesc,
    /// Folded first comes first.
    CreatedAsc,
}

impl From<CustomerOrderInput> for CustomerOrder {
    fn from(order: CustomerOrderInput) -> Self {
        match order {
            CustomerOrderInput::NameAsc => Self::Name(Direction::Asc),
            CustomerOrderInput::NameDesc => Self::Name(Direction::Desc),
            CustomerOrderInput::UpdatedDesc => Self::Updated(Direction::Desc),
            CustomerOrderInput::UpdatedAsc => Self::Updated(Direction::Asc),
            CustomerOrderInput::CreatedDesc => Self::Created(Direction::Desc),
            CustomerOrderInput::CreatedAsc => Self::Created(Direction::Asc),
        }
    }
}

/// How well the words that were looked for are those of a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "crate::app::SearchMatch")]
pub enum SearchMatch {
    /// Each word that was found is there as it was typed, but for case and accents.
    Exact,
    /// A word begins with what was typed, or is a telephone number that ends so.
    Prefix,
    /// A word is similar: a letter or two are missing, too many, other ones, or exchanged with their neighbours.
    Similar,
}

/// A customer that was found, and why.
#[derive(Description)]
pub struct SearchHit {
    pub(super) hit: crate::app::SearchResult,
    pub(super) customer: Customer,
}

#[Object(use_type_description)]
impl SearchHit {
    /// The customer.
    async fn customer(&self) -> Customer {
        self.customer.clone()
    }

    /// What kind of thing matched: `name`, `company`, `email`, `phone`, `invoice`, `ticket`, `account`.
    async fn matched_on(&self) -> &str {
        &self.hit.matched
    }

    /// The text that matched, as the source said it.
    async fn matched_text(&self) -> &str {
        &self.hit.text
    }

    /// The record that says so.
    async fn source_record(&self, ctx: &Context<'_>) -> Result<Option<SourceRecord>> {
        Ok(load(ctx, RecordKey(self.hit.record)).await?.map(SourceRecord::from))
    }

    /// How well it matched: the weakest of the words that were found.
    #[graphql(name = "match")]
    async fn matched(&self) -> SearchMatch {
        self.hit.how.into()
    }

    /// From 0 to 1, the mean over the words: 1 for one that is there as it was typed, from ½ to 1 for a beginning, the more of the
    /// word it is, and up to ½ for a similar word: ½ · (1 − slips / letters of the longer), where a slip is a letter too many, too
    /// few or another one, or two neighbours exchanged, and another first letter counts half a slip more.
    async fn score(&self) -> f64 {
        self.hit.score
    }
}

impl CustomerFilterInput {
    /// Parsed.
    pub(in crate::graphql) fn read(self) -> Result<CustomerFilter> {
        let department = self.department.map(DepartmentKey::new).transpose();
        let source = self.source.map(|key| source_key("filter.source", key)).transpose()?;
        let digits = self.phone.map(|text| text.chars().filter(char::is_ascii_digit).collect::<String>());
        if digits.as_ref().is_some_and(|digits| digits.len() < 5) {
            return Err(coded("INVALID_INPUT", "argument filter.phone: give at least five digits"));
        }
        let mut said = Vec::new();
        add(&mut said, "displayName", Holds::Text, self.display_name)?;
        add(&mut said, "givenName", Holds::Text, self.given_name)?;
        add(&mut said, "middleName", Holds::Text, self.middle_name)?;
        add(&mut said, "familyName", Holds::Text, self.family_name)?;
        add(&mut said, "namePrefix", Holds::Text, self.name_prefix)?;
        add(&mut said, "nameSuffix", Holds::Text, self.name_suffix)?;
        add(&mut said, "nickname", Holds::Text, self.nickname)?;
        add(&mut said, "legalName", Holds::Text, self.legal_name)?;
        add(&mut said, "company", Holds::Text, self.company)?;
        add(&mut said, "jobTitle", Holds::Text, self.job_title)?;
        add(&mut said, "language", Holds::Text, self.language)?;
        add(&mut said, "timeZone", Holds::Text, self.time_zone)?;
        add(&mut said, "birthDate", Holds::Text, self.birth_date)?;
        add(&mut said, "tradeNames", Holds::Texts, self.trade_names)?;
        add(&mut said, "domains", Holds::Texts, self.domains)?;
        Ok(CustomerFilter {
            kind: self.kind.map(Into::into),
            name_prefix: self.name_starts_with,
            email: self.email,
            phone_digits: digits,
            department: department.map_err(|error| bad("filter.department", &error))?,
            source: source.map(|key| onefold_model::SourceId::derive(&key)),
            country: self.country.map(|code| code.to_ascii_uppercase()),
            region: self.region,
            tag: self.tag,
            identifier: self.identifier,
            said,
            updated_since: self.updated_since,
            min_records: self.min_records,
        })
    }
}
