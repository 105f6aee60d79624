//! What conditions on rows ask of a record, kept beside it: a cache of the facts that is rebuilt at any time.
//!
//! Only of live records: what a source no longer has says nothing of anybody.

use super::list::in_list;
use super::{Arg, StoreError, Tx};
use crate::args;
use onefold_model::{RecordId, StandardRecord};
use std::collections::BTreeSet;
use uuid::Uuid;

/// The country of an address of a party, in upper case.
pub(super) const COUNTRY: &str = "country";
/// The region of an address of a party.
pub(super) const REGION: &str = "region";
/// A label of a party.
pub(super) const TAG: &str = "tag";
/// What a consent is about: `purpose/CHANNEL`.
pub(super) const CONSENT: &str = "consent";

/// One attribute: its name and one of its values.
pub(super) type Attribute = (&'static str, String);

/// The attributes of a record, each once.
pub(super) fn attributes(record: &StandardRecord) -> BTreeSet<Attribute> {
    // An index takes no more than a few thousand bytes, and nobody writes a longer word into a policy.
    let beginning = |text: &str| text.chars().take(200).collect::<String>();
    match record {
        StandardRecord::Party(party) => {
            let address = |name: &'static str, text: &Option<String>| Some((name, beginning(text.as_deref()?)));
            let countries = party.addresses.iter().filter_map(|said| address(COUNTRY, &said.country));
            let countries = countries.map(|(name, country)| (name, country.to_ascii_uppercase()));
            let regions = party.addresses.iter().filter_map(|said| address(REGION, &said.region));
            let tags = party.tags.iter().map(|tag| (TAG, beginning(tag)));
            countries.chain(regions).chain(tags).filter(|(_, value)| !value.is_empty()).collect()
        }
        StandardRecord::Consent(consent) => {
            BTreeSet::from([(CONSENT, beginning(&format!("{}/{}", consent.purpose, consent.channel.as_str())))])
        }
        StandardRecord::Account(_)
        | StandardRecord::Subscription(_)
        | StandardRecord::Invoice(_)
        | StandardRecord::Payment(_)
        | StandardRecord::Ticket(_)
        | StandardRecord::Interaction(_)
        | StandardRecord::Feedback(_)
        | StandardRecord::Campaign(_)
        | StandardRecord::CampaignTouch(_) => BTreeSet::new(),
    }
}

impl Tx {
    /// Forgets the attributes of records.
    pub(super) async fn attribute_clear(&mut self, ids: &[Uuid]) -> Result<(), StoreError> {
        for chunk in ids.chunks(512) {
            let mut binds = Vec::new();
            let list = in_list(chunk, &mut binds);
            self.execute(format!("delete from record_attribute where record_id in {list}"), binds).await?;
        }
        Ok(())
    }

    /// Writes the attributes of records.
    pub(super) async fn attribute_write(&mut self, records: &[(RecordId, &StandardRecord)]) -> Result<(), StoreError> {
        let rows: Vec<Vec<Arg>> = records
            .iter()
            .flat_map(|(id, record)| attributes(record).into_iter().map(move |(name, value)| args![id.0, name, value]))
            .collect();
        self.insert_many(
            "insert into record_attribute (record_id, name, value)",
            rows,
            "on conflict (record_id, name, value) do nothing",
        )
        .await?;
        Ok(())
    }

    /// What is kept of these records.
    pub(super) async fn attributes_stored(
        &mut self,
        ids: &[Uuid],
    ) -> Result<BTreeSet<(Uuid, String, String)>, StoreError> {
        let mut binds = Vec::new();
        let list = in_list(ids, &mut binds);
        let sql = format!("select record_id, name, value from record_attribute where record_id in {list}");
        let rows = self.fetch(sql, binds).await?;
        rows.iter().map(|row| Ok((row.uuid(0)?, row.text(1)?, row.text(2)?))).collect()
    }
}
