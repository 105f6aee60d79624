//! The distinct addresses, and their parts.
//!
//! Each distinct line, post code and town is read once; an address is then a combination of their numbers.

use super::address::{locality, post_code, street_parts};
use super::shape::{Begin, Shape};
use super::tables::held;
use crate::record::AddressText;
use crate::values::{Combinations, Distinct, Memo, ValueId, Values, stable_hash};

/// Addresses, and their parts.
#[derive(Debug)]
pub(crate) struct Addresses {
    pub(crate) numbers: Values,
    pub(crate) streets: Values,
    street_shapes: Vec<Shape>,
    pub(crate) post_codes: Values,
    post_code_begins: Vec<Begin>,
    pub(crate) localities: Values,
    locality_shapes: Vec<Shape>,
    /// House number and street.
    pub(crate) lines: Combinations<[ValueId; 2]>,
    /// House number and street with the post code, or with the town where there is none.
    pub(crate) places: Combinations<[ValueId; 2]>,
    pub(crate) units: Values,
    /// Post codes and towns in one table: what one source writes in one field may stand in the other elsewhere.
    towns: Values,
    /// The town of each post code, where it has been looked up.
    town_of_code: Vec<ValueId>,
    values: Distinct<[ValueId; 5]>,
    features: Vec<AddressValue>,
    read_lines: Memo<StreetValue>,
    read_post_codes: Memo<ValueId>,
    read_localities: Memo<ValueId>,
    scratch: String,
}

/// The parts of one address. Never in two lines of the processor's cache.
#[derive(Debug, Clone, Copy, Default)]
#[repr(align(32))]
pub(crate) struct AddressValue {
    pub(crate) number: ValueId,
    pub(crate) street: ValueId,
    pub(crate) unit: ValueId,
    pub(crate) post_code: ValueId,
    pub(crate) locality: ValueId,
    pub(crate) line: ValueId,
    pub(crate) place: ValueId,
}

#[derive(Debug, Clone, Copy, Default)]
struct StreetValue {
    number: ValueId,
    street: ValueId,
    unit: ValueId,
}

impl Addresses {
    pub(crate) fn new() -> Self {
        Self {
            numbers: Values::new(),
            streets: Values::new(),
            street_shapes: vec![Shape::default()],
            post_codes: Values::new(),
            post_code_begins: vec![Begin::default()],
            localities: Values::new(),
            locality_shapes: vec![Shape::default()],
            lines: Combinations::new(),
            places: Combinations::new(),
            units: Values::new(),
            towns: Values::new(),
            town_of_code: Vec::new(),
            values: Distinct::new(),
            features: vec![AddressValue::default()],
            read_lines: Memo::new(),
            read_post_codes: Memo::new(),
            read_localities: Memo::new(),
            scratch: String::new(),
        }
    }

    /// Makes room for the addresses of so many records.
    pub(super) fn reserve(&mut self, records: usize) {
        self.read_lines.reserve(records, 18);
        self.lines.reserve(records);
        self.places.reserve(records);
        self.values.reserve(records);
        self.features.reserve(records);
    }

    /// The number of an address; no value where neither street nor post code nor town is known.
    pub(crate) fn intern(&mut self, address: AddressText<'_>) -> ValueId {
        let StreetValue { number, street, unit } = self.house(address);
        let post_code = self.post_code_of(address);
        let locality = self.locality(address.locality);
        if street.is_none() && post_code.is_none() && locality.is_none() {
            return ValueId::NONE;
        }
        let (id, is_new) = self.values.intern([number, street, unit, post_code, locality]);
        if is_new {
            let line = self.line(number, street);
            let place = self.place([number, street], line, post_code, locality);
            self.features.push(AddressValue { number, street, unit, post_code, locality, line, place });
        }
        id
    }

    /// How a post code begins.
    pub(crate) fn post_code_begin(&self, post_code: ValueId) -> Begin {
        self.post_code_begins[post_code.index()]
    }

    /// Letters, beginning and length of a street.
    pub(crate) fn street_shape(&self, street: ValueId) -> Shape {
        self.street_shapes[street.index()]
    }

    /// Letters, beginning and length of a town.
    pub(crate) fn locality_shape(&self, locality: ValueId) -> Shape {
        self.locality_shapes[locality.index()]
    }

    /// Frees what only reading further addresses would need.
    pub(crate) fn forget_spellings(&mut self) {
        self.forget_read();
        self.values = Distinct::new();
        self.lines.forget_keys();
        self.places.forget_keys();
        (self.towns, self.town_of_code) = (Values::new(), Vec::new());
        for values in [&mut self.numbers, &mut self.streets, &mut self.post_codes, &mut self.localities] {
            values.forget_index();
        }
    }

    /// Frees what was remembered of spellings; they are read again when they come again.
    pub(super) fn forget_read(&mut self) {
        self.read_lines = Memo::new();
        self.read_post_codes = Memo::new();
        self.read_localities = Memo::new();
    }

    /// How many bytes are held.
    pub(super) fn bytes(&self) -> usize {
        let texts = [&self.numbers, &self.streets, &self.post_codes, &self.localities, &self.units, &self.towns];
        let combinations = self.lines.bytes() + self.places.bytes() + self.values.bytes();
        let of_codes = held(&self.post_code_begins) + held(&self.town_of_code);
        let features = held(&self.street_shapes) + held(&self.locality_shapes) + of_codes + held(&self.features);
        let read = self.read_lines.bytes() + self.read_post_codes.bytes() + self.read_localities.bytes();
        texts.map(Values::bytes).iter().sum::<usize>() + combinations + features + read
    }

    /// Asks for the memory that reading lines with these hashes will want, see [`Values::fetch`].
    pub(crate) fn fetch(&self, lines: &mut [u64]) {
        self.read_lines.fetch(lines);
    }

    pub(crate) fn parts(&self, id: ValueId) -> &AddressValue {
        &self.features[id.index()]
    }

    /// The street is the first line with a house number, else the first line; what another line says about the unit
    /// counts too.
    fn house(&mut self, address: AddressText<'_>) -> StreetValue {
        let mut house = self.street(address.street);
        for line in address.more_lines.into_iter().filter(|line| has_digit(line)) {
            let other = self.street(line);
            if house.number.is_none() || house.street.is_none() {
                if other.number.is_some() && other.street.is_some() {
                    house = other;
                }
            } else if house.unit.is_none() && other.street.is_none() {
                let number = self.numbers.get(other.number);
                house.unit = if other.unit.is_some() { other.unit } else { self.units.intern(number).0 };
            }
        }
        house
    }

    fn street(&mut self, line: &str) -> StreetValue {
        match self.read_lines.get(line) {
            Ok(known) => known,
            Err(place) => {
                let parts = street_parts(line);
                let (street, is_new) = self.streets.intern(&parts.street);
                if is_new {
                    self.street_shapes.push(Shape::of(&parts.street));
                }
                let street = StreetValue {
                    number: self.numbers.intern(&parts.number).0,
                    street,
                    unit: self.units.intern(&parts.unit).0,
                };
                self.read_lines.put(place, street)
            }
        }
    }

    fn post_code(&mut self, text: &str) -> ValueId {
        match self.read_post_codes.get(text) {
            Ok(known) => known,
            Err(place) => {
                let id = self.intern_post_code(&post_code(text));
                self.read_post_codes.put(place, id)
            }
        }
    }

    fn post_code_of(&mut self, address: AddressText<'_>) -> ValueId {
        let id = self.post_code(address.post_code);
        // Spreadsheets take the leading zero of a ZIP code for nothing.
        if !address.country.eq_ignore_ascii_case("us") || self.post_codes.get(id).len() != 4 {
            return id;
        }
        let code = format!("0{}", self.post_codes.get(id));
        self.intern_post_code(&code)
    }

    fn intern_post_code(&mut self, code: &str) -> ValueId {
        let (id, is_new) = self.post_codes.intern(code);
        if is_new {
            self.post_code_begins.push(Begin::of(code));
        }
        id
    }

    fn locality(&mut self, text: &str) -> ValueId {
        match self.read_localities.get(text) {
            Ok(known) => known,
            Err(place) => {
                let town = locality(text);
                let (id, is_new) = self.localities.intern(&town);
                if is_new {
                    self.locality_shapes.push(Shape::of(&town));
                }
                self.read_localities.put(place, id)
            }
        }
    }

    fn line(&mut self, number: ValueId, street: ValueId) -> ValueId {
        if number.is_none() || street.is_none() {
            return ValueId::NONE;
        }
        let (number_text, street_text) = (self.numbers.get(number), self.streets.get(street));
        let text = &mut self.scratch;
        let hash = || {
            text.clear();
            text.extend([number_text, " ", street_text]);
            stable_hash(text)
        };
        self.lines.intern([number, street], hash).0
    }

    fn place(&mut self, line_parts: [ValueId; 2], line: ValueId, post_code: ValueId, locality: ValueId) -> ValueId {
        if line.is_none() {
            return ValueId::NONE;
        }
        let town = self.town(post_code, locality);
        if town.is_none() {
            return ValueId::NONE;
        }
        let [number, street] = line_parts;
        let (number, street, town_text) = (self.numbers.get(number), self.streets.get(street), self.towns.get(town));
        let text = &mut self.scratch;
        let hash = || {
            text.clear();
            text.extend([number, " ", street, "|", town_text]);
            stable_hash(text)
        };
        self.places.intern([line, town], hash).0
    }

    fn town(&mut self, post_code: ValueId, locality: ValueId) -> ValueId {
        if post_code.is_none() {
            return self.towns.intern(self.localities.get(locality)).0;
        }
        if self.town_of_code.len() <= post_code.index() {
            self.town_of_code.resize(post_code.index() + 1, ValueId::NONE);
        }
        let town = &mut self.town_of_code[post_code.index()];
        if town.is_none() {
            *town = self.towns.intern(self.post_codes.get(post_code)).0;
        }
        *town
    }
}

fn has_digit(line: &str) -> bool {
    line.bytes().any(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_street_may_stand_in_any_line() {
        let mut addresses = Addresses::new();
        let mut read = |street, more_lines| {
            let address =
                AddressText { street, more_lines, post_code: "2138", country: "US", ..AddressText::default() };
            let id = addresses.intern(address);
            let parts = *addresses.parts(id);
            assert_eq!(addresses.post_codes.get(parts.post_code), "02138");
            [
                addresses.numbers.get(parts.number).to_owned(),
                addresses.streets.get(parts.street).to_owned(),
                addresses.units.get(parts.unit).to_owned(),
            ]
        };
        assert_eq!(read("12 Main Street", ["Apt 4", ""]), ["12", "main", "4"]);
        assert_eq!(read("Floor 3", ["12 Main Street", "Apt 4"]), ["12", "main", "4"]);
        assert_eq!(read("12 Main Street", ["4", "Wexford House"]), ["12", "main", "4"]);
    }
}
