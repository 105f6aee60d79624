//! Where in a text something stands.

use async_graphql::Pos;

/// The beginnings of a text's lines.
pub(super) struct Lines {
    starts: Vec<usize>,
    /// Kept only where a column cannot be told from bytes alone.
    text: Option<Box<str>>,
}

impl Lines {
    pub(super) fn of(text: &str) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { starts, text: (!text.is_ascii()).then(|| text.into()) }
    }

    /// Line and column, both from one on; columns are characters.
    pub(super) fn position(&self, offset: usize) -> Pos {
        let line = self.starts.partition_point(|start| *start <= offset).max(1);
        let start = self.starts.get(line - 1).copied().unwrap_or(0);
        let column = match &self.text {
            Some(text) => text.get(start..offset).map_or(0, |before| before.chars().count()),
            None => offset.saturating_sub(start),
        };
        Pos { line, column: column + 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_characters() {
        let place = |text: &str, at: &str| {
            let Pos { line, column } = Lines::of(text).position(text.find(at).unwrap());
            (line, column)
        };
        assert_eq!(place("{ a }", "a"), (1, 3));
        assert_eq!(place("{\n  a\n}", "a"), (2, 3));
        assert_eq!(place("{\r\n  a\r\n}", "a"), (2, 3));
        assert_eq!(place("{ x(t: \"ÄÖÜ\")\n  ä: a }", "a }"), (2, 6));
        assert_eq!(Lines::of("").position(7).line, 1);
    }
}
