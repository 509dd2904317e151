//! What a macro refuses where it records, it refuses where it does not: same words, same places.

use std::path::Path;
use std::{fmt, fs};

use crate::scratch;

/// Wrong uses, with what the compiler says of them where calls are recorded.
pub(crate) const FOLDER: &str = "compile-fail/tests/ui";

/// Those files of which the macros say everything that is said; of the others the compiler finds more, in what
/// the macros made of them.
const FILES: [&str; 8] =
    ["arguments", "capture", "derive", "impl_block", "items", "keys", "operations", "streams"];

/// One error.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Fault {
    line: u32,
    column: u32,
    message: String,
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)
    }
}

/// `line:column` after a file's name.
fn place(text: &str) -> Option<(u32, u32)> {
    let (line, column) = text.split_once(':')?;
    Some((line.parse().ok()?, column.parse().ok()?))
}

/// The errors of `file` that the recorded messages list.
fn recorded(file: &str) -> Vec<Fault> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(FOLDER).join(file);
    let text = fs::read_to_string(path.with_extension("stderr")).expect("recorded messages");
    let mut found = Vec::new();
    let mut message = None;
    for line in text.lines() {
        if let Some(said) = line.strip_prefix("error: ") {
            message = Some(said.to_owned());
        } else if let Some((_, at)) = line.split_once(".rs:")
            && let Some((line, column)) = place(at)
            && let Some(message) = message.take()
        {
            found.push(Fault { line, column, message });
        }
    }
    found.sort();
    found
}

/// The errors of `file` among those of all, one to a line.
fn compiled_out(all: &str, file: &str) -> Vec<Fault> {
    let named = |line: &str| {
        let (_, rest) = line.split_once(&format!("src/bin/{file}.rs:"))?;
        let (at, message) = rest.split_once(": error")?;
        let (line, column) = place(at)?;
        let message = message.strip_prefix(": ").unwrap_or(message).to_owned();
        Some(Fault { line, column, message })
    };
    let mut found: Vec<_> = all.lines().filter_map(named).collect();
    found.sort();
    found
}

#[test]
fn the_same_uses_are_wrong() {
    let mut arguments =
        vec!["check", "--release", "-p", "faults", "--keep-going", "--message-format=short"];
    for file in FILES {
        arguments.extend(["--bin", file]);
    }
    let output = scratch().cargo(&arguments, &[]);
    assert!(!output.status.success());
    let all = String::from_utf8_lossy(&output.stderr);
    let mut count = 0;
    for file in FILES {
        let expected = recorded(file);
        assert_ne!(expected, [], "{file}");
        assert_eq!(compiled_out(&all, file), expected, "{file}");
        count += expected.len();
    }
    println!("the same: {count} errors in {} files", FILES.len());
}
