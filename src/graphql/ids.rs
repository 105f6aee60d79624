//! Ids as arguments: parsed at the edge, typed inside.

use super::error::bad_id;
use async_graphql::{Error, ID};
use onefold_model::{InvalidNodeId, NodeId};

/// An id of any kind.
pub(super) fn node_id(argument: &str, id: &ID) -> Result<NodeId, Error> {
    id.as_str().parse().map_err(|error| bad_id(argument, &error))
}

/// An id of the kind that this place takes.
pub(super) fn typed_id<T: TryFrom<NodeId, Error = InvalidNodeId>>(argument: &str, id: &ID) -> Result<T, Error> {
    T::try_from(node_id(argument, id)?).map_err(|error| bad_id(argument, &error))
}

/// An id as the graph shows it.
pub(super) fn id(id: impl Into<NodeId>) -> ID {
    ID(id.into().to_string())
}
