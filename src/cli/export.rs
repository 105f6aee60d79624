//! `onefold export`.

mod file;
mod selection;

use super::error::CliError;
use super::output::print;
use super::progress::CountBar;
use super::{documents, start};
use crate::app::{App, ExportFormat, ExportNext, Session};
use crate::auth::Actor;
use crate::graphql::{EXPORT_PAGE, ExportShape, ExportStop, HubSchema, cursor_of, cursor_read};
use clap::{Args, ValueEnum};
use file::NewFile;
use onefold_model::{CustomerId, DepartmentKey};
use selection::SelectionArgs;
use serde_json::Map;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Writes customers into a file: everybody, or who changed since an export before.
#[derive(Debug, Args)]
pub(super) struct Export {
    /// Where to. It is replaced once all of it is written.
    #[arg(short, long, value_name = "FILE")]
    out: PathBuf,
    /// In which form.
    #[arg(long, value_enum, default_value_t = Form::Csv)]
    format: Form,
    #[command(flatten)]
    what: SelectionArgs,
    /// Who changed since: the end cursor that an export before has printed.
    #[arg(long, value_name = "CURSOR", conflicts_with = "since_file")]
    after: Option<String>,
    /// Who changed since the cursor in this file, which is then replaced by the new one. Everybody, where it is not there yet.
    #[arg(long, value_name = "FILE")]
    since_file: Option<PathBuf>,
    /// As somebody of this department would see it; may be given again. Without it as the operator: everything.
    #[arg(long, value_name = "DEPARTMENT")]
    department: Vec<String>,
    /// With this role; may be given again.
    #[arg(long, value_name = "ROLE", requires = "department")]
    role: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// With a header, for spreadsheets and tables.
    Csv,
    /// A JSON object a line.
    Ndjson,
}

impl From<Form> for ExportFormat {
    fn from(form: Form) -> Self {
        match form {
            Form::Csv => Self::Csv,
            Form::Ndjson => Self::Ndjson,
        }
    }
}

/// How much was written.
#[derive(Default)]
struct Written {
    rows: i64,
    until: i64,
}

impl Export {
    pub(super) async fn run(self, path: Option<&Path>) -> Result<(), CliError> {
        let config = start::config(path)?;
        let after = self.since()?;
        let document = self.what.document()?;
        let app = start::app(&config).await?;
        let session = self.session(&app)?;
        let schema = documents::configured(&config.graphql)?;
        let is_increment = after.is_some();
        let refused = |text: &str| CliError::Usage(text.trim_start_matches("input.document: ").to_owned());
        let shape = schema.export_shape(&session, &document, Map::new(), self.format.into(), is_increment);
        let shape = shape.map_err(|error| refused(&error.message))?;
        let mut file = NewFile::create(&self.out)?;
        let written = match after {
            None => everybody(&schema, &session, &shape, &mut file).await?,
            Some(after) => increment(&schema, &session, &shape, &mut file, after).await?,
        };
        let what = if is_increment { "who changed" } else { "everybody" };
        let detail = format!("{} of {what}, {} lines", ExportFormat::from(self.format).as_str(), written.rows);
        // What nobody would know to have been written is not left behind.
        app.audit(session.scope().actor().subject(), "export.write", "a file of the operator", Some(detail)).await?;
        app.audit_settled().await?;
        file.put()?;
        let cursor = cursor_of(written.until);
        if let Some(since) = &self.since_file {
            let mut file = NewFile::create(since)?;
            file.write(&format!("{cursor}\n"))?;
            file.put()?;
        }
        eprintln!("{} lines in {}; the next export begins at this cursor:", written.rows, self.out.display());
        Ok(print(&cursor)?)
    }

    /// The place in the log behind which somebody must have changed.
    fn since(&self) -> Result<Option<i64>, CliError> {
        let read = |what: &str, cursor: &str| {
            cursor_read(what, cursor.trim()).map(Some).map_err(|_| {
                CliError::Usage(format!("{what}: this is no cursor: take the one that an export has printed"))
            })
        };
        match (&self.after, &self.since_file) {
            (Some(cursor), _) => read("--after", cursor),
            (None, Some(path)) if path.exists() => {
                let failed = |source| CliError::File { path: path.clone(), source };
                read("--since-file", &std::fs::read_to_string(path).map_err(failed)?)
            }
            (None, _) => Ok(None),
        }
    }

    /// The operator, or somebody of these departments.
    fn session(&self, app: &Arc<App>) -> Result<Session, CliError> {
        if self.department.is_empty() {
            return Ok(app.system("export"));
        }
        let state = app.policies().state();
        let known = state.set.departments();
        let mut departments: Vec<DepartmentKey> = Vec::new();
        for wanted in &self.department {
            let department = known.iter().find(|department| department.as_str() == wanted);
            let names = || known.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            let unknown = || CliError::Usage(format!("--department {wanted}: there are {}", names()));
            departments.push(department.ok_or_else(unknown)?.clone());
        }
        let subject = format!("operator as {}", self.department.join(", "));
        Ok(app.session(Actor::new(subject, departments, self.role.clone())))
    }
}

async fn everybody(
    schema: &HubSchema,
    session: &Session,
    shape: &ExportShape,
    file: &mut NewFile,
) -> Result<Written, CliError> {
    let mut written = Written { rows: 0, until: session.change_last().await? };
    let (total, bar) = (session.export_everybody_count().await?, CountBar::new("export: customers"));
    file.write(&shape.header())?;
    let (mut last, mut looked) = (None, 0);
    loop {
        let next = session.export_everybody(last, EXPORT_PAGE).await?;
        looked += next.lines.len() as u64;
        written.rows += page(schema, session, shape, file, &next).await?;
        bar.show(looked, total);
        if !next.has_more {
            bar.finish();
            return Ok(written);
        }
        last = next.last;
    }
}

async fn increment(
    schema: &HubSchema,
    session: &Session,
    shape: &ExportShape,
    file: &mut NewFile,
    after: i64,
) -> Result<Written, CliError> {
    session.export_incremental()?;
    let mut written = Written { rows: 0, until: session.change_last().await? };
    if after > written.until {
        let text = "the cursor is ahead of the log: it is of another store, or of one that was put back";
        return Err(CliError::Usage(text.to_owned()));
    }
    let found = found(session, after, written.until).await?;
    let (total, bar) = (i64::try_from(found.len()).unwrap_or(i64::MAX), CountBar::new("export: who changed"));
    file.write(&shape.header())?;
    let mut looked = 0;
    for some in found.chunks(usize::try_from(EXPORT_PAGE).unwrap_or(1)) {
        let next = session.export_lines(some, EXPORT_PAGE).await?;
        looked += some.len() as u64;
        written.rows += page(schema, session, shape, file, &next).await?;
        bar.show(looked, total);
    }
    bar.finish();
    Ok(written)
}

/// Who the log is about between two places, each once, in the order of their ids.
async fn found(session: &Session, after: i64, until: i64) -> Result<Vec<(CustomerId, bool)>, CliError> {
    let (mut place, mut found) = (after, BTreeMap::new());
    while place < until {
        let step = session.export_found(place, until).await?;
        for (customer, is_erased) in step.customers {
            *found.entry(customer).or_insert(false) |= is_erased;
        }
        place = step.up_to;
    }
    Ok(found.into_iter().collect())
}

async fn page(
    schema: &HubSchema,
    session: &Session,
    shape: &ExportShape,
    file: &mut NewFile,
    next: &ExportNext,
) -> Result<i64, CliError> {
    let page = schema.export_page(session, shape, &next.lines).await.map_err(|stop| match stop {
        ExportStop::Later => CliError::Export("the store or the audit did not answer: try again".to_owned()),
        ExportStop::Never(why) => CliError::Export(why),
    })?;
    file.write(&page.text)?;
    Ok(page.rows)
}
