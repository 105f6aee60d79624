//! One vendor's server on a free port of the loopback interface: start, gate, stop.

use super::answer::Refusal;
use super::{Fault, Faults, Requests, VendorData};
use axum::Json;
use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, HOST, RETRY_AFTER};
use axum::http::response::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, Stream, StreamExt};
use serde_json::Value;
use std::io;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How one vendor speaks. Implemented by [`super::Stripe`], [`super::Zendesk`] and [`super::Mailchimp`].
pub trait Vendor: Send + Sync + 'static {
    /// The endpoints over these objects.
    fn routes(self: Arc<Self>, data: VendorData) -> Router;

    /// The body of the refusal, where the credentials are missing or wrong.
    fn refuse(&self, headers: &HeaderMap) -> Option<Value>;

    /// The body that the vendor sends with this status.
    fn error(&self, status: StatusCode) -> Value;

    /// What every answer to this path carries besides its content.
    fn headers(&self, path: &str) -> Vec<(HeaderName, String)>;
}

struct Gate {
    vendor: Arc<dyn Vendor>,
    faults: Faults,
    requests: Requests,
    stopped: watch::Receiver<bool>,
}

/// A running server. Stops when dropped; [`VendorServer::stop`] also waits until it has.
#[derive(Debug)]
pub struct VendorServer {
    base_url: String,
    data: VendorData,
    faults: Faults,
    requests: Requests,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl VendorServer {
    /// Starts on a free port of 127.0.0.1. Fails where none can be bound.
    pub async fn start<V: Vendor>(vendor: V, data: VendorData) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let base_url = format!("http://{}", listener.local_addr()?);
        let (stop, stopped) = watch::channel(false);
        let (faults, requests) = (Faults::default(), Requests::default());
        let vendor = Arc::new(vendor);
        let gate = Arc::new(Gate {
            vendor: Arc::clone(&vendor) as Arc<dyn Vendor>,
            faults: faults.clone(),
            requests: requests.clone(),
            stopped: stopped.clone(),
        });
        let unknown = Arc::clone(&vendor);
        let routes = vendor
            .routes(data.clone())
            .fallback(async move || (StatusCode::NOT_FOUND, Json(unknown.error(StatusCode::NOT_FOUND))))
            .layer(from_fn_with_state(gate, pass));
        let task = tokio::spawn(async move {
            // The listener lives on the loopback interface: an error here is the end of the process's sockets, and the
            // client sees it as a refused connection.
            let _ = axum::serve(listener, routes).with_graceful_shutdown(until_stopped(stopped)).await;
        });
        Ok(Self { base_url, data, faults, requests, stop, task })
    }

    /// `http://127.0.0.1:<port>`, without a slash behind.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The objects, to look at and to change.
    pub fn data(&self) -> &VendorData {
        &self.data
    }

    /// What shall go wrong.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// What was asked.
    pub fn requests(&self) -> &Requests {
        &self.requests
    }

    /// Ends hanging answers, closes the port and waits for open connections.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        // A task that panicked has stopped too.
        let _ = self.task.await;
    }
}

// Dropping the sender ends the wait just as a `true` does.
async fn until_stopped(mut stopped: watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

async fn pass(State(gate): State<Arc<Gate>>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    gate.requests.record(&path, request.uri().query().unwrap_or(""));
    let mut response = tokio::select! {
        response = answer(&gate, &path, request, next) => response,
        () = until_stopped(gate.stopped.clone()) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    };
    for (name, value) in gate.vendor.headers(&path) {
        if let Ok(value) = HeaderValue::try_from(value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

async fn answer(gate: &Gate, path: &str, request: Request, next: Next) -> Response {
    let (delay, fault) = gate.faults.meet(path);
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    match fault {
        None => answer_well(gate, request, next).await,
        Some(Fault::Hang) => std::future::pending().await,
        Some(Fault::Status { status, retry_after }) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let mut response = Refusal { status, body: gate.vendor.error(status) }.into_response();
            if let Some(wait) = retry_after.and_then(|text| HeaderValue::try_from(text).ok()) {
                response.headers_mut().insert(RETRY_AFTER, wait);
            }
            response
        }
        Some(Fault::Html) => {
            let page = "<!doctype html><html><body><h1>We will be right back</h1></body></html>";
            ([(CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response()
        }
        Some(Fault::MalformedJson) => {
            let (parts, body) = whole(answer_well(gate, request, next).await).await;
            Response::from_parts(parts, Body::from(body.slice(..body.len() / 2)))
        }
        Some(Fault::CutBody) => {
            let (mut parts, body) = whole(answer_well(gate, request, next).await).await;
            parts.headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
            Response::from_parts(parts, Body::from_stream(half_then_cut(body)))
        }
    }
}

async fn answer_well(gate: &Gate, request: Request, next: Next) -> Response {
    match gate.vendor.refuse(request.headers()) {
        Some(body) => Refusal { status: StatusCode::UNAUTHORIZED, body }.into_response(),
        None => next.run(request).await,
    }
}

/// The pause between the two lets the server send the first half before it learns of the error.
fn half_then_cut(body: Bytes) -> impl Stream<Item = io::Result<Bytes>> {
    let half = stream::once(async move { Ok(body.slice(..body.len() / 2)) });
    half.chain(stream::once(async {
        tokio::task::yield_now().await;
        Err(io::Error::other("the connection is cut on purpose"))
    }))
}

/// An answer in two parts, without the length. Answers are made in memory, so reading one cannot fail.
async fn whole(response: Response) -> (Parts, Bytes) {
    let (mut parts, body) = response.into_parts();
    parts.headers.remove(CONTENT_LENGTH);
    (parts, to_bytes(body, usize::MAX).await.unwrap_or_default())
}

/// What links in answers begin with: the host that the client asked.
pub(super) fn own_url(headers: &HeaderMap) -> String {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("127.0.0.1");
    format!("http://{host}")
}

/// Name and password of HTTP's basic scheme.
pub(super) fn basic_login(headers: &HeaderMap) -> Option<(String, String)> {
    use base64::Engine;
    let header = headers.get(axum::http::header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, rest) = header.split_once(' ')?;
    let decoded = base64::engine::general_purpose::STANDARD.decode(rest.trim()).ok()?;
    let (name, password) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
    scheme.eq_ignore_ascii_case("basic").then(|| (name.to_owned(), password.to_owned()))
}
