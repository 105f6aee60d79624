//! Tickets, interactions and feedback.

use super::{Channel, Extensions, Facets, RecordRef};
use crate::Timestamp;
use crate::field::{Describe, Field, FieldType, camel_case};
use crate::value::{FieldValue, Filled};
use serde::{Deserialize, Serialize};

words! {
    /// The state of a ticket.
    TicketStatus {
        /// Nobody has looked at it.
        New = "NEW",
        /// Being worked on.
        Open = "OPEN",
        /// Waiting for the customer.
        Pending = "PENDING",
        /// Waiting for somebody else.
        OnHold = "ON_HOLD",
        /// Answered.
        Solved = "SOLVED",
        /// Answered and no longer open to change.
        Closed = "CLOSED",
    }
}

words! {
    /// How much something presses.
    Priority {
        /// When there is time.
        Low = "LOW",
        /// In its turn.
        Normal = "NORMAL",
        /// Before others.
        High = "HIGH",
        /// Now.
        Urgent = "URGENT",
    }
}

record! {
    /// A customer's request and its answer.
    Ticket {
        /// The number that people know it by.
        number: Option<String>,
        /// Who asked.
        customer: Option<RecordRef>,
        /// The organisation on whose behalf.
        organization: Option<RecordRef>,
        /// What it is about.
        subject: Option<String>,
        /// Its state.
        status: Option<TicketStatus>,
        /// How much it presses.
        priority: Option<Priority>,
        /// How it arrived.
        channel: Option<Channel>,
        /// When it arrived.
        opened_at: Option<Timestamp>,
        /// When it last changed.
        updated_at: Option<Timestamp>,
        /// When it was answered for good.
        solved_at: Option<Timestamp>,
        /// Labels.
        #[serde(default)]
        tags: Vec<String>,
        /// Custom fields of the source.
        #[serde(default)]
        extensions: Extensions,
    }
}

words! {
    /// Who spoke.
    Direction {
        /// The customer.
        Inbound = "INBOUND",
        /// The company.
        Outbound = "OUTBOUND",
    }
}

words! {
    /// The form of an interaction.
    InteractionKind {
        /// A written message.
        Message = "MESSAGE",
        /// A call.
        Call = "CALL",
        /// A meeting.
        Meeting = "MEETING",
        /// A remark among colleagues.
        Note = "NOTE",
        /// A visit to a page or a use of the product.
        Visit = "VISIT",
    }
}

record! {
    /// One thing said or done between a customer and the company.
    Interaction {
        /// Whose it is.
        customer: Option<RecordRef>,
        /// The ticket that it belongs to.
        ticket: Option<RecordRef>,
        /// Its form.
        kind: Option<InteractionKind>,
        /// Who spoke.
        direction: Option<Direction>,
        /// The way that it was said.
        channel: Option<Channel>,
        /// When.
        at: Option<Timestamp>,
        /// What it is about.
        subject: Option<String>,
        /// What was said, or the gist.
        summary: Option<String>,
        /// Custom fields of the source.
        #[serde(default)]
        extensions: Extensions,
    }
}

words! {
    /// How an opinion was asked for.
    FeedbackInstrument {
        /// Net promoter score.
        Nps = "NPS",
        /// Satisfaction with one thing.
        Csat = "CSAT",
        /// Effort that it took.
        Ces = "CES",
        /// A public review.
        Review = "REVIEW",
        /// Praise.
        Compliment = "COMPLIMENT",
    }
}

record! {
    /// What a customer thinks.
    Feedback {
        /// Whose it is.
        customer: Option<RecordRef>,
        /// The ticket that it is about.
        ticket: Option<RecordRef>,
        /// How it was asked for.
        instrument: Option<FeedbackInstrument>,
        /// The figure that was given.
        score: Option<i64>,
        /// The highest figure that could have been given.
        score_max: Option<i64>,
        /// In words.
        comment: Option<String>,
        /// When.
        at: Option<Timestamp>,
        /// Custom fields of the source.
        #[serde(default)]
        extensions: Extensions,
    }
}

facets! {
    Ticket |r| { party: r.customer.as_ref(), parent: r.organization.as_ref(), occurred_at: r.opened_at,
        status: r.status.map(TicketStatus::as_str), number: r.number.as_deref() }
    Interaction |r| { party: r.customer.as_ref(), parent: r.ticket.as_ref(), occurred_at: r.at }
    Feedback |r| { party: r.customer.as_ref(), parent: r.ticket.as_ref(), occurred_at: r.at }
}
