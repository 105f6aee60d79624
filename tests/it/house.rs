//! The habits of the house, held by reading the repository.
//!
//! Each check is a function from files to a list of complaints, so that its own tests can hand it a file that breaks
//! the rule: a check that cannot fail protects nothing. `docs/ARCHITECTURE.md` and `CONTRIBUTING.md` tell the rules.

mod imports;
mod layout;
mod reads;
mod source;

use source::{Source, repository};

#[track_caller]
fn holds(check: fn(&[Source]) -> Vec<String>) {
    let sources = repository().unwrap_or_default();
    assert!(sources.iter().any(|source| source.path == "src/lib.rs"), "the repository could not be read");
    let complaints = check(&sources);
    assert!(complaints.is_empty(), "{} complaints:\n{}", complaints.len(), complaints.join("\n"));
}

#[test]
fn modules_import_only_what_the_table_allows() {
    holds(imports::import_violations);
}

#[test]
fn the_map_tells_the_same_table() {
    holds(imports::table_violations);
}

#[test]
fn every_read_of_customers_makes_a_condition_of_its_scope() {
    holds(reads::read_violations);
}

#[test]
fn no_file_is_longer_than_can_be_read() {
    holds(layout::size_violations);
}

#[test]
fn names_say_what_is_inside() {
    holds(layout::name_violations);
}

#[test]
fn every_dependency_says_what_it_is_for() {
    holds(layout::dependency_violations);
}

#[test]
fn migrations_come_in_pairs() {
    holds(layout::migration_violations);
}

#[test]
fn no_file_knows_the_machine_that_it_was_written_on() {
    holds(layout::machine_path_violations);
}

#[test]
fn locked_packages_come_from_the_public_registries() {
    holds(layout::registry_violations);
}

#[test]
fn the_changelog_has_a_place_for_the_next_change() {
    holds(layout::changelog_violations);
}
