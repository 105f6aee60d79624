//! The operations of one socket, each a task of its own, and the one queue into which they all speak.

use super::super::ask::{Ask, Unasked};
use super::super::caller::Caller;
use super::super::heard::Heard;
use super::frame::{Close, complete, error, next};
use crate::graphql::{Standing, Told};
use crate::http::Hub;
use crate::http::gate::error_body;
use async_graphql::Request;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Operations that one socket may have at once.
const MAX_OPERATIONS: usize = 100;
/// Messages that wait to be sent. A task that has one more waits.
const QUEUE: usize = 16;

/// The operations of one socket. Dropping them ends them.
pub(super) struct Operations {
    running: HashMap<String, Running>,
    tell: mpsc::Sender<Spoken>,
    spoken: mpsc::Receiver<Spoken>,
    begun: u64,
}

struct Running {
    /// Tells apart operations that had the same name one after the other.
    number: u64,
    task: JoinHandle<()>,
}

struct Spoken {
    id: String,
    number: u64,
    text: String,
    place: Place,
}

/// Whether more of the operation comes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Amid,
    Last,
}

impl Default for Operations {
    fn default() -> Self {
        let (tell, spoken) = mpsc::channel(QUEUE);
        Self { running: HashMap::new(), tell, spoken, begun: 0 }
    }
}

impl Drop for Operations {
    fn drop(&mut self) {
        self.running.values().for_each(|running| running.task.abort());
    }
}

impl Operations {
    /// The next message that is to be sent. Waits for ever where there is none.
    pub(super) async fn next(&mut self) -> String {
        loop {
            // The other end is held here, so that there is always a next one.
            let Some(spoken) = self.spoken.recv().await else { return std::future::pending().await };
            let is_current = self.running.get(&spoken.id).is_some_and(|running| running.number == spoken.number);
            if !is_current {
                // Said before the client ended it.
                continue;
            }
            if spoken.place == Place::Last {
                self.running.remove(&spoken.id);
            }
            return spoken.text;
        }
    }

    /// Begins an operation. What is wrong with it is answered at once and ends it.
    pub(super) async fn begin(
        &mut self,
        hub: &Hub,
        caller: Arc<Caller>,
        id: String,
        ask: Ask,
    ) -> Result<Option<String>, Close> {
        if self.running.contains_key(&id) {
            return Err(Close::NameTaken(id));
        }
        if self.running.len() >= MAX_OPERATIONS {
            let message = format!("a socket has at most {MAX_OPERATIONS} operations at once: end one first");
            return Ok(Some(error(&id, &error_body("TOO_MANY_OPERATIONS", &message)["errors"])));
        }
        let request = match requested(hub, &caller, ask).await {
            Ok(request) => request,
            Err(errors) => return Ok(Some(error(&id, &errors))),
        };
        self.begun += 1;
        let speaker = Speaker { id: id.clone(), number: self.begun, tell: self.tell.clone() };
        let live = Heard::new(&hub.edge, &hub.schema, caller, request, None);
        let task = tokio::spawn(speaker.speak(live));
        self.running.insert(id, Running { number: self.begun, task });
        Ok(None)
    }

    /// Ends an operation, if it goes on.
    pub(super) fn end(&mut self, id: &str) {
        if let Some(running) = self.running.remove(id) {
            running.task.abort();
        }
    }
}

/// The request, or the errors that it is answered with.
async fn requested(hub: &Hub, caller: &Caller, ask: Ask) -> Result<Request, Value> {
    let body = |code: &str, message: &str| error_body(code, message)["errors"].take();
    let session = caller.session().await.map_err(|ended| body(ended.code, &ended.message))?;
    ask.request(&hub.schema, &session).map_err(|unasked| match unasked {
        Unasked::Unreadable(message) => body("BAD_REQUEST", &message),
        Unasked::Refused(refusal) => json!([refusal]),
    })
}

struct Speaker {
    id: String,
    number: u64,
    tell: mpsc::Sender<Spoken>,
}

impl Speaker {
    async fn speak(self, mut live: Heard) {
        while let Some(told) = live.next().await {
            let (text, place) = match told {
                Told::Answer(response, _) => (next(&self.id, &json!(response)), Place::Amid),
                Told::Refused(errors) => (error(&self.id, &json!(errors)), Place::Last),
            };
            if !self.say(text, place).await || place == Place::Last {
                return;
            }
        }
        self.say(complete(&self.id), Place::Last).await;
    }

    async fn say(&self, text: String, place: Place) -> bool {
        let Self { id, number, tell } = self;
        tell.send(Spoken { id: id.clone(), number: *number, text, place }).await.is_ok()
    }
}
