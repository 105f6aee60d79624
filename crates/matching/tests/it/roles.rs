//! Columns are recognised without a word of configuration: on small tables, and on the labelled sets beside the repository.

use crate::set::{labelled_file, read_table};
use onefold_matching::{Hints, Role, Table, TableRoles, recognise};
use onefold_model::{PartyKind, SourceKey};

fn table(lines: &[&str]) -> Table {
    let mut lines = lines.iter().map(|line| line.split('|').map(str::trim));
    let mut table = Table::new(lines.next().unwrap().map(str::to_owned).collect());
    for line in lines {
        table.push(line);
    }
    table
}

fn roles_of(table: &Table) -> TableRoles {
    recognise(table, &Hints::default())
}

fn words(roles: &TableRoles) -> String {
    let columns = roles.columns.iter().filter(|column| column.role != Role::Ignored);
    let columns = columns.map(|column| format!("{}={}", column.name, column.role));
    format!("{:?}: {}", roles.kind, columns.collect::<Vec<_>>().join(", "))
}

/// The roles of a labelled file, as a line.
fn assert_roles(file: &str, expected: &str) {
    let Some(path) = labelled_file(file) else { return };
    assert_eq!(words(&roles_of(&read_table(&path).unwrap())), expected, "{file}");
}

#[test]
fn the_columns_of_the_febrl_sets_are_recognised() {
    for file in ["febrl1/records.csv", "febrl2/records.csv", "febrl3/records.csv", "febrl4/a.csv", "febrl4/b.csv"] {
        assert_roles(
            file,
            "Person: record_id=record-id, given_name=given-name, surname=family-name, street_number=house-number, \
             address_1=street, address_2=street, suburb=locality, postcode=post-code, state=region, \
             date_of_birth=birth-date, soc_sec_id=identifier",
        );
    }
}

#[test]
fn the_columns_of_sets_of_persons_are_recognised() {
    assert_roles(
        "historical_50k/records.csv",
        "Person: record_id=record-id, full_name=full-name, first_name=given-name, surname=family-name, dob=birth-date, \
         birth_place=locality, postcode_fake=post-code, gender=gender, occupation=job-title",
    );
    assert_roles(
        "crm_100k/records.csv",
        "Person: record_id=record-id, source=source, first_name=given-name, last_name=family-name, email=email, \
         phone=phone, street=street, city=locality, postcode=post-code, dob=birth-date, company=company, \
         updated_at=updated-at",
    );
    assert_roles(
        "pseudopeople_multi/records.csv",
        "Person: record_id=record-id, source=source, first_name=given-name, middle=middle-name, last_name=family-name, \
         dob=birth-date, sex=gender, ssn=identifier, street_number=house-number, street_name=street, unit=unit, \
         city=locality, state=region, zipcode=post-code, employer=company",
    );
    for file in ["fake_1000/records.csv", "fake_20000/records.csv"] {
        assert_roles(
            file,
            "Person: record_id=record-id, first_name=given-name, surname=family-name, dob=birth-date, city=locality, \
             email=email",
        );
    }
}

#[test]
fn the_columns_of_sets_of_organisations_are_recognised() {
    for file in ["fodors_zagats/a.csv", "fodors_zagats/b.csv"] {
        assert_roles(
            file,
            "Organization: record_id=record-id, name=organization-name, addr=street, city=locality, phone=phone",
        );
    }
    // Its headers are a column off towards the end: what is called "Email Address" holds days.
    assert_roles(
        "chicago_early_childhood/records.csv",
        "Organization: record_id=record-id, Source=source, Site name=organization-name, Address=street, Zip=post-code, \
         Phone=phone",
    );
}

#[test]
fn a_name_is_read_beside_its_neighbours() {
    let german = table(&["Name|Vorname|Geburtsdatum", "Biller|Jürgen|07.03.1984", "Gruber|Anna|31.12.1990"]);
    assert_eq!(words(&roles_of(&german)), "Person: Name=family-name, Vorname=given-name, Geburtsdatum=birth-date");
    let italian = table(&["Nome|Cognome|CAP", "Giulia|Rossi|00184", "Marco|Bianchi|20121"]);
    assert_eq!(words(&roles_of(&italian)), "Person: Nome=given-name, Cognome=family-name, CAP=post-code");
    let people = table(&["name|email", "Mary Lattus|m@lattus.example", "Robert Smith|rs@mail.example"]);
    assert_eq!(words(&roles_of(&people)), "Person: name=full-name, email=email");
    let firms = table(&["name|website", "Biller GmbH|biller.example", "Apple Pan Cafe|www.applepan.example"]);
    assert_eq!(words(&roles_of(&firms)), "Organization: name=organization-name, website=domain");
}

#[test]
fn the_record_id_must_tell_rows_apart_and_is_never_compared() {
    let repeated = table(&["id|first name|last name", "1|Ada|King", "1|Ada|King"]);
    let roles = roles_of(&repeated);
    assert_eq!(words(&roles), "Person: first name=given-name, last name=family-name");
    assert_eq!([roles.key(&repeated, 0), roles.key(&repeated, 1)], ["1", "2"], "rows are numbered");
    let sources = table(&["source|id|first name", "crm|1|Ada", "shop|1|Ada"]);
    let roles = roles_of(&sources);
    assert_eq!([roles.key(&sources, 0), roles.key(&sources, 1)], ["crm:1", "shop:1"]);
    let file = SourceKey::new("file").unwrap();
    let [one, other] = [0, 1].map(|row| roles.record(&sources, row, &file));
    assert_ne!((one.id, one.source), (other.id, other.source));
    assert_eq!(one.party, other.party);
    let labelled = table(&["record_id|cluster_id|surname", "1|7|King", "2|7|King"]);
    assert_eq!(words(&roles_of(&labelled)), "Person: record_id=record-id, surname=family-name");
}

#[test]
fn parts_of_a_row_come_together() {
    let table = table(&[
        "fname_c1|fname_c2|lname_c1|by|bm|bd|Billing Street|Billing City|street|house number|city|email 1|email 2",
        "CARSTEN|JAN|MEIER|1949|7|22|Ring 1|Wien|High Street|12|London|a@b.example|NULL",
        "GERD||BAUER|1968|7|27|Gasse 3|Graz|Low Street|3|Leeds|c@d.example|e@f.example",
    ]);
    let roles = roles_of(&table);
    let party = roles.record(&table, 0, &SourceKey::new("file").unwrap()).party;
    assert_eq!(party.given_name.as_deref(), Some("CARSTEN JAN"));
    assert_eq!(party.birth_date.map(|date| date.to_string()).as_deref(), Some("1949-07-22"));
    let lines: Vec<String> = party.addresses.iter().map(onefold_model::PostalAddress::to_line).collect();
    assert_eq!(lines, ["Ring 1, Wien", "12 High Street, London"]);
    assert_eq!(party.emails.len(), 1, "NULL is no address");
}

#[test]
fn a_row_may_say_itself_whom_it_is_of() {
    let table = table(&["type|name|company|last name", "person|||King", "company||Biller GmbH|", "||Biller GmbH|"]);
    let roles = roles_of(&table);
    let kind = |row| roles.record(&table, row, &SourceKey::new("file").unwrap()).party.kind;
    assert_eq!([kind(0), kind(1), kind(2)], [PartyKind::Person, PartyKind::Organization, PartyKind::Organization]);
}

#[test]
fn what_is_said_overrules_what_is_found() {
    let table = table(&["a|b", "King|1984-03-07", "Lattus|1990-01-31"]);
    assert!(roles_of(&table).columns.iter().all(|column| column.role != Role::FamilyName));
    let hints = Hints { kind: None, roles: vec![("a".to_owned(), "family-name".parse().unwrap())] };
    assert_eq!(recognise(&table, &hints).columns[0].role, Role::FamilyName);
    assert!("surname".parse::<Role>().is_err());
}

#[test]
fn the_order_of_rows_changes_no_role() {
    let Some(path) = labelled_file("historical_50k/records.csv") else { return };
    let table = read_table(&path).unwrap();
    let mut backwards = Table::new(table.header().to_vec());
    for row in (0..table.len()).rev() {
        backwards.push((0..table.header().len()).map(|column| table.cell(row, column)));
    }
    assert_eq!(roles_of(&table), roles_of(&backwards));
}
