//! The real binary in a folder of its own: a configuration, the connectors, a store, and what it says.

use super::systems::{MAILCHIMP_KEY, PAGE, STRIPE_KEY, Systems, ZENDESK_EMAIL, ZENDESK_TOKEN};
use crate::harness::Place;
use onefold::store::Store;
use std::fmt::Write;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;
use tokio::task::JoinHandle;

/// The variables from which the sources take their secrets.
const SECRETS: [(&str, &str); 3] =
    [("T_STRIPE_KEY", STRIPE_KEY), ("T_ZENDESK_TOKEN", ZENDESK_TOKEN), ("T_MAILCHIMP_KEY", MAILCHIMP_KEY)];

/// The systems are stand-ins on the loopback.
const ON_THIS_MACHINE: &str = "[sync]\nprivate_addresses = 'allow'\n";

/// A hub as an operator has it.
pub(crate) struct Hub {
    folder: TempDir,
    /// Where its store is.
    url: String,
    /// Keeps a store alive that is not in the folder.
    _place: Option<Place>,
    secrets: Vec<(String, String)>,
}

/// What a command did.
#[derive(Debug)]
pub(crate) struct Ran {
    /// `None` where it was killed.
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    /// It did all that it was asked for.
    #[track_caller]
    pub(crate) fn well(self) -> Self {
        assert_eq!(self.code, Some(0), "{}", self.err);
        self
    }

    /// It failed, was not killed, and says these words.
    #[track_caller]
    pub(crate) fn badly(self, words: &[&str]) -> Self {
        assert!(self.code.is_some_and(|code| code != 0), "{:?}: {}", self.code, self.err);
        for word in words {
            assert!(self.err.contains(word), "{word:?} is not said:\n{}", self.err);
        }
        assert!(!self.err.contains("panicked"), "{}", self.err);
        self
    }
}

impl Hub {
    /// A hub with a SQLite file of its own: the three systems are its sources, and its connectors neither wait nor ask for
    /// large pages.
    pub(crate) fn new(systems: &Systems) -> Self {
        Self::bare().with(systems)
    }

    /// The same over another store.
    pub(crate) fn over(place: Place, systems: &Systems) -> Self {
        Self::bare_over(place).with(systems)
    }

    /// A hub with a SQLite file of its own, without sources and with the connectors of the binary.
    pub(crate) fn bare() -> Self {
        Self::make(None)
    }

    /// The same over another store.
    pub(crate) fn bare_over(place: Place) -> Self {
        Self::make(Some(place))
    }

    fn make(place: Option<Place>) -> Self {
        let folder = tempfile::tempdir().expect("a folder for the hub");
        let own = || format!("sqlite:{}", folder.path().join("onefold.db").display());
        let url = place.as_ref().map_or_else(own, |place| place.url.clone());
        let secrets = SECRETS.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let hub = Self { folder, url, _place: place, secrets };
        hub.configure("");
        hub
    }

    fn with(self, systems: &Systems) -> Self {
        self.write_quick_connectors();
        self.configure(&sources(systems));
        self
    }

    /// Where its store is.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Writes the configuration: the store, these sources, which may be on this machine, and the folder of connectors where
    /// there is one.
    pub(crate) fn configure(&self, sources: &str) {
        let connectors = if self.path("connectors").exists() { "connectors = 'connectors'\n" } else { "" };
        self.write(
            "onefold.toml",
            format!("{connectors}\n{ON_THIS_MACHINE}\n[store]\nurl = '{}'\n\n{sources}", self.url),
        );
    }

    /// A file in the hub's folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file in the hub's folder.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Gives another value to a variable; an empty one takes it away.
    pub(crate) fn secret(&mut self, name: &str, value: &str) {
        self.secrets.retain(|(known, _)| known != name);
        if !value.is_empty() {
            self.secrets.push((name.to_owned(), value.to_owned()));
        }
    }

    /// Changes a text of a connector in the hub's folder. The text must be there.
    pub(crate) fn rewrite(&self, connector: &str, from: &str, to: &str) {
        let name = format!("connectors/{connector}/connector.yaml");
        let text = fs::read_to_string(self.path(&name)).unwrap();
        assert!(text.contains(from), "{connector} has no {from:?}");
        self.write(&name, text.replace(from, to));
    }

    /// Changes a value of the `limits` or the `retry` of a connector in the hub's folder.
    pub(crate) fn limit(&self, connector: &str, name: &str, value: &str) {
        let path = format!("connectors/{connector}/connector.yaml");
        let text = fs::read_to_string(self.path(&path)).unwrap();
        let is_limit = |line: &str| ["limits:", "retry:"].iter().any(|start| line.trim_start().starts_with(start));
        self.write(&path, change_lines(&text, is_limit, name, value));
    }

    /// The shipped connectors, but without waiting and with small pages.
    fn write_quick_connectors(&self) {
        for name in ["billing/stripe", "support/zendesk", "marketing/mailchimp"] {
            let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("connectors").join(name);
            let mut waiting = vec![shipped.clone()];
            while let Some(path) = waiting.pop() {
                if path.is_dir() {
                    waiting.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
                } else if path.extension().is_some_and(|extension| extension == "yaml") {
                    let inside = path.strip_prefix(&shipped).unwrap().display().to_string();
                    self.write(&format!("connectors/{name}/{inside}"), fs::read(&path).unwrap());
                }
            }
            for (limit, value) in [("permits", "1000"), ("first", "0s"), ("longest", "5s"), ("attempts", "3")] {
                self.limit(name, limit, value);
            }
            let path = format!("connectors/{name}/connector.yaml");
            let text = fs::read_to_string(self.path(&path)).unwrap();
            self.write(&path, change_lines(&text, |line| line.contains("size: {"), "value", &PAGE.to_string()));
        }
    }

    /// Runs a command to its end.
    pub(crate) async fn run(&self, words: &[&str]) -> Ran {
        self.start(words).ended().await
    }

    /// Syncs, and folds nothing.
    pub(crate) async fn sync(&self) -> Ran {
        self.run(&["sync", "--no-match"]).await
    }

    /// Starts a command.
    pub(crate) fn start(&self, words: &[&str]) -> Running {
        self.start_with(words, &[])
    }

    /// Starts a command with further variables.
    pub(crate) fn start_with(&self, words: &[&str], variables: &[(&str, &str)]) -> Running {
        let mut child = Command::new(env!("CARGO_BIN_EXE_onefold"))
            .args(words)
            .current_dir(self.folder.path())
            // Neither a proxy nor a log level of whoever runs the tests.
            .env_clear()
            .envs(self.secrets.iter().map(|(name, value)| (name, value)))
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let (out, err) = (child.stdout.take(), child.stderr.take());
        Running { out: read(out), err: read(err), child: Arc::new(Mutex::new(child)) }
    }

    /// The hub's store, for looking at it while no command runs.
    pub(crate) async fn store(&self) -> Store {
        Store::open(&self.url).await.expect("the store opens")
    }
}

/// A pipe ends when its process does, so reading is also waiting.
fn read(pipe: Option<impl Read + Send + 'static>) -> JoinHandle<String> {
    tokio::task::spawn_blocking(move || {
        let mut bytes = Vec::new();
        pipe.expect("a pipe").read_to_end(&mut bytes).expect("what the process says");
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// A command that has not ended.
pub(crate) struct Running {
    child: Arc<Mutex<Child>>,
    out: JoinHandle<String>,
    err: JoinHandle<String>,
}

impl Running {
    /// Waits for the end.
    pub(crate) async fn ended(self) -> Ran {
        let (out, err) = (self.out.await.unwrap(), self.err.await.unwrap());
        let status = self.child.lock().unwrap().wait().expect("the end of the process");
        Ran { code: status.code(), out, err }
    }

    /// Sends a signal by its name, as an operator does.
    #[cfg(unix)]
    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.lock().unwrap().id().to_string();
        let sent = Command::new("kill").args([format!("-{name}"), id]).status().expect("kill is there");
        assert!(sent.success());
    }

    /// What ends it as `kill -9` does.
    pub(crate) fn killer(&self) -> Killer {
        Killer(Arc::clone(&self.child))
    }
}

/// Ends a command at once.
#[derive(Clone)]
pub(crate) struct Killer(Arc<Mutex<Child>>);

impl Killer {
    /// Sends SIGKILL. Nothing happens where the command has ended by itself.
    pub(crate) fn kill(&self) {
        let _ = self.0.lock().unwrap().kill();
    }
}

/// The three systems as sources.
pub(crate) fn sources(systems: &Systems) -> String {
    format!(
        "[[source]]\nkey = 'stripe'\nconnector = 'billing/stripe'\n[source.settings]\nbase_url = '{}'\n\
         api_key = {{ env = 'T_STRIPE_KEY' }}\n\n\
         [[source]]\nkey = 'zendesk'\nconnector = 'support/zendesk'\n[source.settings]\nbase_url = '{}'\n\
         email = '{ZENDESK_EMAIL}'\ntoken = {{ env = 'T_ZENDESK_TOKEN' }}\n\n\
         [[source]]\nkey = 'mailchimp'\nconnector = 'marketing/mailchimp'\n[source.settings]\nbase_url = '{}'\n\
         api_key = {{ env = 'T_MAILCHIMP_KEY' }}\n",
        systems.stripe.base_url(),
        systems.zendesk.base_url(),
        systems.mailchimp.base_url()
    )
}

/// Gives `name: …` another value on every line of a kind; at least one line must have it.
fn change_lines(text: &str, is_meant: impl Fn(&str) -> bool, name: &str, value: &str) -> String {
    let mut changed = 0;
    let mut out = String::new();
    for line in text.lines() {
        let at = if is_meant(line) { line.find(&format!("{name}: ")) } else { None };
        match at {
            Some(at) => {
                let from = at + name.len() + 2;
                let to = from + line[from..].find([',', '}']).expect("the end of the value");
                let _ = write!(out, "{}{value}{}", &line[..from], &line[to..]);
                changed += 1;
            }
            None => out.push_str(line),
        }
        out.push('\n');
    }
    assert!(changed > 0, "no line gives {name:?}:\n{text}");
    out
}
