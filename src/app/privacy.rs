//! What people may ask of the hub about themselves: all that it knows of them, and to be forgotten.
//!
//! Promises: whoever may not is refused and written down; an export names its sources; an erasure is planned first, and
//! applied only as planned. Deliberately does not decide whether a request is justified.

use super::{AppError, Session};
use crate::auth::{Action, Scope};
use crate::identity::golden;
use crate::store::{AuditEntry, Erased, ErasurePlan, KeepOut, Person, PersonAsk};
use onefold_model::CustomerId;
use serde_json::{Value, json};

/// Names the form of an export, so that another one can follow.
const FORMAT: &str = "onefold-person-1";

impl Session {
    /// Everything that is known of a person, with where it came from. `None` where nothing is.
    pub async fn privacy_export(&self, ask: &PersonAsk) -> Result<Option<Value>, AppError> {
        self.require(Action::Privacy, "to export what is known of a person").await?;
        let mut tx = self.store().begin().await?;
        let person = tx.person_find(ask).await?;
        if person.is_unknown() {
            return Ok(None);
        }
        one_customer(&person)?;
        let tables = tx.person_rows(&person).await?;
        // Nothing was written: what follows reads without holding anybody up.
        drop(tx);
        let ids: Vec<CustomerId> = person.customers.iter().chain(&person.retired).copied().collect();
        let at = self.app.clock.now();
        let entry = AuditEntry {
            at,
            actor: self.scope().actor().subject().to_owned(),
            action: "customer.export",
            target: person.customers.first().map_or_else(|| "nobody who is a customer".to_owned(), ToString::to_string),
            detail: Some(format!("{} records, {} in quarantine", person.records.len(), person.quarantined.len())),
        };
        let mut tx = self.store().begin().await?;
        tx.audit_append_about(&entry, &ids).await?;
        tx.commit().await?;
        Ok(Some(json!({
            "format": FORMAT,
            "at": at,
            "customers": self.exported_customers(&person).await?,
            "sources": self.exported_sources(),
            "tables": tables,
            "audit": self.exported_audit(&ids).await?,
        })))
    }

    /// What erasing a person would do. `None` where nothing is known of them.
    pub async fn privacy_plan(&self, ask: &PersonAsk, keep_out: KeepOut) -> Result<Option<ErasurePlan>, AppError> {
        self.require(Action::Privacy, "to erase a person").await?;
        let (person, plan) = self.store().begin().await?.erasure_plan(ask, keep_out).await?;
        if person.is_unknown() {
            return Ok(None);
        }
        one_customer(&person)?;
        Ok(Some(plan))
    }

    /// Erases a person as the plan with this fingerprint says. Twice is once: the second time tells what the first one did.
    pub async fn privacy_erase(
        &self,
        ask: &PersonAsk,
        keep_out: KeepOut,
        fingerprint: &str,
    ) -> Result<Erased, AppError> {
        self.require(Action::Privacy, "to erase a person").await?;
        let mut tx = self.store().begin().await?;
        tx.erasure_lock().await?;
        if let Some(done) = tx.erasure_done(fingerprint).await? {
            return Ok(done);
        }
        let (person, plan) = tx.erasure_plan(ask, keep_out).await?;
        if person.is_unknown() {
            return Err(AppError::Missing("nothing is known of this person".to_owned()));
        }
        one_customer(&person)?;
        if plan.fingerprint != fingerprint {
            let message = "this is not what would be erased now: look at the plan again, and apply that one";
            return Err(AppError::Conflict(message.to_owned()));
        }
        let (at, actor) = (self.app.clock.now(), self.scope().actor().subject());
        tx.erasure_apply(&person, &plan, keep_out, at, actor).await?;
        tx.commit().await?;
        self.store().scrub().await?;
        self.app.fold_soon();
        Ok(Erased::Now(plan))
    }

    /// Golden values with the record of each, the values that lost, and what consents amount to.
    async fn exported_customers(&self, person: &Person) -> Result<Vec<Value>, AppError> {
        let ids: Vec<CustomerId> = person.customers.iter().copied().collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let (members, pins) = self.pinned_members(&Scope::system("privacy"), &ids).await?;
        let consents = self.app.system("privacy").consent_effective(&ids).await?;
        let consents = |id: &CustomerId| -> Vec<Value> {
            let told = consents.get(id).into_iter().flatten();
            told.map(|consent| {
                json!({"purpose": consent.purpose, "channel": consent.channel, "status": consent.status,
                       "statements": consent.statements})
            })
            .collect()
        };
        let rules = self.app.identity.rules();
        let told = members.iter().map(|(id, parties)| {
            json!({
                "id": id.to_string(),
                "otherIds": person.retired.iter().map(ToString::to_string).collect::<Vec<_>>(),
                "values": golden(parties, &pins, &rules).map(|golden| json!(golden.fields)),
                "effectiveConsents": consents(id),
            })
        });
        Ok(told.collect())
    }

    fn exported_sources(&self) -> Vec<Value> {
        let mut rows: Vec<_> = self.app.sources.values().collect();
        rows.sort_by(|one, other| one.key.cmp(&other.key));
        let told = |row: &&crate::store::SourceRow| json!({"id": row.id.0, "key": row.key, "title": row.title, "department": row.department});
        rows.iter().map(told).collect()
    }

    /// Who did and read what of them, when.
    async fn exported_audit(&self, ids: &[CustomerId]) -> Result<Vec<Value>, AppError> {
        let ids = self.every_id(ids).await?;
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let rows = self.store().audit_about(&ids).await?;
        let told = rows.into_iter().map(|row| {
            json!({"number": row.seq, "at": row.at, "actor": row.actor, "action": row.action, "detail": row.detail})
        });
        Ok(told.collect())
    }
}

/// An address may be shared: whose request it is, a person has to say.
fn one_customer(person: &Person) -> Result<(), AppError> {
    if person.customers.len() < 2 {
        return Ok(());
    }
    let ids: Vec<String> = person.customers.iter().map(ToString::to_string).collect();
    Err(AppError::Conflict(format!(
        "{} customers have this address: ask for one of them, {}",
        ids.len(),
        ids.join(", ")
    )))
}
