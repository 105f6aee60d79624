//! Columns are recognised without a word of configuration: on small tables, and on the labelled sets beside the repository.

use crate::labelled_file::{labelled_file, read_table};
use onefold_matching::{Dataset, Hints, Role, Settings, Table, TableRoles, recognise, resolve, resolve_dataset};
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
         birth_place=birth-place, postcode_fake=post-code, gender=gender, occupation=job-title",
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
fn rows_of_a_data_set_are_the_records_of_the_table() {
    let table = table(&["first name|last name|email", "Ada|King|a@king.example", "Ada|King|a@king.example", "Bo|Lee|"]);
    let roles = roles_of(&table);
    let file = SourceKey::new("file").unwrap();
    let mut builder = Dataset::builder();
    let mut reader = roles.reader(&table, &file);
    let pushed: Vec<_> = (0..table.len()).map(|row| reader.push(row, &mut builder)).collect();
    let records: Vec<_> = (0..table.len()).map(|row| roles.record(&table, row, &file)).collect();
    assert_eq!(pushed[2], (records[2].id, records[2].party.kind));
    let settings = Settings::default();
    let by_row = resolve_dataset(&builder.build(), &[], &settings, &mut |_| {});
    assert_eq!(by_row.clusters.len(), 2);
    assert_eq!(by_row, resolve(&records, &[], &settings, &mut |_| {}));
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

#[test]
fn exports_of_many_programs_and_languages_are_understood() {
    let understood = |lines: &[&str]| words(&roles_of(&table(lines)));
    assert_eq!(
        understood(&[
            "DATA_SOURCE|RECORD_ID|RECORD_TYPE|PRIMARY_NAME_LAST|PRIMARY_NAME_FIRST|DATE_OF_BIRTH|ADDR_LINE1|ADDR_CITY|\
             ADDR_POSTAL_CODE|PHONE_NUMBER|SSN_NUMBER",
            "CRM|1|PERSON|Smith|Robert|11/12/1978|123 Main Street|Las Vegas|89111|702-919-1300|294-66-9999",
        ]),
        "Person: DATA_SOURCE=source, RECORD_ID=record-id, RECORD_TYPE=kind, PRIMARY_NAME_LAST=family-name, \
         PRIMARY_NAME_FIRST=given-name, DATE_OF_BIRTH=birth-date, ADDR_LINE1=street, ADDR_CITY=locality, \
         ADDR_POSTAL_CODE=post-code, PHONE_NUMBER=phone, SSN_NUMBER=identifier"
    );
    assert_eq!(
        understood(&[
            "voter_reg_num|last_name|first_name|midl_name|name_sufx_cd|res_street_address|res_city_desc|state_cd|zip_code|\
             full_phone_number|birth_place|age|sex_code|birth_year",
            "000000000001|SMITH|ROBERT|LEE|JR|123 MAIN ST|RALEIGH|NC|27601|9195551234|NC|44|M|1978",
        ]),
        "Person: last_name=family-name, first_name=given-name, midl_name=middle-name, name_sufx_cd=name-suffix, \
         res_street_address=street, res_city_desc=locality, state_cd=region, zip_code=post-code, \
         full_phone_number=phone, sex_code=gender, birth_year=birth-year"
    );
    assert_eq!(
        understood(&[
            "Id|Salutation|FirstName|LastName|Title|MailingStreet|MailingCity|MailingPostalCode|MobilePhone|AccountId|LastModifiedDate",
            "0031|Ms.|Ada|King|Engineer|1 Ring|Wien|1010|+43 660 1234567|001A|2024-03-07T10:00:00Z",
        ]),
        "Person: Id=record-id, Salutation=name-prefix, FirstName=given-name, LastName=family-name, Title=job-title, \
         MailingStreet=street, MailingCity=locality, MailingPostalCode=post-code, MobilePhone=phone, \
         LastModifiedDate=updated-at"
    );
    assert_eq!(
        understood(&[
            "Kundennummer|Anrede|Vorname|Nachname|Firma|Straße|Hausnr.|PLZ|Ort|Telefon|E-Mail|Geburtsdatum|Steuernummer",
            "7|Herr|Jürgen|Öllerer|Biller GmbH|Lange Gasse|3|1080|Wien|01 4051234|j@oe.example|07.03.1984|12-345/6789",
        ]),
        "Person: Kundennummer=record-id, Anrede=name-prefix, Vorname=given-name, Nachname=family-name, Firma=company, \
         Straße=street, Hausnr.=house-number, PLZ=post-code, Ort=locality, Telefon=phone, E-Mail=email, \
         Geburtsdatum=birth-date, Steuernummer=identifier"
    );
    assert_eq!(
        understood(&[
            "Numéro client|Civilité|Nom|Prénom|Date de naissance|Adresse|Code postal|Ville|Téléphone|Courriel",
            "7|Mme|Curie|Irène|12/09/1897|1 rue Cuvier|75005|Paris|01 44 27 67 00|i@curie.example",
        ]),
        "Person: Numéro client=record-id, Civilité=name-prefix, Nom=family-name, Prénom=given-name, \
         Date de naissance=birth-date, Adresse=street, Code postal=post-code, Ville=locality, Téléphone=phone, \
         Courriel=email"
    );
    assert_eq!(
        understood(&[
            "Nombre|Apellidos|Fecha de nacimiento|Correo electrónico|Teléfono|Dirección|Código postal|Ciudad|DNI",
            "Lucía|García Lorca|05/06/1998|l@garcia.example|612 345 678|Calle Mayor 1|28013|Madrid|12345678Z",
        ]),
        "Person: Nombre=given-name, Apellidos=family-name, Fecha de nacimiento=birth-date, Correo electrónico=email, \
         Teléfono=phone, Dirección=street, Código postal=post-code, Ciudad=locality, DNI=identifier"
    );
    assert_eq!(
        understood(&[
            "Company name|Company domain|Industry|City|Country|Employees",
            "Biller GmbH|biller.example|Software|Wien|AT|12",
        ]),
        "Organization: Company name=organization-name, Company domain=domain, City=locality, Country=country"
    );
}
