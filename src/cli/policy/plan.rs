//! `onefold policy plan`.

use super::files::{Where, load_apart};
use crate::auth::{Direction, policies_compare};
use crate::cli::error::CliError;
use crate::cli::output::print;
use crate::config::Config;
use clap::Args;

/// Says who would gain and who would lose which field, mask or action, before it is so.
#[derive(Debug, Args)]
pub(super) struct Plan {
    /// What holds now: a folder in the place of that of the configuration, `installed`, or `shipped`.
    #[arg(long, default_value = "installed")]
    from: Where,
    /// What would hold: the same.
    #[arg(long)]
    to: Where,
}

impl Plan {
    pub(super) fn run(self, config: &Config) -> Result<(), CliError> {
        let (before, _) = load_apart(config, &self.from)?;
        let (after, _) = load_apart(config, &self.to)?;
        let changes = policies_compare(&before, &after);
        let mut last = None;
        for change in &changes {
            if last != Some(&change.principal) {
                print(&change.principal.to_string())?;
                last = Some(&change.principal);
            }
            print(&format!("  {change}"))?;
        }
        let count = |direction| changes.iter().filter(|change| change.direction == direction).count();
        let (more, less, other) = (count(Direction::Gains), count(Direction::Loses), count(Direction::Changes));
        let summary = match (changes.is_empty(), other) {
            (true, _) => "nothing changes for anybody".to_owned(),
            (false, 0) => format!("{more} gained, {less} lost"),
            (false, _) => format!("{more} gained, {less} lost, {other} changed"),
        };
        Ok(print(&summary)?)
    }
}
