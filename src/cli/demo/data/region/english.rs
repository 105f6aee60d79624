//! The United States and Britain.

use super::{Given, Region, man, woman};

const GIVEN: &[Given] = &[
    man("Robert", "Bob"),
    man("William", "Bill"),
    man("James", "Jim"),
    man("Richard", "Dick"),
    man("Michael", "Mike"),
    man("Edward", "Ted"),
    man("Anthony", "Tony"),
    man("Charles", "Chuck"),
    man("Henry", "Harry"),
    man("Andrew", "Drew"),
    man("Benjamin", "Ben"),
    man("Samuel", "Sam"),
    man("Daniel", "Dan"),
    man("Graham", ""),
    man("Oliver", "Ollie"),
    man("Dennis", ""),
    woman("Elizabeth", "Liz"),
    woman("Margaret", "Peggy"),
    woman("Katherine", "Kate"),
    woman("Susan", "Sue"),
    woman("Patricia", "Patty"),
    woman("Jennifer", "Jenny"),
    woman("Deborah", "Debbie"),
    woman("Rebecca", "Becky"),
    woman("Victoria", "Vicky"),
    woman("Christine", "Chris"),
    woman("Alexandra", "Sandra"),
    woman("Judith", "Judy"),
    woman("Abigail", "Abby"),
    woman("Hazel", ""),
    woman("Philippa", "Pippa"),
    woman("Joan", ""),
];

const BEGINNINGS: &[&str] = &[
    "Ash", "Black", "Brook", "Carl", "Dun", "East", "Fair", "Gold", "Hart", "Kings", "Lang", "Mill", "North", "Oak",
    "Pen", "Rad", "Stan", "Thorn", "Wal", "Whit", "Brad", "Clay", "Comp", "Elm", "Farn", "Hax", "Led", "Marl", "Rock",
    "Win",
];

const ENDINGS: &[&str] =
    &["ley", "ford", "ton", "well", "wood", "field", "by", "worth", "combe", "man", "bury", "stead"];

pub(super) const UNITED_STATES: Region = Region {
    code: "US",
    currency: "usd",
    language: "en-US",
    zone: "America/New_York",
    given: GIVEN,
    beginnings: BEGINNINGS,
    endings: ENDINGS,
    streets: &["Maple Street", "Orchard Lane", "Cedar Avenue", "Lakeview Drive", "Mill Road", "Chestnut Court"],
    number_first: true,
    towns: &[
        ("Springfield", "62701", "IL"),
        ("Riverton", "84065", "UT"),
        ("Fairview", "37062", "TN"),
        ("Georgetown", "78626", "TX"),
        ("Salem", "97301", "OR"),
        ("Madison", "53703", "WI"),
    ],
    legal_forms: &["Inc.", "Inc", "Incorporated", ""],
    share: 22,
};

pub(super) const BRITAIN: Region = Region {
    code: "GB",
    currency: "gbp",
    language: "en-GB",
    zone: "Europe/London",
    given: GIVEN,
    beginnings: BEGINNINGS,
    endings: ENDINGS,
    streets: &["Church Lane", "Station Road", "Victoria Terrace", "The Green", "Park View", "Windmill Close"],
    number_first: true,
    towns: &[
        ("London", "SW1A 9ZZ", ""),
        ("Leeds", "LS1 9ZZ", ""),
        ("Bristol", "BS1 9ZZ", ""),
        ("Edinburgh", "EH1 9ZZ", ""),
        ("Manchester", "M1 9ZZ", ""),
    ],
    legal_forms: &["Ltd", "Ltd.", "Limited", ""],
    share: 18,
};
