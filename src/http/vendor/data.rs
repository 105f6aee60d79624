//! What a vendor's system holds: JSON objects by collection, changeable while a server shows them.
//!
//! A collection is named after its place below the root of the API: `customers`, `tickets/35/comments`,
//! `lists/9f2c/members`. Every clone shows the same objects. Nothing here knows a vendor.

use super::page::{Order, View};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

#[derive(Debug, Default)]
struct Collection {
    rows: Vec<Arc<Value>>,
    /// Sorted copies, until the next change.
    views: HashMap<Order, Arc<View>>,
}

/// The objects of one vendor's system, shared between its server and whoever changes them.
#[derive(Debug, Clone, Default)]
pub struct VendorData(Arc<RwLock<BTreeMap<String, Collection>>>);

impl VendorData {
    /// A system with these objects, in the order in which they came to be.
    pub fn new(collections: BTreeMap<String, Vec<Value>>) -> Self {
        let collections = collections.into_iter().map(|(name, rows)| {
            let rows = rows.into_iter().map(Arc::new).collect();
            (name, Collection { rows, views: HashMap::new() })
        });
        Self(Arc::new(RwLock::new(collections.collect())))
    }

    /// Puts an object behind the others of its collection.
    pub fn add(&self, collection: &str, object: Value) {
        let mut collections = self.write();
        let target = collections.entry(collection.to_owned()).or_default();
        target.rows.push(Arc::new(object));
        target.views.clear();
    }

    /// Changes the object with this id. `false` if there is none.
    pub fn change(&self, collection: &str, id: &str, change: impl FnOnce(&mut Value)) -> bool {
        let mut collections = self.write();
        let Some(target) = collections.get_mut(collection) else { return false };
        let Some(row) = target.rows.iter_mut().find(|row| object_id(row) == id) else { return false };
        change(Arc::make_mut(row));
        target.views.clear();
        true
    }

    /// Takes the object with this id away, as if it had never been.
    pub fn delete(&self, collection: &str, id: &str) -> Option<Value> {
        let mut collections = self.write();
        let target = collections.get_mut(collection)?;
        let at = target.rows.iter().position(|row| object_id(row) == id)?;
        target.views.clear();
        Some(Arc::unwrap_or_clone(target.rows.remove(at)))
    }

    /// The object with this id.
    pub fn get(&self, collection: &str, id: &str) -> Option<Value> {
        let rows = self.view(collection, Order::Insertion)?;
        rows.place_of(id).map(|at| Value::clone(&rows.rows()[at]))
    }

    /// Every object of a collection, in the order in which they came to be. Empty where there is no such collection.
    pub fn all(&self, collection: &str) -> Vec<Value> {
        let collections = self.read();
        collections
            .get(collection)
            .map_or_else(Vec::new, |found| found.rows.iter().map(|row| Value::clone(row)).collect())
    }

    /// How many objects a collection has.
    pub fn count(&self, collection: &str) -> usize {
        self.read().get(collection).map_or(0, |found| found.rows.len())
    }

    /// The names of the collections, sorted.
    pub fn collections(&self) -> Vec<String> {
        self.read().keys().cloned().collect()
    }

    /// A collection in a vendor's order; sorted once per change.
    pub(super) fn view(&self, collection: &str, order: Order) -> Option<Arc<View>> {
        if let Some(view) = self.read().get(collection)?.views.get(&order) {
            return Some(Arc::clone(view));
        }
        let mut collections = self.write();
        let target = collections.get_mut(collection)?;
        let view = target.views.entry(order).or_insert_with(|| Arc::new(View::new(&target.rows, order)));
        Some(Arc::clone(view))
    }

    // A panic while the lock was held leaves whole rows behind, so the data stays usable.
    fn read(&self) -> RwLockReadGuard<'_, BTreeMap<String, Collection>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, BTreeMap<String, Collection>> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The key of an object: `/id`, or `/email_id` in Mailchimp's reports. Empty where there is neither.
pub(super) fn object_id(object: &Value) -> String {
    match object.get("id").or_else(|| object.get("email_id")) {
        Some(Value::String(id)) => id.clone(),
        Some(Value::Number(id)) => id.to_string(),
        _ => String::new(),
    }
}
