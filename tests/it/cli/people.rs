//! Files of made-up people, some of whom stand in them twice.

use std::fmt::Write;

const GIVEN: [&str; 8] = ["Johanna", "Matthias", "Rosalind", "Theodor", "Winifred", "Leopold", "Henrietta", "Casimir"];
const FAMILY: [&str; 5] = ["Brandauer", "Oxenford", "Lindqvist", "Marchetti", "Zawadzki"];

/// A person, and by which number the truth knows them.
pub(super) struct Person {
    pub(super) id: String,
    pub(super) truth: usize,
    cells: [String; 6],
}

/// Forty persons, each second of whom stands there again with a typing error and without a telephone number.
pub(super) fn people() -> Vec<Person> {
    let mut people = Vec::new();
    for number in 0..40 {
        let (given, family) = (GIVEN[number % 8], FAMILY[number / 8]);
        let cells = [
            given.to_owned(),
            family.to_owned(),
            format!("{}-{:02}-{:02}", 1950 + number, 1 + number % 12, 1 + number % 28),
            format!("{}.{}@mail{number}.example", given.to_lowercase(), family.to_lowercase()),
            format!("+43 660 {}", 4_170_300 + number * 7919),
            format!("{} Lange Gasse", 3 + number),
        ];
        if number % 2 == 0 {
            let mut again = cells.clone();
            again[1].replace_range(2..3, "x");
            again[4].clear();
            people.push(Person { id: format!("p{number}b"), truth: number, cells: again });
        }
        people.push(Person { id: format!("p{number}"), truth: number, cells });
    }
    people
}

pub(super) const HEADER: [&str; 7] = ["record_id", "first_name", "last_name", "dob", "email", "phone", "street"];

impl Person {
    /// The cells under [`HEADER`].
    pub(super) fn row(&self) -> Vec<&str> {
        std::iter::once(self.id.as_str()).chain(self.cells.iter().map(String::as_str)).collect()
    }
}

/// A file of people with a delimiter.
pub(super) fn delimited(people: &[&Person], delimiter: &str) -> String {
    let mut out = HEADER.join(delimiter) + "\n";
    for person in people {
        let _ = writeln!(out, "{}", person.row().join(delimiter));
    }
    out
}

/// The truth about people.
pub(super) fn truth(people: &[Person]) -> String {
    let mut out = "record_id,cluster_id\n".to_owned();
    for person in people {
        let _ = writeln!(out, "{},{}", person.id, person.truth);
    }
    out
}
