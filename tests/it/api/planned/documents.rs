//! Documents within the planner's reach, generated from the schema: every type of activity with every field of it that is one
//! value, every way of asking for a page, and the ways in which a document can be written.

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{BaseType, TypeKind, TypeSystemDefinition};
use onefold::graphql::sdl;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What there is to ask for.
pub(super) struct Known {
    pub(super) customers: Vec<String>,
    pub(super) cursors: Vec<String>,
}

const LISTS: [(&str, &str); 9] = [
    ("accounts", "Account"),
    ("subscriptions", "Subscription"),
    ("invoices", "Invoice"),
    ("payments", "Payment"),
    ("tickets", "Ticket"),
    ("interactions", "Interaction"),
    ("feedback", "Feedback"),
    ("campaignTouches", "CampaignTouch"),
    ("consents", "Consent"),
];
const MONEY: [&str; 4] = ["amount", "currency", "minorUnits", "__typename"];
const RESTRICTION: [&str; 5] = ["path", "kind", "reason", "policy", "__typename"];
const ADDRESS: [&str; 7] = ["lines", "locality", "region", "postalCode", "country", "purpose", "__typename"];
const EMAIL: [&str; 4] = ["address", "original", "primary", "__typename"];
const PHONE: [&str; 4] = ["e164", "original", "primary", "__typename"];
const PAGE_INFO: [&str; 4] = ["hasNextPage", "hasPreviousPage", "startCursor", "endCursor"];

/// The fields of a type that are one value, or one of the few objects that are known; those by name.
fn fields() -> BTreeMap<String, Vec<(String, &'static [&'static str])>> {
    let mut scalars: Vec<String> = ["ID", "Int", "Float", "String", "Boolean"].map(str::to_owned).into();
    let definitions = parse_schema(sdl()).unwrap().definitions;
    for definition in &definitions {
        let TypeSystemDefinition::Type(definition) = definition else { continue };
        if matches!(definition.node.kind, TypeKind::Scalar | TypeKind::Enum(_)) {
            scalars.push(definition.node.name.node.to_string());
        }
    }
    let mut types = BTreeMap::new();
    for definition in definitions {
        let TypeSystemDefinition::Type(definition) = definition else { continue };
        let TypeKind::Object(object) = &definition.node.kind else { continue };
        let mut known: Vec<(String, &'static [&'static str])> = vec![("__typename".to_owned(), &[])];
        for field in &object.fields {
            let (mut base, name) = (&field.node.ty.node.base, field.node.name.node.to_string());
            while let BaseType::List(inner) = base {
                base = &inner.base;
            }
            let BaseType::Named(of) = base else { continue };
            let below: &[&str] = match of.as_str() {
                "Money" => &MONEY,
                "Restriction" => &RESTRICTION,
                "PostalAddress" if name == "address" => &ADDRESS,
                "EmailAddress" => &EMAIL,
                "PhoneNumber" => &PHONE,
                // Who else it was is not among what is planned.
                of if scalars.iter().any(|scalar| scalar == of) && name != "alternateIds" => &[],
                _ => continue,
            };
            known.push((name, below));
        }
        types.insert(definition.node.name.node.to_string(), known);
    }
    types
}

/// A document for each field.
pub(super) fn one_by_one(customer: &str) -> Vec<String> {
    let types = fields();
    let below = |below: &[&str]| if below.is_empty() { String::new() } else { format!(" {{ {} }}", below.join(" ")) };
    let mut documents = Vec::new();
    let mut ask = |inner: String| documents.push(format!("{{ customer(id: \"{customer}\") {{ {inner} }} }}"));
    for kind in ["Person", "Organization"] {
        for (field, parts) in &types[kind] {
            ask(format!("... on {kind} {{ {field}{} }}", below(parts)));
        }
    }
    for (list, kind) in LISTS {
        for (field, parts) in &types[kind] {
            ask(format!("{list} {{ nodes {{ {field}{} }} }}", below(parts)));
        }
    }
    documents
}

/// One document after the other, the same for the same seed.
pub(super) struct Documents<'a> {
    known: &'a Known,
    types: BTreeMap<String, Vec<(String, &'static [&'static str])>>,
    state: u64,
    names: usize,
    variables: Map<String, Value>,
    declared: Vec<String>,
    fragments: Vec<String>,
}

impl<'a> Documents<'a> {
    pub(super) fn new(seed: u64, known: &'a Known) -> Self {
        Self {
            known,
            types: fields(),
            state: seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) + 1,
            names: 0,
            variables: Map::new(),
            declared: Vec::new(),
            fragments: Vec::new(),
        }
    }

    /// A document and its variables.
    pub(super) fn next(&mut self) -> (String, Value) {
        (self.names, self.variables, self.declared, self.fragments) = Default::default();
        let roots: Vec<String> = (0..=self.below(2)).map(|at| self.root(at)).collect();
        let head = match (self.declared.is_empty(), self.below(2)) {
            (true, 0) => String::new(),
            (true, _) => "query Q ".to_owned(),
            (false, _) => format!("query Q({}) ", self.declared.join(", ")),
        };
        let document = format!("{head}{{ {} }} {}", roots.join(" "), self.fragments.join(" "));
        (document, Value::Object(std::mem::take(&mut self.variables)))
    }

    /// SplitMix64.
    fn below(&mut self, end: usize) -> usize {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((z ^ (z >> 31)) % end as u64).unwrap()
    }

    fn one_in(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }

    /// A value as it is written, or a variable that has it.
    fn value(&mut self, ty: &str, value: &Value, written: String) -> String {
        if !self.one_in(3) {
            return written;
        }
        self.names += 1;
        let name = format!("v{}", self.names);
        // Some have a default beside them, some are that default.
        if !ty.ends_with('!') && self.one_in(3) {
            self.declared.push(format!("${name}: {ty} = {written}"));
        } else {
            self.declared.push(format!("${name}: {ty}"));
            self.variables.insert(name.clone(), value.clone());
        }
        format!("${name}")
    }

    fn text(&mut self, ty: &str, text: &str) -> String {
        self.value(ty, &json!(text), json!(text).to_string())
    }

    fn number(&mut self, number: usize) -> String {
        self.value("Int", &json!(number), number.to_string())
    }

    fn root(&mut self, at: usize) -> String {
        let alias = format!("r{at}: ");
        if self.one_in(12) {
            return format!("{alias}__typename");
        }
        // One list at most: of two that are refused, the executor tells whichever comes first.
        if at > 0 || self.one_in(2) {
            let known = self.known;
            let id = self.pick(&known.customers);
            let id = self.text("ID!", &id);
            return format!("{alias}customer(id: {id}) {{ {} }}", self.customer(2));
        }
        let args = self.page();
        let parts = self.connection(&mut |own| own.customer(1));
        format!("{alias}customers{args} {{ {parts} }}")
    }

    fn page(&mut self) -> String {
        let mut args = Vec::new();
        if self.one_in(2) {
            let (written, value) = self.pick(&[
                ("{kind: PERSON}", json!({"kind": "PERSON"})),
                ("{kind: ORGANIZATION}", json!({"kind": "ORGANIZATION"})),
                ("{nameStartsWith: \"RO\"}", json!({"nameStartsWith": "RO"})),
                ("{email: \"Robert.0@example.com\"}", json!({"email": "Robert.0@example.com"})),
                ("{phone: \"+43 660 12345 01\"}", json!({"phone": "+43 660 12345 01"})),
                ("{phone: \"12\"}", json!({"phone": "12"})),
                ("{department: \"support\"}", json!({"department": "support"})),
                ("{source: \"mailchimp\", kind: null}", json!({"source": "mailchimp", "kind": null})),
                ("{updatedSince: \"2020-01-01T00:00:00Z\"}", json!({"updatedSince": "2020-01-01T00:00:00Z"})),
                ("{minRecords: 2, kind: PERSON}", json!({"minRecords": 2, "kind": "PERSON"})),
                ("null", Value::Null),
            ]);
            let filter = self.value("CustomerFilterInput", &value, written.to_owned());
            args.push(format!("filter: {filter}"));
        }
        if self.one_in(2) {
            let orders = ["NAME_ASC", "NAME_DESC", "UPDATED_DESC", "UPDATED_ASC", "CREATED_DESC", "CREATED_ASC"];
            let order = self.pick(&orders);
            let order = self.value("CustomerOrderInput", &json!(order), order.to_owned());
            args.push(format!("orderBy: {order}"));
        }
        let (count, cursor) = if self.one_in(4) { ("last", "before") } else { ("first", "after") };
        if count == "last" || !self.one_in(4) {
            let number = self.below(7);
            let number = self.number(number);
            args.push(format!("{count}: {number}"));
        }
        if self.one_in(5) {
            let known = self.known;
            let text = self.pick(&known.cursors);
            let text = self.text("String", &text);
            args.push(format!("{cursor}: {text}"));
        }
        if args.is_empty() { String::new() } else { format!("({})", args.join(", ")) }
    }

    fn connection(&mut self, node: &mut dyn FnMut(&mut Self) -> String) -> String {
        let mut parts = Vec::new();
        if self.one_in(2) {
            parts.push("totalCount".to_owned());
        }
        if self.one_in(2) {
            parts.push(format!("pageInfo {{ {} }}", self.some(&PAGE_INFO)));
        }
        if !self.one_in(4) {
            parts.push(format!("nodes {{ {} }}", node(self)));
        }
        if parts.is_empty() || self.one_in(4) {
            let cursor = if self.one_in(2) { "cursor " } else { "" };
            parts.push(format!("edges {{ {cursor}node {{ {} }} }}", node(self)));
        }
        parts.join(" ")
    }

    /// A few of these, in any order, now and then under another name, twice, or under a condition.
    fn some(&mut self, from: &[&str]) -> String {
        let mut chosen = Vec::new();
        for _ in 0..=self.below(from.len()) {
            let field = self.pick(from);
            let field = self.named(field);
            chosen.push(field);
        }
        chosen.join(" ")
    }

    fn named(&mut self, field: &str) -> String {
        self.names += 1;
        match self.below(8) {
            0 => format!("n{}: {field}", self.names),
            1 => format!("n{}: {field} @include(if: true)", self.names),
            2 => format!("{field} {field}"),
            _ => field.to_owned(),
        }
    }

    /// What is asked of an object by the fields of its type, at least one of them.
    fn object(&mut self, kind: &str, most: usize) -> String {
        let known = self.types[kind].clone();
        let mut chosen = Vec::new();
        for _ in 0..=self.below(most) {
            let (field, below) = self.pick(&known);
            if below.is_empty() {
                let field = self.named(&field);
                chosen.push(field);
            } else {
                self.names += 1;
                let (name, inner) = (self.names, self.some(below));
                chosen.push(format!("n{name}: {field} {{ {inner} }}"));
            }
        }
        chosen.join(" ")
    }

    fn customer(&mut self, lists: usize) -> String {
        let mut parts = Vec::new();
        let shared = ["id", "version", "displayName", "email", "phone", "changedAt", "recordCount", "createdAt"];
        let scalars = self.some(&shared);
        parts.push(scalars);
        let more = ["redirectedFrom", "language", "timeZone", "tags", "__typename"];
        if self.one_in(2) {
            let scalars = self.some(&more);
            parts.push(scalars);
        }
        for (field, below) in
            [("address", &ADDRESS[..]), ("emails", &EMAIL), ("phones", &PHONE), ("restrictions", &RESTRICTION)]
        {
            if self.one_in(4) {
                parts.push(format!("{field} {{ {} }}", self.some(below)));
            }
        }
        for _ in 0..self.below(lists + 2) {
            let list = self.list();
            parts.push(list);
        }
        self.names += 1;
        let name = self.names;
        match self.below(4) {
            0 => {
                // Under names that stand nowhere else, because what stands in a fragment is not merged.
                let person = self.aliased("Person");
                let organization = self.aliased("Organization");
                parts.push(format!("... on Person {{ {person} }} ... on Organization {{ {organization} }}"));
            }
            1 => {
                let list = self.list();
                self.fragments.push(format!("fragment F{name} on Customer {{ {list} }}"));
                parts.insert(0, format!("...F{name}"));
            }
            _ => {}
        }
        parts.join(" ")
    }

    fn aliased(&mut self, kind: &str) -> String {
        let known = self.types[kind].clone();
        let mut chosen = Vec::new();
        for _ in 0..=self.below(4) {
            let (field, below) = self.pick(&known);
            self.names += 1;
            let below = if below.is_empty() { String::new() } else { format!(" {{ {} }}", self.some(below)) };
            chosen.push(format!("f{}: {field}{below}", self.names));
        }
        chosen.join(" ")
    }

    fn list(&mut self) -> String {
        let (list, kind) = self.pick(&LISTS);
        let size = if self.one_in(3) {
            String::new()
        } else {
            let number = self.below(4);
            format!("(first: {})", self.number(number))
        };
        self.names += 1;
        let name = self.names;
        let parts = self.connection(&mut |own| own.object(kind, 6));
        format!("l{name}: {list}{size} {{ {parts} }}")
    }
}
