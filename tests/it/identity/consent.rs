//! Consent: a merge never widens a permission, and a split gives each part its own back.

use super::people::{decide, take_back, two_and_one};
use crate::api::hub::*;
use crate::harness::on_both;
use onefold_model::{RecordId, RecordKind};
use serde_json::{Value, json};

async fn consent(hub: &Hub, source: &str, key: &str, purpose: &str, channel: &str, status: &str) {
    let own = json!({"stream": "customers", "externalId": "1"});
    let data = json!({"customer": own, "purpose": purpose, "channel": channel, "status": status});
    hub.push(source, vec![put(RecordKind::Consent, "consents", key, data)]).await;
}

async fn effective(hub: &Hub, record: RecordId) -> Value {
    let id = hub.customer(record).await;
    let seen = hub.customer_doc(&everyone(), id, "effectiveConsents { purpose channel status statements }").await;
    seen["effectiveConsents"].clone()
}

fn said(purpose: &str, channel: &str, status: &str, statements: i64) -> Value {
    json!({"purpose": purpose, "channel": channel, "status": status, "statements": statements})
}

#[tokio::test]
async fn consent_after_a_merge_is_the_most_restrictive() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        let [one, same, other] = two_and_one(&hub).await;
        consent(&hub, "stripe", "n", "newsletter", "EMAIL", "GRANTED").await;
        consent(&hub, "stripe", "s", "newsletter", "SMS", "PENDING").await;
        consent(&hub, "mailchimp", "n", "newsletter", "EMAIL", "WITHDRAWN").await;
        consent(&hub, "mailchimp", "a", "analytics", "WEB", "GRANTED").await;
        let of_one = json!([said("newsletter", "EMAIL", "GRANTED", 1), said("newsletter", "SMS", "PENDING", 1)]);
        let of_other = json!([said("analytics", "WEB", "GRANTED", 1), said("newsletter", "EMAIL", "WITHDRAWN", 1)]);
        assert_eq!((effective(&hub, one).await, effective(&hub, other).await), (of_one.clone(), of_other.clone()));

        let link = decide(&store, "LINK", one, other).await;
        hub.fold().await;
        let merged = json!([
            said("analytics", "WEB", "GRANTED", 1),
            said("newsletter", "EMAIL", "WITHDRAWN", 2),
            said("newsletter", "SMS", "PENDING", 1),
        ]);
        for record in [one, same, other] {
            assert_eq!(effective(&hub, record).await, merged);
        }
        take_back(&store, link).await;
        hub.fold().await;
        assert_eq!(
            (effective(&hub, one).await, effective(&hub, other).await),
            (of_one, of_other),
            "each has its own back"
        );

        consent(&hub, "zendesk", "n", "newsletter", "EMAIL", "DENIED").await;
        assert_eq!(
            effective(&hub, one).await[0],
            said("newsletter", "EMAIL", "DENIED", 2),
            "what arrives counts at once"
        );
    })
    .await;
}

/// What may not be seen counts all the same: leaving it out could only widen the permission.
#[tokio::test]
async fn a_statement_that_may_not_be_seen_still_restricts() {
    on_both(|store| async move {
        let mut files = onefold::auth::default_policies(&departments());
        let own_only = r#"
            @id("mailer.consents")
            permit (principal in Onefold::Role::"mailer", action == Onefold::Action::"read", resource in Onefold::Type::"Consent")
            when { resource.owner == Onefold::Department::"marketing" };
            @id("mailer.customers")
            permit (principal in Onefold::Role::"mailer", action == Onefold::Action::"read", resource in Onefold::Type::"Customer");
        "#;
        files.push(("mailer.cedar".to_owned(), own_only.to_owned()));
        let hub = Hub::with(&store, policies(&files), onefold::identity::Identity::default()).await;
        let [one, _, other] = two_and_one(&hub).await;
        decide(&store, "LINK", one, other).await;
        consent(&hub, "mailchimp", "n", "newsletter", "EMAIL", "GRANTED").await;
        consent(&hub, "stripe", "n", "newsletter", "EMAIL", "DENIED").await;
        hub.fold().await;
        let mailer = actor(&["legal"], &["mailer"]);
        let id = hub.customer(one).await;
        let seen = hub.customer_doc(&mailer, id, "consents { totalCount nodes { status } } effectiveConsents { status }").await;
        assert_eq!(seen["consents"], json!({"totalCount": 1, "nodes": [{"status": "GRANTED"}]}));
        assert_eq!(seen["effectiveConsents"], json!([{"status": "DENIED"}]));
    })
    .await;
}
