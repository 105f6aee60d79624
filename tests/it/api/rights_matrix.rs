//! The matrix of role, field and use: every field that a policy can name is asked for by every shipped role in every way
//! that the API has, against real data on both databases. The outcome is a table that people review,
//! `schema/policy/uses.snap`; nothing that a role may not see stands anywhere in what it was answered.
//!
//! The generator reads operations, arguments, types and fields from the schema. What it has no place for fails the test, and
//! so does a way of use that the API has gained.

mod coverage;
pub(super) mod lists;
mod markers;
mod uses;

use super::hub::*;
use super::rights_walk::{Graph, SEES_ALL, nodes};
use super::story::{filled, run_that_failed};
use crate::harness::on_both;
use crate::store::fixture::time;
use coverage::Surface;
use markers::{Marker, markers, misfit_text, run_text, text_of};
use onefold::auth::{Actor, default_policies};
use onefold::graphql::graph_fields;
use onefold::identity::Identity;
use onefold::store::{Quarantined, Store, fold_text};
use onefold_model::{SourceId, SourceKey, SyncRunId};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::Mutex;
use uses::{REFUSED, SEARCHED, Seen, USES, Walk};
use uuid::Uuid;

/// From an object over another and its list to what is in it. Every longer path is walked by `rights_walk`.
const HOPS: usize = 4;

/// Each department by itself and each role by itself: nobody is of the department that the roles are given with.
fn roles() -> Vec<(&'static str, Actor)> {
    let role = |role| (role, actor(&["nowhere"], &[role]));
    vec![
        ("billing", billing()),
        ("support", support()),
        ("marketing", marketing()),
        role("steward"),
        role("operator"),
        role("privacy"),
    ]
}

/// The story, with a payload that does not fit and a run that failed for each department, in words of its own.
async fn seeded(hub: &Hub, store: &Store) {
    filled(hub, 1).await;
    for (at, (key, owner)) in SOURCES.into_iter().enumerate() {
        let source = SourceId::derive(&SourceKey::new(key).unwrap());
        let item = Quarantined {
            stream: "invoices".to_owned(),
            external_id: Some(format!("misfit-key-of-{owner}")),
            code: "NOT_A_DATE".to_owned(),
            path: Some("dueOn".to_owned()),
            place: None,
            message: "dueOn is not a date".to_owned(),
            raw: json!({"note": misfit_text(owner)}),
        };
        let mut tx = store.begin().await.unwrap();
        tx.quarantine_write(source, None, &[item], time(400)).await.unwrap();
        tx.commit().await.unwrap();
        run_that_failed(store, key, SyncRunId(Uuid::from_u128(9_000 + at as u128)), &run_text(owner)).await;
    }
}

/// One letter for what was shown, beside all that there is.
fn letter(whole: Option<&BTreeSet<String>>, seen: Option<&BTreeSet<String>>) -> char {
    let nothing = BTreeSet::new();
    let (whole, seen) = (whole.unwrap_or(&nothing), seen.unwrap_or(&nothing));
    if whole.is_empty() || *whole == BTreeSet::from(["false".to_owned()]) {
        '.'
    } else if seen.contains(REFUSED) {
        'x'
    } else if seen == whole {
        'R'
    } else if seen.iter().all(|leaf| leaf == "false") {
        '-'
    } else if seen.is_subset(whole) {
        'P'
    } else {
        'M'
    }
}

/// The last letter: whether a text of the field stands in what mutations and errors said.
fn said(path: &str, markers: &[Marker], answers: &str) -> char {
    let of_field: Vec<&Marker> =
        markers.iter().filter(|marker| marker.said.iter().any(|(said, _)| said == path)).collect();
    if of_field.is_empty() || path == "SourceRecord.raw" {
        '.'
    } else if of_field.iter().any(|marker| answers.contains(&marker.text)) {
        'R'
    } else {
        '-'
    }
}

fn table(surface: &Surface, whole: &Seen, walked: &[(&str, Seen, String)], markers: &[Marker]) -> String {
    let mut out =
        String::from("What each role gets of each field, by use, from real data. One letter a use, in this order:\n");
    let _ = writeln!(out, "{}", USES.join(", "));
    let _ = writeln!(
        out,
        "R whole, P in part (of some owners or objects, or parts of an address), M masked, - nothing, x refused,"
    );
    let _ = writeln!(out, ". no such use of this field");
    let _ =
        writeln!(out, "privacyExport tells all of one person, to the role privacy alone; nobody else is told a word");
    let _ = writeln!(out, "absent from the API: {}\n", surface.absent.join(", "));
    let mut line = |cells: Vec<String>| {
        let width = |at| if at == 0 { 32 } else { 11 };
        let cells = cells.iter().enumerate().map(|(at, cell)| format!("{cell:w$}", w = width(at)));
        let _ = writeln!(out, "{}", cells.collect::<String>().trim_end());
    };
    let head = walked.iter().map(|(role, ..)| (*role).to_owned());
    line(std::iter::once("field".to_owned()).chain(head).collect());
    for path in graph_fields().paths() {
        let cells = walked.iter().map(|(_, seen, answers)| {
            let of = |at| (path.clone(), at);
            let uses = (0..USES.len() - 1).map(|at| letter(whole.get(&of(at)), seen.get(&of(at))));
            uses.chain([said(&path, markers, answers)]).collect()
        });
        line(std::iter::once(path.clone()).chain(cells).collect());
    }
    let _ = writeln!(out, "\nfree for whoever sees the object at all");
    for (of, fields) in &surface.free {
        let _ = writeln!(out, "{of}: {}", fields.iter().cloned().collect::<Vec<_>>().join(", "));
    }
    out
}

#[test]
fn everything_that_the_schema_has_is_in_the_matrix() {
    let surface = Surface::read();
    assert_eq!(surface.unknown, Vec::<String>::new(), "say how the matrix walks these");
    assert_eq!(surface.gone, Vec::<String>::new(), "the schema has these no more");
}

/// What may be found by a text is searched for in the matrix, and what may not be seen finds nothing, nor does it with a slip in
/// it. That something else is similar to it tells nothing.
async fn search_by(walk: &mut Walk<'_>, markers: &[Marker], forbidden: &dyn Fn(&Marker) -> bool) -> BTreeSet<String> {
    let mut finds = BTreeSet::new();
    for marker in markers {
        let text = marker.text.trim_matches('"');
        let (start, end) = text.split_at(text.char_indices().nth(2).map_or(text.len(), |(at, _)| at));
        for (typed, has_slip) in [(text.to_owned(), false), (format!("{start}x{end}"), true)] {
            let answer = walk.ask(&format!("{{ search(text: {typed:?}) {{ match matchedText }} }}")).await;
            let is_by_it = |hit: &Value| {
                let said = fold_text(hit["matchedText"].as_str().unwrap_or_default());
                !has_slip && hit["match"] != "SIMILAR" || said.contains(&fold_text(text))
            };
            let is_found = answer["data"]["search"].as_array().is_some_and(|hits| hits.iter().any(is_by_it));
            assert!(!(is_found && forbidden(marker)), "{} finds by {typed:?}", walk.who.subject());
            if is_found {
                finds.insert(marker.text.clone());
            }
        }
    }
    finds
}

#[tokio::test]
async fn the_matrix_of_role_field_and_use_is_as_reviewed_and_leaks_nothing() {
    let tables: Mutex<Vec<String>> = Mutex::default();
    on_both(|store| {
        let tables = &tables;
        async move {
            let (graph, surface, markers) = (Graph::within(HOPS), Surface::read(), markers());
            let all = Hub::with(&store, policies(&[("all.cedar", format!("{SEES_ALL};"))]), Identity::default()).await;
            seeded(&all, &store).await;
            let nodes = nodes(&all).await;
            let walk =
                |hub, who| Walk { hub, who, graph: &graph, nodes: &nodes, seen: Seen::new(), answers: Vec::new() };
            let mut whole = walk(&all, billing());
            whole.read().await;
            let whole_text = whole.answers.iter().map(|(_, answer)| text_of(answer)).collect::<String>();
            for marker in &markers {
                assert!(whole_text.contains(&marker.text), "{:?} stands nowhere: it proves nothing", marker.text);
            }
            // By whatever else something is found, the matrix has no column yet.
            let finds = search_by(&mut whole, &markers, &|_| false).await;
            let searched = |text: &String| {
                let marker = markers.iter().find(|marker| marker.text == *text).unwrap();
                SEARCHED.iter().any(|(path, _)| marker.said.iter().any(|(said, _)| said == path))
                    || marker.said.iter().any(|(said, _)| said == "Customer.tradeNames")
            };
            assert!(finds.iter().all(searched), "{finds:?}");

            let hub = all.under(policies(&default_policies(&departments()))).await;
            let set = policies(&default_policies(&departments()));
            let mut walks: Vec<(&str, Walk<'_>)> =
                roles().into_iter().map(|(name, who)| (name, walk(&hub, who))).collect();
            for (_, walk) in &mut walks {
                walk.read().await;
                walk.listen().await;
                let scope = set.scope(&walk.who);
                search_by(walk, &markers, &|marker| !marker.is_for(&scope)).await;
            }
            let mut walked: Vec<(&str, Seen, String)> = Vec::new();
            for (name, mut walk) in walks {
                let scope = set.scope(&walk.who);
                let before = walk.answers.len();
                walk.fail().await;
                let mut leaks = BTreeMap::new();
                for (document, answer) in &walk.answers {
                    let text = text_of(answer);
                    for marker in markers.iter().filter(|marker| !marker.is_for(&scope)) {
                        if text.contains(&marker.text) {
                            leaks.insert(marker.text.clone(), document.clone());
                        }
                    }
                }
                assert!(leaks.is_empty(), "{name} was told {leaks:#?}");
                let said = walk.answers[before..].iter().map(|(_, answer)| text_of(answer)).collect::<String>();
                walked.push((name, walk.seen, said));
            }
            tables.lock().unwrap().push(table(&surface, &whole.seen, &walked, &markers));
        }
    })
    .await;
    let tables = tables.into_inner().unwrap();
    assert!(tables.windows(2).all(|two| two[0] == two[1]), "the databases differ");
    insta::with_settings!({
        snapshot_path => "../../../schema/policy", prepend_module_to_snapshot => false, omit_expression => true
    }, { insta::assert_snapshot!("uses", tables[0]) });
}

/// A leak would be found: with everything permitted, somebody's answers hold what the shipped policies hide from them.
#[tokio::test]
async fn a_leak_would_be_found() {
    on_both(|store| async move {
        let all = Hub::with(&store, policies(&[("all.cedar", format!("{SEES_ALL};"))]), Identity::default()).await;
        seeded(&all, &store).await;
        let (graph, nodes) = (Graph::within(HOPS), nodes(&all).await);
        let mut walk =
            Walk { hub: &all, who: marketing(), graph: &graph, nodes: &nodes, seen: Seen::new(), answers: Vec::new() };
        walk.read().await;
        let scope = policies(&default_policies(&departments())).scope(&marketing());
        let text = walk.answers.iter().map(|(_, answer)| text_of(answer)).collect::<String>();
        let found = markers().iter().filter(|marker| !marker.is_for(&scope) && text.contains(&marker.text)).count();
        assert!(found > 10, "{found} texts");
    })
    .await;
}
