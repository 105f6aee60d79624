//! Germany, Austria and Croatia.

use super::{Given, Region, man, woman};

const GERMAN_GIVEN: &[Given] = &[
    man("Jürgen", ""),
    man("Wolfgang", "Wolf"),
    man("Maximilian", "Max"),
    man("Johannes", "Hannes"),
    man("Sebastian", "Basti"),
    man("Günther", ""),
    man("Matthias", "Matze"),
    man("Alexander", "Alex"),
    man("Friedrich", "Fritz"),
    man("Josef", "Sepp"),
    man("Jörg", ""),
    man("Benedikt", "Bene"),
    woman("Katharina", "Kathi"),
    woman("Elisabeth", "Lisi"),
    woman("Käthe", ""),
    woman("Magdalena", "Leni"),
    woman("Johanna", "Hanna"),
    woman("Franziska", "Franzi"),
    woman("Theresia", "Resi"),
    woman("Jasmin", ""),
    woman("Bärbel", ""),
    woman("Susanne", "Susi"),
    woman("Angelika", "Geli"),
    woman("Friederike", "Rike"),
];

const GERMAN_BEGINNINGS: &[&str] = &[
    "Acker", "Berg", "Brand", "Buch", "Eich", "Feld", "Först", "Grün", "Höll", "Jäg", "Köh", "Küh", "Lind", "Möll",
    "Müh", "Rös", "Schön", "Stein", "Süß", "Vög", "Wein", "Weiß", "Wies", "Wöhr", "Zöll", "Haid", "Kalten", "Ober",
    "Reit", "Sand",
];

const GERMAN_ENDINGS: &[&str] =
    &["er", "mann", "bauer", "bach", "hofer", "inger", "ler", "meier", "huber", "wirth", "gruber", "eder"];

pub(super) const GERMANY: Region = Region {
    code: "DE",
    currency: "eur",
    language: "de-DE",
    zone: "Europe/Berlin",
    given: GERMAN_GIVEN,
    beginnings: GERMAN_BEGINNINGS,
    endings: GERMAN_ENDINGS,
    streets: &["Lindenstraße", "Bahnhofstraße", "Am Mühlbach", "Gartenweg", "Schillerplatz", "Kirchgasse"],
    number_first: false,
    towns: &[
        ("Berlin", "10115", ""),
        ("Köln", "50667", ""),
        ("München", "80331", ""),
        ("Hamburg", "20095", ""),
        ("Nürnberg", "90402", ""),
    ],
    legal_forms: &["GmbH", "G.m.b.H.", "Gesellschaft mbH", ""],
    share: 15,
};

pub(super) const AUSTRIA: Region = Region {
    code: "AT",
    currency: "eur",
    language: "de-AT",
    zone: "Europe/Vienna",
    given: GERMAN_GIVEN,
    beginnings: GERMAN_BEGINNINGS,
    endings: GERMAN_ENDINGS,
    streets: &["Lindengasse", "Hauptstraße", "Mühlweg", "Am Graben", "Rosenhügelstraße", "Brunnengasse"],
    number_first: false,
    towns: &[
        ("Wien", "1030", ""),
        ("Graz", "8010", ""),
        ("Linz", "4020", ""),
        ("Salzburg", "5020", ""),
        ("St. Pölten", "3100", ""),
    ],
    legal_forms: &["GmbH", "Ges.m.b.H.", "GesmbH", ""],
    share: 15,
};

pub(super) const CROATIA: Region = Region {
    code: "HR",
    currency: "eur",
    language: "hr-HR",
    zone: "Europe/Zagreb",
    given: &[
        man("Željko", ""),
        man("Dražen", ""),
        man("Tomislav", "Tomo"),
        man("Ivan", "Ivo"),
        man("Krešimir", "Krešo"),
        man("Stjepan", "Stipe"),
        man("Nikola", "Niko"),
        man("Božidar", "Božo"),
        woman("Željka", ""),
        woman("Marija", "Mara"),
        woman("Katarina", "Kata"),
        woman("Anđela", ""),
        woman("Snježana", "Sneža"),
        woman("Dragica", ""),
        woman("Terezija", "Reza"),
        woman("Jasmina", "Jasna"),
    ],
    beginnings: &[
        "Baba", "Bra", "Dra", "Gra", "Hor", "Iva", "Jura", "Kata", "Kne", "Luk", "Mari", "Mato", "Novo", "Pav", "Pet",
        "Rad", "Sto", "Tom", "Vuk", "Zor", "Žup", "Šim", "Čul", "Škr",
    ],
    endings: &["ković", "rić", "šić", "nović", "lić", "čić", "janić", "vec", "čević", "bić"],
    streets: &["Lipova ulica", "Ulica grada", "Vrtna ulica", "Školska ulica", "Cvjetni trg"],
    number_first: false,
    towns: &[("Zagreb", "10000", ""), ("Rijeka", "51000", ""), ("Čakovec", "40000", ""), ("Šibenik", "22000", "")],
    legal_forms: &["d.o.o.", "doo", "d. o. o.", ""],
    share: 10,
};
