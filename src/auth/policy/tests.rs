use super::super::sample::{actor, department, departments, graph, policies, shipped};
use super::super::{Action, Mask, Owners, RestrictionKind, RestrictionReason, Verdict};
use super::*;
use proptest::prelude::*;
use std::fmt::Write;

fn errors(text: &str) -> Vec<String> {
    let errors = PolicySet::load(&[("test.cedar", text)], &graph(), &departments()).unwrap_err();
    errors.iter().map(ToString::to_string).collect()
}

/// A policy with this head: id, effect, action and resource.
fn policy(id: &str, effect: &str, action: &str, resource: &str) -> String {
    format!(
        "@id(\"{id}\")\n{effect} (\n  principal in Onefold::Department::\"billing\",\n  action == Onefold::Action::\"{action}\",\n  {resource}\n);\n"
    )
}

const TOTAL: &str = "resource == Onefold::Field::\"Invoice.total\"";

#[test]
fn the_shipped_policies_load_and_their_schema_is_readable() {
    let _ = shipped();
    insta::assert_snapshot!(cedar_schema(&[("Invoice", ["total", "number"])].into_iter().collect(), &departments()));
}

#[test]
fn only_files_of_configured_departments_are_shipped() {
    let few = [department("billing"), department("warehouse")];
    let files = default_policies(&few);
    assert_eq!(
        files.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(),
        ["billing.cedar", "operator.cedar", "privacy.cedar", "steward.cedar"]
    );
    PolicySet::load(&files, &graph(), &few).unwrap();
}

#[test]
fn every_shipped_file_is_in_the_folder_and_the_other_way_round() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/schema/policy");
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name.split('.').next_back() == Some("cedar")).collect();
    let mut shipped: Vec<String> = default_policies(&departments()).into_iter().map(|(name, _)| name).collect();
    names.sort();
    shipped.sort();
    assert_eq!(names, shipped);
}

#[test]
fn a_field_that_does_not_exist_is_refused_with_place_and_nearest_name() {
    let text = policy("a", "permit", "read", "resource == Onefold::Field::\"Invoice.totl\"");
    assert_eq!(errors(&text), ["test.cedar:5:15: there is no field \"Invoice.totl\": did you mean \"Invoice.total\"?"]);
}

#[test]
fn names_in_conditions_are_checked_too() {
    let text = policy("a", "permit", "read", "resource").replace(
        ");",
        ")\n// Onefold::Field::\"Ticket.numbr\" in a comment\nwhen { resource in [Onefold::Field::\"Ticket.number\",\n  Onefold::Field::\"Ticket.numbr\"] };",
    );
    assert_eq!(errors(&text), ["test.cedar:9:3: there is no field \"Ticket.numbr\": did you mean \"Ticket.number\"?"]);
}

#[test]
fn a_type_that_does_not_exist_is_refused() {
    let text = policy("a", "permit", "read", "resource in Onefold::Type::\"Invoices\"");
    assert_eq!(errors(&text), ["test.cedar:5:15: there is no type \"Invoices\": did you mean \"Invoice\"?"]);
}

#[test]
fn a_department_that_does_not_exist_is_refused() {
    let text = policy("a", "permit", "read", TOTAL).replace("\"billing\"", "\"biling\"");
    assert_eq!(errors(&text), ["test.cedar:3:16: there is no department \"biling\": did you mean \"billing\"?"]);
}

#[test]
fn an_action_that_does_not_exist_is_refused() {
    let text = policy("a", "permit", "reed", TOTAL);
    assert_eq!(errors(&text), ["test.cedar:4:13: there is no action \"reed\": did you mean \"read\"?"]);
}

#[test]
fn an_entity_type_that_does_not_exist_is_refused() {
    let text = policy("a", "permit", "read", "resource in Onefold::Tipe::\"Invoice\"");
    assert_eq!(
        errors(&text),
        ["test.cedar:5:15: there is no entity type \"Onefold::Tipe\": did you mean \"Onefold::Type\"?"]
    );
    let text = policy("a", "permit", "read", "resource in Other::Type::\"Invoice\"");
    assert_eq!(errors(&text), ["test.cedar:5:15: there is no entity type \"Other::Type\""]);
}

#[test]
fn a_policy_without_a_name_is_refused() {
    let text = format!("// first\n\n{}", policy("", "permit", "read", TOTAL));
    let expected = "test.cedar:3:1: the policy has no name: write @id(\"department.what\") before it";
    assert_eq!(errors(&text), [expected]);
    assert_eq!(errors(&text.replace("@id(\"\")\n", "")), [expected]);
}

#[test]
fn a_name_is_given_once_over_all_files() {
    let one = policy("a", "permit", "read", TOTAL);
    let files = [("one.cedar", one.clone()), ("two.cedar", format!("\n{one}"))];
    let errors = PolicySet::load(&files, &graph(), &departments()).unwrap_err();
    let found: Vec<String> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(found, ["two.cedar:2:1: the name \"a\" is taken by the policy at one.cedar:1: give this one another"]);
}

#[test]
fn an_annotation_that_means_nothing_is_refused() {
    let text = format!("@maks(\"email\")\n{}", policy("a", "permit", "read", TOTAL));
    assert_eq!(errors(&text), ["test.cedar:1:1: there is no annotation \"maks\": did you mean \"mask\"?"]);
}

#[test]
fn masks_and_masked_permits_come_in_pairs() {
    let masked = policy("a", "permit", "readMasked", TOTAL);
    let missing = "the policy permits readMasked and does not say what is left: write @mask(\"email\") or another mask";
    assert_eq!(errors(&masked), [format!("test.cedar:1:1: {missing}")]);
    let unknown = "there is no mask \"yearonly\": did you mean \"yearOnly\"?";
    assert_eq!(errors(&format!("@mask(\"yearonly\")\n{masked}")), [format!("test.cedar:1:1: {unknown}")]);
    let misplaced = "a mask belongs to a permit whose only action is readMasked";
    let read = policy("a", "permit", "read", TOTAL);
    assert_eq!(errors(&format!("@mask(\"email\")\n{read}")), [format!("test.cedar:1:1: {misplaced}")]);
    let forbid = policy("a", "forbid", "readMasked", TOTAL);
    assert_eq!(errors(&format!("@mask(\"email\")\n{forbid}")), [format!("test.cedar:1:1: {misplaced}")]);
    let both =
        read.replace("== Onefold::Action::\"read\"", "in [Onefold::Action::\"read\", Onefold::Action::\"readMasked\"]");
    assert_eq!(errors(&both), [format!("test.cedar:1:1: {misplaced}")]);
    policies(&forbid);
    policies(&both.replace("permit", "forbid"));
}

#[test]
fn a_permit_of_whatever_action_is_refused() {
    let text = "@id(\"a\")\npermit (principal, action, resource);";
    assert_eq!(errors(text), ["test.cedar:1:1: a permit names its actions: write action == Onefold::Action::\"read\""]);
    policies(&text.replace("permit", "forbid"));
}

#[test]
fn a_policy_about_one_actor_is_refused() {
    let text =
        "@id(\"a\")\npermit (principal == Onefold::Actor::\"jane\", action == Onefold::Action::\"read\", resource);";
    assert_eq!(errors(text), ["test.cedar:2:22: a policy speaks of departments and roles, not of one actor"]);
}

#[test]
fn a_syntax_error_does_not_hide_the_others() {
    let text = format!(
        "@id(\"a\") permit (principal, action == , resource);\n{}{}permit (",
        policy("b", "permit", "read", "resource == Onefold::Field::\"Invoice.totl\""),
        policy("c", "permit", "reed", TOTAL),
    );
    let found = errors(&text);
    assert_eq!(found.len(), 4, "{found:#?}");
    assert!(found[0].starts_with("test.cedar:1:39: unexpected token"), "{}", found[0]);
    assert!(found[1].starts_with("test.cedar:6:15: there is no field"), "{}", found[1]);
    assert!(found[2].starts_with("test.cedar:11:13: there is no action"), "{}", found[2]);
    assert!(found[3].starts_with("test.cedar:14:"), "{}", found[3]);
}

#[test]
fn wrong_types_and_policies_that_can_never_apply_are_refused() {
    let wrong = [
        ("attribute", policy("a", "permit", "read", TOTAL).replace(");", ") when { resource.region == \"EU\" };")),
        ("type", policy("a", "permit", "read", TOTAL).replace(");", ") when { resource.owner == \"billing\" };")),
        ("never", policy("a", "permit", "sync", TOTAL)),
        ("never", policy("a", "permit", "read", "resource in Onefold::Department::\"billing\"")),
        ("never", policy("a", "permit", "read", TOTAL).replace(");", ") when { false };")),
        ("template", policy("a", "permit", "read", "resource == ?resource")),
        ("context", policy("a", "permit", "read", TOTAL).replace(");", ") when { context.hour > 8 };")),
        ("kind", policy("a", "permit", "read", "resource is Onefold::Feld")),
    ];
    let found: Vec<String> =
        wrong.iter().map(|(what, text)| format!("{what}: {}", errors(text).join("\n  "))).collect();
    insta::assert_snapshot!(found.join("\n"));
}

#[test]
fn the_error_shows_every_mistake() {
    let text = policy("a", "permit", "reed", "resource == Onefold::Field::\"Invoice.totl\"");
    let shown = PolicySet::load(&[("test.cedar", text)], &graph(), &departments()).unwrap_err().to_string();
    assert!(shown.starts_with("the policies have 2 mistakes\n  test.cedar:4:13: "), "{shown}");
}

#[test]
fn no_policies_load_and_permit_nothing() {
    let none = PolicySet::load(&[("empty.cedar", "// nothing\n")], &GraphFields::default(), &[]).unwrap();
    let scope = none.scope(&actor(&["billing"], &["steward"]));
    assert!(scope.field("Invoice", "total", None).is_hidden());
    assert_eq!(scope.type_owners("Invoice"), &Owners::None);
}

#[test]
fn a_forbid_overrides_every_permit() {
    let permit = policy("permit", "permit", "read", "resource in Onefold::Type::\"Invoice\"");
    let masked = format!(
        "@mask(\"initial\")\n{}",
        policy("masked", "permit", "readMasked", "resource in Onefold::Type::\"Invoice\"")
    );
    let forbid = policy("forbid", "forbid", "read", TOTAL);
    let scope = policies(&[permit.clone(), forbid.clone()].concat()).scope(&actor(&["billing"], &[]));
    assert_eq!(scope.field("Invoice", "total", None), &Verdict::Hidden { policy: Some("forbid".into()) });
    assert_eq!(scope.field("Invoice", "number", None), &Verdict::Read);
    let restrictions = scope.restrictions("Invoice", Some(&department("billing")));
    assert_eq!(restrictions.len(), 1);
    assert_eq!((&*restrictions[0].path, restrictions[0].reason), ("total", RestrictionReason::PolicyForbids));
    // Only reading is forbidden, so the masked permit is left.
    let scope = policies(&[permit.clone(), masked.clone(), forbid].concat()).scope(&actor(&["billing"], &[]));
    assert_eq!(
        scope.field("Invoice", "total", None),
        &Verdict::Masked { mask: Mask::Initial, policy: "masked".into() }
    );
    assert_eq!(scope.field("Invoice", "number", None), &Verdict::Read, "reading beats masked reading");
    let all = "@id(\"forbid\") forbid (principal, action, resource == Onefold::Field::\"Invoice.total\");";
    let scope = policies(&[permit, masked, all.to_owned()].concat()).scope(&actor(&["billing"], &[]));
    assert_eq!(scope.field("Invoice", "total", None), &Verdict::Hidden { policy: Some("forbid".into()) });
}

#[test]
fn a_forbid_of_an_action_overrides_its_permit() {
    let text = "@id(\"p\") permit (principal, action == Onefold::Action::\"sync\", resource);
        @id(\"f\") forbid (principal, action == Onefold::Action::\"sync\", resource == Onefold::Department::\"billing\");";
    let scope = policies(text).scope(&actor(&["support"], &[]));
    let allowed = |key| scope.may(Action::Sync, &department(key));
    assert_eq!(allowed("support"), &super::super::Permission::Allowed { policy: "p".into() });
    assert_eq!(allowed("billing"), &super::super::Permission::Denied { policy: Some("f".into()) });
    assert_eq!(allowed("dissolved"), &super::super::Permission::Denied { policy: None });
    assert!(!scope.may(Action::Ingest, &department("support")).is_allowed());
}

#[test]
fn of_several_masks_the_strictest_is_applied() {
    let masked = |mask: &str| {
        let head = policy(mask, "permit", "readMasked", "resource == Onefold::Field::\"Customer.phone\"");
        format!("@mask(\"{mask}\")\n{head}")
    };
    let scope = policies(&[masked("lastFour"), masked("initial")].concat()).scope(&actor(&["billing"], &[]));
    let expected = Verdict::Masked { mask: Mask::Initial, policy: "initial".into() };
    assert_eq!(scope.field("Customer", "phone", Some(&department("support"))), &expected);
    let restriction = &scope.restrictions("Customer", None)[0];
    let phone = scope.restrictions("Customer", None).iter().find(|r| &*r.path == "phone").unwrap();
    assert_eq!((phone.kind, phone.policy.as_deref()), (RestrictionKind::Masked, Some("initial")));
    assert_eq!((restriction.kind, restriction.policy.as_deref()), (RestrictionKind::Hidden, None));
}

#[test]
fn rights_of_several_departments_and_roles_add_up() {
    let policies = shipped();
    let scope = policies.scope(&actor(&["support", "marketing"], &["steward", "juggler"]));
    for field in ["displayName", "phone", "birthDate", "campaignTouches"] {
        assert_eq!(scope.field("Customer", field, None), &Verdict::Read, "{field}");
    }
    assert!(scope.field("Payment", "amount", None).is_hidden());
}

#[test]
fn rights_follow_the_owner_of_the_value() {
    let scope = shipped().scope(&actor(&["billing"], &[]));
    let reads_raw = |owner: &str| scope.field("SourceRecord", "raw", Some(&department(owner))).is_read();
    assert!(reads_raw("billing"));
    assert!(!reads_raw("support"));
    assert!(!reads_raw("dissolved"), "an owner that nobody knows any more");
    assert!(!scope.field("SourceRecord", "raw", None).is_read(), "a value that may be of any owner");
    let reasons = scope.restrictions("SourceRecord", Some(&department("support")));
    let raw = reasons.iter().find(|restriction| &*restriction.path == "raw").unwrap();
    assert_eq!(raw.reason, RestrictionReason::OtherDepartment);
    assert_eq!(scope.type_owners("SourceRecord"), &Owners::All);
    assert_eq!(scope.type_owners("Quarantine"), &Owners::Some([department("billing")].into()));
    assert_eq!(scope.type_owners("Campaign"), &Owners::None);
    assert!(scope.field_any_owner("SourceRecord", "raw").is_hidden(), "rows of other owners are shown without it");
    assert_eq!(scope.field_any_owner("Quarantine", "raw"), &Verdict::Read, "rows of other owners are not shown");
}

#[test]
fn membership_of_the_owner_may_be_asked_for_in_general() {
    let text = "@id(\"own\") permit (principal, action == Onefold::Action::\"read\", resource) when { principal in resource.owner };";
    let scope = policies(text).scope(&actor(&["support"], &[]));
    assert_eq!(scope.type_owners("Invoice"), &Owners::Some([department("support")].into()));
}

#[test]
fn scopes_of_the_same_departments_and_roles_share_their_table() {
    let policies = shipped();
    let one = policies.table(&actor(&["billing", "nowhere"], &["steward"]));
    let other = policies.table(&Actor::new("joe", [department("billing")], ["steward".to_owned(), "x".to_owned()]));
    assert!(Arc::ptr_eq(&one, &other));
    assert!(!Arc::ptr_eq(&one, &policies.table(&actor(&["billing"], &[]))));
}

/// A field chosen at random from the sample graph, with its type.
fn any_field() -> impl Strategy<Value = (String, String)> {
    let paths: Vec<String> = graph().paths().collect();
    prop::sample::select(paths).prop_map(|path| {
        let (type_name, field) = path.split_once('.').unwrap();
        (type_name.to_owned(), field.to_owned())
    })
}

/// A random policy that Cedar accepts, as effect, group, action, field or type, and owner.
fn any_policy() -> impl Strategy<Value = (bool, usize, bool, (String, String), bool, usize)> {
    (any::<bool>(), 0..4usize, any::<bool>(), any_field(), any::<bool>(), 0..4usize)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// The tables, with their short cuts, say what a plain reading of the policies says.
    #[test]
    fn no_scope_reads_a_field_without_a_permitting_policy(
        set in prop::collection::vec(any_policy(), 0..8),
        member in 0..3usize,
        steward in any::<bool>(),
    ) {
        let keys = ["billing", "marketing", "support"];
        let mut text = String::new();
        for (at, (permits, group, masked, (type_name, field), whole, owner)) in set.iter().enumerate() {
            let group = keys.get(*group).map_or("Onefold::Role::\"steward\"".to_owned(), |key| format!("Onefold::Department::\"{key}\""));
            let effect = if *permits { "permit" } else { "forbid" };
            let action = if *masked { "readMasked" } else { "read" };
            let mask = if *permits && *masked { "@mask(\"initial\") " } else { "" };
            let resource = if *whole { format!("in Onefold::Type::\"{type_name}\"") } else { format!("== Onefold::Field::\"{type_name}.{field}\"") };
            let when = keys.get(*owner).map_or(String::new(), |key| format!(" when {{ resource.owner == Onefold::Department::\"{key}\" }}"));
            writeln!(
                text,
                "@id(\"p{at}\") {mask}{effect} (principal in {group}, action == Onefold::Action::\"{action}\", resource {resource}){when};"
            )
            .unwrap();
        }
        let scope = policies(&text).scope(&actor(&[keys[member]], if steward { &["steward"] } else { &[] }));
        for path in graph().paths() {
            let (type_name, field) = path.split_once('.').unwrap();
            for (slot, owner) in keys.iter().chain(["dissolved"].iter()).enumerate() {
                let applies = |effect: bool, action: bool| set.iter().any(|(permits, group, masked, (t, f), whole, of)| {
                    *permits == effect && *masked == action
                        && (*group == member || (*group == 3 && steward))
                        && t == type_name && (*whole || f == field)
                        && (*of == 3 || *of == slot)
                });
                let verdict = scope.field(type_name, field, Some(&department(owner)));
                let read = applies(true, false) && !applies(false, false);
                let masked = !read && applies(true, true) && !applies(false, true);
                prop_assert_eq!(verdict.is_read(), read, "{} of {}\n{}", path, owner, text);
                prop_assert_eq!(!verdict.is_hidden() && !verdict.is_read(), masked, "{} of {}\n{}", path, owner, text);
                if !verdict.is_read() {
                    prop_assert!(!scope.field(type_name, field, None).is_read());
                    if scope.type_owners(type_name).includes(Some(&department(owner))) {
                        prop_assert!(!scope.field_any_owner(type_name, field).is_read());
                    }
                }
                if !verdict.is_hidden() && slot < 3 {
                    prop_assert!(scope.type_owners(type_name).includes(Some(&department(owner))));
                }
            }
        }
    }

    #[test]
    fn no_text_makes_the_loader_panic(text in "[ -~\n]{0,80}|(permit|forbid|@id|\\(|\\)|principal|action|resource|;|\"|::|Onefold|//|\n|é| ){0,20}") {
        let _ = PolicySet::load(&[("test.cedar", text)], &graph(), &departments());
    }
}
