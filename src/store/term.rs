//! Search terms: the words by which a record is found. Derived from the mapped record, rebuilt at any time.

use super::list::in_list;
use super::{Arg, StoreError, Tx};
use crate::args;
use onefold_model::{Party, RecordId, StandardRecord};
use std::collections::BTreeSet;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use uuid::Uuid;

/// Folds case and accents: `Kovač` and `KOVAC` become `kovac`. Done here and not in SQL, because the two databases fold
/// differently.
pub fn fold_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase) {
        match c {
            'ß' => out.push_str("ss"),
            'æ' => out.push_str("ae"),
            'œ' => out.push_str("oe"),
            'ø' => out.push('o'),
            'ł' => out.push('l'),
            'đ' | 'ð' => out.push('d'),
            'ı' => out.push('i'),
            other => out.push(other),
        }
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// One term: the folded word, what kind of thing it is, and the whole of which it is a part.
pub(super) type Term = (String, &'static str, String);

/// The terms of a record, each once.
pub(super) fn terms(record: &StandardRecord) -> BTreeSet<Term> {
    match record {
        StandardRecord::Party(party) => party_terms(party),
        StandardRecord::Invoice(invoice) => number(invoice.number.as_deref(), "invoice"),
        StandardRecord::Ticket(ticket) => number(ticket.number.as_deref(), "ticket"),
        StandardRecord::Account(account) => number(account.number.as_deref(), "account"),
        StandardRecord::Subscription(_)
        | StandardRecord::Payment(_)
        | StandardRecord::Interaction(_)
        | StandardRecord::Feedback(_)
        | StandardRecord::Campaign(_)
        | StandardRecord::CampaignTouch(_)
        | StandardRecord::Consent(_) => BTreeSet::new(),
    }
}

impl Tx {
    /// Forgets the terms of records.
    pub(super) async fn term_clear(&mut self, ids: &[Uuid]) -> Result<(), StoreError> {
        for chunk in ids.chunks(512) {
            let mut binds = Vec::new();
            let list = in_list(chunk, &mut binds);
            self.execute(format!("delete from term where record_id in {list}"), binds).await?;
        }
        Ok(())
    }

    /// Writes the terms of records, in the order of their index: neighbours land on one page of it.
    pub(super) async fn term_write(&mut self, records: &[(RecordId, &StandardRecord)]) -> Result<(), StoreError> {
        let mut of_all: Vec<(Term, Uuid)> =
            records.iter().flat_map(|(id, record)| terms(record).into_iter().map(|term| (term, id.0))).collect();
        of_all.sort_unstable_by(|one, other| {
            let ((term, path, _), id) = one;
            (term, path, id).cmp(&(&other.0.0, &other.0.1, &other.1))
        });
        let rows: Vec<Vec<Arg>> =
            of_all.into_iter().map(|((term, path, whole), id)| args![term, path, id, whole]).collect();
        self.insert_many(
            "insert into term (term, path, record_id, whole)",
            rows,
            "on conflict (term, path, record_id) do nothing",
        )
        .await?;
        Ok(())
    }
}

/// The beginning of a text: nobody searches by more, an index takes no more than a few thousand bytes, and a text of a
/// million words would be kept a million times.
fn beginning(text: &str) -> String {
    text.chars().take(200).collect()
}

fn number(number: Option<&str>, path: &'static str) -> BTreeSet<Term> {
    number
        .map(beginning)
        .map(|text| (beginning(&fold_text(&text)), path, text))
        .into_iter()
        .filter(|term| !term.0.is_empty())
        .collect()
}

fn party_terms(party: &Party) -> BTreeSet<Term> {
    let mut terms = BTreeSet::new();
    let given_family = [party.given_name.as_deref(), party.family_name.as_deref()].into_iter().flatten();
    let joined = given_family.collect::<Vec<_>>().join(" ");
    let names = [party.display_name.as_deref(), Some(joined.as_str()), party.legal_name.as_deref()];
    let trade = party.trade_names.iter().map(String::as_str);
    for whole in names.into_iter().flatten().chain(trade) {
        words(whole, "name", &mut terms);
    }
    if let Some(company) = &party.company {
        words(company, "company", &mut terms);
    }
    for email in &party.emails {
        let address = beginning(&email.address);
        terms.insert((address.clone(), "email", address));
    }
    for phone in &party.phones {
        let whole = beginning(phone.e164.as_deref().unwrap_or(&phone.original));
        let digits: String = whole.chars().filter(char::is_ascii_digit).collect();
        if digits.len() >= 5 {
            // Reversed too, as a kind of its own: people search by the last digits as often as by the first.
            terms.insert((digits.chars().rev().collect(), "phone_end", whole.clone()));
            terms.insert((digits, "phone", whole));
        }
    }
    terms
}

fn words(whole: &str, path: &'static str, terms: &mut BTreeSet<Term>) {
    let whole = &beginning(whole);
    let folded = beginning(&fold_text(whole));
    for word in folded.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() > 1) {
        terms.insert((word.to_owned(), path, whole.to_owned()));
    }
    if folded.contains(' ') {
        terms.insert((folded, path, whole.to_owned()));
    }
}

#[cfg(test)]
mod tests {
    use super::fold_text;

    #[test]
    fn folding_takes_off_case_and_accents() {
        assert_eq!(fold_text("  Søren  ØDEGÅRD "), "soren odegard");
        assert_eq!(fold_text("Kovač"), fold_text("KOVAC"));
        assert_eq!(fold_text("Straße"), "strasse");
    }
}
