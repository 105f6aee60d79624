//! One test of a policy: somebody, a field, an action or a row, and what is to be decided.

use super::row::{Row, Values};
use crate::auth::{Action, Actor, Mask, Permission, PolicyPlace, PolicySet, Verdict};
use crate::cli::error::CliError;
use onefold_model::DepartmentKey;
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

/// A test that can be run.
pub(super) struct Case {
    name: String,
    place: PolicyPlace,
    actor: Actor,
    asks: Asks,
    policy: Option<String>,
}

enum Asks {
    /// A field, of one owner or of all.
    Field { path: String, owners: Vec<DepartmentKey>, expected: ExpectedVerdict },
    /// An action in a department.
    Action { action: Action, department: DepartmentKey, is_allowed: bool },
    /// A row with these attributes.
    Row { row: Row, is_seen: bool },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ExpectedVerdict {
    Read,
    /// With this mask, or with any.
    Masked(Option<&'static str>),
    Hidden,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    test: Vec<Spanned<Written>>,
}

/// A test as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: String,
    #[serde(default)]
    departments: Vec<String>,
    #[serde(default)]
    roles: Vec<String>,
    field: Option<String>,
    /// Of whose sources; without it, of everybody's.
    owner: Option<String>,
    action: Option<String>,
    /// Where the action is done.
    department: Option<String>,
    /// The type of a row.
    row: Option<String>,
    /// What is known of the row, by attribute.
    #[serde(default)]
    with: BTreeMap<String, Values>,
    expect: String,
    /// The policy that is to decide.
    policy: Option<String>,
}

/// The tests of a file. What is written wrong is refused with file and line: a test that never runs must not pass.
pub(super) fn cases(name: &str, text: &str, set: &PolicySet) -> Result<Vec<Case>, CliError> {
    let file: File = toml::from_str(text).map_err(|error| CliError::Usage(format!("{name} has a mistake: {error}")))?;
    let read = |written: Spanned<Written>| {
        let line = text[..written.span().start.min(text.len())].matches('\n').count() + 1;
        let place = PolicyPlace { file: name.to_owned(), line };
        let at = place.clone();
        case(place, written.into_inner(), set).map_err(|what| CliError::Usage(format!("{at}: {what}")))
    };
    file.test.into_iter().map(read).collect()
}

fn case(place: PolicyPlace, written: Written, set: &PolicySet) -> Result<Case, String> {
    let department = |name: String| {
        let key = DepartmentKey::new(name).map_err(|error| error.to_string())?;
        set.unknown_department(&key).map_or(Ok(key), |problem| Err(problem.to_string()))
    };
    let departments: Vec<DepartmentKey> = written.departments.into_iter().map(department).collect::<Result<_, _>>()?;
    let owner = written.owner.map(department).transpose()?;
    let place_of_action = written.department.map(department).transpose()?;
    if let Some(policy) = written.policy.as_ref().filter(|policy| set.place(policy).is_none()) {
        return Err(format!("there is no policy {policy:?}"));
    }
    if written.row.is_none() && !written.with.is_empty() {
        return Err("with says what is known of a row: name its type with row".to_owned());
    }
    let asks = match (written.field, written.action, place_of_action) {
        (None, None, None) if owner.is_none() && written.policy.is_none() && written.row.is_some() => {
            let row = Row::read(&written.row.unwrap_or_default(), &written.with, set)?;
            Asks::Row { row, is_seen: expected_row(&written.expect)? }
        }
        _ if written.row.is_some() => {
            return Err("a test of a row asks for nothing beside it: row, with and expect".to_owned());
        }
        (Some(path), None, None) => {
            if let Some(problem) = set.unknown_path(&path) {
                return Err(problem.to_string());
            }
            let owners = owner.map_or_else(|| set.departments().to_vec(), |owner| vec![owner]);
            Asks::Field { path, owners, expected: expected_verdict(&written.expect)? }
        }
        (None, Some(word), Some(department)) if owner.is_none() => {
            let action = Action::ALL.into_iter().find(|action| action.as_str() == word);
            let action = action
                .ok_or_else(|| format!("there is no action {word:?}: {}", words(Action::ALL.map(Action::as_str))))?;
            Asks::Action { action, department, is_allowed: expected_permission(&written.expect)? }
        }
        _ => {
            return Err(
                "a test asks for a field, with or without its owner, for an action in a department, or for a row"
                    .to_owned(),
            );
        }
    };
    let actor = Actor::new("somebody", departments, written.roles);
    Ok(Case { name: written.name, place, actor, asks, policy: written.policy })
}

fn expected_verdict(word: &str) -> Result<ExpectedVerdict, String> {
    match word.split_whitespace().collect::<Vec<_>>()[..] {
        ["read"] => Ok(ExpectedVerdict::Read),
        ["hidden"] => Ok(ExpectedVerdict::Hidden),
        ["masked"] => Ok(ExpectedVerdict::Masked(None)),
        ["masked", mask] => {
            let known = Mask::WORDS.into_iter().find(|word| *word == mask);
            let known = known.ok_or_else(|| format!("there is no mask {mask:?}: {}", words(Mask::WORDS)))?;
            Ok(ExpectedVerdict::Masked(Some(known)))
        }
        _ => Err(format!("expect is read, hidden, masked or masked with a mask, and not {word:?}")),
    }
}

fn expected_permission(word: &str) -> Result<bool, String> {
    match word {
        "allowed" => Ok(true),
        "denied" => Ok(false),
        _ => Err(format!("expect is allowed or denied, and not {word:?}")),
    }
}

fn expected_row(word: &str) -> Result<bool, String> {
    match word {
        "seen" => Ok(true),
        "unseen" => Ok(false),
        _ => Err(format!("expect is seen or unseen, and not {word:?}")),
    }
}

fn words<const N: usize>(known: [&str; N]) -> String {
    format!("there are {}", known.join(", "))
}

impl Case {
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn place(&self) -> &PolicyPlace {
        &self.place
    }

    /// What is decided otherwise than expected.
    pub(super) fn run(&self, set: &PolicySet) -> Result<(), String> {
        match &self.asks {
            Asks::Field { path, owners, expected } => {
                owners.iter().try_for_each(|owner| self.field(set, path, owner, *expected))
            }
            Asks::Action { action, department, is_allowed } => self.action(set, *action, department, *is_allowed),
            Asks::Row { row, is_seen } => row.check(&set.scope(&self.actor), *is_seen),
        }
    }

    fn field(
        &self,
        set: &PolicySet,
        path: &str,
        owner: &DepartmentKey,
        expected: ExpectedVerdict,
    ) -> Result<(), String> {
        let found = set
            .explain(self.actor.departments(), self.actor.roles(), path, owner)
            .ok_or_else(|| format!("there is no field {path:?}"))?;
        let is_expected = match (&found.verdict, expected) {
            (Verdict::Read, ExpectedVerdict::Read)
            | (Verdict::Hidden { .. }, ExpectedVerdict::Hidden)
            | (Verdict::Masked { .. }, ExpectedVerdict::Masked(None)) => true,
            (Verdict::Masked { mask, .. }, ExpectedVerdict::Masked(Some(word))) => mask.as_str() == word,
            (Verdict::Read | Verdict::Masked { .. } | Verdict::Hidden { .. }, _) => false,
        };
        let deciding: Vec<&str> = found.deciding.iter().map(|policy| policy.id.as_str()).collect();
        let is_decided_by = self.policy.as_deref().is_none_or(|policy| deciding.contains(&policy));
        if is_expected && is_decided_by {
            return Ok(());
        }
        let by: Vec<String> = found.deciding.iter().map(|one| format!("{} ({})", one.id, one.place)).collect();
        let by = if by.is_empty() { "no policy".to_owned() } else { by.join(", ") };
        Err(format!("{path} of {owner} is {} by {by}; {}", found.verdict, found.change))
    }

    fn action(
        &self,
        set: &PolicySet,
        action: Action,
        department: &DepartmentKey,
        is_allowed: bool,
    ) -> Result<(), String> {
        let scope = set.scope(&self.actor);
        let (found, by) = match scope.may(action, department) {
            Permission::Allowed { policy } => (true, Some(policy)),
            Permission::Denied { policy } => (false, policy.as_ref()),
        };
        let is_decided_by = self.policy.as_deref().is_none_or(|policy| by.is_some_and(|by| **by == *policy));
        if found == is_allowed && is_decided_by {
            return Ok(());
        }
        let word = if found { "allowed" } else { "denied" };
        let by = by.and_then(|by| Some(format!("{by} ({})", set.place(by)?))).unwrap_or_else(|| "no policy".to_owned());
        Err(format!("{} in {department} is {word} by {by}", action.as_str()))
    }
}
