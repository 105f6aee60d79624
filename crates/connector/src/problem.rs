//! What is wrong with a connector folder: every fault at once, each with its place and the nearest known name.

use std::{fmt, sync::Arc};

/// A place in a file, counted from 1.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The path as it was handed in.
    pub file: Arc<str>,
    /// Line.
    pub line: usize,
    /// Column, in characters.
    pub column: usize,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// One fault of a manifest or a map.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Where.
    pub at: Position,
    /// What is wrong and what is expected there.
    pub reason: String,
    /// The known name that looks most like the one found.
    pub nearest: Option<String>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.at, self.reason)?;
        match &self.nearest {
            Some(name) => write!(f, " (did you mean {name:?}?)"),
            None => Ok(()),
        }
    }
}

/// A connector folder that cannot be used, with all its faults in the order of the files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadError {
    /// At least one.
    pub problems: Vec<Problem>,
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, problem) in self.problems.iter().enumerate() {
            write!(f, "{}{problem}", if i == 0 { "" } else { "\n" })?;
        }
        Ok(())
    }
}

impl std::error::Error for LoadError {}

/// Collects problems while a folder is read, so that one fault does not hide the next.
#[derive(Debug, Default)]
pub(crate) struct Report {
    problems: Vec<Problem>,
}

impl Report {
    pub(crate) fn add(&mut self, at: &Position, reason: impl Into<String>) {
        self.problems.push(Problem { at: at.clone(), reason: reason.into(), nearest: None });
    }

    /// A name that is not known here, with the one that it was probably meant to be.
    pub(crate) fn unknown<'a>(
        &mut self,
        at: &Position,
        what: &str,
        found: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) {
        let known: Vec<&str> = known.into_iter().collect();
        let nearest = nearest(found, known.iter().copied()).map(str::to_owned);
        let list = match (&nearest, known.len()) {
            (None, 1..=12) => format!("; expected one of: {}", known.join(", ")),
            _ => String::new(),
        };
        self.problems.push(Problem { at: at.clone(), reason: format!("unknown {what} {found:?}{list}"), nearest });
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.problems.is_empty()
    }

    pub(crate) fn into_error(mut self) -> LoadError {
        self.problems.sort();
        self.problems.dedup();
        LoadError { problems: self.problems }
    }
}

/// The known name that looks most like `found`, where one is near enough to be what was meant.
pub(crate) fn nearest<'a>(found: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let fold = |text: &str| text.to_lowercase().replace(['_', '-', ' '], "");
    let wanted = fold(found);
    // Two letters swapped are one slip, which the Jaro-Winkler similarity of a short word overrates.
    let score = |name: &str| {
        let name = fold(name);
        let slip = name.chars().count() > 2 && strsim::osa_distance(&wanted, &name) == 1;
        if slip { 0.99 } else { strsim::jaro_winkler(&wanted, &name) }
    };
    known
        .into_iter()
        .map(|name| (score(name), name))
        .filter(|(score, _)| *score >= 0.8)
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_offered_only_where_it_is_near() {
        assert_eq!(nearest("dispaly_name", ["displayName", "legalName"]), Some("displayName"));
        assert_eq!(nearest("zzz", ["displayName", "legalName"]), None);
    }
}
