//! Planned reads: customers as one answer asks for them, with nothing that it does not show.
//!
//! What is asked for is known before: it is turned into parts of a statement once for each set of rights, and then read for
//! one request after the other. Promises: every value comes under the verdict that the one-by-one reads give it, through the
//! same functions; whoever reads here is noted as there. Deliberately does not tell of errors: where a use is forbidden or
//! something does not read, the answer is none, and whoever asks goes the ordinary way, which says why.

mod scan;

use super::customer::{CUSTOMER, contacts, labels, shown, withheld};
use super::redact::{Restriction, redact_value, restrictions};
use super::{AppError, CustomerValues, ReadKind, Session};
use crate::auth::{Scope, Verdict};
use crate::identity::{Pin, golden_only};
use crate::store::{
    CustomerFilter, CustomerOrder, CustomerRow, ListAsk, ListColumn, PackedActivity, PackedList, PackedMembers,
    PageAsk, Reach, ReachAsk, Reached, Slice, StoredParty,
};
use onefold_model::{CustomerId, DepartmentKey, RecordId, RecordKind, Timestamp};
use std::collections::HashMap;
use std::ops::Range;

/// What is asked of each customer besides its own row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlannedAsk {
    /// Of its values; none where no value is asked for.
    pub values: Option<PlannedValues>,
    /// Of what happened with it.
    pub lists: Vec<PlannedListAsk>,
}

/// What is asked of the values of a customer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlannedValues {
    /// Golden values, by their names.
    pub golden: Vec<&'static str>,
    /// The lists of labels.
    pub labels: bool,
    /// E-mail addresses and telephone numbers.
    pub contacts: bool,
    /// What is withheld.
    pub restrictions: bool,
}

/// What is asked of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedListAsk {
    /// The field of the customer.
    pub list: &'static str,
    /// What is in it.
    pub kind: RecordKind,
    /// So many of it.
    pub rows: u32,
    /// Whether it is asked if there is more.
    pub peeks: bool,
    /// Whether it is asked how many there are.
    pub counted: bool,
    /// What is asked of each row besides its fields.
    pub columns: Vec<ListColumn>,
    /// The fields of a row.
    pub fields: Vec<&'static str>,
}

/// What is asked for, made ready for callers with the same rights.
#[derive(Debug)]
pub struct PlannedReach {
    ask: PlannedAsk,
    reach: Reach,
    /// The lists that are shown, as places in what is asked for.
    shown: Vec<usize>,
    /// The fields of a party that the values are made of.
    keys: Vec<&'static str>,
}

/// A customer, with what was asked of it.
#[derive(Debug)]
pub struct PlannedCustomer {
    /// The customer.
    pub row: CustomerRow,
    /// Those of its values that were asked for.
    pub values: CustomerValues,
    /// In the order of what was asked for; none for a list that the caller may not see.
    pub lists: Vec<Option<PlannedList>>,
}

/// A page of what happened with a customer: of each row the fields that were asked for, as the scope shows them.
#[derive(Debug)]
pub struct PlannedList {
    kind: RecordKind,
    packed: PackedList,
    /// Row by row.
    cells: Vec<Cell>,
    width: usize,
    /// There is more; not known where that was not asked.
    pub has_next: bool,
}

/// A field of a row.
#[derive(Debug)]
enum Cell {
    /// Nothing is shown, or there is nothing.
    Nothing,
    /// As it stands in the record.
    Whole(Range<usize>),
    /// What is left of it, as JSON.
    Part(String),
}

impl PlannedList {
    /// What is in it.
    pub fn kind(&self) -> RecordKind {
        self.kind
    }

    /// The rows, the latest first.
    pub fn rows(&self) -> &[PackedActivity] {
        &self.packed.rows
    }

    /// How many there are in all; none where that was not asked.
    pub fn total(&self) -> Option<i64> {
        self.packed.total
    }

    /// A field of a row as JSON text, by its place in what was asked for. None where nothing of it is shown.
    pub fn cell(&self, row: usize, field: usize) -> Option<&str> {
        match self.cells.get(row * self.width + field)? {
            Cell::Nothing => None,
            Cell::Whole(place) => Some(&self.packed.mapped(&self.packed.rows[row])[place.clone()]),
            Cell::Part(text) => Some(text),
        }
    }

    /// The department whose source said a row.
    pub fn department(&self, row: &PackedActivity) -> &str {
        self.packed.department(row)
    }
}

/// Fields of a party by which records are told apart, whatever is asked for.
const ALWAYS: [&str; 3] = ["kind", "createdAt", "updatedAt"];

impl PlannedValues {
    /// The fields of a party that they are made of.
    fn keys(&self) -> Vec<&'static str> {
        let mut keys = ALWAYS.to_vec();
        for path in &self.golden {
            match *path {
                "email" => keys.push("emails"),
                "phone" => keys.push("phones"),
                "address" => keys.push("addresses"),
                // A name comes from one record, if any has both of its parts.
                "givenName" | "middleName" | "familyName" | "namePrefix" | "nameSuffix" => {
                    keys.extend(["givenName", "familyName", *path]);
                }
                path => keys.push(path),
            }
        }
        if self.labels {
            keys.extend(["tags", "tradeNames", "domains"]);
        }
        if self.contacts {
            keys.extend(["emails", "phones"]);
        }
        keys.sort_unstable();
        keys.dedup();
        keys
    }
}

impl Session {
    /// Makes ready what is asked for. It serves every session with the same rights, see [`Session::shares_rights`].
    pub fn planned(&self, ask: PlannedAsk) -> PlannedReach {
        let is_shown =
            |list: &PlannedListAsk| self.shows(CUSTOMER, list.list) && self.shows_type(list.kind.type_name());
        let shown: Vec<usize> = (0..ask.lists.len()).filter(|at| is_shown(&ask.lists[*at])).collect();
        let lists = shown.iter().map(|at| {
            let list = &ask.lists[*at];
            let rows = list.rows.saturating_add(u32::from(list.peeks));
            ListAsk { kind: list.kind, rows, columns: list.columns.clone(), counted: list.counted }
        });
        let wanted = ReachAsk { members: ask.values.is_some(), lists: lists.collect() };
        let keys = ask.values.as_ref().map(PlannedValues::keys).unwrap_or_default();
        PlannedReach { reach: Reach::new(self.store().dialect(), self.scope(), wanted), ask, shown, keys }
    }

    /// Whether what was made ready for the other scope may be used by this caller.
    pub fn shares_rights(&self, other: &Scope) -> bool {
        self.scope().shares_rights(other)
    }

    /// Whether the caller may ask so, and the page cursor is one of the list.
    pub fn planned_may(&self, filter: &CustomerFilter, order: CustomerOrder, ask: &PageAsk) -> bool {
        self.check_uses(filter, order).is_ok() && order.takes(ask)
    }

    /// The customer with this id, or the one that it leads to now.
    pub async fn planned_customer(
        &self,
        reach: &PlannedReach,
        id: CustomerId,
    ) -> Result<Option<PlannedCustomer>, AppError> {
        let found = self.store().planned_customer(self.scope(), &reach.reach, id).await?;
        found.map(|(row, reached)| self.planned_made(reach, row, reached)).transpose()
    }

    /// A page of customers.
    pub async fn planned_customers(
        &self,
        reach: &PlannedReach,
        (filter, order, ask): (&CustomerFilter, CustomerOrder, &PageAsk),
    ) -> Result<Slice<PlannedCustomer>, AppError> {
        self.check_uses(filter, order)?;
        let slice = self.store().planned_page(self.scope(), filter, order, ask).await?;
        self.customers_found(filter, &slice);
        let ids: Vec<CustomerId> = slice.rows.iter().map(|(_, row)| row.id).collect();
        let mut reached = self.store().planned_reach(self.scope(), &reach.reach, &ids).await?;
        let mut rows = Vec::with_capacity(ids.len());
        for (cursor, row) in slice.rows {
            let of_row = reached.remove(&row.id).unwrap_or_default();
            rows.push((cursor, self.planned_made(reach, row, of_row)?));
        }
        Ok(Slice { rows, has_next: slice.has_next, has_previous: slice.has_previous })
    }

    /// How many customers there are, where the caller may ask so.
    pub async fn planned_count(&self, filter: &CustomerFilter) -> Result<i64, AppError> {
        self.check_uses(filter, CustomerOrder::Updated(crate::store::Direction::Desc))?;
        Ok(self.store().customer_count(self.scope(), filter).await?)
    }

    /// What is withheld of what this department's source says of this kind.
    pub fn planned_restrictions(&self, kind: RecordKind, department: &str) -> Result<Vec<Restriction>, AppError> {
        Ok(restrictions(self.scope(), kind.type_name(), &owner(department)?))
    }

    fn planned_made(
        &self,
        plan: &PlannedReach,
        row: CustomerRow,
        reached: Reached,
    ) -> Result<PlannedCustomer, AppError> {
        let values = match &plan.ask.values {
            None => CustomerValues::default(),
            Some(wanted) => {
                self.read_values(&[row.id]);
                self.planned_values(wanted, &plan.keys, &reached.members)?
            }
        };
        let mut lists: Vec<Option<PlannedList>> = plan.ask.lists.iter().map(|_| None).collect();
        let mut packed = reached.lists.into_iter();
        for at in &plan.shown {
            let list = packed.next().unwrap_or_default();
            lists[*at] = Some(self.planned_list(&plan.ask.lists[*at], row.id, list)?);
        }
        Ok(PlannedCustomer { row, values, lists })
    }

    fn planned_values(
        &self,
        wanted: &PlannedValues,
        keys: &[&'static str],
        packed: &PackedMembers,
    ) -> Result<CustomerValues, AppError> {
        let scope = self.scope();
        let mut members = Vec::with_capacity(packed.rows.len());
        for member in &packed.rows {
            let party = scan::only(packed.mapped(member), keys).and_then(|text| serde_json::from_str(&text).ok());
            members.push(StoredParty {
                record: member.record,
                source: member.source,
                department: member.department.clone(),
                // Provenance tells these two, and is not among what can be asked for.
                changed_at: Timestamp::UNIX_EPOCH,
                first_seen_at: Timestamp::UNIX_EPOCH,
                deleted: member.deleted,
                party: party.ok_or(UNREADABLE)?,
            });
        }
        let mut values = CustomerValues::default();
        if members.is_empty() {
            return Ok(values);
        }
        if !wanted.golden.is_empty() {
            let pins: Vec<Pin> =
                packed.pins.iter().map(|pin| Pin { path: pin.path.clone(), record: pin.record }).collect();
            let rules = self.app.identity.rules();
            let fields = golden_only(&members, &pins, &rules, |path| wanted.golden.contains(&path));
            let by_record: HashMap<RecordId, &StoredParty> =
                members.iter().map(|party| (party.record, party)).collect();
            shown(scope, &fields, &by_record, &mut values);
        }
        if wanted.contacts {
            contacts(scope, &members, &mut values);
        }
        if wanted.labels {
            labels(scope, &members, &mut values);
        }
        if wanted.restrictions {
            values.restrictions = withheld(scope, &members);
        }
        Ok(values)
    }

    fn planned_list(
        &self,
        ask: &PlannedListAsk,
        customer: CustomerId,
        mut packed: PackedList,
    ) -> Result<PlannedList, AppError> {
        let count = ask.rows as usize;
        let has_next = packed.rows.len() > count;
        packed.rows.truncate(count);
        if !packed.rows.is_empty() {
            self.read([customer], ReadKind::of_record(ask.kind));
        }
        let width = ask.fields.len();
        let mut cells = Vec::with_capacity(width * packed.rows.len());
        let mut judged: Vec<(&str, Vec<&Verdict>)> = Vec::new();
        for row in packed.rows.iter().filter(|_| width > 0) {
            let department = packed.department(row);
            let known = judged.iter().position(|(known, _)| *known == department);
            let at = known.unwrap_or(judged.len());
            if known.is_none() {
                let (owner, of) = (owner(department)?, ask.kind.type_name());
                let verdict = |field: &&'static str| self.scope().field(of, field, Some(&owner));
                judged.push((department, ask.fields.iter().map(verdict).collect()));
            }
            let text = packed.mapped(row);
            let mut places: Vec<Option<Range<usize>>> = vec![None; width];
            scan::places(text, &ask.fields, &mut places).ok_or(UNREADABLE)?;
            for (place, verdict) in places.into_iter().zip(&judged[at].1) {
                cells.push(cell(text, place, verdict)?);
            }
        }
        Ok(PlannedList { kind: ask.kind, packed, cells, width, has_next })
    }
}

fn cell(text: &str, place: Option<Range<usize>>, verdict: &Verdict) -> Result<Cell, AppError> {
    let Some(place) = place else { return Ok(Cell::Nothing) };
    Ok(match verdict {
        Verdict::Read => Cell::Whole(place),
        Verdict::Hidden { .. } => Cell::Nothing,
        Verdict::Masked { .. } => {
            let value = serde_json::from_str(&text[place]).map_err(|_| UNREADABLE)?;
            redact_value(verdict, value).map_or(Cell::Nothing, |left| Cell::Part(left.to_string()))
        }
    })
}

fn owner(department: &str) -> Result<DepartmentKey, AppError> {
    DepartmentKey::new(department).map_err(|_| UNREADABLE)
}

const UNREADABLE: AppError = AppError::Invariant("what a planned read found is not what the store writes");
