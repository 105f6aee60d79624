//! The same pages give the same store on both databases.

use super::dump::dump;
use super::fixture::*;
use super::lease::{lease, take};
use super::quarantine_groups::{cause, decide, discard};
use crate::harness::places;
use onefold::store::{
    ApiKeyRow, Assignment, AuditEntry, ChangeEntry, ChangeKind, Claim, DecisionRow, DeliveryNoted, DeliveryRow,
    DeliveryState, ExportEnd, ExportFormat, ExportMove, ExportPart, ExportRow, ExportState, FieldSeen, FoundCandidate,
    LinkChange, LoginSessionRow, ModelParts, ModelRow, OutgoingChange, OutgoingMove, OutgoingRow, OutgoingState,
    PauseRow, PinRow, PlanRow, QualityPair, QualityStratum, Quarantined, Resolution, RunRow, RunState, Same, ShapeSeen,
    Store, SurvivorshipRow, Tx, Undone,
};
use onefold_model::{
    ApiKeyId, DecisionId, DepartmentKey, ExportId, MatchCandidateId, PinId, PlanId, RecordId, RecordKind, SourceId,
    SyncRunId, WebhookId,
};
use serde_json::json;
use uuid::Uuid;

/// A little of everything.
async fn story(store: &Store) {
    let crm = source(store, "crm", "support").await;
    let shop = source(store, "shop", "billing").await;
    let run = RunRow {
        id: SyncRunId(Uuid::from_u128(7)),
        source: shop.id,
        trigger: "manual".to_owned(),
        actor: "ann".to_owned(),
        state: RunState::Running,
        started_at: time(0),
        finished_at: None,
        error: None,
    };
    let mut tx = store.begin().await.unwrap();
    tx.run_start(&run).await.unwrap();
    tx.commit().await.unwrap();
    let zoe = json!({"kind": "PERSON", "displayName": "Zoë Kovač", "givenName": "Zoë", "familyName": "Kovač",
        "emails": [{"address": "zoe@example.test", "original": "Zoe@Example.test"}],
        "phones": [{"e164": "+436601234567", "original": "0660 1234567"}], "company": "Straße & Söhne 😀"});
    let touch = json!({"customer": {"stream": "customers", "externalId": "1"}, "purpose": "newsletter",
        "channel": "EMAIL", "status": "GRANTED", "capturedAt": "2026-01-01T12:00:00.123456789Z"});
    let records = vec![
        incoming("customers", "1", record(RecordKind::Party, &zoe)),
        incoming("customers", "2", person("Zoe Kovac")),
        incoming("customers", "3", person("Nobody")),
        incoming("invoices", "i1", invoice("INV-1", "1", Some(time(-999_999_999)))),
        incoming("invoices", "i2", invoice("INV-2", "missing", None)),
        incoming("consents", "c1", record(RecordKind::Consent, &touch)),
    ];
    let state = json!({"after": "c1", "n": 1.50});
    let mut first = page(&shop, records, time(1));
    first.run = Some(run.id);
    first.checkpoints = vec![("customers".to_owned(), state.clone())];
    first.generation = Some("g1");
    first.quarantined = [Some("8"), None]
        .map(|key| Quarantined {
            stream: "customers".to_owned(),
            external_id: key.map(str::to_owned),
            code: "MISSING".to_owned(),
            path: key.map(str::to_owned),
            place: None,
            message: "kind is missing".to_owned(),
            raw: json!({"x": 1e3, "y": "\u{0}ß"}),
        })
        .to_vec();
    commit(store, first).await;
    deliver(store, &shop, vec![incoming("customers", "2", person("Zoe Kovač")), deletion("invoices", "i2")], time(2))
        .await;
    deliver(store, &crm, vec![incoming("customers", "1", person("Zoé Kovac"))], time(2)).await;
    let mut second = page(&shop, vec![incoming("customers", "1", person("Zoë"))], time(3));
    (second.generation, second.mapping) = (Some("g2"), "map-2");
    commit(store, second).await;
    let mut tx = store.begin().await.unwrap();
    tx.sweep_close(shop.id, "customers", "g2", Some(run.id), time(4)).await.unwrap();
    tx.run_stream_finish(run.id, "customers", RunState::Partial, Some(("X", "y")), time(5)).await.unwrap();
    tx.run_finish(run.id, RunState::Partial, None, time(5)).await.unwrap();
    tx.commit().await.unwrap();
    identity(store).await;
    entrances(store, shop.id).await;
    let mut third = page(&shop, vec![incoming("customers", "9", person("New"))], time(8));
    third.generation = Some("g3");
    commit(store, third).await;
}

/// A machine's key and a person's login.
async fn entrances(store: &Store, source: SourceId) {
    let key = ApiKeyRow {
        id: ApiKeyId(Uuid::from_u128(11)),
        source,
        name: "till".to_owned(),
        secret_hash: vec![7; 32],
        created_at: time(6),
        created_by: "ann".to_owned(),
        expires_at: time(600),
        revoked_at: None,
        revoked_by: None,
        last_used_at: None,
    };
    let login = LoginSessionRow {
        secret_hash: vec![8; 32],
        subject: "ann".to_owned(),
        departments: vec![DepartmentKey::new("support").unwrap()],
        roles: vec!["steward".to_owned()],
        opened_at: time(6),
        expires_at: time(600),
    };
    let mut tx = store.begin().await.unwrap();
    tx.api_key_insert(&key).await.unwrap();
    tx.login_session_insert(&login).await.unwrap();
    tx.commit().await.unwrap();
}

async fn identity(store: &Store) {
    let parties: Vec<_> = store.party_list().await.unwrap().into_iter().map(|party| party.record).collect();
    for (n, record) in (1..).zip(&parties) {
        fold(store, &one_customer(customer(n), &format!("name {n}"), &[*record], time(6))).await;
    }
    let (left, right) = (parties[1], parties[2]);
    let candidates = vec![FoundCandidate {
        id: MatchCandidateId::derive(left, right),
        left,
        right,
        probability: 0.1 + 0.2,
        weight: -1.0 / 3.0,
        evidence: "{}".to_owned(),
        contests: None,
        cause: None,
    }];
    let merged = Resolution {
        links: vec![LinkChange { record: parties[0], customer: customer(2) }],
        customers: vec![folded(customer(2), None, 2)],
        retired: vec![(customer(1), customer(2))],
        candidates,
        changes: vec![ChangeEntry {
            kind: ChangeKind::CustomerMerged,
            node: customer(1).into(),
            source: None,
            detail: Some(customer(2).into()),
        }],
        outbox_up_to: store.outbox_list(2).await.unwrap()[1].seq,
        ..no_change(time(7))
    };
    fold(store, &merged).await;
    let mut tx = store.begin().await.unwrap();
    for n in 1..=2 {
        let decision = DecisionRow {
            id: DecisionId(Uuid::from_u128(n)),
            kind: "NEVER_LINK".to_owned(),
            left,
            right,
            actor: "ann".to_owned(),
            reason: "namesakes".to_owned(),
            made_at: time(7),
            model: Some("v1.1".to_owned()),
            request: Some(format!("request {n}")),
            undone: None,
            plan: None,
            expires_at: None,
            scope: "RECORDS".to_owned(),
        };
        tx.decision_insert(&decision).await.unwrap();
    }
    for (at, taken) in [(8, 1), (9, 0)] {
        let undone = Undone { at: time(at), by: "ben".to_owned(), reason: "twins".to_owned() };
        let done = tx.decision_undo(DecisionId(Uuid::from_u128(2)), &undone).await.unwrap();
        assert_eq!(done, taken, "taken back once");
    }
    let entry = AuditEntry {
        at: time(8),
        actor: "ann".to_owned(),
        action: "decision.undo",
        target: "x".to_owned(),
        detail: None,
    };
    tx.audit_append_about(&entry, &[customer(1)]).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.decision_list().await.unwrap().len(), 1);
    desk(store, left, right).await;
    models(store).await;
}

/// What stewards leave beside their decisions.
async fn desk(store: &Store, left: RecordId, right: RecordId) {
    let mut tx = store.begin().await.unwrap();
    let plan = PlanRow {
        id: PlanId(Uuid::from_u128(1)),
        kind: "MERGE".to_owned(),
        actor: "ann".to_owned(),
        request: "plan 1".to_owned(),
        fingerprint: "00-11-22-33".to_owned(),
        made_at: time(8),
        undone: None,
    };
    tx.plan_insert(&plan).await.unwrap();
    assert_eq!(tx.plan_undo(plan.id, time(9), "ben").await.unwrap(), 1);
    let pin = PinRow {
        id: PinId(Uuid::from_u128(1)),
        record: left,
        path: "displayName".to_owned(),
        actor: "ann".to_owned(),
        reason: "as they sign".to_owned(),
        request: "pin 1".to_owned(),
        made_at: time(8),
        expires_at: Some(time(9)),
        undone: None,
    };
    tx.pin_insert(&pin).await.unwrap();
    let rules = SurvivorshipRow {
        at: time(8),
        actor: "ann".to_owned(),
        fingerprint: "00-11-22-33".to_owned(),
        rules: "{}".to_owned(),
    };
    tx.survivorship_insert(&rules).await.unwrap();
    let candidate = MatchCandidateId::derive(left, right);
    let stratum = QualityStratum {
        period: "2026-11".to_owned(),
        automatic: "LINK".to_owned(),
        low: 0.95,
        high: 0.999,
        pairs: 7,
        drawn: 0,
        judged: 0,
        same: 0,
        model: "v1.1".to_owned(),
        drawn_at: time(8),
    };
    let (period, automatic) = (stratum.period.clone(), stratum.automatic.clone());
    let sampled = QualityPair { candidate, period, left, right, automatic, low: 0.95 };
    tx.quality_insert(&[stratum], std::slice::from_ref(&sampled)).await.unwrap();
    assert_eq!(tx.quality_judge(&sampled, Same::Yes, "ann", time(9)).await.unwrap(), 1);
    let claim = Claim { candidate, left, right, holder: "ann".to_owned(), until: time(9) };
    assert!(tx.claim_take(&claim, time(8)).await.unwrap());
    let assignment = Assignment {
        candidate,
        left,
        right,
        assignee: "ben".to_owned(),
        assigned_by: "ann".to_owned(),
        assigned_at: time(8),
        due_at: None,
    };
    tx.assignment_write(&assignment).await.unwrap();
    tx.commit().await.unwrap();
}

/// The model that was put in place last is the one that folds, whenever it was trained.
async fn models(store: &Store) {
    let parts = ModelParts { weights: "{}".to_owned(), frequencies: "[0.1]".to_owned() };
    let mut tx = store.begin().await.unwrap();
    for (n, activated_at) in [(1, Some(time(9))), (2, None)] {
        let version = format!("v1.{n}");
        tx.model_insert(&ModelRow { version, trained_at: time(8 + n), records: n, activated_at }, &parts)
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
    assert_eq!(store.model_active().await.unwrap().as_deref(), Some("v1.1"));
    for (version, at) in [("v1.2", 10), ("v1.1", 11)] {
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.model_activate(version, time(at)).await.unwrap(), 1);
        assert_eq!(tx.model_active().await.unwrap().as_deref(), Some(version));
        tx.commit().await.unwrap();
    }
    let listed: Vec<String> = store.model_list().await.unwrap().into_iter().map(|model| model.version).collect();
    assert_eq!(listed, ["v1.2", "v1.1"]);
    assert_eq!(store.model_parts("v1.1").await.unwrap(), Some(parts));
    assert_eq!(store.model_parts("none").await.unwrap(), None);
}

/// What is kept of runs, of deliveries, and of what was put aside for good.
async fn surroundings(store: &Store) {
    let shop = source(store, "shop", "billing").await;
    take(store, &lease(&shop, 2, 7, 60), |_| false).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    tx.hint_write(shop.id, time(60)).await.unwrap();
    tx.hint_postpone(shop.id, time(61), time(99)).await.unwrap();
    let seen = FieldSeen {
        path: "note".to_owned(),
        forms: "text".to_owned(),
        forms_before: Some("number".to_owned()),
        times: 2,
        last_seen: 3,
        samples: vec![RecordId::derive(&shop.key, "customers", "1")],
    };
    for _ in 0..2 {
        let reads = Some("[[\"name\"]]");
        let shape = ShapeSeen { source: shop.id, stream: "customers", looked_at: 3, reads, at: time(60) };
        let before = tx.shape_count(shape).await.unwrap();
        tx.shape_write(shape, before, std::slice::from_ref(&seen)).await.unwrap();
    }
    tx.shape_settle(shop.id, &["customers", "nothing"]).await.unwrap();
    let known = Undone { at: time(61), by: "ann".to_owned(), reason: "they say so".to_owned() };
    assert!(tx.field_acknowledge(shop.id, "customers", "note", &known).await.unwrap());
    assert!(!tx.field_acknowledge(shop.id, "customers", "other", &known).await.unwrap());
    told(&mut tx).await;
    exported(&mut tx).await;
    let pause = PauseRow { source: shop.id, at: time(60), by: "ann".to_owned(), reason: "they move".to_owned() };
    assert!(tx.pause_write(&pause).await.unwrap());
    assert!(!tx.pause_write(&PauseRow { by: "ben".to_owned(), ..pause }).await.unwrap());
    assert_eq!(tx.delivery_note(shop.id, "evt_1", time(61)).await.unwrap(), DeliveryNoted::Now);
    tx.commit().await.unwrap();
    assert_eq!(decide(store, &discard(&shop, 1, cause("MISSING", Some("8")), time(62))).await, 1);
}

/// Somebody is told over HTTP: held, told in vain, moved on.
async fn told(tx: &mut Tx) {
    let (id, holder) = (WebhookId(Uuid::from_u128(9)), Uuid::from_u128(10));
    let row = OutgoingRow {
        id,
        url: "https://hooks.example/".to_owned(),
        document: "subscription { changes { id } }".to_owned(),
        variables: json!({"kinds": ["RECORD_CREATED"]}),
        secret: b"secret".to_vec(),
        subject: "ann".to_owned(),
        departments: vec![DepartmentKey::new("billing").unwrap()],
        roles: vec!["steward".to_owned()],
        created_at: time(60),
        expires_at: time(90),
        state: OutgoingState::Active,
        state_reason: None,
        place: 1,
        failures: 0,
        next_at: time(60),
    };
    tx.outgoing_insert(&row).await.unwrap();
    assert!(tx.outgoing_take(id, holder, time(61), time(70)).await.unwrap());
    assert!(!tx.outgoing_take(id, Uuid::from_u128(11), time(62), time(71)).await.unwrap(), "somebody has it");
    assert!(tx.outgoing_hold(id, holder, time(72)).await.unwrap());
    let delivery = DeliveryRow {
        seq: 2,
        state: DeliveryState::Retrying,
        attempts: 1,
        status: Some(500),
        reason: Some("it was refused".to_owned()),
        first_at: time(62),
        last_at: time(62),
    };
    let moved = OutgoingMove { id, holder, place: 1, failures: 1, next_at: time(67), delivery: Some(delivery) };
    assert!(tx.outgoing_move(&moved).await.unwrap());
    assert!(!tx.outgoing_move(&OutgoingMove { holder: Uuid::from_u128(11), ..moved }).await.unwrap());
    assert_eq!(tx.outgoing_forget(id, time(60)).await.unwrap(), 0);
    let change =
        OutgoingChange { url: Some("https://other.example/".to_owned()), place: Some(0), ..OutgoingChange::default() };
    assert!(tx.outgoing_change(id, &change, time(63)).await.unwrap());
    assert!(!tx.outgoing_end(id, holder, "it is gone").await.unwrap(), "who held it does not any more");
}

/// Something is exported: held, moved on with a part and with whom the log was about.
async fn exported(tx: &mut Tx) {
    let (id, holder) = (ExportId(Uuid::from_u128(12)), Uuid::from_u128(13));
    let row = ExportRow {
        id,
        document: "query($ids: [ID!]!) { nodes(ids: $ids) { id } }".to_owned(),
        variables: json!({"first": 5}),
        format: ExportFormat::Ndjson,
        subject: "ann".to_owned(),
        departments: vec![DepartmentKey::new("billing").unwrap()],
        roles: vec!["steward".to_owned()],
        request: "once".to_owned(),
        created_at: time(80),
        started_at: None,
        ended_at: None,
        expires_at: None,
        state: ExportState::Waiting,
        error: None,
        after: Some(1),
        until: 9,
        place: 1,
        last: None,
        total: None,
        parts: 0,
        rows: 0,
        bytes: 0,
        failures: 0,
        next_at: time(80),
    };
    assert!(tx.export_insert(&row).await.unwrap());
    assert!(!tx.export_insert(&ExportRow { id: ExportId(Uuid::from_u128(14)), ..row.clone() }).await.unwrap());
    assert_eq!(tx.export_of_request("ann", "once").await.unwrap(), Some(row));
    assert!(tx.export_take(id, holder, time(81), time(90)).await.unwrap());
    assert!(!tx.export_take(id, Uuid::from_u128(14), time(82), time(91)).await.unwrap(), "somebody has it");
    let part = ExportPart { rows: 1, content: b"{\"id\":\"x\"}\n".to_vec() };
    let moved = ExportMove {
        id,
        holder,
        until: time(92),
        place: 9,
        found: vec![(customer(1), false), (customer(2), true)],
        last: Some(customer(1)),
        total: Some(2),
        part: Some(part),
    };
    assert!(tx.export_move(&moved).await.unwrap());
    assert!(!tx.export_move(&ExportMove { holder: Uuid::from_u128(14), ..moved }).await.unwrap());
    tx.export_release(id, holder, time(93), 1).await.unwrap();
    let end = ExportEnd { state: ExportState::Failed, error: None, at: time(94), expires_at: time(95) };
    assert!(!tx.export_end(id, Some(holder), &end).await.unwrap(), "who held it does not any more");
    assert_eq!(tx.export_own("ann").await.unwrap(), [ExportState::Running]);
}

#[tokio::test]
async fn the_same_pages_give_the_same_store_on_both_databases() {
    let mut dumps = Vec::new();
    for place in places().await {
        let store = Store::open(&place.url).await.expect("the store opens");
        story(&store).await;
        surroundings(&store).await;
        dumps.push(dump(&store).await);
        store.close().await;
    }
    // Older stores fill the one, privacy requests the others.
    let elsewhere = ["# audit_unchained (0)", "# erased (0)", "# erasure (0)"];
    let empty: Vec<&str> = dumps[0]
        .lines()
        .filter(|line| line.starts_with('#') && line.ends_with("(0)") && !elsewhere.contains(line))
        .collect();
    assert!(empty.is_empty(), "the story leaves tables empty: {empty:?}");
    if let [sqlite, postgres] = dumps.as_slice() {
        for (one, other) in sqlite.lines().zip(postgres.lines()) {
            assert_eq!(one, other);
        }
        assert_eq!(sqlite.lines().count(), postgres.lines().count());
    }
}
