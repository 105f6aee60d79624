//! The real world behind the records: a person, a company, a home.

use super::phone::Number;
use super::region::{Given, Region, Town};

/// Where somebody lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Home {
    /// Street and number in the order of the country.
    pub(super) line: String,
    pub(super) town: Town,
    pub(super) country: &'static str,
}

/// A human being.
#[derive(Debug, Clone)]
pub(super) struct Person {
    /// From 0; the number in the truth.
    pub(super) number: usize,
    pub(super) region: &'static Region,
    pub(super) given: &'static Given,
    pub(super) family: String,
    /// The family name before marriage.
    pub(super) former_family: Option<String>,
    /// Sr. or Jr., where a father and a son have one name.
    pub(super) suffix: Option<&'static str>,
    /// The private mail address.
    pub(super) mail: String,
    /// The mail address at the employer.
    pub(super) work_mail: Option<String>,
    /// The mail address that the whole family uses.
    pub(super) family_mail: Option<String>,
    pub(super) mobile: Option<Number>,
    /// The line of the household.
    pub(super) fixed: Option<Number>,
    pub(super) home: Home,
    /// Where the household lived before.
    pub(super) former_home: Option<Home>,
    /// Month and day of birth.
    pub(super) birthday: (usize, usize),
    /// The place of the employer among the companies.
    pub(super) employer: Option<usize>,
    /// Which systems know the person.
    pub(super) known_to: Systems,
}

/// Which of the three systems know somebody; at least one does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Systems {
    pub(super) stripe: bool,
    pub(super) zendesk: bool,
    pub(super) mailchimp: bool,
}

/// A company.
#[derive(Debug, Clone)]
pub(super) struct Company {
    /// The number in the truth: behind the people's.
    pub(super) number: usize,
    pub(super) region: &'static Region,
    /// The name without its legal form.
    pub(super) name: String,
    pub(super) domain: String,
    pub(super) phone: Option<Number>,
    pub(super) home: Home,
    pub(super) known_to: Systems,
}
