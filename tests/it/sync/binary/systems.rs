//! The systems of three departments on this machine's loopback: small, watched, and with faults on demand.

use axum::Router;
use axum::http::{HeaderMap, HeaderName, StatusCode};
use chrono::{DateTime, SecondsFormat, Utc};
use onefold::cli::demo::data::{DemoData, DemoOptions, Misfit, Truth, demo_data};
use onefold::http::vendor::{Mailchimp, Stripe, Vendor, VendorData, VendorServer, Zendesk};
use serde_json::Value;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// The secrets of the three sources. Nothing that the program writes may hold one of them.
pub(crate) const STRIPE_KEY: &str = "rk_test_Never-Print-Me-1";
pub(crate) const ZENDESK_TOKEN: &str = "Never-Print-Me-2-token";
pub(crate) const MAILCHIMP_KEY: &str = "Never-Print-Me-3-us1";
/// Whom the token of the support system belongs to.
pub(crate) const ZENDESK_EMAIL: &str = "agent@support.onefold.example";

/// Rows of a page, so that a few dozen objects take several pages.
pub(crate) const PAGE: usize = 8;

/// Two sides of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// It has arrived and nothing has been answered.
    Asked,
    /// Its answer is on the way.
    Answered,
}

type Told = Box<dyn Fn(Moment, usize) + Send>;

/// Counts the requests of all three systems together, and tells of each at once.
#[derive(Clone, Default)]
pub(crate) struct Watch(Arc<Watching>);

#[derive(Default)]
struct Watching {
    asked: AtomicUsize,
    answered: AtomicUsize,
    told: Mutex<Option<Told>>,
}

impl Watch {
    /// Counts from zero again, and tells of every request from now on.
    pub(crate) fn tell(&self, told: impl Fn(Moment, usize) + Send + 'static) {
        self.0.asked.store(0, Ordering::SeqCst);
        self.0.answered.store(0, Ordering::SeqCst);
        *self.0.told.lock().unwrap() = Some(Box::new(told));
    }

    /// Counts from zero again, and tells nobody.
    pub(crate) fn hush(&self) {
        self.tell(|_, _| {});
    }

    /// Requests that were let in since.
    pub(crate) fn asked(&self) -> usize {
        self.0.asked.load(Ordering::SeqCst)
    }

    fn note(&self, moment: Moment) {
        let counter = if moment == Moment::Asked { &self.0.asked } else { &self.0.answered };
        let count = counter.fetch_add(1, Ordering::SeqCst) + 1;
        if let Some(told) = self.0.told.lock().unwrap().as_ref() {
            told(moment, count);
        }
    }
}

/// A vendor that tells of its requests.
struct Watched<V> {
    vendor: Arc<V>,
    watch: Watch,
}

impl<V: Vendor> Vendor for Watched<V> {
    fn routes(self: Arc<Self>, data: VendorData) -> Router {
        Arc::clone(&self.vendor).routes(data)
    }

    fn refuse(&self, headers: &HeaderMap) -> Option<Value> {
        self.watch.note(Moment::Asked);
        self.vendor.refuse(headers)
    }

    fn error(&self, status: StatusCode) -> Value {
        self.vendor.error(status)
    }

    fn headers(&self, path: &str) -> Vec<(HeaderName, String)> {
        self.watch.note(Moment::Answered);
        self.vendor.headers(path)
    }
}

/// The three systems, what they hold, and the truth about it.
pub(crate) struct Systems {
    pub(crate) stripe: VendorServer,
    pub(crate) zendesk: VendorServer,
    pub(crate) mailchimp: VendorServer,
    pub(crate) truth: Vec<Truth>,
    pub(crate) misfits: Vec<Misfit>,
    pub(crate) watch: Watch,
}

impl Systems {
    /// The systems of so many people with so many months of history, asked page by page.
    pub(crate) async fn start(people: usize, months: u32) -> Self {
        // Yesterday's data: nothing of it may have happened within the minutes that connectors look back.
        let now = Utc::now() - chrono::Duration::days(1);
        let options = DemoOptions { people, months, ..DemoOptions::demo(now) };
        Self::with(demo_data(&options), PAGE).await
    }

    /// These systems; the pages of the one that chooses their size itself hold so many rows.
    pub(crate) async fn with(data: DemoData, page_size: usize) -> Self {
        let watch = Watch::default();
        let zendesk = Zendesk { page_size, ..Zendesk::new(ZENDESK_EMAIL, ZENDESK_TOKEN) };
        Self {
            stripe: watched(Stripe { api_key: STRIPE_KEY.to_owned() }, data.stripe, &watch).await,
            zendesk: watched(zendesk, data.zendesk, &watch).await,
            mailchimp: watched(Mailchimp { api_key: MAILCHIMP_KEY.to_owned() }, data.mailchimp, &watch).await,
            truth: data.truth,
            misfits: data.misfits,
            watch,
        }
    }

    /// Each of them by the key of its source.
    pub(crate) fn all(&self) -> [(&'static str, &VendorServer); 3] {
        [("stripe", &self.stripe), ("zendesk", &self.zendesk), ("mailchimp", &self.mailchimp)]
    }

    /// A good day again, for all of them.
    pub(crate) fn heal(&self) {
        for (_, server) in self.all() {
            server.faults().clear();
        }
    }

    /// Everything that looks like an address of e-mail, anywhere in the systems.
    pub(crate) fn addresses(&self) -> Vec<String> {
        let mut found = vec![ZENDESK_EMAIL.to_owned()];
        for (_, server) in self.all() {
            for name in server.data().collections() {
                server.data().all(&name).iter().for_each(|row| addresses_of(row, &mut found));
            }
        }
        found.sort();
        found.dedup();
        found
    }
}

fn addresses_of(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) if text.contains('@') && !text.contains("://") && !text.contains(' ') => {
            found.push(text.clone());
        }
        Value::Array(list) => list.iter().for_each(|value| addresses_of(value, found)),
        Value::Object(fields) => fields.values().for_each(|value| addresses_of(value, found)),
        _ => {}
    }
}

async fn watched<V: Vendor>(vendor: V, data: VendorData, watch: &Watch) -> VendorServer {
    let vendor = Watched { vendor: Arc::new(vendor), watch: watch.clone() };
    VendorServer::start(vendor, data).await.expect("a port of the loopback interface")
}

/// A time as Zendesk and Mailchimp write it, so many seconds ago.
pub(crate) fn ago(seconds: i64) -> String {
    at(Utc::now().timestamp() - seconds)
}

/// A time of unix seconds as Zendesk and Mailchimp write it.
pub(crate) fn at(second: i64) -> String {
    DateTime::from_timestamp(second, 0).unwrap().to_rfc3339_opts(SecondsFormat::Secs, true)
}
