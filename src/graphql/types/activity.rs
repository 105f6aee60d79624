//! What all activities share: their frame, their pages, and the macro that makes a type from a list of fields.

use super::record::SourceRecord;
use crate::app::{ActivityView, Session};
use crate::graphql::loaders::{ActivityKey, CountKey, Group, PageKey, RecordKey, load};
use crate::graphql::page::{Page, Total, connection, page_ask};
use async_graphql::{Context, OutputType, Result};
use onefold_model::{CustomerId, RecordId, RecordKind};
use std::sync::Arc;

/// A type of the graph over an activity. Fields are read from what the scope shows; `extra` adds resolvers of its own.
macro_rules! activity {
    ($(#[doc = $doc:literal])* $name:ident {
        $($(#[doc = $fdoc:literal])* $field:ident: $ty:ty = $json:literal $(=> $wrap:expr)?),* $(,)?
    } extra { $($extra:tt)* }) => {
        $(#[doc = $doc])*
        #[derive(Clone, async_graphql::Description)]
        pub struct $name(pub std::sync::Arc<$crate::app::ActivityView>);

        impl From<std::sync::Arc<$crate::app::ActivityView>> for $name {
            fn from(view: std::sync::Arc<$crate::app::ActivityView>) -> Self { Self(view) }
        }

        #[async_graphql::Object(use_type_description)]
        impl $name {
            /// The id of this object, for ever.
            pub async fn id(&self) -> async_graphql::ID { $crate::graphql::ids::id(self.0.id) }

            /// Rises with every change that the source delivered, from 1.
            pub async fn version(&self) -> i64 { self.0.version }

            /// When this last became different in the hub.
            pub async fn changed_at(&self) -> onefold_model::Timestamp { self.0.changed_at }

            /// Where this was said.
            pub async fn source_record(&self, ctx: &async_graphql::Context<'_>) -> async_graphql::Result<Option<super::record::SourceRecord>> {
                super::activity::source_record(ctx, self.0.id).await
            }

            /// What you may not see here, and why.
            pub async fn restrictions(&self) -> Vec<super::restriction::Restriction> {
                super::restriction::restrictions(&self.0.restrictions)
            }

            $(
                $(#[doc = $fdoc])*
                pub async fn $field(&self) -> Option<$ty> { self.0.fields.get($json)$(.map($wrap))? }
            )*

            $($extra)*
        }
    };
}
pub(super) use activity;

/// Where an activity was said.
pub(super) async fn source_record(ctx: &Context<'_>, id: RecordId) -> Result<Option<SourceRecord>> {
    Ok(load(ctx, RecordKey(id)).await?.map(SourceRecord::from))
}

/// What the page arguments of a nested list are.
pub(super) type PageArgs = (Option<i32>, Option<String>, Option<i32>, Option<String>);

/// What happened with a customer. Null where the caller may not see that list, or none of this type at all.
pub(super) async fn of_customer<N>(
    ctx: &Context<'_>,
    customer: CustomerId,
    list: &str,
    kind: RecordKind,
    args: PageArgs,
) -> Result<Option<Page<N>>>
where
    N: OutputType + From<Arc<ActivityView>>,
{
    if !ctx.data::<Session>()?.shows("Customer", list) {
        return Ok(None);
    }
    activities(ctx, kind, Group::Customer(customer), args).await
}

/// What belongs to an activity. Null where the caller may not see that list, or none of this type at all.
pub(super) async fn of_parent<N>(
    ctx: &Context<'_>,
    parent: &ActivityView,
    list: &str,
    kind: RecordKind,
    args: PageArgs,
) -> Result<Option<Page<N>>>
where
    N: OutputType + From<Arc<ActivityView>>,
{
    if !parent.shows(list) {
        return Ok(None);
    }
    activities(ctx, kind, Group::Parent(parent.id), args).await
}

async fn activities<N>(
    ctx: &Context<'_>,
    kind: RecordKind,
    group: Group,
    (first, after, last, before): PageArgs,
) -> Result<Option<Page<N>>>
where
    N: OutputType + From<Arc<ActivityView>>,
{
    if !ctx.data::<Session>()?.shows_type(kind.type_name()) {
        return Ok(None);
    }
    let ask = page_ask(first, after, last, before)?;
    let total = Total::Activity(CountKey { kind, group });
    let slice = load(ctx, PageKey { kind, group, ask }).await?;
    let slice = slice.map_or_else(crate::app::Slice::empty, |slice| (*slice).clone());
    Ok(Some(connection(slice, total, |view| N::from(Arc::new(view)))))
}

/// What an activity belongs to. Null where that has not arrived or may not be seen.
pub(super) async fn parent<N: From<Arc<ActivityView>>>(
    ctx: &Context<'_>,
    child: &ActivityView,
    field: &str,
    kind: RecordKind,
) -> Result<Option<N>> {
    let Some(id) = child.parent.filter(|_| child.shows(field)) else { return Ok(None) };
    Ok(load(ctx, ActivityKey { kind, id }).await?.map(|view| N::from(Arc::new(view))))
}
