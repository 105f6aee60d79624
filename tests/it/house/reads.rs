//! No read of the store forgets what its caller may see.

use super::source::Source;

/// The tables that tell of customers.
const TABLES: [&str; 10] = [
    "activity",
    "customer",
    "customer_alias",
    "customer_history",
    "link",
    "link_history",
    "match_candidate",
    "record",
    "record_attribute",
    "term",
];

/// Reads for the process itself, which sees everything, with the reason. Grows only with a reason as good as these.
const FOR_THE_PROCESS: [(&str, &str); 27] = [
    ("activity_customers", "the audit notes whose records were read"),
    ("consent_statements", "every statement counts for what a plan widens; the app shows them by rights"),
    ("contested_of", "the fold asks which pairs it put into the queue, and is told ids"),
    ("customer_retirements", "the fold gives ids back that were retired"),
    (
        "customer_shown_once",
        "an export is told which ids a department could have seen, and only says that they are gone",
    ),
    ("customer_standing", "the fold asks which ids lead a customer"),
    ("customer_version_at", "tells a time, and nobody's data; the app then reads that past through the scope"),
    ("customer_was_erased", "tells that there was an id, and nobody's data"),
    ("decision_among", "the app first sees to it that the caller reviews all of these records"),
    ("decision_get", "the app then reads both of its records through the scope"),
    ("decision_list", "the fold reads what stands"),
    ("fold_generation", "tells a number and nobody's data"),
    ("has_customers", "tells whether there is anybody, and nobody's data"),
    ("link_get", "the fold reads which records belong together"),
    ("link_list", "the fold reads which records belong together"),
    ("party_get", "the fold compares all parties"),
    ("party_list", "the fold compares all parties"),
    ("plan_decisions", "the app then reads the records of all of them through the scope"),
    ("plan_get", "names nobody; its decisions are told by rights"),
    ("plan_of_request", "names nobody; its decisions are told by rights"),
    ("replay_batch", "stored payloads are mapped once more; the app shows what would differ by rights"),
    ("replay_known", "what was mapped before is compared; the app shows what would differ by rights"),
    ("record_customers", "an export is told which ids to look at, and shows each by rights"),
    ("record_customers_before", "an export is told which ids to look at, and shows each by rights"),
    ("record_standing", "tells which ids there are, and nobody's data"),
    ("vocabulary_has", "the search then reads by the scope whose the terms are, and tells of no other"),
    ("vocabulary_under", "the search then reads by the scope whose the terms are, and tells of no other"),
];

/// Public reads of files that read such a table, which neither take a scope and turn it into a condition nor are named above;
/// and names above that nothing has.
pub(super) fn read_violations(sources: &[Source]) -> Vec<String> {
    let mut complaints = Vec::new();
    let mut used = Vec::new();
    for source in sources.iter().filter(|source| source.is_rust() && source.is_in("src/store")) {
        if !tells_of_customers(&source.text) {
            continue;
        }
        for (name, text) in reads(&source.text) {
            if let Some((known, _)) = FOR_THE_PROCESS.iter().find(|(known, _)| *known == name) {
                used.push(*known);
            } else if !text.contains("scope: &Scope") {
                complaints.push(format!("{}: {name} reads of customers and takes no scope", source.path));
            } else if !text.contains("visible(scope") && !text.contains("condition(scope") && !text.contains("(scope, ")
            {
                complaints.push(format!("{}: {name} makes no condition of its scope", source.path));
            }
        }
    }
    let unused = FOR_THE_PROCESS.iter().filter(|(known, _)| !used.contains(known));
    complaints.extend(unused.map(|(known, _)| format!("there is no read {known} any more: take it off the list")));
    complaints
}

fn tells_of_customers(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.windows(2).any(|pair| {
        let table = pair[1].trim_matches(|c: char| !c.is_alphanumeric() && c != '_');
        matches!(pair[0].trim_start_matches('"'), "from" | "join") && TABLES.contains(&table)
    })
}

/// The public functions of `impl Store`, by name and text.
fn reads(text: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    for block in text.split("\nimpl ").filter(|block| block.starts_with("Store {")) {
        let block = &block[..block.find("\n}\n").unwrap_or(block.len())];
        for function in block.split("    pub async fn ").skip(1) {
            let name = function.split(['(', '<']).next().unwrap_or_default();
            found.push((name, &function[..function.find("\n    }\n").unwrap_or(function.len())]));
        }
    }
    found
}

#[test]
fn a_read_without_a_scope_is_found() {
    let text = |signature: &str, body: &str| {
        format!(
            "impl Store {{\n    pub async fn note_list({signature}) -> X {{\n        self.fetch(\"select a\n             from customer c {body}\n    }}\n}}\n"
        )
    };
    let complaints = |text: String| {
        let found = read_violations(&[Source::new("src/store/note.rs", &format!("//! Notes.\n\n{text}"))]);
        found.into_iter().filter(|complaint| complaint.contains("note")).collect::<Vec<_>>()
    };
    assert_eq!(complaints(text("&self", "")), ["src/store/note.rs: note_list reads of customers and takes no scope"]);
    let forgets = complaints(text("&self, scope: &Scope", ""));
    assert_eq!(forgets, ["src/store/note.rs: note_list makes no condition of its scope"]);
    assert!(complaints(text("&self, scope: &Scope", "visible(scope, Rows::Record, &mut binds)")).is_empty());
    assert!(complaints(text("&self", "").replace("from customer", "from note")).is_empty());
}
