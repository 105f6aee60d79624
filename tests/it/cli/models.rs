//! Models of the store and blocking rules of one's own, by the commands.

use super::people::{delimited, people};
use crate::sync::binary::hub::Hub;

const SOURCE: &str = "[[source]]\nkey = 'files'\nconnector = 'files/party'\n";

fn hub() -> Hub {
    let hub = Hub::bare();
    hub.write("people.csv", delimited(&people().iter().collect::<Vec<_>>(), ","));
    hub
}

#[tokio::test]
async fn a_model_of_the_store_is_a_plan_until_it_is_put_in_place() {
    let hub = hub();
    hub.configure(SOURCE);
    hub.run(&["match", "train"]).await.badly(&["there are no parties to learn a model from"]);
    let none = hub.run(&["match", "models"]).await.well();
    assert!(none.out.contains("no model is stored"), "{}", none.out);
    hub.run(&["import", "files", "people.csv"]).await.well();

    let trained = hub.run(&["match", "train"]).await.well();
    assert!(trained.out.contains("model v1.1 is trained on 60 records"), "{}", trained.out);
    let plan = hub.run(&["match", "plan", "v1.1"]).await.well();
    assert!(plan.out.contains("0 merges, 0 splits, 0 regroupings; 40 customers stay as they are"), "{}", plan.out);
    let fingerprint = plan.out.lines().find_map(|line| line.strip_prefix("fingerprint ")).unwrap().to_owned();

    let moved = ["match", "activate", "v1.1", "--plan", "m1-s0-r0-0011223344556677"];
    hub.run(&moved).await.badly(&["it was 1 merges", "it is 0 merges", fingerprint.as_str()]);
    hub.run(&["match", "activate", "v1.1", "--plan", "m1"]).await.badly(&["\"m1\" names no plan"]);
    hub.run(&["match", "activate", "v7", "--plan", &fingerprint]).await.badly(&["there is no model \"v7\""]);
    hub.run(&["match", "plan", "v7"]).await.badly(&["there is no model \"v7\""]);
    let store = hub.store().await;
    assert_eq!(store.model_active().await.unwrap(), None, "nothing was put in place");
    store.close().await;

    let done = hub.run(&["match", "activate", "v1.1", "--plan", &fingerprint]).await.well();
    assert!(done.out.contains("model v1.1 is in place"), "{}", done.out);
    assert!(done.err.contains("60 records are 40 customers (0 changed)"), "{}", done.err);
    let models = hub.run(&["match", "models"]).await.well();
    assert!(models.out.contains("v1.1") && models.out.contains("since "), "{}", models.out);
}

#[tokio::test]
async fn rules_of_ones_own_take_the_place_of_all_others() {
    let hub = hub();
    hub.write("rules.toml", "rules = [\n  [\"birth.year\", \"given\"],\n  [\"email\"],\n]\n");
    let ran = hub.run(&["match", "run", "people.csv", "--rules", "rules.toml"]).await.well();
    assert!(ran.out.contains("given + birth.year") && !ran.out.contains("initial birth"), "{}", ran.out);
    assert!(ran.out.contains("are estimated to be among them"), "{}", ran.out);
    // The rules are a part of the model.
    hub.run(&["match", "train", "people.csv", "--rules", "rules.toml", "-o", "model.json"]).await.well();
    let ran = hub.run(&["match", "run", "people.csv", "--model", "model.json"]).await.well();
    assert!(ran.out.contains("given + birth.year") && !ran.out.contains("initial birth"), "{}", ran.out);

    hub.write("wrong.toml", "rules = [\n  [\"email\"],\n  [\"famly.phonetic\"],\n]\n");
    hub.write("none.toml", "rules = []\n");
    hub.write("other.toml", "rule = [[\"email\"]]\n");
    for (file, said) in [
        ("wrong.toml", &["wrong.toml, line 3, column 4", "the nearest is \"family.phonetic\""][..]),
        ("none.toml", &["none.toml names no blocking rule"]),
        ("other.toml", &["other.toml", "rule"]),
        ("nowhere.toml", &["could not read nowhere.toml"]),
    ] {
        hub.run(&["match", "run", "people.csv", "--rules", file]).await.badly(said);
    }
    hub.run(&["match", "train", "people.csv"]).await.badly(&["--output"]);
}

#[tokio::test]
async fn rules_of_the_configuration_fold_the_store() {
    let hub = hub();
    hub.configure(&format!("[matching]\nrules = [[\"phone\"]]\n{SOURCE}"));
    // Who stands there twice has no number the second time.
    let ran = hub.run(&["import", "files", "people.csv"]).await.well();
    assert!(ran.err.contains("60 records are 60 customers"), "{}", ran.err);
    hub.configure(&format!("[matching]\nrules = [[\"fone\"]]\n{SOURCE}"));
    hub.run(&["match"]).await.badly(&["onefold.toml, line ", "the nearest is \"phone\""]);
}
