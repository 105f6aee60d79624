//! How SQLite goes about the statements that answer a page: from the ids that are asked for, never through a table.
//!
//! What a plan depends on besides the statement is what SQLite believes of the sizes of tables, which a migration says.

use super::fixture::*;
use onefold::args;
use onefold::auth::{Actor, GraphFields, PolicySet, Scope};
use onefold::store::{
    ActivityChoice, ActivityCondition, ActivityField, ActivityFilter, ActivityOrder, ActivityTest, Arg, Direction,
    Holds, ListAsk, ListColumn, PageAsk, Reach, ReachAsk, Store,
};
use onefold_model::{CustomerId, DepartmentKey, RecordId, RecordKind, SourceId};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use tracing::field::{Field, Visit};
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::{EnvFilter, Layer, Registry};
use uuid::Uuid;

/// Remembers the statements that the driver says it has run.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<BTreeSet<String>>>);

impl<S: tracing::Subscriber> Layer<S> for Heard {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        event.record(&mut self.clone());
    }
}

impl Visit for Heard {
    fn record_str(&mut self, field: &Field, value: &str) {
        // A short statement is its own summary, a long one is cut in it.
        let is_whole = field.name() == "db.statement" || field.name() == "summary" && !value.ends_with('…');
        if is_whole && value.contains(" from ") {
            self.0.lock().unwrap().insert(value.to_owned());
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}

/// What somebody sees under a condition on rows.
fn guarded() -> Scope {
    let graph: GraphFields = [("Customer", vec!["displayName"]), ("Invoice", vec!["number"])].into_iter().collect();
    let text = r#"
        @id("own") permit (principal, action == Onefold::Action::"read", resource) when { principal in resource.owner };
        @id("rows") permit (principal, action == Onefold::Action::"see", resource is Onefold::Customer)
        when { resource.kind == "PERSON" && !resource.countries.contains("AT") };"#;
    let departments = ["billing", "support"].map(|key| DepartmentKey::new(key).unwrap());
    let policies = PolicySet::load(&[("rows.cedar", text)], &graph, &departments).unwrap();
    policies.scope(&Actor::new("ann", departments, []))
}

/// Open invoices, the largest first.
fn chosen() -> ActivityChoice {
    let status = ActivityField { name: "status", holds: Holds::Word(&["OPEN"]) };
    let open = ActivityCondition { field: status, test: ActivityTest::OneOf(vec!["OPEN".to_owned()]) };
    let total = ActivityField { name: "total", holds: Holds::Money };
    ActivityChoice { conditions: vec![open], order: ActivityOrder::By(total, Direction::Desc) }
}

/// Reads whatever a list of customers with its nested lists reads.
async fn read_all(store: &Store, scope: &Scope, count: u128) {
    let customers: Vec<CustomerId> = (1..=count).map(customer).collect();
    let records: Vec<RecordId> = (1..=count).map(|n| RecordId(Uuid::from_u128(n))).collect();
    store.customer_get(scope, &customers).await.unwrap();
    store.customer_members(scope, &customers).await.unwrap();
    store.customer_aliases(scope, &customers).await.unwrap();
    store.record_by_customers(scope, &customers).await.unwrap();
    store.record_get(scope, &records).await.unwrap();
    store.record_raw(scope, &records).await.unwrap();
    store.record_by_key(scope, SourceId(Uuid::from_u128(count)), "x").await.unwrap();
    store.replay_known(&records).await.unwrap();
    store.party_get(&records).await.unwrap();
    store.link_get(&records).await.unwrap();
    let ask = PageAsk::Forward { count: 3, after: None };
    let filters =
        [ActivityFilter::Customers(customers), ActivityFilter::Parents(records.clone()), ActivityFilter::Ids(records)];
    for filter in filters {
        store.activity_pages(scope, RecordKind::Invoice, &filter, &ask).await.unwrap();
        store.activity_counts(scope, RecordKind::Invoice, &filter).await.unwrap();
        store.activity_pages_of(scope, RecordKind::Invoice, &filter, &chosen(), &ask).await.unwrap();
        store.activity_counts_of(scope, RecordKind::Invoice, &filter, &chosen()).await.unwrap();
    }
    let columns = vec![ListColumn::Id, ListColumn::Version, ListColumn::OccurredAt, ListColumn::Mapped];
    let lists = vec![ListAsk { kind: RecordKind::Invoice, rows: 5, columns, counted: true }];
    let reach = Reach::new(store.dialect(), scope, ReachAsk { members: true, lists });
    let customers: Vec<CustomerId> = (1..=count).map(customer).collect();
    store.planned_customer(scope, &reach, customers[0]).await.unwrap();
    store.planned_reach(scope, &reach, &customers).await.unwrap();
}

/// The steps of a plan that go through a table, or through all rows of one kind or source.
async fn walks(store: &Store, statement: &str) -> Vec<String> {
    let binds = (1..=2000).take_while(|n| statement.contains(&format!("${n}"))).count();
    let binds = (0..binds).map(|_| Arg::from("x")).collect();
    let rows = store.fetch(format!("explain query plan {statement}"), binds).await.unwrap();
    let steps = rows.iter().map(|row| row.text(3).unwrap());
    let large = ["a", "r", "l", "v", "c", "t", "xk", "xv", "xw", "activity", "record", "link", "customer"];
    let is_walk = |step: &String| {
        let mut words = step.split(' ');
        let (how, table) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let all_of = ["(kind=?)", "(source_id=?)"].iter().any(|end| step.ends_with(end)) && table != "s";
        large.contains(&table) && (how == "SCAN" || all_of)
    };
    steps.filter(is_walk).collect()
}

#[tokio::test]
async fn a_page_is_read_from_its_ids_and_never_through_a_table() {
    let heard = Heard::default();
    let subscriber = Registry::default().with(EnvFilter::new("sqlx=debug")).with(heard.clone());
    // Statements are run on threads of their own. Each test is a process, so nobody else is heard.
    tracing::subscriber::set_global_default(subscriber).expect("nobody listens yet");
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&format!("sqlite:{}", folder.path().join("plans.db").display())).await.unwrap();
    heard.0.lock().unwrap().clear();
    for scope in [Scope::system("a test of plans"), guarded()] {
        for count in [1, 50, 500] {
            read_all(&store, &scope, count).await;
        }
    }
    let statements = heard.0.lock().unwrap().clone();
    assert!(statements.len() > 60, "only {} statements were heard", statements.len());
    for statement in statements.iter().filter(|statement| statement.trim_start().starts_with("select")) {
        let walks = walks(&store, statement.trim()).await;
        assert!(walks.is_empty(), "{walks:?} in\n{statement}");
    }
    store.close().await;
}

/// An index without a row is taken for a better one than it is, or a worse one.
#[tokio::test]
async fn of_every_index_it_is_said_how_many_rows_it_has() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&format!("sqlite:{}", folder.path().join("plans.db").display())).await.unwrap();
    let sql = "select m.name from sqlite_master m
               where m.type = 'index' and m.tbl_name not like '\\_sqlx%' escape '\\'
                 and not exists (select 1 from sqlite_stat1 s where s.tbl = m.tbl_name and s.idx = m.name)";
    let missing: Vec<String> =
        store.fetch(sql, args![]).await.unwrap().iter().map(|row| row.text(0).unwrap()).collect();
    assert!(missing.is_empty(), "say so in a migration of SQLite, as 0019_statistics.sql does: {missing:?}");
    let said = "select s.idx from sqlite_stat1 s where not exists (select 1 from sqlite_master m where m.name = s.idx)";
    assert_eq!(number(&store, &format!("select count(*) from ({said})")).await, 0, "said of what there is not");
    store.close().await;
}
