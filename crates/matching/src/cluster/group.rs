//! Places by label, in linear time.

/// The places of each label.
#[derive(Debug)]
pub(crate) struct Groups {
    /// All places, by label and then by themselves.
    places: Vec<u32>,
    /// For each label where its places end.
    ends: Vec<u32>,
}

impl Groups {
    /// Groups the places by their label, which is a place too.
    pub(crate) fn of(labels: &[u32]) -> Self {
        let mut ends = vec![0u32; labels.len()];
        for &label in labels {
            ends[label as usize] += 1;
        }
        let mut end = 0;
        for count in &mut ends {
            end += std::mem::replace(count, end);
        }
        let mut places = vec![0; labels.len()];
        for (place, &label) in (0u32..).zip(labels) {
            let next = &mut ends[label as usize];
            places[*next as usize] = place;
            *next += 1;
        }
        Self { places, ends }
    }

    /// The groups that have places, by label; places ascend.
    pub(crate) fn groups(&self) -> impl Iterator<Item = &[u32]> {
        let starts = std::iter::once(&0).chain(&self.ends);
        let ranges = starts.zip(&self.ends).map(|(&start, &end)| start as usize..end as usize);
        ranges.filter(|range| !range.is_empty()).map(|range| &self.places[range])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn groups_are_those_of_a_sort(labels in proptest::collection::vec(0u32..20, 20..40)) {
            let mut order: Vec<u32> = (0..).take(labels.len()).collect();
            order.sort_by_key(|&place| labels[place as usize]);
            let expected: Vec<&[u32]> =
                order.chunk_by(|&a, &b| labels[a as usize] == labels[b as usize]).collect();
            let groups = Groups::of(&labels);
            prop_assert_eq!(groups.groups().collect::<Vec<_>>(), expected);
        }
    }
}
