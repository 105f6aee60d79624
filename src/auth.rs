//! temporary
#![allow(missing_docs, dead_code)]
use onefold_model::DepartmentKey;
use std::collections::BTreeSet;
#[derive(Debug, Clone)]
pub enum Owners { All, Some(BTreeSet<DepartmentKey>), None }
impl Owners { pub fn sql(&self, column: &str, first: usize) -> (String, Vec<String>) { match self { Owners::All => ("1 = 1".into(), vec![]), Owners::None => ("1 = 0".into(), vec![]), Owners::Some(s) => { let n: Vec<String> = (0..s.len()).map(|i| format!("${}", first + i)).collect(); (format!("{column} in ({})", n.join(", ")), s.iter().map(|d| d.to_string()).collect()) } } }
 pub fn is_all(&self) -> bool { matches!(self, Owners::All) } }
#[derive(Debug, Clone)]
pub struct Scope;
impl Scope { pub fn system(_: &'static str) -> Self { Scope } pub fn type_owners(&self, _: &str) -> Owners { Owners::All } }
