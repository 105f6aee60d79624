//! The arguments of a plan with the variables of a request. What is not right gives none: the executor then says what is wrong.

use super::plan::{PageArgs, Reach};
use crate::app::{CustomerFilter, CustomerOrder, ListColumn, PageAsk, PlannedAsk, PlannedListAsk, Session};
use crate::graphql::document::{JsonMap, graph_value};
use crate::graphql::ids::typed_id;
use crate::graphql::page::page_ask;
use crate::graphql::query::customers::{CustomerFilterInput, CustomerOrderInput};
use async_graphql::{ID, InputType, Name, Value as Given};
use async_graphql_value::Value;
use onefold_model::CustomerId;

/// The arguments of a list of customers, read.
pub(super) struct CustomersAsk {
    pub(super) filter: CustomerFilter,
    pub(super) order: CustomerOrder,
    pub(super) page: PageAsk,
}

/// A value as it is written, with what the variables stand for. A variable that was not given stands for null.
fn given(value: &Value, variables: &JsonMap) -> Given {
    match value {
        Value::Variable(name) => variables.get(name.as_str()).map_or(Given::Null, graph_value),
        Value::Null => Given::Null,
        Value::Number(number) => Given::Number(number.clone()),
        Value::String(text) => Given::String(text.clone()),
        Value::Boolean(is_true) => Given::Boolean(*is_true),
        Value::Binary(bytes) => Given::Binary(bytes.clone()),
        Value::Enum(name) => Given::Enum(name.clone()),
        Value::List(items) => Given::List(items.iter().map(|item| given(item, variables)).collect()),
        Value::Object(fields) => {
            let field = |(name, value): (&Name, &Value)| (name.clone(), given(value, variables));
            Given::Object(fields.iter().map(field).collect())
        }
    }
}

fn argument<T: InputType>(value: Option<&Value>, variables: &JsonMap) -> Option<T> {
    T::parse(value.map(|value| given(value, variables))).ok()
}

/// The customer that is asked for.
pub(super) fn id(value: &Value, variables: &JsonMap) -> Option<CustomerId> {
    typed_id("id", &argument::<ID>(Some(value), variables)?).ok()
}

/// Which customers are asked for.
pub(super) fn customers(args: &PageArgs, variables: &JsonMap, session: &Session) -> Option<CustomersAsk> {
    let filter: Option<CustomerFilterInput> = argument(args.filter.as_ref(), variables)?;
    let order: Option<CustomerOrderInput> = argument(args.order_by.as_ref(), variables)?;
    let first = argument::<Option<i32>>(args.first.as_ref(), variables)?;
    let after = argument::<Option<String>>(args.after.as_ref(), variables)?;
    let last = argument::<Option<i32>>(args.last.as_ref(), variables)?;
    let before = argument::<Option<String>>(args.before.as_ref(), variables)?;
    Some(CustomersAsk {
        filter: filter.unwrap_or_default().read().ok()?,
        order: order.map_or_else(|| session.customer_order(), CustomerOrder::from),
        page: page_ask(first, after, last, before).ok()?,
    })
}

/// The rows of each list.
pub(super) fn rows(reach: &Reach, variables: &JsonMap) -> Option<Vec<u32>> {
    let count = |first: Option<&Value>| match page_ask(argument(first, variables)?, None, None, None).ok()? {
        PageAsk::Forward { count, .. } => Some(count),
        PageAsk::Backward { .. } => None,
    };
    reach.lists.iter().map(|list| count(list.first.as_ref())).collect()
}

/// What is asked of each customer, with so many rows of each list.
pub(super) fn reach(reach: &Reach, rows: &[u32]) -> PlannedAsk {
    let lists = reach.lists.iter().zip(rows).map(|(list, rows)| {
        let mut columns: Vec<ListColumn> = list.columns.clone();
        columns.sort_unstable();
        PlannedListAsk {
            list: list.name,
            kind: list.kind,
            rows: *rows,
            peeks: list.peeks,
            counted: list.counted,
            columns,
            fields: list.fields.clone(),
        }
    });
    PlannedAsk { values: reach.values.clone(), lists: lists.collect() }
}
