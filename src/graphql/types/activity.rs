//! What all activities share: their frame, their pages, and the macro that makes a type from a list of fields.

use super::choice::{Filter, choice};
use super::record::SourceRecord;
use crate::app::{ActivityChoice, ActivityOrder, ActivityView, PageAsk, Session, Slice};
use crate::graphql::error::failed;
use crate::graphql::ids::typed_id;
use crate::graphql::loaders::{ActivityKey, CountKey, CustomerKey, Group, PageKey, RecordKey, load};
use crate::graphql::page::{Page, Total, connection, page_ask};
use async_graphql::{Context, ID, OutputType, Result};
use onefold_model::{CustomerId, RecordId, RecordKind};
use std::sync::Arc;

/// A type of the graph over an activity. Fields are read from what the scope shows; `extra` adds resolvers of its own. With it
/// come the conditions and orders of its lists: each field is chosen by what it holds, and ordered by the two words after `by`.
/// Labels have no order.
macro_rules! activity {
    ($(#[doc = $doc:literal])* $name:ident, $filter:ident, $order:ident {
        $($(#[doc = $fdoc:literal])* $field:ident: $ty:ty = $json:literal $(=> $wrap:expr)?, by $asc:ident $desc:ident;)*
    } $(labels {
        $($(#[doc = $ldoc:literal])* $label:ident: $lty:ty = $ljson:literal;)*
    })? extra { $($extra:tt)* }) => {
        super::activity::activity_choice! {
            $name, $filter, $order {
                $($(#[doc = $fdoc])* $field: $ty = $json, by $asc $desc;)*
            } labels {
                $($($(#[doc = $ldoc])* $label: $lty = $ljson;)*)?
            }
        }

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

            $($(
                $(#[doc = $ldoc])*
                pub async fn $label(&self) -> Option<$lty> { self.0.fields.get($ljson) }
            )*)?

            $($extra)*
        }
    };
}
pub(super) use activity;

/// The conditions and the orders of the lists of a type.
macro_rules! activity_choice {
    ($name:ident, $filter:ident, $order:ident {
        $($(#[doc = $fdoc:literal])* $field:ident: $ty:ty = $json:literal, by $asc:ident $desc:ident;)*
    } labels {
        $($(#[doc = $ldoc:literal])* $label:ident: $lty:ty = $ljson:literal;)*
    }) => {
        #[doc = concat!("Which objects of the type ", stringify!($name), ". All conditions hold together; what has no value fits none but `isNull`.")]
        #[derive(async_graphql::InputObject)]
        pub struct $filter {
            /// One of these ids; at most 100.
            id: Option<Vec<async_graphql::ID>>,
            /// Its version.
            version: Option<super::choice::NumberFilterInput>,
            /// When it last became different in the hub.
            changed_at: Option<super::choice::DateTimeFilterInput>,
            $($(#[doc = $fdoc])* $field: Option<<$ty as super::choice::Chosen>::By>,)*
            $($(#[doc = $ldoc])* $label: Option<<$lty as super::choice::Chosen>::By>,)*
        }

        impl super::choice::Filter for $filter {
            fn read(self) -> async_graphql::Result<Vec<$crate::app::ActivityCondition>> {
                let mut out = Vec::new();
                super::choice::add_ids(&mut out, self.id)?;
                super::choice::add(&mut out, "version", $crate::app::Holds::Version, self.version)?;
                super::choice::add(&mut out, "changedAt", $crate::app::Holds::ChangedAt, self.changed_at)?;
                $(super::choice::add(&mut out, $json, <$ty as super::choice::Chosen>::HOLDS, self.$field)?;)*
                $(super::choice::add(&mut out, $ljson, <$lty as super::choice::Chosen>::HOLDS, self.$label)?;)*
                Ok(out)
            }
        }

        #[doc = concat!("By what objects of the type ", stringify!($name), " are ordered. Equal ones are ordered by id. What has no value comes first ascending, and last descending.")]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, async_graphql::Enum)]
        pub enum $order {
            /// By `version`, ascending.
            VersionAsc,
            /// By `version`, descending.
            VersionDesc,
            /// By `changedAt`, ascending.
            ChangedAtAsc,
            /// By `changedAt`, descending.
            ChangedAtDesc,
            $(
                #[doc = concat!("By `", $json, "`, ascending.")]
                $asc,
                #[doc = concat!("By `", $json, "`, descending.")]
                $desc,
            )*
        }

        impl From<$order> for $crate::app::ActivityOrder {
            fn from(order: $order) -> Self {
                // By their whole names: a type of a field may have one of these names too.
                let by = |name, holds, direction| Self::By($crate::app::ActivityField { name, holds }, direction);
                match order {
                    $order::VersionAsc => by("version", $crate::app::Holds::Version, $crate::app::Direction::Asc),
                    $order::VersionDesc => by("version", $crate::app::Holds::Version, $crate::app::Direction::Desc),
                    $order::ChangedAtAsc => by("changedAt", $crate::app::Holds::ChangedAt, $crate::app::Direction::Asc),
                    $order::ChangedAtDesc => by("changedAt", $crate::app::Holds::ChangedAt, $crate::app::Direction::Desc),
                    $(
                        $order::$asc => by($json, <$ty as super::choice::Chosen>::HOLDS, $crate::app::Direction::Asc),
                        $order::$desc => by($json, <$ty as super::choice::Chosen>::HOLDS, $crate::app::Direction::Desc),
                    )*
                }
            }
        }
    };
}
pub(super) use activity_choice;

/// Where an activity was said.
pub(super) async fn source_record(ctx: &Context<'_>, id: RecordId) -> Result<Option<SourceRecord>> {
    Ok(load(ctx, RecordKey(id)).await?.map(SourceRecord::from))
}

/// The page arguments of a list: `first`, `after`, `last`, `before`.
pub(in crate::graphql) type PageArgs = (Option<i32>, Option<String>, Option<i32>, Option<String>);

/// What is asked of a list.
pub(in crate::graphql) struct ListArgs {
    choice: Arc<ActivityChoice>,
    ask: PageAsk,
}

/// The arguments of a list, as far as they make sense.
pub(in crate::graphql) fn list_args<F: Filter, O: Into<ActivityOrder>>(
    filter: Option<F>,
    order: Option<O>,
    (first, after, last, before): PageArgs,
) -> Result<ListArgs> {
    Ok(ListArgs { choice: Arc::new(choice(filter, order)?), ask: page_ask(first, after, last, before)? })
}

/// What happened with a customer. Null where the caller may not see that list, or none of this type at all.
pub(in crate::graphql) async fn of_customer<N>(
    ctx: &Context<'_>,
    customer: CustomerId,
    list: &str,
    kind: RecordKind,
    args: ListArgs,
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
    args: ListArgs,
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
    ListArgs { choice, ask }: ListArgs,
) -> Result<Option<Page<N>>>
where
    N: OutputType + From<Arc<ActivityView>>,
{
    if !ctx.data::<Session>()?.shows_type(kind.type_name()) {
        return Ok(None);
    }
    let total = Total::Activity(CountKey { kind, group, choice: Arc::clone(&choice) });
    let slice = load(ctx, PageKey { kind, group, choice, ask }).await?.transpose()?;
    let slice = slice.map_or_else(Slice::empty, |slice| (*slice).clone());
    Ok(Some(connection(slice, total, |view| N::from(Arc::new(view)))))
}

/// What happened with anybody. Null where the caller may see none of this type at all.
pub(in crate::graphql) async fn of_anybody<N>(
    ctx: &Context<'_>,
    kind: RecordKind,
    ListArgs { choice, ask }: ListArgs,
) -> Result<Option<Page<N>>>
where
    N: OutputType + From<Arc<ActivityView>>,
{
    let session = ctx.data::<Session>()?;
    if !session.shows_type(kind.type_name()) {
        return Ok(None);
    }
    let slice = session.activity_list(kind, &choice, &ask).await.map_err(|error| failed(&error))?;
    Ok(Some(connection(slice, Total::Activities(kind, choice), |view| N::from(Arc::new(view)))))
}

/// What happened with one customer, by any id that it ever had. Empty where there is none, or the caller may not see it.
pub(in crate::graphql) async fn of_customer_id<N>(
    ctx: &Context<'_>,
    customer: &ID,
    list: &str,
    kind: RecordKind,
    args: ListArgs,
) -> Result<Option<Page<N>>>
where
    N: OutputType + From<Arc<ActivityView>>,
{
    let id = typed_id::<CustomerId>("customer", customer)?;
    let session = ctx.data::<Session>()?;
    match load(ctx, CustomerKey(id)).await? {
        Some(row) => of_customer(ctx, row.id, list, kind, args).await,
        None if session.shows("Customer", list) && session.shows_type(kind.type_name()) => {
            Ok(Some(connection(Slice::empty(), Total::Known(0), |view| N::from(Arc::new(view)))))
        }
        None => Ok(None),
    }
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
