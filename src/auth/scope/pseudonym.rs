//! Pseudonyms: names for values that may not be seen, under which they can still be joined.
//!
//! Promises: within one department the same value has the same name, whatever field it stands in; in another department it
//! has another; without the secret nobody can tell a value from its name, nor try values out. Deliberately cannot be undone,
//! and does not know which values are alike: spaces around a value are all that is left out.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fmt;
use std::fmt::Write;

/// Bytes of a name: enough that two values of one company never share it.
const NAME_BYTES: usize = 16;

/// Bytes that a secret needs, as many as the key that is made of it.
const SECRET_BYTES_MIN: usize = 32;

/// What all pseudonyms of a hub are made with. Another secret gives other names.
#[derive(Clone, PartialEq, Eq)]
pub struct PseudonymSecret(Vec<u8>);

/// The secret of the pseudonyms has fewer than 32 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the secret of the pseudonyms has fewer than {SECRET_BYTES_MIN} bytes: make one with `openssl rand -hex 32`")]
pub struct ShortSecret;

/// What the pseudonyms of one department are made with.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PseudonymKey([u8; 32]);

impl PseudonymSecret {
    /// Takes a secret of at least 32 bytes.
    pub fn new(secret: impl Into<Vec<u8>>) -> Result<Self, ShortSecret> {
        let secret = secret.into();
        if secret.len() < SECRET_BYTES_MIN { Err(ShortSecret) } else { Ok(Self(secret)) }
    }

    /// The key of a department.
    pub(in crate::auth) fn key(&self, department: &str) -> Option<PseudonymKey> {
        PseudonymKey::of(&self.0, department)
    }
}

impl PseudonymKey {
    /// Nothing only where the library takes no key of this length, which it does.
    pub(super) fn of(secret: &[u8], department: &str) -> Option<Self> {
        // The first word keeps these keys apart from whatever else may be made of the same secret.
        Some(Self(mac(secret, &["onefold pseudonym", department])?))
    }

    /// The name of a value. Nothing of a blank one: that there is no value is no secret to be joined by.
    pub(super) fn name(&self, value: &str) -> Option<String> {
        let value = value.trim();
        if value.is_empty() {
            return None;
        }
        let mut name = String::from("psn_");
        for byte in mac(&self.0, &[value])?.iter().take(NAME_BYTES) {
            let _ = write!(name, "{byte:02x}");
        }
        Some(name)
    }
}

fn mac(key: &[u8], parts: &[&str]) -> Option<[u8; 32]> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    for part in parts {
        // Lengths first, so that no two lists of parts run into the same bytes.
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part.as_bytes());
    }
    Some(mac.finalize().into_bytes().into())
}

impl fmt::Debug for PseudonymSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl fmt::Debug for PseudonymKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::Mask;
    use onefold_model::PostalAddress;
    use proptest::prelude::*;

    fn mask(department: &str) -> Mask {
        let secret = PseudonymSecret::new(*b"a secret of the tests, long enough").unwrap();
        Mask::Pseudonym(secret.key(department).unwrap())
    }

    #[test]
    fn a_name_is_shaped_alike_for_every_value() {
        for value in ["roland@example.com", "1", "Kovač", "12.30"] {
            let name = mask("support").apply(value);
            assert!(name.len() == 36 && name.starts_with("psn_"), "{name}");
        }
        assert_eq!(mask("support").apply("  "), "…");
    }

    #[test]
    fn a_postal_address_joins_by_all_of_it() {
        let at = |line: &str| PostalAddress {
            lines: vec![line.to_owned()],
            locality: Some("Wien".to_owned()),
            ..PostalAddress::default()
        };
        let shown = |line: &str| mask("support").apply_to_address(&at(line)).unwrap();
        assert_eq!(shown("Burggasse 1"), shown("Burggasse 1"));
        assert_ne!(shown("Burggasse 1"), shown("Burggasse 2"));
        assert_eq!(shown("Burggasse 1").locality, None);
        assert_eq!(mask("support").apply_to_address(&PostalAddress::default()), None);
    }

    #[test]
    fn secrets_and_keys_are_never_printed_and_short_ones_refused() {
        assert_eq!(format!("{:?}", mask("support")), "Pseudonym(***)");
        assert_eq!(PseudonymSecret::new("short"), Err(ShortSecret));
        assert!(ShortSecret.to_string().contains("32 bytes"));
    }

    #[test]
    fn another_secret_gives_other_names() {
        let name = |secret: [u8; 32]| Mask::Pseudonym(PseudonymKey::of(&secret, "support").unwrap()).apply("a");
        assert_ne!(name([1; 32]), name([2; 32]));
    }

    proptest! {
        #[test]
        fn a_pseudonym_joins_within_a_department_and_not_across(one in "[a-z0-9@.]{1,12}", other in "[a-z0-9@.]{1,12}") {
            let (here, there) = (mask("support"), mask("marketing"));
            prop_assert_eq!(here.apply(&one) == here.apply(&other), one == other);
            prop_assert_ne!(here.apply(&one), there.apply(&one));
            prop_assert!(one.len() < 6 || !here.apply(&one).contains(&one));
        }
    }
}
