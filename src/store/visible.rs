//! The one place where a scope becomes a condition of a statement: whose rows, and which of them.
//!
//! Promises: every value is bound, never written into the text; a condition is true or false of every row, so that it can be
//! turned round; what happened with a hidden customer is hidden with it, and so are its records and its pairs. Where a scope
//! shows every row, nothing is added to a statement.

use super::attribute::{CONSENT, COUNTRY, REGION, TAG};
use super::{Arg, scoped};
use crate::auth::{RowAttribute, RowCondition, Scope};
use onefold_model::RecordKind;
use std::collections::BTreeSet;

/// Which rows of a statement the condition is for, by the names that the statement gives to its tables.
#[derive(Debug, Clone, Copy)]
pub(super) enum Rows<'a> {
    /// `customer`, by the name that it has in the statement. Those of whom no record may be seen are not there.
    Customer(&'a str),
    /// The same by the expression of an id.
    CustomerOf(&'a str),
    /// What belongs to customers whose id this is; by owner it may be anybody's.
    OfCustomer(&'a str),
    /// `activity a`, its `source s`, and `link l` of its party, of one kind.
    Activity(RecordKind, &'a Whose),
    /// `record r`, its `source s`, and its own `link l`.
    Record,
    /// `record r` by a term of it: as [`Rows::Record`], with `link own` of a party, or with `activity a` and `link via` of its
    /// party.
    Found,
    /// Two records by their links, `link ll` and `link lr`.
    Pair,
}

/// Whose activities a statement asks for.
#[derive(Debug, Clone)]
pub(super) enum Whose {
    /// Those of these customers: a list of ids as the statement has it.
    These(String),
    /// Anybody's.
    Anybodys,
}

const CUSTOMER: &str = "Customer";

/// What a scope shows of these rows. Binds are pushed onto `binds`.
pub(super) fn visible(scope: &Scope, rows: Rows<'_>, binds: &mut Vec<Arg>) -> String {
    let customers = scope.rows(CUSTOMER);
    match rows {
        Rows::Customer(name) => {
            let id = format!("{name}.customer_id");
            all([known(scope, &id, binds), customer_row(customers, name, binds)])
        }
        Rows::CustomerOf(id) => all([known(scope, id, binds), customer(customers, id, binds)]),
        Rows::OfCustomer(id) => all([customer(customers, id, binds)]),
        Rows::Activity(kind, whose) => all([
            scoped(scope.type_owners(kind.type_name()), "s.department", binds),
            condition(scope.rows(kind.type_name()), &mut |attribute, test| activity(attribute, test, "a", "s", binds)),
            match whose {
                Whose::These(list) => of_these(customers, list, binds),
                Whose::Anybodys => of_customer(customers, "a.party_id", "l.customer_id", binds),
            },
        ]),
        Rows::Record => all([
            scoped(scope.type_owners("SourceRecord"), "s.department", binds),
            of_party(customers, binds),
            of_activity(scope, binds),
        ]),
        Rows::Found => {
            // Owners are those of the kind of term, and the caller's to decide. Whose an activity is, the statement knows.
            let found = "coalesce(own.customer_id, via.customer_id)";
            all([of_known(customers, found, binds), of_kinds(scope, "a", "s", binds)])
        }
        Rows::Pair => all([customer(customers, "ll.customer_id", binds), customer(customers, "lr.customer_id", binds)]),
    }
}

/// `1 = 1` where nothing is left to say.
fn all<const N: usize>(parts: [String; N]) -> String {
    let said: Vec<String> = parts.into_iter().filter(|part| part != ALWAYS).collect();
    if said.is_empty() { ALWAYS.to_owned() } else { said.join(" and ") }
}

const ALWAYS: &str = "1 = 1";

/// A customer is there where at least one of its records may be seen.
fn known(scope: &Scope, id: &str, binds: &mut Vec<Arg>) -> String {
    let owners = scope.type_owners(CUSTOMER);
    if owners.is_all() {
        return ALWAYS.to_owned();
    }
    let condition = scoped(owners, "vs.department", binds);
    format!(
        "exists (select 1 from link vl join record vr on vr.record_id = vl.record_id
                 join source vs on vs.source_id = vr.source_id
                 where vl.customer_id = {id} and {condition})"
    )
}

fn customer(rows: &RowCondition, id: &str, binds: &mut Vec<Arg>) -> String {
    let kind = format!("(select xc.kind from customer xc where xc.customer_id = {id})");
    condition(rows, &mut |attribute, test| customer_test(attribute, test, id, &kind, binds))
}

/// As [`customer`], where the row is at hand: how many are of a kind is then known before.
fn customer_row(rows: &RowCondition, name: &str, binds: &mut Vec<Arg>) -> String {
    let (id, kind) = (format!("{name}.customer_id"), format!("{name}.kind"));
    condition(rows, &mut |attribute, test| customer_test(attribute, test, &id, &kind, binds))
}

/// What happened with a hidden customer is hidden with it; where its party is not folded yet, nobody can tell.
fn of_customer(rows: &RowCondition, party: &str, id: &str, binds: &mut Vec<Arg>) -> String {
    if rows.is_always() {
        return ALWAYS.to_owned();
    }
    format!("({party} is null or {})", of_known(rows, id, binds))
}

/// There is a customer, and it is seen: a test that says "none of" would hold of a customer that there is not.
fn of_known(rows: &RowCondition, id: &str, binds: &mut Vec<Arg>) -> String {
    if rows.is_always() {
        return ALWAYS.to_owned();
    }
    format!("({id} is not null and {})", customer(rows, id, binds))
}

/// As [`of_customer`], where the customers are known before: each is judged once and not once for each of its activities.
fn of_these(rows: &RowCondition, list: &str, binds: &mut Vec<Arg>) -> String {
    if rows.is_always() {
        return ALWAYS.to_owned();
    }
    let test = customer_row(rows, "xw", binds);
    format!("l.customer_id in (select xw.customer_id from customer xw where xw.customer_id in {list} and {test})")
}

fn of_party(rows: &RowCondition, binds: &mut Vec<Arg>) -> String {
    if rows.is_always() {
        return ALWAYS.to_owned();
    }
    format!("(r.kind <> 'party' or {})", of_known(rows, "l.customer_id", binds))
}

/// A record of something that happened is there where that is.
fn of_activity(scope: &Scope, binds: &mut Vec<Arg>) -> String {
    let own = of_kinds(scope, "xa", "xs", binds);
    let whole = all([own, of_customer(scope.rows(CUSTOMER), "xa.party_id", "xl.customer_id", binds)]);
    if whole == ALWAYS {
        return whole;
    }
    format!(
        "(r.kind = 'party' or exists (select 1 from activity xa
             join source xs on xs.source_id = xa.source_id
             left join link xl on xl.record_id = xa.party_id
             where xa.record_id = r.record_id and {whole}))"
    )
}

/// What the conditions on the kinds of activities say of `activity`, where there is one.
fn of_kinds(scope: &Scope, a: &str, s: &str, binds: &mut Vec<Arg>) -> String {
    let kinds = RecordKind::ALL.iter().filter(|kind| **kind != RecordKind::Party);
    let closed = kinds.filter(|kind| !scope.rows(kind.type_name()).is_always());
    let tests = closed.map(|kind| {
        let rows = scope.rows(kind.type_name());
        let own = condition(rows, &mut |attribute, test| activity(attribute, test, a, s, binds));
        format!("(coalesce({a}.kind, '') <> '{}' or {own})", kind.as_str())
    });
    let tests: Vec<String> = tests.collect();
    if tests.is_empty() { ALWAYS.to_owned() } else { tests.join(" and ") }
}

/// What is asked of one attribute.
#[derive(Clone, Copy)]
enum Test<'a> {
    OneOf(&'a BTreeSet<String>),
    Empty,
}

/// The condition with its connectives; each test is written by whoever knows where the attribute is kept.
fn condition(rows: &RowCondition, test: &mut impl FnMut(RowAttribute, Test<'_>) -> String) -> String {
    let mut list = |parts: &[RowCondition], word: &str| {
        let parts: Vec<String> = parts.iter().map(|part| condition_within(part, test)).collect();
        format!("({})", parts.join(word))
    };
    match rows {
        RowCondition::All(parts) => list(parts, " and "),
        RowCondition::Any(parts) => list(parts, " or "),
        RowCondition::Always => ALWAYS.to_owned(),
        RowCondition::Never => "1 = 0".to_owned(),
        RowCondition::Not(part) => format!("not ({})", condition_within(part, test)),
        RowCondition::Has(attribute, values) => test(*attribute, Test::OneOf(values)),
        RowCondition::Empty(attribute) => test(*attribute, Test::Empty),
    }
}

/// As [`condition`], for its parts: the compiler would otherwise nest the type of `test` without an end.
fn condition_within(rows: &RowCondition, test: &mut dyn FnMut(RowAttribute, Test<'_>) -> String) -> String {
    condition(rows, &mut |attribute, asked| test(attribute, asked))
}

/// ` in ($3, $4)`, or nothing where it is asked whether there is any value.
fn among(column: &str, test: Test<'_>, binds: &mut Vec<Arg>) -> String {
    match test {
        Test::Empty => ALWAYS.to_owned(),
        Test::OneOf(values) => {
            let first = binds.len() + 1;
            binds.extend(values.iter().map(Arg::from));
            let places: Vec<String> = (first..=binds.len()).map(|place| format!("${place}")).collect();
            format!("{column} in ({})", places.join(", "))
        }
    }
}

fn customer_test(attribute: RowAttribute, test: Test<'_>, id: &str, kind: &str, binds: &mut Vec<Arg>) -> String {
    let there = match attribute {
        RowAttribute::Kind => return among(kind, test, binds),
        RowAttribute::Countries => marked(COUNTRY, test, id, binds),
        RowAttribute::Regions => marked(REGION, test, id, binds),
        RowAttribute::Tags => marked(TAG, test, id, binds),
        RowAttribute::Sources => from_source("key", test, id, binds),
        RowAttribute::Departments => from_source("department", test, id, binds),
        RowAttribute::Granted => granted(test, id, binds),
        // Cedar's schema gives these to no customer.
        RowAttribute::Owner | RowAttribute::Source | RowAttribute::Status => return "1 = 0".to_owned(),
    };
    match test {
        Test::OneOf(_) => there,
        Test::Empty => format!("not {there}"),
    }
}

fn marked(name: &str, test: Test<'_>, id: &str, binds: &mut Vec<Arg>) -> String {
    let among = among("xv.value", test, binds);
    format!(
        "exists (select 1 from link xk join record_attribute xv on xv.record_id = xk.record_id
                 where xk.customer_id = {id} and xv.name = '{name}' and {among})"
    )
}

fn from_source(column: &str, test: Test<'_>, id: &str, binds: &mut Vec<Arg>) -> String {
    let among = among(&format!("xo.{column}"), test, binds);
    format!(
        "exists (select 1 from link xk join record xr on xr.record_id = xk.record_id
                 join source xo on xo.source_id = xr.source_id
                 where xk.customer_id = {id} and {among})"
    )
}

/// The most restrictive statement counts: each that speaks of it says that it is granted, and there is one.
fn granted(test: Test<'_>, id: &str, binds: &mut Vec<Arg>) -> String {
    let among = among("xv.value", test, binds);
    format!(
        "exists (select 1 from link xk
                 join activity xt on xt.party_id = xk.record_id and xt.kind = 'consent'
                 join record_attribute xv on xv.record_id = xt.record_id and xv.name = '{CONSENT}'
                 where xk.customer_id = {id} and not xt.deleted and {among}
                 group by xv.value
                 having min(case when xt.status = 'GRANTED' then 1 else 0 end) = 1)"
    )
}

fn activity(attribute: RowAttribute, test: Test<'_>, a: &str, s: &str, binds: &mut Vec<Arg>) -> String {
    let column = match attribute {
        RowAttribute::Owner => format!("{s}.department"),
        RowAttribute::Source => format!("{s}.key"),
        RowAttribute::Status => format!("coalesce({a}.status, '')"),
        // Cedar's schema gives these to customers only.
        RowAttribute::Kind
        | RowAttribute::Countries
        | RowAttribute::Regions
        | RowAttribute::Tags
        | RowAttribute::Sources
        | RowAttribute::Departments
        | RowAttribute::Granted => return "1 = 0".to_owned(),
    };
    match test {
        Test::OneOf(_) => among(&column, test, binds),
        Test::Empty => "1 = 0".to_owned(),
    }
}
