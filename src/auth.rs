//! Who asks, and what they may see: a token becomes an [`Actor`], policies decide, and a [`Scope`] carries the decisions.
//!
//! Promises: the scope is the only key to the store, and it holds exactly what the policies permit; whatever no policy
//! permits is hidden; a policy that names something that does not exist is refused at start with its place. Deliberately
//! does not know HTTP, GraphQL, SQL or the configuration: it takes settings, names and texts, and gives tables.

mod actor;
#[cfg(test)]
mod matrix;
pub mod policy;
#[cfg(test)]
mod sample;
pub mod scope;
pub mod token;

pub use actor::Actor;
pub use policy::{
    AccessExplained, Change, Direction, GraphFields, LivePolicies, PolicyError, PolicyErrors, PolicyPlace,
    PolicyProblem, PolicyRef, PolicySet, PolicyState, Principal, cedar_schema, default_policies, policies_compare,
};
pub use scope::{
    Action, FieldRestriction, Mask, Owners, Permission, PseudonymKey, PseudonymSecret, RestrictionKind,
    RestrictionReason, Scope, ShortSecret, Verdict,
};
pub use token::{
    MintError, MintRequest, SigningSecret, TokenError, TokenKeys, TokenSettings, TokenSettingsError, TokenVerifier,
};
