//! The settings that a connector asks its operator for.

use crate::problem::Report;
use crate::template::{Scope, Template};
use crate::yaml::{Fields, Node};
use regex::Regex;
use serde_json::Value;

/// What a setting holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingType {
    /// Any text.
    Text,
    /// An absolute `http` or `https` address.
    Url,
    /// A point in time, RFC 3339.
    DateTime,
    /// A whole number.
    Integer,
    /// `true` or `false`.
    Bool,
}

/// One setting.
#[derive(Debug, Clone)]
pub struct Setting {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub ty: SettingType,
    /// Shown to nobody once it is set.
    pub secret: bool,
    /// The source does not work without it.
    pub required: bool,
    /// What it means, for the person who fills it in.
    pub help: Option<String>,
    pub(crate) default: Option<Template>,
    pattern: Option<Regex>,
}

/// Why a value is not what a setting holds. The value itself is never repeated: it may be a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    /// Nothing was given.
    #[error("setting {name:?} is required{because}")]
    Missing {
        /// The setting.
        name: String,
        /// What needs it, where that is another setting.
        because: String,
    },
    /// Of another type or form.
    #[error("setting {name:?} is not {expected}")]
    Form {
        /// The setting.
        name: String,
        /// What it should be.
        expected: String,
    },
    /// No such setting.
    #[error("unknown setting {name:?}{hint}")]
    Unknown {
        /// The name as given.
        name: String,
        /// The nearest known name or the list of all.
        hint: String,
    },
}

pub(crate) fn read_settings(node: &Node, report: &mut Report) -> Vec<Setting> {
    let mut settings: Vec<Setting> = Vec::new();
    for (key, node) in node.entries("settings", report) {
        if let Some(setting) = read_setting(&key.text, node, &settings, report) {
            settings.push(setting);
        }
    }
    settings
}

fn read_setting(name: &str, node: &Node, earlier: &[Setting], report: &mut Report) -> Option<Setting> {
    let mut fields = Fields::open(node, "setting", report)?;
    let types = [
        ("text", SettingType::Text),
        ("url", SettingType::Url),
        ("datetime", SettingType::DateTime),
        ("integer", SettingType::Integer),
        ("bool", SettingType::Bool),
    ];
    let ty = fields.require("type", report).and_then(|node| node.choice("type of setting", &types, report));
    let secret = fields.get("secret").and_then(|node| node.flag(report)).unwrap_or(false);
    let required = fields.get("required").and_then(|node| node.flag(report)).unwrap_or(false);
    let help = fields.get("help").and_then(|node| node.text(report)).map(str::to_owned);
    let default = fields.get("default").and_then(|node| {
        if secret {
            report.add(&node.at, "a secret has no default");
            return None;
        }
        let text = node.text(report)?;
        let template = Template::parse(text, &node.at, Scope::of(earlier), report)?;
        if let Some(ty) = ty
            && template.settings().next().is_none()
            && !fits(ty, text)
        {
            report.add(&node.at, format!("the default is not {}", describe(ty)));
        }
        Some(template)
    });
    let pattern = fields.get("pattern").and_then(|node| match Regex::new(node.text(report)?) {
        Ok(regex) => Some(regex),
        Err(error) => {
            report.add(&node.at, format!("not a regular expression: {error}"));
            None
        }
    });
    fields.finish(report);
    Some(Setting { name: name.to_owned(), ty: ty?, secret, required, help, default, pattern })
}

impl Setting {
    /// Without a value it has one all the same.
    pub fn has_default(&self) -> bool {
        self.default.is_some()
    }

    /// The value as text, checked.
    pub(crate) fn read(&self, value: &Value) -> Result<String, SettingError> {
        let text = match value {
            Value::String(text) => text.trim().to_owned(),
            Value::Number(number) => number.to_string(),
            Value::Bool(flag) => flag.to_string(),
            Value::Null | Value::Array(_) | Value::Object(_) => String::new(),
        };
        let form = |expected: String| SettingError::Form { name: self.name.clone(), expected };
        if text.is_empty() {
            return Err(SettingError::Missing { name: self.name.clone(), because: String::new() });
        }
        if !fits(self.ty, &text) {
            return Err(form(describe(self.ty).to_owned()));
        }
        match &self.pattern {
            Some(pattern) if !pattern.is_match(&text) => Err(form(format!("of the form {}", pattern.as_str()))),
            _ => Ok(text),
        }
    }
}

fn describe(ty: SettingType) -> &'static str {
    match ty {
        SettingType::Text => "a text",
        SettingType::Url => "an absolute http or https address without user name",
        SettingType::DateTime => "a time of the form 2026-01-31T00:00:00Z",
        SettingType::Integer => "a whole number",
        SettingType::Bool => "true or false",
    }
}

fn fits(ty: SettingType, text: &str) -> bool {
    match ty {
        // A line break would end the header that the value may stand in.
        SettingType::Text => !text.contains(|c: char| c.is_control()),
        SettingType::Url => url::Url::parse(text).is_ok_and(|url| {
            matches!(url.scheme(), "http" | "https")
                && url.has_host()
                && url.username().is_empty()
                && url.password().is_none()
                && url.query().is_none()
                && url.fragment().is_none()
        }),
        SettingType::DateTime => chrono::DateTime::parse_from_rfc3339(text).is_ok(),
        SettingType::Integer => text.parse::<i64>().is_ok(),
        SettingType::Bool => matches!(text, "true" | "false"),
    }
}
