//! The call into the matcher, with a bar, and what every command makes of the result.

use super::error::MatchError;
use super::input::Input;
use super::model::ModelFile;
use super::rules::Rules;
use crate::cli::error::CliError;
use crate::cli::progress::FoldBar;
use crate::cli::start;
use crate::identity::matching_settings;
use onefold_matching::{
    Frequencies, Probability, Resolution, Settings, resolve_dataset, resolve_dataset_with_frequencies,
};
use std::path::Path;

/// How records are weighed: by a model, or by what they themselves show.
pub(super) struct Weighing {
    pub(super) settings: Settings,
    pub(super) frequencies: Option<Frequencies>,
}

impl Weighing {
    /// By the model of a file; without one by the defaults, over the store by its configuration. Rules that are given take
    /// the place of all others.
    pub(super) fn open(
        model: Option<&Path>,
        rules: &Rules,
        input: &Input,
        config: Option<&Path>,
    ) -> Result<Self, CliError> {
        let mut weighing = match model {
            Some(path) => {
                let model = ModelFile::read(path)?;
                Self { settings: model.settings, frequencies: Some(model.frequencies) }
            }
            None if input.files.is_empty() => {
                Self { settings: matching_settings(&start::config(config)?.matching)?, frequencies: None }
            }
            None => Self { settings: Settings::default(), frequencies: None },
        };
        if let Some(rules) = rules.read()? {
            weighing.settings.blocking.rules = rules;
        }
        Ok(weighing)
    }

    /// With another threshold.
    pub(super) fn at(mut self, threshold: Option<Probability>) -> Self {
        if let Some(threshold) = threshold {
            set_threshold(&mut self.settings, threshold);
        }
        self
    }

    /// Resolves with a bar.
    pub(super) fn resolve(&self, input: &Input) -> Resolution {
        let bar = FoldBar::new();
        let mut show = |step| bar.show(step);
        let resolution = match &self.frequencies {
            None => resolve_dataset(&input.dataset, &input.decisions, &self.settings, &mut show),
            Some(known) => {
                resolve_dataset_with_frequencies(&input.dataset, &input.decisions, &self.settings, known, &mut show)
            }
        };
        bar.finish();
        resolution
    }
}

/// Pairs from this probability on are linked; what is for review begins no higher.
pub(super) fn set_threshold(settings: &mut Settings, threshold: Probability) {
    settings.thresholds.auto_merge = threshold;
    if settings.thresholds.review > threshold {
        settings.thresholds.review = threshold;
    }
}

/// A probability on the command line.
pub(super) fn probability(text: &str) -> Result<Probability, String> {
    let number: f64 = text.parse().map_err(|_| format!("{text:?} is no number"))?;
    Probability::new(number).map_err(|error| error.to_string())
}

/// For each record the number of its cluster, from 1, in the order in which clusters first appear among the records.
pub(super) fn cluster_numbers(input: &Input, clusters: &[Vec<onefold_model::RecordId>]) -> Vec<usize> {
    let mut cluster_of = vec![usize::MAX; input.len()];
    for (cluster, members) in clusters.iter().enumerate() {
        for place in members.iter().filter_map(|id| input.place(*id)) {
            cluster_of[place] = cluster;
        }
    }
    let mut numbers = vec![0; clusters.len()];
    let mut last = 0;
    let number = |cluster: usize| {
        let Some(number) = numbers.get_mut(cluster) else { return 0 };
        if *number == 0 {
            last += 1;
            *number = last;
        }
        *number
    };
    cluster_of.into_iter().map(number).collect()
}

/// Writes a text to a file.
pub(super) fn write(path: &Path, text: &str) -> Result<(), MatchError> {
    std::fs::write(path, text).map_err(|source| MatchError::Write { path: path.to_owned(), source })
}
