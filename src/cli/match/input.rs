//! What is matched: the rows of one or two files, or the parties of the store.

use super::error::MatchError;
use super::read;
use super::words;
use crate::cli::error::CliError;
use crate::cli::{output, start};
use crate::identity::decisions;
use crate::store::Store;
use clap::Args;
use indicatif::ProgressBar;
use onefold_matching::{Dataset, Hints, LinkDecision, PartyRecord, Role, Table, TableRoles, recognise};
use onefold_model::{PartyKind, RecordId, SourceKey};
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How the columns of files are read.
#[derive(Debug, Clone, Args)]
pub(super) struct Reading {
    /// Whom the rows are of: person or organization. Found from the columns otherwise.
    #[arg(long, value_parser = party_kind)]
    kind: Option<PartyKind>,
    /// Says what a column is, where it is not found: `--role "Whom=full-name"`. May be given again.
    #[arg(long = "role", value_name = "COLUMN=ROLE", value_parser = column_role)]
    roles: Vec<(String, Role)>,
}

fn party_kind(text: &str) -> Result<PartyKind, String> {
    match text {
        "person" => Ok(PartyKind::Person),
        "organization" | "organisation" => Ok(PartyKind::Organization),
        other => Err(format!("{other:?} is neither person nor organization")),
    }
}

fn column_role(text: &str) -> Result<(String, Role), String> {
    let (column, role) = text.rsplit_once('=').ok_or("a column, an equals sign and a role, please")?;
    Ok((column.to_owned(), role.parse().map_err(|unknown: onefold_matching::UnknownRole| unknown.to_string())?))
}

/// A file that was read.
pub(super) struct FileRead {
    pub(super) name: String,
    pub(super) rows: usize,
    pub(super) roles: TableRoles,
    table: Table,
    /// Keeps its records apart from those of the other file.
    source: SourceKey,
}

/// Records, and by which names people know them.
pub(super) struct Input {
    /// The records, ready to be matched.
    pub(super) dataset: Dataset,
    /// The id of each record.
    ids: Vec<RecordId>,
    /// What names each record in results.
    pub(super) keys: Vec<String>,
    /// The files, none where the records are those of the store.
    pub(super) files: Vec<FileRead>,
    /// What stewards have decided.
    pub(super) decisions: Vec<LinkDecision>,
    /// Whom the records are of.
    pub(super) kinds: Vec<PartyKind>,
    /// The records of the store. Those of files are made when they are asked for.
    stored: Vec<PartyRecord>,
    places: HashMap<RecordId, usize>,
}

impl Input {
    /// Reads files, or the store of the configuration where none is named, and prints what columns were found.
    pub(super) async fn open(files: &[PathBuf], reading: &Reading, config: Option<&Path>) -> Result<Self, CliError> {
        let input = Self::open_quietly(files, reading, config).await?;
        for file in &input.files {
            output::print(&words::roles(file))?;
        }
        Ok(input)
    }

    /// The same, and prints nothing.
    pub(super) async fn open_quietly(
        files: &[PathBuf],
        reading: &Reading,
        config: Option<&Path>,
    ) -> Result<Self, CliError> {
        let mut input = if files.is_empty() { Self::of_store(config).await? } else { Self::of_files(files, reading)? };
        if input.ids.is_empty() {
            let place = if files.is_empty() { "the store has no parties" } else { "the file has no rows" };
            return Err(MatchError::Nothing(place.to_owned()).into());
        }
        input.places = input.ids.iter().enumerate().map(|(place, id)| (*id, place)).collect();
        Ok(input)
    }

    async fn of_store(config: Option<&Path>) -> Result<Self, CliError> {
        let store = Store::open(&start::config(config)?.store.url).await?;
        let (mut keys, mut stored) = (Vec::new(), Vec::new());
        for party in store.party_list().await? {
            keys.push(party.record.to_string());
            stored.push(PartyRecord {
                id: party.record,
                source: party.source,
                seen_at: party.changed_at,
                updated_at: party.party.updated_at,
                deleted: party.deleted,
                party: Arc::new(party.party),
            });
        }
        let decisions = decisions(&store).await?;
        store.close().await;
        Ok(Self {
            dataset: Dataset::of_parties(&stored),
            ids: stored.iter().map(|record| record.id).collect(),
            keys,
            files: Vec::new(),
            decisions,
            kinds: kinds(stored.iter().map(|record| record.party.kind)),
            stored,
            places: HashMap::new(),
        })
    }

    fn of_files(files: &[PathBuf], reading: &Reading) -> Result<Self, CliError> {
        let mut tables = Vec::new();
        for path in files {
            tables.push((path, read::table(path)?));
        }
        let known = |column: &str| tables.iter().any(|(_, table)| table.header().iter().any(|name| name == column));
        if let Some((column, _)) = reading.roles.iter().find(|(column, _)| !known(column)) {
            let (path, table) = &tables[0];
            let (path, column) = ((*path).clone(), column.clone());
            return Err(MatchError::NoColumn { path, column, columns: table.header().join(", ") }.into());
        }
        let mut hints = Hints { kind: reading.kind, roles: reading.roles.clone() };
        let mut roles: Vec<TableRoles> = tables.iter().map(|(_, table)| recognise(table, &hints)).collect();
        if roles.iter().any(|one| one.kind != roles[0].kind) {
            // Of two files one is read as the other: persons are never compared with organisations.
            hints.kind = Some(roles[0].kind);
            roles = tables.iter().map(|(_, table)| recognise(table, &hints)).collect();
        }
        let mut dataset = Dataset::builder();
        let (mut ids, mut keys, mut of, mut files) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (place, ((path, table), roles)) in tables.into_iter().zip(roles).enumerate() {
            if roles.is_empty() {
                let columns = table.header().join(", ");
                return Err(MatchError::NoRoles { path: path.clone(), columns }.into());
            }
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            // Two files may have one name; the number keeps their records apart.
            let source = SourceKey::new(format!("file-{}", place + 1));
            let source = source.map_err(|error| CliError::Usage(error.to_string()))?;
            let bar = ProgressBar::new(table.len() as u64).with_prefix(format!("reading {name}"));
            // Rows of one family are read one after the other, so that records that will be compared stand together.
            let read = roles.reader(&table, &source).push_all(&mut dataset, |done| {
                if done % 1024 == 0 {
                    bar.set_position(done as u64);
                }
            });
            for (row, (id, kind)) in read.into_iter().enumerate() {
                ids.push(id);
                of.push(kind);
                keys.push(roles.key(&table, row).into_owned());
            }
            bar.finish_and_clear();
            files.push(FileRead { name, rows: table.len(), roles, table, source });
        }
        let (decisions, stored, places) = (Vec::new(), Vec::new(), HashMap::new());
        Ok(Self { dataset: dataset.build(), ids, keys, files, decisions, kinds: kinds(of.into_iter()), stored, places })
    }

    /// How many records there are.
    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }

    /// A record, by its place.
    pub(super) fn record(&self, place: usize) -> PartyRecord {
        let file = self.file_of(place);
        match self.files.get(file) {
            None => self.stored[place].clone(),
            Some(read) => {
                let before = if file == 0 { 0 } else { self.files[0].rows };
                read.roles.record(&read.table, place - before, &read.source)
            }
        }
    }

    /// The file of a record, by its place among the files.
    pub(super) fn file_of(&self, place: usize) -> usize {
        usize::from(self.files.first().is_some_and(|first| place >= first.rows))
    }

    /// Where a record stands.
    pub(super) fn place(&self, id: RecordId) -> Option<usize> {
        self.places.get(&id).copied()
    }

    /// The name of a record in results, with its file where there are two.
    pub(super) fn name(&self, place: usize) -> String {
        let key = &self.keys[place];
        if self.files.len() > 1 { format!("{}:{key}", self.files[self.file_of(place)].name) } else { key.clone() }
    }

    /// The record that a person means by an id.
    pub(super) fn find(&self, id: &str) -> Result<usize, MatchError> {
        let mut found = (0..self.keys.len()).filter(|&place| self.keys[place] == id || self.name(place) == id);
        match (found.next(), found.next()) {
            (Some(place), None) => Ok(place),
            (None, _) => Err(MatchError::NoRecord(id.to_owned())),
            (Some(_), Some(_)) => Err(MatchError::Ambiguous(id.to_owned())),
        }
    }
}

/// The kinds that there are, each once.
fn kinds(kinds: impl Iterator<Item = PartyKind>) -> Vec<PartyKind> {
    kinds.collect::<BTreeSet<_>>().into_iter().collect()
}
