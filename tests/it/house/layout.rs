//! What the repository looks like: sizes, names, pairs, reasons, and what must not be in it.

use super::source::{Source, tokens};
use std::collections::BTreeSet;

/// Past this a file is split.
const LINES_MAX: usize = 600;

/// Names that say nothing about what is inside.
const EMPTY_NAMES: &[&str] = &["util", "utils", "helper", "helpers", "common", "manager", "managers"];

/// Written as parts, so that this file does not find itself.
const MACHINE_FOLDERS: &[&str] =
    &[concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/"), concat!("/Us", "ers/")];

/// Files of code that are too long to be read at once, except those that say on top that they are generated.
pub(super) fn size_violations(sources: &[Source]) -> Vec<String> {
    let is_code = |path: &str| {
        [".rs", ".sql", ".ts", ".tsx", ".css", ".sh"].iter().any(|end| path.ends_with(end))
            || path.starts_with("scripts/")
    };
    let is_generated = |text: &str| text.lines().take(5).any(|line| line.to_lowercase().contains("generated"));
    let code = sources.iter().filter(|source| is_code(&source.path) && !is_generated(&source.text));
    code.map(|source| (source, source.text.lines().count()))
        .filter(|(_, lines)| *lines > LINES_MAX)
        .map(|(source, lines)| format!("{}: {lines} lines; past {LINES_MAX} a file is split", source.path))
        .collect()
}

/// `mod.rs`, and files, folders and modules whose name says nothing.
pub(super) fn name_violations(sources: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources.iter().filter(|source| source.is_rust()) {
        let parts = source.path.split('/').map(|part| part.strip_suffix(".rs").unwrap_or(part));
        if source.path.ends_with("/mod.rs") {
            found.push(format!("{}: a module is foo.rs beside foo/, never foo/mod.rs", source.path));
        }
        if let Some(name) = parts.into_iter().find(|part| EMPTY_NAMES.contains(part)) {
            found.push(format!("{}: \"{name}\" says nothing about what is inside", source.path));
        }
        for window in tokens(&source.text).windows(2) {
            if window[0].text == "mod" && EMPTY_NAMES.contains(&window[1].text) {
                found.push(format!("{}:{}: \"{}\" says nothing", source.path, window[1].line, window[1].text));
            }
        }
    }
    found
}

/// Dependencies that do not say what they are for: by a comment at the end, or by pointing at a line that does.
pub(super) fn dependency_violations(sources: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources.iter().filter(|source| source.path == "Cargo.toml" || source.path.ends_with("/Cargo.toml")) {
        let mut section = "";
        let mut entry: Option<(usize, String)> = None;
        let mut entries = Vec::new();
        for (at, line) in source.text.lines().enumerate() {
            if line.starts_with('[') {
                section = line.split(['#', ']']).next().unwrap_or(line).trim_matches(['[', ' ']);
                entries.extend(entry.take());
                if section.contains("dependencies.") {
                    found.push(format!("{}:{}: write [{section}] as one line of its table", source.path, at + 1));
                }
            } else if section.ends_with("dependencies") {
                let begins = line.starts_with(|c: char| c.is_alphanumeric() || c == '"');
                if begins || line.trim().is_empty() || line.starts_with('#') {
                    entries.extend(entry.take());
                }
                if begins {
                    entry = Some((at + 1, line.to_owned()));
                } else if let Some((_, text)) = &mut entry {
                    text.push_str(line);
                }
            }
        }
        entries.extend(entry);
        for (line, text) in entries {
            let (code, comment) = split_comment(&text);
            let points = ["path =", "workspace = true"].iter().any(|word| code.contains(word));
            if !points && comment.trim().is_empty() {
                let name = code.split(['=', '.']).next().unwrap_or(code).trim();
                found.push(format!("{}:{line}: {name} does not say what it is for", source.path));
            }
        }
    }
    found
}

/// Code and comment of a line of TOML, in which a `#` between quotes is code.
fn split_comment(line: &str) -> (&str, &str) {
    let mut is_quoted = false;
    for (at, c) in line.char_indices() {
        match c {
            '"' => is_quoted = !is_quoted,
            '#' if !is_quoted => return (&line[..at], &line[at + 1..]),
            _ => {}
        }
    }
    (line, "")
}

/// Migrations of one database without their twin of the other, and numbers that do not count up by one.
pub(super) fn migration_violations(sources: &[Source]) -> Vec<String> {
    let names = |database: &str| -> BTreeSet<String> {
        let folder = format!("migrations/{database}/");
        sources.iter().filter_map(|source| source.path.strip_prefix(&folder)).map(str::to_owned).collect()
    };
    let (sqlite, postgres) = (names("sqlite"), names("postgres"));
    let mut found: Vec<String> = Vec::new();
    found.extend(sqlite.difference(&postgres).map(|name| format!("migrations/postgres/{name} is missing")));
    found.extend(postgres.difference(&sqlite).map(|name| format!("migrations/sqlite/{name} is missing")));
    for (at, name) in sqlite.union(&postgres).enumerate() {
        if !name.starts_with(&format!("{:04}_", at + 1)) {
            found.push(format!("migrations/*/{name}: expected number {:04}", at + 1));
        }
    }
    found
}

/// Folders of somebody's machine. The end of an address or of a relative path is none.
pub(super) fn machine_path_violations(sources: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources {
        for (at, line) in source.text.lines().enumerate() {
            let is_machine = |folder: &&&str| {
                line.match_indices(**folder).any(|(start, _)| {
                    !line[..start].ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '~' | '}'))
                })
            };
            if let Some(folder) = MACHINE_FOLDERS.iter().find(is_machine) {
                found.push(format!("{}:{}: a path of one machine, {folder}…", source.path, at + 1));
            }
        }
    }
    found
}

/// Lock files that fetch from anywhere but the public registries.
pub(super) fn registry_violations(sources: &[Source]) -> Vec<String> {
    let rules = [
        ("Cargo.lock", "source = \"", "registry+https://github.com/rust-lang/crates.io-index\""),
        ("package-lock.json", "\"resolved\": \"", "https://registry.npmjs.org/"),
    ];
    let mut found = Vec::new();
    for source in sources {
        let name = source.path.rsplit('/').next().unwrap_or_default();
        let Some((_, key, public)) = rules.iter().find(|(file, ..)| *file == name) else { continue };
        for (at, line) in source.text.lines().enumerate() {
            if let Some(from) = line.trim().strip_prefix(key)
                && !from.starts_with(public)
            {
                found.push(format!("{}:{}: not from the public registry: {from}", source.path, at + 1));
            }
        }
    }
    found
}

/// A CHANGELOG without a place for the next change.
pub(super) fn changelog_violations(sources: &[Source]) -> Vec<String> {
    let changelog = sources.iter().find(|source| source.path == "CHANGELOG.md");
    let has_place = changelog.is_some_and(|source| source.text.lines().any(|line| line == "## Unreleased"));
    if has_place { vec![] } else { vec!["CHANGELOG.md has no section \"## Unreleased\"".to_owned()] }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(path: &str, text: &str) -> [Source; 1] {
        [Source::new(path, text)]
    }

    #[test]
    fn a_file_that_is_too_long_is_caught() {
        let long = "\n".repeat(LINES_MAX + 1);
        assert_eq!(size_violations(&one("src/a.rs", &long)).len(), 1);
        assert_eq!(size_violations(&one("migrations/sqlite/0001_a.sql", &long)).len(), 1);
        assert!(size_violations(&one("src/a.rs", &long[1..])).is_empty());
        assert!(size_violations(&one("schema/schema.graphql", &long)).is_empty());
        assert!(size_violations(&one("web/src/a.ts", &format!("// Generated.{long}"))).is_empty());
    }

    #[test]
    fn names_that_say_nothing_are_caught() {
        for path in ["src/store/mod.rs", "src/utils.rs", "crates/model/src/common/a.rs", "tests/it/helpers.rs"] {
            assert_eq!(name_violations(&one(path, "")).len(), 1, "{path}");
        }
        assert_eq!(name_violations(&one("src/a.rs", "fn f() {}\nmod manager { }")).len(), 1);
        assert!(name_violations(&one("src/model.rs", "// mod utils\nmod commonly {}")).is_empty());
    }

    #[test]
    fn a_dependency_without_a_reason_is_caught() {
        let text =
            "[dependencies]\na = \"1\"\nb = { version = \"1\", features = [\"#\"] }\n\n[dev-dependencies]\nc = \"1\"";
        let found = dependency_violations(&one("crates/model/Cargo.toml", text));
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(found[1].starts_with("crates/model/Cargo.toml:3: b "), "{found:?}");
        let text = r#"
            [workspace.dependencies]
            a = "1" # ids
            b = { version = "1", features = [
              "c",
            ] } # dates
            [lints]
            workspace = true
            [dependencies]
            d.workspace = true
            e = { path = "e" }
            [profile.dev]
            debug = 1"#;
        let text = text.replace("\n            ", "\n");
        assert!(dependency_violations(&one("Cargo.toml", &text)).is_empty());
        assert_eq!(dependency_violations(&one("Cargo.toml", "[dependencies.a]\nversion = \"1\"")).len(), 1);
    }

    #[test]
    fn a_migration_without_its_twin_is_caught() {
        let files = |paths: &[&str]| paths.iter().map(|path| Source::new(path, "")).collect::<Vec<_>>();
        let pair = ["migrations/sqlite/0001_a.sql", "migrations/postgres/0001_a.sql"];
        assert!(migration_violations(&files(&pair)).is_empty());
        assert_eq!(migration_violations(&files(&pair[..1])), ["migrations/postgres/0001_a.sql is missing"]);
        assert_eq!(migration_violations(&files(&pair[1..])), ["migrations/sqlite/0001_a.sql is missing"]);
        let renamed = ["migrations/sqlite/0001_a.sql", "migrations/postgres/0001_b.sql"];
        assert_eq!(migration_violations(&files(&renamed)).len(), 3);
        let gap = ["migrations/sqlite/0002_a.sql", "migrations/postgres/0002_a.sql"];
        assert_eq!(migration_violations(&files(&gap)).len(), 1);
    }

    #[test]
    fn a_path_of_one_machine_is_caught() {
        for folder in MACHINE_FOLDERS {
            for before in ["", "file://", "\"", "sqlite:", "see "] {
                assert_eq!(machine_path_violations(&one("README.md", &format!("\n{before}{folder}me"))).len(), 1);
            }
            for before in ["https://example.org", "..", "~", "${HOME}"] {
                assert!(machine_path_violations(&one("README.md", &format!("{before}{folder}me"))).is_empty());
            }
        }
    }

    #[test]
    fn a_lock_file_with_another_registry_is_caught() {
        let cargo = |from: &str| registry_violations(&one("Cargo.lock", &format!("source = \"{from}\""))).len();
        assert_eq!(cargo("registry+https://github.com/rust-lang/crates.io-index"), 0);
        assert_eq!(cargo("git+https://github.com/a/b#c"), 1);
        let npm =
            |from: &str| registry_violations(&one("web/package-lock.json", &format!("  \"resolved\": \"{from}\",")));
        assert_eq!(npm("https://registry.npmjs.org/a.tgz").len(), 0);
        assert_eq!(npm("https://packages.example/a.tgz").len(), 1);
    }

    #[test]
    fn a_changelog_without_unreleased_is_caught() {
        assert!(changelog_violations(&one("CHANGELOG.md", "# Changelog\n\n## Unreleased\n")).is_empty());
        assert_eq!(changelog_violations(&one("CHANGELOG.md", "## 0.1.0")).len(), 1);
        assert_eq!(changelog_violations(&[]).len(), 1);
    }
}
