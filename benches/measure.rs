//! Measuring on noisy machines: processor seconds beside wall seconds, medians of rounds, one table for the figures.
//!
//! Promises: figures go to standard output, everything else to standard error. Deliberately asserts nothing: a slow
//! machine is no failure.

use std::time::Instant;

/// Seconds that something took.
#[derive(Debug, Clone, Copy, Default)]
pub struct Took {
    /// On the wall.
    pub wall_s: f64,
    /// Of processors, of this process and of what was named beside it.
    pub cpu_s: f64,
}

/// Whose processor time counts beside this process's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beside {
    /// Nobody's.
    Nothing,
    /// That of a server whose main process this is, with its children: PostgreSQL.
    Server(u32),
}

/// A running measurement.
pub struct Meter {
    began: Instant,
    own: cpu_time::ProcessTime,
    beside: Beside,
    beside_s: f64,
}

impl Meter {
    /// Begins to measure.
    pub fn start(beside: Beside) -> Self {
        Self { began: Instant::now(), own: cpu_time::ProcessTime::now(), beside, beside_s: beside.cpu_s() }
    }

    /// What has passed since.
    pub fn took(&self) -> Took {
        let cpu_s = self.own.elapsed().as_secs_f64() + self.beside.cpu_s() - self.beside_s;
        Took { wall_s: self.began.elapsed().as_secs_f64(), cpu_s }
    }
}

impl Beside {
    /// The server that a connection of this process id belongs to, where it runs on this machine.
    pub fn of_backend(backend: i32) -> Self {
        let parent = stat(&backend.to_string()).and_then(|fields| fields.get(1).copied());
        match parent {
            Some(parent) if stat(&format!("{parent:.0}")).is_some() => Self::Server(parent as u32),
            _ => Self::Nothing,
        }
    }

    /// Processor seconds so far. Zero where the system does not tell (anything but Linux).
    pub fn cpu_s(self) -> f64 {
        match self {
            Self::Nothing => 0.0,
            Self::Server(pid) => server_ticks(pid).unwrap_or(0.0) / 100.0,
        }
    }
}

/// The fields of `/proc/PID/stat` from the third on (proc(5)): parent at 1, user and system ticks at 11 and 12, those of
/// children that have ended at 13 and 14. A tick is 1/100 s on every Linux of today.
fn stat(pid: &str) -> Option<Vec<f64>> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    Some(text.rsplit_once(')')?.1.split_whitespace().map(|field| field.parse().unwrap_or(0.0)).collect())
}

fn server_ticks(server: u32) -> Option<f64> {
    let mut ticks = 0.0;
    for entry in std::fs::read_dir("/proc").ok()?.flatten() {
        let Some(pid) =
            entry.file_name().to_str().filter(|name| name.bytes().all(|b| b.is_ascii_digit())).map(str::to_owned)
        else {
            continue;
        };
        let Some(fields) = stat(&pid) else { continue };
        if pid == server.to_string() {
            ticks += fields[11] + fields[12] + fields[13] + fields[14];
        } else if fields[1] == f64::from(server) {
            ticks += fields[11] + fields[12];
        }
    }
    Some(ticks)
}

/// The most memory that this process has held since [`peak_forget`], in megabytes. None where the system does not tell.
pub fn peak_mb() -> Option<f64> {
    peak_mb_of("self")
}

/// The same of another process, since it began.
pub fn peak_mb_of(pid: &str) -> Option<f64> {
    status_mb(pid, "VmHWM:")
}

/// The same without the pages of files that it looks at, which are the system's and shown as the process's: SQLite's.
pub fn peak_own_mb_of(pid: &str) -> Option<f64> {
    Some(status_mb(pid, "VmHWM:")? - status_mb(pid, "RssFile:")?)
}

fn status_mb(pid: &str, name: &str) -> Option<f64> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let kilobytes = text.lines().find_map(|line| line.strip_prefix(name))?;
    Some(kilobytes.split_whitespace().next()?.parse::<f64>().ok()? / 1024.0)
}

/// From here on the most memory is what is held from here on (proc(5), `clear_refs`).
pub fn peak_forget() {
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

/// The middle of the values; between two middles, their mean.
pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => f64::NAN,
        n if n % 2 == 1 => values[n / 2],
        n => f64::midpoint(values[n / 2 - 1], values[n / 2]),
    }
}

/// Rows of text in columns, the first to the left and the others to the right.
#[derive(Debug)]
pub struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these headings.
    pub fn new(headings: &[&str]) -> Self {
        Self { rows: vec![headings.iter().map(|&heading| heading.to_owned()).collect()] }
    }

    /// One more row.
    pub fn row(&mut self, cells: &[String]) {
        self.rows.push(cells.to_vec());
    }

    /// Prints it under a title.
    #[expect(clippy::print_stdout, reason = "the figures are the result of the program")]
    pub fn print(&self, title: &str) {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width =
            |column: usize| self.rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
        let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
        println!("\n{title}");
        for row in &self.rows {
            let mut line = String::from(" ");
            for (column, cell) in row.iter().enumerate() {
                let gap = " ".repeat(widths[column] - cell.chars().count());
                line += &if column == 0 { format!(" {cell}{gap}") } else { format!("  {gap}{cell}") };
            }
            println!("{}", line.trim_end());
        }
    }
}

/// A whole number with separators: `12,345`.
pub fn whole(value: f64) -> String {
    if !value.is_finite() {
        return "-".to_owned();
    }
    let digits = format!("{value:.0}");
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// How often the one is in the other: `0.31 x`.
pub fn times(value: f64, of: f64) -> String {
    let ratio = value / of;
    if ratio.is_finite() { format!("{ratio:.2} x") } else { "-".to_owned() }
}
