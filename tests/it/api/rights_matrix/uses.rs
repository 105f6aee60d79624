//! The ways in which a field can be used, each tried by one caller against the real API.

use super::super::hub::*;
use super::super::live::{Asker, subscribe};
use super::super::rights_walk::{Graph, governed};
use super::super::story::{mailbox, phone};
use super::lists;
use onefold::app::ExportFormat;
use onefold::auth::Actor;
use onefold::graphql::{EXPORT_PAGE, Told, graph_fields};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The uses that the API has, as the letters of a cell stand.
pub(super) const USES: [&str; 10] = [
    "select",
    "nested",
    "node(id)",
    "filter",
    "order",
    "search",
    "count",
    "provenance",
    "export",
    "mutation payload and error text",
];

/// What was shown of each field by each use, as the leaves of its values.
pub(super) type Seen = BTreeMap<(String, usize), BTreeSet<String>>;

/// What is told of a change, with what it leads to.
const LISTENS: &str = "subscription { changes(from: BEGINNING) { cursor at kind id otherId
    customer { id displayName email phone address { lines } emails { address original } phones { e164 original }
        identifiers { value } tags provenance { path value alternatives { value } }
        invoices { nodes { number total { amount } } } tickets { nodes { number subject } } }
    node { __typename id ... on SourceRecord { externalId raw stream }
        ... on Invoice { number total { amount } } ... on Ticket { number subject } ... on Payment { amount { amount } } } } }";

/// Stands for a use that was refused.
pub(super) const REFUSED: &str = "(refused)";

/// Uses of a field by choosing: the use, the field, and the document, whose answer is something or nothing.
pub(super) fn choices() -> Vec<(usize, String, String)> {
    let own = own_choices().into_iter().map(|(at, path, document)| (at, path.to_owned(), document));
    own.chain(lists::uses().into_iter().flat_map(of_list)).collect()
}

/// What is chosen or ordered by a field of what happened, and counted where it is chosen.
fn of_list(by: lists::Use) -> Vec<(usize, String, String)> {
    let Some(path) = by.path else { return Vec::new() };
    let list = lists::LISTS.iter().find(|(of, _)| *of == by.of).map_or("", |(_, list)| *list);
    let ask = |what: &str| format!("{{ {list}({}) {{ {what} }} }}", by.asked);
    if by.asked.starts_with("orderBy") {
        return vec![(4, path, ask("nodes { id }"))];
    }
    vec![(3, path.clone(), ask("nodes { id }")), (6, path, ask("totalCount"))]
}

fn own_choices() -> Vec<(usize, &'static str, String)> {
    let filter = |filter: &str, what: &str| format!("{{ customers(filter: {{{filter}}}) {{ {what} }} }}");
    let mut out = Vec::new();
    for (path, by) in [
        ("Customer.displayName", "nameStartsWith: \"robert\"".to_owned()),
        ("Customer.emails", format!("email: {:?}", mailbox(0))),
        ("Customer.phones", format!("phone: {:?}", phone(0))),
        ("Customer.addresses", "country: \"at\"".to_owned()),
        ("Customer.tags", "tag: \"reader\"".to_owned()),
        ("Customer.identifiers", "identifier: \"K-0000\"".to_owned()),
        ("Customer.displayName", "displayName: {isNull: false}".to_owned()),
        ("Customer.givenName", "givenName: {isNull: false}".to_owned()),
        ("Customer.middleName", "middleName: {isNull: false}".to_owned()),
        ("Customer.familyName", "familyName: {isNull: false}".to_owned()),
        ("Customer.namePrefix", "namePrefix: {isNull: false}".to_owned()),
        ("Customer.nameSuffix", "nameSuffix: {isNull: false}".to_owned()),
        ("Customer.nickname", "nickname: {isNull: false}".to_owned()),
        ("Customer.legalName", "legalName: {isNull: false}".to_owned()),
        ("Customer.company", "company: {isNull: false}".to_owned()),
        ("Customer.jobTitle", "jobTitle: {isNull: false}".to_owned()),
        ("Customer.language", "language: {isNull: false}".to_owned()),
        ("Customer.timeZone", "timeZone: {isNull: false}".to_owned()),
        ("Customer.birthDate", "birthDate: {isNull: false}".to_owned()),
        ("Customer.tradeNames", "tradeNames: {isNull: false}".to_owned()),
        ("Customer.domains", "domains: {isNull: false}".to_owned()),
        ("Customer.sourceRecords", "source: \"stripe\"".to_owned()),
        ("Customer.sourceRecords", "department: \"billing\"".to_owned()),
    ] {
        out.push((3, path, filter(&by, "nodes { id }")));
        out.push((6, path, filter(&by, "totalCount")));
    }
    out.push((3, "Quarantine.code", "{ quarantine(code: \"NOT_A_DATE\") { nodes { id } } }".to_owned()));
    out.push((6, "Quarantine.code", "{ quarantine(code: \"NOT_A_DATE\") { totalCount } }".to_owned()));
    let by_key = "{ customerBySource(source: \"stripe\", externalId: \"i0\") { id } }";
    out.push((3, "SourceRecord.externalId", by_key.to_owned()));
    for (path, field) in [
        ("Customer.addresses", "COUNTRY"),
        ("Customer.addresses", "REGION"),
        ("Customer.sourceRecords", "DEPARTMENT"),
        ("Customer.sourceRecords", "SOURCE"),
        ("Customer.tags", "TAG"),
    ] {
        out.push((6, path, format!("{{ customerFacets(fields: [{field}]) {{ values {{ value count }} }} }}")));
    }
    for (path, of) in [
        ("Account.balance", "ACCOUNT_BALANCE"),
        ("Invoice.total", "INVOICE_TOTAL"),
        ("Payment.amount", "PAYMENT_AMOUNT"),
        ("Subscription.recurring", "SUBSCRIPTION_RECURRING"),
    ] {
        out.push((6, path, format!("{{ amountSums(of: {of}) {{ count sum {{ amount currency }} }} }}")));
    }
    for order in ["NAME_ASC", "NAME_DESC"] {
        out.push((4, "Customer.displayName", format!("{{ customers(orderBy: {order}) {{ nodes {{ id }} }} }}")));
    }
    for (path, text) in SEARCHED {
        out.push((5, path, format!("{{ search(text: {text:?}) {{ customer {{ id }} }} }}")));
    }
    out
}

/// What search finds by.
pub(super) const SEARCHED: &[(&str, &str)] = &[
    ("Account.number", "ACC-0000"),
    ("Customer.company", "Works"),
    ("Customer.displayName", "Robert Kovac"),
    ("Customer.emails", "robert.0@example.com"),
    ("Customer.phones", "+436601234500"),
    ("Invoice.number", "INV-0000"),
    ("Ticket.number", "T-0000"),
];

/// Documents of which only the errors and payloads matter: what is wrong in them is answered, and nothing is told.
pub(super) const FAILING: &[&str] = &[
    "{ node(id: \"garbage\") { id } }",
    "{ nodes(ids: [\"rec_1\"]) { id } }",
    "{ customers(first: 1000) { nodes { id } } }",
    "{ customers(after: \"garbage\") { nodes { id } } }",
    "{ search(text: \"?\") { score } }",
    "{ customers(filter: {phone: \"1\"}) { nodes { id } } }",
    "{ customer(id: \"garbage\") { displayName emial } }",
    "{ viewer { subject departments roles } }",
    "{ policyStatus { generation refused } }",
    "{ viewAs(departments: [\"billing\"]) { fields { path verdict mask } actions { action allowed } } }",
    "{ explainAccess(departments: [\"billing\"], paths: [\"Invoice.total\"]) { path verdict change policies { id } } }",
    "mutation { syncStart(input: {source: \"stripe\"}) { run { id error } userErrors { code message } } }",
    "mutation { syncTrial(input: {source: \"zendesk\", keys: [\"x\"]}) { trial { fingerprint records { externalId before after record { externalId } matches { customer { displayName } } } refused { externalId } } run { error } userErrors { code message } } }",
    "mutation { webhookCreate(input: {url: \"https://hooks.example/\", document: \"subscription { changes { id customer { displayName } } }\"}) { webhook { id url createdBy } secret userErrors { code message } } }",
    "{ webhooks { id url document variables createdBy state stateReason deliveries { cursor state reason } } }",
    "mutation { webhookUpdate(input: {id: \"garbage\", state: PAUSED}) { webhook { id url } secret userErrors { code message } } }",
    "mutation { webhookReplay(input: {id: \"garbage\", after: \"garbage\"}) { webhook { id url } userErrors { code message } } }",
    "mutation { exportStart(input: {selection: \"id displayName\", idempotencyKey: \"x\"}) { export { id state document createdBy error } userErrors { code message } } }",
    "mutation { exportStart(input: {selection: \"id displayNam\", idempotencyKey: \"y\"}) { export { id } userErrors { code message } } }",
    "mutation { exportCancel(input: {id: \"garbage\"}) { export { id document } userErrors { code message } } }",
    "mutation { exportDelete(input: {id: \"garbage\"}) { deletedId userErrors { code message } } }",
    "{ exports { nodes { id state document createdBy rows error } totalCount } }",
    "mutation { webhookDelete(input: {id: \"garbage\"}) { deletedId userErrors { code message } } }",
    "mutation { sourcePause(input: {source: \"zendesk\", reason: \"x\"}) { source { key title control { state pausedBy pauseReason } } userErrors { code message } } }",
    "mutation { sourceResume(input: {source: \"zendesk\"}) { source { key title control { state } } userErrors { code message } } }",
    "{ sources { key drift(show: ALL) { stream path kind forms count samples acknowledgedReason } } }",
    "mutation { driftAcknowledge(input: {source: \"zendesk\", stream: \"tickets\", path: \"x\", reason: \"x\"}) { field { path samples } userErrors { code message } } }",
    "{ replayPreview(source: \"zendesk\") { preview { fingerprint fields { field records } sample { record { id externalId } before after } } userErrors { code message } } }",
    "mutation { replayApply(input: {source: \"zendesk\", fingerprint: \"x\"}) { run { id error } preview { sample { before after } } userErrors { code message } } }",
    "mutation { syncCancel(input: {run: \"garbage\"}) { run { id error } userErrors { code message } } }",
    "mutation { quarantineRetry(input: {source: \"zendesk\"}) { resolved userErrors { code message } } }",
    "{ quarantineGroups { nodes { stream code path payloads deliveries example { externalId raw } } totalCount } }",
    "{ quarantineDiscards { nodes { id stream code path payloads by reason } } }",
    "{ dataMap { type field source { key } records filled fillRate lastArrivalAt wins conflicts } }",
    "mutation { quarantineDiscard(input: {source: \"zendesk\", cause: {stream: \"invoices\", code: \"NO\"}, upTo: \"2026-01-01T00:00:00Z\", reason: \"x\", idempotencyKey: \"x\"}) { discard { id reason } userErrors { code message } } }",
    "mutation { quarantineDiscardUndo(input: {id: \"garbage\", reason: \"x\"}) { discard { id } userErrors { code message } } }",
    "{ apiKeys(source: \"stripe\") { id name state source { key } } }",
    "{ auditEntries(first: 50, filter: {action: \"customer.read\"}) { nodes { number actor action target kinds customers detail } totalCount } }",
    "{ decisions(first: 50) { nodes { id kind by reason leftRecord { id externalId } rightRecord { id } } totalCount } }",
    "mutation { matchDecide(input: {leftRecord: \"garbage\", rightRecord: \"garbage\", decision: LINK, idempotencyKey: \"x\"}) { decision { id } left { id } right { id } userErrors { code message } } }",
    "mutation { decisionUndo(input: {id: \"garbage\", reason: \"x\"}) { decision { id reason } userErrors { code message } } }",
    "mutation { mergeApply(input: {merge: {customers: []}, fingerprint: \"x\", idempotencyKey: \"x\"}) { plan { id decisions { reason } customers { id } } moved { values { after } } userErrors { code message } } }",
    "mutation { splitApply(input: {split: {customer: \"garbage\", groups: []}, fingerprint: \"x\", reason: \"x\", idempotencyKey: \"x\"}) { plan { id } userErrors { code message } } }",
    "mutation { decideManyApply(input: {decide: {decision: LINK}, fingerprint: \"x\", reason: \"x\", idempotencyKey: \"x\"}) { plan { id } userErrors { code message } } }",
    "mutation { planUndo(input: {id: \"garbage\", reason: \"x\"}) { plan { id } userErrors { code message } } }",
    "mutation { candidateClaim(input: {}) { candidate { id sentence evidence { left right } left { id } } until userErrors { code message } } }",
    "mutation { candidateRelease(input: {id: \"garbage\"}) { released userErrors { code message } } }",
    "mutation { candidateAssign(input: {ids: [], assignee: \"ben\"}) { candidates { id sentence } userErrors { code message } } }",
    "mutation { valuePin(input: {record: \"garbage\", path: \"email\", reason: \"x\", idempotencyKey: \"x\"}) { pin { id } customer { id email } userErrors { code message } } }",
    "mutation { valueUnpin(input: {id: \"garbage\", reason: \"x\"}) { pin { id } userErrors { code message } } }",
    "{ plans(first: 50) { nodes { id kind decisions { reason } customers { id } } totalCount } }",
    "{ decideManyPreview(input: {decision: NEVER_LINK}) { preview { pairCount fingerprint proved evidence { decisionCount agreeingCount mostWrong missingCount } sample { id sentence evidence { left right } } } userErrors { code message } } }",
    "mutation { matchQualityDraw { drawn userErrors { code message } } }",
    "mutation { blindReviewNext { pair { id leftRecord { externalId } rightRecord { externalId } lines { attribute left right } } userErrors { code message } } }",
    "mutation { blindReviewJudge(input: {id: \"garbage\", same: true, reason: \"x\", idempotencyKey: \"x\"}) { noted userErrors { code message } } }",
    "{ matchQuality { period strata { pairCount judgedCount } precision { value } recall { value } } }",
    "{ matchThresholdProposal { autoMerge proposed decisionCount right { low } plan { merges } } }",
    "{ matchModels { version records inPlace } }",
    "{ matchModelPlan(version: \"none\", examples: 3) { fingerprint merges splits } }",
    "mutation { matchModelTrain { model { version records } userErrors { code message } } }",
    "mutation { matchModelActivate(input: {version: \"none\", fingerprint: \"x\"}) { plan { merges } userErrors { code message } } }",
    "{ survivorshipPreview(sample: 5) { fingerprint customerCount fields { path customerCount } sample { customer path before after } } }",
    "mutation { survivorshipApply(input: {fingerprint: \"x\"}) { plan { sample { before after } } userErrors { code message } } }",
    "mutation { apiKeyCreate(input: {source: \"stripe\", name: \"till\"}) { apiKey { id name } userErrors { code message } } }",
    "mutation { apiKeyRevoke(input: {id: \"garbage\"}) { apiKey { id } userErrors { code message } } }",
    "mutation { privacyErase(input: {email: \"robert.0@example.com\"}) { fingerprint sources { source records } userErrors { code message } } }",
    "mutation { recordsIngest(input: {source: \"stripe\", records: [{kind: INVOICE, stream: \"invoices\", externalId: \"i0\", data: {total: \"x\"}}]}) { results { id error { code message } } userErrors { code message } } }",
];

/// Tells everything that is known of a person. The right to it is an action, and not one of fields.
const EXPORT: &str =
    "mutation { privacyExport(input: {email: \"robert.0@example.com\"}) { document userErrors { code message } } }";

/// A caller and everything that they were answered.
pub(super) struct Walk<'a> {
    pub(super) hub: &'a Hub,
    pub(super) who: Actor,
    pub(super) graph: &'a Graph,
    pub(super) nodes: &'a [(&'static str, String)],
    pub(super) seen: Seen,
    pub(super) answers: Vec<(String, Value)>,
}

impl Walk<'_> {
    /// Selections, by every way to every field.
    pub(super) async fn read(&mut self) {
        for of in graph_fields().types() {
            let wanted: BTreeSet<String> = graph_fields().fields(of).map(str::to_owned).collect();
            for (at, documents) in self.selections(of, &wanted).into_iter().enumerate() {
                for document in documents {
                    let answer = self.ask(&document).await;
                    assert_eq!(answer.get("errors"), None, "{document}");
                    self.hits(of, at, &answer["data"]);
                }
            }
        }
        self.export().await;
        self.explanations().await;
        let document = format!(
            "{{ customer(id: {:?}) {{ provenance {{ path value alternatives {{ value }} }} }} }}",
            self.nodes[0].1
        );
        let answer = self.ask(&document).await;
        for field in answer["data"]["customer"]["provenance"].as_array().into_iter().flatten() {
            let path = format!("Customer.{}", field["path"].as_str().unwrap());
            let lost = field["alternatives"].as_array().unwrap().iter().map(|lost| &lost["value"]);
            for value in lost.chain([&field["value"]]) {
                leaves(value, self.seen.entry((path.clone(), 7)).or_default());
            }
        }
        for (at, path, document) in choices() {
            let answer = self.ask(&document).await;
            let shown = match answer["errors"][0]["extensions"]["code"].as_str() {
                Some("FIELD_FORBIDDEN") => REFUSED.to_owned(),
                Some(code) => panic!("{document}: {code}"),
                None => chosen(&answer["data"]).to_string(),
            };
            self.seen.entry((path, at)).or_default().insert(shown);
        }
    }

    /// Exports of everybody, with the fields of each type that stand near a customer.
    async fn export(&mut self) {
        let near = Graph::within(2);
        for of in graph_fields().types() {
            let wanted: BTreeSet<String> = graph_fields().fields(of).map(str::to_owned).collect();
            let inner = |kind| near.paths(kind, of, &wanted, &[]);
            let (person, organisation) = (inner("Person"), inner("Organization"));
            if person.is_empty() || organisation.is_empty() {
                continue;
            }
            let document = format!(
                "query($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on Person {{ id {person} }} ... on Organization {{ id {organisation} }} }} }}"
            );
            for line in self.exported(&document).await {
                self.answers.push((document.clone(), line.clone()));
                self.hits(of, 8, &line);
            }
        }
    }

    async fn exported(&self, document: &str) -> Vec<Value> {
        let session = self.hub.app.session(self.who.clone());
        let (schema, format) = (&self.hub.schema, ExportFormat::Ndjson);
        let shape = schema.export_shape(&session, document, Map::new(), format, false);
        let shape = shape.unwrap_or_else(|error| panic!("{document}: {}", error.message));
        let next = session.export_everybody(None, EXPORT_PAGE).await.unwrap();
        assert!(!next.has_more);
        let page = schema.export_page(&session, &shape, &next.lines).await.unwrap();
        page.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Explanations of two records and of a customer: what is told in them is judged with all other answers.
    async fn explanations(&mut self) {
        let records = ["stripe", "zendesk"].map(|source| record_id(source, "customers", "c0").to_string());
        for document in explanations(&records, &self.nodes[0].1).into_iter().chain(self.plans()) {
            self.ask(&document).await;
        }
    }

    /// What merging and splitting the people of the nodes would do, what is held fast of one, and who one was.
    fn plans(&self) -> [String; 4] {
        let (person, record) = (&self.nodes[0].1, record_id("stripe", "customers", "c0").to_string());
        let other = self.nodes.iter().find(|(kind, _)| *kind == "Organization").map_or(person, |(_, id)| id);
        let told = "preview { fingerprint before { id recordCount records { id externalId } } after { id recordCount }
            values { path before { value } after } consents { purpose channel before { status } after } ids { id into } takesBack { reason } }
            userErrors { code message }";
        [
            format!("{{ mergePreview(input: {{customers: [{person:?}, {other:?}]}}) {{ {told} }} }}"),
            format!("{{ splitPreview(input: {{customer: {person:?}, groups: [[{record:?}]]}}) {{ {told} }} }}"),
            format!(
                "{{ customer(id: {person:?}, asOf: \"2999-01-01T00:00:00Z\") {{ id displayName email phone tags language timeZone
                 address {{ lines postalCode }} emails {{ address original }} phones {{ e164 original }} addresses {{ lines }} identifiers {{ value }}
                 provenance {{ path value rule alternatives {{ value }} }} ... on Person {{ givenName familyName birthDate company jobTitle }}
                 sourceRecords {{ nodes {{ id externalId stream contentHash raw }} }} }} }}"
            ),
            format!("{{ valuePins(customer: {person:?}) {{ id path reason sourceRecord {{ externalId }} }} }}"),
        ]
    }

    /// What is told as it happens: every entry of the log that this caller is shown, with what it leads to.
    pub(super) async fn listen(&mut self) {
        let log = self.hub.app.store().change_list(0, 10_000).await.unwrap();
        let mut shown = 0;
        for row in &log {
            let document = format!("{{ node(id: {:?}) {{ id }} }}", row.node.to_string());
            shown += usize::from(!self.hub.data(&self.who, &document, json!({})).await["node"].is_null());
        }
        let mut live = subscribe(self.hub, &Asker::new(self.hub, &self.who), LISTENS, json!({}));
        let mut told = 0;
        while told < shown {
            let Some(Told::Answer(response, _)) = live.next().await else { panic!("it is told on") };
            self.answers.push((LISTENS.to_owned(), serde_json::to_value(&response).unwrap()));
            told += 1;
        }
        if shown == 0 && !self.hub.app.session(self.who.clone()).change_readable() {
            assert!(matches!(live.next().await, Some(Told::Refused(_))), "nobody listens to nothing");
        }
    }

    /// Errors and the payloads of mutations. After everything was read: a payload that does not fit is kept.
    pub(super) async fn fail(&mut self) {
        for document in FAILING {
            self.ask(document).await;
        }
        if self.who.roles().iter().all(|role| role != "privacy") {
            let answer = self.ask(EXPORT).await;
            let payload = &answer["data"]["privacyExport"];
            assert_eq!((&payload["document"], payload["userErrors"].as_array().map(Vec::len)), (&Value::Null, Some(1)));
        }
    }

    pub(super) async fn ask(&mut self, document: &str) -> Value {
        let answer = self.hub.ask(&self.who, document, json!({})).await;
        self.answers.push((document.to_owned(), answer.clone()));
        answer
    }

    /// Documents that select the fields where they stand, through other objects, and by the ids of their objects.
    fn selections(&self, of: &str, wanted: &BTreeSet<String>) -> [Vec<String>; 3] {
        let (mut direct, mut nested, mut by_id) = (Vec::new(), Vec::new(), Vec::new());
        let person = &self.nodes[0].1;
        // What these objects lead to is walked from their ids.
        let own = lists::LISTS.into_iter().filter(|(own, _)| *own == of);
        let own = own.map(|(own, list)| (format!("{list}(first: 3)"), own, true));
        for (call, within, is_list) in [
            (format!("customer(id: {person:?})"), "Customer", false),
            ("customers(first: 3, orderBy: UPDATED_DESC)".to_owned(), "Customer", true),
            ("customerBySource(source: \"zendesk\", externalId: \"c0\")".to_owned(), "Customer", false),
            (format!("search(text: {:?})", mailbox(0)), "SearchHit", false),
            ("sources".to_owned(), "Source", false),
            ("syncRuns".to_owned(), "SyncRun", true),
            ("quarantine".to_owned(), "Quarantine", true),
            ("quarantineGroups".to_owned(), "QuarantineGroup", true),
            ("matchCandidates".to_owned(), "MatchCandidate", true),
            ("matchCandidateGroups".to_owned(), "MatchCandidateGroup", true),
        ]
        .into_iter()
        .chain(own)
        {
            let inner = self.graph.paths(within, of, wanted, &[]);
            if !inner.is_empty() {
                let inner = if is_list { format!("nodes {{ {inner}}}") } else { inner };
                let list = if governed(within) == of { &mut direct } else { &mut nested };
                list.push(format!("{{ {call} {{ {inner} }} }}"));
            }
        }
        for (kind, id) in self.nodes {
            let inner = self.graph.paths(kind, of, wanted, &[]);
            if inner.is_empty() {
                continue;
            }
            let node = format!("{{ node(id: {id:?}) {{ ... on {kind} {{ {inner} }} }} }}");
            if governed(kind) == of {
                by_id.extend([node, format!("{{ nodes(ids: [{id:?}]) {{ ... on {kind} {{ {inner} }} }} }}")]);
            } else {
                nested.push(node);
            }
        }
        [direct, nested, by_id]
    }

    /// What an answer shows under names that begin with `hit_`. A list that is counted is a use of its own.
    fn hits(&mut self, of: &str, at: usize, answer: &Value) {
        match answer {
            Value::Array(items) => items.iter().for_each(|item| self.hits(of, at, item)),
            Value::Object(object) => {
                for (key, value) in object {
                    let Some(field) = key.strip_prefix("hit_") else {
                        self.hits(of, at, value);
                        continue;
                    };
                    let path = format!("{of}.{field}");
                    if let Some(count) = value.get("totalCount").filter(|count| !count.is_null()) {
                        self.seen.entry((path.clone(), 6)).or_default().insert(count.to_string());
                    }
                    leaves(value, self.seen.entry((path, at)).or_default());
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
}

/// Why two records are one customer, and how a customer was formed. Without the sentence, which is made of the program's own
/// words: `telephone` is one of them, and a value of the story too.
fn explanations([one, other]: &[String; 2], customer: &str) -> [String; 2] {
    let pair = "leftRecord { id externalId } evidence { attribute left right level weight rarity } withheld weight
        foundBy wouldLink { better { attribute level } } decisions { id reason }";
    [
        format!("{{ explainMatch(a: {one:?}, b: {other:?}) {{ {pair} }} }}"),
        format!(
            "{{ explainCustomer(id: {customer:?}) {{ records {{ id externalId }} steps {{ recordCount pair {{ {pair} }} }}
             weakestBridge {{ leftGroup {{ id }} pair {{ {pair} }} }} }} }}"
        ),
    ]
}

/// Whether a choice found anything.
fn chosen(data: &Value) -> bool {
    match data {
        Value::Null => false,
        Value::Array(items) => items.iter().any(chosen),
        Value::Object(object) => object.values().any(chosen),
        Value::Number(count) => count.as_i64() != Some(0),
        Value::Bool(_) | Value::String(_) => true,
    }
}

/// Every text, number and truth value within.
fn leaves(value: &Value, out: &mut BTreeSet<String>) {
    match value {
        Value::Null => {}
        Value::Array(items) => items.iter().for_each(|item| leaves(item, out)),
        Value::Object(object) => object.values().for_each(|item| leaves(item, out)),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            out.insert(value.to_string());
        }
    }
}
