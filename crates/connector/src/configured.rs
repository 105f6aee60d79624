//! A connector with its settings: ready to plan and to read.

use crate::connector::Connector;
use crate::manifest::cursor::TimeCursor;
use crate::manifest::http::{Auth, ErrorRules, HttpSource, Limits};
use crate::manifest::listing::Listing;
use crate::manifest::oauth::{Grant, OAuth};
use crate::manifest::singer::SingerSource;
use crate::manifest::stream::Stream;
use crate::manifest::webhook::Vouched;
use crate::manifest::{Manifest, Source};
use crate::message::HttpRequest;
use crate::plan::{Task, plan};
use crate::problem::nearest;
use crate::read::Reader;
use crate::read::pager::Pager;
use crate::read::state::{Checkpoints, StateError};
use crate::read::token::TokenSource;
use crate::read::vendor::Vendor;
use crate::retry::RetryPolicy;
use crate::secret::Secret;
use crate::setting::{Setting, SettingError};
use crate::singer::TapSource;
use crate::template::{Asked, Places, Template};
use crate::webhook::WebhookSource;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use onefold_model::Timestamp;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use url::Url;

/// A source: a connector and its settings. Cheap to clone; `Debug` shows no secret.
#[derive(Debug, Clone)]
pub struct Configured {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    connector: Connector,
    /// What is not secret.
    settings: BTreeMap<String, String>,
    vendor: Option<Vendor>,
    /// How an access token is got.
    token: Option<TokenSource>,
    /// The Singer tap that is started.
    tap: Option<TapSource>,
    /// What vouches for deliveries, where the secret is set.
    webhook: Option<WebhookSource>,
    /// The streams that are read; all where nothing was chosen.
    chosen: Option<BTreeSet<String>>,
}

/// The streams that were chosen are not streams of the connector.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown stream {name:?}{hint}")]
pub struct UnknownStream {
    name: String,
    hint: String,
}

/// From when to when a list is asked for: as places, and as the parameters that the cursor names.
#[derive(Debug, Default)]
pub(crate) struct Bounds {
    pub(crate) from: Option<Value>,
    pub(crate) to: Option<Value>,
    pub(crate) query: Vec<(String, String)>,
}

impl Bounds {
    pub(crate) fn of(cursor: &TimeCursor, from: Option<Timestamp>, to: Option<Timestamp>) -> Self {
        let write = |at: Timestamp| cursor.send_as.write_value(at);
        let named = |param: &Option<String>, at: Option<Timestamp>| Some((param.clone()?, cursor.send_as.write(at?)));
        let query = named(&cursor.param, from).into_iter().chain(named(&cursor.until, to)).collect();
        Self { from: from.map(write), to: to.map(write), query }
    }
}

impl Configured {
    pub(crate) fn new(connector: &Connector, values: &Map<String, Value>) -> Result<Self, Vec<SettingError>> {
        let settings = connector.settings();
        let mut errors: Vec<SettingError> = values
            .keys()
            .filter(|name| !settings.iter().any(|setting| setting.name == **name))
            .map(|name| unknown_setting(name, settings))
            .collect();
        let (plain, secret) = fill(settings, values, &mut errors);
        let webhook = webhook_source(&connector.inner.manifest, &plain, &secret);
        let mut token = None;
        let mut tap = None;
        let vendor = match &connector.inner.manifest.source {
            Source::Http(http) if errors.is_empty() => {
                let mut all = plain.clone();
                all.extend(secret);
                match vendor(http, &plain, &all).and_then(|vendor| Ok((vendor, token_source(http, &all)?))) {
                    Ok((vendor, source)) => {
                        token = source;
                        Some(vendor)
                    }
                    Err(error) => {
                        errors.push(error);
                        None
                    }
                }
            }
            Source::Singer(singer) if errors.is_empty() => {
                tap = tap_source(singer, &plain, &secret).map_err(|error| errors.push(error)).ok();
                None
            }
            Source::Http(_) | Source::File(_) | Source::Singer(_) => None,
        };
        if errors.is_empty() {
            let inner =
                Inner { connector: connector.clone(), settings: plain, vendor, token, tap, webhook, chosen: None };
            Ok(Self { inner: Arc::new(inner) })
        } else {
            Err(errors)
        }
    }

    /// Reads only these streams. Parents of chosen streams are asked for their keys all the same.
    ///
    /// # Errors
    /// A name that is no stream of the connector.
    pub fn choose<'s>(&self, streams: impl IntoIterator<Item = &'s str>) -> Result<Self, UnknownStream> {
        let known: Vec<&str> = self.manifest().streams.iter().map(|stream| stream.name.as_str()).collect();
        let mut chosen = BTreeSet::new();
        for name in streams {
            if !known.contains(&name) {
                let hint = match nearest(name, known.iter().copied()) {
                    Some(near) => format!(" (did you mean {near:?}?)"),
                    None => format!("; the connector has: {}", known.join(", ")),
                };
                return Err(UnknownStream { name: name.to_owned(), hint });
            }
            chosen.insert(name.to_owned());
        }
        Ok(Self { inner: Arc::new(Inner { chosen: Some(chosen), ..self.inner.copy() }) })
    }

    /// The connector.
    pub fn connector(&self) -> &Connector {
        &self.inner.connector
    }

    /// What to read, in order.
    pub fn plan(&self, checkpoints: &Checkpoints, now: Timestamp) -> Vec<Task> {
        plan(self, checkpoints, now)
    }

    /// Starts a task, or goes on with it from its checkpoints. They must be those of now, not of when the plan was made:
    /// a task may depend on what an earlier one has stored.
    ///
    /// # Errors
    /// A checkpoint that this version does not understand.
    pub fn reader(&self, task: &Task, checkpoints: &Checkpoints, now: Timestamp) -> Result<Reader, StateError> {
        Reader::new(self, task, checkpoints, now)
    }

    /// How fast the source may be asked; `None` for files.
    pub fn limits(&self) -> Option<Limits> {
        match &self.manifest().source {
            Source::Http(http) => Some(http.limits),
            Source::File(_) | Source::Singer(_) => None,
        }
    }

    /// Whether an address stands on a host that the manifest declares, with the declared scheme and port.
    pub fn is_declared(&self, address: &str) -> bool {
        self.vendor().is_some_and(|vendor| vendor.resolve(address).is_ok())
    }

    /// When to ask again.
    pub fn retry(&self) -> RetryPolicy {
        match &self.manifest().source {
            Source::Http(http) => http.retry.clone(),
            Source::File(_) | Source::Singer(_) => RetryPolicy::default(),
        }
    }

    pub(crate) fn manifest(&self) -> &Manifest {
        &self.inner.connector.inner.manifest
    }

    pub(crate) fn token_source(&self) -> Option<&TokenSource> {
        self.inner.token.as_ref()
    }

    pub(crate) fn tap_source(&self) -> Option<&TapSource> {
        self.inner.tap.as_ref()
    }

    pub(crate) fn webhook_source(&self) -> Option<&WebhookSource> {
        self.inner.webhook.as_ref()
    }

    pub(crate) fn with_vendor(&self, vendor: Vendor) -> Self {
        Self { inner: Arc::new(Inner { vendor: Some(vendor), ..self.inner.copy() }) }
    }

    pub(crate) fn vendor(&self) -> Option<&Vendor> {
        self.inner.vendor.as_ref()
    }

    pub(crate) fn streams(&self) -> impl Iterator<Item = &Stream> {
        let chosen = self.inner.chosen.as_ref();
        self.manifest().streams.iter().filter(move |stream| chosen.is_none_or(|names| names.contains(&stream.name)))
    }

    pub(crate) fn error_rules(&self) -> &ErrorRules {
        static NONE: ErrorRules = ErrorRules { code: Vec::new(), in_body: Vec::new(), nothing: Vec::new() };
        match &self.manifest().source {
            Source::Http(http) => &http.errors,
            Source::File(_) | Source::Singer(_) => &NONE,
        }
    }

    pub(crate) fn places<'a>(&'a self, parent: &'a [(String, String)], id: Option<&'a str>) -> Places<'a> {
        Places { settings: &self.inner.settings, parent, id, asked: None }
    }

    /// The request for a page of a list. A parameter or header that has a place without a value is left out.
    pub(crate) fn ask(
        &self,
        listing: &Listing,
        pager: &Pager,
        parent: &[(String, String)],
        bounds: &Bounds,
    ) -> Option<HttpRequest> {
        let vendor = self.vendor()?;
        let asked =
            Asked { from: bounds.from.clone(), to: bounds.to.clone(), place: pager.asked(), size: pager.size() };
        let places = Places { asked: Some(&asked), ..self.places(parent, None) };
        let filled = |named: &[(String, Template)]| -> Vec<(String, String)> {
            named.iter().filter_map(|(name, value)| Some((name.clone(), value.render(places)?))).collect()
        };
        let mut query = filled(&listing.query);
        query.extend(bounds.query.iter().cloned());
        let mut request = vendor.request(&listing.path.render_path(places)?, query);
        request.headers.extend(filled(&listing.headers).into_iter().map(|(name, value)| (name, Secret::new(value))));
        if let Some(body) = &listing.body {
            request.method = "POST";
            request.body = body.render(places);
        }
        Some(pager.request(request, vendor))
    }
}

fn unknown_setting(name: &str, settings: &[Setting]) -> SettingError {
    let known = || settings.iter().map(|setting| setting.name.as_str());
    let hint = match nearest(name, known()) {
        Some(near) => format!(" (did you mean {near:?}?)"),
        None => format!("; the connector has: {}", known().collect::<Vec<_>>().join(", ")),
    };
    SettingError::Unknown { name: name.to_owned(), hint }
}

type Values = BTreeMap<String, String>;

/// The values by name: those that may be seen, and those that may not.
fn fill(settings: &[Setting], values: &Map<String, Value>, errors: &mut Vec<SettingError>) -> (Values, Values) {
    let (mut plain, mut secret) = (Values::new(), Values::new());
    for setting in settings {
        let given = values.get(&setting.name).filter(|value| !value.is_null());
        let value = match (given, &setting.default) {
            (Some(given), _) => setting.read(given),
            (None, Some(default)) => filled_default(setting, default, &plain),
            (None, None) if setting.required => Err(missing(&setting.name, String::new())),
            (None, None) => continue,
        };
        match value {
            Ok(value) if setting.secret => secret.insert(setting.name.clone(), value),
            Ok(value) => plain.insert(setting.name.clone(), value),
            Err(error) => {
                if !errors.contains(&error) {
                    errors.push(error);
                }
                continue;
            }
        };
    }
    (plain, secret)
}

fn missing(name: &str, because: String) -> SettingError {
    SettingError::Missing { name: name.to_owned(), because }
}

/// A default may be made from other settings; then these are what is missing.
fn filled_default(setting: &Setting, default: &Template, plain: &Values) -> Result<String, SettingError> {
    if let Some(text) = default.render(Places { settings: plain, parent: &[], id: None, asked: None }) {
        return setting.read(&Value::from(text));
    }
    let needed = default.settings().find(|name| !plain.contains_key(*name)).unwrap_or(&setting.name);
    Err(missing(needed, format!(", because {:?} is made from it", setting.name)))
}

/// A template with nothing but settings in it, filled in.
fn render(template: &Template, values: &Values) -> Result<String, SettingError> {
    template.render(Places { settings: values, parent: &[], id: None, asked: None }).ok_or_else(|| {
        let name = template.settings().find(|name| !values.contains_key(*name)).unwrap_or_default();
        missing(name, String::new())
    })
}

fn vendor(http: &HttpSource, plain: &Values, all: &Values) -> Result<Vendor, SettingError> {
    let form =
        |name: &str| SettingError::Form { name: name.to_owned(), expected: "part of a valid address".to_owned() };
    let base = render(&http.base, plain)?;
    let name = http.base.settings().next().unwrap_or_default();
    let base = Url::parse(&base).ok().filter(Url::has_host).ok_or_else(|| form(name))?;
    let mut origins = vec![base.origin()];
    for host in &http.hosts {
        let host = render(host, plain)?;
        let url = Url::parse(&format!("{}://{host}", base.scheme())).map_err(|_| form(name))?;
        origins.push(url.origin());
    }
    let mut headers = Vec::new();
    match &http.auth {
        Some(Auth::Bearer(token)) => {
            headers.push(("Authorization".to_owned(), Secret::new(format!("Bearer {}", render(token, all)?))));
        }
        Some(Auth::Basic { user, password }) => {
            let password = password.as_ref().map(|password| render(password, all)).transpose()?.unwrap_or_default();
            let pair = STANDARD.encode(format!("{}:{password}", render(user, all)?));
            headers.push(("Authorization".to_owned(), Secret::new(format!("Basic {pair}"))));
        }
        Some(Auth::Header { name, value }) => headers.push((name.clone(), Secret::new(render(value, all)?))),
        // Another token comes later.
        Some(Auth::Token(oauth)) => {
            headers.extend(fixed_token(oauth, all).map(|value| ("Authorization".to_owned(), value)));
        }
        None => {}
    }
    headers.push(("Accept".to_owned(), Secret::new("application/json")));
    for (name, value) in &http.headers {
        headers.push((name.clone(), Secret::new(render(value, all)?)));
    }
    Ok(Vendor { base, origins, headers })
}

impl Inner {
    fn copy(&self) -> Self {
        Self {
            connector: self.connector.clone(),
            settings: self.settings.clone(),
            vendor: self.vendor.as_ref().map(Vendor::copy),
            token: self.token.clone(),
            tap: self.tap.clone(),
            webhook: self.webhook.clone(),
            chosen: self.chosen.clone(),
        }
    }
}

/// What vouches for deliveries. A setting that was left out means that none are taken.
fn webhook_source(manifest: &Manifest, plain: &Values, secret: &Values) -> Option<WebhookSource> {
    let mut all = plain.clone();
    all.extend(secret.clone());
    let render = |template: &Template| render(template, &all).ok().filter(|text| !text.is_empty());
    match &manifest.webhook.as_ref()?.vouched {
        Vouched::Key(key) => Some(WebhookSource { secret: Secret::new(render(key)?), url: None }),
        Vouched::Signed(signature) => {
            let url = match &signature.url {
                Some(url) => Some(render(url)?),
                None => None,
            };
            Some(WebhookSource { secret: Secret::new(render(&signature.secret)?), url })
        }
    }
}

/// The header of a token that something else keeps fresh.
fn fixed_token(oauth: &OAuth, all: &Values) -> Option<Secret> {
    let token = render(oauth.fixed.as_ref()?, all).ok()?;
    Some(Secret::new(format!("{} {token}", oauth.scheme)))
}

/// How an access token is got, with its settings. Nothing where there is one that something else keeps fresh.
fn token_source(http: &HttpSource, all: &Values) -> Result<Option<TokenSource>, SettingError> {
    let Some(Auth::Token(oauth)) = &http.auth else { return Ok(None) };
    if fixed_token(oauth, all).is_some() {
        return Ok(None);
    }
    let instead = oauth.fixed.as_ref().and_then(|fixed| fixed.settings().next());
    let render = |template: &Template| {
        render(template, all).map_err(|error| match (error, instead) {
            (SettingError::Missing { name, .. }, Some(instead)) => missing(&name, format!(", or {instead:?} instead")),
            (error, _) => error,
        })
    };
    let refresh = match &oauth.grant {
        Grant::ClientCredentials => None,
        Grant::RefreshToken(refresh) => Some(Secret::new(render(refresh)?)),
    };
    let url = render(&oauth.token_url)?;
    if !Url::parse(&url).is_ok_and(|url| url.has_host()) {
        let name = oauth.token_url.settings().next().unwrap_or("token_url").to_owned();
        return Err(SettingError::Form { name, expected: "part of a valid address".to_owned() });
    }
    Ok(Some(TokenSource {
        url,
        client: oauth.client,
        client_id: Secret::new(render(&oauth.client_id)?),
        client_secret: Secret::new(render(&oauth.client_secret)?),
        refresh,
        scope: oauth.scope.as_ref().map(render).transpose()?,
        scheme: oauth.scheme.clone(),
        base: oauth.base.clone(),
    }))
}

impl Vendor {
    pub(crate) fn copy(&self) -> Self {
        Self { base: self.base.clone(), origins: self.origins.clone(), headers: self.headers.clone() }
    }
}

/// The command and the configuration of a tap, filled in.
fn tap_source(singer: &SingerSource, plain: &Values, secret: &Values) -> Result<TapSource, SettingError> {
    let mut all = plain.clone();
    all.extend(secret.clone());
    let mut config = Vec::new();
    for (name, value) in &singer.config {
        // A setting that was left out is left out of the tap's configuration too.
        if let Ok(value) = render(value, &all) {
            config.push((name.clone(), Secret::new(value)));
        }
    }
    let secrets = secret.values().map(Secret::new).collect();
    let config_file = singer.config_file.as_ref().map(|path| render(path, plain)).transpose()?;
    Ok(TapSource { command: render(&singer.command, plain)?, config, config_file, secrets, catalog: singer.catalog })
}
