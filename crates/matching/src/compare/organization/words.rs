//! How much of what two names say is the same: words that agree, weighed by how rare they are.

use crate::compare::distance::edits_at_most;
use crate::normalise::{Organizations, Shape};
use crate::values::ValueId;
use crate::weigh::Counts;
use std::cmp::Reverse;

/// How many imagined records stand behind the share that is assumed of a word before data is seen.
const IMAGINED: f64 = 1000.0;
/// The share of a word that no list knows.
const ASSUMED: f64 = 0.0005;
/// The share of words that organisations everywhere call themselves.
const ASSUMED_GENERIC: f64 = 0.02;
/// More edits are no slip, however long the word is.
const MOST_SLIPS: u32 = 2;
/// A word that is a typing error away from another counts so much of it.
const SLIP: f64 = 0.85;
/// A word that more of all records have tells nobody from anybody. In bits: one in a hundred.
const TELLING_BITS: f64 = 6.6;

/// What two names share.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Overlap {
    /// The share of the name of which less agrees, by weight of its words.
    pub(super) lesser: f64,
    /// The share of the other.
    pub(super) greater: f64,
    /// Each word has its like on the other side.
    pub(super) is_complete: bool,
    /// Both have numbers and no number agrees with one of the other side.
    pub(super) numbers_differ: bool,
    /// One has a number that the other lacks.
    pub(super) has_other_number: bool,
    /// The rarest word that both have; none where all that they share is common.
    pub(super) rarest: ValueId,
}

impl Overlap {
    /// Compares two lists of words, each in the order of the words' hashes.
    pub(super) fn of(table: &Organizations, counts: &Counts, a: &[ValueId], b: &[ValueId]) -> Self {
        let is_number = |word: &ValueId| table.word_shape(*word).begin.is_digit();
        let is_like = |one: &ValueId, other: &ValueId| one == other || are_slips(table, *one, *other);
        // Most names have no word in common, then what their words weigh does not matter.
        if !a.iter().any(|one| b.iter().any(|other| is_like(one, other))) {
            let numbers = (a.iter().any(is_number), b.iter().any(is_number));
            return Self {
                lesser: 0.0,
                greater: 0.0,
                is_complete: false,
                numbers_differ: numbers.0 && numbers.1,
                has_other_number: numbers.0 || numbers.1,
                rarest: ValueId::NONE,
            };
        }
        let bits = |&word: &ValueId| {
            let assumed = if is_generic(table.words.get(word)) { ASSUMED_GENERIC } else { ASSUMED };
            -counts.word_share(word, IMAGINED, assumed).log2()
        };
        let (a_bits, b_bits): (Vec<f64>, Vec<f64>) = (a.iter().map(bits).collect(), b.iter().map(bits).collect());
        let (mut a_like, mut b_like) = (vec![0.0; a.len()], vec![0.0; b.len()]);
        let mut rarest = (TELLING_BITS, 0, ValueId::NONE);
        for (i, word) in a.iter().enumerate() {
            if let Some(j) = b.iter().position(|other| other == word) {
                (a_like[i], b_like[j]) = (1.0, 1.0);
                let hash = table.words.hash(*word);
                if (a_bits[i], hash) >= (rarest.0, rarest.1) {
                    rarest = (a_bits[i], hash, *word);
                }
            }
        }
        let numbers = |words: &[ValueId], like: &[f64]| {
            let open = words.iter().zip(like).filter(|(_, like)| **like == 0.0);
            open.into_iter().any(|(word, _)| is_number(word))
        };
        let (a_number, b_number) = (numbers(a, &a_like), numbers(b, &b_like));
        pair_slips(table, a, b, &mut a_like, &mut b_like);
        let share = |bits: &[f64], like: &[f64]| {
            let all: f64 = bits.iter().sum();
            if all > 0.0 { bits.iter().zip(like).map(|(bits, like)| bits * like).sum::<f64>() / all } else { 0.0 }
        };
        let (a_share, b_share) = (share(&a_bits, &a_like), share(&b_bits, &b_like));
        let is_complete = !a.is_empty() && a_like.iter().chain(&b_like).all(|like| *like > 0.0);
        Self {
            lesser: a_share.min(b_share),
            greater: a_share.max(b_share),
            is_complete,
            numbers_differ: a_number && b_number,
            has_other_number: a_number || b_number,
            rarest: rarest.2,
        }
    }
}

/// Pairs words that are left, the closest first; of equally close ones those with the smaller hashes.
fn pair_slips(table: &Organizations, a: &[ValueId], b: &[ValueId], a_like: &mut [f64], b_like: &mut [f64]) {
    let mut pairs: Vec<(Reverse<usize>, u64, u64, usize, usize)> = Vec::new();
    for (i, &one) in a.iter().enumerate().filter(|(i, _)| a_like[*i] == 0.0) {
        for (j, &other) in b.iter().enumerate().filter(|(j, _)| b_like[*j] == 0.0) {
            if are_slips(table, one, other) {
                let (word, like) = (table.words.get(one), table.words.get(other));
                let hashes = (table.words.hash(one), table.words.hash(other));
                let common = word.bytes().zip(like.bytes()).take_while(|(x, y)| x == y).count();
                pairs.push((Reverse(common), hashes.0.min(hashes.1), hashes.0.max(hashes.1), i, j));
            }
        }
    }
    pairs.sort_unstable();
    for (_, _, _, i, j) in pairs {
        if a_like[i] == 0.0 && b_like[j] == 0.0 {
            (a_like[i], b_like[j]) = (SLIP, SLIP);
        }
    }
}

/// As [`is_slip`]. Most words are told apart by their shapes.
fn are_slips(table: &Organizations, one: ValueId, other: ValueId) -> bool {
    may_be_slip(table.word_shape(one), table.word_shape(other)) && is_slip(table.words.get(one), table.words.get(other))
}

/// Whether words of these shapes can be a slip of one another: few edits apart, or one has all letters of the other.
fn may_be_slip(a: Shape, b: Shape) -> bool {
    let (short, long) = if a.len < b.len { (a, b) } else { (b, a) };
    short.len >= 4 && (short.least_edits(long) <= MOST_SLIPS || short.letters & !long.letters == 0)
}

/// A typing error, or a word cut short. Numbers have no typing errors: each is another one.
fn is_slip(a: &str, b: &str) -> bool {
    let shorter = a.len().min(b.len());
    if shorter < 4 || a.bytes().chain(b.bytes()).any(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let bound = match shorter {
        0..=8 => 1,
        _ => MOST_SLIPS as usize,
    };
    edits_at_most(a, b, bound) || shorter >= 4 && (a.starts_with(b) || b.starts_with(a))
}

/// Words that organisations everywhere call themselves, in the form in which words are counted.
fn is_generic(word: &str) -> bool {
    use crate::normalise::organization_words;
    use std::collections::HashSet;
    use std::sync::LazyLock;
    static GENERIC: LazyLock<HashSet<String>> = LazyLock::new(|| organization_words(LIST).collect());
    GENERIC.contains(word)
}

const LIST: &str = "\
academy administration advisory africa agency america american apartment architect art asia asian asset association \
auto automotive bank bar beauty board book brother building business cafe capital care casa catering center central \
chemical child children china church city clinic club college commerce commercial commission communication community \
computer construction consulting contractor council country creative data day dental department design development \
digital distribution east eastern education educational electric electronic elementary energy engineering enterprise \
entertainment equipment estate europe european event express family farm fashion federal federation film finance \
financial first fitness food foundation france fund furniture garden gas general german germany global gold golden \
government grand great green group grill hair health high holding home hospital hotel house human import india \
industrial industries information institute insurance interior international investment island italia japan kitchen \
laboratory law learning legal life line local logistic london machinery management manufacturing marine market \
marketing material media medical metal mining ministry motor museum music national network new north northern oil \
office online organization pacific parent park partner party people pharmaceutical photo pizza plastic plaza power \
preschool primary print private product production professional project property public publishing real recruitment \
regional research resource restaurant retail river road royal russia safety saint salon saudi school science \
secondary security service shipping shop social society software solar solution south southern sport square star \
state station steel store street studio supply support system taxi tax team technical technology telecommunication \
textile tire tool tour tourism town trade trading training transport transportation travel trust union united \
university usa valley ventures vision water web west western wholesale wine wood world york youth \
gesellschaft handel handels verwaltung verwaltungs beteiligung dienst haus werk werke bau immobilien apotheke verein \
stiftung hotel schule kinder stadt deutsche deutschland wien berlin munchen schweiz osterreich societe etablissements \
groupe maison conseil services france ecole association centre banque grupo servicios comercial inmobiliaria hijos \
construcciones escuela centro banco hotel gruppo servizi commerciale immobiliare fratelli scuola banca";

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn typing_errors_and_shortened_words_are_alike_and_numbers_are_not() {
        assert!(is_slip("crystalord", "cristalord") && is_slip("settlement", "settlem"));
        assert!(!is_slip("1710", "1711") && !is_slip("bay", "bai") && !is_slip("estonia", "ethiopia"));
    }

    proptest! {
        #[test]
        fn shapes_never_hide_a_slip(a in "[a-e0-1]{1,12}", b in "[a-e0-1]{1,12}", cut in 1usize..12) {
            let cut = &a[..cut.min(a.len())];
            for other in [b.as_str(), cut, &format!("{cut}{b}")] {
                prop_assert!(may_be_slip(Shape::of(&a), Shape::of(other)) || !is_slip(&a, other));
            }
        }
    }

    #[test]
    fn common_words_are_known_in_every_number() {
        let word = |text: &str| crate::normalise::organization_words(text).next().unwrap();
        assert!(is_generic(&word("systems")) && is_generic(&word("system")) && !is_generic(&word("wexford")));
    }
}
