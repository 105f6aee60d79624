//! Models of the store: which there are, what one would change, and putting it in place.

use super::words::{self, counted};
use crate::app::{App, ModelActivated, ModelPlan, ModelView};
use crate::cli::error::CliError;
use crate::cli::fold::fold;
use crate::cli::{output, start};
use crate::store::Store;
use clap::Args;
use onefold_model::RecordId;
use std::collections::HashMap;
use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

/// Lists the models of the store, the latest first.
#[derive(Debug, Args)]
pub(super) struct Models;

/// Says who would merge and who would split under a model of the store. Writes nothing.
#[derive(Debug, Args)]
pub(super) struct PlanOf {
    /// The version of the model, as `match models` lists it.
    version: String,
    /// Changes of each kind that are shown.
    #[arg(long, value_name = "NUMBER", default_value_t = 5)]
    show: usize,
}

/// Puts a model of the store in place, if it still does what its plan said, and folds by it.
#[derive(Debug, Args)]
pub(super) struct Activate {
    /// The version of the model.
    version: String,
    /// The fingerprint that `match plan` printed.
    #[arg(long, value_name = "FINGERPRINT")]
    plan: String,
}

const REASON: &str = "match";

impl Models {
    pub(super) async fn run(self, config: Option<&Path>) -> Result<(), CliError> {
        let app = start::app(&start::config(config)?).await?;
        let models = app.system(REASON).model_list().await?;
        if models.is_empty() {
            return Ok(output::print(
                "no model is stored: `onefold match train` trains one on the records of the store",
            )?);
        }
        let rows: Vec<Vec<String>> = models.iter().map(row).collect();
        Ok(output::print(&words::table(&["version", "trained at", "records", "in place"], &rows, 4))?)
    }
}

fn row(model: &ModelView) -> Vec<String> {
    let since = |at: onefold_model::Timestamp| format!("since {at}");
    let in_place = model.row.activated_at.filter(|_| model.is_in_place).map_or_else(String::new, since);
    let row = &model.row;
    vec![row.version.clone(), row.trained_at.to_string(), row.records.to_string(), in_place]
}

/// Trains a model on the records of the store and stores it beside the one in place.
pub(super) async fn train(config: Option<&Path>) -> Result<(), CliError> {
    let app = start::app(&start::config(config)?).await?;
    let model = app.system(REASON).model_train().await?;
    let records = counted(usize::try_from(model.row.records).unwrap_or(usize::MAX), "record", "records");
    let version = &model.row.version;
    Ok(output::print(&format!(
        "model {version} is trained on {records} and stored; nothing is folded by it yet\nlook at `onefold match plan {version}`"
    ))?)
}

impl PlanOf {
    pub(super) async fn run(self, config: Option<&Path>) -> Result<(), CliError> {
        let app = start::app(&start::config(config)?).await?;
        let plan = app.system(REASON).model_plan(&self.version).await?;
        output::print(&said(&plan, app.store(), self.show).await?)?;
        Ok(output::print(&format!(
            "\nfingerprint {0}\nput it in place with `onefold match activate {1} --plan {0}`",
            plan.fingerprint, plan.version
        ))?)
    }
}

impl Activate {
    pub(super) async fn run(self, config: Option<&Path>) -> Result<(), CliError> {
        let app: Arc<App> = start::app(&start::config(config)?).await?;
        match app.system(REASON).model_activate(&self.version, &self.plan).await? {
            ModelActivated::Moved(_, difference) => Err(CliError::Usage(difference)),
            ModelActivated::InPlace(plan) => {
                output::print(&format!("model {} is in place: {}", plan.version, counts(&plan)))?;
                fold(app.as_ref()).await
            }
        }
    }
}

fn counts(plan: &ModelPlan) -> String {
    let plan = &plan.plan;
    format!(
        "{}, {}, {}; {} as they are",
        counted(plan.merges.len(), "merge", "merges"),
        counted(plan.splits.len(), "split", "splits"),
        counted(plan.moves.len(), "regrouping", "regroupings"),
        counted(usize::try_from(plan.unchanged).unwrap_or(usize::MAX), "customer stays", "customers stay"),
    )
}

async fn said(plan: &ModelPlan, store: &Store, show: usize) -> Result<String, CliError> {
    let in_place = plan.in_place.as_deref().map_or("a model that follows the records", |version| version);
    let mut out = format!("{} in place of {in_place}: {}", plan.version, counts(plan));
    let merges = plan.plan.merges.iter().take(show).map(|merge| ("merge", &merge.from, None));
    let splits = plan.plan.splits.iter().take(show).map(|split| ("split", &split.into, None));
    let moves = plan.plan.moves.iter().take(show).map(|one| ("regroup", &one.before, Some(&one.after)));
    let shown: Vec<_> = merges.chain(splits).chain(moves).collect();
    let members = |clusters: &[Vec<RecordId>]| clusters.iter().flatten().copied().collect::<Vec<_>>();
    let ids: Vec<RecordId> = shown.iter().flat_map(|(_, clusters, _)| members(clusters)).collect();
    let who: HashMap<RecordId, String> =
        store.party_get(&ids).await?.into_iter().map(|stored| (stored.record, words::who(&stored.party))).collect();
    for (change, clusters, after) in shown {
        let _ = write!(out, "\n\n{change}");
        let number = |clusters: &[Vec<RecordId>], record: RecordId| {
            clusters.iter().position(|cluster| cluster.contains(&record)).map_or(0, |place| place + 1).to_string()
        };
        let row = |record: &RecordId| {
            let apart = number(clusters, *record);
            let (old, new) = match (change, after) {
                ("merge", _) => (apart, "1".to_owned()),
                ("split", _) => ("1".to_owned(), apart),
                (_, after) => (apart, after.map_or_else(String::new, |after| number(after, *record))),
            };
            vec![record.to_string(), who.get(record).cloned().unwrap_or_default(), old, new]
        };
        let rows: Vec<Vec<String>> = members(clusters).iter().take(20).map(row).collect();
        let _ = write!(out, "\n{}", words::table(&["record", "who", "old", "new"], &rows, 2));
    }
    Ok(out)
}
