//! What the charts show, and the same as rows of text.

use super::evaluate::Point;
use super::input::Input;
use super::svg::{self, Bar, Line};
use super::words;
use onefold_matching::{Frequencies, Model, Resolution};
use onefold_model::PartyKind;

/// A chart with its twin: the same as a table.
pub(super) struct Chart {
    pub(super) title: String,
    pub(super) says: String,
    pub(super) svg: String,
    pub(super) header: Vec<&'static str>,
    pub(super) rows: Vec<Vec<String>>,
}

/// What each level of agreement is worth among the parties of a kind, in bits, before how common the value is counts.
pub(super) fn weights(assumed: &Model, frequencies: &Frequencies, kind: PartyKind) -> Chart {
    let model = frequencies.learned(kind).map_or_else(|| assumed.of(kind), |learned| &learned.model);
    let mut bars = Vec::new();
    let mut rows = Vec::new();
    for attribute in &model.attributes {
        let name = words::word(&attribute.attribute);
        for (place, level) in attribute.levels.iter().enumerate() {
            let value = (level.same / level.unrelated).log2();
            let label = words::word(&level.level);
            let chance = |share: f64| format!("{share:.6}");
            rows.push(vec![
                name.clone(),
                label.clone(),
                chance(level.same),
                chance(level.related),
                chance(level.unrelated),
                format!("{value:+.2}"),
            ]);
            bars.push(Bar { group: (place == 0).then(|| name.clone()), label, value });
        }
    }
    let title = format!("Weights of agreement, {}", words::kind(kind));
    Chart {
        svg: svg::bars(&title, &bars),
        title,
        says:
            "How much each level of agreement says for (to the right) or against (to the left) two records being one, \
               in bits. Where values are counted, a rare one says more and a common one less."
                .to_owned(),
        header: vec!["attribute", "level", "same", "related", "unrelated", "bits"],
        rows,
    }
}

/// How many pairs weigh how much. Pairs that are far from likely are left out, as are those that are in one cluster only
/// through others.
pub(super) fn pair_weights(resolution: &Resolution) -> Chart {
    const LOW: i32 = -12;
    const HIGH: i32 = 40;
    let mut counts: Vec<(String, u64)> = (LOW..=HIGH).step_by(2).map(|bits| (bits.to_string(), 0)).collect();
    for pair in resolution.accepted.iter().chain(&resolution.review) {
        let place = ((pair.weight.0 - f64::from(LOW)) / 2.0).floor().clamp(0.0, (counts.len() - 1) as f64);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "clamped to the columns that there are"
        )]
        let place = place as usize;
        counts[place].1 += 1;
    }
    Chart {
        title: "Weights of pairs".to_owned(),
        says:
            "How many pairs weigh how much, in steps of two bits. A good model leaves a valley between the pairs that \
               are the same and those that are not."
                .to_owned(),
        svg: svg::columns("Weights of pairs, in bits", &counts),
        header: vec!["from bits", "pairs"],
        rows: counts.into_iter().map(|(bits, count)| vec![bits, count.to_string()]).collect(),
    }
}

/// The sizes of clusters.
pub(super) fn cluster_sizes(resolution: &Resolution) -> Chart {
    let mut sizes = std::collections::BTreeMap::new();
    for cluster in &resolution.clusters {
        *sizes.entry(cluster.len()).or_insert(0u64) += 1;
    }
    let counts: Vec<(String, u64)> = sizes.into_iter().map(|(size, count)| (size.to_string(), count)).collect();
    Chart {
        title: "Sizes of clusters".to_owned(),
        says: "How many clusters have how many records.".to_owned(),
        svg: svg::columns("Sizes of clusters", &counts),
        header: vec!["records", "clusters"],
        rows: counts.into_iter().map(|(size, count)| vec![size, count.to_string()]).collect(),
    }
}

/// Precision, recall and F1 by threshold.
pub(super) fn thresholds(points: &[Point]) -> Chart {
    let line = |name, value: fn(&Point) -> f64| Line {
        name,
        points: points.iter().map(|point| (point.bits(), value(point))).collect(),
    };
    let lines = [
        line("precision", |point| point.agreement.precision()),
        line("recall", |point| point.agreement.recall()),
        line("F1", |point| point.agreement.f1()),
    ];
    let marks: Vec<(f64, String)> =
        points.iter().step_by(2).map(|point| (point.bits(), format!("{:+.0}", point.bits()))).collect();
    Chart {
        title: "Precision and recall by threshold".to_owned(),
        says: "Pairs in clusters against the truth, by the weight in bits from which on pairs are linked. Each point is a \
               whole run."
            .to_owned(),
        svg: svg::lines("Precision and recall by threshold, in bits", &lines, &marks),
        header: vec!["threshold", "bits", "precision", "recall", "F1", "clusters"],
        rows: threshold_rows(points),
    }
}

/// The rows of the table of thresholds.
pub(super) fn threshold_rows(points: &[Point]) -> Vec<Vec<String>> {
    let row = |point: &Point| {
        let agreement = point.agreement;
        let shares = [agreement.precision(), agreement.recall(), agreement.f1()];
        let mut row = vec![point.name(), format!("{:+.2}", point.bits())];
        row.extend(shares.map(|share| format!("{share:.4}")));
        row.push(point.clusters.to_string());
        row
    };
    points.iter().map(row).collect()
}

/// The charts of a run.
pub(super) fn of_run(input: &Input, model: &Model, resolution: &Resolution) -> Vec<Chart> {
    let mut charts = vec![pair_weights(resolution), cluster_sizes(resolution)];
    charts.extend(input.kinds.iter().map(|kind| weights(model, &resolution.frequencies, *kind)));
    charts
}
