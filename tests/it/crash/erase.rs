//! Killed inside an erasure: the person is there as before, and the next run erases all of them.

use super::inside::kill_inside;
use crate::harness::places;
use crate::store::dump::dump;
use crate::sync::binary::hub::Hub;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_inside_an_erasure_all_or_nothing_is_left() {
    for place in places().await {
        let hub = Hub::bare_over(place);
        hub.write("privacy-secret", "a secret of the tests, of more than 32 bytes");
        hub.configure(
            "[privacy]\nsecret = { file = 'privacy-secret' }\n\n[[source]]\nkey = 'files'\nconnector = 'files/party'\n",
        );
        hub.write("people.csv", "id,first_name,email\n1,Ann,ann@example.com\n2,Bob,bob@example.com\n");
        hub.run(&["import", "files", "people.csv", "--key", "id"]).await.well();
        let plan = hub.run(&["privacy", "erase", "--email", "ann@example.com"]).await.well();
        let fingerprint = plan.out.trim_end().rsplit(' ').next().unwrap().to_owned();
        let apply = ["privacy", "erase", "--email", "ann@example.com", "--apply", fingerprint.as_str()];
        let store = hub.store().await;
        let before = dump(&store).await;
        // The audit is written last: everything of theirs has been taken out by then.
        kill_inside(&store, hub.url(), "audit", || hub.start(&apply)).await;
        assert_eq!(dump(&store).await, before, "nothing is half erased");
        let done = hub.run(&apply).await.well();
        assert!(!done.out.contains("before"), "{}", done.out);
        let left = dump(&store).await;
        assert!(!left.contains("ann@example.com") && left.contains("bob@example.com"));
        store.close().await;
    }
}
