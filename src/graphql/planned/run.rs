//! A plan is run: its arguments are read, its customers are asked for, and the answer is written.

use super::ask::{self, CustomersAsk};
use super::plan::{Connection, Customers, Keyed, Plan, Reach, Ready, Root};
use super::write::Written;
use crate::app::{PlannedReach, Session};
use crate::graphql::document::JsonMap;
use onefold_model::CustomerId;
use std::sync::{Arc, PoisonError};

/// So much that was made ready is kept with a plan: the departments of an installation, each with a few roles, and two or three
/// sizes of pages. What is too much is made again.
const KEPT: usize = 32;

/// A plan, and what a request brings to it.
pub(in crate::graphql) struct Asked {
    pub(in crate::graphql) plan: Arc<Plan>,
    pub(in crate::graphql) variables: JsonMap,
    /// What it could come to, in points.
    pub(in crate::graphql) requested: u64,
}

/// What a root field reads, once its arguments are.
enum Step<'a> {
    Typename,
    Customer { id: CustomerId, reach: Arc<PlannedReach>, of: &'a Customers },
    Customers { ask: Box<CustomersAsk>, reach: Arc<PlannedReach>, of: &'a [Keyed<Connection<Customers>>] },
}

/// The answer, up to the end of its data, and its objects. None where it would not be whole: what is wrong, the executor says.
/// Whether its arguments are right is known before anything is read, because what is read is noted.
pub(in crate::graphql) async fn run(session: &Session, asked: &Asked) -> Option<(Vec<u8>, u64)> {
    let plan = &asked.plan;
    let steps: Option<Vec<Step<'_>>> = (0..plan.roots.len()).map(|at| step(asked, at, session)).collect();
    let mut out = Written::new();
    out.text("{\"data\":{");
    out.objects += 1;
    for (at, (root, step)) in plan.roots.iter().zip(steps?).enumerate() {
        out.key(at, &root.key);
        match step {
            Step::Typename => out.text("\"Query\""),
            Step::Customer { id, reach, of } => match session.planned_customer(&reach, id).await.ok()? {
                Some(customer) => out.customer(session, of, &customer, id)?,
                None => out.text("null"),
            },
            Step::Customers { ask, reach, of } => {
                let is_counted = of.iter().any(|part| matches!(part.what, Connection::TotalCount));
                let count =
                    async { if is_counted { session.planned_count(&ask.filter).await.map(Some) } else { Ok(None) } };
                let page = session.planned_customers(&reach, (&ask.filter, ask.order, &ask.page));
                let (page, count) = futures_util::future::try_join(page, count).await.ok()?;
                out.customers(session, of, &page, (ask.order, count))?;
            }
        }
    }
    out.text("}");
    Some((out.bytes, out.objects))
}

fn step<'a>(asked: &'a Asked, at: usize, session: &Session) -> Option<Step<'a>> {
    let Asked { plan, variables, .. } = asked;
    Some(match &plan.roots[at].what {
        Root::Typename => Step::Typename,
        Root::Customer { id, reach, of } => {
            let id = ask::id(id, variables)?;
            Step::Customer { id, reach: ready(plan, at, reach, session, variables)?, of }
        }
        Root::Customers { page, reach, of } => {
            let ask = Box::new(ask::customers(page, variables, session)?);
            let is_right = session.planned_may(&ask.filter, ask.order, &ask.page);
            let reach = ready(plan, at, reach, session, variables)?;
            is_right.then_some(Step::Customers { ask, reach, of })?
        }
    })
}

fn ready(plan: &Plan, root: usize, reach: &Reach, session: &Session, variables: &JsonMap) -> Option<Arc<PlannedReach>> {
    let rows = ask::rows(reach, variables)?;
    let fits = |ready: &Ready| ready.root == root && ready.rows == rows && session.shares_rights(&ready.scope);
    // What is ready is never half written, so a lock that a panic left behind still guards good ones.
    let known = plan.ready.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = known.iter().rev().find(|ready| fits(ready)) {
        return Some(Arc::clone(&known.reach));
    }
    drop(known);
    let made = Arc::new(session.planned(ask::reach(reach, &rows)));
    let mut known = plan.ready.lock().unwrap_or_else(PoisonError::into_inner);
    if known.len() >= KEPT {
        known.remove(0);
    }
    known.push(Ready { scope: session.scope().clone(), root, rows, reach: Arc::clone(&made) });
    Some(made)
}
