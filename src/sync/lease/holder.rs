//! Which process this is, in words that another process can check.
//!
//! On Linux a process is known by the boot of its machine, its namespace of process ids, its user, its id and the moment it
//! started: whoever shares the first three can see whether the last two still belong together. Elsewhere, and across
//! machines and containers, nothing is claimed.

use std::fs;
use uuid::Uuid;

/// This process.
#[derive(Debug, Clone)]
pub(in crate::sync) struct Holder {
    /// Drawn at start.
    pub(in crate::sync) id: Uuid,
    /// What a person calls it.
    pub(in crate::sync) name: String,
    /// What others check.
    pub(in crate::sync) process: Option<String>,
}

impl Holder {
    /// Names this process.
    pub(in crate::sync) fn this() -> Self {
        let host = fs::read_to_string("/proc/sys/kernel/hostname").ok().or_else(|| std::env::var("HOSTNAME").ok());
        let host = host.map(|host| host.trim().to_owned()).filter(|host| !host.is_empty());
        let host = host.unwrap_or_else(|| "an unnamed host".to_owned());
        let pid = std::process::id();
        let process = place().zip(started(pid)).map(|(place, started)| format!("{place} {pid} {started}"));
        Self { id: Uuid::now_v7(), name: format!("process {pid} on {host}"), process }
    }

    /// Whether a process is known to have ended. `false` where it lives, and where that cannot be seen from here.
    pub(in crate::sync) fn knows_gone(&self, process: Option<&str>) -> bool {
        let split = |process: &str| -> Option<(String, u32, u64)> {
            let mut words = process.rsplitn(3, ' ');
            let (started, pid) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
            Some((words.next()?.to_owned(), pid, started))
        };
        let (Some(own), Some(other)) = (self.process.as_deref().and_then(split), process.and_then(split)) else {
            return false;
        };
        own.0 == other.0 && started(other.1) != Some(other.2)
    }
}

/// Where process ids mean the same as here, and every process of ours can be seen.
#[cfg(target_os = "linux")]
fn place() -> Option<String> {
    use std::os::unix::fs::MetadataExt;
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let namespace = fs::read_link("/proc/self/ns/pid").ok()?;
    // A system may hide the processes of other users.
    let user = fs::metadata("/proc/self").ok()?.uid();
    Some(format!("{} {} {user}", boot.trim(), namespace.display()))
}

#[cfg(not(target_os = "linux"))]
fn place() -> Option<String> {
    None
}

/// When a process started, in ticks since the boot; nothing where there is none, or only its remains.
fn started(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name of the program may hold anything, a bracket too. After it come the state and, as the 20th, the start.
    let (_, rest) = stat.rsplit_once(") ")?;
    let words: Vec<&str> = rest.split_whitespace().collect();
    let is_ended = matches!(words.first(), Some(&("Z" | "X" | "x")));
    if is_ended { None } else { words.get(19)?.parse().ok() }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::process::{Command, Stdio};

    #[test]
    fn an_ended_process_of_this_machine_is_known_to_be_gone_and_no_other() {
        let holder = Holder::this();
        let own = holder.process.clone().unwrap();
        assert!(!holder.knows_gone(Some(&own)), "this one lives");
        let mut child = Command::new("cat").stdin(Stdio::piped()).spawn().unwrap();
        let other = format!("{} {} {}", place().unwrap(), child.id(), started(child.id()).unwrap());
        assert!(!holder.knows_gone(Some(&other)), "it waits for its input");
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(holder.knows_gone(Some(&other)));
        let elsewhere = format!("another-boot {}", other.split_once(' ').unwrap().1);
        for unknown in [None, Some(elsewhere.as_str()), Some(""), Some("words"), Some("a b c")] {
            assert!(!holder.knows_gone(unknown), "{unknown:?}");
        }
        let (before, ticks) = own.rsplit_once(' ').unwrap();
        let reused = format!("{before} {}", ticks.parse::<u64>().unwrap() + 1);
        assert!(holder.knows_gone(Some(&reused)), "its number belongs to another process by now");
    }
}
