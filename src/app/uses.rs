//! Uses of a field besides showing it: filters, orders, facets and sums.

use super::{AppError, Session};

impl Session {
    /// A field that some row which the caller may see hides or masks cannot be used so: the answer would tell what it hides.
    pub(super) fn check_use(
        &self,
        type_name: &'static str,
        field: &'static str,
        usage: &'static str,
    ) -> Result<(), AppError> {
        if self.scope().field_any_owner(type_name, field).is_read() {
            Ok(())
        } else {
            Err(AppError::FieldForbidden { type_name, field, usage })
        }
    }

    /// As [`Session::check_use`], and a refusal is written down.
    pub(super) async fn use_allowed(
        &self,
        type_name: &'static str,
        field: &'static str,
        usage: &'static str,
    ) -> Result<(), AppError> {
        match self.check_use(type_name, field, usage) {
            Ok(()) => Ok(()),
            Err(error) => Err(self.refused(error).await),
        }
    }
}
