//! `onefold connector test`.

use super::folder::{Folder, Recorded, outcome, text};
use crate::cli::error::CliError;
use crate::cli::output::print;
use clap::Args;
use onefold_connector::fixture_text;
use serde_json::Value;
use std::path::PathBuf;

/// Runs the fixtures of a folder, `fixtures/STREAM.json` or `fixtures/STREAM.csv`, and shows where what comes out is not what
/// `fixtures/STREAM.expected.json` says.
#[derive(Debug, Args)]
pub(super) struct Test {
    /// The folder, `department/system` at its end.
    folder: PathBuf,
    /// Writes what comes out as what is expected. Read the difference before you keep it.
    #[arg(long)]
    write: bool,
}

impl Test {
    pub(super) async fn run(self) -> Result<(), CliError> {
        let folder = Folder::open(&self.folder)?;
        let connector = folder.connector()?;
        let all = folder.recorded(&connector);
        if all.is_empty() {
            // A run of nothing must not look like a success.
            let place = folder.path.join("fixtures");
            return Err(CliError::Usage(format!("there is no fixture of a stream in {}", place.display())));
        }
        let mut failed = 0;
        for recorded in &all {
            let found = outcome(&connector, recorded).await?;
            if self.write {
                let write = |source| CliError::File { path: recorded.expected.clone(), source };
                std::fs::write(&recorded.expected, fixture_text(&found)).map_err(write)?;
                print(&format!("wrote {} ({} lines)", recorded.expected.display(), found.len()))?;
                continue;
            }
            match differences(&expected(recorded)?, &found) {
                lines if lines.is_empty() => print(&format!("ok    {} ({} lines)", recorded.stream, found.len()))?,
                lines => {
                    failed += 1;
                    print(&format!("FAIL  {}: not what {} says", recorded.stream, recorded.expected.display()))?;
                    for line in lines {
                        print(&format!("      {line}"))?;
                    }
                }
            }
        }
        if failed == 0 { Ok(()) } else { Err(CliError::Fixtures(failed)) }
    }
}

fn expected(recorded: &Recorded) -> Result<Vec<Value>, CliError> {
    if !recorded.expected.is_file() {
        return Ok(Vec::new());
    }
    let path = || recorded.expected.clone();
    serde_json::from_str(&text(&recorded.expected)?).map_err(|source| CliError::Json { path: path(), source })
}

/// What is expected and does not come, and what comes and is not expected. Of a record that differs, the fields that do.
fn differences(expected: &[Value], found: &[Value]) -> Vec<String> {
    let mut lines = Vec::new();
    for place in 0..expected.len().max(found.len()) {
        match (expected.get(place), found.get(place)) {
            (Some(expected), Some(found)) if expected == found => {}
            (Some(expected), Some(found)) => {
                let name = format!("{} {}", word(found, "stream"), word(found, "externalId"));
                let before = lines.len();
                within("", expected, found, &mut |path, expected, found| {
                    lines.push(format!("{}{path}: expected {expected}, found {found}", name.trim()));
                });
                debug_assert!(lines.len() > before, "two values that differ differ somewhere");
            }
            (Some(expected), None) => lines.push(format!("- {expected}")),
            (None, Some(found)) => lines.push(format!("+ {found}")),
            (None, None) => {}
        }
    }
    lines
}

fn word<'v>(line: &'v Value, name: &str) -> &'v str {
    line.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// Calls for each place where two values differ.
fn within(path: &str, expected: &Value, found: &Value, tell: &mut dyn FnMut(&str, &Value, &Value)) {
    match (expected, found) {
        (Value::Object(one), Value::Object(other)) => {
            let keys = one.keys().chain(other.keys().filter(|key| !one.contains_key(*key)));
            for key in keys {
                let of = |object: &serde_json::Map<String, Value>| object.get(key).cloned().unwrap_or(Value::Null);
                within(&format!("{path} {key}"), &of(one), &of(other), tell);
            }
        }
        (one, other) if one == other => {}
        (one, other) => tell(path, one, other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_difference_is_named_by_its_field() {
        let line = |name: &str| json!({"stream": "people", "externalId": "7", "record": {"displayName": name}});
        let told = differences(&[line("Ada"), line("Bo")], &[line("Eda")]);
        assert_eq!(told[0], "people 7 record displayName: expected \"Ada\", found \"Eda\"");
        assert!(told[1].starts_with("- {"), "{told:?}");
        assert!(differences(&[line("Ada")], &[line("Ada")]).is_empty());
        assert_eq!(differences(&[], &[line("Ada")]).len(), 1);
    }
}
