//! Bytes as text: UTF-8, UTF-16 and Windows-1252, which is what older systems export.

use super::FileError;
use std::borrow::Cow;

/// How a file was encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark.
    Utf8,
    /// UTF-16, little end first.
    Utf16Le,
    /// UTF-16, big end first.
    Utf16Be,
    /// Windows-1252: what is not UTF-8 and has no NUL bytes.
    Windows1252,
}

/// Reads bytes as text. What is valid UTF-8 is UTF-8.
///
/// # Errors
/// Empty, or not text.
pub fn decode(bytes: &[u8]) -> Result<(Cow<'_, str>, Encoding), FileError> {
    if bytes.is_empty() {
        return Err(FileError::Empty);
    }
    let encoding = find(bytes);
    let (text, malformed) = match encoding {
        Encoding::Utf8 => encoding_rs::UTF_8.decode_with_bom_removal(bytes),
        Encoding::Utf16Le => encoding_rs::UTF_16LE.decode_with_bom_removal(bytes),
        Encoding::Utf16Be => encoding_rs::UTF_16BE.decode_with_bom_removal(bytes),
        Encoding::Windows1252 => encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes),
    };
    if malformed || text.contains('\0') { Err(FileError::NotText) } else { Ok((text, encoding)) }
}

fn find(bytes: &[u8]) -> Encoding {
    match bytes {
        [0xff, 0xfe, ..] => return Encoding::Utf16Le,
        [0xfe, 0xff, ..] => return Encoding::Utf16Be,
        _ => {}
    }
    // Without a mark, UTF-16 of western text has a NUL in every second byte.
    let start = &bytes[..bytes.len().min(400)];
    let nul = |parity: usize| start.iter().skip(parity).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (nul(0), nul(1));
    let half = start.len() / 2;
    if half > 0 && odd * 10 > half * 7 && even == 0 {
        Encoding::Utf16Le
    } else if half > 0 && even * 10 > half * 7 && odd == 0 {
        Encoding::Utf16Be
    } else if std::str::from_utf8(bytes).is_ok() {
        Encoding::Utf8
    } else {
        Encoding::Windows1252
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str, mark: bool) -> Vec<u8> {
        let units = mark.then_some(0xfeff).into_iter().chain(text.encode_utf16());
        units.flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn the_encoding_is_found() {
        let found = |bytes: &[u8]| decode(bytes).map(|(text, encoding)| (text.into_owned(), encoding));
        assert_eq!(found("Jürgen".as_bytes()), Ok(("Jürgen".to_owned(), Encoding::Utf8)));
        assert_eq!(found(b"\xef\xbb\xbfa"), Ok(("a".to_owned(), Encoding::Utf8)));
        assert_eq!(found(b"J\xfcrgen \x80"), Ok(("Jürgen €".to_owned(), Encoding::Windows1252)));
        assert_eq!(found(&utf16("Name\tJürgen\n", true)), Ok(("Name\tJürgen\n".to_owned(), Encoding::Utf16Le)));
        assert_eq!(found(&utf16("Name\tOrt\n", false)), Ok(("Name\tOrt\n".to_owned(), Encoding::Utf16Le)));
        assert_eq!(found(b""), Err(FileError::Empty));
        assert_eq!(found(b"PK\x03\x04\x00\x00\x08\x00"), Err(FileError::NotText));
    }
}
