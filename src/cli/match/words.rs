//! Results as text: tables that line up, and the words of the matcher as people read them.

use super::input::{FileRead, Input};
use onefold_matching::{AnyRule, BlockingReport, Explanation, MatchWeight, Role};
use onefold_model::{Party, PartyKind};
use serde::Serialize;
use std::fmt::Write;

/// Rows under a header, each column as wide as its widest cell. Columns of numbers stand to the right.
pub(super) fn table(header: &[&str], rows: &[Vec<String>], numbers_from: usize) -> String {
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([header[column].chars().count()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..header.len()).map(width).collect();
    let mut out = String::new();
    let header: Vec<String> = header.iter().map(|&cell| cell.to_owned()).collect();
    for row in std::iter::once(&header).chain(rows) {
        let mut line = String::new();
        for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let blanks = " ".repeat(width - cell.chars().count());
            let _ = if column >= numbers_from {
                write!(line, "  {blanks}{cell}")
            } else {
                write!(line, "  {cell}{blanks}")
            };
        }
        let _ = writeln!(out, "{}", line.trim_end());
    }
    out.truncate(out.trim_end().len());
    out
}

/// A word of the matcher as people read it: `GIVEN_NAME` is `given name`.
pub(super) fn word(value: &impl Serialize) -> String {
    let text = serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned));
    text.unwrap_or_default().to_lowercase().replace('_', " ")
}

/// `1 row`, `2 rows`.
pub(super) fn counted(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// What the rows of a file are of.
pub(super) fn kind(kind: PartyKind) -> &'static str {
    match kind {
        PartyKind::Person => "persons",
        PartyKind::Organization => "organisations",
    }
}

/// The rows of the table of roles.
pub(super) fn role_rows(file: &FileRead) -> Vec<Vec<String>> {
    let row = |column: &onefold_matching::ColumnRole| {
        let detail = column.system.as_deref().or(column.purpose).filter(|_| column.role != Role::Ignored);
        let role = detail.map_or_else(|| column.role.to_string(), |detail| format!("{} ({detail})", column.role));
        vec![column.name.clone(), role, column.because.clone(), format!("{:.0} %", column.fill * 100.0)]
    };
    file.roles.columns.iter().map(row).collect()
}

/// The columns of a file and what they were taken for.
pub(super) fn roles(file: &FileRead) -> String {
    let rows = counted(file.rows, "row", "rows");
    let what = table(&["column", "role", "because", "filled"], &role_rows(file), 3);
    format!("{}: {rows} of {}\n{what}\n", file.name, kind(file.roles.kind))
}

/// The rows of the table of blocking rules, those that found something.
pub(super) fn blocking_rows(report: &BlockingReport) -> Vec<Vec<String>> {
    let rules = report.rules.iter().filter(|rule| rule.pairs > 0 || rule.left_out_pairs > 0);
    let row = |rule: &onefold_matching::RuleReport| {
        let numbers = [rule.blocks, rule.pairs, rule.left_out_blocks, rule.left_out_pairs];
        let recall = report.recall.iter().flat_map(|recall| &recall.rules).find(|one| one.rule == rule.rule);
        let percent = recall.map_or_else(|| "-".to_owned(), |one| format!("{:.1} %", one.recall * 100.0));
        let alone = recall.map_or_else(|| "-".to_owned(), |one| format!("{:.0}", one.only));
        std::iter::once(rule_word(rule.rule))
            .chain(numbers.iter().map(u64::to_string))
            .chain([percent, alone])
            .collect()
    };
    rules.map(row).collect()
}

/// How candidate pairs were found.
pub(super) fn blocking(report: &BlockingReport) -> String {
    let table = table(&BLOCKING_HEADER, &blocking_rows(report), 1);
    format!("{table}\n  {} distinct pairs are compared\n  {}\n", report.pairs, recall(report))
}

/// The header of the table of blocking rules. Recall is estimated; `alone` are likely pairs that no other rule finds.
pub(super) const BLOCKING_HEADER: [&str; 7] =
    ["pairs share", "blocks", "pairs", "left out blocks", "left out pairs", "recall", "alone"];

/// What is estimated of the recall of all rules together.
pub(super) fn recall(report: &BlockingReport) -> String {
    match &report.recall {
        None => "no pair is likely: nothing can be said of recall".to_owned(),
        Some(recall) => format!(
            "of the pairs that belong together, {:.1} % are estimated to be among them: {:.0} are, {:.0} share nothing",
            recall.recall * 100.0,
            recall.found,
            recall.unseen
        ),
    }
}

/// A rule as people read it.
fn rule_word(rule: AnyRule) -> String {
    match rule {
        AnyRule::Known(rule) => word(&rule),
        AnyRule::Given(rule) => rule.to_string(),
    }
}

/// Somebody in a few words.
pub(super) fn who(party: &Party) -> String {
    let names = [&party.given_name, &party.middle_name, &party.family_name];
    let name = names.into_iter().flatten().cloned().collect::<Vec<_>>().join(" ");
    let name = if name.is_empty() { party.display_name.clone().unwrap_or_default() } else { name };
    let email = party.emails.first().map(|email| email.address.clone());
    let phone = party.phones.first().map(|phone| phone.original.clone());
    let text = [Some(name).filter(|name| !name.is_empty()), email.or(phone)]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(", ");
    if text.is_empty() { "without a name".to_owned() } else { text }
}

/// Bits to the last of them: weights are multiples of 1/1024, which ten decimals hold, so that a column of them adds up.
pub(super) fn bits(weight: MatchWeight) -> String {
    let text = format!("{:+.10}", weight.0);
    let trimmed = text.trim_end_matches('0').trim_end_matches('.');
    let decimals = trimmed.split_once('.').map_or(0, |(_, decimals)| decimals.len() + 1);
    format!("{trimmed}{}", " ".repeat(11 - decimals))
}

/// An explanation as lines whose bits add up to the last.
pub(super) fn explanation(input: &Input, places: [usize; 2], explanation: &Explanation) -> String {
    let mut out = String::new();
    for place in places {
        let _ = writeln!(out, "{}: {}", input.name(place), who(&input.record(place).party));
    }
    let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
    let mut rows = vec![vec![
        "two random records".to_owned(),
        String::new(),
        String::new(),
        String::new(),
        bits(explanation.prior),
    ]];
    for line in &explanation.comparisons {
        let level = word(&line.level);
        let level = line
            .holders
            .filter(|&holders| holders > 1)
            .map_or(level.clone(), |holders| format!("{level}, of {holders} records"));
        rows.push(vec![word(&line.attribute), text(&line.left), text(&line.right), level, bits(line.weight)]);
    }
    let probability = format!("probability {:.6}", explanation.probability.get());
    rows.push(vec!["total".to_owned(), String::new(), String::new(), probability, bits(explanation.total)]);
    let _ = writeln!(out, "\n{}", table(&["compared", "left", "right", "agreement", "bits       "], &rows, 4));
    let rules: Vec<String> = explanation.found_by.iter().copied().map(rule_word).collect();
    let found = if rules.is_empty() { "nothing: the two are never compared".to_owned() } else { rules.join(", ") };
    let _ = write!(out, "\nfound by: {found}\n{}", explanation.sentence);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_line_up() {
        let rows = [vec!["a".to_owned(), "1".to_owned()], vec!["long".to_owned(), "100".to_owned()]];
        assert_eq!(table(&["name", "n"], &rows, 1), "  name    n\n  a       1\n  long  100");
    }

    #[test]
    fn bits_are_shown_to_the_last() {
        assert_eq!(bits(MatchWeight(4.250_976_562_5)), "+4.2509765625");
        assert_eq!(bits(MatchWeight(-3.0)), "-3           ".get(..13).unwrap_or_default());
        assert_eq!(word(&onefold_matching::Attribute::GivenName), "given name");
    }
}
