//! The manifest: what a connector folder says about a system, checked as a whole when it is loaded.
//!
//! Promises: every fault is reported at once with its place; what was loaded refers to nothing that does not exist.
//! Knows no vendor: whatever differs between systems is a value here, never a branch in the engine.

pub(crate) mod cursor;
pub(crate) mod feed;
pub(crate) mod file;
pub(crate) mod http;
pub(crate) mod listing;
pub(crate) mod oauth;
pub(crate) mod page;
pub(crate) mod references;
pub(crate) mod singer;
pub(crate) mod stream;
pub(crate) mod webhook;

use crate::map::MapFiles;
use crate::problem::Report;
use crate::setting::{Setting, read_settings};
use crate::yaml::{Fields, Node};
use feed::{Feed, read_feeds};
use file::FileSource;
use http::HttpSource;
use page::read_pages;
use references::Names;
use singer::SingerSource;
use stream::{Stream, read_streams};
use webhook::{Webhook, read_webhook};

/// The only version of the manifest format so far.
pub(crate) const FORMAT: &str = "1";

/// A checked manifest.
#[derive(Debug)]
pub(crate) struct Manifest {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) version: String,
    pub(crate) settings: Vec<Setting>,
    /// Each record of a party in the system is another person or organisation.
    pub(crate) unique_people: bool,
    pub(crate) source: Source,
    pub(crate) feeds: Vec<Feed>,
    pub(crate) streams: Vec<Stream>,
    /// How deliveries are taken that the system sends by itself.
    pub(crate) webhook: Option<Webhook>,
}

/// Where the payloads come from.
#[derive(Debug)]
pub(crate) enum Source {
    Http(Box<HttpSource>),
    File(FileSource),
    Singer(SingerSource),
}

/// What the parts of a manifest need to see of each other while they are read.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) settings: &'a [Setting],
    pub(crate) pages: &'a [page::Pages],
    pub(crate) files: &'a MapFiles,
    pub(crate) names: &'a Names,
}

/// Reads a manifest. Returns something only where nothing was reported that makes it unusable; the caller looks at the
/// report as well.
pub(crate) fn read_manifest(root: &Node, system: &str, files: &MapFiles, report: &mut Report) -> Option<Manifest> {
    let mut fields = Fields::open(root, "manifest", report)?;
    if let Some(node) = fields.require("manifest", report) {
        node.choice("version of the manifest format", &[(FORMAT, ())], report);
    }
    let id = fields.require("id", report).and_then(|node| {
        let id = node.word(report)?;
        if id != system {
            report.add(&node.at, format!("the id {id:?} must be the name of the folder, {system:?}"));
        }
        Some(id.to_owned())
    });
    let title = fields.require("title", report).and_then(|node| node.word(report)).map(str::to_owned);
    let version = fields.require("version", report).and_then(|node| node.word(report)).map(str::to_owned);
    let settings = fields.get("config").map(|node| read_settings(node, report)).unwrap_or_default();
    let unique_people = fields.get("unique_people").and_then(|node| node.flag(report)).unwrap_or_default();
    let http = fields.get("http");
    let file = fields.get("file");
    let singer = fields.get("singer");
    let source = match (http, file, singer) {
        (Some(node), None, None) => http::read_http(node, &settings, report).map(|http| Source::Http(Box::new(http))),
        (None, Some(node), None) => file::read_file(node, report).map(Source::File),
        (None, None, Some(node)) => singer::read_singer(node, &settings, report).map(Source::Singer),
        _ => {
            let reason =
                "manifest needs exactly one of \"http\", \"file\" and \"singer\": where the payloads come from";
            report.add(fields.at, reason);
            None
        }
    };
    let pages = fields.get("pages").map(|node| read_pages(node, report)).unwrap_or_default();
    let (feeds, streams) = (fields.get("feeds"), fields.require("streams", report));
    let names = Names::read(feeds, streams, report);
    let context = Context { settings: &settings, pages: &pages, files, names: &names };
    let feeds = feeds.map(|node| read_feeds(node, context, report)).unwrap_or_default();
    let kind = match (file, singer) {
        (Some(_), _) => stream::SourceKind::File,
        (None, Some(_)) => stream::SourceKind::Singer,
        (None, None) => stream::SourceKind::Http,
    };
    let streams = streams.map(|node| read_streams(node, kind, context, report)).unwrap_or_default();
    let hook = fields.get("webhook");
    if let (Some(hook), None) = (hook, http) {
        report.add(&hook.at, "only a system that is asked over HTTP sends by itself");
    }
    let webhook = hook.and_then(|node| read_webhook(node, context, report));
    fields.finish(report);
    references::check(&feeds, &streams, report);
    Some(Manifest {
        id: id?,
        title: title?,
        version: version?,
        settings,
        unique_people,
        source: source?,
        feeds,
        streams,
        webhook,
    })
}

impl Manifest {
    pub(crate) fn stream(&self, name: &str) -> Option<&Stream> {
        self.streams.iter().find(|stream| stream.name == name)
    }

    pub(crate) fn feed(&self, name: &str) -> Option<&Feed> {
        self.feeds.iter().find(|feed| feed.name == name)
    }
}
