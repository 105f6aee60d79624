//! Who may import whom: the table of `docs/ARCHITECTURE.md`, as something that can fail.

use super::source::{Named, Source, Token, paths, tokens};
use std::collections::BTreeMap;

/// What each module of the program may import besides itself, the model and `error`.
const MODULES: &[(&str, &[&str])] = &[
    ("error", &[]),
    ("config", &[]),
    ("telemetry", &["config"]),
    ("auth", &["config"]),
    ("issuer", &["auth", "config"]),
    ("store", &["config", "auth::scope"]),
    ("identity", &["matching", "auth", "store", "config"]),
    ("sync", &["connector", "auth", "store", "config"]),
    ("insight", &["auth", "store", "config"]),
    ("app", &["auth", "store", "identity", "sync", "insight", "config"]),
    ("graphql", &["app", "auth"]),
    ("http", &["graphql", "app", "auth", "issuer", "telemetry", "config"]),
];

/// What may import everything: where the program is put together.
const ANYTHING: &[&str] = &["cli", "main", "lib"];

/// The crates of the pure core, and what each may import.
const CRATES: &[(&str, &[&str])] = &[("model", &[]), ("matching", &["model"]), ("connector", &["model"])];

/// Libraries that only these places may name, so that replacing one touches one folder.
const EXCLUSIVE: &[(&str, &[&str])] = &[
    ("sqlx", &["src/store"]),
    ("async_graphql", &["src/graphql", "src/http/graphql"]),
    ("axum", &["src/http"]),
    // Vendors are asked in one place, issuers in another: what each may reach, and how often, is its own.
    ("reqwest", &["src/sync/http", "src/issuer/fetch"]),
    ("cedar_policy", &["src/auth/policy"]),
    ("opentelemetry", &["src/telemetry"]),
    ("jsonwebtoken", &["src/auth/token"]),
    // The other place tells how far a typed word is from what is stored, which has no part in who is whom.
    ("rapidfuzz", &["crates/matching", "src/app/search"]),
    // How alike two customers are is judged in matching alone. The other place names the nearest known word in errors.
    ("strsim", &["crates/matching", "crates/connector/src/problem"]),
];

/// What the pure core does without: it is given its input and gives back its output.
const IMPURE: &[&[&str]] = &[&["tokio"], &["std", "fs"], &["std", "net"], &["std", "process"], &["std", "env"]];

/// Every import that the table does not allow, one line each.
pub(super) fn import_violations(sources: &[Source]) -> Vec<String> {
    let program: Vec<&Source> = sources.iter().filter(|source| source.is_rust() && is_code(&source.path)).collect();
    let names = Names::of(&program);
    let mut found = Vec::new();
    for source in program {
        let tokens = tokens(&source.text);
        let mut report = |line: usize, what: String| found.push(format!("{}:{line}: {what}", source.path));
        for path in paths(&tokens) {
            if let Some((library, places)) = EXCLUSIVE.iter().find(|(library, _)| *library == path.parts[0])
                && !places.iter().any(|place| source.is_in(place))
            {
                report(path.line, format!("{library} is named outside {}", places.join(" and ")));
            }
            if let Err(what) = check(&source.path, &path, &names) {
                report(path.line, what);
            }
        }
        if source.path.starts_with("crates/") && !is_for_tests(source, sources) {
            for (line, what) in impurities(&tokens) {
                report(line, format!("the pure core does not use {what}"));
            }
        }
    }
    found
}

/// Rows of the table that `docs/ARCHITECTURE.md` tells otherwise, or not at all.
pub(super) fn table_violations(sources: &[Source]) -> Vec<String> {
    let map = sources.iter().find(|source| source.path == "docs/ARCHITECTURE.md").map_or("", |source| &source.text);
    let modules = MODULES.iter().map(|(name, allowed)| row("", name, "", allowed));
    let crates = CRATES.iter().map(|(name, allowed)| row("crates/", name, "crates/", allowed));
    let rows = crates.chain(modules).filter(|row| !map.lines().any(|line| line == row));
    rows.map(|row| format!("docs/ARCHITECTURE.md lacks the row {row}")).collect()
}

fn row(home: &str, name: &str, place: &str, allowed: &[&str]) -> String {
    let allowed: Vec<String> = allowed.iter().map(|other| format!("`{place}{other}`")).collect();
    let allowed = if allowed.is_empty() { "nothing".to_owned() } else { allowed.join(", ") };
    format!("| `{home}{name}` | {allowed} |")
}

/// Whether the file is a module that its parent has for tests alone.
fn is_for_tests(source: &Source, sources: &[Source]) -> bool {
    let Some((folder, file)) = source.path.rsplit_once('/') else { return false };
    let declared = format!("#[cfg(test)]\nmod {};", file.trim_end_matches(".rs"));
    let parents = [format!("{folder}.rs"), format!("{folder}/lib.rs")];
    sources.iter().any(|other| parents.contains(&other.path) && other.text.contains(&declared))
}

fn is_code(path: &str) -> bool {
    path.starts_with("src/") || (path.starts_with("crates/") && path.split('/').nth(2) == Some("src"))
}

fn check(file: &str, path: &Named<'_>, names: &Names<'_>) -> Result<(), String> {
    let (home, allowed) = home(file)?;
    let Some(target) = target(file, path, names) else { return Ok(()) };
    let Some(allowed) = allowed else { return Ok(()) };
    let own = target[0] == home;
    let for_all = matches!(target[0], "model" | "error") && home != "model";
    let listed = allowed.iter().any(|entry| {
        let mut parts = target.iter();
        entry.split("::").all(|part| parts.next() == Some(&part))
    });
    if own || for_all || listed {
        Ok(())
    } else {
        Err(format!("{home} may not import {} (here: {})", target[0], path.parts.join("::")))
    }
}

/// The module or crate that a file belongs to, and what it may import: `None` for anything.
type Home<'a> = (&'a str, Option<&'static [&'static str]>);

fn home(file: &str) -> Result<Home<'_>, String> {
    let mut folders = file.split('/');
    let (top, second) = (folders.next(), folders.next().unwrap_or_default());
    let module = second.strip_suffix(".rs").unwrap_or(second);
    let table = if top == Some("crates") { CRATES } else { MODULES };
    if top == Some("src") && ANYTHING.contains(&module) {
        return Ok((module, None));
    }
    match table.iter().find(|(name, _)| *name == module) {
        Some((_, allowed)) => Ok((module, Some(allowed))),
        None => Err(format!("{module} has no row in the table of who may import whom")),
    }
}

/// The module or crate of ours that a path leads to, with what follows it; `None` where it leads elsewhere.
fn target<'a>(file: &str, path: &Named<'a>, names: &Names<'a>) -> Option<Vec<&'a str>> {
    let (first, rest) = path.parts.split_first()?;
    match *first {
        "crate" | "onefold" if file.starts_with("src/") => names.resolve(rest),
        "onefold" => Some(vec!["the program"]),
        other => {
            let (name, _) = CRATES.iter().find(|(name, _)| other.strip_prefix("onefold_") == Some(name))?;
            Some(vec![name])
        }
    }
}

/// Names that are not where they seem: macros, which live at the root, and what a module shows of its children.
struct Names<'a> {
    macros: BTreeMap<&'a str, &'a str>,
    shown: BTreeMap<(&'a str, &'a str), Vec<&'a str>>,
}

impl<'a> Names<'a> {
    fn of(sources: &[&'a Source]) -> Self {
        let mut names = Self { macros: BTreeMap::new(), shown: BTreeMap::new() };
        for source in sources {
            let Some(rest) = source.path.strip_prefix("src/") else { continue };
            let module = rest.split('/').next().map_or(rest, |top| top.strip_suffix(".rs").unwrap_or(top));
            let tokens = tokens(&source.text);
            for window in tokens.windows(3) {
                if window[0].text == "macro_rules" && window[1].text == "!" {
                    names.macros.insert(window[2].text, module);
                }
            }
            // Only `src/auth.rs` can show what is in `src/auth/`, and only `src/lib.rs` what is anywhere.
            if !rest.contains('/') {
                for path in shown(&tokens) {
                    if let Some(name) = path.last() {
                        names.shown.insert((module, name), path);
                    }
                }
            }
        }
        names
    }

    fn resolve(&self, path: &[&'a str]) -> Option<Vec<&'a str>> {
        let (first, rest) = path.split_first()?;
        if let Some(module) = self.macros.get(first) {
            return Some(vec![module]);
        }
        if let Some(shown) = self.shown.get(&("lib", *first)) {
            return self.resolve(shown);
        }
        let is_module = MODULES.iter().any(|(name, _)| name == first) || ANYTHING.contains(first);
        // What else is at the root is of lib.rs itself, and for everybody.
        if !is_module {
            return None;
        }
        match rest.split_first().and_then(|(name, after)| Some((self.shown.get(&(*first, *name))?, after))) {
            Some((shown, after)) => Some([&[*first], shown.as_slice(), after].concat()),
            None => Some(path.to_vec()),
        }
    }
}

/// What every `pub use` shows, as paths from the module or, in `lib.rs`, from the root.
fn shown<'a>(tokens: &[Token<'a>]) -> Vec<Vec<&'a str>> {
    let mut found = Vec::new();
    for (at, window) in tokens.windows(2).enumerate() {
        if window[0].text != "pub" || window[1].text != "use" {
            continue;
        }
        let tree = &tokens[at + 1..];
        let end = tree.iter().position(|token| token.text == ";").unwrap_or(tree.len());
        for mut path in paths(&tree[..end]) {
            path.parts.retain(|part| !matches!(*part, "self" | "crate"));
            found.push(path.parts);
        }
    }
    found
}

/// What code before the tests uses that the pure core does without.
fn impurities(tokens: &[Token<'_>]) -> Vec<(usize, String)> {
    let words: Vec<&str> = tokens.iter().map(|token| token.text).collect();
    let end = words.windows(4).position(|window| window == ["cfg", "(", "test", ")"]).unwrap_or(tokens.len());
    let code = &tokens[..end];
    let asynchronous = code.iter().filter(|token| token.text == "async").map(|token| (token.line, "async".to_owned()));
    let outside = paths(code).into_iter().filter(|path| IMPURE.iter().any(|impure| path.parts.starts_with(impure)));
    asynchronous.chain(outside.map(|path| (path.line, path.parts.join("::")))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn violations(files: &[(&str, &str)]) -> Vec<String> {
        import_violations(&files.iter().map(|(path, text)| Source::new(path, text)).collect::<Vec<_>>())
    }

    #[track_caller]
    fn refused(path: &str, text: &str, part: &str) {
        let found = violations(&[(path, text)]);
        assert!(found.len() == 1 && found[0].contains(part), "{path} {text:?}: {found:?}");
    }

    #[track_caller]
    fn allowed(path: &str, text: &str) {
        assert_eq!(violations(&[(path, text)]), Vec::<String>::new(), "{path} {text:?}");
    }

    #[test]
    fn an_import_outside_the_table_is_caught_with_its_line() {
        let found =
            violations(&[("src/sync/runner.rs", "use crate::store::Tx;\nuse crate::{identity::resolve, auth};")]);
        assert_eq!(found, ["src/sync/runner.rs:2: sync may not import identity (here: crate::identity::resolve)"]);
    }

    #[test]
    fn a_path_in_an_expression_counts_as_an_import() {
        refused("src/graphql/query.rs", "fn f() { crate::store::Store::open(\"\"); }", "graphql may not import store");
        refused("src/config.rs", "pub fn f(_: crate::auth::Actor) {}", "config may not import auth");
        refused("src/error.rs", "use crate::store::StoreError;", "error may not import store");
    }

    #[test]
    fn every_row_of_the_table_refuses_what_it_does_not_list() {
        for (module, listed) in MODULES {
            for (other, _) in MODULES.iter().filter(|(other, _)| other != module && *other != "error") {
                let found = violations(&[(&format!("src/{module}/a.rs"), &format!("use crate::{other}::B;"))]);
                assert_eq!(found.is_empty(), listed.contains(other), "{module} -> {other}: {found:?}");
            }
        }
    }

    #[test]
    fn the_core_crates_are_imported_only_where_the_table_says() {
        refused("src/sync/runner.rs", "use onefold_matching::fold;", "sync may not import matching");
        refused("src/identity.rs", "use onefold_connector::Manifest;", "identity may not import connector");
        refused("crates/matching/src/lib.rs", "use onefold_connector::Manifest;", "matching may not import connector");
        refused("crates/model/src/ids.rs", "use onefold_matching::fold;", "model may not import matching");
        refused("crates/connector/src/lib.rs", "use onefold::store::Store;", "connector may not import the program");
        allowed("src/identity/fold.rs", "use onefold_matching::fold; use onefold_model::RecordId;");
        allowed("src/store.rs", "use onefold_model::RecordId; use crate::error::Error;");
    }

    #[test]
    fn the_store_sees_of_auth_only_the_scope() {
        let auth = ("src/auth.rs", "mod scope; mod token; pub use scope::{Owners, Scope}; pub use token::Actor;");
        let scope = ("src/store/list.rs", "use crate::auth::{Owners, Scope, scope::Mask};");
        assert_eq!(violations(&[auth, scope]), Vec::<String>::new());
        let actor = ("src/store/list.rs", "use crate::auth::Actor;");
        assert_eq!(violations(&[auth, actor]).len(), 1);
        refused("src/store/list.rs", "use crate::auth::*;", "store may not import auth");
    }

    #[test]
    fn a_name_shown_at_the_root_counts_as_where_it_is_from() {
        let root = ("src/lib.rs", "pub mod store; pub use store::Store;");
        let macros = ("src/store/value.rs", "macro_rules! args { () => {} }");
        for text in ["use crate::Store;", "use crate::args;"] {
            assert_eq!(violations(&[root, macros, ("src/graphql/query.rs", text)]).len(), 1, "{text}");
            assert_eq!(violations(&[root, macros, ("src/app/query.rs", text)]), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn a_table_in_the_map_that_tells_otherwise_is_caught() {
        let map = "| `crates/model` | nothing |\n| `config` | nothing |\n| `store` | `config` |";
        let found = table_violations(&[Source::new("docs/ARCHITECTURE.md", map)]);
        assert_eq!(found.len(), MODULES.len() + CRATES.len() - 2, "{found:?}");
        assert!(
            found.iter().any(|complaint| complaint.ends_with("| `store` | `config`, `auth::scope` |")),
            "{found:?}"
        );
    }

    #[test]
    fn a_module_without_a_row_is_caught() {
        let found = violations(&[("src/reports/monthly.rs", "use std::fmt;")]);
        assert!(found[0].contains("reports has no row"), "{found:?}");
    }

    #[test]
    fn where_the_program_is_put_together_everything_may_be_imported() {
        allowed("src/cli/serve.rs", "use crate::{http::router, store::Store, sync::run};");
        allowed("src/main.rs", "use onefold::cli::run;");
    }

    #[test]
    fn an_exclusive_library_outside_its_place_is_caught() {
        for (library, places) in EXCLUSIVE {
            for text in
                [format!("use {library}::A;"), format!("fn f() {{ {library}::a() }}"), format!("use {library};")]
            {
                refused("src/cli/doctor.rs", &text, &format!("{library} is named outside"));
                allowed(&format!("{}/src/a.rs", places[0]), &text);
            }
        }
        refused("src/http/router.rs", "use async_graphql::Schema;", "async_graphql is named outside");
        refused("src/sync/runner.rs", "use reqwest::Client;", "reqwest is named outside");
        refused("src/auth/scope.rs", "#[derive(sqlx::FromRow)] struct A;", "sqlx is named outside");
    }

    #[test]
    fn the_pure_core_does_no_input_output() {
        refused("crates/connector/src/page.rs", "async fn f() {}", "does not use async");
        refused("crates/matching/src/block.rs", "use std::{fmt, fs::File};", "does not use std::fs::File");
        refused("crates/model/src/clock.rs", "fn f() { tokio::spawn(g()); }", "does not use tokio::spawn");
        allowed("crates/matching/src/block.rs", "#[cfg(test)]\nmod tests { use std::fs; }");
        allowed("src/sync/files.rs", "use std::fs;");
        let laws = ("crates/connector/src/map/laws.rs", "use std::fs;");
        let of = |parent| violations(&[("crates/connector/src/map.rs", parent), laws]);
        assert_eq!(of("#[cfg(test)]\nmod laws;"), Vec::<String>::new());
        assert_eq!(of("mod laws;").len(), 1);
    }
}
