//! A secret that a program prints: a password manager, a vault.
//!
//! It is run without a shell, with nothing in its environment but `PATH`, and for so long at most. What it prints is the
//! secret and goes nowhere else; what it prints as errors is dropped.

use serde::Deserialize;
use std::io::Read;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// A program that asks somebody over the network has to be done by then.
const TIME: Duration = Duration::from_secs(30);
/// No secret is longer, in bytes.
const SIZE: u64 = 64 << 10;
/// How often it is looked at whether it has ended.
const LOOK: Duration = Duration::from_millis(20);

/// A program and its arguments: as one text, split at blanks, or as a list where an argument has blanks in it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum CommandLine {
    /// `"pass show onefold/xero"`.
    Text(String),
    /// `["op", "read", "op://vault/xero/refresh token"]`.
    Words(Vec<String>),
}

impl CommandLine {
    /// What it prints, without the line end; else what became of it, in words that repeat nothing.
    pub(super) fn output(&self) -> Result<String, String> {
        self.output_within(TIME)
    }

    /// The program, for messages. Its arguments may say more than they should.
    pub(super) fn program(&self) -> &str {
        match self {
            Self::Text(text) => text.split_whitespace().next().unwrap_or_default(),
            Self::Words(words) => words.first().map_or("", String::as_str),
        }
    }

    fn arguments(&self) -> Vec<&str> {
        match self {
            Self::Text(text) => text.split_whitespace().skip(1).collect(),
            Self::Words(words) => words.iter().skip(1).map(String::as_str).collect(),
        }
    }

    fn output_within(&self, time: Duration) -> Result<String, String> {
        let mut child = Command::new(self.program())
            .args(self.arguments())
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("it could not be started ({})", error.kind()))?;
        let (sender, receiver) = mpsc::channel();
        let pipe = child.stdout.take();
        // Not waited for: what the program left running may hold the pipe open for ever.
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            let read = pipe.map(|pipe| pipe.take(SIZE + 1).read_to_end(&mut bytes));
            drop(sender.send(read.is_some_and(|read| read.is_ok()).then_some(bytes)));
        });
        let end = Instant::now() + time;
        let printed = receiver.recv_timeout(time);
        let status = loop {
            match child.try_wait() {
                Ok(Some(status)) => break Some(status),
                Ok(None) if Instant::now() < end && printed.is_ok() => std::thread::sleep(LOOK),
                Ok(None) | Err(_) => break None,
            }
        };
        if status.is_none() {
            drop(child.kill());
            drop(child.wait());
        }
        match (status, printed) {
            (None, _) | (_, Err(_)) => Err(format!("it took longer than {} seconds", time.as_secs())),
            (Some(status), Ok(printed)) => text_of(status, printed),
        }
    }
}

fn text_of(status: ExitStatus, printed: Option<Vec<u8>>) -> Result<String, String> {
    // First: a program that is not listened to any more ends as it may.
    if printed.as_ref().is_some_and(|bytes| bytes.len() as u64 > SIZE) {
        return Err(format!("what it printed is too long: no secret has more than {SIZE} bytes"));
    }
    if !status.success() {
        return Err(format!("it ended with {status}"));
    }
    let printed = printed.and_then(|bytes| String::from_utf8(bytes).ok());
    let text = printed.ok_or_else(|| "what it printed is no text".to_owned())?;
    let text = text.trim_end_matches(['\r', '\n']);
    if text.is_empty() { Err("it printed nothing".to_owned()) } else { Ok(text.to_owned()) }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn words(words: &[&str]) -> CommandLine {
        CommandLine::Words(words.iter().map(|word| (*word).to_owned()).collect())
    }

    #[test]
    fn what_it_prints_is_the_secret_without_its_line_end() {
        assert_eq!(CommandLine::Text("echo t0p secret".to_owned()).output().unwrap(), "t0p secret");
        assert_eq!(words(&["printf", "%s\\n", "two  blanks"]).output().unwrap(), "two  blanks");
        assert_eq!(words(&["echo", "$HOME; id"]).output().unwrap(), "$HOME; id", "no shell reads it");
    }

    #[test]
    fn it_sees_nothing_of_our_environment_but_the_path() {
        let seen = CommandLine::Text("env".to_owned()).output().unwrap();
        assert!(seen.lines().all(|line| line.starts_with("PATH=")), "{seen}");
    }

    #[test]
    fn what_goes_wrong_is_told_without_what_it_printed() {
        let failed = words(&["sh", "-c", "echo t0psecret; exit 3"]).output().unwrap_err();
        assert!(failed.contains("exit status: 3") && !failed.contains("t0psecret"), "{failed}");
        assert_eq!(words(&["true"]).output().unwrap_err(), "it printed nothing");
        assert!(words(&["onefold-no-such-program"]).output().unwrap_err().contains("could not be started"));
        assert!(words(&[]).output().unwrap_err().contains("could not be started"));
        let long = words(&["head", "-c", "70000", "/dev/zero"]).output().unwrap_err();
        assert!(long.contains("too long"), "{long}");
    }

    #[test]
    fn one_that_hangs_is_ended() {
        let hung = words(&["sleep", "600"]).output_within(Duration::from_millis(50)).unwrap_err();
        assert!(hung.contains("it took longer"), "{hung}");
        // Its child holds the pipe.
        let left = words(&["sh", "-c", "sleep 600 & exit 0"]).output_within(Duration::from_millis(50)).unwrap_err();
        assert!(left.contains("it took longer"), "{left}");
    }
}
