//! Models of matching: which there are, what one would change, and putting it in place.
//!
//! A model judges the records of every department, so whoever trains or puts one in place must administer all of them; looking
//! is enough with the right to review all of them.

use super::{AppError, Session};
use crate::auth::{Action, Permission};
use crate::identity::{Activation, ModelPlan, PlanFingerprint};
use crate::store::ModelRow;
use onefold_model::DepartmentKey;
use std::collections::BTreeSet;

/// A model, and whether it is in place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelView {
    /// The model.
    pub row: ModelRow,
    /// Whether the next fold judges by it.
    pub is_in_place: bool,
}

/// What became of putting a model in place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModelActivated {
    /// It is in place, and did what this plan says at the next fold.
    InPlace(ModelPlan),
    /// Refused, because the facts give another plan by now: this one, which differs as the text says.
    Moved(ModelPlan, String),
}

impl Session {
    /// All models, the latest first.
    pub async fn model_list(&self) -> Result<Vec<ModelView>, AppError> {
        self.may_look_at_models()?;
        let (rows, in_place) = self.app.identity.model_list(self.store()).await?;
        let view = |row: ModelRow| ModelView { is_in_place: in_place.as_deref() == Some(&row.version), row };
        Ok(rows.into_iter().map(view).collect())
    }

    /// Who would merge and split under a model. Reads all records; writes nothing.
    pub async fn model_plan(&self, version: &str) -> Result<ModelPlan, AppError> {
        self.may_look_at_models()?;
        self.app.identity.model_plan(self.store(), version).await?.ok_or_else(|| no_model(version))
    }

    /// Trains a model on all records as they are and stores it. Nothing is folded by it until it is put in place.
    pub async fn model_train(&self) -> Result<ModelView, AppError> {
        self.may_everywhere(Action::Administer, "to train a model of matching")?;
        let actor = self.scope().actor().subject();
        let row = self.app.identity.model_train(self.store(), self.app.clock.as_ref(), actor).await?;
        Ok(ModelView { row, is_in_place: false })
    }

    /// Puts a model in place, if it still does what the plan with this fingerprint says; then asks for a fold.
    pub async fn model_activate(&self, version: &str, fingerprint: &str) -> Result<ModelActivated, AppError> {
        self.may_everywhere(Action::Administer, "to put a model of matching in place")?;
        let looked_at: PlanFingerprint = fingerprint
            .parse()
            .map_err(|error: crate::identity::UnknownFingerprint| AppError::Invalid(error.to_string()))?;
        let (store, clock, actor) = (self.store(), self.app.clock.as_ref(), self.scope().actor().subject());
        match self.app.identity.model_activate(store, clock, actor, version, &looked_at).await? {
            Activation::NoModel => Err(no_model(version)),
            Activation::Moved(plan) => {
                let difference = looked_at.difference(&plan.fingerprint);
                let text = format!(
                    "the records moved since the plan was looked at: {difference}; look at the plan again and use {}",
                    plan.fingerprint
                );
                Ok(ModelActivated::Moved(plan, text))
            }
            Activation::InPlace(plan) => {
                self.app.refold_soon();
                Ok(ModelActivated::InPlace(plan))
            }
        }
    }

    fn may_look_at_models(&self) -> Result<(), AppError> {
        self.may_look_everywhere("to look at models of matching")
    }

    /// Whether the caller reviews for every department that has a source, or administers all.
    pub(super) fn may_look_everywhere(&self, what: &str) -> Result<(), AppError> {
        self.may_everywhere(Action::Review, what).or_else(|_| self.may_everywhere(Action::Administer, what))
    }

    /// Whether the caller may do this in every department that has a source.
    pub(super) fn may_everywhere(&self, action: Action, what: &str) -> Result<(), AppError> {
        let forbidden = |policy: Option<String>| AppError::Forbidden { what: what.to_owned(), policy };
        let departments: BTreeSet<&DepartmentKey> = self.app.sources.values().map(|row| &row.department).collect();
        if departments.is_empty() && !self.scope().is_system() {
            return Err(forbidden(None));
        }
        for department in departments {
            if let Permission::Denied { policy } = self.scope().may(action, department) {
                return Err(forbidden(policy.as_ref().map(ToString::to_string)));
            }
        }
        Ok(())
    }
}

fn no_model(version: &str) -> AppError {
    AppError::Missing(format!("there is no model {version:?}: `matchModels` and `onefold match models` list them"))
}
