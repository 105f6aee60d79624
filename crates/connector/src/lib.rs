#![doc = include_str!("../README.md")]

mod configured;
mod connector;
mod discover;
mod file;
mod fixture;
mod knows;
mod manifest;
mod map;
mod message;
mod plan;
mod pointer;
mod problem;
mod read;
mod retry;
mod schema;
mod secret;
mod setting;
mod singer;
mod template;
mod webhook;
mod yaml;

pub use configured::{Configured, UnknownStream};
pub use connector::{AlsoInfo, Connector, MapOutput, Mapped, Misfit, RecordMap, StreamInfo};
pub use discover::{FoundField, FoundStream, Sketch, discover, discover_rows, sketch};
pub use file::{
    BadRow, Encoding, FileError, FileRows, FileSetup, Found, Proposal, Row, Upload, decode, neutral_cell, propose,
    read_rows, row_key,
};
pub use fixture::{Fixture, FixtureError, fixture_text};
pub use knows::{ANY_ELEMENT, KnownFields};
pub use manifest::file::FileFormat;
pub use manifest::http::Limits;
pub use map::{Drift, MapCause, MapError};
pub use message::{HttpRequest, HttpResponse};
pub use plan::{Task, TaskKind};
pub use pointer::Pointer;
pub use problem::{LoadError, Position, Problem};
pub use read::{
    Checkpoint, Checkpoints, Enumeration, Item, Note, Page, ReadError, Reader, Refusal, Refused, StateError, Step,
    Token, TokenRequest,
};
pub use retry::{Retry, RetryPolicy};
pub use schema::connector_schema;
pub use secret::Secret;
pub use setting::{Setting, SettingError, SettingType};
pub use singer::{TAP, TapCommand, TapReader, select_streams};
pub use webhook::{Delivered, DeliveredContent, Delivery, DeliveryRefusal};
pub use yaml::read_yaml;
