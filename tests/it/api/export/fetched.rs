//! Exports are fetched over real HTTP.

use super::{content, start, write_all};
use crate::api::hub::*;
use crate::api::served::{NOW, SECRET, Served, answer, header, token, tokens};
use crate::api::story::billing_party;
use crate::harness::on_both;
use onefold::auth::Actor;
use onefold_model::RecordKind;
use serde_json::{Value, json};

/// Whoever has the tests' token.
fn ann() -> Actor {
    Actor::new("ann".to_owned(), billing().departments().to_vec(), [])
}

async fn billed(hub: &Hub) {
    let people = |n: usize| put(RecordKind::Party, "customers", &format!("c{n}"), billing_party(n));
    hub.push("stripe", (0..3).map(people).collect()).await;
    hub.fold().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_is_fetched_whole_by_its_owner_and_by_nobody_else() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        billed(&hub).await;
        let served = Served::start(&hub).await;
        let mine = |url: &str| served.bare("GET", url).bearer_auth(Served::token(&["billing"]));
        for (format, media, ending) in
            [("NDJSON", "application/x-ndjson", ".ndjson\""), ("CSV", "text/csv; charset=utf-8", ".csv\"")]
        {
            let made = start(&hub, &ann(), json!({"selection": "id displayName email", "format": format})).await;
            let id = &made["export"]["id"];
            let url = format!("/exports/{}", id.as_str().unwrap());
            assert_eq!(answer(mine(&url)).await.0, 404, "it is not whole");
            write_all(&hub).await;
            let shown = super::shown(&hub, &ann(), id).await;
            assert_eq!(shown["downloadUrl"], json!(url));
            let response = mine(&url).header("accept-encoding", "identity").send().await.unwrap();
            assert_eq!(response.status(), 200);
            assert_eq!(header(&response, "content-type"), media);
            let disposition = header(&response, "content-disposition");
            assert!(disposition.starts_with("attachment; filename=\"customers-") && disposition.ends_with(ending));
            assert_eq!(header(&response, "cache-control"), "no-store");
            assert_eq!(header(&response, "x-content-type-options"), "nosniff");
            assert_eq!(header(&response, "onefold-end-cursor"), shown["endCursor"].as_str().unwrap());
            assert_eq!(header(&response, "content-length"), shown["bytes"].to_string());
            assert_eq!(response.text().await.unwrap(), content(&hub, id).await);

            // Somebody else of the same department, somebody without a token, and an id that is none.
            let other = Actor::new("ben".to_owned(), billing().departments().to_vec(), []);
            let theirs = start(&hub, &other, json!({"selection": "id", "format": format})).await;
            write_all(&hub).await;
            let theirs = format!("/exports/{}", theirs["export"]["id"].as_str().unwrap());
            let (status, _, body) = answer(mine(&theirs)).await;
            assert_eq!((status, &body["errors"][0]["extensions"]["code"]), (404, &json!("NOT_FOUND")));
            assert_eq!(answer(served.bare("GET", &url)).await.0, 401);
            assert_eq!(answer(mine("/exports/garbage")).await.0, 404);
            assert_eq!(answer(mine("/exports/customer_00000000000000000000000000000001")).await.0, 404);
            let old = token(&tokens(SECRET, "onefold", "onefold"), &["billing"], NOW - 86_400);
            assert_eq!(answer(served.bare("GET", &url).bearer_auth(old)).await.0, 401);
        }
        let fetched = "select count(*) from audit where action = 'export.fetch'";
        assert_eq!(store.fetch(fetched, onefold::args![]).await.unwrap()[0].int(0).unwrap(), 2);

        // Who may see no customers any more fetches none that were written before.
        let made = start(&hub, &ann(), json!({"selection": "id"})).await;
        write_all(&hub).await;
        hub.app.policies().replace(policies(&[("none.cedar", "// nobody may anything")]));
        let url = format!("/exports/{}", made["export"]["id"].as_str().unwrap());
        assert_eq!(answer(mine(&url)).await.0, 404);
        served.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_deleted_while_it_is_fetched_is_not_taken_for_the_whole() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        billed(&hub).await;
        let made = start(&hub, &ann(), json!({"selection": "id"})).await;
        write_all(&hub).await;
        let mut tx = store.begin().await.unwrap();
        tx.execute("delete from export_part", onefold::args![]).await.unwrap();
        tx.commit().await.unwrap();
        let served = Served::start(&hub).await;
        let url = format!("/exports/{}", made["export"]["id"].as_str().unwrap());
        let response = served.bare("GET", &url).bearer_auth(Served::token(&["billing"])).send().await;
        if let Ok(response) = response {
            assert!(response.text().await.is_err(), "an answer that breaks off is an error for whoever reads it");
        }
        served.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn progress_is_told_until_it_is_over() {
    use crate::api::live::{Asker, subscribe};
    use onefold::graphql::Told;
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        billed(&hub).await;
        let made = start(&hub, &billing(), json!({"selection": "id"})).await;
        let document = "subscription($id: ID!) { exportProgress(id: $id) { id state rows } }";
        let ids = json!({"id": made["export"]["id"]});
        let mut live = subscribe(&hub, &Asker::new(&hub, &billing()), document, ids.clone());
        let mut states: Vec<Value> = Vec::new();
        while let Some(told) = live.next().await {
            let Told::Answer(response, _) = told else { panic!("it is told: {told:?}") };
            let told = serde_json::to_value(&response).unwrap();
            states.push(told["data"]["exportProgress"]["state"].clone());
            write_all(&hub).await;
        }
        assert_eq!(states, ["WAITING", "SUCCEEDED"]);
        let mut live = subscribe(&hub, &Asker::new(&hub, &support()), document, ids);
        assert!(matches!(live.next().await, Some(Told::Refused(_))), "it is somebody else's");
    })
    .await;
}
