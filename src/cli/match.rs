//! `onefold match`: the matcher, over the store or over files.
//!
//! Without a word after it, customers are folded from the records of the store and written there. `train` without a file and
//! `activate` write models to the store. All others write nothing but the files that are asked for, so that anybody can use the
//! matcher alone.

mod charts;
mod compare;
mod csv_file;
mod error;
mod evaluate;
mod explain;
mod input;
mod model;
mod read;
mod report;
mod rules;
mod run;
mod stored;
mod svg;
mod train;
mod truth;
mod words;
mod work;

pub(super) use error::MatchError;

use super::error::CliError;
use super::fold::fold;
use super::start;
use clap::{Args, Subcommand};
use std::path::Path;

/// Folds customers from the records that are there; with a further word: matches files, or looks at how the store would
/// be matched.
#[derive(Debug, Args)]
pub(super) struct Match {
    #[command(subcommand)]
    command: Option<MatchCommand>,
}

#[derive(Debug, Subcommand)]
enum MatchCommand {
    /// Says which rows are the same person or organisation.
    Run(run::Run),
    /// Learns a model from records and writes it as a readable file; without a file, into the store.
    Train(train::Train),
    /// Measures clusters against a truth: precision, recall and F1 of pairs, by threshold.
    Evaluate(evaluate::Evaluate),
    /// Says why two records are, or are not, taken for one: lines that add up.
    Explain(explain::Explain),
    /// Says who would merge and who would split under another model.
    Compare(compare::Compare),
    /// Lists the models of the store.
    Models(stored::Models),
    /// Says who would merge and who would split under a model of the store.
    Plan(stored::PlanOf),
    /// Puts a model of the store in place, if it still does what its plan said.
    Activate(stored::Activate),
}

impl Match {
    pub(super) async fn run(self, config: Option<&Path>) -> Result<(), CliError> {
        match self.command {
            None => fold(start::app(&start::config(config)?).await?.as_ref()).await,
            Some(MatchCommand::Run(command)) => command.run(config).await,
            Some(MatchCommand::Train(command)) => command.run(config).await,
            Some(MatchCommand::Evaluate(command)) => command.run(config).await,
            Some(MatchCommand::Explain(command)) => command.run(config).await,
            Some(MatchCommand::Compare(command)) => command.run(config).await,
            Some(MatchCommand::Models(command)) => command.run(config).await,
            Some(MatchCommand::Plan(command)) => command.run(config).await,
            Some(MatchCommand::Activate(command)) => command.run(config).await,
        }
    }
}
