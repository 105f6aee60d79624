//! Customers: find, list, and fold their values from the records that they are made of.

use super::redact::{Redacted, Restriction, redact_address, redact_text, redact_value};
use super::{AppError, ReadKind, Session};
use crate::auth::{Scope, Verdict};
use crate::identity::{Golden, GoldenField, Pin, SurvivorshipRules, golden, pins};
use crate::store::{CustomerFilter, CustomerOrder, CustomerRow, Direction, PageAsk, Slice, StoredParty};
use onefold_model::{CustomerId, DepartmentKey, Identifier, Party, PostalAddress, RecordId, SourceId, Timestamp};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Person and organisation share their fields' rights.
pub(super) const CUSTOMER: &str = "Customer";

/// A customer's values as a scope shows them.
#[derive(Debug, Clone, Default)]
pub struct CustomerValues {
    /// The golden values.
    pub fields: Redacted,
    /// Every e-mail address that some record has.
    pub emails: Vec<Contact>,
    /// Every telephone number that some record has.
    pub phones: Vec<Contact>,
    /// Every postal address that some record has.
    pub addresses: Vec<(PostalAddress, Said)>,
    /// Every identifier that some record has.
    pub identifiers: Vec<(Identifier, Said)>,
    /// Who said what, and why it won.
    pub provenance: Vec<Provenance>,
    /// What is withheld.
    pub restrictions: Vec<Restriction>,
}

/// Who said it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Said {
    /// The record.
    pub record: RecordId,
    /// Its source.
    pub source: SourceId,
}

/// An e-mail address or a telephone number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// In the form in which two of them can be compared; absent where a number could not be read.
    pub value: Option<String>,
    /// As the source said it, where the scope shows all of it.
    pub original: Option<String>,
    /// The source calls it the main one.
    pub primary: bool,
    /// Who said it.
    pub said: Said,
}

/// A golden value, where it came from and what lost.
#[derive(Debug, Clone, PartialEq)]
pub struct Provenance {
    /// The field.
    pub path: String,
    /// The value, under the same rights as the field itself.
    pub value: Option<Value>,
    /// Who said it.
    pub said: Said,
    /// The rule that chose it.
    pub rule: String,
    /// When the record last became different.
    pub observed_at: Timestamp,
    /// The other values.
    pub alternatives: Vec<Losing>,
}

/// A value that another one was preferred to.
#[derive(Debug, Clone, PartialEq)]
pub struct Losing {
    /// The value, under the rights of its own source. One that is hidden is left out altogether.
    pub value: Option<Value>,
    /// Who said it.
    pub said: Said,
    /// Why it lost.
    pub lost_because: String,
    /// When the record last became different.
    pub observed_at: Timestamp,
}

impl Session {
    /// These customers by the ids that were asked for. A retired id gives the customer that it leads to now.
    pub async fn customer_get(&self, ids: &[CustomerId]) -> Result<HashMap<CustomerId, CustomerRow>, AppError> {
        let found = self.store().customer_get(&self.scope_of(ids), ids).await?;
        self.note_seen(found.values().map(|row| row.id));
        Ok(found)
    }

    /// A page of customers.
    pub async fn customer_list(
        &self,
        filter: &CustomerFilter,
        order: CustomerOrder,
        ask: &PageAsk,
    ) -> Result<Slice<CustomerRow>, AppError> {
        self.uses_allowed(filter, order).await?;
        let slice = self.store().customer_list(self.scope(), filter, order, ask).await?;
        self.customers_found(filter, &slice);
        Ok(slice)
    }

    /// Who is found by a value is known to have it.
    pub(super) fn customers_found(&self, filter: &CustomerFilter, slice: &Slice<CustomerRow>) {
        let found = || slice.rows.iter().map(|(_, row)| row.id);
        self.note_seen(found());
        let by_address = filter.country.is_some() || filter.region.is_some();
        if filter.email.is_some() || filter.phone_digits.is_some() || by_address {
            self.read(found(), ReadKind::Contact);
        }
        if filter.name_prefix.is_some() || filter.tag.is_some() {
            self.read(found(), ReadKind::Identity);
        }
        if filter.identifier.is_some() {
            self.read(found(), ReadKind::Identifier);
        }
        for kind in filter.said.iter().filter_map(|said| ReadKind::of_customer_field(said.field.name)) {
            self.read(found(), kind);
        }
    }

    /// The order where none is asked for: by name, or by the last change where the caller may not read names.
    pub fn customer_order(&self) -> CustomerOrder {
        if self.scope().field_any_owner(CUSTOMER, "displayName").is_read() {
            CustomerOrder::Name(Direction::Asc)
        } else {
            CustomerOrder::Updated(Direction::Desc)
        }
    }

    /// How many customers the filter leaves.
    pub async fn customer_count(&self, filter: &CustomerFilter) -> Result<i64, AppError> {
        self.uses_allowed(filter, CustomerOrder::Updated(Direction::Desc)).await?;
        Ok(self.store().customer_count(self.scope(), filter).await?)
    }

    /// Every other id that leads to these customers.
    pub async fn customer_aliases(&self, ids: &[CustomerId]) -> Result<HashMap<CustomerId, Vec<CustomerId>>, AppError> {
        let mut aliases: HashMap<CustomerId, Vec<CustomerId>> = HashMap::new();
        for (customer, retired) in self.store().customer_aliases(&self.scope_of(ids), ids).await? {
            aliases.entry(customer).or_default().push(retired);
        }
        Ok(aliases)
    }

    /// The values of these customers.
    pub async fn customer_values(&self, ids: &[CustomerId]) -> Result<HashMap<CustomerId, CustomerValues>, AppError> {
        self.read_values(ids);
        let (members, pins) = self.pinned_members(&self.scope_of(ids), ids).await?;
        let rules = self.app.identity.rules();
        Ok(members.into_iter().map(|(id, parties)| (id, values(self.scope(), &parties, &pins, &rules))).collect())
    }

    /// The records of each of these customers, and what is held fast of them all.
    pub(super) async fn pinned_members(
        &self,
        scope: &Scope,
        ids: &[CustomerId],
    ) -> Result<(BTreeMap<CustomerId, Vec<StoredParty>>, Vec<Pin>), AppError> {
        let mut members: BTreeMap<CustomerId, Vec<StoredParty>> = BTreeMap::new();
        for member in self.store().customer_members(scope, ids).await? {
            members.entry(member.customer).or_default().push(member.party);
        }
        let records: Vec<RecordId> = members.values().flatten().map(|party| party.record).collect();
        let pins = pins(&self.store().pin_of(&records).await?);
        Ok((members, pins))
    }

    /// As [`Session::check_uses`], and a refusal is written down.
    pub(super) async fn uses_allowed(&self, filter: &CustomerFilter, order: CustomerOrder) -> Result<(), AppError> {
        match self.check_uses(filter, order) {
            Ok(()) => Ok(()),
            Err(error) => Err(self.refused(error).await),
        }
    }

    /// A field that may not be read as it is cannot be filtered or ordered by: the answer would tell what it hides.
    pub(super) fn check_uses(&self, filter: &CustomerFilter, order: CustomerOrder) -> Result<(), AppError> {
        let uses = [
            ("displayName", "filter", filter.name_prefix.is_some()),
            ("emails", "filter", filter.email.is_some()),
            ("phones", "filter", filter.phone_digits.is_some()),
            ("sourceRecords", "filter", filter.department.is_some() || filter.source.is_some()),
            ("addresses", "filter", filter.country.is_some() || filter.region.is_some()),
            ("tags", "filter", filter.tag.is_some()),
            ("identifiers", "filter", filter.identifier.is_some()),
            ("displayName", "orderBy", matches!(order, CustomerOrder::Name(_))),
        ];
        let said = filter.said.iter().map(|said| (said.field.name, "filter", true));
        for (field, usage, used) in uses.into_iter().chain(said) {
            if used {
                self.check_use(CUSTOMER, field, usage)?;
            }
        }
        Ok(())
    }
}

/// The values of one customer under a scope. Pins of others' records count for nothing.
pub(super) fn values(
    scope: &Scope,
    members: &[StoredParty],
    pins: &[Pin],
    rules: &SurvivorshipRules,
) -> CustomerValues {
    let Some(golden) = golden(members, pins, rules) else { return CustomerValues::default() };
    let by_record: HashMap<RecordId, &StoredParty> = members.iter().map(|party| (party.record, party)).collect();
    let mut values = CustomerValues::default();
    shown(scope, &golden.fields, &by_record, &mut values);
    values.provenance = provenance(scope, &golden, &by_record);
    contacts(scope, members, &mut values);
    labels(scope, members, &mut values);
    values.restrictions = withheld(scope, members);
    values
}

/// The golden values, each under the rights of whoever said it.
pub(super) fn shown(
    scope: &Scope,
    fields: &[GoldenField],
    by_record: &HashMap<RecordId, &StoredParty>,
    values: &mut CustomerValues,
) {
    for field in fields {
        let Some(winner) = by_record.get(&field.record) else { continue };
        let verdict = scope.field(CUSTOMER, &field.path, Some(&winner.department));
        if let Some(value) = redact_value(verdict, field.value.clone()) {
            values.fields.insert(field.path.clone(), value);
        }
    }
}

/// What is withheld of a customer that these records make.
pub(super) fn withheld(scope: &Scope, members: &[StoredParty]) -> Vec<Restriction> {
    let mut restrictions: BTreeSet<Restriction> = BTreeSet::new();
    for department in members.iter().map(|party| &party.department).collect::<BTreeSet<_>>() {
        restrictions.extend(scope.restrictions(CUSTOMER, Some(department)).iter().map(Restriction::from));
    }
    restrictions.into_iter().collect()
}

/// Reads a list of labels.
type Labels = fn(&Party) -> &[String];

/// Lists that are not chosen but put together: each label once, from the record that is first in order.
pub(super) fn labels(scope: &Scope, members: &[StoredParty], values: &mut CustomerValues) {
    let lists: [(&str, Labels); 3] = [
        ("tags", |party| &party.tags),
        ("tradeNames", |party| &party.trade_names),
        ("domains", |party| &party.domains),
    ];
    for (field, read) in lists {
        let mut shown: Vec<Value> = Vec::new();
        for party in members.iter().filter(|party| !party.deleted) {
            let verdict = scope.field(CUSTOMER, field, Some(&party.department));
            let said = read(&party.party).iter().filter_map(|label| redact_text(verdict, label)).map(Value::from);
            for label in said {
                if !shown.contains(&label) {
                    shown.push(label);
                }
            }
        }
        if !shown.is_empty() {
            values.fields.insert(field.to_owned(), Value::Array(shown));
        }
    }
}

/// The word of a rule in JSON, which is the word of the graph.
fn word(rule: &impl serde::Serialize) -> String {
    serde_json::to_value(rule).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}

fn provenance(scope: &Scope, golden: &Golden, members: &HashMap<RecordId, &StoredParty>) -> Vec<Provenance> {
    let tells = |owner: &DepartmentKey| scope.field(CUSTOMER, "provenance", Some(owner)).is_read();
    let shown = |path: &str, owner: &DepartmentKey, value: &Value| {
        redact_value(scope.field(CUSTOMER, path, Some(owner)), value.clone())
    };
    let mut out = Vec::new();
    for field in &golden.fields {
        let Some(winner) = members.get(&field.record).filter(|party| tells(&party.department)) else { continue };
        // The rule, the record and what lost tell that somebody said a better value: they stay with the value.
        let Some(value) = shown(&field.path, &winner.department, &field.value) else { continue };
        let alternatives: Vec<Losing> = field
            .losing
            .iter()
            .filter_map(|losing| {
                let party = members.get(&losing.record).filter(|party| tells(&party.department))?;
                Some(Losing {
                    value: Some(shown(&field.path, &party.department, &losing.value)?),
                    said: Said { record: party.record, source: party.source },
                    lost_because: losing.lost_because.clone(),
                    observed_at: party.changed_at,
                })
            })
            .collect();
        out.push(Provenance {
            path: field.path.clone(),
            value: Some(value),
            said: Said { record: winner.record, source: winner.source },
            rule: word(&field.rule),
            observed_at: winner.changed_at,
            alternatives,
        });
    }
    out
}

/// Every contact point once, from the record that is first in order of those that show it whole, else of those that show a
/// part of it; hidden ones are left out.
pub(super) fn contacts(scope: &Scope, members: &[StoredParty], values: &mut CustomerValues) {
    let mut seen: BTreeSet<(&'static str, String)> = BTreeSet::new();
    let live = || members.iter().filter(|party| !party.deleted);
    let whole = live().map(|party| (party, Shown::Whole));
    for (party, wanted) in whole.chain(live().map(|party| (party, Shown::InPart))) {
        let said = Said { record: party.record, source: party.source };
        let verdict = |field: &str| scope.field(CUSTOMER, field, Some(&party.department));
        for email in &party.party.emails {
            if wanted.fits(verdict("emails")) && seen.insert(("email", email.address.clone())) {
                let shown = contact(verdict("emails"), Some(&email.address), &email.original, email.primary, said);
                values.emails.extend(shown);
            }
        }
        for phone in &party.party.phones {
            let number = phone.e164.clone().unwrap_or_else(|| phone.original.clone());
            if wanted.fits(verdict("phones")) && seen.insert(("phone", number)) {
                let shown = contact(verdict("phones"), phone.e164.as_deref(), &phone.original, phone.primary, said);
                values.phones.extend(shown);
            }
        }
        for address in &party.party.addresses {
            let shown = redact_address(verdict("addresses"), address).filter(|_| wanted.fits(verdict("addresses")));
            // By what is shown: two streets of one town are one town to whoever sees no street.
            let shown = shown.filter(|shown| seen.insert(("address", shown.to_line())));
            values.addresses.extend(shown.map(|shown| (shown, said)));
        }
        for identifier in &party.party.identifiers {
            if wanted.fits(verdict("identifiers")) && seen.insert(("identifier", format!("{identifier:?}"))) {
                let value = redact_text(verdict("identifiers"), &identifier.value);
                let shown = value.map(|value| Identifier { value, ..identifier.clone() });
                values.identifiers.extend(shown.map(|shown| (shown, said)));
            }
        }
    }
}

/// How much of a contact point is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    Whole,
    InPart,
}

impl Shown {
    fn fits(self, verdict: &Verdict) -> bool {
        match self {
            Self::Whole => verdict.is_read(),
            Self::InPart => !verdict.is_read() && !verdict.is_hidden(),
        }
    }
}

fn contact(verdict: &Verdict, value: Option<&str>, original: &str, primary: bool, said: Said) -> Option<Contact> {
    if verdict.is_hidden() {
        return None;
    }
    let masked = |text: &str| redact_text(verdict, text);
    Some(Contact {
        value: value.and_then(masked),
        original: verdict.is_read().then(|| original.to_owned()),
        primary,
        said,
    })
}
