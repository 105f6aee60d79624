//! An invoice, what was tried to get it paid, and what the feed tells of it.

use super::super::Rows;
use super::super::calendar::Calendar;
use super::super::random::Random;
use super::billing::currency;
use super::charge::{Attempt, Outcome, charge, refund};
use crate::http::vendor::stripe::event;
use serde_json::{Value, json};

/// What an invoice is written for.
pub(super) struct Bill<'a> {
    pub(super) customer: &'a Value,
    pub(super) subscription: Option<&'a str>,
    pub(super) product: &'a str,
    /// In minor units, before tax.
    pub(super) net: i64,
    pub(super) days_ago: i64,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Paid,
    /// The first try failed, the second did not.
    PaidLate,
    /// Paid and given back in full.
    Refunded,
    /// Paid and given back in part.
    PartlyRefunded,
    Open,
    Uncollectible,
    Void,
    Draft,
}

/// Writes an invoice with its charges, refunds and events; gives the invoice back.
pub(super) fn add(rows: &mut Rows, bill: &Bill<'_>, calendar: &Calendar, random: &mut Random) -> Value {
    let fate = fate(bill, random);
    let created = calendar.days_ago(bill.days_ago, random);
    let invoice_id = random.key("in", 24);
    let total = bill.net + tax(bill);
    let mut attempt = Attempt {
        customer: bill.customer,
        invoice: &invoice_id,
        amount: total,
        created: calendar.after(created, 2, random),
        outcome: Outcome::Succeeded,
    };
    let mut charges = Vec::new();
    match fate {
        Fate::Paid => charges.push(charge(&attempt, random)),
        Fate::PaidLate => {
            charges.push(charge(&Attempt { outcome: Outcome::Failed, ..attempt }, random));
            attempt.created = calendar.after(attempt.created, 70, random);
            charges.push(charge(&attempt, random));
        }
        Fate::Refunded | Fate::PartlyRefunded => {
            // Stripe takes full tens of the thousandths of a dinar.
            let given_back = if fate == Fate::Refunded { total } else { total / 20 * 10 };
            attempt.outcome = Outcome::Refunded(given_back);
            charges.push(charge(&attempt, random));
        }
        Fate::Open | Fate::Uncollectible => {
            charges.push(charge(&Attempt { outcome: Outcome::Failed, ..attempt }, random));
        }
        Fate::Void | Fate::Draft => {}
    }
    let paid_at =
        matches!(fate, Fate::Paid | Fate::PaidLate | Fate::Refunded | Fate::PartlyRefunded).then_some(attempt.created);
    let invoice = invoice(bill, fate, &invoice_id, created, paid_at, charges.last(), random);
    for charge in &charges {
        if let Outcome::Refunded(amount) = attempt.outcome {
            let refund = refund(charge, amount, calendar.after(attempt.created, 24 * 6, random), random);
            tell(rows, "charge.refunded", charge, refund["created"].as_i64(), calendar, random);
            rows.entry("refunds".to_owned()).or_default().push(refund);
        }
        let kind = if charge["status"] == "failed" { "charge.failed" } else { "charge.succeeded" };
        tell(rows, kind, charge, charge["created"].as_i64(), calendar, random);
    }
    if paid_at.is_some() {
        tell(rows, "invoice.paid", &invoice, paid_at, calendar, random);
    }
    rows.entry("charges".to_owned()).or_default().extend(charges);
    rows.entry("invoices".to_owned()).or_default().push(invoice.clone());
    invoice
}

/// The feed keeps thirty days.
fn tell(rows: &mut Rows, kind: &str, object: &Value, at: Option<i64>, calendar: &Calendar, random: &mut Random) {
    let Some(at) = at.filter(|at| calendar.is_within(*at, 29)) else { return };
    let told = event(&random.key("evt", 24), kind, at, object);
    rows.entry("events".to_owned()).or_default().push(told);
}

fn fate(bill: &Bill<'_>, random: &mut Random) -> Fate {
    let is_fresh = bill.days_ago <= 20;
    match random.below(100) {
        0..6 => Fate::PaidLate,
        6..8 => Fate::Refunded,
        8..11 => Fate::PartlyRefunded,
        11..18 if is_fresh => Fate::Open,
        18..20 if is_fresh && bill.subscription.is_none() => Fate::Draft,
        11..13 => Fate::Uncollectible,
        13..15 => Fate::Void,
        _ => Fate::Paid,
    }
}

/// A fifth for who pays in euros or pounds, a quarter for who pays in kronor, a tenth in Japan.
fn tax(bill: &Bill<'_>) -> i64 {
    match currency(bill.customer) {
        "eur" | "gbp" => bill.net / 5,
        "sek" => bill.net / 4,
        "jpy" => bill.net / 10,
        _ => 0,
    }
}

fn invoice(
    bill: &Bill<'_>,
    fate: Fate,
    id: &str,
    created: i64,
    paid_at: Option<i64>,
    charge: Option<&Value>,
    random: &mut Random,
) -> Value {
    let customer = bill.customer;
    let total = bill.net + tax(bill);
    let paid = if paid_at.is_some() { total } else { 0 };
    let status = match fate {
        Fate::Paid | Fate::PaidLate | Fate::Refunded | Fate::PartlyRefunded => "paid",
        Fate::Open => "open",
        Fate::Uncollectible => "uncollectible",
        Fate::Void => "void",
        Fate::Draft => "draft",
    };
    let finalized = (fate != Fate::Draft).then_some(created + 3600);
    let prefix = customer["invoice_prefix"].as_str().unwrap_or("DEMO");
    // Rising with time, and no two of a customer alike.
    let number = finalized.map(|_| format!("{prefix}-{:04}", 9_999 - bill.days_ago));
    json!({
        "id": id,
        "object": "invoice",
        "account_country": "AT",
        "account_name": "Onefold demo",
        "amount_due": total,
        "amount_paid": paid,
        "amount_remaining": total - paid,
        "attempt_count": if fate == Fate::PaidLate { 2 } else { i32::from(charge.is_some()) },
        "attempted": charge.is_some(),
        "billing_reason": if bill.subscription.is_some() { "subscription_cycle" } else { "manual" },
        "charge": charge.map(|charge| charge["id"].clone()),
        "collection_method": "charge_automatically",
        "created": created,
        "currency": customer["currency"],
        "customer": customer["id"],
        "customer_address": customer["address"],
        "customer_email": customer["email"],
        "customer_name": customer["name"],
        "customer_phone": customer["phone"],
        "description": null,
        "due_date": created + 14 * 86_400,
        "lines": {
            "object": "list",
            "data": [{
                "id": random.key("il", 24),
                "object": "line_item",
                "amount": bill.net,
                "currency": customer["currency"],
                "description": bill.product,
                "livemode": false,
                "metadata": {},
                "period": {"start": created, "end": created + 30 * 86_400},
                "quantity": 1,
                "subscription": bill.subscription,
                "type": if bill.subscription.is_some() { "subscription" } else { "invoiceitem" },
            }],
            "has_more": false,
            "url": format!("/v1/invoices/{id}/lines"),
        },
        "livemode": false,
        "metadata": {},
        "number": number,
        "paid": paid_at.is_some(),
        "period_end": created + 30 * 86_400,
        "period_start": created,
        "status": status,
        "status_transitions": {
            "finalized_at": finalized,
            "marked_uncollectible_at": (fate == Fate::Uncollectible).then_some(created + 4 * 3600),
            "paid_at": paid_at,
            "voided_at": (fate == Fate::Void).then_some(created + 7200),
        },
        "subscription": bill.subscription,
        "subtotal": bill.net,
        "tax": tax(bill),
        "total": total,
        "total_excluding_tax": bill.net,
    })
}
