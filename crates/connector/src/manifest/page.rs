//! How a list continues on the next page.

use crate::pointer::Pointer;
use crate::problem::Report;
use crate::yaml::{Fields, Node};

/// A way to page, by name.
#[derive(Debug, Clone)]
pub(crate) struct Pages {
    pub(crate) name: String,
    pub(crate) style: PageStyle,
    pub(crate) size: Option<PageSize>,
    /// `false` there: this was the last page.
    pub(crate) more: Option<Pointer>,
    /// `true` there: this was the last page.
    pub(crate) end: Option<Pointer>,
    /// How many records the whole list has.
    pub(crate) total: Option<Pointer>,
    /// Where the answer repeats which page was asked for. Another one than was asked for is an error.
    pub(crate) echo: Option<Pointer>,
    /// What an empty or a short page means, and one that announces itself. None is an end unless the manifest says so.
    pub(crate) ends: Ends,
    /// The system gives no more records than this of one list, however many there are.
    pub(crate) cap: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ends {
    Declared,
    Empty,
    Short,
    Same,
}

#[derive(Debug, Clone)]
pub(crate) struct PageSize {
    pub(crate) param: Option<String>,
    pub(crate) value: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PageStyle {
    /// The id of the last record of this page asks for the next one.
    LastId { param: Option<String>, id: Pointer },
    /// The answer holds the address of the next page.
    NextUrl { url: Pointer },
    /// The answer holds a token that asks for the next page.
    Token { param: Option<String>, token: Pointer, stays: Stays },
    /// So many records are skipped. `overlap` records are read twice, to see whether the list has moved under us.
    /// `first` is what the system calls the first record.
    Offset { param: Option<String>, overlap: u64, first: u64 },
    /// Pages are numbered.
    Number { param: Option<String>, first: u64 },
    /// A `Link` header with `rel="next"` (RFC 8288).
    Link,
    /// Everything comes at once.
    Single,
}

impl PageStyle {
    /// The query parameter that asks for the page. `None` where the address or nothing does.
    pub(crate) fn param(&self) -> Option<&str> {
        match self {
            PageStyle::LastId { param, .. }
            | PageStyle::Token { param, .. }
            | PageStyle::Offset { param, .. }
            | PageStyle::Number { param, .. } => param.as_deref(),
            PageStyle::NextUrl { .. } | PageStyle::Link | PageStyle::Single => None,
        }
    }

    /// Somebody has to say which page is meant.
    pub(crate) fn is_asked_for(&self) -> bool {
        !matches!(self, PageStyle::NextUrl { .. } | PageStyle::Link | PageStyle::Single)
    }
}

/// Whether the token of a list is the same for all of its pages: the system remembers how far it has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stays {
    Yes,
    No,
}

pub(crate) fn read_pages(node: &Node, report: &mut Report) -> Vec<Pages> {
    let entries = node.entries("page styles", report);
    entries.iter().filter_map(|(key, node)| read_page_style(&key.text, node, report)).collect()
}

fn read_page_style(name: &str, node: &Node, report: &mut Report) -> Option<Pages> {
    let mut fields = Fields::open(node, "page style", report)?;
    let styles =
        ["last_id", "next_url", "token", "scroll", "offset", "number", "link", "single"].map(|word| (word, word));
    let style = fields.require("style", report).and_then(|node| node.choice("style", &styles, report))?;
    let mut param = |report: &mut Report| fields.get("param").and_then(|node| node.word(report)).map(str::to_owned);
    let style = match style {
        "last_id" => {
            let param = param(report);
            let id = fields.require("id", report).and_then(|node| node.pointer(report));
            PageStyle::LastId { param, id: id? }
        }
        "next_url" => PageStyle::NextUrl { url: fields.require("url", report).and_then(|node| node.pointer(report))? },
        "token" | "scroll" => {
            let param = param(report);
            let token = fields.require("token", report).and_then(|node| node.pointer(report));
            PageStyle::Token { param, token: token?, stays: if style == "scroll" { Stays::Yes } else { Stays::No } }
        }
        "offset" => {
            let param = param(report);
            let overlap = fields.get("overlap").and_then(|node| node.number(report)).unwrap_or(0);
            let first = fields.get("first").and_then(|node| node.number(report)).unwrap_or(0);
            PageStyle::Offset { param, overlap, first }
        }
        "number" => {
            let param = param(report);
            let first = fields.get("first").and_then(|node| node.number(report)).unwrap_or(1);
            PageStyle::Number { param, first }
        }
        "link" => PageStyle::Link,
        _ => PageStyle::Single,
    };
    let size = fields.get("size").and_then(|node| read_size(node, report));
    let mut pointer = |name| fields.get(name).and_then(|node| node.pointer(report));
    let (more, end, total, echo) = (pointer("more"), pointer("end"), pointer("total"), pointer("echo"));
    let ends = fields.get("ends").and_then(|node| {
        let ends = [("empty_page", Ends::Empty), ("short_page", Ends::Short), ("same_page", Ends::Same)];
        node.choice("end of a list", &ends, report)
    });
    let cap = fields.get("cap").and_then(|node| node.number(report));
    let ends = ends.unwrap_or(Ends::Declared);
    let pages = Pages { name: name.to_owned(), style, size, more, end, total, echo, ends, cap };
    check(&pages, &fields, report);
    fields.finish(report);
    Some(pages)
}

fn read_size(node: &Node, report: &mut Report) -> Option<PageSize> {
    let mut fields = Fields::open(node, "page size", report)?;
    let param = fields.get("param").and_then(|node| node.word(report)).map(str::to_owned);
    let value = fields.require("value", report).and_then(|node| {
        let value = node.number(report)?;
        if value == 0 {
            report.add(&node.at, "a page holds at least one record");
        }
        Some(value)
    });
    fields.finish(report);
    Some(PageSize { param, value: value? })
}

fn check(pages: &Pages, fields: &Fields<'_>, report: &mut Report) {
    let tells_end =
        pages.more.is_some() || pages.end.is_some() || pages.total.is_some() || pages.ends != Ends::Declared;
    match &pages.style {
        PageStyle::LastId { .. } | PageStyle::Offset { .. } | PageStyle::Number { .. } if !tells_end => {
            report.add(fields.at, "this page style must say how the list ends: more, end, total or ends");
        }
        PageStyle::Token { stays: Stays::Yes, .. } if !tells_end => {
            report.add(fields.at, "a scroll must say how the list ends: more, end or ends");
        }
        PageStyle::Offset { overlap, .. } if *overlap > 0 => match &pages.size {
            Some(size) if size.value > *overlap => {}
            _ => report.add(fields.at, "overlap needs a page size that is larger"),
        },
        _ => {}
    }
    if pages.ends == Ends::Short && pages.size.is_none() {
        report.add(fields.at, "a short page can be told only where the page has a size");
    }
}
