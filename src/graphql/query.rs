//! What can be asked.

pub(super) mod activities;
pub(super) mod customers;

use super::error::{coded, failed};
use super::ids::{node_id, typed_id};
use super::loaders::{CustomerKey, load};
use super::mutation::desk::{DecideManyInput, DecideManyPreviewPayload, preview as decide_many_preview};
use super::mutation::plan::{MergeInput, PlanPreviewPayload, SplitInput, merge_preview, split_preview};
use super::mutation::replay::{ReplayPreviewPayload, preview as replay_preview};
use super::page::{Page, Total, connection, page_ask, slice_of};
use super::types::{
    AccessExplanation, AccessView, ApiKey, AuditEntry, AuditFilterInput, CandidateFilterInput, CandidateOrderInput,
    Customer, CustomerFormation, DataMapEntry, Export, MatchCandidate, MatchCandidateGroup, MatchExplanation,
    MatchModel, MatchModelPlan, MatchQuality, MatchThresholdProposal, Node, PolicyStatus, QuarantineDiscard,
    QuarantineGroup, QuarantinedRecord, Source, StewardDecision, StewardPlanApplied, SurvivorshipPreview, SyncRun,
    ValuePin, Webhook, customer, customer_of, customer_then, node,
};
use crate::app::{
    AccessAsk, CandidateFilter, CandidateGroup, CandidateOrder, CustomerOrder, DataMapDepth, PastAsk, Session,
};
use async_graphql::{Context, Description, ID, Object, Result, SimpleObject};
use customers::{CustomerFilterInput, CustomerOrderInput, SearchHit};
use onefold_model::{CustomerId, SourceKey, Timestamp};
use std::sync::Arc;

/// Who asks.
#[derive(SimpleObject)]
pub struct Viewer {
    /// The subject of the token.
    subject: String,
    /// The departments of the token.
    departments: Vec<String>,
    /// The roles of the token.
    roles: Vec<String>,
}

pub(super) fn bad(argument: &str, error: &dyn std::error::Error) -> async_graphql::Error {
    coded("INVALID_INPUT", format!("argument {argument}: {error}"))
}

pub(super) fn source_key(argument: &str, key: String) -> Result<SourceKey> {
    SourceKey::new(key).map_err(|error| bad(argument, &error))
}

/// The graph.
#[derive(Description)]
pub struct Query;

// The root has the fields of `federation` too, and there is one type of a name.
#[Object(use_type_description, name = "QueryFields")]
impl Query {
    /// Who you are.
    async fn viewer(&self, ctx: &Context<'_>) -> Result<Viewer> {
        let actor = ctx.data::<Session>()?.scope().actor();
        Ok(Viewer {
            subject: actor.subject().to_owned(),
            departments: actor.departments().iter().map(ToString::to_string).collect(),
            roles: actor.roles().to_vec(),
        })
    }

    /// The object with this id. Null where there is none, or you may not see it.
    async fn node(&self, ctx: &Context<'_>, #[graphql(desc = "An id of any kind.")] id: ID) -> Result<Option<Node>> {
        node(ctx, node_id("id", &id)?).await
    }

    /// The objects with these ids, in their order; at most 100.
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Ids of any kind.")] ids: Vec<ID>,
    ) -> Result<Vec<Option<Node>>> {
        if ids.len() > 100 {
            return Err(coded("INVALID_INPUT", "argument ids: at most 100 ids"));
        }
        let ids = ids.iter().map(|id| node_id("ids", id)).collect::<Result<Vec<_>>>()?;
        futures_util::future::try_join_all(ids.into_iter().map(|id| node(ctx, id))).await
    }

    /// The customer with this id, or the one that it has gone into since. Null where there is none, or you may not see it.
    ///
    /// With `knownAt` or `asOf` it is shown as it was: its own fields, its other ids and its records, but not what happened
    /// with it. The rights are those of today: null where you may not see now whoever has one of its records. Who was erased
    /// is in no past.
    async fn customer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Any id that it ever had.")] id: ID,
        #[graphql(
            desc = "The time that is asked about. Of each record counts the last version that held then by the word of its source: since `updatedAt` of the record, else since `createdAt` where it is the first version, else, and always of a deletion, since it was received. A record that did not hold then is left out. Which records are of the customer goes by `knownAt` alone: decisions say nothing of the time before them. Without it, each record's last version counts."
        )]
        as_of: Option<Timestamp>,
        #[graphql(
            desc = "What the hub knew at this time: versions of records that it had received, and the customers, decisions and pins that it had written, by the time that it gave each, which is a moment before it could be read. Not ahead of now. Reaches back to the first fold by a version of the hub that keeps the past. Without it, what is known now counts."
        )]
        known_at: Option<Timestamp>,
    ) -> Result<Option<Customer>> {
        let id = typed_id::<CustomerId>("id", &id)?;
        if as_of.is_none() && known_at.is_none() {
            return customer_of(ctx, Some(id)).await;
        }
        customer_then(ctx, id, PastAsk { as_of, known_at }).await
    }

    /// The customer that the record with this key in a source belongs to.
    async fn customer_by_source(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The key of the source.")] source: String,
        #[graphql(desc = "The record's key there.")] external_id: String,
    ) -> Result<Option<Customer>> {
        let session = ctx.data::<Session>()?;
        let source = source_key("source", source)?;
        let customer = session.customer_by_source(&source, &external_id).await.map_err(|error| failed(&error))?;
        customer_of(ctx, customer).await
    }

    /// Customers, by name unless ordered otherwise.
    #[allow(clippy::too_many_arguments, reason = "they are the arguments of a GraphQL list")]
    async fn customers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which of them.")] filter: Option<CustomerFilterInput>,
        #[graphql(desc = "In which order. Without one by name, or by the last change where you may not read names.")]
        order_by: Option<CustomerOrderInput>,
        #[graphql(desc = "The first so many, at most 200.")] first: Option<i32>,
        #[graphql(desc = "After this page cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, at most 200.")] last: Option<i32>,
        #[graphql(desc = "Before this page cursor.")] before: Option<String>,
    ) -> Result<Page<Customer>> {
        let ask = page_ask(first, after, last, before)?;
        let filter = filter.unwrap_or_default().read()?;
        let session = ctx.data::<Session>()?;
        let order = order_by.map_or_else(|| session.customer_order(), CustomerOrder::from);
        let slice = session.customer_list(&filter, order, &ask).await.map_err(|error| failed(&error))?;
        Ok(connection(slice, Total::Customers(Box::new(filter)), |row| {
            let id = row.id;
            customer(row, id)
        }))
    }

    /// Customers by what people know: names, e-mail addresses, telephone numbers, numbers of invoices, tickets and
    /// accounts. Best first. Where fewer than `first` have the words as they are typed, or begin with them, whoever has similar
    /// ones follows: one slip away for words of four to seven letters and for numbers, two for longer ones, none for telephone
    /// numbers. Of a number or an address that is there no similar one is looked for.
    async fn search(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to look for: at least two letters or digits.")] text: String,
        #[graphql(desc = "At most so many, up to 50.", default = 20)] first: i32,
    ) -> Result<Vec<SearchHit>> {
        let limit = usize::try_from(first).ok().filter(|limit| *limit <= 50);
        let limit = limit.ok_or_else(|| coded("INVALID_INPUT", "argument first: not between 0 and 50"))?;
        let session = ctx.data::<Session>()?;
        let hits = session.search(&text, limit).await.map_err(|error| failed(&error))?;
        let rows =
            futures_util::future::try_join_all(hits.iter().map(|hit| load(ctx, CustomerKey(hit.customer)))).await?;
        Ok(hits
            .into_iter()
            .zip(rows)
            .filter_map(|(hit, row)| row.map(|row| SearchHit { customer: customer(row, hit.customer), hit }))
            .collect())
    }

    /// The systems of the departments.
    async fn sources(&self, ctx: &Context<'_>) -> Result<Vec<Source>> {
        Ok(ctx.data::<Session>()?.source_list().into_iter().map(Source).collect())
    }

    /// Which standard field which system fills, how often customers show its value, and where systems disagree: by type, field
    /// and system. Looks at every record, and at every customer where `wins` or `conflicts` is asked for, which takes seconds
    /// where there are many.
    async fn data_map(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only of the source with this key.")] source: Option<String>,
    ) -> Result<Vec<DataMapEntry>> {
        let source = source.map(|key| source_key("source", key)).transpose()?;
        let source = source.map(|key| onefold_model::SourceId::derive(&key));
        let asked = ctx.look_ahead();
        let is_deep = asked.field("wins").exists() || asked.field("conflicts").exists();
        let depth = if is_deep { DataMapDepth::Customers } else { DataMapDepth::Records };
        let entries = ctx.data::<Session>()?.data_map(source, depth).await.map_err(|error| failed(&error))?;
        Ok(entries.into_iter().map(DataMapEntry).collect())
    }

    /// Your subscribers that are told of changes over HTTP, the latest first; all of them for those who administer every
    /// department.
    async fn webhooks(&self, ctx: &Context<'_>) -> Result<Vec<Webhook>> {
        let rows = ctx.data::<Session>()?.webhook_list().await.map_err(|error| failed(&error))?;
        Ok(rows.into_iter().map(Webhook).collect())
    }

    /// Your exports, the latest first; all of them for those who administer every department.
    async fn exports(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many, at most 200.")] first: Option<i32>,
        #[graphql(desc = "After this page cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, at most 200.")] last: Option<i32>,
        #[graphql(desc = "Before this page cursor.")] before: Option<String>,
    ) -> Result<Page<Export>> {
        let ask = page_ask(first, after, last, before)?;
        let rows = ctx.data::<Session>()?.export_list().await.map_err(|error| failed(&error))?;
        let total = i64::try_from(rows.len()).unwrap_or(i64::MAX);
        Ok(connection(slice_of(rows, &ask, |row| row.id.to_string())?, Total::Known(total), Export))
    }

    /// Keys with which machines push records: of one source, or of all whose department you administer. Newest first within
    /// each source.
    async fn api_keys(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only of the source with this key.")] source: Option<String>,
    ) -> Result<Vec<ApiKey>> {
        let source = source.map(|key| source_key("source", key)).transpose()?;
        let keys = ctx.data::<Session>()?.api_key_list(source.as_ref()).await.map_err(|error| failed(&error))?;
        Ok(keys.into_iter().map(ApiKey).collect())
    }

    /// Sync runs, newest first.
    async fn sync_runs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only of the source with this key.")] source: Option<String>,
        #[graphql(desc = "The first so many, at most 200.")] first: Option<i32>,
        #[graphql(desc = "After this page cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, at most 200.")] last: Option<i32>,
        #[graphql(desc = "Before this page cursor.")] before: Option<String>,
    ) -> Result<Page<SyncRun>> {
        let ask = page_ask(first, after, last, before)?;
        let source = source.map(|key| source_key("source", key)).transpose()?;
        let source = source.map(|key| onefold_model::SourceId::derive(&key));
        let slice = ctx.data::<Session>()?.run_list(source, &ask).await.map_err(|error| failed(&error))?;
        Ok(connection(slice, Total::Unknown, SyncRun))
    }

    /// What was done and read, and what was refused, the latest first. For whoever answers for privacy; forbidden to everybody
    /// else.
    #[allow(clippy::too_many_arguments, reason = "they are the arguments of a GraphQL list")]
    async fn audit_entries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which of them.")] filter: Option<AuditFilterInput>,
        #[graphql(desc = "The first so many, at most 200.")] first: Option<i32>,
        #[graphql(desc = "After this page cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, at most 200.")] last: Option<i32>,
        #[graphql(desc = "Before this page cursor.")] before: Option<String>,
    ) -> Result<Page<AuditEntry>> {
        let ask = page_ask(first, after, last, before)?;
        let filter = filter.unwrap_or_default().read()?;
        let slice = ctx.data::<Session>()?.audit_list(filter, &ask).await.map_err(|error| failed(&error))?;
        Ok(connection(slice, Total::Unknown, AuditEntry))
    }

    /// Payloads that did not fit and wait, last seen first.
    #[allow(clippy::too_many_arguments, reason = "they are the arguments of a GraphQL list")]
    async fn quarantine(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only of the source with this key.")] source: Option<String>,
        #[graphql(desc = "Only with this code.")] code: Option<String>,
        #[graphql(desc = "The first so many, at most 200.")] first: Option<i32>,
        #[graphql(desc = "After this page cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, at most 200.")] last: Option<i32>,
        #[graphql(desc = "Before this page cursor.")] before: Option<String>,
    ) -> Result<Page<QuarantinedRecord>> {
        let ask = page_ask(first, after, last, before)?;
        let source = source.map(|key| source_key("source", key)).transpose()?;
        let source = source.map(|key| onefold_model::SourceId::derive(&key));
        let session = ctx.data::<Session>()?;
        let slice = session.quarantine_list(source, code.clone(), &ask).await.map_err(|error| failed(&error))?;
        Ok(connection(slice, Total::Quarantine(source, code), |item| QuarantinedRecord(Arc::new(item))))
    }

    /// What waits in quarantine by its cause: most payloads first. Of the sources whose causes you may read as they are.
    async fn quarantine_groups(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only of the source with this key.")] source: Option<String>,
        #[graphql(desc = "The first so many, at most 200.")] first: Option<i32>,
        #[graphql(desc = "After this page cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, at most 200.")] last: Option<i32>,
        #[graphql(desc = "Before this page cursor.")] before: Option<String>,
    ) -> Result<Page<QuarantineGroup>> {
        let ask = page_ask(first, after, last, before)?;
        let source = source.map(|key| source_key("source", key)).transpose()?;
        let source = source.map(|key| onefold_model::SourceId::derive(&key));
        let groups = ctx.data::<Session>()?.quarantine_groups(source).await.map_err(|error| failed(&error))?;
        let total = i64::try_from(groups.len()).unwrap_or(i64::MAX);
        Ok(connection(slice_of(groups, &ask, QuarantineGroup::cursor)?, Total::Known(total), QuarantineGroup))
    }

    /// What was discarded of quarantine, the latest first: also what was taken back. Of the sources whose causes you may read as
    /// they are.
    async fn quarantine_discards(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only of the source with this key.")] source: Option<String>,
        #[graphql(desc = "The first so many, at most 200.")] first: Option<i32>,
        #[graphql(desc = "After this page cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, at most 200.")] last: Option<i32>,
        #[graphql(desc = "Before this page cursor.")] before: Option<String>,
    ) -> Result<Page<QuarantineDiscard>> {
        let ask = page_ask(first, after, last, before)?;
        let source = source.map(|key| source_key("source", key)).transpose()?;
        let source = source.map(|key| onefold_model::SourceId::derive(&key));
        let session = ctx.data::<Session>()?;
        let slice = session.quarantine_discard_list(source, &ask).await.map_err(|error| failed(&error))?;
        Ok(connection(slice, Total::Unknown, QuarantineDiscard))
    }

    /// Why somebody with these departments and roles sees these fields as they do: verdicts and policies, never values. For
    /// those who may administer every department.
    async fn explain_access(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The departments of their token.")] departments: Vec<String>,
        #[graphql(desc = "The roles of their token.", default)] roles: Vec<String>,
        #[graphql(
            desc = "Only for the departments whose sources speak of this customer or record, where you may see it."
        )]
        id: Option<ID>,
        #[graphql(desc = "The fields, as Type.field; at most 50.")] paths: Vec<String>,
    ) -> Result<Vec<AccessExplanation>> {
        if paths.len() > 50 {
            return Err(coded("INVALID_INPUT", "argument paths: at most 50 paths"));
        }
        let object = id.map(|id| node_id("id", &id)).transpose()?;
        let ask = AccessAsk { departments, roles };
        let session = ctx.data::<Session>()?;
        let found = session.access_explain(ask, object, &paths).await.map_err(|error| failed(&error))?;
        Ok(found.into_iter().map(AccessExplanation::from).collect())
    }

    /// All that somebody with these departments and roles may see and do, without a value. To see data as they do, send the
    /// header `onefold-view-as`. For those who may administer every department.
    async fn view_as(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The departments of their token.")] departments: Vec<String>,
        #[graphql(desc = "The roles of their token.", default)] roles: Vec<String>,
    ) -> Result<AccessView> {
        let view = ctx.data::<Session>()?.access_view(AccessAsk { departments, roles });
        Ok(view.map_err(|error| failed(&error))?.into())
    }

    /// The policies that hold, and why newer ones do not. For those who may administer every department.
    async fn policy_status(&self, ctx: &Context<'_>) -> Result<PolicyStatus> {
        Ok(ctx.data::<Session>()?.policy_state().map_err(|error| failed(&error))?.into())
    }

    /// The queue by the customers that would become one, what weighs most in business first. Links that new facts contradict
    /// are not in it.
    async fn match_candidate_groups(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which pairs.")] filter: Option<CandidateFilterInput>,
        #[graphql(desc = "The first so many, at most 200.")] first: Option<i32>,
        #[graphql(desc = "After this page cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, at most 200.")] last: Option<i32>,
        #[graphql(desc = "Before this page cursor.")] before: Option<String>,
    ) -> Result<Page<MatchCandidateGroup>> {
        let ask = page_ask(first, after, last, before)?;
        let filter = filter.unwrap_or_default().read("filter")?;
        let session = ctx.data::<Session>()?;
        let groups = session.candidate_groups(&filter).await.map_err(|error| failed(&error))?;
        let total = Total::Known(i64::try_from(groups.len()).unwrap_or(i64::MAX));
        let slice = slice_of(groups, &ask, CandidateGroup::key)?;
        let shown: Vec<CandidateGroup> = slice.rows.iter().map(|(_, group)| group.clone()).collect();
        let pairs = session.candidate_group_pairs(&filter, &shown).await.map_err(|error| failed(&error))?;
        let mut pairs = pairs.into_iter();
        let slice = slice.map(|group| {
            let pairs = pairs.next().unwrap_or_default().into_iter().map(Arc::new).collect();
            MatchCandidateGroup { group, pairs }
        });
        Ok(connection(slice, total, std::convert::identity))
    }

    /// Pairs of records that may be of the same customer, likeliest first.
    #[allow(clippy::too_many_arguments, reason = "they are the arguments of a GraphQL list")]
    async fn match_candidates(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only of this customer.")] customer: Option<ID>,
        #[graphql(desc = "At least so likely, from 0 to 1.")] min_probability: Option<f64>,
        #[graphql(desc = "Which of them.")] filter: Option<CandidateFilterInput>,
        #[graphql(desc = "In which order. Without one the likeliest first.")] order_by: Option<CandidateOrderInput>,
        #[graphql(desc = "The first so many, at most 200.")] first: Option<i32>,
        #[graphql(desc = "After this page cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, at most 200.")] last: Option<i32>,
        #[graphql(desc = "Before this page cursor.")] before: Option<String>,
    ) -> Result<Page<MatchCandidate>> {
        let ask = page_ask(first, after, last, before)?;
        let customer = customer.map(|id| typed_id::<CustomerId>("customer", &id)).transpose()?;
        let mut filter: CandidateFilter = filter.unwrap_or_default().read("filter")?;
        filter.customers.extend(customer);
        filter.min_probability = min_probability.or(filter.min_probability);
        let order = order_by.map_or_else(CandidateOrder::default, CandidateOrder::from);
        let session = ctx.data::<Session>()?;
        let slice = session.candidate_list(&filter, order, &ask).await.map_err(|error| failed(&error))?;
        Ok(connection(slice, Total::Candidates(Box::new(filter)), |pair| MatchCandidate(Arc::new(pair))))
    }

    /// What stewards decided about pairs of records, the latest first: also what was taken back. For those who review for the
    /// departments of both records.
    #[allow(clippy::too_many_arguments, reason = "they are the arguments of a GraphQL list")]
    async fn decisions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only about records of this customer.")] customer: Option<ID>,
        #[graphql(desc = "Only those that stand, or only those that were taken back.")] standing: Option<bool>,
        #[graphql(desc = "The first so many, at most 200.")] first: Option<i32>,
        #[graphql(desc = "After this page cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, at most 200.")] last: Option<i32>,
        #[graphql(desc = "Before this page cursor.")] before: Option<String>,
    ) -> Result<Page<StewardDecision>> {
        let ask = page_ask(first, after, last, before)?;
        let customer = customer.map(|id| typed_id::<CustomerId>("customer", &id)).transpose()?;
        let session = ctx.data::<Session>()?;
        let slice = session.decision_list(customer, standing, &ask).await.map_err(|error| failed(&error))?;
        Ok(connection(slice, Total::Decisions(customer, standing), StewardDecision))
    }

    /// Why two records are, or are not, of one customer: what was compared, what it is worth, what stewards decided, and what
    /// would link them. For those who review for the departments of both; null where you may not see one of them. Of what you
    /// may not read whole nothing is told that would tell it.
    async fn explain_match(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id of one record of a party.")] a: ID,
        #[graphql(desc = "The id of the other.")] b: ID,
    ) -> Result<Option<MatchExplanation>> {
        let (one, other) = (typed_id("a", &a)?, typed_id("b", &b)?);
        let explained = ctx.data::<Session>()?.match_explain(one, other).await.map_err(|error| failed(&error))?;
        Ok(explained.map(MatchExplanation))
    }

    /// How a customer was formed from its records, step by step, and where it would break. For those who review for the
    /// departments of all its records.
    async fn explain_customer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Any id that it ever had.")] id: ID,
    ) -> Result<Option<CustomerFormation>> {
        let customer = typed_id::<CustomerId>("id", &id)?;
        let formed = ctx.data::<Session>()?.customer_explain(customer).await.map_err(|error| failed(&error))?;
        Ok(formed.map(CustomerFormation))
    }

    /// What merging customers would do: who would change, which values, consents and ids. Nothing is done. For those who review
    /// for the departments of all their records.
    async fn merge_preview(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which customers.")] input: MergeInput,
    ) -> Result<PlanPreviewPayload> {
        merge_preview(ctx, &input).await
    }

    /// What splitting a customer would do. Nothing is done. For those who review for the departments of all its records.
    async fn split_preview(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which customer, and into which groups.")] input: SplitInput,
    ) -> Result<PlanPreviewPayload> {
        split_preview(ctx, &input).await
    }

    /// What deciding many pairs of the queue alike would do, with a sample to look at. Nothing is done. For those who review.
    async fn decide_many_preview(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which pairs, and what they are.")] input: DecideManyInput,
    ) -> Result<DecideManyPreviewPayload> {
        decide_many_preview(ctx, &input).await
    }

    /// What the map of now would make of what is stored of a source, without asking its system. Nothing is stored. For those who
    /// may sync the source.
    async fn replay_preview(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The key of the source.")] source: String,
    ) -> Result<ReplayPreviewPayload> {
        replay_preview(ctx.data::<Session>()?, source).await
    }

    /// Plans that were applied, the latest first: also what was taken back. For those who review for the departments of all
    /// their records.
    async fn plans(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many, at most 200.")] first: Option<i32>,
        #[graphql(desc = "After this page cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, at most 200.")] last: Option<i32>,
        #[graphql(desc = "Before this page cursor.")] before: Option<String>,
    ) -> Result<Page<StewardPlanApplied>> {
        let ask = page_ask(first, after, last, before)?;
        let slice = ctx.data::<Session>()?.plan_list(&ask).await.map_err(|error| failed(&error))?;
        Ok(connection(slice, Total::Unknown, StewardPlanApplied))
    }

    /// How good matching is, by month, the latest first: from random samples of what it did by itself, which stewards judged
    /// blind. For those who review, or administer, all departments.
    async fn match_quality(&self, ctx: &Context<'_>) -> Result<Vec<MatchQuality>> {
        let quality = ctx.data::<Session>()?.match_quality().await.map_err(|error| failed(&error))?;
        Ok(quality.into_iter().map(MatchQuality::from).collect())
    }

    /// The lowest threshold of automatic links of which the decisions of stewards prove that at most this share would be wrong,
    /// and what it would change. Nothing is done. For those who review, or administer, all departments.
    async fn match_threshold_proposal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The share of links that may be wrong; 0.01 unless told otherwise.")] most_wrong: Option<f64>,
    ) -> Result<MatchThresholdProposal> {
        let proposing = ctx.data::<Session>()?.threshold_propose(most_wrong.unwrap_or(0.01));
        let proposal = Box::pin(proposing).await.map_err(|error| failed(&error))?;
        Ok(MatchThresholdProposal::of(&proposal, 10))
    }

    /// What the survivorship rules of the configuration would change, were they put in place now. Nothing is done. Reads all
    /// records. For those who review, or administer, all departments.
    async fn survivorship_preview(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many changes are shown, at most 50; 10 unless told otherwise.")] sample: Option<i32>,
    ) -> Result<SurvivorshipPreview> {
        let sample = usize::try_from(sample.unwrap_or(10)).unwrap_or(0);
        let seen = Box::pin(ctx.data::<Session>()?.survivorship_preview(sample)).await;
        Ok(seen.map_err(|error| failed(&error))?.into())
    }

    /// What stewards hold fast of a customer, the latest first. For those who review for the departments of its records.
    async fn value_pins(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Any id that the customer ever had.")] customer: ID,
    ) -> Result<Vec<ValuePin>> {
        let customer = typed_id::<CustomerId>("customer", &customer)?;
        let pins = ctx.data::<Session>()?.pin_list(customer).await.map_err(|error| failed(&error))?;
        Ok(pins.into_iter().map(ValuePin).collect())
    }

    /// The models of matching that were trained, the latest first. For those who review or administer all departments.
    async fn match_models(&self, ctx: &Context<'_>) -> Result<Vec<MatchModel>> {
        let models = ctx.data::<Session>()?.model_list().await.map_err(|error| failed(&error))?;
        Ok(models.into_iter().map(MatchModel::from).collect())
    }

    /// Who would merge and split if a model were put in place. Matches all records, which takes seconds where there are many;
    /// writes nothing.
    async fn match_model_plan(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The version of the model.")] version: String,
        #[graphql(desc = "At most so many examples of each kind of change, up to 50.", default = 10)] examples: i32,
    ) -> Result<MatchModelPlan> {
        let examples = usize::try_from(examples).ok().filter(|examples| *examples <= 50);
        let examples = examples.ok_or_else(|| coded("INVALID_INPUT", "argument examples: not between 0 and 50"))?;
        let plan = ctx.data::<Session>()?.model_plan(&version).await.map_err(|error| failed(&error))?;
        Ok(MatchModelPlan::of(&plan, examples))
    }
}
