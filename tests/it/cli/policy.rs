//! `onefold policy`: what is wrong is named, what is expected is tested, what would change is told; and a running hub takes
//! new policies without a restart.

use crate::harness::places;
use crate::sync::binary::hub::{Hub, Ran};
use serde_json::{Value, json};
use std::time::Duration;

const TOWN: &str = r#"@id("field.town")
@mask("town")
permit (
  principal in Onefold::Department::"field-service",
  action == Onefold::Action::"readMasked",
  resource == Onefold::Field::"Customer.address"
);

@id("field.name")
permit (
  principal in Onefold::Department::"field-service",
  action == Onefold::Action::"read",
  resource == Onefold::Field::"Customer.displayName"
);
"#;

/// A hub with a folder of policies beside the shipped ones, and with these lines in its section.
fn hub(lines: &str) -> Hub {
    let hub = Hub::bare();
    hub.configure(&format!("[policies]\nfolder = 'policies'\ndepartments = ['field-service']\n{lines}\n"));
    hub.write("policies/field.cedar", TOWN);
    hub
}

async fn check(hub: &Hub) -> Ran {
    hub.run(&["policy", "check"]).await
}

#[tokio::test]
async fn policies_without_a_mistake_are_counted() {
    let ran = check(&hub("")).await.well();
    assert!(ran.out.contains("policies in 7 files: no mistakes"), "{}", ran.out);
    assert!(ran.out.contains("departments: billing, field-service, marketing, support"), "{}", ran.out);
    assert!(ran.out.contains("roles: operator, privacy, steward"), "{}", ran.out);
    let alone = check(&hub("shipped = 'replaced'")).await.well();
    assert!(alone.out.contains("2 policies in 1 files: no mistakes"), "{}", alone.out);
}

#[tokio::test]
async fn every_mistake_is_named_with_file_line_and_nearest_name() {
    let hub = hub("");
    hub.write("policies/field.cedar", TOWN.replace("Customer.address", "Customer.adress"));
    hub.write("policies/more.cedar", "@id(\"x\") permit (principal in Onefold::Department::\"suport\", action == Onefold::Action::\"reed\", resource);");
    check(&hub).await.badly(&[
        "the policies have 3 mistakes",
        "field.cedar:6:15: there is no field \"Customer.adress\": did you mean \"Customer.address\"?",
        "more.cedar:1:31: there is no department \"suport\": did you mean \"support\"?",
        "did you mean \"read\"?",
    ]);
    hub.run(&["policy", "check", "nowhere"]).await.badly(&["could not read the policies in nowhere"]);
    hub.write("policies/field.cedar", TOWN.replace("field.town", "support.tickets"));
    hub.write("policies/more.cedar", "");
    check(&hub).await.badly(&["the name \"support.tickets\" is taken by the policy at shipped/support.cedar:"]);
}

#[tokio::test]
async fn a_pseudonym_needs_a_secret_that_the_configuration_names() {
    let pseudonym = TOWN.replace("@mask(\"town\")", "@mask(\"pseudonym\")");
    let without = hub("");
    without.write("policies/field.cedar", &pseudonym);
    check(&without).await.badly(&["field.cedar:2:1: a pseudonym needs a secret", "pseudonym_secret in [policies]"]);
    let with = hub("pseudonym_secret = { env = 'T_PSEUDONYMS' }");
    with.write("policies/field.cedar", &pseudonym);
    check(&with).await.well();
    let served = with.start_with(&["match"], &[("T_PSEUDONYMS", "too short")]).ended().await;
    served.badly(&["[policies] pseudonym_secret is not as it should be", "fewer than 32 bytes"]);
    with.run(&["match"]).await.badly(&["the secret for pseudonyms", "T_PSEUDONYMS"]);
}

const TESTS: &str = r#"[[test]]
name = "the town and not the street"
departments = ["field-service"]
field = "Customer.address"
expect = "masked town"
policy = "field.town"

[[test]]
name = "no invoice"
departments = ["field-service"]
field = "Invoice.total"
owner = "billing"
expect = "hidden"

[[test]]
name = "an operator syncs"
roles = ["operator"]
action = "sync"
department = "billing"
expect = "allowed"
"#;

#[tokio::test]
async fn tests_beside_the_policies_run_and_say_what_is_otherwise() {
    let hub = hub("");
    hub.write("policies/field.test.toml", TESTS);
    let ran = hub.run(&["policy", "test"]).await.well();
    assert!(
        ran.out.contains("ok    the town and not the street") && ran.out.contains("3 tests, 0 failed"),
        "{}",
        ran.out
    );
    let wrong = TESTS.replace("\"masked town\"", "\"read\"").replace("\"allowed\"", "\"denied\"");
    hub.write("policies/field.test.toml", wrong);
    let ran = hub.run(&["policy", "test"]).await;
    for said in [
        "field.test.toml:1: the town and not the street",
        "Customer.address of billing is masked town by field.town (policies/field.cedar:1)",
        "field.test.toml:15: an operator syncs",
        "sync in billing is allowed by operator.sync (shipped/operator.cedar:",
        "3 tests, 2 failed",
    ] {
        assert!(ran.out.contains(said), "{said:?} is not said:\n{}", ran.out);
    }
    ran.badly(&["2 tests of policies failed"]);
}

#[tokio::test]
async fn a_test_that_cannot_be_meant_is_refused_and_no_tests_are_no_success() {
    let hub = hub("");
    hub.run(&["policy", "test"]).await.badly(&["there is no test in policies"]);
    for (from, to, said) in [
        ("Customer.address", "Customer.adress", "did you mean \"Customer.address\"?"),
        ("[\"field-service\"]\nfield = \"C", "[\"feld-service\"]\nfield = \"C", "did you mean \"field-service\"?"),
        ("masked town", "masked twon", "there is no mask \"twon\""),
        ("\"hidden\"", "\"hiden\"", "expect is read, hidden, masked"),
        ("\"sync\"", "\"sink\"", "there is no action \"sink\""),
        ("field.town", "field.twon", "there is no policy \"field.twon\""),
        ("action = \"sync\"", "action = \"sync\"\nfield = \"Invoice.total\"", "a test asks for a field"),
        ("expect = \"hidden\"", "expects = \"hidden\"", "expects"),
    ] {
        let text = TESTS.replace(from, to);
        assert_ne!(text, TESTS, "{from}");
        hub.write("policies/field.test.toml", text);
        hub.run(&["policy", "test"]).await.badly(&["field.test.toml", said]);
    }
    let bare = Hub::bare();
    bare.run(&["policy", "test"]).await.badly(&["there is no folder with tests"]);
}

#[tokio::test]
async fn a_plan_tells_who_gains_and_who_loses() {
    let hub = hub("");
    let same = hub.run(&["policy", "plan", "--to", "installed"]).await.well();
    assert_eq!(same.out, "nothing changes for anybody\n");
    hub.write(
        "next/field.cedar",
        TOWN.replace("@mask(\"town\")\n", "")
            .replace("readMasked", "read")
            .replace("Customer.displayName", "Customer.phone"),
    );
    let plan = hub.run(&["policy", "plan", "--to", "next"]).await.well();
    assert_eq!(
        plan.out,
        "department field-service\n  gains Customer.address: masked town -> read\n  \
         loses Customer.displayName: read -> hidden\n  gains Customer.phone: hidden -> read\n2 gained, 1 lost\n"
    );
    let back = hub.run(&["policy", "plan", "--from", "next", "--to", "shipped"]).await.well();
    assert!(
        back.out.contains("loses Customer.phone: read -> hidden") && back.out.contains("0 gained, 2 lost"),
        "{}",
        back.out
    );
    hub.run(&["policy", "plan", "--to", "nowhere"]).await.badly(&["could not read the policies in nowhere"]);
    hub.write("next/field.cedar", "permit");
    hub.run(&["policy", "plan", "--to", "next"]).await.badly(&["next/field.cedar:1:"]);
    hub.run(&["policy", "plan"]).await.badly(&["--to"]);
}

pub(super) const SECRET: &str = "a secret of the tests, long enough";

/// Waits until the hub answers so; how long does not matter, only that it comes.
async fn until(client: &reqwest::Client, url: &str, token: &str, query: &str, is_so: impl Fn(&Value) -> bool) -> Value {
    let mut last = Value::Null;
    for _ in 0..600 {
        let request = client.post(url).bearer_auth(token).json(&json!({"query": query}));
        if let Ok(answer) = request.send().await {
            last = answer.json().await.unwrap_or_default();
            if is_so(&last) {
                return last;
            }
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    panic!("it never came: {last}");
}

pub(super) fn client() -> reqwest::Client {
    // The first test of the process installs the provider; for the others it is there already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap()
}

/// A port that was free a moment ago.
pub(super) fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[tokio::test]
async fn a_running_hub_takes_new_policies_whole_or_not_at_all() {
    for place in places().await {
        let hub = Hub::bare_over(place);
        let section =
            "[policies]\nfolder = 'policies'\nshipped = 'replaced'\ndepartments = ['field-service']\nreload_s = 1\n";
        hub.configure(section);
        let admin = "@id(\"a\") permit (principal, action == Onefold::Action::\"administer\", resource);\n";
        hub.write("policies/own.cedar", admin);
        let secret = [("ONEFOLD_TOKEN_SECRET", SECRET)];
        let token = hub.start_with(&["token", "--department", "field-service"], &secret).ended().await.well().out;
        let listen = format!("127.0.0.1:{}", free_port());
        let serving = hub.start_with(&["serve", "--listen", &listen], &secret);
        let (url, token) = (format!("http://{listen}/graphql"), token.trim());
        let client = client();
        let query = "{ policyStatus { generation count refused } viewAs(departments: [\"field-service\"]) { fields { path verdict } } }";
        let verdict = |answer: &Value| {
            let fields = answer["data"]["viewAs"]["fields"].as_array().cloned().unwrap_or_default();
            fields.iter().find(|one| one["path"] == "Invoice.total").map(|one| one["verdict"].clone())
        };
        until(&client, &url, token, query, |answer| verdict(answer) == Some(json!("HIDDEN"))).await;

        let total = "@id(\"t\") permit (principal, action == Onefold::Action::\"read\", resource == Onefold::Field::\"Invoice.total\");\n";
        hub.write("policies/own.cedar", format!("{admin}{total}"));
        until(&client, &url, token, query, |answer| verdict(answer) == Some(json!("READ"))).await;

        hub.write("policies/own.cedar", format!("{admin}{}", total.replace("total", "totl")));
        let refused = |answer: &Value| answer["data"]["policyStatus"]["refused"].as_str().map(str::to_owned);
        let answer = until(&client, &url, token, query, |answer| refused(answer).is_some()).await;
        assert!(refused(&answer).unwrap().contains("own.cedar:2:"), "{answer}");
        assert!(refused(&answer).unwrap().contains("did you mean \"Invoice.total\"?"), "{answer}");
        assert_eq!(verdict(&answer), Some(json!("READ")), "those from before go on");

        hub.write("policies/own.cedar", admin);
        let answer = until(&client, &url, token, query, |answer| verdict(answer) == Some(json!("HIDDEN"))).await;
        assert_eq!(refused(&answer), None);
        serving.killer().kill();
        let said = serving.ended().await.err;
        assert!(said.contains("the new policies do not hold, those from before go on"), "{said}");
    }
}

/// SIGHUP reads the configuration's section anew: a department more, without a restart.
#[cfg(unix)]
#[tokio::test]
async fn a_signal_makes_a_hub_read_its_policies_and_their_section_anew() {
    let hub = Hub::bare();
    let admin = "@id(\"a\") permit (principal, action == Onefold::Action::\"administer\", resource);\n";
    hub.write("policies/own.cedar", admin);
    let section = |departments: &str| {
        hub.configure(&format!(
            "[policies]\nfolder = 'policies'\nshipped = 'replaced'\nreload_s = 0\ndepartments = [{departments}]\n"
        ));
    };
    section("'field-service'");
    let secret = [("ONEFOLD_TOKEN_SECRET", SECRET)];
    let token = hub.start_with(&["token", "--department", "field-service"], &secret).ended().await.well().out;
    let listen = format!("127.0.0.1:{}", free_port());
    let serving = hub.start_with(&["serve", "--listen", &listen], &secret);
    let (url, token) = (format!("http://{listen}/graphql"), token.trim());
    let client = client();
    let query =
        "{ policyStatus { generation count refused } viewAs(departments: [\"legal\"]) { actions { department } } }";
    until(&client, &url, token, query, |answer| answer["errors"].is_array()).await;
    section("'field-service', 'legal'");
    serving.signal("HUP");
    let answer = until(&client, &url, token, query, |answer| answer["errors"].is_null()).await;
    assert_eq!(answer["data"]["policyStatus"]["generation"], 2);
    hub.write("policies/own.cedar", "permit");
    serving.signal("HUP");
    until(&client, &url, token, query, |answer| answer["data"]["policyStatus"]["refused"].is_string()).await;
    serving.killer().kill();
    serving.ended().await;
}
