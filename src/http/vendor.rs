//! Stand-ins for three vendors' systems: real HTTP, the vendors' own list and paging protocols, data of our choice.
//!
//! The demo syncs from them with nothing installed, and tests replay payloads through them with faults. They promise
//! that an answer shows what [`VendorData`] holds at that moment, in the order and the envelope of the vendor, and that
//! a request which the vendor would refuse (no key, an unknown parameter, a page that is too large) is refused in the
//! vendor's words. They deliberately do not write through the API, know no clock (no retention, no rate window) and
//! speak no OAuth.

mod answer;
mod data;
mod faults;
pub mod mailchimp;
mod page;
mod requests;
mod server;
pub mod stripe;
pub mod zendesk;

pub use data::VendorData;
pub use faults::{Fault, Faults};
pub use mailchimp::Mailchimp;
pub use requests::Requests;
pub use server::{Vendor, VendorServer};
pub use stripe::Stripe;
pub use zendesk::{EmptyPages, RateLimit, Zendesk};
