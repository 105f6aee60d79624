//! Sync: reads the systems of the departments, page by page, and writes what they said.
//!
//! Drives the pure state machines of the connector crate over HTTP and files. Promises: a page is written in one
//! transaction with the stream cursors that cover it, so a crash at any moment loses nothing and repeats nothing; a payload
//! that does not fit goes into quarantine and stops nobody; one stream that fails leaves the others to go on.
//! Deliberately does not know identity: it leaves rows in the outbox.

mod access;
mod drift;
mod engine;
mod error;
mod file;
mod http;
mod jq;
mod lease;
mod page;
mod preview;
mod registry;
mod replay;
mod retry;
mod run;
mod shape;
mod stop;
mod tap;
mod task;
mod trial;
mod webhook;

pub use access::KeptError;
pub use drift::{PushWatch, ReadFields, Shown, payload_values};
pub use engine::{Engine, SetupFailure, SourceSetup};
pub use error::{SetupError, SyncError};
pub use file::{FileContent, FileFailure, FileReport, FileRequest};
pub use http::{OutgoingAnswer, OutgoingClient, OutgoingRefusal, OutgoingRequest};
pub use jq::{JQ_WORKER, JqError, JqFault, jq_worker};
pub use page::LeftOut;
pub use preview::preview_jq;
pub use registry::{Registry, RegistryError};
pub use replay::{Replay, ReplayStep, Replayed};
pub use retry::{Attempt, Retried, Retrying};
pub use run::{AcceptedLosses, RunReport, StreamReport, Tick};
pub use tap::TapError;
pub use trial::{Trial, TrialAsk, TrialRecord};
pub use webhook::{DeliveryError, MappedDelivery};

// What callers need to hand deliveries over.
pub use onefold_connector::{Delivery, DeliveryRefusal};
