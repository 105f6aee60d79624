//! The lists of what happened, as the matrix walks them: each field that such a list is chosen or ordered by takes the right to
//! that field. Read from the schema, so that a condition on a field that no policy can name fails.

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{BaseType, TypeKind, TypeSystemDefinition};
use onefold::graphql::{graph_fields, sdl};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// What happened: the type, and its list of all.
pub(in super::super) const LISTS: [(&str, &str); 10] = [
    ("Account", "accounts"),
    ("Campaign", "campaigns"),
    ("CampaignTouch", "campaignTouches"),
    ("Consent", "consents"),
    ("Feedback", "feedback"),
    ("Interaction", "interactions"),
    ("Invoice", "invoices"),
    ("Payment", "payments"),
    ("Subscription", "subscriptions"),
    ("Ticket", "tickets"),
];

/// The lists that belong to something else than a customer.
const OF_PARENTS: [&str; 4] = ["Campaign.touches", "Invoice.payments", "Ticket.feedback", "Ticket.interactions"];

/// What every object has.
const FREE: [&str; 3] = ["id", "version", "changedAt"];

/// What is asked of one field, whose right it takes whatever is asked.
const CONDITIONS: [(&str, &[&str]); 6] = [
    ("DateFilterInput", &["since", "before", "isNull"]),
    ("DateTimeFilterInput", &["since", "before", "isNull"]),
    ("LabelsFilterInput", &["hasAny", "isNull"]),
    ("MoneyFilterInput", &["currency", "atLeast", "atMost", "isNull"]),
    ("NumberFilterInput", &["min", "max", "isNull"]),
    ("TextFilterInput", &["equals", "oneOf", "startsWith", "contains", "isNull"]),
];

/// A way to choose or to order by a field.
pub(in super::super) struct Use {
    /// The argument, as the matrix names it.
    pub(in super::super) argument: String,
    /// The type.
    pub(in super::super) of: &'static str,
    /// The field whose right it takes, as `Type.field`; none where it is free.
    pub(in super::super) path: Option<String>,
    /// The arguments of the list.
    pub(in super::super) asked: String,
}

/// The operations.
pub(super) fn operations() -> impl Iterator<Item = String> {
    LISTS.iter().map(|(_, list)| format!("Query.{list}"))
}

/// The arguments that name what is asked for: of all, of a customer, and of what else has such lists.
pub(super) fn arguments() -> Vec<String> {
    let own = LISTS.iter().filter(|(of, _)| *of != "Campaign").map(|(_, list)| *list);
    let mut lists: Vec<String> = own.clone().map(|list| format!("Customer.{list}")).collect();
    lists.extend(operations().chain(OF_PARENTS.map(str::to_owned)));
    let choosing = lists.iter().flat_map(|list| [format!("{list}.filter"), format!("{list}.orderBy")]);
    let asked = CONDITIONS.iter().flat_map(|(of, names)| names.iter().map(move |name| format!("{of}.{name}")));
    choosing.chain(own.map(|list| format!("Query.{list}.customer"))).chain(asked).collect()
}

/// Every way that the schema has. One that takes no right that is known here has an argument of no name.
pub(in super::super) fn uses() -> Vec<Use> {
    let (inputs, enums) = inputs_and_enums();
    let fields = graph_fields();
    let mut uses = Vec::new();
    for (of, _) in LISTS {
        let mut add = |argument: String, field: &str, asked: String| {
            let path = format!("{of}.{field}");
            let is_governed = fields.has_path(&path);
            let is_known = is_governed || FREE.contains(&field);
            let argument = if is_known { argument } else { String::new() };
            uses.push(Use { argument, of, path: is_governed.then_some(path), asked });
        };
        let filter = format!("{of}FilterInput");
        for (field, leads_to) in &inputs[&filter] {
            let value = match enums.get(leads_to) {
                Some(words) => format!("[{}]", words.join(", ")),
                None if field == "id" => "[]".to_owned(),
                None => "{isNull: false}".to_owned(),
            };
            add(format!("{filter}.{field}"), field, format!("filter: {{{field}: {value}}}"));
        }
        let order = format!("{of}OrderInput");
        for word in &enums[&order] {
            let field = field_of(word);
            add(format!("{order}.{word}"), &field, format!("orderBy: {word}"));
        }
    }
    uses
}

/// `DUE_ON_ASC` is by `dueOn`.
pub(in super::super) fn field_of(word: &str) -> String {
    let name = word.rsplit_once('_').map_or(word, |(name, _)| name).to_lowercase();
    let mut parts = name.split('_');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |name, part| name + &part[..1].to_uppercase() + &part[1..])
}

type Inputs = BTreeMap<String, Vec<(String, String)>>;

/// Input objects with their fields and the types of these, and enums with their words.
pub(in super::super) fn inputs_and_enums() -> &'static (Inputs, BTreeMap<String, Vec<String>>) {
    static KNOWN: LazyLock<(Inputs, BTreeMap<String, Vec<String>>)> = LazyLock::new(read);
    &KNOWN
}

fn read() -> (Inputs, BTreeMap<String, Vec<String>>) {
    let (mut inputs, mut enums) = (BTreeMap::new(), BTreeMap::new());
    for definition in parse_schema(sdl()).unwrap().definitions {
        let TypeSystemDefinition::Type(definition) = definition else { continue };
        let name = definition.node.name.node.to_string();
        match definition.node.kind {
            TypeKind::InputObject(input) => {
                let named = |base: &BaseType| match base {
                    BaseType::Named(name) => name.to_string(),
                    BaseType::List(inner) => inner.base.to_string(),
                };
                let fields = input
                    .fields
                    .iter()
                    .map(|field| (field.node.name.node.to_string(), named(&field.node.ty.node.base)));
                inputs.insert(name, fields.collect());
            }
            TypeKind::Enum(words) => {
                enums.insert(name, words.values.iter().map(|word| word.node.value.node.to_string()).collect());
            }
            TypeKind::Object(_) | TypeKind::Scalar | TypeKind::Interface(_) | TypeKind::Union(_) => {}
        }
    }
    (inputs, enums)
}
