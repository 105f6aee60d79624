//! What kinds of fields there are, as the audit tells them: enough to know what somebody saw, and no value.

use crate::config::AuditReads;
use onefold_model::RecordKind;

macro_rules! kinds {
    ($($(#[doc = $doc:literal])* $kind:ident = $word:literal, $sensitive:literal;)*) => {
        /// A kind of field.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ReadKind { $($(#[doc = $doc])* $kind),* }

        impl ReadKind {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$kind),*];

            /// The word in the audit.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$kind => $word),* }
            }

            /// Whether it does harm in wrong hands.
            pub fn is_sensitive(self) -> bool {
                match self { $(Self::$kind => $sensitive),* }
            }
        }
    };
}

kinds! {
    /// Names, company, language, labels.
    Identity = "identity", false;
    /// The day of birth.
    Birth = "birth", true;
    /// E-mail addresses, telephone numbers, postal addresses.
    Contact = "contact", true;
    /// Numbers that somebody has elsewhere: tax, register.
    Identifier = "identifier", true;
    /// Accounts, subscriptions, invoices, payments.
    Financial = "financial", true;
    /// Tickets, what was said, what somebody thinks.
    Support = "support", true;
    /// Campaigns that reached somebody.
    Marketing = "marketing", false;
    /// What somebody has allowed.
    Consent = "consent", false;
    /// Which sources know somebody.
    Source = "source", false;
    /// What a source said, word for word.
    Payload = "payload", true;
    /// Who said what, and what lost.
    Provenance = "provenance", true;
    /// Records that may be of the same person, with the evidence.
    Matching = "matching", true;
}

impl ReadKind {
    /// The kind of a customer's own field. None of its lists, which are noted where they are read.
    pub fn of_customer_field(field: &str) -> Option<Self> {
        Some(match field {
            "displayName" | "givenName" | "middleName" | "familyName" | "namePrefix" | "nameSuffix" | "nickname"
            | "legalName" | "tradeNames" | "company" | "jobTitle" | "language" | "timeZone" | "domains" | "tags" => {
                Self::Identity
            }
            "birthDate" => Self::Birth,
            "email" | "emails" | "phone" | "phones" | "address" | "addresses" => Self::Contact,
            "identifiers" => Self::Identifier,
            "provenance" => Self::Provenance,
            _ => return None,
        })
    }

    /// The kind of what happened.
    pub fn of_record(kind: RecordKind) -> Self {
        match kind {
            RecordKind::Party => Self::Identity,
            RecordKind::Account | RecordKind::Subscription | RecordKind::Invoice | RecordKind::Payment => {
                Self::Financial
            }
            RecordKind::Ticket | RecordKind::Interaction | RecordKind::Feedback => Self::Support,
            RecordKind::Campaign | RecordKind::CampaignTouch => Self::Marketing,
            RecordKind::Consent => Self::Consent,
        }
    }

    /// Whether reading it is written down.
    pub(super) fn is_wanted(self, reads: AuditReads) -> bool {
        match reads {
            AuditReads::All => true,
            AuditReads::Sensitive => self.is_sensitive(),
            AuditReads::None => false,
        }
    }
}

/// A set of kinds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct KindSet(u16);

impl KindSet {
    pub(super) fn add(&mut self, kind: ReadKind) {
        self.0 |= 1 << (kind as u16);
    }

    pub(super) fn join(&mut self, other: Self) {
        self.0 |= other.0;
    }

    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The words, in the order of the kinds.
    pub(super) fn words(self) -> String {
        let has = |kind: &&ReadKind| self.0 & (1 << (**kind as u16)) != 0;
        ReadKind::ALL.iter().filter(has).map(|kind| kind.as_str()).collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_tells_its_kinds_in_order_and_each_once() {
        let mut set = KindSet::default();
        assert!(set.is_empty());
        for kind in [ReadKind::Matching, ReadKind::Contact, ReadKind::Contact] {
            set.add(kind);
        }
        assert_eq!(set.words(), "contact, matching");
    }
}
