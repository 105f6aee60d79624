//! What a customer is billed: a subscription with its invoices, or an invoice now and then.

use super::super::Rows;
use super::super::calendar::Calendar;
use super::super::random::Random;
use super::invoice::{self, Bill};
use serde_json::{Value, json};

/// A product and its monthly price in euros.
const PLANS: &[(&str, i64)] = &[("Onefold Starter", 19), ("Onefold Team", 79), ("Onefold Business", 249)];

/// Adds a customer and what the customer was billed for. The hero always subscribes, from the first month on.
pub(super) fn add(rows: &mut Rows, customer: Value, is_hero: bool, calendar: &Calendar, random: &mut Random) {
    if calendar.months() > 0 {
        if is_hero || random.chance(62) {
            subscribe(rows, &customer, is_hero, calendar, random);
        } else if random.chance(60) {
            for at in 0..=random.time_below(3) {
                // Never two on one day.
                let days = 2 + at + 3 * random.time_below(calendar.history_days() / 3);
                let bill = Bill {
                    customer: &customer,
                    subscription: None,
                    product: "Onboarding workshop",
                    net: minor(290, currency(&customer)),
                    days_ago: days,
                };
                invoice::add(rows, &bill, calendar, random);
            }
        }
    }
    rows.entry("customers".to_owned()).or_default().push(customer);
}

/// The price of so many euros in minor units of a currency, at the round rates of a price list. Yen has no minor unit,
/// the dinar has thousandths of which Stripe takes full tens.
pub(super) fn minor(euros: i64, currency: &str) -> i64 {
    match currency {
        "jpy" => euros * 160,
        "kwd" => euros * 330,
        "sek" => euros * 1100,
        _ => euros * 100,
    }
}

pub(super) fn currency(customer: &Value) -> &str {
    customer["currency"].as_str().unwrap_or("eur")
}

fn subscribe(rows: &mut Rows, customer: &Value, is_hero: bool, calendar: &Calendar, random: &mut Random) {
    let months = i64::from(calendar.months());
    let first = if is_hero { months } else { 1 + random.time_below(months) };
    let (product, euros) = if is_hero { PLANS[1] } else { *random.pick(PLANS) };
    let quantity = if random.chance(25) { 2 + random.time_below(8) } else { 1 };
    let day_of_month = random.time_below(28);
    let started = first * 30 - day_of_month;
    // Who left did so between two invoices.
    let left = (!is_hero && first > 1 && random.chance(16)).then(|| 1 + random.time_below(first - 1));
    let price = minor(euros, currency(customer));
    let id = random.key("sub", 24);
    let mut latest = Value::Null;
    let mut latest_open = false;
    let is_trial = !is_hero && left.is_none() && started <= 14;
    let billed = if is_trial { 0..0 } else { left.unwrap_or(0)..first };
    for month in billed.rev() {
        let days_ago = started - (first - 1 - month) * 30;
        if days_ago < 1 {
            continue;
        }
        let bill = Bill { customer, subscription: Some(&id), product, net: price * quantity, days_ago };
        let invoice = invoice::add(rows, &bill, calendar, random);
        latest_open = invoice["status"] != "paid";
        latest = invoice["id"].clone();
    }
    let start = calendar.days_ago(started, random);
    let status = match left {
        Some(_) => "canceled",
        None if is_trial => "trialing",
        None if latest_open && !is_hero => "past_due",
        None => "active",
    };
    let period_start = calendar.days_ago(left.unwrap_or(0) * 30 + started % 30, random);
    let period_end = period_start + 30 * 86_400;
    let ended = left.map(|month| calendar.days_ago(month * 30, random));
    let interval = json!({"interval": "month", "interval_count": 1, "usage_type": "licensed"});
    let product_id = format!("prod_{}", product.replace(' ', ""));
    let subscription = json!({
        "id": id,
        "object": "subscription",
        "billing_cycle_anchor": start,
        "cancel_at": null,
        "cancel_at_period_end": false,
        "canceled_at": ended,
        "cancellation_details": {
            "comment": null,
            "feedback": left.map(|month| if month % 2 == 0 { "too_expensive" } else { "switched_service" }),
            "reason": left.map(|_| "cancellation_requested"),
        },
        "collection_method": "charge_automatically",
        "created": start,
        "currency": currency(customer),
        "current_period_end": period_end,
        "current_period_start": period_start,
        "customer": customer["id"],
        "days_until_due": null,
        "description": product,
        "ended_at": ended,
        "items": {
            "object": "list",
            "data": [{
                "id": random.key("si", 14),
                "object": "subscription_item",
                "created": start,
                "metadata": {},
                "price": {
                    "id": format!("price_{}", product_id.trim_start_matches("prod_")),
                    "object": "price",
                    "active": true,
                    "billing_scheme": "per_unit",
                    "currency": currency(customer),
                    "nickname": product,
                    "product": product_id,
                    "recurring": interval,
                    "type": "recurring",
                    "unit_amount": price,
                    "unit_amount_decimal": price.to_string(),
                },
                "quantity": quantity,
                "subscription": id,
            }],
            "has_more": false,
            "url": format!("/v1/subscription_items?subscription={id}"),
        },
        "latest_invoice": latest,
        "livemode": false,
        "metadata": {},
        "pause_collection": null,
        "start_date": start,
        "status": status,
        "trial_end": if status == "trialing" { Value::from(start + 30 * 86_400) } else { Value::Null },
        "trial_start": if status == "trialing" { Value::from(start) } else { Value::Null },
    });
    rows.entry("subscriptions".to_owned()).or_default().push(subscription);
}
