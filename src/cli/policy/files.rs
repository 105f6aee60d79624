//! Where policies come from: the binary, the operator's folder, or both.

use crate::auth::{PolicySet, PseudonymSecret, default_policies};
use crate::cli::error::CliError;
use crate::config::{Config, PoliciesConfig, ShippedPolicies};
use crate::graphql::graph_fields;
use onefold_model::DepartmentKey;
use std::collections::BTreeSet;
use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// The departments that the shipped policies speak of.
const SHIPPED: [&str; 3] = ["billing", "marketing", "support"];

/// Which policies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Where {
    /// Those of the configuration.
    Installed,
    /// Those in the binary, alone.
    Shipped,
    /// This folder, in the place of that of the configuration.
    Folder(PathBuf),
}

impl FromStr for Where {
    type Err = Infallible;
    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text {
            "installed" => Self::Installed,
            "shipped" => Self::Shipped,
            folder => Self::Folder(folder.into()),
        })
    }
}

impl Where {
    /// The section of the configuration as it would stand.
    pub(super) fn section(&self, config: &Config) -> PoliciesConfig {
        let section = config.policies.clone();
        match self {
            Self::Installed => section,
            Self::Shipped => PoliciesConfig { folder: None, ..section },
            Self::Folder(folder) => PoliciesConfig { folder: Some(folder.clone()), ..section },
        }
    }
}

/// Policies as a running hub would load them, without its store and without the secret of the pseudonyms: that the
/// configuration names its place is enough to say that they are right.
pub(super) fn load_apart(config: &Config, of: &Where) -> Result<(PolicySet, usize), CliError> {
    let section = of.section(config);
    let departments = departments_apart(config);
    let files = read(&section, &departments)?;
    let secret = match section.pseudonym_secret {
        Some(_) => Some(PseudonymSecret::new([0; 32]).map_err(CliError::Pseudonyms)?),
        None => None,
    };
    let set = PolicySet::load_with(&files, &graph_fields(), &departments, secret.as_ref())?;
    Ok((set, files.len()))
}

/// The policies of the configuration, for these departments.
pub(in crate::cli) fn load(config: &PoliciesConfig, departments: &[DepartmentKey]) -> Result<PolicySet, CliError> {
    load_files(config, &read(config, departments)?, departments)
}

/// The policies of these files, with what the configuration says beside them.
pub(super) fn load_files(
    config: &PoliciesConfig,
    files: &[(String, String)],
    departments: &[DepartmentKey],
) -> Result<PolicySet, CliError> {
    let secret = match &config.pseudonym_secret {
        Some(place) => {
            let secret = place.read("pseudonyms, [policies] pseudonym_secret")?;
            Some(PseudonymSecret::new(secret.reveal().as_bytes()).map_err(CliError::Pseudonyms)?)
        }
        None => None,
    };
    Ok(PolicySet::load_with(files, &graph_fields(), departments, secret.as_ref())?)
}

/// The files that hold, as name and text. Shipped ones are named as such, so that nobody looks for them in a folder.
pub(super) fn read(config: &PoliciesConfig, departments: &[DepartmentKey]) -> Result<Vec<(String, String)>, CliError> {
    let shipped = || default_policies(departments).into_iter().map(|(name, text)| (format!("shipped/{name}"), text));
    match (&config.folder, config.shipped) {
        (None, _) => Ok(shipped().collect()),
        (Some(folder), ShippedPolicies::Replaced) => files_of(folder, ".cedar"),
        (Some(folder), ShippedPolicies::Beside) => Ok(shipped().chain(files_of(folder, ".cedar")?).collect()),
    }
}

/// The files of a folder whose names end so, in order.
pub(super) fn files_of(folder: &Path, end: &str) -> Result<Vec<(String, String)>, CliError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        |source| CliError::PolicyFile { path, source }
    };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed(folder))? {
        let path = entry.map_err(failed(folder))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.ends_with(end) {
            let text = std::fs::read_to_string(&path).map_err(failed(&path))?;
            files.push((path.display().to_string(), text));
        }
    }
    files.sort();
    Ok(files)
}

/// The departments of the configuration; those of the shipped policies where it names none.
fn departments_apart(config: &Config) -> Vec<DepartmentKey> {
    let of_source = |source: &crate::config::SourceConfig| {
        let folder = source.connector.split('/').next().unwrap_or_default();
        source.department.clone().or_else(|| DepartmentKey::new(folder).ok())
    };
    let of_sources: BTreeSet<DepartmentKey> = config.sources.iter().filter_map(of_source).collect();
    let known: BTreeSet<DepartmentKey> = if of_sources.is_empty() {
        SHIPPED.iter().filter_map(|key| DepartmentKey::new(*key).ok()).collect()
    } else {
        of_sources
    };
    known.into_iter().chain(config.policies.departments.iter().cloned()).collect()
}
