//! Singer taps: the program that is started, and what it is told.

use super::http::{pairs, template};
use crate::problem::Report;
use crate::setting::Setting;
use crate::template::{Scope, Template};
use crate::yaml::{Fields, Node};

#[derive(Debug)]
pub(crate) struct SingerSource {
    /// The program and its arguments, with blanks between them.
    pub(crate) command: Template,
    /// What the tap reads as its configuration.
    pub(crate) config: Vec<(String, Template)>,
    /// A file that it reads as its configuration, and may write to.
    pub(crate) config_file: Option<Template>,
    pub(crate) catalog: Catalog,
}

/// How a tap is told which of its streams to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Catalog {
    /// It is asked for what it has, and told what is wanted of that.
    Discover,
    /// It reads all that it has.
    None,
}

pub(crate) fn read_singer(node: &Node, settings: &[Setting], report: &mut Report) -> Option<SingerSource> {
    let open = Scope::of(settings);
    let mut fields = Fields::open(node, "singer", report)?;
    // Only the operator says what runs on their machine.
    let command = fields.require("command", report).and_then(|node| {
        let command = template(node, open, report)?;
        if command.settings().next().is_none() {
            report.add(&node.at, "the command is a setting of the operator's: '{config.command}'");
        }
        Some(command)
    });
    let config = fields.get("config").map(|node| pairs(node, "configuration of the tap", open.with_secrets(), report));
    let config_file = fields.get("config_file").and_then(|node| template(node, open, report));
    if config.is_some() && config_file.is_some() {
        report.add(fields.at, "a tap has either \"config\" or \"config_file\"");
    }
    let ways = [("discover", Catalog::Discover), ("none", Catalog::None)];
    let catalog = fields.get("catalog").and_then(|node| node.choice("way to choose streams", &ways, report));
    fields.finish(report);
    Some(SingerSource {
        command: command?,
        config: config.unwrap_or_default(),
        config_file,
        catalog: catalog.unwrap_or(Catalog::Discover),
    })
}
