//! What several sources' words about a consent amount to.

use crate::ConsentStatus;

/// The most restrictive of the statements: a merge never widens permission. `None` where nothing was said.
pub fn most_restrictive(statements: impl IntoIterator<Item = ConsentStatus>) -> Option<ConsentStatus> {
    statements.into_iter().max()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ConsentStatus::{Denied, Granted, Pending, Withdrawn};

    #[test]
    fn consent_after_a_merge_is_the_most_restrictive_of_its_parts() {
        assert_eq!(most_restrictive([Granted, Withdrawn]), Some(Withdrawn));
        assert_eq!(most_restrictive([Denied, Granted, Pending]), Some(Denied));
        assert_eq!(most_restrictive([Granted, Granted]), Some(Granted));
        assert_eq!(most_restrictive([]), None);
    }
}
