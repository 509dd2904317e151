//! The files of results, and what the README says of them.

use std::path::PathBuf;
use std::{fs, io};

use crate::{Table, Verdict, judge};

const BEGIN: &str = "<!-- performance: written by the benches -->\n";
const END: &str = "<!-- performance: end -->";
const HEADLINES: &str = "In short";

fn directory() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../results")
}

fn readme_file() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../README.md")
}

/// What a bench found: tables, one per concern, and what came of its goals.
#[derive(Debug, Default)]
pub struct Report {
    tables: Vec<Table>,
    verdicts: Vec<Verdict>,
}

impl Report {
    /// Adds a table, and prints it.
    pub fn table(&mut self, table: Table) {
        print!("{table}");
        self.tables.push(table);
    }

    /// Adds what came of a goal.
    pub fn verdict(&mut self, verdict: Verdict) {
        self.verdicts.push(verdict);
    }

    /// Prints the goals; says whether none fails.
    pub fn judged(&self) -> bool {
        let (table, passed) = judge(&self.verdicts);
        print!("{table}");
        passed
    }

    /// Writes the file of the bench with this name, `tests/benches/results/{bench}.md`, and what the README says.
    ///
    /// # Errors
    ///
    /// When a file cannot be read or written, or the README has no place for it.
    pub fn write(&self, bench: &str, heading: &str) -> io::Result<()> {
        let columns = ["what", "against", "measured in", "measured", "goal", "outcome"];
        let mut headlines = Table::new(HEADLINES, "", &columns);
        for verdict in self.verdicts.iter().filter(|verdict| verdict.goal.headline) {
            headlines.row(verdict.cells());
        }
        let mut text =
            format!("# {heading}\n\nWritten by `cargo bench -p llmobs-tests`.\n\n{headlines}");
        text.push_str(&judge(&self.verdicts).0.to_string());
        for table in &self.tables {
            text.push_str(&table.to_string());
        }
        fs::create_dir_all(directory())?;
        fs::write(directory().join(format!("{bench}.md")), text.trim_end().to_owned() + "\n")?;
        let all = readme()?;
        let (before, rest) = all.split_once(BEGIN).ok_or_else(missing)?;
        let (_, after) = rest.split_once(END).ok_or_else(missing)?;
        fs::write(readme_file(), format!("{before}{BEGIN}{}{END}{after}", summary()?))
    }
}

fn missing() -> io::Error {
    io::Error::other("README.md has no section between the comments of performance")
}

/// The README.
///
/// # Errors
///
/// When it cannot be read.
pub fn readme() -> io::Result<String> {
    fs::read_to_string(readme_file())
}

/// What the README says of performance.
///
/// # Errors
///
/// When the comments around it are missing.
pub fn section(readme: &str) -> io::Result<&str> {
    let (_, rest) = readme.split_once(BEGIN).ok_or_else(missing)?;
    let (section, _) = rest.split_once(END).ok_or_else(missing)?;
    Ok(section)
}

/// What it has to say: the headlines of all files of results.
///
/// # Errors
///
/// When one of them cannot be read.
pub fn summary() -> io::Result<String> {
    let mut files: Vec<PathBuf> = fs::read_dir(directory())?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "md"));
    files.sort();
    let mut lines: Vec<String> = Vec::new();
    for file in files {
        let text = fs::read_to_string(file)?;
        let heading = format!("## {HEADLINES}\n");
        let table = text.split_once(&heading).map_or("", |(_, rest)| rest);
        let table = table.split_once("\n## ").map_or(table, |(table, _)| table);
        let rows = table.lines().filter(|line| line.starts_with('|'));
        // Of the head of the table one is enough.
        lines.extend(rows.skip(if lines.is_empty() { 0 } else { 2 }).map(cells));
    }
    Ok(lines.join("\n") + "\n")
}

/// Widths differ between files.
fn cells(line: &str) -> String {
    let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
    let ruler = |cell: &str| match (cell.starts_with('-'), cell.ends_with(':')) {
        (true, true) => "--:".to_owned(),
        (true, false) => "---".to_owned(),
        _ => cell.to_owned(),
    };
    format!("| {} |", cells.into_iter().map(ruler).collect::<Vec<_>>().join(" | "))
}
