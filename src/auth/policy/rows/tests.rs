use super::super::PolicySet;
use crate::auth::sample::{actor, departments, graph, policies, shipped};
use crate::auth::scope::{RowAttribute as A, RowCondition as C, Scope};

const HEAD: &str = r#"@id("a") permit (principal in Onefold::Department::"marketing", action == Onefold::Action::"see",
    resource is Onefold::Customer)"#;

fn of_marketing(text: &str) -> C {
    policies(text).scope(&actor(&["marketing"], &[])).rows("Customer").clone()
}

fn when(condition: &str) -> C {
    of_marketing(&format!("{HEAD}\nwhen {{ {condition} }};"))
}

fn has(attribute: A, values: &[&str]) -> C {
    C::has(attribute, values.iter().map(|value| (*value).to_owned()))
}

fn refused(condition: &str) -> String {
    let text = format!("{HEAD}\nwhen {{ {condition} }};");
    let errors = PolicySet::load(&[("own.cedar", text)], &graph(), &departments()).unwrap_err();
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_shipped_policies_show_every_row() {
    for (departments, roles) in [(&["billing"][..], &[][..]), (&["marketing", "support"][..], &["steward"][..])] {
        let scope = shipped().scope(&actor(departments, roles));
        for type_name in super::row_types() {
            assert_eq!(scope.rows(type_name), &C::Always, "{type_name}");
        }
    }
    assert_eq!(Scope::system("test").rows("Customer"), &C::Always);
}

#[test]
fn a_condition_says_the_same_as_its_policy() {
    assert_eq!(when(r#"resource.countries.contains("AT")"#), has(A::Countries, &["AT"]));
    assert_eq!(when(r#"resource.countries.containsAny(["AT", "DE"])"#), has(A::Countries, &["AT", "DE"]));
    let both = C::All(vec![has(A::Tags, &["a"]), has(A::Tags, &["b"])]);
    assert_eq!(when(r#"resource.tags.containsAll(["a", "b"])"#), both);
    assert_eq!(when(r#"resource.kind == "PERSON""#), has(A::Kind, &["PERSON"]));
    assert_eq!(when(r#""PERSON" != resource.kind"#), C::Not(Box::new(has(A::Kind, &["PERSON"]))));
    assert_eq!(
        when(r#"["PERSON", "ORGANIZATION"].contains(resource.kind)"#),
        has(A::Kind, &["ORGANIZATION", "PERSON"])
    );
    assert_eq!(when("resource.granted.isEmpty()"), C::Empty(A::Granted));
    assert_eq!(
        when(r#"if resource.kind == "PERSON" then resource.tags.contains("a") else true"#),
        C::Any(vec![
            C::All(vec![has(A::Kind, &["PERSON"]), has(A::Tags, &["a"])]),
            C::Not(Box::new(has(A::Kind, &["PERSON"]))),
        ])
    );
}

#[test]
fn what_departments_and_roles_decide_is_decided() {
    assert_eq!(when(r#"principal in Onefold::Role::"chief" || resource.tags.contains("a")"#), has(A::Tags, &["a"]));
    assert_eq!(when(r#"principal in Onefold::Department::"marketing""#), C::Always);
    assert_eq!(when(r#"principal in Onefold::Role::"chief""#), C::Never);
    assert_eq!(when("principal in resource.departments"), has(A::Departments, &["marketing"]));
    let text = format!(
        "{HEAD}\nwhen {{ resource.tags.contains(\"a\") }} unless {{ principal in Onefold::Role::\"intern\" }};"
    );
    let set = policies(&text);
    assert_eq!(set.scope(&actor(&["marketing"], &["intern"])).rows("Customer"), &C::Never);
    assert_eq!(set.scope(&actor(&["marketing"], &[])).rows("Customer"), &has(A::Tags, &["a"]));
    assert_eq!(set.scope(&actor(&["billing"], &[])).rows("Customer"), &C::Always, "nobody speaks of Billing's rows");
    assert_eq!(set.scope(&actor(&["marketing"], &[])).rows("Invoice"), &C::Always, "nor of invoices");
}

#[test]
fn a_forbid_beats_every_permit() {
    let forbid = r#"@id("b") forbid (principal, action == Onefold::Action::"see", resource is Onefold::Customer)
        when { resource.tags.contains("staff") };"#;
    let no_staff = || C::Not(Box::new(has(A::Tags, &["staff"])));
    assert_eq!(of_marketing(forbid), no_staff());
    let both = format!("{HEAD} when {{ resource.kind == \"PERSON\" }};\n{forbid}");
    assert_eq!(of_marketing(&both), C::All(vec![has(A::Kind, &["PERSON"]), no_staff()]));
    let all = r#"@id("c") forbid (principal, action, resource);"#;
    assert_eq!(of_marketing(&format!("{HEAD};\n{all}")), C::Never);
}

#[test]
fn a_forbid_of_a_type_of_fields_says_nothing_of_rows() {
    let forbid = r#"@id("b") forbid (principal, action, resource in Onefold::Type::"Customer");"#;
    assert_eq!(of_marketing(forbid), C::Always);
    let within = r#"@id("b") forbid (principal, action, resource) when { resource in Onefold::Type::"Customer" };"#;
    assert_eq!(of_marketing(within), C::Always);
}

#[test]
fn a_condition_that_cannot_become_sql_is_refused_with_what_can_be_used() {
    assert_eq!(
        refused(r#"resource.kind == "PERSON" && resource.kind like "P*""#),
        "own.cedar:3:51: a condition on rows cannot become SQL with like: use == with the whole value, or contains on a set"
    );
    assert!(refused("resource.countries == resource.regions").contains("own.cedar:3:8: a condition on rows cannot"));
    assert!(refused(r#"resource.countries == ["AT"]"#).contains("use contains, containsAny"));
    assert!(refused("resource.countries.containsAny(resource.tags)").contains("cannot become SQL with contains"));
    assert!(refused(r#"resource.country == "AT""#).contains("own.cedar:3"), "an attribute that there is not");
    let one = r#"resource == Onefold::Customer::"5b0c""#;
    assert!(refused(one).contains("a policy speaks of rows by what they are, not of one row by its id"));
}
