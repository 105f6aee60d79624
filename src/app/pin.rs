//! Values that stewards hold fast: of one field, what one record says counts, whatever the rules would choose.
//!
//! Promises that nothing is written into a record or a customer: the pin names the record, the value stays its word, under its
//! owner's rights, and goes with it where the customer is split. Ends at its time, or when it is taken back.

use super::customer::CUSTOMER;
use super::decision::{check_reason, check_request, check_until};
use super::{AppError, Session};
use crate::auth::{Action, Permission, Scope};
use crate::identity::{golden, pinnable};
use crate::store::{AuditEntry, CustomerRow, PinRow, RecordRow, Tx, Undone};
use onefold_model::{CustomerId, PinId, RecordId, Timestamp};
use serde_json::Value;
use uuid::Uuid;

/// What is to be held fast.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PinAsk {
    /// The record whose word counts.
    pub record: RecordId,
    /// The field, as a customer shows it.
    pub path: String,
    /// Until when; none for ever.
    pub until: Option<Timestamp>,
    /// Why.
    pub reason: String,
    /// What names the request.
    pub request: String,
    /// The version of the record's customer that was looked at: with another one nothing is pinned.
    pub if_version: Option<i64>,
}

/// A pin, and whose value it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pinned {
    /// The pin.
    pub pin: PinRow,
    /// It stood, or was taken back, before: this request changed nothing.
    pub replayed: bool,
    /// It stands, and the customer does not show it yet: that fold failed, and the background tries again.
    pub pending: bool,
    /// The customer of the record now.
    pub customer: Option<CustomerId>,
}

impl Session {
    /// Holds fast what a record says. For those who review for its department and may read the field as it is.
    pub async fn value_pin(&self, ask: &PinAsk) -> Result<Pinned, AppError> {
        check_request(&ask.request)?;
        check_reason(&ask.reason)?;
        check_until(ask.until, self.app.clock.now())?;
        if !pinnable().any(|path| path == ask.path) {
            let known: Vec<&str> = pinnable().collect();
            let text = format!("{:?} cannot be pinned: one of {} can", ask.path, known.join(", "));
            return Err(AppError::Invalid(text));
        }
        let row = self.pinned_record(ask.record).await?;
        if !self.scope().field(CUSTOMER, &ask.path, Some(&row.department)).is_read() {
            let what = format!("to pin the field {}, which you may not read as it is", ask.path);
            return Err(self.refused(AppError::Forbidden { what, policy: None }).await);
        }
        let says = self.record_says(ask).await?;
        let actor = self.scope().actor().subject().to_owned();
        let mut tx = self.store().begin().await?;
        tx.identity_lock().await?;
        if let Some(before) = tx.pin_of_request(&actor, &ask.request).await? {
            drop(tx);
            if (before.record, before.path.as_str()) != (ask.record, ask.path.as_str()) {
                let text = format!("the idempotency key {:?} was used for another pin: give each its own", ask.request);
                return Err(AppError::Conflict(text));
            }
            return self.pinned(before, true, false).await;
        }
        if let Some(now) = self.moved_on(ask.record, ask.if_version).await? {
            drop(tx);
            return Err(self.stale(&now, ask.if_version.unwrap_or_default(), Some((ask.path.as_str(), says))).await?);
        }
        let pin = PinRow {
            id: PinId(Uuid::now_v7()),
            record: ask.record,
            path: ask.path.clone(),
            actor,
            reason: ask.reason.trim().to_owned(),
            request: ask.request.clone(),
            made_at: self.app.clock.now(),
            expires_at: ask.until,
            undone: None,
        };
        tx.pin_insert(&pin).await?;
        self.pin_conclude(tx, pin, "value.pin").await
    }

    /// Takes a pin back: the rules choose again. Safe to repeat: the first time counts. With a version, only while the customer of
    /// the record has it.
    pub async fn value_unpin(&self, id: PinId, reason: &str, if_version: Option<i64>) -> Result<Pinned, AppError> {
        let missing = || AppError::Missing(format!("there is no pin {id}: `valuePins` lists them"));
        check_reason(reason)?;
        let pin = self.store().pin_get(id).await?.ok_or_else(missing)?;
        self.pinned_record(pin.record).await.map_err(|error| match error {
            AppError::Missing(_) => missing(),
            error => error,
        })?;
        let by = self.scope().actor().subject().to_owned();
        let undone = Undone { at: self.app.clock.now(), by, reason: reason.trim().to_owned() };
        let mut tx = self.store().begin().await?;
        tx.identity_lock().await?;
        if pin.undone.is_none()
            && let Some(now) = self.moved_on(pin.record, if_version).await?
        {
            drop(tx);
            return Err(self.stale(&now, if_version.unwrap_or_default(), None).await?);
        }
        if tx.pin_undo(id, &undone).await? == 0 {
            drop(tx);
            let pin = self.store().pin_get(id).await?.ok_or_else(missing)?;
            return self.pinned(pin, true, false).await;
        }
        self.pin_conclude(tx, PinRow { undone: Some(undone), ..pin }, "value.unpin").await
    }

    /// What is held fast of a customer, the latest first: what the caller reviews of it.
    pub async fn pin_list(&self, customer: CustomerId) -> Result<Vec<PinRow>, AppError> {
        let Some(row) = self.customer_get(&[customer]).await?.remove(&customer) else { return Ok(Vec::new()) };
        let members = self.store().customer_members(self.scope(), &[row.id]).await?;
        let reviewed = members.iter().map(|member| &member.party);
        let reviewed = reviewed.filter(|party| self.scope().may(Action::Review, &party.department).is_allowed());
        let records: Vec<RecordId> = reviewed.map(|party| party.record).collect();
        if records.is_empty() { Ok(Vec::new()) } else { Ok(self.store().pin_of(&records).await?) }
    }

    /// What the record says in the field.
    async fn record_says(&self, ask: &PinAsk) -> Result<Value, AppError> {
        let nothing = || AppError::Invalid(format!("the record {} says nothing in {}", ask.record, ask.path));
        let parties = self.store().party_get(&[ask.record]).await?;
        if parties.iter().all(|party| party.deleted) {
            return Err(nothing());
        }
        let golden = golden(&parties, &[], &self.app.identity.rules()).ok_or_else(nothing)?;
        golden.fields.into_iter().find(|field| field.path == ask.path).map(|field| field.value).ok_or_else(nothing)
    }

    /// The customer of a record as it is now, where that is not of the version that was looked at. Asked under the lock of folds,
    /// so that it stays so until the change is written.
    async fn moved_on(&self, record: RecordId, if_version: Option<i64>) -> Result<Option<CustomerRow>, AppError> {
        let Some(looked_at) = if_version else { return Ok(None) };
        let rows = self.store().record_get(&Scope::system("pin"), &[record]).await?;
        let customer = rows.first().and_then(|row| row.customer);
        let missing = || AppError::Missing(format!("the record {record} is of no customer that you may see"));
        let customer = customer.ok_or_else(missing)?;
        let row = self.customer_get(&[customer]).await?.remove(&customer).ok_or_else(missing)?;
        Ok((row.version != looked_at).then_some(row))
    }

    async fn pinned_record(&self, id: RecordId) -> Result<RecordRow, AppError> {
        let missing = || AppError::Missing(format!("there is no record {id}"));
        let row = self.owners_of(&[id]).await?.remove(&id).ok_or_else(missing)?;
        if row.kind != onefold_model::RecordKind::Party {
            return Err(missing());
        }
        if let Permission::Denied { policy } = self.scope().may(Action::Review, &row.department) {
            let policy = policy.as_ref().map(ToString::to_string);
            let what = format!("to pin what records of the department {} say", row.department);
            return Err(self.refused(AppError::Forbidden { what, policy }).await);
        }
        Ok(row)
    }

    async fn pin_conclude(&self, mut tx: Tx, pin: PinRow, action: &'static str) -> Result<Pinned, AppError> {
        let actor = self.scope().actor().subject().to_owned();
        let at = pin.undone.as_ref().map_or(pin.made_at, |undone| undone.at);
        let about = tx.link_of(&[pin.record]).await?;
        let detail = Some(format!("{} of {}", pin.path, pin.record));
        let entry = AuditEntry { at, actor: actor.clone(), action, target: pin.id.to_string(), detail };
        tx.audit_append_about(&entry, &about).await?;
        tx.fold_leave(&[pin.record], at).await?;
        tx.commit().await?;
        // The pin stands, whatever becomes of this fold: what it left in the outbox is folded again later.
        let folded = self.app.fold_changes(&actor).await;
        if let Err(error) = &folded {
            tracing::warn!(error = %error, "a value was pinned and could not be folded at once");
            self.app.fold_soon();
        }
        self.pinned(pin, false, folded.is_err()).await
    }

    async fn pinned(&self, pin: PinRow, replayed: bool, pending: bool) -> Result<Pinned, AppError> {
        let rows = self.store().record_get(&Scope::system("pin"), &[pin.record]).await?;
        let customer = rows.first().and_then(|row| row.customer);
        Ok(Pinned { pin, replayed, pending, customer })
    }
}
