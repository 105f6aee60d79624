//! Legal forms of organisations in many countries: which words they are, and which of them exclude one another.
//!
//! Words are folded, so forms in other scripts stand here as they are transliterated. Does not know what a form means
//! in law; it tells only forms that one country would not confuse.

use crate::values::Values;
use std::collections::HashMap;
use std::sync::LazyLock;

/// What a legal form says about who is liable, as a set: two forms exclude one another when they have nothing in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, PartialOrd, Ord)]
pub(crate) struct LegalForm(u8);

const NONE: u8 = 0;
const LIMITED: u8 = 1;
const STOCK: u8 = 2;
const PARTNERS: u8 = 4;
const MEMBERS: u8 = 8;
/// What Americans write after any company.
const ANY: u8 = LIMITED | STOCK | PARTNERS;

impl LegalForm {
    /// Both, where one name says two.
    pub(crate) fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Both say a form, and the forms exclude one another.
    pub(crate) fn contradicts(self, other: Self) -> bool {
        self.0 != 0 && other.0 != 0 && self.0 & other.0 == 0
    }

    /// The set as one character, for a text that is to differ where forms differ.
    pub(crate) fn mark(self) -> char {
        char::from(b'0' + self.0)
    }
}

/// Where a form may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Nothing else is spelled like it.
    Anywhere,
    /// Before the name.
    Start,
    /// Behind the name.
    End,
    /// Before or behind, but a word of the name in between.
    Edge,
}

const LONGEST: usize = 6;

static FORMS: LazyLock<HashMap<&str, (Place, u8)>> = LazyLock::new(|| {
    let mut forms = HashMap::new();
    for (place, family, phrases) in TABLE {
        for phrase in phrases.split(',').map(str::trim) {
            forms.insert(phrase, (*place, *family));
        }
    }
    forms
});

/// The words of which legal forms consist: most names have none of them, which is told sooner than that no form is in them.
static FORM_WORDS: LazyLock<Values> = LazyLock::new(|| FORMS.keys().flat_map(|phrase| phrase.split(' ')).collect());

fn is_form_word(word: &&str) -> bool {
    FORM_WORDS.find(word).is_some()
}

/// The words without legal forms, and what the forms say. Where nothing else is there, the words as they are.
pub(crate) fn without_legal_form<'b>(words: &[&'b str]) -> (Vec<&'b str>, LegalForm) {
    let mut form = LegalForm::default();
    let mut kept = words.to_vec();
    while kept.iter().any(is_form_word) {
        let found = ending(&kept)
            .map(|(len, family)| (kept.len() - len..kept.len(), family))
            .or_else(|| beginning(&kept).map(|(len, family)| (0..len, family)))
            .or_else(|| between(&kept));
        let Some((range, family)) = found.filter(|(range, _)| range.len() < kept.len()) else { break };
        form.0 |= family;
        kept.drain(range);
    }
    (kept, form)
}

/// Whether a name has a legal form that no person's name has. One word is no evidence: `Limited` may be a nickname.
pub(crate) fn says_organization(words: &[&str]) -> bool {
    let is_form = |at: usize| {
        (1..=LONGEST.min(words.len() - at)).any(|len| {
            let phrase = words[at..at + len].join(" ");
            FORMS.get(phrase.as_str()).is_some_and(|&(place, _)| place == Place::Anywhere)
        })
    };
    words.len() >= 2 && (0..words.len()).any(is_form)
}

/// Whether this word alone is a legal form.
pub(crate) fn is_short_form(word: &str) -> bool {
    FORMS.contains_key(word)
}

fn ending(words: &[&str]) -> Option<(usize, u8)> {
    longest(words.len(), |len| &words[words.len() - len..], |place| place != Place::Start)
}

fn beginning(words: &[&str]) -> Option<(usize, u8)> {
    longest(words.len(), |len| &words[..len], |place| place != Place::End)
}

fn between(words: &[&str]) -> Option<(std::ops::Range<usize>, u8)> {
    (0..words.len()).find_map(|at| {
        let found = longest(words.len() - at, |len| &words[at..at + len], |place| place == Place::Anywhere);
        found.map(|(len, family)| (at..at + len, family))
    })
}

fn longest<'a>(
    most: usize,
    phrase: impl Fn(usize) -> &'a [&'a str],
    fits: impl Fn(Place) -> bool,
) -> Option<(usize, u8)> {
    (1..=LONGEST.min(most)).rev().find_map(|len| {
        let words = phrase(len);
        if !words.iter().all(is_form_word) {
            return None;
        }
        let found = if len == 1 { FORMS.get(words[0]) } else { FORMS.get(words.join(" ").as_str()) };
        found.filter(|(place, _)| fits(*place)).map(|&(_, family)| (len, family))
    })
}

// Sorted by what they say, then by language. Ambiguous two-letter words count at the edges of a name only.
const TABLE: &[(Place, u8, &str)] = &[
    // English
    (Place::Anywhere, ANY, "inc, incorporated, llc, llp, lllp, pllc, limited liability company"),
    (Place::Anywhere, LIMITED, "ltd, limited, pty ltd, pte ltd, pvt ltd, private limited, public limited"),
    (Place::Anywhere, STOCK, "plc, public limited company, joint stock company, open joint stock company"),
    (Place::Anywhere, STOCK, "closed joint stock company, public joint stock company, ojsc, cjsc, pjsc, jsc"),
    (
        Place::End,
        ANY,
        "corp, corporation, company, co, pc, na, lp, dac, cic, cio, ulc, pty, pte, pvt, private, tbk, bhd",
    ),
    (Place::Anywhere, LIMITED, "sdn bhd, wll, fze, fzc, fzco, fz llc"),
    (Place::End, STOCK, "psc, saog, sae, ksc, kscp, kpsc, bsc, berhad"),
    (Place::Start, NONE, "messrs, firma, fa, pt"),
    // German
    (
        Place::Anywhere,
        LIMITED,
        "gmbh, mbh, ges mbh, gesmbh, ggmbh, gesellschaft mbh, gesellschaft mit beschrankter haftung",
    ),
    (Place::Anywhere, LIMITED, "haftungsbeschrankt, ug haftungsbeschrankt, unternehmergesellschaft, flexco"),
    (Place::Anywhere, STOCK, "aktiengesellschaft, aktiengeselschaft, kommanditgesellschaft auf aktien, kgaa"),
    (Place::End, LIMITED, "ug, gesellschaft m b h"),
    (Place::End, STOCK, "ag, se, akg"),
    (Place::Anywhere, PARTNERS, "ohg, gbr, kommanditgesellschaft, offene handelsgesellschaft, partgmbb, partg"),
    (Place::End, PARTNERS, "kg, og, keg, oeg"),
    (Place::End, NONE, "ek, eu, e k, e u, inh"),
    (Place::End, MEMBERS, "ev, eg, egen, eingetragener verein, eingetragene genossenschaft, e v, e g"),
    // French
    (Place::Anywhere, LIMITED, "sarl, eurl, sprl, societe a responsabilite limitee, selarl"),
    (Place::Anywhere, STOCK, "societe anonyme, sasu, societe par actions simplifiee"),
    (Place::Edge, STOCK, "sas"),
    (Place::End, STOCK, "sa, cie, ste"),
    (Place::Edge, PARTNERS, "snc, sci, scs, scop, gie"),
    (Place::Start, NONE, "ets, etablissements, ste, societe"),
    // Spanish, Portuguese, Italian
    (
        Place::Anywhere,
        STOCK,
        "sociedad anonima, sa de cv, sab de cv, sapi de cv, societa per azioni, sociedade anonima",
    ),
    (Place::Anywhere, LIMITED, "sociedad limitada, s de rl de cv, s de rl, sociedad de responsabilidad limitada"),
    (Place::Anywhere, LIMITED, "sociedade limitada, srls, ltda, lda, societa a responsabilita limitata, slne, eirl"),
    (Place::Edge, LIMITED, "srl, slu"),
    (Place::Edge, STOCK, "spa"),
    (Place::End, LIMITED, "sl, s l"),
    (Place::End, STOCK, "sau, sab, sapi, cv"),
    (Place::End, PARTNERS, "sas di, sc, scp, scrl, ss"),
    (Place::End, NONE, "me, epp, eireli"),
    // Dutch
    (Place::Anywhere, LIMITED, "besloten vennootschap, bvba"),
    (Place::Anywhere, STOCK, "naamloze vennootschap"),
    (Place::End, LIMITED, "bv, b v"),
    (Place::End, STOCK, "nv, n v"),
    (Place::Edge, PARTNERS, "vof, cvba"),
    // Nordic
    (Place::Anywhere, STOCK, "aktiebolag, aktiebolaget, aktieselskab, aksjeselskap, osakeyhtio, oyj, publ"),
    (Place::Anywhere, LIMITED, "anpartsselskab, aps"),
    (Place::Edge, NONE, "ab, oy, oy ab"),
    (Place::End, NONE, "as, asa, hf, ehf, ans, da, hb, kb, a s"),
    // Central and eastern Europe
    (
        Place::Anywhere,
        LIMITED,
        "sp z oo, sp zoo, spzoo, spolka z oo, spolka z ograniczona odpowiedzialnoscia, sp z o o",
    ),
    (Place::Anywhere, LIMITED, "sro, spol sro, doo, kft, korlatolt felelossegu tarsasag, eood, ood, uab, tov"),
    (Place::Anywhere, STOCK, "spolka akcyjna, zrt, nyrt, akciova spolecnost, ead, aktsiaselts"),
    (Place::Anywhere, PARTNERS, "bt, spk, spj"),
    (Place::End, STOCK, "dd, ad, rt"),
    (Place::End, LIMITED, "ou, sia, osauhing"),
    (Place::Anywhere, LIMITED, "societatea cu raspundere limitata, drustvo s ogranicenom odgovornoscu"),
    // Russian and Ukrainian, transliterated
    (
        Place::Anywhere,
        LIMITED,
        "ooo, obshchestvo s ogranichennoi otvetstvennostiu, obshchestvo s ogranichennoy otvetstvennostyu",
    ),
    (
        Place::Anywhere,
        LIMITED,
        "obshchestvo s ogranichennoi otvetstvennost iu, tovaristvo z obmezhenoiu vidpovidalnistiu",
    ),
    (Place::Anywhere, STOCK, "oao, zao, pao, aktsionernoe obshchestvo, otkrytoe aktsionernoe obshchestvo, pat, prat"),
    (Place::Anywhere, STOCK, "zakrytoe aktsionernoe obshchestvo, publichnoe aktsionernoe obshchestvo"),
    (Place::Edge, STOCK, "ao, at"),
    (Place::Start, MEMBERS, "ano, fgup, gup, mup"),
    (Place::Edge, NONE, "ip, chp, fop"),
    // Turkish
    (Place::Anywhere, STOCK, "anonim sirketi"),
    (Place::Anywhere, LIMITED, "limited sirketi, ltd sti"),
    // Japanese, Chinese, Korean, transliterated
    (Place::Anywhere, STOCK, "kabushiki kaisha, kabushiki gaisha, zhu shi hui she, gu fen you xian gong si"),
    (Place::Anywhere, LIMITED, "yugen kaisha, you xian gong si, you xian ze ren gong si, godo kaisha, he tong hui she"),
    (Place::Anywhere, STOCK, "jusighoesa, jusikhoesa"),
    (Place::Edge, STOCK, "kk"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_found_at_its_place_only() {
        let kept = |text: &str| without_legal_form(&text.split(' ').collect::<Vec<_>>()).0.join(" ");
        assert_eq!(kept("acme ag"), "acme");
        assert_eq!(kept("ag acme"), "ag acme");
        assert_eq!(kept("acme gmbh wien"), "acme wien");
        assert_eq!(kept("ooo acme"), "acme");
        assert_eq!(kept("da vinci"), "da vinci");
        assert_eq!(kept("sa de cv"), "sa de cv");
    }

    #[test]
    fn no_person_is_taken_for_an_organisation() {
        let says = |text: &str| says_organization(&text.split(' ').collect::<Vec<_>>());
        assert!(says("acme gmbh") && says("acme inc") && says("ooo acme") && says("acme sp z oo"));
        for name in ["ada king", "se young kim", "co nguyen", "ana de sa", "limited", "nina as"] {
            assert!(!says(name), "{name}");
        }
    }

    #[test]
    fn every_phrase_is_folded_and_short_enough() {
        for phrase in FORMS.keys() {
            assert!(phrase.split(' ').count() <= LONGEST, "{phrase}");
            assert_eq!(crate::normalise::fold(phrase), *phrase);
        }
    }
}
