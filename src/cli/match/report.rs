//! A report as one HTML file: tables and charts, without scripts and without anything to be fetched.

use super::charts::Chart;
use super::input::Input;
use super::svg::escaped;
use super::words;
use onefold_matching::Resolution;
use std::fmt::Write;

const STYLE: &str = "\
:root{color-scheme:light dark;--ink:light-dark(#1b1f24,#e6e8ea);--soft:light-dark(#67707a,#9aa4ae);--rule:light-dark(#d9dee3,#3a424a);\
--for:light-dark(#1f6f5c,#5cc2a6);--against:light-dark(#b4432f,#e88d7a);--third:light-dark(#3a5fa8,#8fb0f0)}\
body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:light-dark(#fff,#15191d);max-width:60rem;margin:2rem auto;padding:0 1rem}\
h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2.5rem}p{color:var(--soft);max-width:46rem}\
table{border-collapse:collapse;font-variant-numeric:tabular-nums}th,td{padding:.2rem .8rem .2rem 0;text-align:left;border-bottom:1px solid var(--rule)}\
th{font-weight:600}svg{width:100%;height:auto;font:12px system-ui,sans-serif}svg text{fill:var(--ink)}svg .number{fill:var(--soft)}\
svg .group{font-weight:600}svg .for{fill:var(--for)}svg .against{fill:var(--against)}svg .axis,svg .grid{stroke:var(--rule)}\
svg .line{fill:none;stroke-width:2}svg .line0{stroke:var(--for)}svg .line1{stroke:var(--against)}svg .line2{stroke:var(--third)}\
summary{cursor:pointer;color:var(--soft);margin:.5rem 0}";

/// A report in the making.
pub(super) struct Report(String);

impl Report {
    /// Begins with a title.
    pub(super) fn new(title: &str) -> Self {
        Self(format!(
            "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n\
             <title>{0}</title>\n<style>{STYLE}</style>\n<h1>{0}</h1>\n",
            escaped(title)
        ))
    }

    /// A paragraph.
    pub(super) fn says(&mut self, text: &str) {
        let _ = writeln!(self.0, "<p>{}</p>", escaped(text));
    }

    /// A table under a heading.
    pub(super) fn table(&mut self, heading: &str, header: &[&str], rows: &[Vec<String>]) {
        let _ = writeln!(self.0, "<h2>{}</h2>", escaped(heading));
        self.rows(header, rows);
    }

    /// A chart, and beside it the same as a table.
    pub(super) fn chart(&mut self, chart: &Chart) {
        let _ = writeln!(self.0, "<h2>{}</h2>", escaped(&chart.title));
        self.says(&chart.says);
        self.0.push_str(&chart.svg);
        self.0.push_str("<details><summary>The same as a table</summary>\n");
        self.rows(&chart.header, &chart.rows);
        self.0.push_str("</details>\n");
    }

    fn rows(&mut self, header: &[&str], rows: &[Vec<String>]) {
        let cells = |tag: &str, cells: &mut dyn Iterator<Item = &str>| {
            cells.fold(String::new(), |out, cell| out + &format!("<{tag}>{}</{tag}>", escaped(cell)))
        };
        let _ = writeln!(self.0, "<table>\n<tr>{}</tr>", cells("th", &mut header.iter().copied()));
        for row in rows {
            let _ = writeln!(self.0, "<tr>{}</tr>", cells("td", &mut row.iter().map(String::as_str)));
        }
        self.0.push_str("</table>\n");
    }

    /// The columns of the files and how candidates were found.
    pub(super) fn basis(&mut self, input: &Input, resolution: &Resolution) {
        for file in &input.files {
            let heading = format!("Columns of {}", file.name);
            self.table(&heading, &["column", "role", "because", "filled"], &words::role_rows(file));
        }
        self.table("Candidate pairs", &words::BLOCKING_HEADER, &words::blocking_rows(&resolution.report.blocking));
        self.says(&format!("{} distinct pairs were compared.", resolution.report.blocking.pairs));
        self.says(&words::recall(&resolution.report.blocking));
    }

    /// The page.
    pub(super) fn finish(self) -> String {
        self.0 + "</html>\n"
    }
}
