//! Evidence in a third of its room: there is one for each of millions of pairs.

use super::prior::Evidence;

/// An [`Evidence`] in multiples of 1/1024 bit, which every weight is.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct PackedEvidence {
    same: i32,
    /// The lowest bit says whether the two contradict one another.
    related: i32,
}

impl From<Evidence> for PackedEvidence {
    #[expect(clippy::cast_possible_truncation, reason = "no sum of weights reaches a million bits; a cast saturates")]
    fn from(evidence: Evidence) -> Self {
        let related = (evidence.related * 2048.0) as i32;
        Self { same: (evidence.same * 1024.0) as i32, related: related & !1 | i32::from(evidence.contradicts) }
    }
}

impl From<PackedEvidence> for Evidence {
    fn from(packed: PackedEvidence) -> Self {
        Self {
            same: f64::from(packed.same) / 1024.0,
            related: f64::from(packed.related & !1) / 2048.0,
            contradicts: packed.related & 1 == 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weigh::weight::quantised;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn packing_loses_nothing(same in -900.0f64..900.0, related in -900.0f64..900.0, contradicts: bool) {
            let evidence = Evidence { same: quantised(same), related: quantised(related), contradicts };
            prop_assert_eq!(Evidence::from(PackedEvidence::from(evidence)), evidence);
        }
    }
}
