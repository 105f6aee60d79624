//! A connector: a folder of data, checked and compiled.

use crate::configured::Configured;
use crate::manifest::file::FileFormat;
use crate::manifest::stream::Emission;
use crate::manifest::{Manifest, Source, read_manifest};
use crate::map::compile::compile_fields;
use crate::map::path::JQ;
use crate::map::{Drift, FieldMap, MapCause, MapError, MapFiles, Scope};
use crate::pointer::Pointer;
use crate::problem::{LoadError, Position, Report};
use crate::read::item::{escape_part, matches_all};
use crate::setting::{Setting, SettingError};
use crate::yaml;
use onefold_model::{RecordKind, StandardRecord};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A checked connector. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Connector {
    pub(crate) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) manifest: Manifest,
    department: String,
    mapping: String,
}

/// A stream, as far as an operator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamInfo<'a> {
    /// Its name.
    pub name: &'a str,
    /// What its payloads become.
    pub into: RecordKind,
    /// It takes its changes from a feed, from a stream cursor, from a Singer tap, or is read as a whole each time.
    pub reads: &'static str,
    /// How deletions are seen: `feed`, `tombstone`, `sweep`, `none`.
    pub deletes: Vec<&'static str>,
    /// Further records from the same payloads.
    pub also: Vec<AlsoInfo<'a>>,
}

/// A stream of further records from the payloads of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AlsoInfo<'a> {
    /// Its name.
    pub name: &'a str,
    /// What the records are.
    pub into: RecordKind,
    /// A payload gives any number of them. Otherwise it gives at most one, which has the payload's own key.
    pub many: bool,
}

/// A record made from a payload.
#[derive(Debug, Clone, PartialEq)]
pub struct Mapped {
    /// The stream that it belongs to: that of the payload, or one of its further records.
    pub stream: String,
    /// Its key there.
    pub external_id: String,
    /// The record.
    pub record: StandardRecord,
}

/// A record that a payload should have given, and why it did not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// The stream that the record would belong to.
    pub stream: String,
    /// Its key there; that of the payload where it has none of its own.
    pub external_id: String,
    /// The field that does not fit, without its value.
    pub error: MapError,
}

/// Everything that a payload became.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MapOutput {
    /// The record of the stream first, then its further records.
    pub records: Vec<Mapped>,
    /// Those that do not fit. They do not hold back the others: a withdrawn consent counts, whatever is wrong with a
    /// telephone number beside it.
    pub misfits: Vec<Misfit>,
    /// What was left out and not refused.
    pub drift: Vec<Drift>,
}

impl Connector {
    /// Loads the folder `department/system` from a set of files, which may come from a disk or from the program itself.
    /// Keys are paths that begin with the folder, such as `billing/stripe/connector.yaml`; other folders are not looked at.
    ///
    /// # Errors
    /// Everything that is wrong with the folder, at once, each with its place.
    pub fn load(folder: &str, files: &BTreeMap<String, String>) -> Result<Self, LoadError> {
        let folder = folder.trim_end_matches('/');
        let mut report = Report::default();
        let name = format!("{folder}/connector.yaml");
        let start = Position { file: name.as_str().into(), line: 1, column: 1 };
        let mut segments = folder.rsplit('/');
        let (system, department) = (segments.next().unwrap_or_default(), segments.next().unwrap_or_default());
        let prefix = format!("{folder}/");
        let own: BTreeMap<String, String> = files
            .iter()
            .filter_map(|(path, text)| Some((path.strip_prefix(&prefix)?.to_owned(), text.clone())))
            .collect();
        let Some(text) = own.get("connector.yaml") else {
            report.add(&start, "there is no connector.yaml in this folder");
            return Err(report.into_error());
        };
        let maps = MapFiles {
            folder: folder.to_owned(),
            files: own
                .iter()
                .filter(|(path, _)| path.starts_with("map/"))
                .map(|(k, v)| (k.clone(), v.clone()))
                .collect(),
        };
        let manifest =
            yaml::parse(&name, text, &mut report).and_then(|root| read_manifest(&root, system, &maps, &mut report));
        if text.lines().count() >= 200 {
            report.add(&start, "a manifest stays under 200 lines: move field maps to map/*.yaml");
        }
        match manifest {
            Some(manifest) if report.is_empty() => {
                let mapping = mapping_hash(&manifest.version, &own);
                Ok(Self { inner: Arc::new(Inner { manifest, department: department.to_owned(), mapping }) })
            }
            _ => Err(report.into_error()),
        }
    }

    /// The folders in a set of files that hold a connector, as `department/system`.
    pub fn folders(files: &BTreeMap<String, String>) -> Vec<String> {
        files.keys().filter_map(|path| path.strip_suffix("/connector.yaml")).map(str::to_owned).collect()
    }

    /// Fills in the settings.
    ///
    /// # Errors
    /// Every setting that is missing, unknown or of another form. Values are never repeated.
    pub fn configure(&self, values: &Map<String, Value>) -> Result<Configured, Vec<SettingError>> {
        Configured::new(self, values)
    }

    /// The name of the folder.
    pub fn id(&self) -> &str {
        &self.inner.manifest.id
    }

    /// What people call the system.
    pub fn title(&self) -> &str {
        &self.inner.manifest.title
    }

    /// The version that the manifest gives itself.
    pub fn version(&self) -> &str {
        &self.inner.manifest.version
    }

    /// The department that such a system usually belongs to. A source may belong to another one.
    pub fn default_department(&self) -> &str {
        &self.inner.department
    }

    /// Names the field maps: where it changes, stored payloads are mapped again.
    pub fn mapping(&self) -> &str {
        &self.inner.mapping
    }

    /// The settings that it asks for, in order.
    pub fn settings(&self) -> &[Setting] {
        &self.inner.manifest.settings
    }

    /// Whether each record of a party in such a system is another person or organisation, by the word of the manifest.
    pub fn has_unique_people(&self) -> bool {
        self.inner.manifest.unique_people
    }

    /// The payloads come from files, not from a system that is asked.
    pub fn is_file(&self) -> bool {
        !self.formats().is_empty()
    }

    /// The payloads come from a Singer tap.
    pub fn is_tap(&self) -> bool {
        matches!(self.inner.manifest.source, Source::Singer(_))
    }

    /// The formats of file that it reads; none where it asks a system.
    pub fn formats(&self) -> &[FileFormat] {
        match &self.inner.manifest.source {
            Source::File(file) => &file.formats,
            Source::Http(_) | Source::Singer(_) => &[],
        }
    }

    /// The streams, in order.
    pub fn streams(&self) -> Vec<StreamInfo<'_>> {
        self.inner
            .manifest
            .streams
            .iter()
            .map(|stream| StreamInfo {
                name: &stream.name,
                into: stream.into,
                reads: match (&stream.changes, stream.feed()) {
                    _ if matches!(self.inner.manifest.source, Source::Singer(_)) => "tap",
                    (_, Some(_)) => "feed",
                    (Some(_), None) => "cursor",
                    (None, None) => "snapshot",
                },
                deletes: [
                    (stream.deletes.feed, "feed"),
                    (!stream.deletes.tombstones.is_empty(), "tombstone"),
                    (stream.deletes.sweep.is_some(), "sweep"),
                ]
                .into_iter()
                .filter_map(|(used, word)| used.then_some(word))
                .collect(),
                also: stream.also.iter().map(also_info).collect(),
            })
            .collect()
    }

    /// The streams of further records that the payloads of a stream give.
    pub fn also(&self, stream: &str) -> Vec<AlsoInfo<'_>> {
        let stream = self.inner.manifest.stream(stream);
        stream.map(|stream| stream.also.iter().map(also_info).collect()).unwrap_or_default()
    }

    /// The jq filters by stream. Whoever drives a source runs them, and hands what they make to [`Connector::map_with`].
    pub fn jq_filters(&self) -> BTreeMap<String, String> {
        let streams = self.inner.manifest.streams.iter();
        streams.filter_map(|stream| Some((stream.name.clone(), stream.jq.clone()?))).collect()
    }

    /// Maps a payload together with what the jq filter of its stream made of it, which the map sees as `$jq`.
    pub fn map_with(&self, stream: &str, external_id: &str, raw: &Value, made: Map<String, Value>) -> MapOutput {
        let mut whole = raw.clone();
        if let Value::Object(object) = &mut whole {
            object.insert(JQ.to_owned(), Value::Object(made));
        }
        self.map(stream, external_id, &whole)
    }

    /// Maps a payload of a stream: to the record of the stream, and to further records.
    pub fn map(&self, stream: &str, external_id: &str, raw: &Value) -> MapOutput {
        let mut output = MapOutput::default();
        let Some(stream) = self.inner.manifest.stream(stream) else {
            let error = MapError::new(stream, None, MapCause::Record);
            output.misfits.push(Misfit { stream: stream.to_owned(), external_id: external_id.to_owned(), error });
            return output;
        };
        let scope = Scope { value: raw, record: raw, id: external_id };
        let record = stream.map.apply(stream.into, scope, &mut output.drift);
        output.add(&stream.name, external_id.to_owned(), record);
        for emission in &stream.also {
            output.emit(emission, scope);
        }
        output
    }
}

impl MapOutput {
    fn add(&mut self, stream: &str, external_id: String, record: Result<StandardRecord, MapError>) {
        let stream = stream.to_owned();
        match record {
            Ok(record) => self.records.push(Mapped { stream, external_id, record }),
            Err(error) => self.misfits.push(Misfit { stream, external_id, error }),
        }
    }

    /// The further records of one kind.
    fn emit(&mut self, emission: &Emission, scope: Scope<'_>) {
        let is_absent = |pointer: &Pointer| match pointer.get(scope.record) {
            None => true,
            Some(Value::String(text)) => text.trim().is_empty(),
            Some(_) => false,
        };
        let excluded = !matches_all(&emission.only, scope.record);
        if emission.when.as_ref().is_some_and(is_absent) || excluded {
            return;
        }
        let name = &emission.name;
        let Some((each, key)) = &emission.each else {
            let record = emission.map.apply(emission.into, scope, &mut self.drift);
            return self.add(name, scope.id.to_owned(), record);
        };
        let refuse = |place: &Pointer, cause| Err(MapError::new(name, Some(place.as_str().to_owned()), cause));
        let elements = match each.get(scope.record) {
            None => return,
            Some(Value::Array(elements)) => elements,
            Some(_) => return self.add(name, scope.id.to_owned(), refuse(each, MapCause::Form)),
        };
        for element in elements {
            let Some(part) = key.get_text(element) else {
                self.add(name, scope.id.to_owned(), refuse(key, MapCause::Key));
                continue;
            };
            // The key of the payload stays readable at the front: it is the prefix of all that came from it.
            let external_id = format!("{}:{}", scope.id, escape_part(&part));
            let record = emission.map.apply(emission.into, Scope { value: element, ..scope }, &mut self.drift);
            self.add(name, external_id, record);
        }
    }
}

fn also_info(emission: &Emission) -> AlsoInfo<'_> {
    AlsoInfo { name: &emission.name, into: emission.into, many: emission.each.is_some() }
}

/// A map that stands alone: that of a file source, proposed or written by an operator.
#[derive(Debug, Clone)]
pub struct RecordMap {
    kind: RecordKind,
    map: Arc<FieldMap>,
}

impl RecordMap {
    /// Compiles the YAML of a map.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with its place.
    pub fn compile(file: &str, text: &str, kind: RecordKind) -> Result<Self, LoadError> {
        let mut report = Report::default();
        let map = yaml::parse(file, text, &mut report).map(|root| compile_fields(&root, kind, None, &mut report));
        match map {
            Some(map) if report.is_empty() => Ok(Self { kind, map: Arc::new(map) }),
            _ => Err(report.into_error()),
        }
    }

    /// What it makes.
    pub fn kind(&self) -> RecordKind {
        self.kind
    }

    pub(crate) fn field_map(&self) -> &FieldMap {
        &self.map
    }

    /// Maps one payload.
    ///
    /// # Errors
    /// The field that does not fit, without its value.
    pub fn map(&self, external_id: &str, raw: &Value, drift: &mut Vec<Drift>) -> Result<StandardRecord, MapError> {
        self.map.apply(self.kind, Scope { value: raw, record: raw, id: external_id }, drift)
    }
}

/// Everything that decides what payloads become: manifest and maps, not fixtures or prose.
fn mapping_hash(version: &str, files: &BTreeMap<String, String>) -> String {
    let deciding: Map<String, Value> = files
        .iter()
        .filter(|(path, _)| *path == "connector.yaml" || path.starts_with("map/"))
        .map(|(path, text)| (path.clone(), Value::from(text.as_str())))
        .collect();
    let hash = onefold_model::content_hash(&Value::Object(deciding)).to_hex();
    format!("{version}+{}", &hash[..12])
}
