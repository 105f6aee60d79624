//! A try to take money, and giving it back.

use super::super::random::Random;
use serde_json::{Value, json};

/// How a try ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Succeeded,
    Failed,
    /// Succeeded, and so many minor units were given back later.
    Refunded(i64),
}

/// One try.
#[derive(Clone, Copy)]
pub(super) struct Attempt<'a> {
    pub(super) customer: &'a Value,
    pub(super) invoice: &'a str,
    /// In minor units.
    pub(super) amount: i64,
    pub(super) created: i64,
    pub(super) outcome: Outcome,
}

const FAILURES: &[(&str, &str)] = &[
    ("card_declined", "Your card was declined."),
    ("expired_card", "Your card has expired."),
    ("insufficient_funds", "Your card has insufficient funds."),
];

pub(super) fn charge(attempt: &Attempt<'_>, random: &mut Random) -> Value {
    let Attempt { customer, invoice, amount, created, outcome } = *attempt;
    let failed = outcome == Outcome::Failed;
    let (code, message) = *random.pick(FAILURES);
    let given_back = if let Outcome::Refunded(given_back) = outcome { given_back } else { 0 };
    let id = random.key("ch", 24);
    let is_debit = customer["currency"] == "eur" && random.chance(30);
    let method = if is_debit {
        json!({"type": "sepa_debit", "sepa_debit": {"country": "AT", "last4": "3201"}})
    } else {
        json!({"type": "card", "card": {"brand": "visa", "country": "US", "exp_month": 8, "exp_year": 2030, "last4": "4242"}})
    };
    json!({
        "id": id,
        "object": "charge",
        "amount": amount,
        "amount_captured": if failed { 0 } else { amount },
        "amount_refunded": given_back,
        "balance_transaction": if failed { Value::Null } else { Value::from(random.key("txn", 24)) },
        "billing_details": {
            "address": customer["address"],
            "email": customer["email"],
            "name": customer["name"],
            "phone": customer["phone"],
        },
        "captured": !failed,
        "created": created,
        "currency": customer["currency"],
        "customer": customer["id"],
        "description": "Subscription update",
        "disputed": false,
        "failure_code": failed.then_some(code),
        "failure_message": failed.then_some(message),
        "invoice": invoice,
        "livemode": false,
        "metadata": {},
        "outcome": {
            "network_status": if failed { "declined_by_network" } else { "approved_by_network" },
            "type": if failed { "issuer_declined" } else { "authorized" },
        },
        "paid": !failed,
        "payment_intent": random.key("pi", 24),
        "payment_method": random.key("pm", 24),
        "payment_method_details": method,
        "receipt_email": customer["email"],
        "refunded": !failed && given_back == amount,
        "status": if failed { "failed" } else { "succeeded" },
    })
}

pub(super) fn refund(charge: &Value, amount: i64, created: i64, random: &mut Random) -> Value {
    json!({
        "id": random.key("re", 24),
        "object": "refund",
        "amount": amount,
        "balance_transaction": random.key("txn", 24),
        "charge": charge["id"],
        "created": created,
        "currency": charge["currency"],
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "reason": if random.chance(60) { "requested_by_customer" } else { "duplicate" },
        "receipt_number": null,
        "status": "succeeded",
    })
}
