//! The whole authorisation matrix of the shipped policies as a text, to be read in review: `schema/policy/matrix.snap`.

use super::sample::{actor, departments, graph, shipped};
use super::{Action, Scope, Verdict};
use onefold_model::DepartmentKey;
use std::fmt::Write;

/// Each department by itself, then each role by itself.
fn columns() -> Vec<(&'static str, Scope)> {
    let policies = shipped();
    let in_department = |key| (key, policies.scope(&actor(&[key], &[])));
    let in_role = |role| (role, policies.scope(&actor(&[], &[role])));
    vec![
        in_department("billing"),
        in_department("support"),
        in_department("marketing"),
        in_role("steward"),
        in_role("operator"),
        in_role("privacy"),
    ]
}

fn letter(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Read => "R".to_owned(),
        Verdict::Masked { mask, .. } => format!("M {mask}"),
        Verdict::Hidden { .. } => "-".to_owned(),
    }
}

/// One word where all owners are alike, else one for each owner with something to see.
fn cell(scope: &Scope, type_name: &str, field: &str) -> String {
    let unknown = DepartmentKey::new("dissolved").unwrap();
    let owners: Vec<DepartmentKey> = departments().into_iter().chain([unknown]).collect();
    let of = |owner| letter(scope.field(type_name, field, Some(owner)));
    let first = of(&owners[0]);
    if owners.iter().all(|owner| of(owner) == first) {
        return first;
    }
    let shown = owners.iter().filter(|owner| of(owner) != "-").map(|owner| format!("{} of {owner}", of(owner)));
    shown.collect::<Vec<_>>().join(", ")
}

#[test]
fn the_authorisation_matrix_is_as_reviewed() {
    let columns = columns();
    let mut out =
        String::from("R read, M masked and how, - hidden; \"of\" limits it to values from that department's sources\n");
    let mut line = |cells: Vec<String>| {
        let padded = cells.iter().enumerate().map(|(at, cell)| format!("{cell:w$}", w = if at == 0 { 32 } else { 17 }));
        writeln!(out, "{}", padded.collect::<String>().trim_end()).unwrap();
    };
    let head =
        |first: &str| std::iter::once(first.to_owned()).chain(columns.iter().map(|(name, _)| (*name).to_owned()));
    line(Vec::new());
    line(head("field").collect());
    let graph = graph();
    for type_name in graph.types() {
        for field in graph.fields(type_name) {
            let cells = columns.iter().map(|(_, scope)| cell(scope, type_name, field));
            line(std::iter::once(format!("{type_name}.{field}")).chain(cells).collect());
        }
    }
    line(Vec::new());
    line(head("action").collect());
    for action in Action::ALL {
        for department in departments() {
            let cells = columns.iter().map(|(_, scope)| {
                let allowed = scope.may(action, &department).is_allowed();
                if allowed { "yes" } else { "-" }.to_owned()
            });
            line(std::iter::once(format!("{} {department}", action.as_str())).chain(cells).collect());
        }
    }
    insta::with_settings!({
        snapshot_path => "../../schema/policy", prepend_module_to_snapshot => false, omit_expression => true
    }, { insta::assert_snapshot!("matrix", out) });
}
