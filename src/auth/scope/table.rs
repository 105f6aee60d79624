//! The decisions of a scope, made once and looked up often.

use super::restriction::Elsewhere;
use super::{Action, FieldRestriction, Owners, Permission, RowCondition, Verdict};
use onefold_model::DepartmentKey;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// Every decision for one set of departments and roles.
///
/// Each field has one verdict per known department and one more, the last, for owners that nobody knows any more: a
/// department that was taken out of the configuration leaves its records behind.
#[derive(Debug)]
pub(in crate::auth) struct Table {
    owners: Arc<[DepartmentKey]>,
    types: HashMap<Arc<str>, TypeRow>,
    /// By action, then by department.
    actions: Vec<Vec<Permission>>,
    /// By type. A type that is missing has no row that may be seen.
    rows: HashMap<&'static str, RowCondition>,
}

#[derive(Debug)]
struct TypeRow {
    fields: HashMap<Arc<str>, FieldRow>,
    owners: Owners,
    /// As the verdicts of a field; the last is for values without an owner.
    restrictions: Vec<Vec<FieldRestriction>>,
}

#[derive(Debug)]
struct FieldRow {
    by_owner: Vec<Verdict>,
    /// The weakest of all.
    unowned: Verdict,
    /// The weakest over the owners whose rows are shown.
    everywhere: Verdict,
}

/// What was decided for one field: one verdict per known department in their order, then that for unknown owners.
pub(in crate::auth) struct FieldDecision {
    pub(in crate::auth) field: Arc<str>,
    pub(in crate::auth) by_owner: Vec<Verdict>,
}

impl Table {
    /// `owners` is sorted; `actions` follows [`Action::ALL`] and, within, the owners.
    pub(in crate::auth) fn new(
        owners: Arc<[DepartmentKey]>,
        types: impl IntoIterator<Item = (Arc<str>, Vec<FieldDecision>)>,
        actions: Vec<Vec<Permission>>,
    ) -> Self {
        let types = types.into_iter().map(|(name, fields)| (name, TypeRow::new(&owners, fields))).collect();
        Self { owners, types, actions, rows: HashMap::new() }
    }

    /// The same with what decides about rows. Without it none is shown.
    pub(in crate::auth) fn with_rows(mut self, rows: HashMap<&'static str, RowCondition>) -> Self {
        self.rows = rows;
        self
    }

    pub(super) fn rows(&self, type_name: &str) -> Option<&RowCondition> {
        self.rows.get(type_name)
    }

    /// What both tables show and allow. Both are of one set of policies.
    pub(super) fn narrowed(&self, other: &Self) -> Self {
        let nothing = Verdict::Hidden { policy: None };
        let types = self.types.iter().map(|(type_name, row)| {
            let fields = row.fields.iter().map(|(field, own)| {
                let others = other.types.get(type_name).and_then(|row| row.fields.get(field));
                let verdict = |slot| others.and_then(|row| row.by_owner.get(slot)).unwrap_or(&nothing);
                let by_owner = own.by_owner.iter().enumerate().map(|(slot, own)| own.weaker(verdict(slot)).clone());
                FieldDecision { field: field.clone(), by_owner: by_owner.collect() }
            });
            (type_name.clone(), fields.collect())
        });
        let types: Vec<(Arc<str>, Vec<FieldDecision>)> = types.collect();
        let actions = self.actions.iter().zip(&other.actions).map(|(own, others)| {
            own.iter().zip(others).map(|(own, other)| if own.is_allowed() { other } else { own }.clone()).collect()
        });
        let rows = self.rows.iter().map(|(type_name, own)| {
            let other = other.rows.get(type_name).unwrap_or(&RowCondition::Never);
            (*type_name, RowCondition::all([own.clone(), other.clone()]))
        });
        Self::new(self.owners.clone(), types, actions.collect()).with_rows(rows.collect())
    }

    pub(super) fn field(&self, type_name: &str, field: &str, owner: Option<&DepartmentKey>) -> Option<&Verdict> {
        let row = self.types.get(type_name)?.fields.get(field)?;
        match owner {
            Some(owner) => row.by_owner.get(self.slot(owner)),
            None => Some(&row.unowned),
        }
    }

    pub(super) fn field_any_owner(&self, type_name: &str, field: &str) -> Option<&Verdict> {
        Some(&self.types.get(type_name)?.fields.get(field)?.everywhere)
    }

    pub(super) fn type_owners(&self, type_name: &str) -> Option<&Owners> {
        Some(&self.types.get(type_name)?.owners)
    }

    pub(super) fn restrictions(&self, type_name: &str, owner: Option<&DepartmentKey>) -> &[FieldRestriction] {
        let slot = owner.map_or(self.owners.len() + 1, |owner| self.slot(owner));
        self.types.get(type_name).and_then(|row| row.restrictions.get(slot)).map_or(&[], Vec::as_slice)
    }

    pub(super) fn may(&self, action: Action, department: &DepartmentKey) -> Option<&Permission> {
        let action = Action::ALL.iter().position(|known| *known == action)?;
        self.actions.get(action)?.get(self.owners.binary_search(department).ok()?)
    }

    fn slot(&self, owner: &DepartmentKey) -> usize {
        self.owners.binary_search(owner).unwrap_or(self.owners.len())
    }
}

impl TypeRow {
    fn new(departments: &[DepartmentKey], mut fields: Vec<FieldDecision>) -> Self {
        fields.sort_by(|one, other| one.field.cmp(&other.field));
        let slots = departments.len() + 1;
        let mut shown: Vec<bool> = (0..slots)
            .map(|slot| fields.iter().any(|field| field.by_owner.get(slot).is_some_and(|verdict| !verdict.is_hidden())))
            .collect();
        let owners = if shown.iter().all(|shown| *shown) {
            Owners::All
        } else {
            // The condition lists departments, so rows of owners that nobody knows are not among them.
            shown[departments.len()] = false;
            let some = departments.iter().zip(&shown).filter(|(_, shown)| **shown).map(|(key, _)| key.clone());
            let some: BTreeSet<DepartmentKey> = some.collect();
            if some.is_empty() { Owners::None } else { Owners::Some(some) }
        };
        let rows: Vec<(Arc<str>, FieldRow)> = fields
            .into_iter()
            .map(|FieldDecision { field, by_owner }| {
                let unowned = weakest(by_owner.iter());
                let everywhere = weakest(by_owner.iter().zip(&shown).filter(|(_, shown)| **shown).map(|(v, _)| v));
                (field, FieldRow { by_owner, unowned, everywhere })
            })
            .collect();
        let restrictions = (0..=slots).map(|slot| restrictions(&rows, slot)).collect();
        Self { fields: rows.into_iter().collect(), owners, restrictions }
    }
}

/// In the order of `rows`, which is that of the paths.
fn restrictions(rows: &[(Arc<str>, FieldRow)], slot: usize) -> Vec<FieldRestriction> {
    rows.iter()
        .filter_map(|(path, row)| {
            let verdict = row.by_owner.get(slot).unwrap_or(&row.unowned);
            let shown = row.by_owner.iter().any(|verdict| !verdict.is_hidden());
            FieldRestriction::of(path, verdict, if shown { Elsewhere::Shown } else { Elsewhere::Hidden })
        })
        .collect()
}

/// The verdict that shows least; hidden where there is none.
fn weakest<'a>(mut verdicts: impl Iterator<Item = &'a Verdict>) -> Verdict {
    let Some(first) = verdicts.next() else { return Verdict::Hidden { policy: None } };
    verdicts.fold(first, Verdict::weaker).clone()
}
