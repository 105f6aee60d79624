//! Issuers of tokens, asked over the network: their key sets, their discovery documents, and the exchange that ends a login.
//!
//! Promises: a key set is fetched when its lifetime is over or a token names a key that is not in it, and never more often
//! than configured, whatever tokens come; while an issuer does not answer its keys hold, but not for ever; only hosts of the
//! configuration are asked, over TLS except on this machine, and no redirect is followed. Deliberately does not check a
//! token (that is [`auth::token`](crate::auth::TokenVerifier)) and knows neither HTTP servers, sessions nor the store.

mod discovery;
mod error;
mod fetch;
mod keys;
mod login;
mod pkce;

pub use error::{IssuerError, IssuerSetupError};
pub use fetch::{Address, AddressError};
pub use login::{LoggedIn, Login, LoginBegun, LoginCallback, LoginError};

use crate::auth::{Actor, TokenError, TokenVerifier};
use crate::config::{AuthConfig, IssuerConfig};
use fetch::Fetcher;
use keys::{Kept, Wanted};
use onefold_model::Timestamp;
use std::sync::Arc;

/// The issuers of the configuration, with what is known of them.
pub struct Issuers {
    tokens: Arc<TokenVerifier>,
    kept: Vec<Arc<Kept>>,
    login: Option<Login>,
}

impl Issuers {
    /// Tokens under a shared secret, and nobody to ask.
    pub fn none(tokens: Arc<TokenVerifier>) -> Self {
        Self { tokens, kept: Vec::new(), login: None }
    }

    /// The issuers and the login of the configuration. Asks nobody yet.
    pub fn new(auth: &AuthConfig, tokens: Arc<TokenVerifier>) -> Result<Self, IssuerSetupError> {
        if auth.issuers.is_empty() && auth.login.is_none() {
            return Ok(Self::none(tokens));
        }
        let fetcher = Arc::new(Fetcher::new()?);
        let kept = auth.issuers.iter().map(|issuer| Kept::new(issuer, Arc::clone(&fetcher)).map(Arc::new));
        let kept = kept.collect::<Result<Vec<_>, _>>()?;
        let login = match &auth.login {
            Some(login) => {
                let known = kept.iter().find(|kept| kept.issuer() == login.issuer);
                let known = known.ok_or_else(|| IssuerSetupError::UnknownLoginIssuer(login.issuer.clone()))?;
                Some(Login::new(login, Arc::clone(known), fetcher)?)
            }
            None => None,
        };
        Ok(Self { tokens, kept, login })
    }

    /// Fetches the keys of every issuer, so that the first token need not wait. What does not answer is logged and asked
    /// again when a token comes.
    pub async fn warm(&self, now: Timestamp) {
        for kept in &self.kept {
            kept.freshen(&self.tokens, Wanted::Lifetime, now).await;
        }
    }

    /// Whose token this is; the keys of its issuer are fetched where that is due.
    pub async fn verify(&self, bearer: &str, now: Timestamp) -> Result<Actor, TokenError> {
        Ok(self.verify_until(bearer, now).await?.0)
    }

    /// Whose token this is, and when it ends.
    pub async fn verify_until(&self, bearer: &str, now: Timestamp) -> Result<(Actor, Timestamp), TokenError> {
        let Some(kept) = self.claimed(bearer) else { return self.tokens.verify_until(bearer, now) };
        kept.freshen(&self.tokens, Wanted::Lifetime, now).await;
        match self.tokens.verify_until(bearer, now) {
            Err(TokenError::UnknownKey) => {
                kept.freshen(&self.tokens, Wanted::NewKey, now).await;
                self.tokens.verify_until(bearer, now)
            }
            checked => checked,
        }
    }

    /// How people log in, where that is configured.
    pub fn login(&self) -> Option<&Login> {
        self.login.as_ref()
    }

    /// Who came back from the provider.
    pub async fn login_finish(
        &self,
        cookie: Option<&str>,
        callback: &LoginCallback,
        now: Timestamp,
    ) -> Result<LoggedIn, LoginError> {
        let login = self.login.as_ref().ok_or(LoginError::NotConfigured)?;
        login.finish(&self.tokens, cookie, callback, now).await
    }

    fn claimed(&self, bearer: &str) -> Option<&Arc<Kept>> {
        let name = self.tokens.claimed_issuer(bearer)?;
        self.kept.iter().find(|kept| kept.issuer() == name)
    }
}

/// The issuers as the verifier of their tokens takes them.
pub fn issuer_settings(issuers: &[IssuerConfig]) -> Vec<crate::auth::IssuerSettings> {
    let settings = issuers.iter().map(|issuer| crate::auth::IssuerSettings {
        issuer: issuer.issuer.clone(),
        audiences: issuer.audiences.clone(),
        algorithms: issuer.algorithms.clone(),
        leeway_s: issuer.leeway_s,
        subject_claim: issuer.subject_claim.clone(),
        departments: issuer.departments.clone(),
        roles: issuer.roles.clone(),
    });
    settings.collect()
}
