//! The answer as bytes, straight from what was read.

mod leaf;

use super::plan::{
    AddressPart, Connection, ContactPart, Customers, Edge, Item, Keyed, NodePart, PageInfo, RestrictionPart,
};
use crate::app::{Contact, CustomerOrder, PackedActivity, PlannedCustomer, PlannedList, Restriction, Session, Slice};
use onefold_model::{CustomerId, PartyKind, PostalAddress, Timestamp};
use std::io::Write;

/// What has been written of an answer.
pub(super) struct Written {
    pub(super) bytes: Vec<u8>,
    /// The objects in it, which is what it comes to.
    pub(super) objects: u64,
}

/// What there is around a page.
struct Around {
    /// How many there are in all; none where that was not asked.
    count: Option<i64>,
    has_previous: bool,
    has_next: bool,
}

impl Written {
    pub(super) fn new() -> Self {
        Self { bytes: Vec::with_capacity(4096), objects: 0 }
    }

    pub(super) fn text(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
    }

    /// The name of a field, by its place from 0: behind a comma where it is not the first.
    pub(super) fn key(&mut self, at: usize, key: &str) {
        if at > 0 {
            self.bytes.push(b',');
        }
        self.text(key);
    }

    /// A text in quotes, escaped as the executor's answers are.
    fn quoted(&mut self, text: &str) -> Option<()> {
        serde_json::to_writer(&mut self.bytes, text).ok()
    }

    fn quoted_or_null(&mut self, text: Option<&str>) -> Option<()> {
        if let Some(text) = text {
            return self.quoted(text);
        }
        self.text("null");
        Some(())
    }

    fn shown(&mut self, value: impl std::fmt::Display) -> Option<()> {
        write!(self.bytes, "{value}").ok()
    }

    /// An id or a time: nothing in it is to be escaped.
    fn in_quotes(&mut self, value: impl std::fmt::Display) -> Option<()> {
        write!(self.bytes, "\"{value}\"").ok()
    }

    fn time(&mut self, at: Timestamp) -> Option<()> {
        self.in_quotes(at.to_rfc3339())
    }

    fn object<T>(&mut self, parts: &[Keyed<T>], mut write: impl FnMut(&mut Self, &T) -> Option<()>) -> Option<()> {
        self.objects += 1;
        self.bytes.push(b'{');
        for (at, part) in parts.iter().enumerate() {
            self.key(at, &part.key);
            write(self, &part.what)?;
        }
        self.bytes.push(b'}');
        Some(())
    }

    fn list<T>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        mut write: impl FnMut(&mut Self, T) -> Option<()>,
    ) -> Option<()> {
        self.bytes.push(b'[');
        for (at, item) in items.into_iter().enumerate() {
            if at > 0 {
                self.bytes.push(b',');
            }
            write(self, item)?;
        }
        self.bytes.push(b']');
        Some(())
    }

    /// A page of customers.
    pub(super) fn customers(
        &mut self,
        session: &Session,
        parts: &[Keyed<Connection<Customers>>],
        page: &Slice<PlannedCustomer>,
        (order, count): (CustomerOrder, Option<i64>),
    ) -> Option<()> {
        let around = Around { count, has_previous: page.has_previous, has_next: page.has_next };
        let cursor = |(_, customer): &(String, PlannedCustomer)| order.cursor(&customer.row);
        self.page(parts, &page.rows, &around, cursor, |out, of, (_, customer)| {
            out.customer(session, of, customer, customer.row.id)
        })
    }

    fn page<T, N>(
        &mut self,
        parts: &[Keyed<Connection<N>>],
        rows: &[T],
        around: &Around,
        cursor: impl Fn(&T) -> String,
        mut node: impl FnMut(&mut Self, &N, &T) -> Option<()>,
    ) -> Option<()> {
        self.object(parts, |out, part| match part {
            Connection::TotalCount => out.shown(around.count?),
            Connection::PageInfo(parts) => out.object(parts, |out, part| match part {
                PageInfo::HasNextPage => out.shown(around.has_next),
                PageInfo::HasPreviousPage => out.shown(around.has_previous),
                PageInfo::StartCursor => out.quoted_or_null(rows.first().map(&cursor).as_deref()),
                PageInfo::EndCursor => out.quoted_or_null(rows.last().map(&cursor).as_deref()),
            }),
            Connection::Nodes(of) => out.list(rows, |out, row| node(out, of, row)),
            Connection::Edges(parts) => out.list(rows, |out, row| {
                out.object(parts, |out, part| match part {
                    Edge::Cursor => out.in_quotes(cursor(row)),
                    Edge::Node(of) => node(out, of, row),
                })
            }),
        })
    }

    /// A customer; `asked` is the id by which it was found.
    pub(super) fn customer(
        &mut self,
        session: &Session,
        of: &Customers,
        customer: &PlannedCustomer,
        asked: CustomerId,
    ) -> Option<()> {
        let items = match customer.row.kind {
            PartyKind::Person => &of.person,
            PartyKind::Organization => &of.organization,
        };
        let (row, values) = (&customer.row, &customer.values);
        self.object(items, |out, item| match item {
            Item::Typename(name) => out.quoted(name),
            Item::Id => out.in_quotes(row.id),
            Item::RedirectedFrom if asked == row.id => out.quoted_or_null(None),
            Item::RedirectedFrom => out.in_quotes(asked),
            Item::Version => out.shown(row.version),
            Item::CreatedAt => out.time(row.created_at),
            Item::ChangedAt => out.time(row.updated_at),
            Item::RecordCount => out.shown(row.record_count),
            Item::Text(name) => out.quoted_or_null(values.fields.get::<String>(name).as_deref()),
            Item::Texts(name) => match values.fields.get::<Vec<String>>(name) {
                Some(texts) => out.list(&texts, |out, text| out.quoted(text)),
                None => out.quoted_or_null(None),
            },
            Item::BirthDate => match values.fields.get::<onefold_model::PartialDate>("birthDate") {
                Some(date) => out.quoted(&date.to_string()),
                None => out.quoted_or_null(None),
            },
            Item::Address(parts) => match values.fields.get::<PostalAddress>("address") {
                Some(address) => out.address(parts, &address),
                None => out.quoted_or_null(None),
            },
            Item::Emails(parts) => out.list(&values.emails, |out, one| out.contact(parts, one, "EmailAddress")),
            Item::Phones(parts) => out.list(&values.phones, |out, one| out.contact(parts, one, "PhoneNumber")),
            Item::Restrictions(parts) => out.restrictions(parts, &values.restrictions),
            Item::List(at, parts) => match customer.lists.get(*at)? {
                Some(list) => out.activities(session, parts, list),
                None => out.quoted_or_null(None),
            },
        })
    }

    fn address(&mut self, parts: &[Keyed<AddressPart>], address: &PostalAddress) -> Option<()> {
        self.object(parts, |out, part| match part {
            AddressPart::Lines => out.list(&address.lines, |out, line| out.quoted(line)),
            AddressPart::Locality => out.quoted_or_null(address.locality.as_deref()),
            AddressPart::Region => out.quoted_or_null(address.region.as_deref()),
            AddressPart::PostalCode => out.quoted_or_null(address.postal_code.as_deref()),
            AddressPart::Country => out.quoted_or_null(address.country.as_deref()),
            AddressPart::Purpose => out.quoted_or_null(address.purpose.as_deref()),
            AddressPart::Typename => out.quoted("PostalAddress"),
        })
    }

    fn contact(&mut self, parts: &[Keyed<ContactPart>], contact: &Contact, type_name: &str) -> Option<()> {
        self.object(parts, |out, part| match part {
            ContactPart::Value => out.quoted_or_null(contact.value.as_deref()),
            ContactPart::Original => out.quoted_or_null(contact.original.as_deref()),
            ContactPart::Primary => out.shown(contact.primary),
            ContactPart::Typename => out.quoted(type_name),
        })
    }

    fn restrictions(&mut self, parts: &[Keyed<RestrictionPart>], withheld: &[Restriction]) -> Option<()> {
        self.list(withheld, |out, one| {
            out.object(parts, |out, part| match part {
                RestrictionPart::Path => out.quoted(&one.path),
                RestrictionPart::Kind => out.quoted(one.kind),
                RestrictionPart::Reason => out.quoted(one.reason),
                RestrictionPart::Policy => out.quoted_or_null(one.policy.as_deref()),
                RestrictionPart::Typename => out.quoted("Restriction"),
            })
        })
    }

    fn activities(
        &mut self,
        session: &Session,
        parts: &[Keyed<Connection<Vec<Keyed<NodePart>>>>],
        list: &PlannedList,
    ) -> Option<()> {
        let rows: Vec<(usize, &PackedActivity)> = list.rows().iter().enumerate().collect();
        // Nested lists are planned from their beginning alone.
        let around = Around { count: list.total(), has_previous: false, has_next: list.has_next };
        let cursor = |(_, row): &(usize, &PackedActivity)| row.cursor();
        self.page(parts, &rows, &around, cursor, |out, of, (at, row)| {
            out.object(of, |out, part| match part {
                NodePart::Typename(name) => out.quoted(name),
                NodePart::Id => out.in_quotes(row.id?),
                NodePart::Version => out.shown(row.version?),
                NodePart::ChangedAt => out.time(row.changed_at?),
                NodePart::Restrictions(parts) => {
                    let withheld = session.planned_restrictions(list.kind(), list.department(row)).ok()?;
                    out.restrictions(parts, &withheld)
                }
                NodePart::Field(field, leaf) => out.leaf(leaf, list.cell(*at, *field)),
            })
        })
    }
}
