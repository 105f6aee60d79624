use super::super::sample::{actor, department, policies, shipped};
use super::*;

#[test]
fn the_system_scope_sees_everything_under_its_own_name() {
    let scope = Scope::system("rebuild customers");
    assert!(scope.is_system());
    assert_eq!(scope.actor().subject(), "system:rebuild customers");
    assert!(scope.field("Anything", "at-all", None).is_read());
    assert!(scope.field_any_owner("Anything", "at-all").is_read());
    assert_eq!(scope.type_owners("Anything"), &Owners::All);
    assert!(scope.restrictions("Anything", None).is_empty());
    assert!(scope.may(Action::Administer, &department("billing")).is_allowed());
    assert!(!shipped().scope(&actor(&["billing"], &[])).is_system());
}

#[test]
fn what_the_graph_does_not_have_is_hidden() {
    let scope = shipped().scope(&actor(&["billing"], &[]));
    assert!(scope.field("Invoice", "profit", None).is_hidden());
    assert!(scope.field("Nothing", "total", Some(&department("billing"))).is_hidden());
    assert!(scope.field_any_owner("Nothing", "total").is_hidden());
    assert_eq!(scope.type_owners("Nothing"), &Owners::None);
}

#[test]
fn an_actor_without_known_departments_and_roles_sees_nothing() {
    let scope = shipped().scope(&actor(&["warehouse"], &["juggler"]));
    assert_eq!(scope.type_owners("Customer"), &Owners::None);
    assert!(scope.field("Customer", "displayName", None).is_hidden());
    assert!(!scope.may(Action::Sync, &department("warehouse")).is_allowed());
}

#[test]
fn owners_become_a_row_condition_with_binds() {
    assert_eq!(Owners::All.sql("r.owner", 3), ("1 = 1".to_owned(), vec![]));
    assert_eq!(Owners::None.sql("r.owner", 3), ("1 = 0".to_owned(), vec![]));
    let two = Owners::Some([department("support"), department("billing")].into());
    let expected = ("r.owner in ($3, $4)".to_owned(), vec!["billing".to_owned(), "support".to_owned()]);
    assert_eq!(two.sql("r.owner", 3), expected);
}

#[test]
fn a_row_without_an_owner_is_shown_only_where_all_are() {
    let one = Owners::Some([department("billing")].into());
    assert!(one.includes(Some(&department("billing"))) && !one.includes(Some(&department("support"))));
    assert!(!one.includes(None) && Owners::All.includes(None) && !Owners::None.includes(None));
}

#[test]
fn rows_of_dissolved_departments_are_shown_only_where_all_are() {
    let names = ["a", "b"].map(department);
    let read = |shown: [bool; 3]| {
        let by_owner = shown.map(|shown| if shown { Verdict::Read } else { Verdict::Hidden { policy: None } }).to_vec();
        let fields = vec![FieldDecision { field: "f".into(), by_owner }];
        Scope::decided(actor(&[], &[]), Arc::new(Table::new(names.to_vec().into(), [("T".into(), fields)], Vec::new())))
    };
    assert_eq!(read([true, true, true]).type_owners("T"), &Owners::All);
    assert_eq!(read([true, true, false]).type_owners("T"), &Owners::Some(names.clone().into()));
    assert_eq!(read([false, true, true]).type_owners("T"), &Owners::Some([department("b")].into()));
    assert_eq!(read([false, false, true]).type_owners("T"), &Owners::None);
    assert!(read([true, true, false]).field_any_owner("T", "f").is_read());
    assert!(read([true, true, false]).field("T", "f", None).is_hidden());
    assert!(read([false, false, true]).field_any_owner("T", "f").is_hidden());
}

#[test]
fn restrictions_are_sorted_by_path_and_name_their_policy() {
    let scope = shipped().scope(&actor(&["marketing"], &[]));
    let found = scope.restrictions("Customer", Some(&department("billing")));
    assert!(found.is_sorted_by_key(|restriction| &restriction.path));
    let phone = found.iter().find(|restriction| &*restriction.path == "phone").unwrap();
    assert_eq!((phone.kind, phone.reason), (RestrictionKind::Masked, RestrictionReason::PolicyMasks));
    assert_eq!(phone.policy.as_deref(), Some("marketing.phone-end"));
    let invoices = found.iter().find(|restriction| &*restriction.path == "invoices").unwrap();
    assert_eq!((invoices.kind, invoices.reason), (RestrictionKind::Hidden, RestrictionReason::NoPolicy));
    assert_eq!(invoices.policy, None);
}

#[test]
fn scopes_and_policies_are_shared_between_threads() {
    fn shared<T: Send + Sync + 'static>() {}
    shared::<Scope>();
    shared::<crate::auth::PolicySet>();
    shared::<crate::auth::TokenVerifier>();
}

#[test]
fn a_narrowed_scope_shows_what_both_show_and_nothing_more() {
    let policies = shipped();
    let scopes = [actor(&["billing"], &[]), actor(&["support"], &[]), actor(&["marketing"], &["steward"])];
    let scopes = scopes.map(|who| policies.scope(&who));
    for one in &scopes {
        for other in &scopes {
            let both = one.narrowed(other);
            assert_eq!(both.actor(), one.actor());
            for path in policies.graph().paths() {
                let (type_name, field) = path.split_once('.').unwrap();
                for owner in policies.departments() {
                    let verdict = |scope: &Scope| scope.field(type_name, field, Some(owner)).clone();
                    let weaker = verdict(one).weaker(&verdict(other)).clone();
                    assert_eq!(verdict(&both), weaker, "{path} of {owner}");
                    let is_shown = both.type_owners(type_name).includes(Some(owner));
                    assert!(!is_shown || one.type_owners(type_name).includes(Some(owner)), "{path} of {owner}");
                    assert!(!is_shown || other.type_owners(type_name).includes(Some(owner)), "{path} of {owner}");
                }
            }
            for action in Action::ALL {
                for department in policies.departments() {
                    let may = |scope: &Scope| scope.may(action, department).is_allowed();
                    assert_eq!(may(&both), may(one) && may(other), "{action:?} {department}");
                }
            }
        }
    }
    let all = Scope::system("test");
    assert!(!scopes[0].narrowed(&all).is_system() && !all.narrowed(&scopes[0]).is_system());
}

#[test]
fn a_narrowed_scope_has_the_rows_that_both_have() {
    let see = |department: &str, condition: &str| {
        format!(
            "permit (principal in Onefold::Department::\"{department}\", action == Onefold::Action::\"see\", resource is Onefold::Customer) when {{ {condition} }};"
        )
    };
    let text = [
        "@id(\"b\")",
        &see("billing", "resource.countries.contains(\"AT\")"),
        "@id(\"s\")",
        &see("support", "resource.kind == \"PERSON\""),
    ]
    .concat();
    let set = policies(&text);
    let scope = |of: &str| set.scope(&actor(&[of], &[]));
    let both = scope("billing").narrowed(&scope("support"));
    assert_eq!(both.rows("Customer").to_string(), "countries has AT and kind is PERSON");
    assert_eq!(scope("marketing").narrowed(&scope("billing")).rows("Customer").to_string(), "countries has AT");
    assert_eq!(scope("billing").narrowed(&scope("marketing")).rows("Customer").to_string(), "countries has AT");
    assert!(scope("marketing").narrowed(&scope("marketing")).rows("Customer").is_always());
}
