//! Which rows are one person's.

use crate::args;
use crate::store::list::in_list;
use crate::store::tombstone::{Mark, contact_marks, leaves};
use crate::store::{Arg, StoreError, Tx};
use onefold_model::{CustomerId, Party, QuarantineId, RecordId, SourceId, SourceKey};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Who is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PersonAsk {
    /// A customer, by any id that leads to it.
    Customer(CustomerId),
    /// Whoever has this e-mail address.
    Email(String),
}

/// A person, by the ids of what is theirs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Person {
    /// The customers that their records make up. More than one, and somebody has to choose.
    pub customers: BTreeSet<CustomerId>,
    /// Every other id that leads to those.
    pub retired: BTreeSet<CustomerId>,
    /// Their records as a party.
    pub parties: BTreeSet<RecordId>,
    /// All their records: as a party, what happened with them, and what belongs to that.
    pub records: BTreeSet<RecordId>,
    /// Payloads of theirs that did not fit.
    pub quarantined: BTreeSet<QuarantineId>,
    /// The records that those would have been.
    pub(super) unfit: BTreeSet<RecordId>,
    /// How they are reached.
    pub(super) contacts: BTreeSet<Mark>,
}

impl Person {
    /// Nothing is known of them.
    pub fn is_unknown(&self) -> bool {
        self.customers.is_empty() && self.records.is_empty() && self.quarantined.is_empty()
    }

    /// The ids of records, as binds take them.
    pub(super) fn record_ids(&self) -> Vec<Uuid> {
        self.records.iter().map(|id| id.0).collect()
    }
}

/// Payloads that are looked through at a time.
const PIECE: i64 = 500;

impl Tx {
    /// Everything that is one person's.
    pub async fn person_find(&mut self, ask: &PersonAsk) -> Result<Person, StoreError> {
        let mut person = Person::default();
        match ask {
            PersonAsk::Customer(id) => person.customers.extend(self.customer_now(*id).await?),
            PersonAsk::Email(text) => {
                let Some(Mark::Email(address)) = Mark::email(text) else { return Ok(person) };
                person.parties = self.parties_with_email(&address).await?;
                person.customers = self.customers_of(&person.parties).await?;
                person.contacts.insert(Mark::Email(address));
            }
        }
        let customers: Vec<Uuid> = person.customers.iter().map(|id| id.0).collect();
        person.parties.extend(self.ids("select record_id from link where customer_id in", &customers).await?);
        person.retired = self
            .ids("select retired_id from customer_alias where customer_id in", &customers)
            .await?
            .into_iter()
            .map(|id| CustomerId(id.0))
            .collect();
        self.person_histories(&mut person).await?;
        let keys = self.person_keys(&mut person).await?;
        self.person_misfits(&mut person, &keys).await?;
        Ok(person)
    }

    async fn customer_now(&mut self, id: CustomerId) -> Result<Option<CustomerId>, StoreError> {
        let sql = "select customer_id from customer where customer_id = $1
                   union all select customer_id from customer_alias where retired_id = $1";
        let rows = self.fetch(sql, args![id.0]).await?;
        rows.first().map(|row| row.uuid(0).map(CustomerId)).transpose()
    }

    /// Parties of which some version has this address: also those that the source no longer has.
    async fn parties_with_email(&mut self, address: &str) -> Result<BTreeSet<RecordId>, StoreError> {
        let quoted = serde_json::Value::from(address).to_string();
        let pattern = quoted.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        let rows = self
            .fetch(
                "select distinct v.record_id from record_version v join record r on r.record_id = v.record_id
                 where r.kind = 'party' and v.mapped like $1 escape '\\'",
                args![format!("%{pattern}%")],
            )
            .await?;
        rows.iter().map(|row| row.uuid(0).map(RecordId)).collect()
    }

    async fn customers_of(&mut self, parties: &BTreeSet<RecordId>) -> Result<BTreeSet<CustomerId>, StoreError> {
        let ids: Vec<Uuid> = parties.iter().map(|id| id.0).collect();
        let found = self.ids("select customer_id from link where record_id in", &ids).await?;
        Ok(found.into_iter().map(|id| CustomerId(id.0)).collect())
    }

    /// The first column of a statement that ends with a list of ids.
    async fn ids(&mut self, head: &str, ids: &[Uuid]) -> Result<BTreeSet<RecordId>, StoreError> {
        let mut found = BTreeSet::new();
        for chunk in ids.chunks(512) {
            let mut binds = Vec::new();
            let list = in_list(chunk, &mut binds);
            for row in self.fetch(format!("{head} {list}"), binds).await? {
                found.insert(RecordId(row.uuid(0)?));
            }
        }
        Ok(found)
    }

    /// What happened with them, and what belongs to that: an answer to their ticket names the ticket and not them.
    async fn person_histories(&mut self, person: &mut Person) -> Result<(), StoreError> {
        person.records.clone_from(&person.parties);
        let parties: Vec<Uuid> = person.parties.iter().map(|id| id.0).collect();
        let mut fresh = self.ids("select record_id from activity where party_id in", &parties).await?;
        while !fresh.is_empty() {
            person.records.extend(&fresh);
            let parents: Vec<Uuid> = fresh.iter().map(|id| id.0).collect();
            let below = self.ids("select record_id from activity where party_id is null and parent_id in", &parents);
            fresh = below.await?.into_iter().filter(|id| !person.records.contains(id)).collect();
        }
        Ok(())
    }

    /// The keys of their records by source, and how any version of them says that they are reached.
    async fn person_keys(&mut self, person: &mut Person) -> Result<BTreeSet<(SourceId, String)>, StoreError> {
        let mut keys = BTreeSet::new();
        for chunk in person.record_ids().chunks(512) {
            let mut binds = Vec::new();
            let list = in_list(chunk, &mut binds);
            let sql = format!(
                "select r.source_id, r.external_id, r.kind, v.mapped
                 from record r join record_version v on v.record_id = r.record_id where r.record_id in {list}"
            );
            for row in self.fetch(sql, binds).await? {
                keys.insert((SourceId(row.uuid(0)?), row.text(1)?));
                if row.text(2)? == "party"
                    && let Ok(party) = serde_json::from_value::<Party>(row.json(3)?)
                {
                    person.contacts.extend(contact_marks(&party));
                }
            }
        }
        Ok(keys)
    }

    /// Payloads that did not fit and are theirs: by their key, by an address or number of theirs, or by a reference to a
    /// record of theirs. A key of digits alone is not taken for a reference, because too much else is a number.
    async fn person_misfits(
        &mut self,
        person: &mut Person,
        keys: &BTreeSet<(SourceId, String)>,
    ) -> Result<(), StoreError> {
        let sources: BTreeMap<SourceId, SourceKey> = self.source_keys().await?;
        let mut after = Uuid::nil();
        loop {
            let rows = self
                .fetch(
                    "select quarantine_id, source_id, stream, external_id, raw from quarantine
                     where quarantine_id > $1 order by quarantine_id limit $2",
                    args![after, PIECE],
                )
                .await?;
            for row in &rows {
                after = row.uuid(0)?;
                let source = SourceId(row.uuid(1)?);
                let own = match (sources.get(&source), row.opt_text(3)?) {
                    (Some(key), Some(external)) => Some(RecordId::derive(key, &row.text(2)?, &external)),
                    _ => None,
                };
                let mut is_theirs = own.is_some_and(|id| person.records.contains(&id));
                leaves(&row.json(4)?, &mut |text| {
                    let mark = Mark::email(text).or_else(|| Mark::phone(text));
                    is_theirs |= mark.is_some_and(|mark| person.contacts.contains(&mark));
                    let is_word = text.chars().any(|c| !c.is_ascii_digit());
                    is_theirs |= is_word && keys.contains(&(source, text.to_owned()));
                });
                if is_theirs {
                    person.unfit.extend(own);
                    person.quarantined.insert(QuarantineId(after));
                }
            }
            if i64::try_from(rows.len()) != Ok(PIECE) {
                return Ok(());
            }
        }
    }

    pub(super) async fn source_keys(&mut self) -> Result<BTreeMap<SourceId, SourceKey>, StoreError> {
        let rows = self.fetch("select source_id, key from source order by source_id", Vec::<Arg>::new()).await?;
        let corrupt = |_| StoreError::Corrupt { what: "a source key is not a slug" };
        rows.iter().map(|row| Ok((SourceId(row.uuid(0)?), SourceKey::new(row.text(1)?).map_err(corrupt)?))).collect()
    }
}
