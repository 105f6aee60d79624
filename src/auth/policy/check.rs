//! Reading policy files and refusing what cannot be meant.

use super::nearest::nearest;
use super::problem::{PolicyError, PolicyErrors, PolicyProblem};
use super::rows::{row_problem, row_types};
use super::schema::{ENTITY_TYPES, NAMESPACE, READ_MASKED, actions, cedar_schema};
use super::text::{Statement, find_annotation, find_entity, find_word_after, position, statements};
use super::{DepartmentKey, GraphFields, PolicyPlace};
use crate::auth::scope::{Mask, PseudonymSecret};
use cedar_policy::ffi::DetailedError;
use cedar_policy::{
    ActionConstraint, Effect, EntityUid, Policy, PolicyId, PolicySet, PrincipalConstraint, Schema, ValidationMode,
    Validator,
};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The annotations that mean something.
const ANNOTATIONS: [&str; 2] = ["id", "mask"];

/// Policies in which nothing was found wrong.
pub(super) struct Checked {
    /// Each under its own name.
    pub(super) policies: Vec<Policy>,
    /// The roles that some policy names.
    pub(super) roles: BTreeSet<String>,
    /// Where each stands, by its name.
    pub(super) places: BTreeMap<String, PolicyPlace>,
}

/// Where a policy stands.
#[derive(Clone, Copy)]
struct Place<'a> {
    name: &'a str,
    file: &'a str,
    statement: Statement<'a>,
}

impl Place<'_> {
    /// An error at a place within the statement's text; at its first word where the place is not known.
    fn error(&self, within: Option<usize>, problem: PolicyProblem) -> PolicyError {
        let offset = within.map_or(self.statement.start, |within| self.statement.offset + within);
        let (line, column) = position(self.file, offset);
        PolicyError { file: self.name.to_owned(), line, column, problem }
    }

    /// File and line of its first word.
    fn stands(&self) -> PolicyPlace {
        PolicyPlace { file: self.name.to_owned(), line: position(self.file, self.statement.start).0 }
    }

    fn cedar_error(&self, error: &DetailedError) -> PolicyError {
        let within = error.source_locations.first().map(|label| label.loc.start);
        let help = error.help.as_ref().map(|help| format!(": {help}")).unwrap_or_default();
        let sentence = format!("{}{help}", error.message);
        // Cedar names the policy in the middle of its sentences; the place says enough.
        let sentence = match sentence.split_once("for policy `") {
            Some((head, tail)) => format!("{head}{}", tail.split_once("`, ").map_or(tail, |(_, rest)| rest)),
            None => sentence,
        };
        self.error(within, PolicyProblem::Cedar(sentence))
    }
}

/// What can be named.
struct Names<'a> {
    graph: &'a GraphFields,
    departments: &'a [DepartmentKey],
    pseudonyms: Option<&'a PseudonymSecret>,
}

pub(super) fn check(
    files: &[(impl AsRef<str>, impl AsRef<str>)],
    graph: &GraphFields,
    departments: &[DepartmentKey],
    pseudonyms: Option<&PseudonymSecret>,
) -> Result<Checked, PolicyErrors> {
    let names = Names { graph, departments, pseudonyms };
    let mut errors = Vec::new();
    let mut read: HashMap<PolicyId, (Place<'_>, Policy)> = HashMap::new();
    for (name, file) in files {
        let (name, file) = (name.as_ref(), file.as_ref());
        for statement in statements(file) {
            let place = Place { name, file, statement };
            match read_one(place, &names) {
                Ok(policy) => match read.get(policy.id()) {
                    Some((first, _)) => errors.push(duplicate(place, first, &policy)),
                    None => {
                        read.insert(policy.id().clone(), (place, policy));
                    }
                },
                Err(found) => errors.extend(found),
            }
        }
    }
    errors.extend(validate(&read, graph, departments));
    if let Some(errors) = PolicyErrors::from_found(errors) {
        return Err(errors);
    }
    let places = read.iter().map(|(id, (place, _))| (AsRef::<str>::as_ref(id).to_owned(), place.stands())).collect();
    let mut policies: Vec<Policy> = read.into_values().map(|(_, policy)| policy).collect();
    policies.sort_by(|one, other| one.id().cmp(other.id()));
    let literals = policies.iter().flat_map(Policy::entity_literals);
    let roles = literals.filter(|uid| kind_of(uid).as_deref() == Some("Role")).map(|uid| id_of(&uid)).collect();
    Ok(Checked { policies, roles, places })
}

/// One policy, under its own name; or all that can be said against it without the schema.
fn read_one(place: Place<'_>, names: &Names<'_>) -> Result<Policy, Vec<PolicyError>> {
    let text = place.statement.text;
    let policy = Policy::parse(None, text).map_err(|errors| {
        let error = DetailedError::from(&errors);
        std::iter::once(&error).chain(&error.related).map(|error| place.cedar_error(error)).collect::<Vec<_>>()
    })?;
    let mut errors = Vec::new();
    for (annotation, _) in policy.annotations().filter(|(name, _)| !ANNOTATIONS.contains(name)) {
        let problem = unknown("annotation", annotation, ANNOTATIONS);
        errors.push(place.error(find_annotation(text, annotation), problem));
    }
    let literals: BTreeSet<EntityUid> = policy.entity_literals().into_iter().collect();
    for uid in literals {
        if let Some(problem) = names.problem(&uid) {
            let within = find_entity(text, &uid.type_name().to_string(), &id_of(&uid));
            errors.push(place.error(within, problem));
        }
    }
    if let Some((annotation, problem)) = mask_problem(&policy, names) {
        errors.push(place.error(annotation.and_then(|name| find_annotation(text, name)), problem));
    }
    if let Some(unfit) = row_problem(&policy) {
        let within = unfit.word.and_then(|word| find_word_after(text, word, &["when", "unless"]));
        let problem = PolicyProblem::RowCondition { found: unfit.found, instead: unfit.instead };
        errors.push(place.error(within, problem));
    }
    let id = policy.annotation("id").filter(|id| !id.trim().is_empty());
    match id {
        Some(id) if errors.is_empty() => Ok(policy.new_id(PolicyId::new(id))),
        Some(_) => Err(errors),
        None => {
            errors.push(place.error(None, PolicyProblem::MissingId));
            Err(errors)
        }
    }
}

/// Masks and masked permits come in pairs. Gives the annotation that is to blame, if it is one.
fn mask_problem(policy: &Policy, names: &Names<'_>) -> Option<(Option<&'static str>, PolicyProblem)> {
    let mask = policy.annotation("mask");
    let permits = policy.effect() == Effect::Permit;
    let masked = |uid: &EntityUid| id_of(uid) == READ_MASKED;
    match (policy.action_constraint(), mask) {
        // Left open, a new action would be permitted before anybody thought of it.
        (ActionConstraint::Any, _) if permits => Some((None, PolicyProblem::ActionNotNamed)),
        (ActionConstraint::Eq(action), Some(word)) if permits && masked(&action) => {
            let problem = match word {
                Mask::PSEUDONYM => names.pseudonym_problem(policy),
                word if Mask::named(word, None).is_some() => None,
                _ => Some(unknown("mask", word, Mask::WORDS)),
            };
            problem.map(|problem| (Some("mask"), problem))
        }
        (ActionConstraint::Eq(action), None) if permits && masked(&action) => Some((None, PolicyProblem::MaskMissing)),
        (ActionConstraint::In(actions), None) if permits && actions.iter().any(masked) => {
            Some((None, PolicyProblem::MaskMisplaced))
        }
        (_, Some(_)) => Some((Some("mask"), PolicyProblem::MaskMisplaced)),
        (_, None) => None,
    }
}

fn duplicate(place: Place<'_>, first: &Place<'_>, policy: &Policy) -> PolicyError {
    let id: &str = policy.id().as_ref();
    let problem = PolicyProblem::DuplicateId { id: id.to_owned(), first: first.stands().to_string() };
    place.error(find_annotation(place.statement.text, "id"), problem)
}

/// What Cedar has against policies whose names are all known. A policy that can never apply is a mistake too, and so are
/// letters that look like others.
fn validate(
    read: &HashMap<PolicyId, (Place<'_>, Policy)>,
    graph: &GraphFields,
    departments: &[DepartmentKey],
) -> Vec<PolicyError> {
    let everywhere = |message: String| PolicyError {
        file: "schema".to_owned(),
        line: 1,
        column: 1,
        problem: PolicyProblem::Cedar(message),
    };
    let schema = match Schema::from_cedarschema_str(&cedar_schema(graph, departments)) {
        Ok((schema, _)) => schema,
        Err(error) => return vec![everywhere(error.to_string())],
    };
    let policies = match PolicySet::from_policies(read.values().map(|(_, policy)| policy.clone())) {
        Ok(policies) => policies,
        Err(error) => return vec![everywhere(error.to_string())],
    };
    let result = Validator::new(schema).validate(&policies, ValidationMode::Strict);
    let errors = result.validation_errors().map(|error| (error.policy_id(), DetailedError::from(error)));
    let warnings = result.validation_warnings().map(|warning| (warning.policy_id(), DetailedError::from(warning)));
    errors
        .chain(warnings)
        .map(|(id, error)| match read.get(id) {
            Some((place, _)) => place.cedar_error(&error),
            None => everywhere(error.message),
        })
        .collect()
}

impl Names<'_> {
    /// What a pseudonym lacks.
    fn pseudonym_problem(&self, policy: &Policy) -> Option<PolicyProblem> {
        if pseudonym_department(policy).is_none() {
            return Some(PolicyProblem::PseudonymWithoutDepartment);
        }
        self.pseudonyms.is_none().then_some(PolicyProblem::PseudonymWithoutSecret)
    }

    /// What is wrong with naming this.
    fn problem(&self, uid: &EntityUid) -> Option<PolicyProblem> {
        let id = id_of(uid);
        match kind_of(uid).as_deref() {
            Some("Action") => (!actions().any(|known| known == id)).then(|| unknown("action", &id, actions())),
            Some("Department") => {
                let mut departments = self.departments.iter().map(DepartmentKey::as_str);
                (!departments.clone().any(|known| known == id))
                    .then(|| unknown("department", &id, departments.by_ref()))
            }
            Some("Type") => (!self.graph.has_type(&id)).then(|| unknown("type", &id, self.graph.types())),
            Some("Field") => (!self.graph.has_path(&id)).then(|| unknown("field", &id, self.graph.paths())),
            Some("Actor") => Some(PolicyProblem::NamesActor),
            Some(kind) if row_types().any(|known| known == kind) => Some(PolicyProblem::NamesRow),
            // Roles are the issuer's words: any may exist.
            Some("Role") => None,
            Some(_) | None => {
                let kinds = ENTITY_TYPES.map(|kind| format!("{NAMESPACE}::{kind}"));
                Some(unknown("entity type", &uid.type_name().to_string(), kinds))
            }
        }
    }
}

/// The department whose pseudonyms a policy shows: that of its head.
pub(super) fn pseudonym_department(policy: &Policy) -> Option<String> {
    let (PrincipalConstraint::In(group) | PrincipalConstraint::IsIn(_, group)) = policy.principal_constraint() else {
        return None;
    };
    (kind_of(&group).as_deref() == Some("Department")).then(|| id_of(&group))
}

fn unknown<S: AsRef<str>>(kind: &'static str, found: &str, names: impl IntoIterator<Item = S>) -> PolicyProblem {
    PolicyProblem::Unknown { kind, found: found.to_owned(), nearest: nearest(found, names) }
}

/// The kind of thing, where it is of our namespace.
fn kind_of(uid: &EntityUid) -> Option<String> {
    (uid.type_name().namespace() == NAMESPACE).then(|| uid.type_name().basename().to_owned())
}

fn id_of(uid: &EntityUid) -> String {
    let id: &str = uid.id().as_ref();
    id.to_owned()
}
