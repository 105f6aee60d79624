//! What is written of a customer: by a file, by names of fields, or what most people want.

use crate::cli::error::CliError;
use crate::graphql::export_document;
use clap::Args;
use std::path::PathBuf;

/// What is written of each customer where nobody says.
const USUAL: &str = "id __typename displayName email phone language
    address { lines locality postalCode region country } tags recordCount createdAt changedAt";

#[derive(Debug, Args)]
#[group(multiple = false)]
pub(super) struct SelectionArgs {
    /// A file with the fields of a customer as GraphQL selects them, or with a whole query of nodes(ids: $ids).
    #[arg(long, value_name = "FILE")]
    selection: Option<PathBuf>,
    /// Fields of a customer, those of a part after a point: displayName,email,address.locality. The id comes first.
    #[arg(long, value_name = "FIELD,…", value_delimiter = ',')]
    fields: Vec<String>,
}

impl SelectionArgs {
    /// The document that shapes a line.
    pub(super) fn document(&self) -> Result<String, CliError> {
        if let Some(path) = &self.selection {
            let text = std::fs::read_to_string(path);
            let text = text.map_err(|source| CliError::File { path: path.clone(), source })?;
            let is_whole = text.lines().map(str::trim_start).any(|line| line.starts_with("query"));
            return Ok(if is_whole { text } else { export_document(&text) });
        }
        if self.fields.is_empty() {
            return Ok(export_document(USUAL));
        }
        let mut tree = Tree::default();
        tree.add(&["id"]);
        for field in &self.fields {
            let names: Vec<&str> = field.trim().split('.').collect();
            if names.iter().any(|name| !is_name(name)) {
                let text = format!(
                    "--fields {field}: write names of fields, and a point before those of a part: address.locality"
                );
                return Err(CliError::Usage(text));
            }
            tree.add(&names);
        }
        Ok(export_document(&tree.text()))
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with(|c: char| c.is_ascii_digit())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Names within names, in the order in which they came.
#[derive(Default)]
struct Tree(Vec<(String, Tree)>);

impl Tree {
    fn add(&mut self, names: &[&str]) {
        let [first, rest @ ..] = names else { return };
        let at = self.0.iter().position(|(name, _)| name == first).unwrap_or_else(|| {
            self.0.push(((*first).to_owned(), Self::default()));
            self.0.len() - 1
        });
        if let Some((_, below)) = self.0.get_mut(at) {
            below.add(rest);
        }
    }

    fn text(&self) -> String {
        let parts =
            self.0.iter().map(
                |(name, below)| {
                    if below.0.is_empty() { name.clone() } else { format!("{name} {{ {} }}", below.text()) }
                },
            );
        parts.collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(names: &[&str]) -> Result<String, CliError> {
        let fields = names.iter().map(|name| (*name).to_owned()).collect();
        SelectionArgs { selection: None, fields }.document()
    }

    #[test]
    fn names_of_fields_come_to_a_selection() {
        let document = fields(&["displayName", "address.locality", "email", "address.country"]).unwrap();
        assert_eq!(document, export_document("id displayName address { locality country } email"));
        assert!(fields(&["displayName }"]).is_err() && fields(&["a..b"]).is_err() && fields(&[""]).is_err());
    }
}
