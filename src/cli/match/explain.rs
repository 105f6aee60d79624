//! `onefold match explain`.

use super::input::{Input, Reading};
use super::rules::Rules;
use super::words;
use super::work::Weighing;
use crate::cli::error::CliError;
use crate::cli::output;
use clap::Args;
use std::path::{Path, PathBuf};

/// Says why two records are, or are not, taken for one: lines that add up.
#[derive(Debug, Args)]
pub(super) struct Explain {
    /// The two ids; before them one file or two, or none for the store. Where both files know an id, write `FILE:ID`.
    #[arg(value_name = "[FILE [FILE]] ID ID", num_args = 2..=4, required = true)]
    words: Vec<String>,
    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    rules: Rules,
    /// A model that `match train` has written. Without one the model is learned from the records.
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

impl Explain {
    pub(super) async fn run(self, config: Option<&Path>) -> Result<(), CliError> {
        let (files, ids) = self.words.split_at(self.words.len() - 2);
        let files: Vec<PathBuf> = files.iter().map(PathBuf::from).collect();
        let input = Input::open_quietly(&files, &self.reading, config).await?;
        let places = [input.find(&ids[0])?, input.find(&ids[1])?];
        let weighing = Weighing::open(self.model.as_deref(), &self.rules, &input, config)?;
        let known = match &weighing.frequencies {
            Some(known) => known.clone(),
            None => weighing.resolve(&input).frequencies,
        };
        let [left, right] = places.map(|place| input.record(place));
        let explanation = onefold_matching::explain(&left, &right, &known, &weighing.settings);
        if self.json {
            let text = serde_json::to_string_pretty(&explanation).map_err(std::io::Error::from)?;
            output::print(&text)?;
        } else {
            output::print(&words::explanation(&input, places, &explanation))?;
        }
        Ok(())
    }
}
