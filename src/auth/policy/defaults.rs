//! The policies that the hub ships with.

use onefold_model::DepartmentKey;

/// A file of `schema/policy` per department, by its key, and one per role.
const DEPARTMENTS: &[(&str, &str)] = &[
    ("billing", include_str!("../../../schema/policy/billing.cedar")),
    ("marketing", include_str!("../../../schema/policy/marketing.cedar")),
    ("support", include_str!("../../../schema/policy/support.cedar")),
];
const ROLES: &[(&str, &str)] = &[
    ("operator", include_str!("../../../schema/policy/operator.cedar")),
    ("privacy", include_str!("../../../schema/policy/privacy.cedar")),
    ("steward", include_str!("../../../schema/policy/steward.cedar")),
];

/// The shipped files, as name and text, that speak of these departments and of the roles `operator`, `privacy` and
/// `steward`. A
/// The shipped files, as name and text, that speak of these departments and of the roles `operator`, `privacy` and `steward`. A
/// department that the hub does not know has no file and sees nothing until its operator writes one.
pub fn default_policies(departments: &[DepartmentKey]) -> Vec<(String, String)> {
    DEPARTMENTS
        .iter()
        .filter(|(key, _)| departments.iter().any(|department| department.as_str() == *key))
        .chain(ROLES)
        .map(|(key, text)| (format!("{key}.cedar"), (*text).to_owned()))
        .collect()
}
