//! The guide about privacy does what it says, and an erased person comes back by no command.

use super::guide::{blocks, shape};
use crate::harness::places;
use crate::store::dump::dump;
use crate::sync::binary::hub::{Hub, sources};
use crate::sync::binary::systems::Systems;
use onefold::args;
use onefold::store::Store;

/// The fingerprint in an answer.
fn fingerprint(out: &str) -> String {
    out.trim_end().rsplit(' ').next().unwrap().to_owned()
}

#[tokio::test]
async fn the_commands_of_the_privacy_guide_run_and_answer_as_it_shows() {
    let guide = include_str!("../../../docs/guides/privacy.md");
    let hub = Hub::bare();
    let (mut ran, mut answer, mut plan) = (0, String::new(), String::new());
    for block in blocks(guide) {
        match (block.language.as_str(), block.file) {
            ("csv" | "toml", Some(file)) => hub.write(&file, block.lines.join("\n") + "\n"),
            ("sh", _) => {
                answer.clear();
                for line in &block.lines {
                    let line = line.replace("FINGERPRINT", &plan);
                    let words: Vec<&str> = line.split_whitespace().collect();
                    assert_eq!(words[0], "onefold", "{line}");
                    let did = hub.run(&words[1..]).await.well();
                    if did.out.contains("--apply") {
                        plan = fingerprint(&did.out);
                    }
                    answer.push_str(&did.out);
                    ran += 1;
                }
            }
            ("text", _) => {
                let said: Vec<String> = answer.lines().map(|line| shape(&line.replace(&plan, "FINGERPRINT"))).collect();
                for line in &block.lines {
                    let exact = answer.replace(&plan, "FINGERPRINT").lines().any(|said| said == line);
                    let is_audit = line.contains("entries, none missing");
                    assert!(
                        exact || is_audit && said.contains(&shape(line)),
                        "the guide shows {line:?}; the answer is\n{answer}"
                    );
                }
            }
            (language, _) => assert_eq!(language, "toml", "a block of {language} that nobody looks at"),
        }
    }
    assert_eq!(ran, 7, "commands were found");
    let told = std::fs::read_to_string(hub.path("johanna.json")).unwrap();
    assert!(told.contains("johanna@brandauer.example") && !told.contains("casimir"), "{told}");
    let store = Store::open(&format!("sqlite:{}", hub.path("onefold.db").display())).await.unwrap();
    let left = dump(&store).await;
    assert!(!left.contains("ohanna") && left.contains("casimir@zawadzki.example"));
    store.close().await;
}

/// A hub whose erased people are recognised.
async fn hub(place: crate::harness::Place, systems: &Systems) -> Hub {
    let hub = Hub::over(place, systems);
    hub.write("privacy-secret", "a secret of the tests, of more than 32 bytes");
    let people = "[[source]]\nkey = 'files'\nconnector = 'files/party'\n";
    hub.configure(&format!("[privacy]\nsecret = {{ file = 'privacy-secret' }}\n\n{}\n{people}", sources(systems)));
    hub
}

/// The e-mail addresses of customers of Stripe who have an invoice.
async fn addresses(store: &Store) -> Vec<String> {
    let sql =
        "select v.mapped from record r join record_version v on v.record_id = r.record_id and v.version = r.version
               join activity a on a.party_id = r.record_id and a.kind = 'invoice'
               where r.kind = 'party' order by r.record_id";
    let rows = store.fetch(sql, args![]).await.unwrap();
    let mail = |row: &onefold::store::Row| row.json(0).unwrap()["emails"][0]["address"].as_str().map(str::to_owned);
    rows.iter().filter_map(mail).collect()
}

/// The first of these addresses that is one customer's alone, with the plan to erase them.
async fn somebody(hub: &Hub, addresses: Vec<String>) -> (String, String) {
    let mut addresses = addresses.into_iter();
    loop {
        let mail = addresses.next().unwrap();
        let plan = hub.run(&["privacy", "erase", "--email", &mail]).await;
        if plan.code == Some(0) {
            return (mail, fingerprint(&plan.out));
        }
        plan.badly(&["customers have this address"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_erased_person_comes_back_by_no_sync_import_retry_or_rebuild() {
    for place in places().await {
        let systems = Systems::start(8, 1).await;
        let hub = hub(place, &systems).await;
        hub.run(&["sync"]).await.well();
        let store = hub.store().await;
        hub.write("people.csv", "id,first_name,email\n1,Someone,someone@example.com\n2,Other,other@example.com\n");
        hub.run(&["import", "files", "people.csv", "--key", "id"]).await.well();
        let (mail, plan) = somebody(&hub, addresses(&store).await).await;
        let raw = store
            .fetch(
                "select r.source_id, r.external_id, v.raw from record r
                 join record_version v on v.record_id = r.record_id and v.version = r.version
                 join source s on s.source_id = r.source_id
                 where r.kind = 'party' and s.key = 'stripe' and v.mapped like $1",
                args![format!("%{mail}%")],
            )
            .await
            .unwrap();

        let apply = ["privacy", "erase", "--email", &mail, "--apply", &plan];
        let done = hub.run(&apply).await.well();
        assert!(done.out.contains("stripe: ") && done.out.contains("  erase in stripe: "), "{}", done.out);
        let (other, plan) = somebody(&hub, vec!["someone@example.com".to_owned()]).await;
        let done = hub.run(&["privacy", "erase", "--email", &other, "--apply", &plan]).await.well();
        assert!(done.out.contains("files: 1 records"), "{}", done.out);
        let again = hub.run(&apply).await.well();
        assert!(again.out.contains("done before"), "{}", again.out);
        hub.run(&["privacy", "export", "--email", &mail]).await.badly(&["nothing is known of this person"]);
        assert!(!dump(&store).await.contains(&mail));

        // Everything is read anew, from the start.
        let mut tx = store.begin().await.unwrap();
        tx.execute("delete from checkpoint", args![]).await.unwrap();
        tx.commit().await.unwrap();
        hub.run(&["sync"]).await.well();
        assert!(!dump(&store).await.contains(&mail), "a sync brings nobody back");
        hub.run(&["import", "files", "people.csv", "--key", "id"]).await.well();
        let left = dump(&store).await;
        assert!(!left.contains(&mail) && !left.contains(&other), "an import brings nobody back");
        assert!(left.contains("other@example.com"));

        // As if their payload had waited in quarantine when they were erased.
        let mut tx = store.begin().await.unwrap();
        for row in &raw {
            let item = onefold::store::Quarantined {
                stream: "customers".to_owned(),
                external_id: Some(row.text(1).unwrap()),
                code: "NOT_A_DATE".to_owned(),
                path: None,
                place: None,
                message: "a date is none".to_owned(),
                raw: row.json(2).unwrap(),
            };
            let source = onefold_model::SourceId(row.uuid(0).unwrap());
            tx.quarantine_write(source, None, &[item], crate::store::fixture::time(1)).await.unwrap();
        }
        tx.commit().await.unwrap();
        hub.run(&["retry", "stripe"]).await.well();
        let sql = "select count(*) from record_version where mapped like $1";
        let back = store.fetch(sql, args![format!("%{mail}%")]).await.unwrap()[0].int(0).unwrap();
        assert_eq!(back, 0, "a retry brings nobody back");
        hub.run(&["rebuild"]).await.well();
        let back = store.fetch(sql, args![format!("%{mail}%")]).await.unwrap()[0].int(0).unwrap();
        assert_eq!(back, 0, "a rebuild brings nobody back");
        assert!(!raw.is_empty());
        hub.run(&["audit", "verify"]).await.well();
        store.close().await;
    }
}

#[tokio::test]
async fn verify_says_where_the_chain_is_broken_and_fails() {
    for place in places().await {
        let hub = Hub::bare_over(place);
        hub.configure("[[source]]\nkey = 'files'\nconnector = 'files/party'\n");
        hub.write("people.csv", "id,first_name,email\n1,Ann,ann@example.com\n");
        hub.run(&["import", "files", "people.csv", "--key", "id"]).await.well();
        let head = hub.run(&["audit", "head"]).await.well().out.trim().to_owned();
        let whole = hub.run(&["audit", "verify", "--head", &head]).await.well();
        assert!(whole.out.contains("none missing and none changed") && whole.out.contains(&head), "{}", whole.out);
        let other = format!("1:{}", "0".repeat(64));
        hub.run(&["audit", "verify", "--head", &other]).await.badly(&["exported head 1"]);
        hub.run(&["audit", "verify", "--head", "rubbish"]).await.badly(&["NUMBER:HASH"]);
        let store = hub.store().await;
        let mut tx = store.begin().await.unwrap();
        let of = if store.dialect() == onefold::store::Dialect::Postgres { " on audit" } else { "" };
        tx.execute(format!("drop trigger audit_refuses_update{of}"), args![]).await.unwrap();
        tx.execute("update audit set actor = 'nobody' where seq = 1", args![]).await.unwrap();
        tx.commit().await.unwrap();
        store.close().await;
        hub.run(&["audit", "verify"]).await.badly(&["the audit is not whole", "entry 1 was changed"]);
    }
}
