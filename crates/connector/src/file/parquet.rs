//! Rows of Apache Parquet.
//!
//! Ids, amounts and days become the text that a delimited file would have; lists and groups stay what they are. What
//! the file says about the size of its parts is checked before a part is unpacked.

use super::upload::{Found, Sink};
use super::{FileError, FileSetup, Row};
use crate::manifest::file::FileFormat;
use ::parquet::file::reader::{FileReader, SerializedFileReader};
use ::parquet::record::{Field, Map as Entries, Row as Group};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use serde_json::Value;

/// What one part of a column may unpack to.
const PART_MIB: u64 = 1024;
/// What the file may, as a whole.
const FILE_MIB: u64 = 16 * 1024;

pub(super) fn each_row(bytes: &Bytes, sink: Sink<'_>) -> Result<(), FileError> {
    let reader = SerializedFileReader::new(bytes.clone()).map_err(|_| FileError::Parquet)?;
    check_size(&reader)?;
    let schema = reader.metadata().file_metadata().schema_descr().root_schema();
    let header = schema.get_fields().iter().map(|field| field.name().to_owned()).collect();
    let mut go_on = sink(Found::Setup(FileSetup::of(FileFormat::Parquet, header)));
    let rows = reader.get_row_iter(None).map_err(|_| FileError::Parquet)?;
    for (index, row) in rows.enumerate() {
        if go_on.is_break() {
            break;
        }
        let row = row.map_err(|_| FileError::Parquet)?;
        go_on = sink(Found::Row(Row { line: index as u64 + 1, raw: object(&row) }));
    }
    Ok(())
}

fn check_size(reader: &SerializedFileReader<Bytes>) -> Result<(), FileError> {
    let mut sum: u64 = 0;
    for group in reader.metadata().row_groups() {
        for column in group.columns() {
            let size = u64::try_from(column.uncompressed_size()).map_err(|_| FileError::Parquet)?;
            sum = sum.saturating_add(size);
            if size > PART_MIB << 20 {
                return Err(FileError::TooLarge(PART_MIB));
            }
        }
    }
    if sum > FILE_MIB << 20 { Err(FileError::TooLarge(FILE_MIB)) } else { Ok(()) }
}

fn object(row: &Group) -> Value {
    Value::Object(row.get_column_iter().map(|(name, field)| (name.clone(), value(field))).collect())
}

fn value(field: &Field) -> Value {
    match field {
        Field::Null => Value::from(""),
        Field::Str(text) => Value::from(text.as_str()),
        Field::Bytes(bytes) => Value::from(text_of(bytes.data())),
        Field::Date(days) => {
            let day = NaiveDate::default().checked_add_signed(TimeDelta::days(i64::from(*days)));
            Value::from(day.map_or_else(String::new, |day| day.to_string()))
        }
        Field::TimestampMillis(at) => moment(DateTime::from_timestamp_millis(*at)),
        Field::TimestampMicros(at) => moment(DateTime::from_timestamp_micros(*at)),
        Field::TimeMillis(at) => time(i64::from(*at) * 1000),
        Field::TimeMicros(at) => time(*at),
        Field::Double(number) => Value::from(number.to_string()),
        Field::Float(number) => Value::from(number.to_string()),
        Field::Group(group) => object(group),
        Field::ListInternal(list) => list.elements().iter().map(value).collect(),
        Field::MapInternal(map) => entries(map),
        Field::Bool(_)
        | Field::Byte(_)
        | Field::Short(_)
        | Field::Int(_)
        | Field::Long(_)
        | Field::UByte(_)
        | Field::UShort(_)
        | Field::UInt(_)
        | Field::ULong(_)
        | Field::Float16(_)
        | Field::Decimal(_) => Value::from(field.to_string()),
    }
}

fn text_of(bytes: &[u8]) -> String {
    std::str::from_utf8(bytes).map_or_else(|_| STANDARD.encode(bytes), str::to_owned)
}

fn moment(at: Option<DateTime<Utc>>) -> Value {
    at.map_or(Value::from(""), |at| Value::from(at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)))
}

fn time(micros: i64) -> Value {
    let time = NaiveTime::MIN.overflowing_add_signed(TimeDelta::microseconds(micros)).0;
    Value::from(time.to_string())
}

/// A key that is no text is written as one.
fn entries(map: &Entries) -> Value {
    let key = |field: &Field| match value(field) {
        Value::String(text) => text,
        other => other.to_string(),
    };
    Value::Object(map.entries().iter().map(|(name, field)| (key(name), value(field))).collect())
}
