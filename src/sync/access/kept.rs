//! The newest refresh token of a system that gives a new one with each answer, in a file that only its owner reads.
//!
//! The file is named by a hash of the token that the configuration has: a new sign-in begins a new file, and sources that
//! share a token share the file. A lock beside it is held from reading the token until its successor is on the disk, also
//! against other processes. That there is room for the successor is tried before the token is spent.

use onefold_connector::Secret;
use sha2::{Digest, Sha256};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// No token is longer, in bytes.
const ROOM: usize = 8192;

/// Why a refresh token cannot be kept. The token was not spent, unless the disk failed in between.
#[derive(Debug, thiserror::Error)]
#[error("{} {what}: {cause}", path.display())]
pub struct KeptError {
    path: PathBuf,
    what: &'static str,
    cause: io::Error,
}

/// A refresh token, locked.
#[derive(Debug)]
pub(super) struct Kept {
    path: PathBuf,
    newest: Option<Secret>,
    /// Its successor is written here, and then put in place.
    room: PathBuf,
    /// Released with the file.
    _lock: File,
}

impl Kept {
    /// Waits for the lock of a token and reads its newest successor.
    pub(super) async fn open(folder: &Path, configured: &Secret) -> Result<Self, KeptError> {
        let path = folder.join(format!("refresh-{}", name_of(configured)));
        let blocked = path.clone();
        let opened = tokio::task::spawn_blocking(move || Self::open_now(path)).await;
        opened.unwrap_or_else(|error| Err(failed(&blocked, "could not be opened")(io::Error::other(error))))
    }

    fn open_now(path: PathBuf) -> Result<Self, KeptError> {
        let folder = path.parent().unwrap_or(Path::new("."));
        folder_make(folder)
            .map_err(failed(folder, "cannot be made, and refresh tokens are kept there ([sync] secrets_dir)"))?;
        let beside = path.with_extension("lock");
        let lock = private(OpenOptions::new().create(true).truncate(false))
            .open(&beside)
            .and_then(|file| file.lock().map(|()| file))
            .map_err(failed(&beside, "cannot be locked, and a refresh token is kept beside it"))?;
        let room = path.with_extension("new");
        if fs::read_to_string(&room).is_ok_and(|text| is_whole(&text)) {
            // Whoever wrote it died before it was in its place.
            put(&room, &path).map_err(failed(&path, "cannot be written, and a refresh token is kept there"))?;
        }
        let newest = match fs::read_to_string(&path) {
            Ok(text) => Some(Secret::new(text.trim_end())).filter(|token| !token.expose().is_empty()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(failed(&path, "cannot be read, and a refresh token is kept there")(error)),
        };
        let written = private(OpenOptions::new().create(true).truncate(true)).open(&room).and_then(|mut file| {
            file.write_all(&[b' '; ROOM])?;
            file.sync_all()
        });
        written.map_err(failed(&room, "cannot be written, and a refresh token is kept there"))?;
        Ok(Self { path, newest, room, _lock: lock })
    }

    /// The newest successor; none where the configured token has not been replaced yet.
    pub(super) fn newest(&self) -> Option<&Secret> {
        self.newest.as_ref()
    }

    /// Puts a successor in place, at once and for good.
    pub(super) fn replace(&self, token: &Secret) -> Result<(), KeptError> {
        let line = format!("{}\n", token.expose());
        let written = private(&mut OpenOptions::new()).open(&self.room).and_then(|mut file| {
            file.write_all(line.as_bytes())?;
            // Only now does it end with its line, and is whole.
            file.set_len(line.len() as u64)?;
            file.sync_all()?;
            put(&self.room, &self.path)
        });
        written.map_err(failed(
            &self.path,
            "cannot be written, and the new refresh token is lost: sign in at the system again",
        ))
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        // Nothing but blanks is in it; where it was put in place, it is not there any more.
        drop(fs::remove_file(&self.room));
    }
}

fn is_whole(text: &str) -> bool {
    text.ends_with('\n') && !text.trim().is_empty()
}

/// Puts a file in the place of another one. The new name survives a power cut too.
fn put(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)?;
    File::open(to.parent().unwrap_or(Path::new(".")))?.sync_all()
}

fn failed<'p>(path: &'p Path, what: &'static str) -> impl Fn(io::Error) -> KeptError + use<'p> {
    move |cause| KeptError { path: path.to_owned(), what, cause }
}

/// A name from which nobody gets the token.
fn name_of(token: &Secret) -> String {
    use std::fmt::Write as _;
    let mut hash = Sha256::new();
    hash.update(b"onefold refresh token\0");
    hash.update(token.expose().as_bytes());
    let mut name = String::with_capacity(32);
    for byte in hash.finalize().iter().take(16) {
        let _ = write!(name, "{byte:02x}");
    }
    name
}

/// Only for its owner, from the beginning.
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.write(true)
}

fn folder_make(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.recursive(true).create(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(text: &str) -> Secret {
        Secret::new(text)
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = entries.collect();
        names.sort();
        names
    }

    #[tokio::test]
    async fn the_newest_token_is_kept_by_that_of_the_configuration() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("secrets");
        let kept = Kept::open(&dir, &token("r1")).await.unwrap();
        assert_eq!(kept.newest(), None);
        kept.replace(&token("r2")).unwrap();
        drop(kept);
        let kept = Kept::open(&dir, &token("r1")).await.unwrap();
        assert_eq!(kept.newest(), Some(&token("r2")));
        kept.replace(&token("r3")).unwrap();
        drop(kept);
        assert_eq!(Kept::open(&dir, &token("r1")).await.unwrap().newest(), Some(&token("r3")));
        assert_eq!(Kept::open(&dir, &token("s1")).await.unwrap().newest(), None, "a new sign-in begins anew");
        let names = names(&dir);
        assert_eq!(names.len(), 3, "a token and two locks, and nothing half written: {names:?}");
        assert!(!names.concat().contains("r1"));
    }

    #[tokio::test]
    async fn a_successor_that_was_written_and_not_put_in_place_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let kept = Kept::open(folder.path(), &token("r1")).await.unwrap();
        kept.replace(&token("r2")).unwrap();
        let room = kept.room.clone();
        drop(kept);
        // What a process leaves behind that dies before the last step, and one that dies before its line is whole.
        fs::write(&room, "r3\n").unwrap();
        assert_eq!(Kept::open(folder.path(), &token("r1")).await.unwrap().newest(), Some(&token("r3")));
        fs::write(&room, "r4     ").unwrap();
        assert_eq!(Kept::open(folder.path(), &token("r1")).await.unwrap().newest(), Some(&token("r3")));
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn only_its_owner_reads_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("secrets");
        Kept::open(&dir, &token("r1")).await.unwrap().replace(&token("r2")).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&dir), 0o700);
        for name in names(&dir) {
            assert_eq!(mode(&dir.join(&name)), 0o600, "{name}");
        }
    }

    #[tokio::test]
    async fn two_never_hold_one_token_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let kept = Kept::open(folder.path(), &token("r1")).await.unwrap();
        let path = folder.path().to_owned();
        let other = tokio::spawn(async move { Kept::open(&path, &token("r1")).await.map(|kept| kept.newest.clone()) });
        kept.replace(&token("r2")).unwrap();
        drop(kept);
        assert_eq!(other.await.unwrap().unwrap(), Some(token("r2")), "it waited for the successor");
    }

    #[tokio::test]
    async fn where_there_is_no_room_that_is_known_before_the_token_is_spent() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "no folder").unwrap();
        let error = Kept::open(&file.join("secrets"), &token("t0psecret")).await.unwrap_err();
        assert!(
            error.to_string().contains("[sync] secrets_dir") && !format!("{error:?}").contains("t0psecret"),
            "{error}"
        );
    }
}
