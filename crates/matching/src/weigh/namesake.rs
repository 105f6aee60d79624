//! Two people of one name. What is made of a name agrees between them more often than between strangers: a mailbox
//! `ada.king@` says little more about two people called Ada King than the name did.

use crate::compare::{Attribute, Level};
use onefold_model::PartyKind;
use serde::{Deserialize, Serialize};

/// How often a level is seen among unrelated parties whose names agree, where it follows from the name.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Namesakes {
    /// The given names agree, the family names do not.
    pub given: f64,
    /// The family names agree, the given names do not.
    pub family: f64,
    /// Both agree.
    pub both: f64,
}

/// Which names of a pair agree, as a place in a table.
pub(crate) const NAMES: usize = 4;
pub(crate) const GIVEN: usize = 1;
pub(crate) const FAMILY: usize = 2;
pub(crate) const BOTH: usize = 3;

impl Namesakes {
    /// By which names agree; nothing where none does.
    pub(crate) fn by_names(self) -> [Option<f64>; NAMES] {
        [None, Some(self.given), Some(self.family), Some(self.both)]
    }
}

/// The places of the attributes that name a party of this kind, and of the one that follows from them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NamePlaces {
    given: usize,
    pub(crate) family: usize,
    pub(crate) following: usize,
}

impl NamePlaces {
    /// None where nothing follows from the name.
    pub(crate) fn of(kind: PartyKind) -> Option<Self> {
        let following = Attribute::follows_name(kind)?;
        let place = |wanted: Attribute| Attribute::of(kind).iter().position(|attribute| *attribute == wanted);
        Some(Self {
            given: place(Attribute::GivenName)?,
            family: place(Attribute::FamilyName)?,
            following: place(following)?,
        })
    }

    /// Which names agree, given the level of each attribute.
    #[inline]
    pub(crate) fn agreeing(self, level: impl Fn(usize) -> usize) -> usize {
        let given = level(self.given);
        if given == Level::Swapped as usize {
            return BOTH;
        }
        let is_given = [Level::Exact, Level::Canonical, Level::Nickname, Level::Near].map(|level| level as usize);
        let is_family = [Level::Exact, Level::Canonical, Level::Near].map(|level| level as usize);
        usize::from(is_given.contains(&given)) * GIVEN + usize::from(is_family.contains(&level(self.family))) * FAMILY
    }
}
