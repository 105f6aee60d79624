//! A real OpenID Connect provider as a process of its own, a hub that logs people in at it, and a browser between the two.

use super::fake::{auth, issuers};
use crate::api::hub::{departments, policies};
use crate::api::served::Served;
use onefold::app::App;
use onefold::auth::default_policies;
use onefold::identity::Identity;
use onefold::store::Store;
use onefold::sync::Engine;
use onefold_model::{Clock, SystemClock};
use reqwest::{Client, Response, Url};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use tokio::net::TcpListener;

/// The provider; gone when dropped.
pub(super) struct Provider {
    child: Child,
    pub(super) issuer: String,
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Provider {
    /// Starts it. `None`, said visibly, where it is not installed and not required.
    async fn start(redirect_uri: String, mode: &'static str) -> Option<Self> {
        let Ok(packages) = std::env::var("ONEFOLD_OIDC_PACKAGES") else {
            assert!(
                std::env::var("ONEFOLD_REQUIRE_OIDC").as_deref() != Ok("1"),
                "ONEFOLD_OIDC_PACKAGES is not set and the provider is required: run the tests through `make test`"
            );
            eprintln!(
                "skipped: logging in at a real provider, because ONEFOLD_OIDC_PACKAGES is not set (`make test` sets it)"
            );
            return None;
        };
        let started = tokio::task::spawn_blocking(move || {
            let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oidc/provider.mjs");
            let mut child = Command::new("node")
                .arg(script)
                .args([redirect_uri.as_str(), mode])
                .env("ONEFOLD_OIDC_PACKAGES", packages)
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::inherit())
                .spawn()
                .expect("node starts");
            let lines = BufReader::new(child.stdout.take().expect("its output")).lines();
            // The library greets with warnings of its own.
            let issuer = lines.map_while(Result::ok).find(|line| line.starts_with("http://"));
            Self { child, issuer: issuer.expect("the provider says where it is") }
        });
        Some(started.await.expect("the provider starts"))
    }

    /// Ends it, as a provider that is down.
    pub(super) fn stop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A hub that logs people in at the provider.
pub(super) struct LoginHub {
    pub(super) provider: Provider,
    pub(super) served: Served,
    pub(super) app: Arc<App>,
}

impl LoginHub {
    /// Both, in a mode of the provider; `None` where there is no provider.
    pub(super) async fn start(store: &Store, mode: &'static str) -> Option<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let own = format!("http://{}", listener.local_addr().unwrap());
        let provider = Provider::start(format!("{own}/auth/callback"), mode).await?;
        // Written beside the test: a secret is named by its place.
        let folder = tempfile::tempdir().unwrap();
        let secret = folder.path().join("secret");
        std::fs::write(&secret, "a secret: of the tests").unwrap();
        let issuer = &provider.issuer;
        let config = format!(
            "[[auth.issuers]]\nissuer = '{issuer}'\naudiences = ['onefold-api']\n[auth.login]\nissuer = '{issuer}'\n\
             client_id = 'onefold'\nclient_secret = {{ file = '{}' }}\npublic_url = '{own}'\n",
            secret.display()
        );
        let tokens = issuers(&auth(&config));
        let app = app(store).await;
        let hub = crate::api::hub::Hub { app: Arc::clone(&app), schema: onefold::graphql::schema() };
        let served = Served::at(listener, &hub, tokens, Arc::new(SystemClock));
        Some(Self { provider, served, app })
    }

    pub(super) fn url(&self, path: &str) -> Url {
        format!("{}{path}", self.served.base).parse().unwrap()
    }
}

/// The use cases under the machine's clock, which the provider goes by as well.
async fn app(store: &Store) -> Arc<App> {
    for (key, department) in crate::api::hub::SOURCES {
        crate::store::fixture::source(store, key, department).await;
    }
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let engine = Engine::open(store.clone(), Vec::new(), Arc::clone(&clock)).await.unwrap();
    let policies = policies(&default_policies(&departments()));
    App::open(store.clone(), policies, Identity::default(), Arc::new(engine), clock).await.unwrap()
}

/// What of a browser a login needs: it keeps cookies for each host and goes where it is sent.
pub(super) struct Browser {
    client: Client,
    cookies: BTreeMap<(String, String), String>,
}

impl Browser {
    pub(super) fn new() -> Self {
        // Another test of the process may have chosen one already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().no_proxy().tls_certs_only([]).redirect(reqwest::redirect::Policy::none());
        Self { client: client.build().unwrap(), cookies: BTreeMap::new() }
    }

    /// One request, without going on.
    pub(super) async fn get(&mut self, url: &Url) -> Response {
        let response = self.request("GET", url).send().await.unwrap();
        self.keep(url, &response);
        response
    }

    /// A request with the cookies of the host.
    pub(super) fn request(&self, method: &str, url: &Url) -> reqwest::RequestBuilder {
        let host = authority(url);
        let cookies = self.cookies.iter().filter(|((of, _), _)| *of == host);
        let cookies: Vec<String> = cookies.map(|((_, name), value)| format!("{name}={value}")).collect();
        self.client.request(method.parse().unwrap(), url.clone()).header("cookie", cookies.join("; "))
    }

    /// Goes where it is sent, until an address of this path would be next: that address, or the last answer's own.
    pub(super) async fn follow(&mut self, start: Url, until: &str) -> Url {
        let mut url = start;
        for _ in 0..20 {
            if url.path() == until {
                return url;
            }
            let response = self.get(&url).await;
            let status = response.status();
            let Some(next) = response.headers().get("location") else { panic!("{url} leads nowhere: {status}") };
            url = url.join(next.to_str().unwrap()).unwrap();
        }
        panic!("the way back to {until} has no end");
    }

    /// The value of a cookie of a host.
    pub(super) fn cookie(&self, url: &Url, name: &str) -> Option<String> {
        self.cookies.get(&(authority(url), name.to_owned())).cloned()
    }

    /// Sets a cookie, as somebody could who has copied it.
    pub(super) fn set_cookie(&mut self, url: &Url, name: &str, value: &str) {
        self.cookies.insert((authority(url), name.to_owned()), value.to_owned());
    }

    fn keep(&mut self, url: &Url, response: &Response) {
        for header in response.headers().get_all("set-cookie") {
            let (pair, rest) = header.to_str().unwrap().split_once(';').unwrap_or_default();
            let (name, value) = pair.split_once('=').unwrap();
            let key = (authority(url), name.to_owned());
            if value.is_empty() || rest.contains("Max-Age=0;") {
                self.cookies.remove(&key);
            } else {
                self.cookies.insert(key, value.to_owned());
            }
        }
    }
}

fn authority(url: &Url) -> String {
    format!("{}:{}", url.host_str().unwrap(), url.port_or_known_default().unwrap())
}
