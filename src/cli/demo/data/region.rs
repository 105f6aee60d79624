//! Where the demo's people live: names, streets, towns, money and company forms of nine countries.
//!
//! Family names are put together from a beginning and an ending, so they sound right and are nobody's in particular.

mod central;
mod english;
mod world;

use super::random::Random;

/// A given name and what friends make of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Given {
    pub(super) name: &'static str,
    /// Empty where there is none.
    pub(super) short: &'static str,
    pub(super) woman: bool,
}

/// A town: name, post code, state (empty where addresses carry none).
pub(super) type Town = (&'static str, &'static str, &'static str);

/// A country.
#[derive(Debug)]
pub(super) struct Region {
    /// ISO 3166-1.
    pub(super) code: &'static str,
    /// As Stripe writes it.
    pub(super) currency: &'static str,
    pub(super) language: &'static str,
    pub(super) zone: &'static str,
    pub(super) given: &'static [Given],
    pub(super) beginnings: &'static [&'static str],
    pub(super) endings: &'static [&'static str],
    pub(super) streets: &'static [&'static str],
    pub(super) number_first: bool,
    pub(super) towns: &'static [Town],
    /// Of one legal form, in the spellings that occur; the first is the right one.
    pub(super) legal_forms: &'static [&'static str],
    /// So many of a hundred people live here.
    pub(super) share: usize,
}

/// Every country.
pub(super) const REGIONS: &[Region] = &[
    english::UNITED_STATES,
    english::BRITAIN,
    central::GERMANY,
    central::AUSTRIA,
    central::CROATIA,
    world::SWEDEN,
    world::FRANCE,
    world::JAPAN,
    world::KUWAIT,
];

/// The home of the hero.
pub(super) const AUSTRIA: &Region = &REGIONS[3];
/// The home of the father and the son.
pub(super) const BRITAIN: &Region = &REGIONS[1];

impl Region {
    /// A country by its share of the people.
    pub(super) fn draw(random: &mut Random) -> &'static Region {
        let mut at = random.below(REGIONS.iter().map(|region| region.share).sum());
        for region in REGIONS {
            if at < region.share {
                return region;
            }
            at -= region.share;
        }
        AUSTRIA
    }

    /// A family name.
    pub(super) fn family(&self, random: &mut Random) -> String {
        let beginning = *random.pick(self.beginnings);
        let ending = *random.pick(self.endings);
        if beginning.to_lowercase() == ending { beginning.to_owned() } else { format!("{beginning}{ending}") }
    }

    /// A given name of a woman or a man.
    pub(super) fn given(&self, woman: bool, random: &mut Random) -> &'static Given {
        let fitting: Vec<&'static Given> = self.given.iter().filter(|given| given.woman == woman).collect();
        fitting[random.below(fitting.len())]
    }
}

const fn woman(name: &'static str, short: &'static str) -> Given {
    Given { name, short, woman: true }
}

const fn man(name: &'static str, short: &'static str) -> Given {
    Given { name, short, woman: false }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_named_countries_are_where_they_are_said_to_be() {
        assert_eq!((AUSTRIA.code, BRITAIN.code), ("AT", "GB"));
        assert_eq!(REGIONS.iter().map(|region| region.share).sum::<usize>(), 100);
    }
}
