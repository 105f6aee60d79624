//! The fields that are known here: of what type each is, which is how it is written.

use super::plan::{Keyed, MoneyPart};
use onefold_model as model;
use onefold_model::RecordKind;

/// How a value of a record is written.
#[derive(Debug)]
pub(super) enum Leaf {
    Text,
    Texts,
    Time,
    Date,
    Int,
    Word(&'static [&'static str]),
    Money(Vec<Keyed<MoneyPart>>),
}

/// The type of a field of a record.
#[derive(Debug, Clone, Copy)]
pub(super) enum Type {
    Text,
    Texts,
    Time,
    Date,
    Int,
    Word(&'static [&'static str]),
    Money,
}

type Field = (&'static str, Type);

const ACCOUNT: &[Field] = &[
    ("number", Type::Text),
    ("status", Type::Word(model::AccountStatus::WORDS)),
    ("openedOn", Type::Date),
    ("closedOn", Type::Date),
    ("balance", Type::Money),
];
const SUBSCRIPTION: &[Field] = &[
    ("product", Type::Text),
    ("status", Type::Word(model::SubscriptionStatus::WORDS)),
    ("startedAt", Type::Time),
    ("currentPeriodEnd", Type::Time),
    ("cancelledAt", Type::Time),
    ("cancelReason", Type::Text),
    ("recurring", Type::Money),
    ("interval", Type::Text),
];
const INVOICE: &[Field] = &[
    ("number", Type::Text),
    ("status", Type::Word(model::InvoiceStatus::WORDS)),
    ("issuedAt", Type::Time),
    ("dueOn", Type::Date),
    ("paidAt", Type::Time),
    ("net", Type::Money),
    ("tax", Type::Money),
    ("total", Type::Money),
    ("amountDue", Type::Money),
    ("amountPaid", Type::Money),
];
const PAYMENT: &[Field] = &[
    ("amount", Type::Money),
    ("refunded", Type::Money),
    ("status", Type::Word(model::PaymentStatus::WORDS)),
    ("method", Type::Text),
    ("failureReason", Type::Text),
    ("paidAt", Type::Time),
];
const TICKET: &[Field] = &[
    ("number", Type::Text),
    ("subject", Type::Text),
    ("status", Type::Word(model::TicketStatus::WORDS)),
    ("priority", Type::Word(model::Priority::WORDS)),
    ("channel", Type::Word(model::Channel::WORDS)),
    ("openedAt", Type::Time),
    ("updatedAt", Type::Time),
    ("solvedAt", Type::Time),
    ("tags", Type::Texts),
];
const INTERACTION: &[Field] = &[
    ("kind", Type::Word(model::InteractionKind::WORDS)),
    ("direction", Type::Word(model::Direction::WORDS)),
    ("channel", Type::Word(model::Channel::WORDS)),
    ("at", Type::Time),
    ("subject", Type::Text),
    ("summary", Type::Text),
];
const FEEDBACK: &[Field] = &[
    ("instrument", Type::Word(model::FeedbackInstrument::WORDS)),
    ("score", Type::Int),
    ("scoreMax", Type::Int),
    ("comment", Type::Text),
    ("at", Type::Time),
];
const TOUCH: &[Field] = &[
    ("channel", Type::Word(model::Channel::WORDS)),
    ("at", Type::Time),
    ("result", Type::Word(model::TouchResult::WORDS)),
    ("opens", Type::Int),
];
const CONSENT: &[Field] = &[
    ("purpose", Type::Text),
    ("channel", Type::Word(model::Channel::WORDS)),
    ("status", Type::Word(model::ConsentStatus::WORDS)),
    ("legalBasis", Type::Word(model::LegalBasis::WORDS)),
    ("capturedAt", Type::Time),
    ("capturedVia", Type::Text),
];

/// The lists of a customer.
const LISTS: [(&str, RecordKind, &[Field]); 9] = [
    ("accounts", RecordKind::Account, ACCOUNT),
    ("subscriptions", RecordKind::Subscription, SUBSCRIPTION),
    ("invoices", RecordKind::Invoice, INVOICE),
    ("payments", RecordKind::Payment, PAYMENT),
    ("tickets", RecordKind::Ticket, TICKET),
    ("interactions", RecordKind::Interaction, INTERACTION),
    ("feedback", RecordKind::Feedback, FEEDBACK),
    ("campaignTouches", RecordKind::CampaignTouch, TOUCH),
    ("consents", RecordKind::Consent, CONSENT),
];

/// A list of a customer: its name, what is in it, and the fields of that.
pub(super) fn list(name: &str) -> Option<(&'static str, RecordKind, &'static [Field])> {
    LISTS.iter().find(|(known, ..)| *known == name).copied()
}

/// The golden values that are one text.
const TEXTS: [&str; 15] = [
    "displayName",
    "email",
    "phone",
    "language",
    "timeZone",
    "givenName",
    "middleName",
    "familyName",
    "namePrefix",
    "nameSuffix",
    "nickname",
    "company",
    "jobTitle",
    "legalName",
    "address",
];

/// A golden value by its name, if it is one text or an address.
pub(super) fn golden(name: &str) -> Option<&'static str> {
    TEXTS.iter().find(|known| **known == name).copied()
}

/// A list of labels by its name.
pub(super) fn labels(name: &str) -> Option<&'static str> {
    ["tags", "tradeNames", "domains"].into_iter().find(|known| *known == name)
}
