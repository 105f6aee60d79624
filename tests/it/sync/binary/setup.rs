//! A hub that cannot begin says what is wrong and where, and ends with an exit code.

use super::hub::Hub;

const STRIPE: &str = "[[source]]\nkey = 'stripe'\nconnector = 'billing/stripe'\n[source.settings]\n\
                      base_url = 'http://127.0.0.1:9'\napi_key = { env = 'T_STRIPE_KEY' }\n";
const ZENDESK: &str = "[[source]]\nkey = 'zendesk'\nconnector = 'support/zendesk'\n[source.settings]\n\
                       email = 'agent@support.onefold.example'\ntoken = { env = 'T_ZENDESK_TOKEN' }\n";

/// A connector with an unknown key in its fourth line.
const BROKEN: &str = "manifest: 1\nid: mine\ntitle: Mine\nversoin: 1.0.0\n";

#[tokio::test]
async fn a_mistake_in_the_settings_of_a_source_is_named() {
    for (sources, words) in [
        (
            STRIPE.replace("billing/stripe", "billing/strype"),
            &["source stripe", "\"billing/strype\"", "billing/stripe"][..],
        ),
        (
            STRIPE.replace("api_key", "api_keyy"),
            &["source stripe", "\"api_keyy\"", "did you mean \"api_key\"", "\"api_key\" is required"],
        ),
        (
            STRIPE.replace("base_url = 'http://127.0.0.1:9'", "base_url = 'nowhere'"),
            &["source stripe", "\"base_url\" is not"],
        ),
        (
            STRIPE.replace("T_STRIPE_KEY", "T_NOT_SET"),
            &["source stripe", "setting api_key", "set the environment variable T_NOT_SET"],
        ),
        (STRIPE.replace("{ env = 'T_STRIPE_KEY' }", "{ file = 'no-such-file' }"), &["source stripe", "no-such-file"]),
        (STRIPE.replace("api_key = { env = 'T_STRIPE_KEY' }\n", ""), &["source stripe", "\"api_key\" is required"]),
        (ZENDESK.to_owned(), &["source zendesk", "\"subdomain\" is required", "\"base_url\" is made from it"]),
        (format!("{STRIPE}{STRIPE}"), &["two sources have the key \"stripe\""]),
        (STRIPE.replace("key = 'stripe'", "key = 'Stripe EU'"), &["onefold.toml", "line 9", "a-z"]),
        (format!("{STRIPE}colour = 'red'\n"), &["source stripe", "\"colour\""]),
        (
            STRIPE.replace("[source.settings]", "colour = 'red'\n[source.settings]"),
            &["onefold.toml", "line 11", "colour"],
        ),
    ] {
        let hub = Hub::bare();
        hub.configure(&sources);
        let ran = hub.sync().await.badly(words);
        assert!(!ran.err.contains("Never-Print-Me"), "{}", ran.err);
        assert!(!hub.path("onefold.db").exists(), "nothing was begun");
    }
}

#[tokio::test]
async fn a_mistake_in_a_connector_of_the_operator_is_named_by_file_and_line() {
    // One that is used: the sync does not begin.
    let own = Hub::bare();
    own.write("connectors/billing/mine/connector.yaml", BROKEN);
    own.configure(&STRIPE.replace("billing/stripe", "billing/mine"));
    own.sync().await.badly(&["source stripe", "billing/mine/connector.yaml:4:1", "versoin", "version"]);

    // One that stands in the place of a shipped one is meant to be used: the shipped one does not step in for it.
    let replaced = Hub::bare();
    replaced.write("connectors/billing/stripe/connector.yaml", BROKEN);
    replaced.configure(STRIPE);
    replaced.sync().await.badly(&["source stripe", "billing/stripe/connector.yaml:4:1"]);

    // One that nobody uses is reported and stops nobody.
    let unused = Hub::bare();
    unused.write("connectors/billing/mine/connector.yaml", BROKEN);
    unused.configure("");
    let ran = unused.sync().await.well();
    assert!(ran.err.contains("billing/mine/connector.yaml:4:1"), "{}", ran.err);

    // What is no YAML, and what is no folder.
    let no_yaml = Hub::bare();
    no_yaml.write("connectors/billing/mine/connector.yaml", "manifest: 1\nid: [\n");
    no_yaml.configure(&STRIPE.replace("billing/stripe", "billing/mine"));
    no_yaml.sync().await.badly(&["billing/mine/connector.yaml:"]);
    let no_folder = Hub::bare();
    no_folder.write("onefold.toml", "connectors = 'nowhere'\n[store]\nurl = 'sqlite:x.db'\n");
    no_folder.sync().await.badly(&["could not read the connectors in nowhere"]);
}

#[tokio::test]
async fn what_is_not_there_is_named() {
    let hub = Hub::bare();
    hub.configure(STRIPE);
    hub.run(&["sync", "strype"]).await.badly(&["no source \"strype\"", "there are: stripe"]);
    hub.run(&["sync", "--config", "nowhere.toml"]).await.badly(&["could not read the configuration file nowhere.toml"]);
    hub.write("onefold.toml", "[store]\nurll = 'sqlite:x.db'\n");
    hub.sync().await.badly(&["onefold.toml", "line 2", "urll"]);
    hub.write("onefold.toml", "[store]\nurl = 'mysql://nobody:Never-Print-Me@nowhere/x'\n");
    let ran = hub.sync().await.badly(&["could not open the store"]);
    assert!(!ran.err.contains("Never-Print-Me"), "{}", ran.err);
    hub.write("onefold.toml", "[store]\nurl = 'sqlite:no-such-folder/x.db'\n");
    hub.sync().await.badly(&["could not open the store"]);
}

#[tokio::test]
async fn a_file_that_cannot_be_imported_is_refused_and_nothing_keeps_running() {
    let hub = Hub::bare();
    hub.configure(&format!("{STRIPE}[[source]]\nkey = 'files'\nconnector = 'files/party'\n"));
    hub.write("people.csv", "Name;E-Mail\nAda Lovelace;ada@example.com\n");
    hub.write("empty.csv", "");
    hub.write("picture.csv", [0x89, b'P', b'N', b'G', 0, 0, 0, 13]);
    hub.write("strange.csv", "Alpha;Beta\n1;2\n3;4\n");
    for (words, said) in [
        (["import", "files", "nowhere.csv"], &["could not read nowhere.csv"][..]),
        (["import", "nobody", "people.csv"], &["no source \"nobody\"", "files, stripe"]),
        (["import", "stripe", "people.csv"], &["source stripe reads no files", "onefold sync"]),
        (["import", "files", "empty.csv"], &["could not import empty.csv", "the file is empty"]),
        (["import", "files", "picture.csv"], &["could not import picture.csv", "is not text"]),
        (["import", "files", "strange.csv"], &["no column of the file was understood", "Alpha, Beta", "--map"]),
    ] {
        hub.run(&words).await.badly(said);
    }
    hub.run(&["import", "files", "people.csv", "--kind", "person"])
        .await
        .badly(&["--kind \"person\" is none of", "party"]);
    let kept = super::kept::Kept::of(&hub).await;
    assert_eq!(kept.count("sync_run where state = 'RUNNING'").await, 0, "no run goes on for ever");
    assert_eq!(kept.count("record").await, 0);
    kept.close().await;
}
