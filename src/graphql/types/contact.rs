//! Contact points, each with who said it.

use super::record::SourceRecord;
use crate::app::{Contact, Said};
use crate::graphql::loaders::{RecordKey, load};
use async_graphql::{Context, Description, Object, Result};
use onefold_model::{Identifier as ModelIdentifier, PostalAddress as ModelAddress};

/// An e-mail address of a customer.
#[derive(Description)]
pub struct EmailAddress(pub Contact);

#[Object(use_type_description)]
impl EmailAddress {
    /// In lower case; masked where you may see only a part.
    pub async fn address(&self) -> Option<&str> {
        self.0.value.as_deref()
    }

    /// As the source wrote it.
    pub async fn original(&self) -> Option<&str> {
        self.0.original.as_deref()
    }

    /// The source calls it the main one.
    pub async fn primary(&self) -> bool {
        self.0.primary
    }

    /// Who said it.
    pub async fn source_record(&self, ctx: &Context<'_>) -> Result<Option<SourceRecord>> {
        record(ctx, self.0.said).await
    }
}

/// A telephone number of a customer.
#[derive(Description)]
pub struct PhoneNumber(pub Contact);

#[Object(use_type_description)]
impl PhoneNumber {
    /// In the form of ITU-T E.164; masked where you may see only a part. Null where the country could not be told.
    pub async fn e164(&self) -> Option<&str> {
        self.0.value.as_deref()
    }

    /// As the source wrote it.
    pub async fn original(&self) -> Option<&str> {
        self.0.original.as_deref()
    }

    /// The source calls it the main one.
    pub async fn primary(&self) -> bool {
        self.0.primary
    }

    /// Who said it.
    pub async fn source_record(&self, ctx: &Context<'_>) -> Result<Option<SourceRecord>> {
        record(ctx, self.0.said).await
    }
}

/// A postal address of a customer.
#[derive(Description)]
pub struct PostalAddress {
    pub address: ModelAddress,
    pub said: Option<Said>,
}

#[Object(use_type_description)]
impl PostalAddress {
    /// Street and house number, and what else stands above the town.
    pub async fn lines(&self) -> &[String] {
        &self.address.lines
    }

    /// Town.
    pub async fn locality(&self) -> Option<&str> {
        self.address.locality.as_deref()
    }

    /// State, province or county.
    pub async fn region(&self) -> Option<&str> {
        self.address.region.as_deref()
    }

    /// Post code.
    pub async fn postal_code(&self) -> Option<&str> {
        self.address.postal_code.as_deref()
    }

    /// ISO 3166-1 alpha-2 where the source gives it, else its text.
    pub async fn country(&self) -> Option<&str> {
        self.address.country.as_deref()
    }

    /// What the source uses it for: `billing`, `shipping`.
    pub async fn purpose(&self) -> Option<&str> {
        self.address.purpose.as_deref()
    }

    /// Who said it; `provenance` tells it for the best address.
    pub async fn source_record(&self, ctx: &Context<'_>) -> Result<Option<SourceRecord>> {
        match self.said {
            Some(said) => record(ctx, said).await,
            None => Ok(None),
        }
    }
}

/// An identifier of a customer somewhere: a VAT number, the number in another system.
#[derive(Description)]
pub struct Identifier {
    pub identifier: ModelIdentifier,
    pub said: Said,
}

#[Object(use_type_description)]
impl Identifier {
    /// Who issues it.
    pub async fn system(&self) -> &str {
        &self.identifier.system
    }

    /// The identifier.
    pub async fn value(&self) -> &str {
        &self.identifier.value
    }

    /// Who said it.
    pub async fn source_record(&self, ctx: &Context<'_>) -> Result<Option<SourceRecord>> {
        record(ctx, self.said).await
    }
}

async fn record(ctx: &Context<'_>, said: Said) -> Result<Option<SourceRecord>> {
    Ok(load(ctx, RecordKey(said.record)).await?.map(SourceRecord::from))
}
