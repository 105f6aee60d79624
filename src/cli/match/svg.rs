//! Charts as SVG, written by hand: bars, lines and a histogram. Each has a title and labels in text, takes its colours
//! from the page, and needs no script.

use std::fmt::Write;

/// A bar with its name.
pub(super) struct Bar {
    /// Stands above the first of several bars that belong together.
    pub(super) group: Option<String>,
    pub(super) label: String,
    pub(super) value: f64,
}

/// A line through points, each from 0 to 1 upwards.
pub(super) struct Line {
    pub(super) name: &'static str,
    pub(super) points: Vec<(f64, f64)>,
}

const WIDTH: f64 = 760.0;

/// Text that stands for itself in HTML and SVG.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn opened(title: &str, height: f64) -> String {
    format!(
        "<svg viewBox=\"0 0 {WIDTH:.0} {height:.0}\" role=\"img\" aria-label=\"{0}\"><title>{0}</title>\n",
        escaped(title)
    )
}

fn text(out: &mut String, x: f64, y: f64, anchor: &str, class: &str, content: &str) {
    let _ = writeln!(
        out,
        "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" class=\"{class}\">{}</text>",
        escaped(content)
    );
}

/// Bars from a line at zero: to the right what is above it, to the left what is below.
pub(super) fn bars(title: &str, bars: &[Bar]) -> String {
    const ROW: f64 = 18.0;
    let (left, right) = (190.0, WIDTH - 70.0);
    let groups = bars.iter().filter(|bar| bar.group.is_some()).count();
    let height = (bars.len() + groups) as f64 * ROW + 10.0;
    let low = bars.iter().map(|bar| bar.value).fold(0.0, f64::min);
    let high = bars.iter().map(|bar| bar.value).fold(0.0, f64::max);
    let scale = (right - left - 60.0) / (high - low).max(1e-9);
    let zero = left + 60.0 - low * scale;
    let mut out = opened(title, height);
    let mut y = 4.0;
    for bar in bars {
        if let Some(group) = &bar.group {
            text(&mut out, 4.0, y + 13.0, "start", "group", group);
            y += ROW;
        }
        let (x, width) = (zero + bar.value.min(0.0) * scale, bar.value.abs() * scale);
        let class = if bar.value < 0.0 { "against" } else { "for" };
        text(&mut out, left - 10.0, y + 13.0, "end", "label", &bar.label);
        let _ = writeln!(
            out,
            "<rect x=\"{x:.1}\" y=\"{:.1}\" width=\"{width:.1}\" height=\"13\" class=\"{class}\"/>",
            y + 2.0
        );
        let (at, anchor) = if bar.value < 0.0 { (x - 4.0, "end") } else { (x + width + 4.0, "start") };
        text(&mut out, at, y + 13.0, anchor, "number", &format!("{:+.1}", bar.value));
        y += ROW;
    }
    let _ =
        writeln!(out, "<line x1=\"{zero:.1}\" y1=\"0\" x2=\"{zero:.1}\" y2=\"{height:.1}\" class=\"axis\"/>\n</svg>");
    out
}

/// Lines over a common axis. `marks` are the places of the axis that have a name.
pub(super) fn lines(title: &str, lines: &[Line], marks: &[(f64, String)]) -> String {
    let (left, right, top, bottom) = (50.0, WIDTH - 110.0, 14.0, 250.0);
    let xs = lines.iter().flat_map(|line| line.points.iter().map(|point| point.0));
    let low = xs.clone().fold(f64::INFINITY, f64::min);
    let high = xs.fold(f64::NEG_INFINITY, f64::max);
    let x_of = |x: f64| left + (x - low) / (high - low).max(1e-9) * (right - left);
    let y_of = |y: f64| bottom - y.clamp(0.0, 1.0) * (bottom - top);
    let mut out = opened(title, bottom + 40.0);
    for tenth in [0.0, 0.2, 0.4, 0.6, 0.8, 1.0] {
        let y = y_of(tenth);
        let _ = writeln!(out, "<line x1=\"{left:.1}\" y1=\"{y:.1}\" x2=\"{right:.1}\" y2=\"{y:.1}\" class=\"grid\"/>");
        text(&mut out, left - 8.0, y + 4.0, "end", "number", &format!("{tenth:.1}"));
    }
    for (x, name) in marks {
        text(&mut out, x_of(*x), bottom + 18.0, "middle", "number", name);
    }
    for (place, line) in lines.iter().enumerate() {
        let points: Vec<String> = line.points.iter().map(|(x, y)| format!("{:.1},{:.1}", x_of(*x), y_of(*y))).collect();
        let _ = writeln!(out, "<polyline points=\"{}\" class=\"line line{place}\"/>", points.join(" "));
        let y = top + 16.0 * place as f64 + 8.0;
        let _ = writeln!(
            out,
            "<line x1=\"{:.1}\" y1=\"{y:.1}\" x2=\"{:.1}\" y2=\"{y:.1}\" class=\"line line{place}\"/>",
            right + 12.0,
            right + 32.0
        );
        text(&mut out, right + 38.0, y + 4.0, "start", "label", line.name);
    }
    out.push_str("</svg>\n");
    out
}

/// Counts as columns, on a scale of powers of ten: pairs that differ outnumber those that are the same by thousands.
pub(super) fn columns(title: &str, counts: &[(String, u64)]) -> String {
    let (left, right, top, bottom) = (50.0, WIDTH - 10.0, 14.0, 200.0);
    let height_of = |count: u64| if count == 0 { 0.0 } else { 1.0 + (count as f64).log10() };
    let high = counts.iter().map(|(_, count)| height_of(*count)).fold(1.0, f64::max);
    let width = (right - left) / counts.len().max(1) as f64;
    let mut out = opened(title, bottom + 40.0);
    for power in 0u32..=12 {
        let level = 1.0 + f64::from(power);
        if level > high {
            break;
        }
        let y = bottom - level / high * (bottom - top);
        let _ = writeln!(out, "<line x1=\"{left:.1}\" y1=\"{y:.1}\" x2=\"{right:.1}\" y2=\"{y:.1}\" class=\"grid\"/>");
        text(&mut out, left - 8.0, y + 4.0, "end", "number", &10u64.pow(power).to_string());
    }
    for (place, (name, count)) in counts.iter().enumerate() {
        let x = left + place as f64 * width;
        let tall = height_of(*count) / high * (bottom - top);
        let _ = writeln!(
            out,
            "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{tall:.1}\" class=\"for\"><title>{}: {count}</title></rect>",
            x + 1.0,
            bottom - tall,
            (width - 2.0).max(1.0),
            escaped(name)
        );
        if place % 2 == 0 {
            text(&mut out, x + width / 2.0, bottom + 18.0, "middle", "number", name);
        }
    }
    out.push_str("</svg>\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn charts_have_one_shape_for_each_value_and_no_loose_sign() {
        let bar = |value| Bar { group: None, label: "<a & b>".to_owned(), value };
        let chart = bars("weights", &[bar(2.0), bar(-1.0)]);
        assert_eq!((chart.matches("<rect").count(), chart.matches("&lt;a &amp; b&gt;").count()), (2, 2));
        assert!(chart.contains("+2.0") && chart.contains("-1.0"), "{chart}");
        let line = Line { name: "recall", points: vec![(0.0, 0.5), (4.0, 1.0)] };
        let chart = lines("recall", &[line], &[(0.0, "0.5".to_owned())]);
        assert_eq!((chart.matches("<polyline").count(), chart.matches("recall").count()), (1, 3));
        let chart = columns("pairs", &[("0".to_owned(), 0), ("1".to_owned(), 1000)]);
        assert_eq!(chart.matches("<rect").count(), 2);
        assert!(!chart.contains("NaN") && !chart.contains("inf"), "{chart}");
    }

    #[test]
    fn charts_of_nothing_are_empty_and_whole() {
        for chart in [bars("a", &[]), lines("a", &[], &[]), columns("a", &[])] {
            assert!(chart.ends_with("</svg>\n") && !chart.contains("NaN"), "{chart}");
        }
    }
}
