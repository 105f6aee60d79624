//! A tap as a process: started with what it needs and nothing else, read line by line, ended with the run.

use onefold_connector::Secret;
use serde_json::Value;
use std::fs::{DirBuilder, OpenOptions};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use tokio::sync::mpsc;
use uuid::Uuid;

/// The longest message.
const LINE_BYTES: u64 = 64 << 20;
/// Messages that wait for the store.
const WAITING: usize = 256;
/// What a tap may say about itself, in lines and in bytes of a line.
const LOG_LINES: usize = 2000;
const LOG_BYTES: u64 = 2000;
/// Of the hub's environment, what programs need to run. The rest may hold secrets of other sources.
const ENVIRONMENT: [&str; 9] =
    ["PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "SSL_CERT_FILE", "HTTPS_PROXY", "NO_PROXY"];

/// A folder that only the hub's user may look into, as long as it lives.
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new() -> std::io::Result<Self> {
        let path = std::env::temp_dir().join(format!("onefold-tap-{}", Uuid::new_v4()));
        DirBuilder::new().mode(0o700).create(&path)?;
        Ok(Self(path))
    }

    /// Writes a file that only the hub's user may read.
    pub(super) fn write(&self, name: &str, text: &str) -> std::io::Result<PathBuf> {
        let path = self.0.join(name);
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        file.write_all(text.as_bytes())?;
        Ok(path)
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            tracing::error!(folder = %self.0.display(), %error, "the configuration of a tap could not be removed: remove the folder");
        }
    }
}

/// Takes secrets out of what a tap prints.
#[derive(Clone)]
pub(super) struct Mask(Vec<Secret>);

impl Mask {
    pub(super) fn new(secrets: Vec<Secret>) -> Self {
        Self(secrets)
    }

    fn hide(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in &self.0 {
            // As it is, and as it stands in JSON: taps print their configuration.
            let quoted = Value::from(secret.expose()).to_string();
            for form in [secret.expose(), quoted.trim_matches('"')] {
                if !form.is_empty() {
                    text = text.replace(form, "***");
                }
            }
        }
        text
    }
}

/// A tap that runs. Dropped, it is killed.
pub(super) struct Process {
    child: Child,
    lines: mpsc::Receiver<Line>,
}

/// What a tap prints.
pub(super) enum Line {
    Text(String),
    /// Longer than a message can be, or no text.
    Unreadable,
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Process {
    pub(super) fn start(command: &mut Command, mask: Mask, source: String) -> std::io::Result<Self> {
        let kept = ENVIRONMENT.iter().filter_map(|name| Some((*name, std::env::var_os(name)?)));
        let mut child = command
            .env_clear()
            .envs(kept)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let (sender, lines) = mpsc::channel(WAITING);
        if let Some(output) = child.stdout.take() {
            std::thread::spawn(move || send_lines(output, &sender));
        }
        if let Some(errors) = child.stderr.take() {
            std::thread::spawn(move || log_lines(errors, &mask, &source));
        }
        Ok(Self { child, lines })
    }

    /// The next line; `None` after the last.
    pub(super) async fn next(&mut self) -> Option<Line> {
        self.lines.recv().await
    }

    /// How it ended. It has closed its output, so it is about to.
    pub(super) fn end(mut self) -> std::io::Result<ExitStatus> {
        self.child.wait()
    }
}

fn send_lines(output: impl Read, sender: &mpsc::Sender<Line>) {
    let mut output = BufReader::new(output);
    loop {
        let mut bytes = Vec::new();
        match output.by_ref().take(LINE_BYTES).read_until(b'\n', &mut bytes) {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        let is_cut = bytes.len() as u64 == LINE_BYTES && !bytes.ends_with(b"\n");
        let line = String::from_utf8(bytes).ok().filter(|_| !is_cut).map_or(Line::Unreadable, Line::Text);
        let is_unreadable = matches!(line, Line::Unreadable);
        if sender.blocking_send(line).is_err() || is_unreadable {
            return;
        }
    }
}

/// The rest is read and thrown away, or the tap would wait for somebody to read it.
fn log_lines(errors: impl Read, mask: &Mask, source: &str) {
    let mut errors = BufReader::new(errors);
    for count in 0.. {
        let mut bytes = Vec::new();
        match errors.by_ref().take(LOG_BYTES).read_until(b'\n', &mut bytes) {
            Ok(0) | Err(_) => return,
            Ok(_) if count >= LOG_LINES => continue,
            Ok(_) => {}
        }
        let text = mask.hide(String::from_utf8_lossy(&bytes).trim_end());
        tracing::info!(source, tap = text, "the tap says");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_taken_out_as_they_are_and_as_json_has_them() {
        let mask = Mask::new(vec![Secret::new("s3\"cret"), Secret::new("")]);
        assert_eq!(mask.hide("a s3\"cret and {\"key\": \"s3\\\"cret\"}"), "a *** and {\"key\": \"***\"}");
    }
}
