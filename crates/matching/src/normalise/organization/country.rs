//! Countries in names of organisations: `Wexford France` and `Wexford Deutschland` are two companies of one group.
//!
//! Knows large countries in the languages that companies use for them. Does not know towns.

use crate::values::Values;
use std::sync::LazyLock;

/// A country that a name tells, as its place in the table; 0 where it tells none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Country(u8);

impl Country {
    /// Both names tell a country, and not the same.
    pub(crate) fn is_other(self, other: Self) -> bool {
        self.0 != 0 && other.0 != 0 && self != other
    }
}

/// The last country in a normalised name.
pub(crate) fn country(core: &str) -> Country {
    let (names, countries) = &*COUNTRIES;
    core.rsplit(' ').find_map(|word| names.find(word)).map_or(Country::default(), |name| countries[name.index()])
}

/// The names of the table, and the country of each by its number.
static COUNTRIES: LazyLock<(Values, Vec<Country>)> = LazyLock::new(|| {
    let (mut names, mut countries) = (Values::new(), vec![Country::default()]);
    for (line, place) in TABLE.lines().zip(1u8..) {
        for name in line.split(' ') {
            if names.intern(name).1 {
                countries.push(Country(place));
            }
        }
    }
    (names, countries)
});

const TABLE: &str = "\
germany deutschland allemagne alemania germania
austria osterreich autriche
switzerland schweiz suisse svizzera suiza
france frankreich francia
italy italia italien italie
spain espana spanien espagne
portugal
netherlands nederland holland
belgium belgique belgie belgien
uk britain
ireland irland
denmark danmark
sweden sverige schweden
norway norge norwegen
finland suomi finnland
poland polska polen
czechia cesko
slovakia slovensko
hungary magyarorszag ungarn
romania
croatia hrvatska
slovenia slovenija
serbia srbija
greece hellas
turkey turkiye
russia rossiia
ukraine ukraina
usa america
canada kanada
mexico
brazil brasil
argentina
chile
colombia
peru
india
china
japan
korea
singapore
malaysia
thailand
vietnam
indonesia
philippines
australia
israel
egypt
morocco maroc
estonia eesti
latvia latvija
lithuania lietuva";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_countries_differ_and_two_languages_do_not() {
        assert!(country("wexford france").is_other(country("wexford deutschland")));
        assert!(!country("wexford germany").is_other(country("wexford deutschland")));
        assert!(!country("wexford").is_other(country("wexford france")));
    }
}
