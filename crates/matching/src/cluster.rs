//! From accepted pairs to clusters: whoever is linked, directly or through others, is one party, unless that would put
//! together what must stay apart.
//!
//! Promises a partition of all records that depends on the set of pairs only, never on their order: links of stewards
//! come first, then edges from the heaviest to the lightest, ties by id; an edge that would join two parts that a
//! never-link or a contradiction keeps apart is left out. So a cluster breaks where it is weakest.

mod apart;
mod group;
mod guard;
mod union;

use apart::Apart;
pub(crate) use group::Groups;
pub(crate) use guard::Guard;
pub use guard::{Cut, CutCause};
pub(crate) use union::UnionFind;

use crate::block::PackedPair;
use crate::weigh::MatchWeight;
use std::collections::BTreeSet;

/// Two records, by their places, that weigh enough to be linked. The smaller place is on the left.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Edge {
    pub(crate) left: u32,
    pub(crate) right: u32,
    pub(crate) weight: MatchWeight,
}

/// An edge that was left out, by places.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct LeftOut {
    pub(crate) edge: Edge,
    pub(crate) cause: CutCause,
}

/// The result of clustering.
#[derive(Debug)]
pub(crate) struct Clustering {
    /// For each record, the smallest place of its cluster.
    pub(crate) labels: Vec<u32>,
    /// Edges that were left out, ascending by place.
    pub(crate) left_out: Vec<LeftOut>,
    /// Links of stewards that a never-link of theirs forbids, ascending.
    pub(crate) refused_links: Vec<PackedPair>,
}

/// Clusters `records` records.
pub(crate) fn cluster(
    records: u32,
    mut edges: Vec<Edge>,
    links: &BTreeSet<PackedPair>,
    never: &BTreeSet<PackedPair>,
    guard: &Guard<'_>,
) -> Clustering {
    let (groups, refused_links) = link_groups(records, links, never);
    let mut components = groups.clone();
    for edge in &edges {
        components.join(edge.left, edge.right);
    }
    let mut labels = components.roots();
    edges.sort_unstable_by(|a, b| {
        (labels[a.left as usize].cmp(&labels[b.left as usize]))
            .then(b.weight.0.total_cmp(&a.weight.0))
            .then((a.left, a.right).cmp(&(b.left, b.right)))
    });
    let members = Groups::of(&labels);

    let mut left_out = Vec::new();
    let mut edges = edges.as_slice();
    for component in members.groups().filter(|component| component.len() > 1) {
        // A label is the smallest place of its component.
        let root = component[0];
        let own = edges.iter().take_while(|edge| components.root(edge.left) == root).count();
        let (own_edges, later) = edges.split_at(own);
        edges = later;
        guard.split(component, own_edges, &groups, never, &mut labels, &mut left_out);
    }
    left_out.sort_unstable_by_key(|cut| (cut.edge.left, cut.edge.right));
    Clustering { labels, left_out, refused_links }
}

/// Records that stewards have linked, and the links that their never-links forbid.
fn link_groups(
    records: u32,
    links: &BTreeSet<PackedPair>,
    never: &BTreeSet<PackedPair>,
) -> (UnionFind, Vec<PackedPair>) {
    let mut groups = UnionFind::new(records);
    let mut apart = Apart::default();
    for pair in never {
        let (one, other) = pair.unpack();
        apart.keep(one, other, CutCause::NeverLink);
    }
    let mut refused = Vec::new();
    for &link in links {
        let (a, b) = link.unpack();
        let (one, other) = (groups.root(a), groups.root(b));
        if apart.cause(one, other).is_some() {
            refused.push(link);
        } else if one != other {
            groups.join(one, other);
            apart.join(one.min(other), one.max(other));
        }
    }
    (groups, refused)
}
