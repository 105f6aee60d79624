//! Workbooks and address cards through the import: the same file again is an update, and bad cells have addresses.

use super::files::{open, put_aside, request};
use crate::harness::on_both;
use onefold::store::Store;
use onefold::sync::FileRequest;
use rust_xlsxwriter::Workbook;

fn customers(name: &str) -> Vec<u8> {
    let mut book = Workbook::new();
    book.add_worksheet().set_name("About").unwrap().write(0, 0, "made by the till").unwrap();
    let sheet = book.add_worksheet().set_name("All customers").unwrap();
    for (row, cells) in
        [["Customer No", "Name", "E-Mail"], ["17", name, "ada@post.example"], ["18", "Bo", "no address"]]
            .iter()
            .enumerate()
    {
        for (column, text) in cells.iter().enumerate() {
            let (row, column) = (u32::try_from(row).unwrap() + 1, u16::try_from(column).unwrap() + 1);
            match text.parse::<f64>() {
                Ok(number) => sheet.write(row, column, number).unwrap(),
                Err(_) => sheet.write(row, column, *text).unwrap(),
            };
        }
    }
    book.save_to_buffer().unwrap()
}

#[tokio::test]
async fn a_workbook_again_is_an_update_and_a_bad_cell_has_its_address() {
    on_both(async |store: Store| {
        let (engine, setup) = open(&store).await;
        for (name, expected) in [("Ada", (1, 0, 0)), ("Ada", (0, 0, 1)), ("Ada L.", (0, 1, 0))] {
            let run = engine.run_begin(&setup, "import", "test").await.unwrap();
            let report = engine.import(&setup, &run, &request(&customers(name)), |_| {}).await.unwrap();
            let what = report.outcome;
            assert_eq!((what.created, what.updated, what.unchanged), expected, "{name}");
            assert_eq!(
                report.proposal.unwrap().notes,
                ["the sheet \"About\" was not read: --sheet names the one to read"]
            );
        }
        assert_eq!(put_aside(&store, &setup).await, ["'All customers'!D4"]);
        let run = engine.run_begin(&setup, "import", "test").await.unwrap();
        let bytes = customers("Ada");
        let other = FileRequest { sheet: Some("Customers"), ..request(&bytes) };
        let error = engine.import(&setup, &run, &other, |_| {}).await.unwrap_err();
        assert_eq!(error.to_string(), "there is no sheet \"Customers\"; the workbook has: About, All customers");
    })
    .await;
}

#[tokio::test]
async fn a_card_that_changed_is_the_same_card() {
    on_both(async |store: Store| {
        let (engine, setup) = open(&store).await;
        let card = |title: &str| {
            format!(
                "BEGIN:VCARD\nVERSION:3.0\nFN:Ada\nTITLE:{title}\nEMAIL:ada@post.example\nTEL:030 901820\nEND:VCARD\n"
            )
        };
        for (title, expected) in [("Countess", (1, 0)), ("Analyst", (0, 1))] {
            let run = engine.run_begin(&setup, "import", "test").await.unwrap();
            let outcome = engine.import(&setup, &run, &request(card(title).as_bytes()), |_| {}).await.unwrap().outcome;
            assert_eq!((outcome.created, outcome.updated, outcome.quarantined), (expected.0, expected.1, 0));
        }
    })
    .await;
}
