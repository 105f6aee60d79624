//! The real differences between the two databases, side by side.

/// Which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite 3 in the process.
    Sqlite,
    /// A PostgreSQL server.
    Postgres,
}

/// The JSON of a mapped record `v`. U+0000 as in [`Dialect::fields_of_json`].
const MAPPED: &str = r"replace(v.mapped, '\u0000', '\ufffd')";

impl Dialect {
    /// The first statement of a transaction that writes the change log.
    ///
    /// PostgreSQL gives out sequence numbers before commit, so a reader could pass a number that is not there yet: one
    /// writer of the log at a time keeps order of commit and order of numbers the same. SQLite has one writer anyway.
    pub fn lock_change_log(self) -> Option<&'static str> {
        match self {
            Self::Sqlite => None,
            Self::Postgres => Some("select 1 from (select pg_advisory_xact_lock(7188001)) as locked"),
        }
    }

    /// The first statement of a transaction that writes the records of a source; the bind is the source's id as text.
    ///
    /// Two deliveries of one record at once would both read the same newest version and both write the next one.
    pub fn lock_source(self) -> Option<&'static str> {
        match self {
            Self::Sqlite => None,
            Self::Postgres => {
                Some("select 1 from (select pg_advisory_xact_lock(hashtextextended($1, 7188003))) as locked")
            }
        }
    }

    /// The last entry of the audit, held until commit: two transactions never extend the chain at the same place, and none
    /// waits for another while it holds the head, because taking it is the last thing that a transaction does.
    pub fn audit_head(self) -> &'static str {
        match self {
            Self::Sqlite => "select seq, hash from audit_head",
            Self::Postgres => "select seq, hash from audit_head for update",
        }
    }

    /// Lets what is deleted be overwritten and not only be forgotten. PostgreSQL leaves that to `vacuum`.
    pub fn overwrite_deleted(self) -> Option<&'static str> {
        match self {
            Self::Sqlite => Some("pragma secure_delete = on"),
            Self::Postgres => None,
        }
    }

    /// The fields of a mapped record `v` as rows `f` with a `key`, and the condition that one says something. Each database has
    /// functions of its own; PostgreSQL reads no JSON with an escaped U+0000: the replacement character stands for it, as in
    /// every column.
    pub fn fields_of_json(self) -> (&'static str, &'static str) {
        match self {
            Self::Sqlite => (
                "json_each(v.mapped) f",
                "f.type <> 'null' and not (f.type in ('array', 'object') and f.value in ('[]', '{}'))
                 and not (f.type = 'text' and f.value = '')",
            ),
            Self::Postgres => (
                "lateral json_each(cast(case when v.mapped = 'null' then '{}'
                                        else replace(v.mapped, '\\u0000', '\\ufffd') end as json)) f (key, value)",
                "cast(f.value as text) not in ('null', '[]', '{}', '\"\"')",
            ),
        }
    }

    /// What makes texts compare by code points, where the database would go by the language of its server.
    pub fn by_code_point(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => " collate \"C\"",
        }
    }

    /// The text at a path of a mapped record `v`, or null. The names are words of ours.
    pub fn json_text(self, path: &[&str]) -> String {
        match self {
            Self::Sqlite => {
                format!("cast(json_extract({MAPPED}, '$.{}') as text)", path.join("."))
            }
            Self::Postgres => {
                let (last, before) = path.split_last().unwrap_or((&"", &[]));
                let before = before.iter().fold(String::new(), |text, name| text + " -> '" + name + "'");
                format!("((cast({MAPPED} as json){before} ->> '{last}') collate \"C\")")
            }
        }
    }

    /// Whether a list of texts of a mapped record `v` has one of the texts in `among`.
    pub fn json_list_has(self, name: &str, among: &str) -> String {
        match self {
            Self::Sqlite => format!(
                "exists (select 1 from json_each({MAPPED}, '$.{name}') e
                         where e.value in {among})"
            ),
            Self::Postgres => format!(
                "exists (select 1 from json_array_elements_text(
                             cast({MAPPED} as json) -> '{name}') e (value)
                         where e.value in {among})"
            ),
        }
    }

    /// Whether a list of objects of a mapped record `v` has one in which `key` is what is bound at `place`.
    pub fn json_list_value_is(self, name: &str, key: &str, place: usize) -> String {
        match self {
            Self::Sqlite => format!(
                "exists (select 1 from json_each({MAPPED}, '$.{name}') e
                         where json_extract(e.value, '$.{key}') = ${place})"
            ),
            Self::Postgres => format!(
                "exists (select 1 from json_array_elements(
                             cast({MAPPED} as json) -> '{name}') e (value)
                         where e.value ->> '{key}' = ${place})"
            ),
        }
    }

    /// The type in which whole numbers compare exactly. PostgreSQL's whole numbers would refuse a page cursor with a fraction.
    pub fn whole_number(self) -> &'static str {
        match self {
            Self::Sqlite => "integer",
            Self::Postgres => "numeric",
        }
    }

    /// The type in which decimal numbers compare. SQLite has none that is exact.
    pub fn decimal_number(self) -> &'static str {
        match self {
            Self::Sqlite => "real",
            Self::Postgres => "numeric",
        }
    }

    /// The texts of a JSON array that is bound, as rows `v` with a `value`. Each database has a function of its own.
    pub fn texts_of_json(self, bind: &str) -> String {
        match self {
            Self::Sqlite => format!("json_each({bind}) v"),
            Self::Postgres => format!("json_array_elements_text(cast({bind} as json)) as v (value)"),
        }
    }

    /// The first statement of a transaction that starts an export of somebody; the bind is who. Two at once would both be the
    /// last one that is allowed.
    pub fn lock_exports(self) -> Option<&'static str> {
        match self {
            Self::Sqlite => None,
            Self::Postgres => {
                Some("select 1 from (select pg_advisory_xact_lock(hashtextextended($1, 7188028))) as locked")
            }
        }
    }

    /// The first statement of a transaction that folds customers: two of them would race for the same records.
    pub fn lock_identity(self) -> Option<&'static str> {
        match self {
            Self::Sqlite => None,
            Self::Postgres => Some("select 1 from (select pg_advisory_xact_lock(7188002)) as locked"),
        }
    }
}
