//! `onefold policy test`: what policies are expected to decide, in files beside them.

mod case;
mod row;

use super::files::{Where, files_of, load_apart};
use crate::cli::error::CliError;
use crate::cli::output::print;
use crate::config::Config;
use case::cases;
use clap::Args;

/// Runs the tests that lie beside the policies, in files named *.test.toml, and names each that fails with file and line.
#[derive(Debug, Args)]
pub(super) struct Test {
    /// A folder in the place of that of the configuration.
    #[arg(default_value = "installed")]
    policies: Where,
}

impl Test {
    pub(super) fn run(self, config: &Config) -> Result<(), CliError> {
        let Some(folder) = self.policies.section(config).folder else {
            return Err(CliError::Usage(
                "there is no folder with tests: name one, or set folder in [policies]".to_owned(),
            ));
        };
        let (set, _) = load_apart(config, &self.policies)?;
        let (mut ran, mut failed) = (0, 0);
        for (name, text) in files_of(&folder, ".test.toml")? {
            for case in cases(&name, &text, &set)? {
                ran += 1;
                match case.run(&set) {
                    Ok(()) => print(&format!("ok    {}", case.name()))?,
                    Err(what) => {
                        failed += 1;
                        print(&format!("FAIL  {}: {}\n      {what}", case.place(), case.name()))?;
                    }
                }
            }
        }
        if ran == 0 {
            // A run of nothing must not look like a success.
            return Err(CliError::Usage(format!(
                "there is no test in {}: write one into *.test.toml",
                folder.display()
            )));
        }
        print(&format!("{ran} tests, {failed} failed"))?;
        if failed == 0 { Ok(()) } else { Err(CliError::PolicyTests(failed)) }
    }
}
