//! A hub over HTTP in a process of its own: what [`super::served`] starts and asks.

use super::hub;
use onefold::auth::{MintRequest, SigningSecret, TokenKeys, TokenSettings, TokenVerifier};
use onefold::config::AuthConfig;
use onefold::graphql::{CostSettings, GraphSettings, schema_with};
use onefold::http::{Edge, Hub};
use onefold::issuer::Issuers;
use onefold_model::{Clock, SystemClock};
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

/// The hub over HTTP in this process, until standard input ends.
pub async fn serve(url: &str) -> Result<(), Box<dyn Error>> {
    let auth = AuthConfig::default();
    let tokens = TokenVerifier::new(TokenSettings {
        keys: TokenKeys::Hs256 { secret: SigningSecret(b"a secret of the benches that guards invented data".to_vec()) },
        issuer: auth.issuer,
        audience: auth.audience,
        leeway_s: auth.leeway_s,
        departments_claim: auth.departments_claim,
        roles_claim: auth.roles_claim,
    })?;
    let request = MintRequest {
        subject: "bench".to_owned(),
        departments: hub::departments()?,
        roles: Vec::new(),
        ttl: Duration::from_secs(24 * 3600),
    };
    let token = tokens.mint(&request, SystemClock.now())?;
    // One caller asks for all: what guards against such is not what is measured.
    let cost = CostSettings { limit: u64::MAX >> 16, per_second: 0 };
    let hub = Hub {
        app: hub::app(url, &hub::shipped()?).await?,
        schema: schema_with(GraphSettings { cost, ..GraphSettings::default() }),
        tokens: Arc::new(Issuers::none(Arc::new(tokens))),
        clock: Arc::new(SystemClock),
        edge: Edge::default(),
    };
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
    say(&format!("{} {token}", listener.local_addr()?.port()));
    let (over, ended) = tokio::sync::oneshot::channel::<()>();
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        drop(over);
    });
    onefold::http::serve(listener, hub, async { drop(ended.await) }).await?;
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the first line tells the client where the server is")]
fn say(line: &str) {
    println!("{line}");
}
