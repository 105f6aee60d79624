//! What can be done.

mod api_key;
mod control;
mod decision;
pub(super) mod desk;
mod drift;
mod export;
mod ingest;
mod pin;
pub(super) mod plan;
mod quality;
mod quarantine;
pub(super) mod replay;
mod survivorship;
mod trial;
mod user_error;
mod webhook;

use super::error::coded;
use super::scalars::Json;
use super::types::{
    MatchModel, MatchModelPlan, PrivacyEraseInput, PrivacyErasePayload, PrivacyExportInput, PrivacyExportPayload,
    SyncRun,
};
use crate::app::{AppError, ModelActivated, Session};
use api_key::{ApiKeyCreateInput, ApiKeyCreatePayload, ApiKeyRevokeInput, ApiKeyRevokePayload};
use async_graphql::{Context, Description, InputObject, Object, Result, SimpleObject};
use control::{SourceControlPayload, SourcePauseInput, SourceResumeInput, SyncCancelInput, SyncCancelPayload};
use decision::{DecisionPayload, DecisionUndoInput, MatchDecideInput};
use desk::{
    CandidateAssignInput, CandidateAssignPayload, CandidateClaimInput, CandidateClaimPayload, CandidateReleaseInput,
    CandidateReleasePayload, DecideManyApplyInput,
};
use drift::{DriftAcknowledgeInput, DriftAcknowledgePayload};
use export::{ExportCancelInput, ExportDeleteInput, ExportDeletePayload, ExportPayload, ExportStartInput};
use ingest::{RecordsIngestInput, RecordsIngestPayload};
use onefold_model::SourceKey;
use pin::{ValuePinInput, ValuePinPayload, ValueUnpinInput};
use plan::{MergeApplyInput, PlanPayload, PlanUndoInput, SplitApplyInput};
use quality::{BlindReviewJudgeInput, BlindReviewJudgePayload, BlindReviewNextPayload, MatchQualityDrawPayload};
use quarantine::{
    QuarantineDiscardInput, QuarantineDiscardPayload, QuarantineDiscardUndoInput, QuarantineRetryInput,
    QuarantineRetryPayload,
};
use replay::{ReplayApplyInput, ReplayApplyPayload};
use survivorship::{SurvivorshipApplyInput, SurvivorshipApplyPayload};
use trial::{SyncTrialInput, SyncTrialPayload};
pub use user_error::UserError;
use user_error::user_error;
use webhook::{
    WebhookCreateInput, WebhookCreatePayload, WebhookDeleteInput, WebhookDeletePayload, WebhookReplayInput,
    WebhookUpdateInput,
};

/// Which source to sync.
#[derive(InputObject)]
pub struct SyncStartInput {
    /// The key of the source.
    source: String,
    /// Streams that stopped with `SUDDEN_LOSS` and whose records are really gone: this run may delete them.
    #[graphql(default)]
    accept_loss: Vec<String>,
}

/// A sync that was started, or why it was not.
#[derive(SimpleObject)]
pub struct SyncStartPayload {
    /// The run. Ask for it again to see it go on.
    run: Option<SyncRun>,
    /// Why there is none.
    user_errors: Vec<UserError>,
}

/// A model that was trained, or why none was.
#[derive(SimpleObject)]
pub struct MatchModelTrainPayload {
    /// The model. Nothing is folded by it until it is put in place.
    model: Option<MatchModel>,
    /// Why there is none.
    user_errors: Vec<UserError>,
}

/// Which model to put in place.
#[derive(InputObject)]
pub struct MatchModelActivateInput {
    /// The version of the model.
    version: String,
    /// The fingerprint of the plan that was looked at.
    fingerprint: String,
}

/// What became of putting a model in place.
#[derive(Default, SimpleObject)]
pub struct MatchModelActivatePayload {
    /// What it changes at the next fold; where it was refused because records moved: what it would change by now.
    plan: Option<MatchModelPlan>,
    /// Why it is not in place.
    user_errors: Vec<UserError>,
}

/// Changes that are shown of a plan, of each kind.
const EXAMPLES: usize = 10;

fn source_key(key: String) -> Result<SourceKey> {
    SourceKey::new(key).map_err(|error| coded("INVALID_INPUT", format!("argument input.source: {error}")))
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// What changes the hub.
#[derive(Description)]
pub struct Mutation;

#[Object(use_type_description)]
impl Mutation {
    /// Starts to sync a source of a department for which you may. Comes back at once with the run.
    async fn sync_start(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which source.")] input: SyncStartInput,
    ) -> Result<SyncStartPayload> {
        let session = ctx.data::<Session>()?;
        Ok(match session.sync_start(&source_key(input.source)?, input.accept_loss.into_iter().collect()).await {
            Ok(run) => SyncStartPayload { run: Some(SyncRun(run)), user_errors: Vec::new() },
            Err(error) => SyncStartPayload { run: None, user_errors: vec![user_error(&error)?] },
        })
    }

    /// Tries a source on a few customers: asks the system and tells what a sync would store of them, what it would refuse and
    /// whom they would be matched with, and stores nothing. With the fingerprint of that plan, stores it: no cursor moves, and
    /// nothing is deleted for being absent. For those who may sync the source.
    async fn sync_trial(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which source, and on whom.")] input: SyncTrialInput,
    ) -> Result<SyncTrialPayload> {
        trial::trial(ctx.data::<Session>()?, input).await
    }

    /// Pauses a source: no run of it begins until it is resumed, and one that goes on comes to its end. Safe to repeat. For
    /// those who may sync the source.
    async fn source_pause(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which source, and why.")] input: SourcePauseInput,
    ) -> Result<SourceControlPayload> {
        control::pause(ctx.data::<Session>()?, input).await
    }

    /// Resumes a source: one that was due meanwhile is read once. Safe to repeat. For those who may sync the source.
    async fn source_resume(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which source.")] input: SourceResumeInput,
    ) -> Result<SourceControlPayload> {
        control::resume(ctx.data::<Session>()?, input).await
    }

    /// Ends a run: what it has written stays, and the next run goes on from there. Safe to repeat. For those who may sync
    /// the source.
    async fn sync_cancel(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which run.")] input: SyncCancelInput,
    ) -> Result<SyncCancelPayload> {
        control::cancel(ctx.data::<Session>()?, input).await
    }

    /// Stores what the map of now makes of what is stored of a source, as `replayPreview` showed it: comes back with the run,
    /// which goes on. What does not fit stays as it is. For those who may sync the source.
    async fn replay_apply(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What was looked at.")] input: ReplayApplyInput,
    ) -> Result<ReplayApplyPayload> {
        replay::apply(ctx.data::<Session>()?, input).await
    }

    /// Says that you know what has become of a field of a source's payloads: it is told again once something new happens to it.
    /// For those who may sync the source.
    async fn drift_acknowledge(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which field, and what you say to it.")] input: DriftAcknowledgeInput,
    ) -> Result<DriftAcknowledgePayload> {
        drift::acknowledge(ctx.data::<Session>()?, input).await
    }

    /// Maps what waits in quarantine of a source once more, all of it or what has one cause, without asking the system: after a
    /// better field map.
    async fn quarantine_retry(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which source.")] input: QuarantineRetryInput,
    ) -> Result<QuarantineRetryPayload> {
        quarantine::retry(ctx.data::<Session>()?, input).await
    }

    /// Takes what waits for one cause out of what waits. It stays in quarantine, and what is delivered again is judged anew.
    /// For those who may sync the source.
    async fn quarantine_discard(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which payloads, and why.")] input: QuarantineDiscardInput,
    ) -> Result<QuarantineDiscardPayload> {
        quarantine::discard(ctx.data::<Session>()?, input).await
    }

    /// Takes a discard back: what has not been delivered since waits again. Safe to repeat.
    async fn quarantine_discard_undo(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which discard, and why.")] input: QuarantineDiscardUndoInput,
    ) -> Result<QuarantineDiscardPayload> {
        quarantine::undo(ctx.data::<Session>()?, input).await
    }

    /// Registers a subscriber that is told of changes over HTTP, as its own subscription selects them and with your rights at each
    /// delivery. Deliveries are signed, come in order, and are tried again until they are taken. For whoever may be told of changes.
    async fn webhook_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Where, and what.")] input: WebhookCreateInput,
    ) -> Result<WebhookCreatePayload> {
        webhook::create(ctx, input).await
    }

    /// Changes a subscriber: where it is told, whether, and by which secret. For who registered it, and those who administer every
    /// department.
    async fn webhook_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and what of it.")] input: WebhookUpdateInput,
    ) -> Result<WebhookCreatePayload> {
        webhook::update(ctx.data::<Session>()?, input).await
    }

    /// Tells a subscriber once more what the log has behind a cursor. For who registered it, and those who administer every department.
    async fn webhook_replay(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and from where.")] input: WebhookReplayInput,
    ) -> Result<WebhookCreatePayload> {
        webhook::replay(ctx.data::<Session>()?, input).await
    }

    /// Forgets a subscriber and what became of its deliveries. For who registered it, and those who administer every department.
    async fn webhook_delete(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: WebhookDeleteInput,
    ) -> Result<WebhookDeletePayload> {
        webhook::delete(ctx.data::<Session>()?, input).await
    }

    /// Starts to write customers into a file, as your own selection shows them and with your rights at each page: everybody whom
    /// you may see, or whoever changed since a place in the change log. Comes back at once with the export. For whoever may see
    /// customers.
    async fn export_start(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What, and in which form.")] input: ExportStartInput,
    ) -> Result<ExportPayload> {
        export::start(ctx, input).await
    }

    /// Ends an export that is under way; what it has written is deleted. Safe to repeat. For who started it, and those who
    /// administer every department.
    async fn export_cancel(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: ExportCancelInput,
    ) -> Result<ExportPayload> {
        export::cancel(ctx.data::<Session>()?, input).await
    }

    /// Deletes an export and what it holds. For who started it, and those who administer every department.
    async fn export_delete(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: ExportDeleteInput,
    ) -> Result<ExportDeletePayload> {
        export::delete(ctx.data::<Session>()?, input).await
    }

    /// Makes a key with which a machine pushes records into one source. For those who administer its department.
    async fn api_key_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "For which source, and for how long.")] input: ApiKeyCreateInput,
    ) -> Result<ApiKeyCreatePayload> {
        api_key::create(ctx.data::<Session>()?, input).await
    }

    /// Revokes a key for ever: it is refused from the next request on. Safe to repeat.
    async fn api_key_revoke(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which key.")] input: ApiKeyRevokeInput,
    ) -> Result<ApiKeyRevokePayload> {
        api_key::revoke(ctx.data::<Session>()?, input).await
    }

    /// Tells everything that is known of a person, with its sources. For whoever answers for privacy. A mutation, because it
    /// is written down, and so that no address stands in a URL.
    async fn privacy_export(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose request it is.")] input: PrivacyExportInput,
    ) -> Result<PrivacyExportPayload> {
        let person = input.person()?;
        Ok(match ctx.data::<Session>()?.privacy_export(&person).await {
            Ok(document) => PrivacyExportPayload { document: document.map(Json), user_errors: Vec::new() },
            Err(error) => PrivacyExportPayload { document: None, user_errors: vec![user_error(&error)?] },
        })
    }

    /// Erases a person so that they stay erased: without `apply` it tells the plan, with the plan's fingerprint it does it.
    /// Safe to repeat. For whoever answers for privacy.
    async fn privacy_erase(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose request it is, and what is to be done.")] input: PrivacyEraseInput,
    ) -> Result<PrivacyErasePayload> {
        let (session, person, keep_out) = (ctx.data::<Session>()?, input.person()?, input.keep_out.into());
        let done = match &input.apply {
            None => session.privacy_plan(&person, keep_out).await.and_then(|plan| {
                let unknown = || AppError::Missing("nothing is known of this person".to_owned());
                plan.map(PrivacyErasePayload::from).ok_or_else(unknown)
            }),
            Some(fingerprint) => session.privacy_erase(&person, keep_out, fingerprint).await.map(Into::into),
        };
        Ok(match done {
            Ok(payload) => payload,
            Err(error) => PrivacyErasePayload::refused(user_error(&error)?),
        })
    }

    /// Takes records in their standardised form. Safe to repeat: the key names the record, and the same content changes
    /// nothing. What does not fit goes into quarantine; the rest is stored in one transaction.
    async fn records_ingest(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The records, and whose they are.")] input: RecordsIngestInput,
    ) -> Result<RecordsIngestPayload> {
        ingest::ingest(ctx.data::<Session>()?, input).await
    }

    /// Decides whether two records are of one customer. What follows is done when the answer comes, unless it says
    /// `pending`; nothing is copied, and `decisionUndo` gives back what was. For those who review for the departments of both records.
    async fn match_decide(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "About which records, and what.")] input: MatchDecideInput,
    ) -> Result<DecisionPayload> {
        decision::decide(ctx, input).await
    }

    /// Takes a decision back, and with it what followed from it. Safe to repeat. For those who review for the departments
    /// of both records.
    async fn decision_undo(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which decision, and why.")] input: DecisionUndoInput,
    ) -> Result<DecisionPayload> {
        decision::undo(ctx, input).await
    }

    /// Merges customers as `mergePreview` showed it: link decisions over their records, and nothing is copied. The oldest keeps
    /// its id; the others lead to it for ever. For those who review for the departments of all their records.
    async fn merge_apply(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What was looked at.")] input: MergeApplyInput,
    ) -> Result<PlanPayload> {
        plan::merge_apply(ctx, input).await
    }

    /// Splits a customer as `splitPreview` showed it: each part gets back the id and the consents that it had. For those who
    /// review for the departments of all its records.
    async fn split_apply(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What was looked at.")] input: SplitApplyInput,
    ) -> Result<PlanPayload> {
        plan::split_apply(ctx, input).await
    }

    /// Decides many pairs alike, as `decideManyPreview` showed it: all of them, or none.
    async fn decide_many_apply(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What was looked at.")] input: DecideManyApplyInput,
    ) -> Result<PlanPayload> {
        desk::apply(ctx, input).await
    }

    /// Takes a plan back as a whole: what it decided no longer stands, and what it took back stands again. Safe to repeat.
    async fn plan_undo(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which plan, and why.")] input: PlanUndoInput,
    ) -> Result<PlanPayload> {
        plan::undo(ctx, input).await
    }

    /// Takes a pair of the queue in hand for two minutes: nobody else is given it meanwhile. Claimed again, it is held for two
    /// minutes more. For those who review for the departments of both records.
    async fn candidate_claim(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which pair, or of which the next.")] input: CandidateClaimInput,
    ) -> Result<CandidateClaimPayload> {
        desk::claim(ctx, input).await
    }

    /// Gives a pair back that you have in hand. Safe to repeat.
    async fn candidate_release(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which pair.")] input: CandidateReleaseInput,
    ) -> Result<CandidateReleasePayload> {
        desk::release(ctx, input).await
    }

    /// Says whose pairs are, and by when they are due. For those who review for the departments of their records.
    async fn candidate_assign(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which pairs, and whose.")] input: CandidateAssignInput,
    ) -> Result<CandidateAssignPayload> {
        desk::assign(ctx, input).await
    }

    /// Holds fast what one record says in a field, whatever the rules would choose: `provenance` shows the rule `PINNED`. For
    /// those who review for the record's department and may read the field as it is.
    async fn value_pin(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is held fast.")] input: ValuePinInput,
    ) -> Result<ValuePinPayload> {
        pin::pin(ctx, input).await
    }

    /// Takes a pin back: the rules choose again. Safe to repeat.
    async fn value_unpin(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which pin, and why.")] input: ValueUnpinInput,
    ) -> Result<ValuePinPayload> {
        pin::unpin(ctx, input).await
    }

    /// Puts the survivorship rules of the configuration in place, if they still change what the plan says that was looked at.
    /// Values are chosen by them from then on; no record is loaded again. For those who administer all departments.
    async fn survivorship_apply(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "By which plan.")] input: SurvivorshipApplyInput,
    ) -> Result<SurvivorshipApplyPayload> {
        survivorship::apply(ctx, input).await
    }

    /// Draws this month's random sample of what matching did by itself, if there is none yet: pairs that it linked and pairs that
    /// it kept apart, by score. For those who administer all departments.
    async fn match_quality_draw(&self, ctx: &Context<'_>) -> Result<MatchQualityDrawPayload> {
        quality::draw(ctx).await
    }

    /// Takes a pair in hand for two minutes, to be judged without knowing what matching thought of it. Nobody is told whether it
    /// is one of the queue or one of a sample.
    async fn blind_review_next(&self, ctx: &Context<'_>) -> Result<BlindReviewNextPayload> {
        quality::next(ctx).await
    }

    /// Says whether the two records of a pair are of one customer. Where that is not what matching did, it is a decision.
    async fn blind_review_judge(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which pair, and what is said of it.")] input: BlindReviewJudgeInput,
    ) -> Result<BlindReviewJudgePayload> {
        quality::judge(ctx, input).await
    }

    /// Trains a model of matching on all records as they are, beside the one in place. For those who administer all
    /// departments. Look at `matchModelPlan` before it is put in place.
    async fn match_model_train(&self, ctx: &Context<'_>) -> Result<MatchModelTrainPayload> {
        Ok(match ctx.data::<Session>()?.model_train().await {
            Ok(model) => MatchModelTrainPayload { model: Some(model.into()), user_errors: Vec::new() },
            Err(error) => MatchModelTrainPayload { model: None, user_errors: vec![user_error(&error)?] },
        })
    }

    /// Puts a model of matching in place, if it still does what the plan says that was looked at. The next fold, which is
    /// asked for at once, judges everything by it.
    async fn match_model_activate(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which model, and by which plan.")] input: MatchModelActivateInput,
    ) -> Result<MatchModelActivatePayload> {
        let session = ctx.data::<Session>()?;
        Ok(match session.model_activate(&input.version, &input.fingerprint).await {
            Ok(ModelActivated::InPlace(plan)) => {
                MatchModelActivatePayload { plan: Some(MatchModelPlan::of(&plan, EXAMPLES)), user_errors: Vec::new() }
            }
            Ok(ModelActivated::Moved(plan, message)) => MatchModelActivatePayload {
                plan: Some(MatchModelPlan::of(&plan, EXAMPLES)),
                user_errors: vec![UserError::moved(message, &plan.fingerprint)],
            },
            Err(error) => {
                let user_errors = vec![user_error(&error)?];
                MatchModelActivatePayload { user_errors, ..MatchModelActivatePayload::default() }
            }
        })
    }
}
