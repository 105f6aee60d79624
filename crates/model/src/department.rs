//! Keys that operators choose: departments and sources. Lower-case slugs, so that they are safe in paths,
//! policies and logs.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A key that is not a slug.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} key {found:?} is not 1 to 64 characters of a-z, 0-9, '-' and '_' that begin with a letter")]
pub struct InvalidKey {
    what: &'static str,
    found: String,
}

fn is_slug(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_lowercase())
        && text.len() <= 64
        && bytes.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_')
}

macro_rules! key {
    ($(#[doc = $doc:literal])* $name:ident, $what:literal) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Checks the form of the key.
            pub fn new(text: impl Into<String>) -> Result<Self, InvalidKey> {
                let text = text.into();
                if is_slug(&text) { Ok(Self(text)) } else { Err(InvalidKey { what: $what, found: text }) }
            }

            /// The key as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidKey;
            fn try_from(text: String) -> Result<Self, InvalidKey> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(key: $name) -> Self {
                key.0
            }
        }
    };
}

key! {
    /// A department of the company: `billing`, `support`, `marketing` or any that an operator adds.
    DepartmentKey, "department"
}
key! {
    /// A configured system of a department, for example `stripe` or `newsletter-eu`.
    SourceKey, "source"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_slugs() {
        assert!(SourceKey::new("stripe-eu_2").is_ok());
        for bad in ["", "Stripe", "2stripe", "a b", "ä", "../etc", &"a".repeat(65)] {
            assert!(SourceKey::new(bad).is_err(), "{bad:?}");
        }
    }
}
