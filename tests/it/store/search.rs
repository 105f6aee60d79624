//! Search: by the beginning of a word, without accents, by the last digits, through an invoice, within what may be seen.

use super::fixture::*;
use crate::harness::on_both;
use onefold::auth::{Owners, Scope};
use onefold::store::{CustomerFilter, SearchHit, SearchPath, Store, fold_text};
use onefold_model::{DepartmentKey, RecordKind, StandardRecord};
use proptest::prelude::*;
use serde_json::json;
use std::collections::BTreeSet;

const PATHS: &[&str] = &["name", "email", "phone", "phone_end", "company", "invoice", "ticket", "account"];

fn of(departments: &[&str]) -> Owners {
    let keys: BTreeSet<_> = departments.iter().map(|key| DepartmentKey::new(*key).unwrap()).collect();
    Owners::Some(keys)
}

async fn search(store: &Store, owners: &Owners, word: &str, limit: usize) -> Vec<SearchHit> {
    let paths: Vec<SearchPath> = PATHS.iter().map(|path| SearchPath { path, owners: owners.clone() }).collect();
    store.search_terms(&Scope::system("test"), &paths, &fold_text(word), limit).await.unwrap()
}

async fn wholes(store: &Store, word: &str) -> Vec<String> {
    let hits = search(store, &Owners::All, word, 50).await;
    let wholes: BTreeSet<String> = hits.into_iter().map(|hit| hit.whole).collect();
    wholes.into_iter().collect()
}

fn party(name: &str, email: &str, phone: &str) -> StandardRecord {
    let json = json!({"kind": "PERSON", "displayName": name,
        "emails": [{"address": email, "original": email}], "phones": [{"e164": phone, "original": phone}]});
    record(RecordKind::Party, &json)
}

/// Two parties of two departments, each a customer of its own, and an invoice and a ticket.
async fn filled(store: &Store) {
    let crm = source(store, "crm", "support").await;
    let shop = source(store, "shop", "billing").await;
    let zoe = party("Zoë Kovač-Müller", "zoe@example.test", "+436601234567");
    deliver(store, &crm, vec![incoming("customers", "1", zoe)], time(1)).await;
    let adam = party("Adam Zoellner", "adam@example.test", "+4322199221340");
    let bill = incoming("invoices", "i1", invoice("INV-2026/7", "2", None));
    deliver(store, &shop, vec![incoming("customers", "2", adam), bill], time(1)).await;
    fold(store, &one_customer(customer(1), "zoe", &[id(&crm, "customers", "1")], time(2))).await;
    fold(store, &one_customer(customer(2), "adam", &[id(&shop, "customers", "2")], time(2))).await;
}

#[tokio::test]
async fn a_word_is_found_by_its_beginning_without_case_and_accents() {
    on_both(|store| async move {
        filled(&store).await;
        for word in ["Zoë", "zoe k", "KOVAC", "kovač", "mull", "Mu", "zoe kovac-mul"] {
            assert!(wholes(&store, word).await.contains(&"Zoë Kovač-Müller".to_owned()), "{word}");
        }
        assert_eq!(
            wholes(&store, "zoe").await,
            ["Zoë Kovač-Müller", "zoe@example.test", "Adam Zoellner"]
                .map(String::from)
                .into_iter()
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect::<Vec<_>>()
        );
        for word in ["ovac", "uller", "x", "zoez"] {
            assert!(wholes(&store, word).await.is_empty(), "{word}");
        }
        let hits = search(&store, &Owners::All, "zoe", 50).await;
        assert_eq!(hits[0].term, "zoe", "the exact word comes first");
    })
    .await;
}

#[tokio::test]
async fn a_whole_term_is_not_found_by_its_beginning() {
    on_both(|store| async move {
        filled(&store).await;
        let paths = [SearchPath { path: "name", owners: Owners::All }];
        let scope = Scope::system("test");
        let hits = store.search_term(&scope, &paths, "zoe", 10).await.unwrap();
        assert_eq!(hits.iter().map(|hit| hit.term.as_str()).collect::<Vec<_>>(), ["zoe"]);
        assert!(store.search_term(&scope, &paths, "zoel", 10).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn terms_are_told_once_by_their_kind_and_in_turns() {
    on_both(|store| async move {
        filled(&store).await;
        let words = ["kovac", "adam@example.test", "nobody", "zoe", "a\"b'c"].map(str::to_owned);
        let of = |path| [SearchPath { path, owners: Owners::All }];
        assert_eq!(store.vocabulary_has(&of("name"), &words).await.unwrap(), ["kovac", "zoe"]);
        assert_eq!(store.vocabulary_has(&of("email"), &words).await.unwrap(), ["adam@example.test"]);
        assert!(store.vocabulary_has(&[], &words).await.unwrap().is_empty());
        let beginnings = ["zo", "ad", "qu"].map(str::to_owned);
        let mut all = store.vocabulary_under(&beginnings, 100).await.unwrap();
        all.sort();
        let expected =
            ["adam", "adam zoellner", "adam@example.test", "zoe", "zoe kovac-muller", "zoe@example.test", "zoellner"];
        assert_eq!(all, expected);
        let mut first = store.vocabulary_under(&beginnings, 2).await.unwrap();
        first.sort();
        assert_eq!(first, ["adam", "zoe"], "each beginning has its turn");
    })
    .await;
}

#[tokio::test]
async fn a_number_is_found_by_its_first_and_by_its_last_digits() {
    on_both(|store| async move {
        filled(&store).await;
        assert_eq!(wholes(&store, "43660123").await, ["+436601234567"]);
        let last: String = "1234567".chars().rev().collect();
        assert_eq!(wholes(&store, &last).await, ["+436601234567"]);
        let exact = CustomerFilter { phone_digits: Some("436601234567".to_owned()), ..CustomerFilter::default() };
        assert_eq!(store.customer_count(&Scope::system("test"), &exact).await.unwrap(), 1);
    })
    .await;
}

#[tokio::test]
async fn an_invoice_number_leads_to_its_customer() {
    on_both(|store| async move {
        filled(&store).await;
        let hits = search(&store, &Owners::All, "inv-2026", 10).await;
        assert_eq!(hits.len(), 1);
        assert_eq!(
            (hits[0].customer, hits[0].path.as_str(), hits[0].whole.as_str()),
            (customer(2), "invoice", "INV-2026/7")
        );
    })
    .await;
}

#[tokio::test]
async fn search_stays_within_the_owners() {
    on_both(|store| async move {
        filled(&store).await;
        let customers = |hits: Vec<SearchHit>| hits.into_iter().map(|hit| hit.customer).collect::<BTreeSet<_>>();
        assert_eq!(customers(search(&store, &of(&["billing"]), "zoe", 10).await), BTreeSet::from([customer(2)]));
        assert_eq!(customers(search(&store, &of(&["support"]), "zoe", 10).await), BTreeSet::from([customer(1)]));
        assert_eq!(customers(search(&store, &of(&["support", "billing"]), "zoe", 10).await).len(), 2);
        assert!(search(&store, &Owners::None, "zoe", 10).await.is_empty());
        assert!(search(&store, &of(&["support"]), "inv-2026", 10).await.is_empty());
        let name = SearchPath { path: "name", owners: Owners::All };
        let email = SearchPath { path: "email", owners: of(&["support"]) };
        let hits = store.search_terms(&Scope::system("test"), &[name, email], "adam", 10).await.unwrap();
        assert!(hits.iter().all(|hit| hit.path == "name"), "each path has owners of its own: {hits:?}");
        assert!(!hits.is_empty());
        assert!(store.search_terms(&Scope::system("test"), &[], "adam", 10).await.unwrap().is_empty());
    })
    .await;
}

/// A limit counts what is given, not what is left out because nobody has been folded from it.
#[tokio::test]
async fn records_without_a_customer_take_no_place_among_the_hits() {
    on_both(|store| async move {
        filled(&store).await;
        let other = source(&store, "other", "support").await;
        let waiting = (0..5).map(|n| incoming("customers", &n.to_string(), person("Zoe"))).collect();
        deliver(&store, &other, waiting, time(3)).await;
        let hits = search(&store, &Owners::All, "zoe", 3).await;
        assert_eq!(hits.len(), 3);
    })
    .await;
}

#[tokio::test]
async fn what_a_record_no_longer_says_is_not_found() {
    on_both(|store| async move {
        filled(&store).await;
        let crm = source(&store, "crm", "support").await;
        deliver(&store, &crm, vec![incoming("customers", "1", person("Yara"))], time(3)).await;
        assert!(wholes(&store, "kovac").await.is_empty());
        assert_eq!(wholes(&store, "yara").await, ["Yara"]);
    })
    .await;
}

#[tokio::test]
async fn customers_are_filtered_by_what_their_records_say() {
    on_both(|store| async move {
        filled(&store).await;
        let scope = Scope::system("test");
        let count = |filter: CustomerFilter| {
            let (store, scope) = (store.clone(), scope.clone());
            async move { store.customer_count(&scope, &filter).await.unwrap() }
        };
        let none = CustomerFilter::default;
        assert_eq!(count(none()).await, 2);
        assert_eq!(count(CustomerFilter { name_prefix: Some("ZO".to_owned()), ..none() }).await, 1);
        assert_eq!(count(CustomerFilter { email: Some("Adam@Example.test".to_owned()), ..none() }).await, 1);
        assert_eq!(
            count(CustomerFilter { department: Some(DepartmentKey::new("billing").unwrap()), ..none() }).await,
            1
        );
        assert_eq!(count(CustomerFilter { updated_since: Some(time(2)), ..none() }).await, 2);
        assert_eq!(count(CustomerFilter { updated_since: Some(time(3)), ..none() }).await, 0);
        assert_eq!(count(CustomerFilter { min_records: Some(2), ..none() }).await, 0);
        let all = CustomerFilter {
            name_prefix: Some("zo".to_owned()),
            department: Some(DepartmentKey::new("billing").unwrap()),
            min_records: Some(1),
            ..none()
        };
        assert_eq!(count(all).await, 0, "conditions hold together");
    })
    .await;
}

proptest! {
    #[test]
    fn folding_what_is_folded_changes_nothing(text in ".{0,30}") {
        let once = fold_text(&text);
        prop_assert_eq!(fold_text(&once), once);
    }
}
