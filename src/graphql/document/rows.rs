//! Documents whose answer is lines: one query of `nodes(ids: $ids)`, and the columns that its selection comes to.

use super::Documents;
use apollo_compiler::ExecutableDocument;
use apollo_compiler::executable::{Field, Selection, SelectionSet, Value};

/// A value of a line, by the names that lead to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::graphql) struct Column {
    /// The names of the answer, outermost first.
    pub path: Vec<String>,
    /// Whether it is a number, by the schema.
    pub is_number: bool,
}

/// What such a document is, for those who are refused.
const EXPECTED: &str =
    "one query with the variable $ids: [ID!]! is taken, which asks for nodes(ids: $ids) and nothing else";

impl Documents {
    /// The columns of a document, in the order in which it selects them. An error says why it is not one of lines. Spreads
    /// fragments: the document has to have passed [`Documents::prepare`], which knows how many fields that comes to.
    pub(in crate::graphql) fn columns(&self, text: &str) -> Result<Vec<Column>, String> {
        let first = |problem: Option<String>| problem.unwrap_or_else(|| "the document is not valid".to_owned());
        let document =
            self.document(text).map_err(|errors| first(errors.first().map(|error| error.message.clone())))?;
        let content = &document.content;
        let operation = content.operations.get(None).map_err(|_| EXPECTED.to_owned())?;
        let ids = operation.variables.iter().find(|variable| variable.name.as_str() == "ids");
        let is_ids = ids.is_some_and(|variable| variable.ty.to_string() == "[ID!]!");
        let [Selection::Field(field)] = operation.selection_set.selections.as_slice() else {
            return Err(EXPECTED.to_owned());
        };
        if !operation.is_query() || !is_ids || !is_nodes(field) {
            return Err(EXPECTED.to_owned());
        }
        let mut walk = Walk { content, columns: Vec::new(), has_id: false, taken: None };
        walk.set(&field.selection_set, &[]);
        if let Some(name) = walk.taken {
            return Err(format!("`{name}` is what a line says of those who are gone: give the field another name"));
        }
        if !walk.has_id {
            return Err("select `id`, under this name: by it a line is found in what was exported before".to_owned());
        }
        Ok(walk.columns)
    }
}

/// Names by which a line tells of those who are gone.
pub(in crate::graphql) const GONE: &str = "__gone";
/// The id of the customer that they went into.
pub(in crate::graphql) const INTO: &str = "__into";

fn is_nodes(field: &Field) -> bool {
    let ids = field.specified_argument_by_name("ids");
    let is_given = ids.is_some_and(|value| matches!(&**value, Value::Variable(name) if name.as_str() == "ids"));
    field.name.as_str() == "nodes" && is_given && field.directives.is_empty()
}

struct Walk<'a> {
    content: &'a ExecutableDocument,
    columns: Vec<Column>,
    has_id: bool,
    taken: Option<String>,
}

impl Walk<'_> {
    fn set(&mut self, set: &SelectionSet, path: &[String]) {
        for selection in &set.selections {
            match selection {
                Selection::Field(field) => self.field(set, field, path),
                Selection::InlineFragment(inline) => self.set(&inline.selection_set, path),
                Selection::FragmentSpread(spread) => {
                    let content = self.content;
                    if let Some(fragment) = content.fragments.get(&spread.fragment_name) {
                        self.set(&fragment.selection_set, path);
                    }
                }
            }
        }
    }

    fn field(&mut self, set: &SelectionSet, field: &Field, path: &[String]) {
        let name = field.response_key().to_string();
        if path.is_empty() {
            self.has_id |= name == "id" && field.name.as_str() == "id";
            if name == GONE || name == INTO {
                self.taken = Some(name.clone());
            }
        }
        let mut path = path.to_vec();
        path.push(name);
        // A list is one value, whatever stands in it.
        let is_object = !field.selection_set.selections.is_empty() && !field.definition.ty.is_list();
        if is_object {
            return self.set(&field.selection_set, &path);
        }
        if self.columns.iter().any(|column| column.path == path) {
            return;
        }
        let is_amount = set.ty.as_str() == "Money" && matches!(field.name.as_str(), "amount" | "minorUnits");
        let is_plain = matches!(field.definition.ty.inner_named_type().as_str(), "Int" | "Float");
        let is_number = !field.definition.ty.is_list() && (is_plain || is_amount);
        self.columns.push(Column { path, is_number });
    }
}
