//! How much may be exported, and for how long it is kept.

use serde::Deserialize;
use std::num::{NonZeroU32, NonZeroU64};

/// What holds for exports that the hub writes and keeps until they are fetched.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ExportConfig {
    /// How long an export is kept after it was written, in hours.
    pub keep_hours: NonZeroU32,
    /// Exports of one person that are written or wait at once.
    pub at_once: NonZeroU32,
    /// The most bytes of one export. What is larger fails, and says so.
    pub max_bytes: NonZeroU64,
}

impl Default for ExportConfig {
    fn default() -> Self {
        let (keep_hours, at_once) = (NonZeroU32::new(24), NonZeroU32::new(2));
        let max_bytes = NonZeroU64::new(512 * 1024 * 1024);
        Self {
            keep_hours: keep_hours.unwrap_or(NonZeroU32::MIN),
            at_once: at_once.unwrap_or(NonZeroU32::MIN),
            max_bytes: max_bytes.unwrap_or(NonZeroU64::MIN),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Config;
    use std::path::Path;

    #[test]
    fn limits_of_exports_are_the_operators_and_never_nothing() {
        let parse = |text: &str| Config::parse(text, Path::new("onefold.toml"));
        let usual = parse("").unwrap().export;
        assert_eq!((usual.keep_hours.get(), usual.at_once.get(), usual.max_bytes.get()), (24, 2, 536_870_912));
        let own = parse("[export]\nkeep_hours = 2\nat_once = 5\nmax_bytes = 1000\n").unwrap().export;
        assert_eq!((own.keep_hours.get(), own.at_once.get(), own.max_bytes.get()), (2, 5, 1_000));
        for nothing in ["keep_hours = 0", "at_once = 0", "max_bytes = 0"] {
            assert!(parse(&format!("[export]\n{nothing}\n")).is_err(), "{nothing}");
        }
    }
}
