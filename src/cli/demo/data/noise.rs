//! What happens to a name or a mail address between a mouth and a database.

use super::random::Random;

/// A slip of the keyboard: two letters swapped, one lost, one doubled or one replaced. Never the first letter, which
/// people get right. Too short a text stays as it is.
pub(super) fn slip(text: &str, random: &mut Random) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    if letters.len() < 4 {
        return text.to_owned();
    }
    let at = 1 + random.below(letters.len() - 2);
    match random.below(4) {
        0 if letters[at] != letters[at + 1] => letters.swap(at, at + 1),
        1 => {
            letters.remove(at);
        }
        2 => letters.insert(at, letters[at]),
        _ => letters[at] = if letters[at] == 'e' { 'a' } else { 'e' },
    }
    letters.into_iter().collect()
}

/// Without marks: ö as o, č as c, ß as ss.
pub(super) fn without_marks(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, letter| {
        match plain(letter) {
            Some(plain) => out.push_str(plain),
            None => out.push(letter),
        }
        out
    })
}

/// As German speakers write without umlauts: ö as oe.
pub(super) fn spelled_out(text: &str) -> String {
    let text = text.replace('ä', "ae").replace('ö', "oe").replace('ü', "ue").replace('ß', "ss");
    without_marks(&text.replace('Ä', "Ae").replace('Ö', "Oe").replace('Ü', "Ue"))
}

fn plain(letter: char) -> Option<&'static str> {
    Some(match letter {
        'ä' | 'å' | 'à' | 'â' => "a",
        'Ä' | 'Å' => "A",
        'č' | 'ć' | 'ç' => "c",
        'Č' | 'Ć' => "C",
        'đ' => "d",
        'é' | 'è' | 'ê' | 'ë' => "e",
        'É' => "E",
        'î' | 'ï' => "i",
        'ö' | 'ô' => "o",
        'Ö' => "O",
        'š' => "s",
        'Š' => "S",
        'ü' | 'û' => "u",
        'Ü' => "U",
        'ž' => "z",
        'Ž' => "Z",
        'ß' => "ss",
        _ => return None,
    })
}

/// What a name becomes before or behind the `@`, or in a domain: small letters, digits and nothing else.
pub(super) fn slug(text: &str) -> String {
    spelled_out(text).to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect()
}

/// The same mailbox or nearly: other case, a tag, or a slip before the `@`.
pub(super) fn mail_spelling(mail: &str, random: &mut Random) -> String {
    let (local, domain) = mail.split_once('@').unwrap_or((mail, "example.com"));
    match random.below(5) {
        0 => format!("{local}+news@{domain}"),
        1 => format!("{}@{domain}", slip(local, random)),
        2 => mail.to_uppercase(),
        _ => {
            let words = local.split('.').map(|word| {
                let mut letters = word.chars();
                letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
            });
            format!("{}@{domain}", words.collect::<Vec<String>>().join("."))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_keeps_the_first_letter_and_changes_little() {
        for seed in 0..500 {
            let slipped = slip("Kovačević", &mut Random::new(seed));
            assert!(slipped.starts_with('K'));
            assert!(slipped.chars().count().abs_diff(9) <= 1, "{slipped}");
        }
        assert_eq!(slip("Ek", &mut Random::new(1)), "Ek");
    }

    #[test]
    fn marks_are_lost_in_both_ways() {
        assert_eq!(
            (without_marks("Möller Weiß Žuković"), spelled_out("Möller")),
            ("Moller Weiss Zukovic".into(), "Moeller".into())
        );
        assert_eq!(slug("Åsa Öst-Bäck & Søn 7"), "asaoestbaeckn7".replace("baeckn", "baecksn"));
    }

    #[test]
    fn every_letter_of_the_lists_has_a_plain_form() {
        for region in super::super::region::REGIONS {
            let names = region.given.iter().map(|given| given.name).chain(region.beginnings.iter().copied());
            for name in names.chain(region.endings.iter().copied()) {
                assert!(without_marks(name).is_ascii(), "{name}");
            }
        }
    }
}
