//! Files that people export: read as they are, told row by row, and safe to upload again.

use super::hub::Hub;
use super::kept::Kept;
use crate::harness::places;
use onefold::store::QuarantineRow;
use serde_json::json;
use std::path::Path;

/// An export as an office program writes it: a remark, a blank line, semicolons, Windows-1252, rows that do not read.
const OFFICE: &str = "# Kunden der Filiale Köln, Stand heute\n\
    # Preise in €\n\
    \n\
    Kunden-Nr;Vorname;Nachname;E-Mail;Ort;Geburtsdatum\n\
    K-1;Jürgen;Öllerer;juergen@example.com;Köln;29.02.1984\n\
    K-2;Zoë;Groß;zoe@example.com;Düren;31.12.1999\n\
    K-3;Max;Muster;keine Adresse;Köln;01.05.1970\n\
    K-4;Nur;Halb\n\
    K-5;Eva;Eßer;eva@example.com;Bonn;17.08.2001\n\
    ;Ohne;Nummer;ohne@example.com;Bonn;\n\
    K-7;\"Ursula \"\"Uschi\"\"\";Ünal;uschi@example.com;\"Bad; Münstereifel\";\n";

/// The same text in the encoding of western Windows: every sign but the euro is its own Latin-1 byte.
fn windows_1252(text: &str) -> Vec<u8> {
    text.chars().map(|c| if c == '€' { 0x80 } else { u8::try_from(u32::from(c)).expect("a western sign") }).collect()
}

fn hub() -> Hub {
    with_files(Hub::bare())
}

fn with_files(hub: Hub) -> Hub {
    hub.configure("[[source]]\nkey = 'files'\nconnector = 'files/party'\n");
    hub
}

fn place_of<'r>(rows: &'r [QuarantineRow], code: &str) -> &'r str {
    rows.iter().find(|row| row.item.code == code).and_then(|row| row.item.place.as_deref()).unwrap_or_default()
}

#[tokio::test]
async fn an_office_export_is_read_and_its_bad_rows_are_named_by_line_and_column() {
    for place in places().await {
        let hub = with_files(Hub::bare_over(place));
        hub.write("kunden.csv", windows_1252(OFFICE));
        let ran = hub.run(&["import", "files", "kunden.csv", "--country", "DE"]).await.well();
        assert!(ran.err.contains("files records: 4 new, 0 changed, 0 the same, 3 in quarantine"), "{}", ran.err);
        assert!(ran.err.contains("4 records are 4 customers"), "{}", ran.err);

        let kept = Kept::of(&hub).await;
        let keys: Vec<String> = kept.keys("files", "records").await.into_iter().collect();
        assert_eq!(keys, ["K-1", "K-2", "K-5", "K-7"]);
        let first = kept.versions("files", "records", "K-1").await.remove(0);
        assert_eq!((&first.mapped["givenName"], &first.mapped["familyName"]), (&json!("Jürgen"), &json!("Öllerer")));
        assert_eq!(first.mapped["birthDate"], "1984-02-29");
        let quoted = kept.versions("files", "records", "K-7").await.remove(0);
        assert_eq!(quoted.mapped["givenName"], "Ursula \"Uschi\"");
        assert_eq!(quoted.mapped["addresses"][0]["locality"], "Bad; Münstereifel");
        let rows = kept.quarantine().await;
        assert_eq!(place_of(&rows, "RAGGED_ROW"), "line 8, column E-Mail");
        assert_eq!(place_of(&rows, "KEY"), "line 10, column Kunden-Nr");
        let mail = rows.iter().find(|row| row.item.external_id.as_deref() == Some("K-3")).unwrap();
        assert_eq!(mail.item.place.as_deref(), Some("line 7, column E-Mail"));
        for row in &rows {
            assert!(!row.item.message.contains("keine Adresse") && !row.item.message.contains("Ohne"), "{row:?}");
        }
        kept.close().await;
    }
}

#[tokio::test]
async fn uploading_again_changes_nothing_and_an_edited_row_makes_one_version() {
    for place in places().await {
        let hub = with_files(Hub::bare_over(place));
        hub.write("kunden.csv", windows_1252(OFFICE));
        hub.run(&["import", "files", "kunden.csv"]).await.well();
        let ran = hub.run(&["import", "files", "kunden.csv"]).await.well();
        assert!(ran.err.contains("files records: 0 new, 0 changed, 4 the same, 3 in quarantine"), "{}", ran.err);
        assert!(ran.err.contains("(0 changed)"), "{}", ran.err);

        // Another encoding is no other content; a moved town and a repaired address are.
        let edited = OFFICE
            .replace("zoe@example.com;Düren", "zoe@example.com;Aachen")
            .replace("keine Adresse", "max@example.com");
        hub.write("kunden.csv", &edited);
        let ran = hub.run(&["import", "files", "kunden.csv"]).await.well();
        assert!(ran.err.contains("files records: 1 new, 1 changed, 3 the same, 2 in quarantine"), "{}", ran.err);
        let kept = Kept::of(&hub).await;
        let versions = kept.versions("files", "records", "K-2").await;
        let towns: Vec<_> = versions.iter().map(|version| &version.mapped["addresses"][0]["locality"]).collect();
        assert_eq!(towns, ["Düren", "Aachen"]);
        assert_eq!(kept.versions("files", "records", "K-3").await.len(), 1);
        let repaired = kept.quarantine().await.into_iter().find(|row| row.item.external_id.as_deref() == Some("K-3"));
        assert!(repaired.unwrap().resolved_at.is_some());
        kept.close().await;
    }
}

#[tokio::test]
async fn lines_of_json_are_read_and_a_broken_one_is_named() {
    let hub = hub();
    let lines = "{\"id\": 1, \"name\": \"Ada Lovelace\", \"email\": \"ada@example.com\"}\n\
                 {\"id\": 2, \"name\": \"Grace Hopper\", \"email\": \"grace@exa\n\
                 [3]\n\
                 \n\
                 {\"id\": 4, \"name\": \"Mary Somerville\", \"email\": \"mary\"}\n\
                 {\"id\": 5, \"name\": \"Emmy Noether\", \"email\": \"emmy@example.com\"}\n";
    hub.write("people.jsonl", lines);
    let ran = hub.run(&["import", "files", "people.jsonl", "--no-match"]).await.well();
    assert!(ran.err.contains("2 new, 0 changed, 0 the same, 3 in quarantine"), "{}", ran.err);
    let kept = Kept::of(&hub).await;
    assert_eq!(kept.keys("files", "records").await.into_iter().collect::<Vec<_>>(), ["1", "5"]);
    let mut places: Vec<String> = kept.quarantine().await.into_iter().filter_map(|row| row.item.place).collect();
    places.sort();
    assert_eq!(places, ["line 2, column 53", "line 3", "line 5, column email"]);
    kept.close().await;
    // A bad line does not become a second row in quarantine when the file comes again.
    hub.run(&["import", "files", "people.jsonl", "--no-match"]).await.well();
    let kept = Kept::of(&hub).await;
    assert_eq!(kept.quarantine().await.len(), 3);
    kept.close().await;
}

#[tokio::test]
async fn a_map_of_the_operator_replaces_the_proposed_one() {
    let hub = hub();
    hub.write("people.csv", "Nr,Wer,Post\n1,Ada Lovelace,ada@example.com\n2,,\n");
    hub.write("map.yaml", "kind: = PERSON\ndisplayName: Wer\nemails: [{value: Post -> email}]\n");
    let ran =
        hub.run(&["import", "files", "people.csv", "--map", "map.yaml", "--key", "Nr", "--no-match"]).await.well();
    assert!(ran.err.contains("2 new") && !ran.err.contains("the map that was used"), "{}", ran.err);
    hub.write("map.yaml", "kind: = PERSON\ndisplayName: Wer\nemials: [{value: Post -> email}]\n");
    let ran = hub.run(&["import", "files", "people.csv", "--map", "map.yaml", "--no-match"]).await;
    ran.badly(&["could not import people.csv", ":3:1", "emials", "did you mean \"emails\""]);
}

#[tokio::test]
async fn exports_of_old_systems_arrive_row_by_row() {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/connectors/legacy"));
    // File, a key that must be there, and how many rows read.
    let exports = [
        ("act_contacts.csv", None),
        ("goldmine_contact1.csv", Some("A9031412345&7#K2Bil")),
        ("eventbrite_attendees_us.csv", None),
        ("zoho_crm_contacts_export.csv", Some("zcrm_3652397000000624046")),
    ];
    for (name, key) in exports {
        let Ok(bytes) = std::fs::read(folder.join(name)) else {
            eprintln!("skipped: {name}, because the shared data is not beside the repository");
            continue;
        };
        let hub = hub();
        let rows = onefold_connector::decode(&bytes).map(|(text, _)| text.into_owned()).unwrap();
        let rows = onefold_connector::read_rows(&rows, None).unwrap().count();
        hub.write(name, &bytes);
        let ran = hub.run(&["import", "files", name, "--no-match"]).await.well();
        let kept = Kept::of(&hub).await;
        let keys = kept.keys("files", "records").await;
        let waiting = kept.quarantine().await;
        assert_eq!(keys.len() + waiting.len(), rows, "{name}: {keys:?} {}", ran.err);
        assert!(waiting.is_empty(), "{name}: {waiting:?}");
        assert!(key.is_none_or(|key| keys.contains(key)), "{name}: {keys:?}");
        kept.close().await;
        let ran = hub.run(&["import", "files", name, "--no-match"]).await.well();
        assert!(ran.err.contains(&format!("0 new, 0 changed, {rows} the same")), "{name}: {}", ran.err);
    }
    let Ok(bytes) = std::fs::read(folder.join("ga4_pages_export.csv")) else { return };
    let hub = hub();
    hub.write("pages.csv", bytes);
    // Seven lines of remarks are no header, and figures are no customers.
    hub.run(&["import", "files", "pages.csv"]).await.badly(&[
        "no column of the file was understood",
        "Views",
        "Key events",
    ]);
}
