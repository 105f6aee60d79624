//! The name that was probably meant.

/// The candidate with the fewest changed letters, if they are few enough for a slip of the pen. A tie goes to the first
/// in alphabetical order.
pub(crate) fn nearest<S: AsRef<str>>(found: &str, candidates: impl IntoIterator<Item = S>) -> Option<String> {
    let most = (found.chars().count() / 3).max(2);
    candidates
        .into_iter()
        .map(|candidate| (edits(&found.to_lowercase(), &candidate.as_ref().to_lowercase()), candidate))
        .filter(|(edits, _)| *edits <= most)
        .min_by(|(a, one), (b, other)| a.cmp(b).then_with(|| one.as_ref().cmp(other.as_ref())))
        .map(|(_, candidate)| candidate.as_ref().to_owned())
}

/// Levenshtein's distance: letters added, left out or changed.
fn edits(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in other.iter().enumerate() {
            let changed = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_offered_and_a_far_one_is_not() {
        let names = ["Invoice.total", "Invoice.status", "Ticket.status"];
        assert_eq!(nearest("Invoice.totl", names).as_deref(), Some("Invoice.total"));
        assert_eq!(nearest("invoice.Total", names).as_deref(), Some("Invoice.total"));
        assert_eq!(nearest("Shipment.weight", names), None);
        assert_eq!(nearest("", names), None);
    }

    #[test]
    fn edits_are_counted() {
        for (one, other, count) in [("", "", 0), ("abc", "abc", 0), ("", "abc", 3), ("kitten", "sitting", 3)] {
            assert_eq!((edits(one, other), edits(other, one)), (count, count), "{one} {other}");
        }
    }
}
