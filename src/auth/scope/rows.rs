//! Which rows of a type a scope shows, as a condition on what is known of a row.
//!
//! Promises: a condition is total (it is true or false of every row, never unknown), and what is always or never true is
//! told as that. Deliberately does not know SQL, nor how policies are written.

use std::collections::BTreeSet;
use std::fmt;

/// What must hold of a row so that it is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowCondition {
    /// Of every row.
    Always,
    /// Of no row.
    Never,
    /// What does not hold.
    Not(Box<RowCondition>),
    /// All of these.
    All(Vec<RowCondition>),
    /// One of these.
    Any(Vec<RowCondition>),
    /// The attribute has one of these values; of an attribute with several values, one of them is one of these.
    Has(RowAttribute, BTreeSet<String>),
    /// The attribute has no value at all.
    Empty(RowAttribute),
}

/// What a condition can ask of a row. The first seven are a customer's, the last three those of what happened with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RowAttribute {
    /// `PERSON` or `ORGANIZATION`.
    Kind,
    /// The countries of its addresses.
    Countries,
    /// The regions of its addresses.
    Regions,
    /// The labels that sources gave it.
    Tags,
    /// The keys of the sources that know it.
    Sources,
    /// The departments whose sources know it.
    Departments,
    /// What it allows: `purpose/CHANNEL`, where every source that speaks of it says so.
    Granted,
    /// The department that owns the source.
    Owner,
    /// The key of the source.
    Source,
    /// The state, as the word of the graph; empty where the source does not tell.
    Status,
}

impl RowAttribute {
    /// Every attribute.
    pub const ALL: [Self; 10] = [
        Self::Kind,
        Self::Countries,
        Self::Regions,
        Self::Tags,
        Self::Sources,
        Self::Departments,
        Self::Granted,
        Self::Owner,
        Self::Source,
        Self::Status,
    ];

    /// What can be asked of a row of this type.
    pub fn of(type_name: &str) -> &'static [Self] {
        if type_name == "Customer" { &Self::ALL[..7] } else { &Self::ALL[7..] }
    }

    /// The word in policies.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Kind => "kind",
            Self::Countries => "countries",
            Self::Regions => "regions",
            Self::Tags => "tags",
            Self::Sources => "sources",
            Self::Departments => "departments",
            Self::Granted => "granted",
            Self::Owner => "owner",
            Self::Source => "source",
            Self::Status => "status",
        }
    }

    /// Whether it has several values, of which there may be none.
    pub fn is_set(self) -> bool {
        match self {
            Self::Countries | Self::Regions | Self::Tags | Self::Sources | Self::Departments | Self::Granted => true,
            Self::Kind | Self::Owner | Self::Source | Self::Status => false,
        }
    }

    /// Whether its values are departments and not texts.
    pub fn is_department(self) -> bool {
        matches!(self, Self::Departments | Self::Owner)
    }
}

impl RowCondition {
    /// Whether every row is there.
    pub fn is_always(&self) -> bool {
        *self == Self::Always
    }

    /// Whether it is true of a row with these values.
    pub fn holds(&self, values: &dyn Fn(RowAttribute) -> BTreeSet<String>) -> bool {
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Not(inner) => !inner.holds(values),
            Self::All(parts) => parts.iter().all(|part| part.holds(values)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(values)),
            Self::Has(attribute, wanted) => !values(*attribute).is_disjoint(wanted),
            Self::Empty(attribute) => values(*attribute).is_empty(),
        }
    }

    /// What holds where this does not.
    #[must_use]
    pub fn negate(self) -> Self {
        match self {
            Self::Always => Self::Never,
            Self::Never => Self::Always,
            Self::Not(inner) => *inner,
            other => Self::Not(Box::new(other)),
        }
    }

    /// All of these together.
    pub fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut kept = Vec::new();
        for part in parts {
            match part {
                Self::Always => {}
                Self::Never => return Self::Never,
                Self::All(inner) => kept.extend(inner),
                other => kept.push(other),
            }
        }
        match kept.len() {
            0 => Self::Always,
            1 => kept.remove(0),
            _ => Self::All(kept),
        }
    }

    /// One of these.
    pub fn any(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut kept = Vec::new();
        for part in parts {
            match part {
                Self::Never => {}
                Self::Always => return Self::Always,
                Self::Any(inner) => kept.extend(inner),
                other => kept.push(other),
            }
        }
        match kept.len() {
            0 => Self::Never,
            1 => kept.remove(0),
            _ => Self::Any(kept),
        }
    }

    /// The attribute has one of these values. Of no value nothing is one.
    pub fn has(attribute: RowAttribute, values: impl IntoIterator<Item = String>) -> Self {
        let values: BTreeSet<String> = values.into_iter().collect();
        if values.is_empty() { Self::Never } else { Self::Has(attribute, values) }
    }
}

impl fmt::Display for RowCondition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let joined = |f: &mut fmt::Formatter<'_>, parts: &[Self], word: &str| {
            parts.iter().enumerate().try_for_each(|(at, part)| {
                if at > 0 {
                    write!(f, " {word} ")?;
                }
                match part {
                    Self::All(_) | Self::Any(_) => write!(f, "({part})"),
                    _ => write!(f, "{part}"),
                }
            })
        };
        match self {
            Self::Always => f.write_str("all"),
            Self::Never => f.write_str("none"),
            Self::Not(inner) => write!(f, "not ({inner})"),
            Self::All(parts) => joined(f, parts, "and"),
            Self::Any(parts) => joined(f, parts, "or"),
            Self::Has(attribute, values) => {
                let values: Vec<&str> = values.iter().map(String::as_str).collect();
                let verb = if attribute.is_set() { "has" } else { "is" };
                write!(f, "{} {verb} {}", attribute.as_str(), values.join(" or "))
            }
            Self::Empty(attribute) => write!(f, "{} is empty", attribute.as_str()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RowCondition as C;
    use super::*;

    #[test]
    fn what_is_decided_is_told_as_that() {
        let austria = || C::has(RowAttribute::Countries, ["AT".to_owned()]);
        assert_eq!(C::all([C::Always, austria()]), austria());
        assert_eq!(C::all([austria(), C::Never]), C::Never);
        assert_eq!(C::any([austria(), C::Always]), C::Always);
        assert_eq!(C::any([C::Never]), C::Never);
        assert_eq!(C::all([]), C::Always);
        assert_eq!(C::has(RowAttribute::Tags, []), C::Never);
        assert_eq!(austria().negate().negate(), austria());
        assert_eq!(C::Always.negate(), C::Never);
    }

    #[test]
    fn a_condition_is_true_or_false_of_every_row_and_reads_as_a_sentence() {
        let has = |attribute, value: &str| C::has(attribute, [value.to_owned()]);
        let condition = C::all([
            C::any([has(RowAttribute::Countries, "AT"), has(RowAttribute::Kind, "ORGANIZATION")]),
            has(RowAttribute::Tags, "staff").negate(),
        ]);
        assert_eq!(condition.to_string(), "(countries has AT or kind is ORGANIZATION) and not (tags has staff)");
        let row = |countries: &'static [&str], tags: &'static [&str]| {
            move |attribute| {
                let values = match attribute {
                    RowAttribute::Countries => countries,
                    RowAttribute::Tags => tags,
                    RowAttribute::Kind => &["PERSON"],
                    _ => &[],
                };
                values.iter().map(|value| (*value).to_owned()).collect()
            }
        };
        assert!(condition.holds(&row(&["DE", "AT"], &[])));
        assert!(!condition.holds(&row(&["DE"], &[])));
        assert!(!condition.holds(&row(&["AT"], &["staff", "vip"])));
        assert!(C::Empty(RowAttribute::Regions).holds(&row(&[], &[])));
    }
}
