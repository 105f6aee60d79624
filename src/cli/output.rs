//! Results on standard output. A reader that has seen enough (`| head`) is no failure.

use std::io::{self, Write};

/// Prints a line or several.
pub(super) fn print(text: &str) -> io::Result<()> {
    match writeln!(io::stdout().lock(), "{text}") {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        outcome => outcome,
    }
}
