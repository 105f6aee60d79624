//! An explanation in plain words, for people who do not read weights.

use super::{ComparisonLine, Explanation};
use crate::compare::{Attribute, Level};
use crate::weigh::Thresholds;
use onefold_model::PartyKind;

/// At most so many reasons are named on each side; the lines hold all of them.
const REASONS: usize = 3;
/// Lines that weigh less are not worth a reader's time.
const WORTH_NAMING: f64 = 0.5;

/// The verdict, the strongest reasons for it and the strongest against.
pub(crate) fn sentence(explanation: &Explanation, kind: PartyKind, thresholds: Thresholds) -> String {
    let verdict = if explanation.probability >= thresholds.auto_merge {
        "Probably the same"
    } else if explanation.probability >= thresholds.review {
        "Possibly the same"
    } else {
        "Probably not the same"
    };
    let mut lines: Vec<&ComparisonLine> = explanation.comparisons.iter().collect();
    // A stable sort: lines of equal weight stay in the order of the attributes.
    lines.sort_by(|a, b| b.weight.0.total_cmp(&a.weight.0));
    let for_it: Vec<String> = lines
        .iter()
        .filter(|line| line.weight.0 >= WORTH_NAMING)
        .take(REASONS)
        .map(|line| reason(line, kind))
        .collect();
    let against: Vec<String> = lines
        .iter()
        .rev()
        .filter(|line| line.weight.0 <= -WORTH_NAMING)
        .take(REASONS)
        .map(|line| reason(line, kind))
        .collect();
    let mut text = if for_it.is_empty() {
        format!("{verdict}: nothing that says much agrees.")
    } else {
        format!("{verdict}: {}.", for_it.join("; "))
    };
    if !against.is_empty() {
        text.push_str(" Against: ");
        text.push_str(&against.join("; "));
        text.push('.');
    }
    if explanation.found_by.is_empty() {
        text.push_str(" The two are never compared: they share no block key.");
    }
    text
}

fn reason(line: &ComparisonLine, kind: PartyKind) -> String {
    let noun = noun(line.attribute);
    match line.level {
        Level::Exact => match line.holders {
            Some(0..=2) => format!("{noun} agrees and nobody else has it"),
            Some(holders) => format!("{noun} agrees, as in {holders} records"),
            None => format!("{noun} agrees"),
        },
        Level::Swapped => "given and family name agree crosswise".to_owned(),
        Level::Canonical => format!("{noun} is another spelling"),
        Level::Nickname => format!("{noun} is a nickname"),
        Level::Near => format!("{noun} is a typing error apart"),
        Level::RareWords => format!("{noun} has the same rare words"),
        Level::Partial => format!("{noun} agrees in part"),
        Level::Group => format!("{noun} is that of the same group in another legal form"),
        Level::Initial => match line.attribute {
            Attribute::OrganizationName => format!("{noun} is an acronym that fits"),
            _ => format!("{noun} is an initial that fits"),
        },
        Level::SharedMailbox => "both use the same office mailbox".to_owned(),
        Level::SameLocalPart => format!("{noun} is the same before the @"),
        Level::SameDomain => format!("{noun} has the same domain"),
        Level::PostCode => "the post code agrees".to_owned(),
        Level::Area => "the post code agrees, the street differs".to_owned(),
        Level::Locality => "only the town agrees".to_owned(),
        Level::SameYear => "only the year of birth agrees".to_owned(),
        Level::Similar => format!("{noun} is only somewhat alike"),
        Level::Different => format!("{noun} differs"),
        Level::Missing => format!("{noun} is missing"),
        Level::Related => match kind {
            PartyKind::Person => "what agrees is what people of one household share".to_owned(),
            PartyKind::Organization => "what agrees is what organisations of one group share".to_owned(),
        },
    }
}

fn noun(attribute: Attribute) -> &'static str {
    match attribute {
        Attribute::GivenName => "the given name",
        Attribute::FamilyName => "the family name",
        Attribute::MiddleName => "the middle name",
        Attribute::NameSuffix => "the suffix of the name",
        Attribute::BirthDate => "the day of birth",
        Attribute::Email => "the e-mail",
        Attribute::Phone => "the telephone number",
        Attribute::Address => "the address",
        Attribute::Company => "the company",
        Attribute::Identifier => "the identifier",
        Attribute::OrganizationName => "the name",
        Attribute::Domain => "the internet domain",
        Attribute::Household => "the household",
    }
}
