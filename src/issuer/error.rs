//! Why an issuer could not be asked. For the operator's log and for the start; a client hears a code of its own.

use super::fetch::AddressError;
use crate::auth::KeySetError;
use crate::config::ConfigError;
use std::io;

/// Why an issuer gave nothing that can be used.
#[derive(Debug, thiserror::Error)]
pub enum IssuerError {
    /// No answer, or one that broke off.
    #[error("{what} could not be fetched: {reason}")]
    Unreachable {
        /// What was asked for.
        what: &'static str,
        /// Why, in words that hold no address.
        reason: &'static str,
    },
    /// An answer that says no, or that leads elsewhere.
    #[error("{what} was answered with status {status}; redirects are not followed")]
    Status {
        /// What was asked for.
        what: &'static str,
        /// The status.
        status: u16,
    },
    /// More than is read.
    #[error("{what} has more than {limit} bytes")]
    TooLarge {
        /// What was asked for.
        what: &'static str,
        /// How many bytes are read.
        limit: usize,
    },
    /// Not what it should be.
    #[error("{what} is not as it should be: {problem}")]
    Malformed {
        /// What was asked for.
        what: &'static str,
        /// What is wrong.
        problem: &'static str,
    },
    /// An address that the configuration does not allow.
    #[error("the discovery document names an address for {what} that is not allowed")]
    Address {
        /// What for.
        what: &'static str,
        /// Why not.
        source: AddressError,
    },
    /// The key set cannot be used.
    #[error("the key set cannot be used")]
    Keys(#[from] KeySetError),
    /// The file with the key set cannot be read.
    #[error("the file with the key set cannot be read")]
    File(#[source] io::Error),
}

/// Why the configuration of issuers cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum IssuerSetupError {
    /// An address of the configuration cannot be used.
    #[error("{what} of issuer {issuer:?} cannot be used")]
    Address {
        /// Which.
        what: &'static str,
        /// Of whom.
        issuer: String,
        /// Why not.
        source: AddressError,
    },
    /// The login names an issuer that is not there.
    #[error("[auth.login] names the issuer {0:?}, and no [[auth.issuers]] has that name")]
    UnknownLoginIssuer(String),
    /// The secret of the login is not where the configuration says.
    #[error("the login cannot be used")]
    Secret(#[from] ConfigError),
    /// The address of the hub has a path.
    #[error("public_url of [auth.login] must be the address of the hub alone: https://hub.example, without a path")]
    PublicUrl,
    /// The library refused.
    #[error("the HTTP client could not be built")]
    Client,
}
