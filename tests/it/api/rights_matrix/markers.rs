//! Texts that stand in one place of the data, and whether an answer holds one that whoever asked may not see.

use super::super::story::{mailbox, phone};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use onefold::auth::Scope;
use onefold_model::DepartmentKey;
use serde_json::Value;

/// A text of the data with every field that says it, each with its owner.
pub(super) struct Marker {
    pub(super) text: String,
    pub(super) said: Vec<(String, &'static str)>,
}

/// Who said what of the first person, in the words of the story and of what is added to it. Each payload says it too.
/// Where a text shares a word with another, it is cut to what is its own: search finds by each word.
pub(super) fn markers() -> Vec<Marker> {
    let mut all = Vec::new();
    let mut add = |text: &str, owners: &[&'static str], paths: &str| {
        let paths = paths.split_whitespace().chain(["SourceRecord.raw"]);
        let said = paths.flat_map(|path| owners.iter().map(move |owner| (path.to_owned(), *owner)));
        all.push(Marker { text: text.to_lowercase(), said: said.collect() });
    };
    let (billing, support, marketing) = (&["billing"][..], &["support"][..], &["marketing"][..]);
    let everybody = &["billing", "support", "marketing"][..];
    add("Hauptgasse 1", billing, "Customer.address Customer.addresses");
    add("K-0000", billing, "Customer.identifiers");
    add("pays late", billing, "Customer.tags");
    add("Roberti", billing, "Customer.nickname");
    add("impatient", support, "Customer.tags");
    add("1984-03-07", support, "Customer.birthDate");
    add("Buyer", support, "Customer.jobTitle");
    add("Robertchen", marketing, "Customer.nickname");
    add("č Works", marketing, "Customer.company");
    add("4319990000", marketing, "Customer.phone Customer.phones");
    add("reader", marketing, "Customer.tags");
    add(phone(0).trim_start_matches('+'), &["billing", "support"], "Customer.phone Customer.phones");
    add(&mailbox(0), everybody, "Customer.email Customer.emails");
    add("ACC-0000", billing, "Account.number");
    add("\"-3.10\"", billing, "Account.balance");
    add("too dear", billing, "Subscription.cancelReason");
    add("\"9.90\"", billing, "Subscription.recurring");
    add("INV-0000", billing, "Invoice.number");
    add("\"10.25\"", billing, "Invoice.net");
    add("\"2.05\"", billing, "Invoice.tax");
    add("\"99.95\"", billing, "Invoice.total");
    add("no money", billing, "Payment.failureReason");
    add("T-0000", support, "Ticket.number");
    add("Where is it?", support, "Ticket.subject Interaction.subject");
    add("It has not come.", support, "Interaction.summary");
    add("Friendly.", support, "Feedback.comment");
    add("It is warm", marketing, "Campaign.subject");
    add("web form", marketing, "Consent.capturedVia");
    add("telephone", support, "Consent.capturedVia");
    add("Quendel Tea", support, "Customer.tradeNames");
    add("ATU12345678", &["billing", "support"], "Customer.identifiers");
    add("tvasilescu@two.example", support, "Customer.email Customer.emails MatchCandidate.evidence");
    for owner in ["billing", "support", "marketing"] {
        let mut add = |text: String, path: &str| {
            all.push(Marker { text, said: vec![(path.to_owned(), owner)] });
        };
        add(misfit_text(owner), "Quarantine.raw");
        add(run_text(owner), "SyncRun.error");
        add(format!("misfit-key-of-{owner}"), "Quarantine.externalId");
    }
    all
}

/// What a payload of this department says that did not fit.
pub(super) fn misfit_text(owner: &str) -> String {
    format!("misfit-payload-of-{owner}")
}

/// Why a run of this department failed.
pub(super) fn run_text(owner: &str) -> String {
    format!("run-error-of-{owner}")
}

impl Marker {
    /// Whether some field that says it is shown whole.
    pub(super) fn is_for(&self, scope: &Scope) -> bool {
        self.said.iter().any(|(path, owner)| {
            let Some((type_name, field)) = path.split_once('.') else { return false };
            let owner = DepartmentKey::new(*owner).expect("a slug");
            scope.field(type_name, field, Some(&owner)).is_read()
        })
    }
}

/// Everything that an answer says, page cursors opened, in lower case.
pub(super) fn text_of(answer: &Value) -> String {
    let mut text = answer.to_string().to_lowercase();
    open_cursors(answer, &mut text);
    text
}

fn open_cursors(answer: &Value, text: &mut String) {
    match answer {
        Value::Array(items) => items.iter().for_each(|item| open_cursors(item, text)),
        Value::Object(object) => {
            for (key, value) in object {
                match value {
                    Value::String(opaque) if key.to_lowercase().ends_with("cursor") => {
                        let bytes = URL_SAFE_NO_PAD.decode(opaque.trim_end_matches('='));
                        let bytes = bytes.or_else(|_| STANDARD_NO_PAD.decode(opaque.trim_end_matches('=')));
                        text.push_str(&String::from_utf8_lossy(&bytes.expect("a cursor opens")).to_lowercase());
                    }
                    inner => open_cursors(inner, text),
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
