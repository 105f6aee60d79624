//! Values that stand for "we do not know". They agree between strangers, so they are no evidence at all.

/// Whether a folded name is what people type when they have none.
pub(crate) fn is_placeholder_name(folded: &str) -> bool {
    matches!(
        folded,
        "unknown"
            | "unbekannt"
            | "desconocido"
            | "inconnu"
            | "n a"
            | "na"
            | "none"
            | "null"
            | "nil"
            | "no name"
            | "noname"
            | "test"
            | "tester"
            | "test test"
            | "dummy"
            | "xxx"
            | "xx"
            | "tbd"
            | "tba"
            | "customer"
            | "kunde"
            | "client"
            | "guest"
            | "gast"
            | "user"
            | "anonymous"
            | "anonym"
            | "name"
            | "first name"
            | "firstname"
            | "last name"
            | "lastname"
            | "vorname"
            | "nachname"
            | "surname"
            | "private"
            | "privat"
            | "not provided"
            | "not available"
            | "not given"
            | "blank"
            | "empty"
            | "undefined"
            | "default"
            | "deleted"
            | "deleted user"
            | "asdf"
            | "asdfgh"
            | "qwerty"
            | "qwertz"
            | "test user"
            | "testuser"
            | "test customer"
            | "demo"
            | "demo user"
            | "sample"
            | "example"
            | "mustermann"
            | "musterfrau"
            | "max mustermann"
            | "erika mustermann"
            | "keine angabe"
            | "k a"
            | "ohne namen"
            | "nicht angegeben"
            | "sans nom"
            | "non renseigne"
            | "sin nombre"
            | "no disponible"
            | "sconosciuto"
            | "desconhecido"
            | "onbekend"
            | "okand"
            | "ukendt"
            | "neznamy"
            | "nieznany"
            | "do not use"
            | "duplicate"
            | "to be deleted"
            | "not applicable"
            | "information not available"
            | "fnu"
            | "lnu"
            | "no first name"
            | "no last name"
    ) || is_one_letter_repeated(folded)
        || !folded.bytes().any(|b| b.is_ascii_alphabetic())
}

// "xxx", "aaaa": three or more, because two are a name here and there.
fn is_one_letter_repeated(folded: &str) -> bool {
    folded.len() >= 3 && folded.bytes().all(|byte| byte == folded.as_bytes()[0])
}

/// Whether a name says that somebody works for nobody in particular. Two people who say so are no colleagues.
pub(crate) fn is_no_company(folded: &str) -> bool {
    matches!(
        folded,
        "self"
            | "self employed"
            | "selfemployed"
            | "freelance"
            | "freelancer"
            | "retired"
            | "student"
            | "unemployed"
            | "homemaker"
            | "housewife"
            | "private person"
            | "privatperson"
            | "privatkunde"
            | "particulier"
            | "particular"
            | "selbststandig"
            | "selbstandig"
            | "freiberufler"
            | "freiberuflich"
            | "rentner"
            | "pensionist"
            | "hausfrau"
            | "arbeitslos"
            | "independant"
            | "retraite"
            | "autonomo"
            | "jubilado"
            | "estudiante"
            | "zzp"
            | "company"
            | "firma"
            | "my company"
            | "no company"
    )
}

/// Whether the local part of an e-mail address, or its domain, says that there is no address.
///
/// The domains of RFC 2606 (`example.com`, `.example`) are not listed: test systems fill whole data sets with them.
pub(crate) fn is_placeholder_email(local: &str, domain: &str) -> bool {
    is_placeholder_local(local)
        || matches!(
            domain,
            "none.com"
                | "unknown.com"
                | "noemail.com"
                | "nomail.com"
                | "test.com"
                | "test.test"
                | "invalid.com"
                | "na.com"
                | "mailinator.com"
                | "localhost.localdomain"
        )
        || domain.ends_with(".invalid")
}

fn is_placeholder_local(local: &str) -> bool {
    // The longest placeholder has twelve letters: most mailboxes have more, or need no look at all of them.
    let mut letters = [0; 12];
    let mut len = 0;
    for byte in local.bytes().filter(u8::is_ascii_alphanumeric) {
        let Some(place) = letters.get_mut(len) else { return false };
        *place = byte;
        len += 1;
    }
    matches!(
        std::str::from_utf8(&letters[..len]).unwrap_or(""),
        "test"
            | "tester"
            | "testing"
            | "test1"
            | "test123"
            | "none"
            | "na"
            | "nomail"
            | "noemail"
            | "noreply"
            | "donotreply"
            | "nobody"
            | "unknown"
            | "null"
            | "asdf"
            | "qwerty"
            | "dummy"
            | "fake"
            | "anonymous"
            | "invalid"
            | "example"
            | "notprovided"
            | "notavailable"
            | "deleted"
            | "xxx"
            | "no"
            | "keine"
            | "keinemail"
    )
}

/// Whether digits are a filler: one digit repeated, or a run such as 1234567890.
pub(crate) fn is_placeholder_digits(digits: &str) -> bool {
    if digits.len() < 2 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return false;
    }
    let mut steps = digits.bytes().zip(digits.bytes().skip(1)).map(|(a, b)| (10 + b - a) % 10);
    let step = steps.next().unwrap_or(0);
    matches!(step, 0 | 1 | 9) && steps.all(|other| other == step)
}

/// Whether a birth date is a system's default rather than a day somebody was born. Takes year, month and day.
pub(crate) fn is_placeholder_date(year: i32, month: u32, day: u32) -> bool {
    matches!((year, month, day), (1900 | 1901 | 1904 | 1970 | 1800 | 1753 | 1601 | 2000, 1, 1) | (1899, 12, 30 | 31))
        || !(1000..2100).contains(&year)
        || (year, month, day) == (1111, 11, 11)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fillers_are_no_evidence() {
        for digits in ["0000000000", "9999999999", "1234567890", "234567890", "9876543210", "00000"] {
            assert!(is_placeholder_digits(digits), "{digits}");
        }
        assert!(!is_placeholder_digits("2605991749"));
        assert!(is_placeholder_email("test", "biller.de") && is_placeholder_email("no-reply", "shop.com"));
        assert!(!is_placeholder_email("ada", "example.com"));
        assert!(is_placeholder_name("n a") && is_placeholder_name("00") && !is_placeholder_name("ada"));
        assert!(is_placeholder_date(1900, 1, 1) && !is_placeholder_date(1984, 1, 1));
        assert!(is_placeholder_date(9999, 12, 31) && is_placeholder_date(1, 1, 1) && !is_placeholder_date(2000, 2, 29));
        assert!(is_placeholder_name("xxxx") && is_placeholder_name("keine angabe") && !is_placeholder_name("aa"));
        assert!(is_no_company("self employed") && !is_no_company("wexford"));
    }
}
