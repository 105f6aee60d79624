//! Contact points and identifiers: lists, of which the best pair counts.

use super::distance::{Digits, edits_at_most};
use super::{Level, NOBODY, Outcome, best_of};
use crate::normalise::{Columns, Emails, Phones, Row, compared};
use crate::values::ValueId;
use crate::weigh::{Column, Counts};
use onefold_model::PartyKind;

/// E-mail addresses. A mailbox that more records share than [`Counts::is_commonplace`] allows is no evidence.
pub(crate) fn emails(columns: &Columns, counts: &Counts, a: &Row, b: &Row) -> Outcome {
    let is_person = a.kind == PartyKind::Person;
    best_of(columns.list(&a.emails), columns.list(&b.emails), |left, right| {
        let table = &columns.emails;
        let (a, b) = (table.features(left), table.features(right));
        if left == right {
            let holders = counts.of(Column::Email, left);
            return match (counts.is_commonplace(holders), a.is_role && is_person) {
                (true, _) => Outcome::MISSING,
                (false, true) => Outcome::new(Level::SharedMailbox, left, right),
                (false, false) => Outcome { level: Level::Exact, holders, left, right },
            };
        }
        // The offices of two companies have equal names and unequal domains: only persons misspell themselves.
        let level = if a.is_role || b.is_role {
            if a.own_domain.agrees(b.own_domain) { Level::SameDomain } else { Level::Different }
        } else if is_near_mailbox(table, left, right) {
            Level::Near
        } else if a.local == b.local && a.local_len >= 5 {
            Level::SameLocalPart
        } else if a.own_domain.agrees(b.own_domain) {
            Level::SameDomain
        } else {
            Level::Different
        };
        let holders = if level == Level::SameDomain { counts.of(Column::Domain, a.own_domain) } else { NOBODY };
        Outcome { level, holders, left, right }
    })
}

/// A typing error apart. Another first letter is another member of the family: `tsmith@`, `jsmith@`.
fn is_near_mailbox(table: &Emails, left: ValueId, right: ValueId) -> bool {
    let (a, b) = (table.features(left).shape, table.features(right).shape);
    let bound = if a.len.min(b.len) >= 16 { 2 } else { 1 };
    a.common_prefix(b) >= 1
        && a.least_edits(b) <= bound
        && edits_at_most(table.values.get(left), table.values.get(right), bound as usize)
}

/// Telephone numbers.
pub(crate) fn phones(columns: &Columns, counts: &Counts, a: &Row, b: &Row) -> Outcome {
    best_of(columns.list(&a.phones), columns.list(&b.phones), |left, right| {
        let table = &columns.phones;
        let (a, b) = (table.key(left), table.key(right));
        if a == b {
            let holders = counts.of(Column::Phone, a);
            if counts.is_commonplace(holders) {
                return Outcome::MISSING;
            }
            return Outcome { level: Level::Exact, holders, left, right };
        }
        let level = if are_near_numbers(table, left, right) { Level::Near } else { Level::Different };
        Outcome::new(level, left, right)
    })
}

/// A typing error apart, in the digits that decide or in all of them.
fn are_near_numbers(table: &Phones, left: ValueId, right: ValueId) -> bool {
    let (a, b) = (table.features(left), table.features(right));
    if a.len.max(b.len) > Digits::MOST {
        let (a, b) = (table.values.get(left), table.values.get(right));
        return edits_at_most(compared(a), compared(b), 1) || edits_at_most(a, b, 1);
    }
    let [compared, other] = [a, b].map(|phone| Digits { packed: phone.compared.packed, len: phone.compared.len });
    let [all, other_all] = [a, b].map(|phone| Digits { packed: phone.final_digits, len: phone.len });
    compared.is_one_edit_from(other) || all.is_one_edit_from(other_all)
}

/// Internet domains of organisations.
pub(crate) fn domains(columns: &Columns, counts: &Counts, a: &Row, b: &Row) -> Outcome {
    best_of(columns.list(&a.domains), columns.list(&b.domains), |left, right| {
        if left != right {
            return Outcome::new(Level::Different, left, right);
        }
        let holders = counts.of(Column::OrganizationDomain, left);
        if counts.is_commonplace(holders) {
            return Outcome::MISSING;
        }
        Outcome { level: Level::Exact, holders, left, right }
    })
}

/// Identifiers of the same system. Only a number that one party has one of can disagree, and then no number of another
/// system makes up for it.
pub(crate) fn identifiers(columns: &Columns, counts: &Counts, a: &Row, b: &Row) -> Outcome {
    let (mut hard, mut soft) = (Outcome::MISSING, Outcome::MISSING);
    for &left in columns.list(&a.identifiers) {
        for &right in columns.list(&b.identifiers) {
            let outcome = identifier_outcome(columns, counts, left, right);
            let best = if columns.identifiers.features(left).is_hard { &mut hard } else { &mut soft };
            *best = best.or_better(outcome);
        }
    }
    if hard.level == Level::Different { hard } else { hard.or_better(soft) }
}

/// Whether both have numbers of one register and no two of them agree, not even nearly.
pub(crate) fn register_numbers_differ(columns: &Columns, counts: &Counts, a: &Row, b: &Row) -> bool {
    let mut register = Outcome::MISSING;
    for &left in columns.list(&a.identifiers) {
        if columns.identifiers.features(left).is_register {
            for &right in columns.list(&b.identifiers) {
                register = register.or_better(identifier_outcome(columns, counts, left, right));
            }
        }
    }
    register.level == Level::Different
}

fn identifier_outcome(columns: &Columns, counts: &Counts, left: ValueId, right: ValueId) -> Outcome {
    let table = &columns.identifiers;
    if left == right {
        let holders = counts.of(Column::Identifier, left);
        if counts.is_commonplace(holders) {
            return Outcome::MISSING;
        }
        return Outcome { level: Level::Exact, holders, left, right };
    }
    let (a, b) = (table.features(left), table.features(right));
    if a.system != b.system || !a.is_hard {
        return Outcome::MISSING;
    }
    let is_near = is_near_number(table.number(left), table.number(right));
    Outcome::new(if is_near { Level::Near } else { Level::Different }, left, right)
}

/// A typing error apart: one edit, two in a number of nine or more signs.
pub(crate) fn is_near_number(a: &str, b: &str) -> bool {
    let bound = match a.len().min(b.len()) {
        0..=4 => 0,
        5..=8 => 1,
        _ => 2,
    };
    edits_at_most(a, b, bound)
}
