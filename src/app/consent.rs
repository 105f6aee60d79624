//! What a customer's consents amount to.

use super::{AppError, ReadKind, Session};
use crate::auth::Scope;
use crate::store::{ActivityFilter, ActivityRow, PageAsk, Slice};
use onefold_model::{Channel, Consent, ConsentStatus, CustomerId, RecordKind, most_restrictive};
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};

/// The permission for one purpose on one channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoldedConsent {
    /// What for.
    pub purpose: String,
    /// By which way.
    pub channel: Channel,
    /// The most restrictive of what the sources say.
    pub status: ConsentStatus,
    /// How many sources' words went into it.
    pub statements: i64,
}

/// More statements than this about one customer are a fault of a source; the newest ones count.
const STATEMENTS: u32 = 10_000;

impl Session {
    /// Whether the caller may see what consents amount to.
    pub fn shows_consents(&self) -> bool {
        ["purpose", "channel", "status"].iter().all(|field| self.shows("Consent", field))
    }

    /// What the consents of these customers amount to. Nothing where the caller may see none.
    ///
    /// Every statement counts, also one that the caller may not see: leaving it out could only widen the permission.
    pub async fn consent_effective(
        &self,
        customers: &[CustomerId],
    ) -> Result<HashMap<CustomerId, Vec<FoldedConsent>>, AppError> {
        if !self.shows_consents() {
            return Ok(HashMap::new());
        }
        let filter = ActivityFilter::Customers(customers.to_vec());
        let ask = PageAsk::Forward { count: STATEMENTS, after: None };
        let everything = Scope::system("consent");
        let pages = self.store().activity_pages(&everything, RecordKind::Consent, &filter, &ask).await?;
        self.read(pages.keys().map(|customer| CustomerId(*customer)), ReadKind::Consent);
        let folded = pages.into_iter().map(|(customer, slice)| Ok((CustomerId(customer), amount_to(slice)?)));
        folded.collect()
    }
}

fn amount_to(consents: Slice<ActivityRow>) -> Result<Vec<FoldedConsent>, AppError> {
    let mut statements: BTreeMap<(String, Channel), Vec<ConsentStatus>> = BTreeMap::new();
    for (_, row) in consents.rows {
        let consent =
            Consent::deserialize(row.mapped).map_err(|_| AppError::Invariant("a stored consent reads back"))?;
        statements.entry((consent.purpose, consent.channel)).or_default().push(consent.status);
    }
    let folded = statements.into_iter().filter_map(|((purpose, channel), said)| {
        let count = i64::try_from(said.len()).unwrap_or(i64::MAX);
        Some(FoldedConsent { purpose, channel, status: most_restrictive(said)?, statements: count })
    });
    Ok(folded.collect())
}
