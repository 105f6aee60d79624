//! A person and an organisation. The fields that they share stand here once.

use super::activity::{list_args, of_customer};
use super::campaign::CampaignTouch;
use super::candidate::MatchCandidate;
use super::consent::Consent;
use super::contact::{EmailAddress, Identifier, PhoneNumber, PostalAddress};
use super::provenance::FieldProvenance;
use super::record::SourceRecord;
use super::restriction::{Restriction, restrictions};
use super::words::{Channel, ConsentStatus};
use super::{
    Account, AccountFilterInput, AccountOrderInput, CampaignTouchFilterInput, CampaignTouchOrderInput,
    ConsentFilterInput, ConsentOrderInput, Feedback, FeedbackFilterInput, FeedbackOrderInput, Interaction,
    InteractionFilterInput, InteractionOrderInput, Invoice, InvoiceFilterInput, InvoiceOrderInput, Payment,
    PaymentFilterInput, PaymentOrderInput, Subscription, SubscriptionFilterInput, SubscriptionOrderInput, Ticket,
    TicketFilterInput, TicketOrderInput,
};
use crate::app::{CustomerPast, CustomerRow, CustomerValues, Session};
use crate::graphql::error::coded;
use crate::graphql::ids::id;
use crate::graphql::loaders::{AliasesKey, CandidatesKey, ConsentsKey, RecordsKey, ValuesKey, load};
use crate::graphql::page::{Page, Total, connection, page_ask, slice_of};
use crate::graphql::scalars::PartialDate;
use async_graphql::{Context, ID, Object, Result, SimpleObject};
use onefold_model::{CustomerId, RecordKind, Timestamp};
use std::sync::Arc;

/// What a customer's consents for one purpose on one channel amount to.
#[derive(Debug, Clone, SimpleObject)]
pub struct EffectiveConsent {
    /// What for.
    pub purpose: String,
    /// By which way.
    pub channel: Channel,
    /// The most restrictive of what the sources say.
    pub status: ConsentStatus,
    /// How many sources' words went into it.
    pub statements: i64,
}

async fn values(ctx: &Context<'_>, id: CustomerId) -> Result<Arc<CustomerValues>> {
    Ok(load(ctx, ValuesKey(id)).await?.unwrap_or_default())
}

fn only_now(field: &str) -> async_graphql::Error {
    let text = format!("field {field}: only who a customer was is read by time: ask for this without asOf and knownAt");
    coded("INVALID_INPUT", text)
}

/// A type of the graph over a customer: its own fields, and the lists of what happened with it.
macro_rules! party_object {
    ($(#[doc = $doc:literal])* $name:ident {
        $($(#[doc = $fdoc:literal])* $field:ident: $ty:ty = $json:literal $(=> $wrap:expr)?),* $(,)?
    } lists {
        $($(#[doc = $ldoc:literal])* $list:ident: $kind:ident, $filter:ident, $order:ident = $lname:literal),* $(,)?
    }) => {
        $(#[doc = $doc])*
        #[derive(Clone, async_graphql::Description)]
        pub struct $name {
            /// The customer.
            pub row: CustomerRow,
            /// The id by which it was found.
            pub asked: CustomerId,
            /// It is shown as it was.
            pub past: Option<Arc<CustomerPast>>,
        }

        impl $name {
            async fn values(&self, ctx: &Context<'_>) -> Result<Arc<CustomerValues>> {
                match &self.past {
                    Some(past) => Ok(Arc::clone(&past.values)),
                    None => values(ctx, self.row.id).await,
                }
            }

            fn only_now(&self, field: &str) -> Result<()> {
                if self.past.is_none() { Ok(()) } else { Err(only_now(field)) }
            }
        }

        #[Object(use_type_description)]
        impl $name {
            /// The id of this customer. Every id that was ever issued resolves for ever.
            pub async fn id(&self) -> ID { id(self.row.id) }

            /// The id that was asked for, where it has gone into this customer since.
            pub async fn redirected_from(&self) -> Option<ID> { (self.asked != self.row.id).then(|| id(self.asked)) }

            /// Every other id that leads here.
            pub async fn alternate_ids(&self, ctx: &Context<'_>) -> Result<Vec<ID>> {
                let aliases = match &self.past {
                    Some(past) => past.aliases.clone(),
                    None => load(ctx, AliasesKey(self.row.id)).await?.unwrap_or_default(),
                };
                Ok(aliases.into_iter().map(id).collect())
            }

            /// Rises with every change of its records or their content.
            pub async fn version(&self) -> i64 { self.row.version }

            /// When it was first folded.
            pub async fn created_at(&self) -> Timestamp { self.row.created_at }

            /// When its records or their content last changed.
            pub async fn changed_at(&self) -> Timestamp { self.row.updated_at }

            /// How many records of parties it is made of.
            pub async fn record_count(&self) -> i64 { self.row.record_count }

            /// The best name as a source shows it.
            pub async fn display_name(&self, ctx: &Context<'_>) -> Result<Option<String>> {
                Ok(self.values(ctx).await?.fields.get("displayName"))
            }

            /// The best e-mail address.
            pub async fn email(&self, ctx: &Context<'_>) -> Result<Option<String>> {
                Ok(self.values(ctx).await?.fields.get("email"))
            }

            /// The best telephone number.
            pub async fn phone(&self, ctx: &Context<'_>) -> Result<Option<String>> {
                Ok(self.values(ctx).await?.fields.get("phone"))
            }

            /// The best postal address.
            pub async fn address(&self, ctx: &Context<'_>) -> Result<Option<PostalAddress>> {
                let address = self.values(ctx).await?.fields.get("address");
                Ok(address.map(|address| PostalAddress { address, said: None }))
            }

            /// Every e-mail address that some record has.
            pub async fn emails(&self, ctx: &Context<'_>) -> Result<Vec<EmailAddress>> {
                Ok(self.values(ctx).await?.emails.iter().cloned().map(EmailAddress).collect())
            }

            /// Every telephone number that some record has.
            pub async fn phones(&self, ctx: &Context<'_>) -> Result<Vec<PhoneNumber>> {
                Ok(self.values(ctx).await?.phones.iter().cloned().map(PhoneNumber).collect())
            }

            /// Every postal address that some record has.
            pub async fn addresses(&self, ctx: &Context<'_>) -> Result<Vec<PostalAddress>> {
                let values = self.values(ctx).await?;
                Ok(values.addresses.iter().cloned().map(|(address, said)| PostalAddress { address, said: Some(said) }).collect())
            }

            /// Every identifier that some record has.
            pub async fn identifiers(&self, ctx: &Context<'_>) -> Result<Vec<Identifier>> {
                let values = self.values(ctx).await?;
                Ok(values.identifiers.iter().cloned().map(|(identifier, said)| Identifier { identifier, said }).collect())
            }

            /// Language tag, BCP 47.
            pub async fn language(&self, ctx: &Context<'_>) -> Result<Option<String>> {
                Ok(self.values(ctx).await?.fields.get("language"))
            }

            /// Time zone of IANA.
            pub async fn time_zone(&self, ctx: &Context<'_>) -> Result<Option<String>> {
                Ok(self.values(ctx).await?.fields.get("timeZone"))
            }

            /// Labels that the sources gave.
            pub async fn tags(&self, ctx: &Context<'_>) -> Result<Option<Vec<String>>> {
                Ok(self.values(ctx).await?.fields.get("tags"))
            }

            /// What you may not see here, and why.
            pub async fn restrictions(&self, ctx: &Context<'_>) -> Result<Vec<Restriction>> {
                Ok(restrictions(&self.values(ctx).await?.restrictions))
            }

            /// Who said each golden value, why it won, and what lost.
            pub async fn provenance(
                &self,
                ctx: &Context<'_>,
                #[graphql(desc = "Only of these fields.")] paths: Option<Vec<String>>,
            ) -> Result<Vec<FieldProvenance>> {
                let values = self.values(ctx).await?;
                let wanted = |path: &String| paths.as_ref().is_none_or(|paths| paths.contains(path));
                Ok(values.provenance.iter().filter(|field| wanted(&field.path)).cloned().map(FieldProvenance).collect())
            }

            /// The records that it is made of, by source.
            pub async fn source_records(
                &self, ctx: &Context<'_>,
                #[graphql(desc = "The first so many, at most 200.")] first: Option<i32>,
                #[graphql(desc = "After this page cursor.")] after: Option<String>,
                #[graphql(desc = "The last so many, at most 200.")] last: Option<i32>,
                #[graphql(desc = "Before this page cursor.")] before: Option<String>,
            ) -> Result<Page<SourceRecord>> {
                let ask = page_ask(first, after, last, before)?;
                let records = match &self.past {
                    Some(past) => past.records.clone(),
                    None => load(ctx, RecordsKey(self.row.id)).await?.unwrap_or_default(),
                };
                let total = Total::Known(i64::try_from(records.len()).unwrap_or(i64::MAX));
                let slice = slice_of(records, &ask, |record| id(record.row.id).to_string())?;
                Ok(connection(slice, total, SourceRecord::from))
            }

            /// What its consents amount to, by purpose and channel: the most restrictive statement counts. Null where you
            /// may see none.
            pub async fn effective_consents(&self, ctx: &Context<'_>) -> Result<Option<Vec<EffectiveConsent>>> {
                self.only_now("effectiveConsents")?;
                effective_consents(ctx, self.row.id).await
            }

            /// Records of others that may be this customer's, likeliest first.
            pub async fn match_candidates(&self, ctx: &Context<'_>) -> Result<Vec<MatchCandidate>> {
                self.only_now("matchCandidates")?;
                let pairs = load(ctx, CandidatesKey(self.row.id)).await?.unwrap_or_default();
                Ok(pairs.into_iter().map(|pair| MatchCandidate(Arc::new(pair))).collect())
            }

            $(
                $(#[doc = $ldoc])*
                #[allow(clippy::too_many_arguments, reason = "they are the arguments of a GraphQL list")]
                pub async fn $list(
                    &self, ctx: &Context<'_>,
                    #[graphql(desc = "Which of them.")] filter: Option<$filter>,
                    #[graphql(desc = "In which order. Without one the latest first.")] order_by: Option<$order>,
                    #[graphql(desc = "The first so many, at most 200.")] first: Option<i32>,
                    #[graphql(desc = "After this page cursor.")] after: Option<String>,
                    #[graphql(desc = "The last so many, at most 200.")] last: Option<i32>,
                    #[graphql(desc = "Before this page cursor.")] before: Option<String>,
                ) -> Result<Option<Page<$kind>>> {
                    self.only_now($lname)?;
                    let args = list_args(filter, order_by, (first, after, last, before))?;
                    of_customer(ctx, self.row.id, $lname, RecordKind::$kind, args).await
                }
            )*

            $(
                $(#[doc = $fdoc])*
                pub async fn $field(&self, ctx: &Context<'_>) -> Result<$ty> {
                    Ok(self.values(ctx).await?.fields.get($json)$(.map($wrap))?)
                }
            )*
        }
    };
}

macro_rules! party {
    ($(#[doc = $doc:literal])* $name:ident { $($own:tt)* }) => {
        party_object! {
            $(#[doc = $doc])*
            $name { $($own)* } lists {
                /// What it holds, latest first. Null where you may see none.
                accounts: Account, AccountFilterInput, AccountOrderInput = "accounts",
                /// What it receives regularly, latest first. Null where you may see none.
                subscriptions: Subscription, SubscriptionFilterInput, SubscriptionOrderInput = "subscriptions",
                /// Its bills, latest first. Null where you may see none.
                invoices: Invoice, InvoiceFilterInput, InvoiceOrderInput = "invoices",
                /// Its payments, latest first. Null where you may see none.
                payments: Payment, PaymentFilterInput, PaymentOrderInput = "payments",
                /// Its requests, latest first. Null where you may see none.
                tickets: Ticket, TicketFilterInput, TicketOrderInput = "tickets",
                /// What was said, latest first. Null where you may see none.
                interactions: Interaction, InteractionFilterInput, InteractionOrderInput = "interactions",
                /// What it thinks, latest first. Null where you may see none.
                feedback: Feedback, FeedbackFilterInput, FeedbackOrderInput = "feedback",
                /// The campaigns that reached it, latest first. Null where you may see none.
                campaign_touches: CampaignTouch, CampaignTouchFilterInput, CampaignTouchOrderInput = "campaignTouches",
                /// What each source says that it has allowed, latest first. Null where you may see none.
                consents: Consent, ConsentFilterInput, ConsentOrderInput = "consents",
            }
        }
    };
}

party! {
    /// A human being.
    Person {
        /// Given name or names.
        given_name: Option<String> = "givenName",
        /// Middle name or initial.
        middle_name: Option<String> = "middleName",
        /// Family name.
        family_name: Option<String> = "familyName",
        /// Title before the name.
        name_prefix: Option<String> = "namePrefix",
        /// What follows the name: Jr., PhD.
        name_suffix: Option<String> = "nameSuffix",
        /// The name used among friends.
        nickname: Option<String> = "nickname",
        /// The organisation that the person belongs to.
        company: Option<String> = "company",
        /// What the person does there.
        job_title: Option<String> = "jobTitle",
        /// Day of birth, as far as known.
        birth_date: Option<PartialDate> = "birthDate" => PartialDate,
    }
}

party! {
    /// A company, a club, an authority.
    Organization {
        /// The registered name.
        legal_name: Option<String> = "legalName",
        /// Other names that it trades under.
        trade_names: Option<Vec<String>> = "tradeNames",
        /// Its internet domains.
        domains: Option<Vec<String>> = "domains",
    }
}

async fn effective_consents(ctx: &Context<'_>, customer: CustomerId) -> Result<Option<Vec<EffectiveConsent>>> {
    if !ctx.data::<Session>()?.shows_consents() {
        return Ok(None);
    }
    let folded = load(ctx, ConsentsKey(customer)).await?.unwrap_or_default();
    let word = |word: &'static str| serde_json::Value::from(word);
    let shown = folded.into_iter().filter_map(|consent| {
        Some(EffectiveConsent {
            channel: serde_json::from_value(word(consent.channel.as_str())).ok()?,
            status: serde_json::from_value(word(consent.status.as_str())).ok()?,
            purpose: consent.purpose,
            statements: consent.statements,
        })
    });
    Ok(Some(shown.collect()))
}
