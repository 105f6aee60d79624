//! Keys of machines and sessions of people, by the commands that the guide shows.

use crate::sync::binary::hub::Hub;

/// A hub whose one source takes files and what machines push.
fn hub() -> Hub {
    let hub = Hub::bare();
    hub.configure("[[source]]\nkey = 'erp'\nconnector = 'files/party'\n");
    hub
}

#[tokio::test]
async fn a_key_is_made_listed_and_revoked() {
    let hub = hub();
    let made = hub.run(&["key", "create", "erp", "--name", "nightly export", "--days", "30"]).await.well();
    let key = made.out.trim();
    assert!(key.starts_with("onefold_key_") && key.len() == 12 + 32 + 1 + 43, "{key}");
    assert!(made.err.contains("not shown again"), "{}", made.err);
    let listed = hub.run(&["key", "list"]).await.well().out;
    let id = listed.split_whitespace().next().unwrap().to_owned();
    for part in ["erp", "active", "used never", "nightly export"] {
        assert!(listed.contains(part), "{part}: {listed}");
    }
    assert!(!listed.contains(&key[45..]), "the secret is not listed");
    let revoked = hub.run(&["key", "revoke", &id]).await.well().out;
    assert!(revoked.contains("revoked"), "{revoked}");
    assert!(hub.run(&["key", "list", "erp"]).await.well().out.contains("revoked"));
    hub.run(&["key", "list", "nothing"]).await.badly(&["no source"]);
    hub.run(&["key", "create", "erp", "--name", "x", "--days", "0"]).await.badly(&["days"]);
    hub.run(&["key", "revoke", "rubbish"]).await.badly(&["rubbish"]);
    hub.run(&["key", "revoke", &format!("apikey_{}", "0".repeat(32))]).await.badly(&["no API key"]);
}

#[tokio::test]
async fn sessions_of_somebody_unknown_are_none() {
    assert_eq!(hub().run(&["logout", "ann"]).await.well().out.trim(), "0 sessions ended");
}

#[tokio::test]
async fn a_hub_without_a_way_in_does_not_start() {
    let hub = hub();
    hub.run(&["serve", "--listen", "127.0.0.1:0"]).await.badly(&["ONEFOLD_TOKEN_SECRET"]);
    let issuer = "[[auth.issuers]]\nissuer = 'http://issuer.example'\naudiences = ['onefold']\n";
    hub.configure(issuer);
    hub.run(&["serve", "--listen", "127.0.0.1:0"]).await.badly(&["issuer.example", "https"]);
    hub.run(&["token", "--department", "billing"]).await.badly(&["no key to sign with"]);
}
