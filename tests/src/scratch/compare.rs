//! Two builds side by side: the same bytes, or what differs.

use std::collections::BTreeSet;
use std::fmt;

use super::Artifacts;
use super::assembly::{functions, readable};

/// What was found to be the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compared {
    /// Crates of the workspace.
    pub crates: usize,
    /// Functions in their assembly.
    pub functions: usize,
    /// Instructions of these.
    pub instructions: usize,
    /// Bytes of assembly.
    pub assembly: usize,
    /// Bytes of the program.
    pub binary: usize,
    /// Lines that the program printed.
    pub lines: usize,
}

impl fmt::Display for Compared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { crates, functions, instructions, assembly, binary, lines } = self;
        write!(
            f,
            "the same: {functions} functions with {instructions} instructions, the {assembly} bytes of assembly of \
             {crates} crate(s), the {binary} bytes of the program, the {lines} lines it prints"
        )
    }
}

/// What was found to differ, a line each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference(pub Vec<String>);

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

/// Compares two builds of the same program, byte for byte.
///
/// # Errors
///
/// What differs: each function by its name with the first lines that do, each line that the program printed, and
/// the size or the bytes of the program.
pub fn compare(one: &Artifacts, other: &Artifacts) -> Result<Compared, Difference> {
    let mut found = Vec::new();
    let mut same = Compared {
        crates: one.assembly.len(),
        functions: 0,
        instructions: 0,
        assembly: 0,
        binary: one.binary.len(),
        lines: one.stdout.lines().count(),
    };
    let crates: BTreeSet<_> = one.assembly.keys().chain(other.assembly.keys()).collect();
    for krate in crates {
        match (one.assembly.get(krate), other.assembly.get(krate)) {
            (Some(one), Some(other)) if one == other => {
                let functions = functions(one);
                same.functions += functions.len();
                same.instructions +=
                    functions.values().map(|each| each.instructions().count()).sum::<usize>();
                same.assembly += one.len();
            }
            (Some(one), Some(other)) => assembly(krate, one, other, &mut found),
            _ => found.push(format!("crate `{krate}` is in one build only")),
        }
    }
    lines(&one.stdout, &other.stdout, "printed", &mut found);
    lines(&one.warnings, &other.warnings, "warned", &mut found);
    if one.binary.len() != other.binary.len() {
        let (one, other) = (one.binary.len(), other.binary.len());
        found.push(format!("the program has {one} bytes and {other} bytes"));
    } else if one.binary != other.binary {
        let bytes = one.binary.iter().zip(&other.binary).filter(|(one, other)| one != other);
        found.push(format!("{} bytes of the program differ", bytes.count()));
    }
    if found.is_empty() { Ok(same) } else { Err(Difference(found)) }
}

/// Names the functions in which two texts of assembly differ.
fn assembly(krate: &str, one: &str, other: &str, found: &mut Vec<String>) {
    let before = found.len();
    let (ones, others) = (functions(one), functions(other));
    let symbols: BTreeSet<_> = ones.keys().chain(others.keys()).collect();
    for symbol in symbols {
        let name = readable(symbol);
        match (ones.get(symbol), others.get(symbol)) {
            (Some(one), Some(other)) => {
                let (one, other) = (one.anywhere().join("\n"), other.anywhere().join("\n"));
                lines(&one, &other, &format!("function `{name}`"), found);
            }
            _ => found.push(format!("function `{name}` is in one build only")),
        }
    }
    if found.len() == before {
        lines(one, other, &format!("the assembly of `{krate}` outside of its functions"), found);
    }
}

/// Reports the first lines of two texts that differ.
fn lines(one: &str, other: &str, what: &str, found: &mut Vec<String>) {
    if one == other {
        return;
    }
    let (mut ones, mut others) = (one.lines(), other.lines());
    loop {
        match (ones.next(), others.next()) {
            (Some(one), Some(other)) if one == other => {}
            (None, None) => return found.push(format!("{what}: how lines end")),
            (one, other) => {
                let shown = |line: Option<&str>| {
                    line.map_or("nothing".to_owned(), |it| format!("`{}`", it.trim()))
                };
                return found.push(format!("{what}: {} and {}", shown(one), shown(other)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Artifacts, Compared, compare};

    fn built(assembly: &str, binary: &[u8], stdout: &str) -> Artifacts {
        let assembly = [("a".to_owned(), assembly.to_owned())].into();
        Artifacts {
            assembly,
            binary: binary.to_owned(),
            stdout: stdout.to_owned(),
            warnings: String::new(),
        }
    }

    fn faults(one: &Artifacts, other: &Artifacts) -> Vec<String> {
        compare(one, other).expect_err("a difference").0
    }

    const ASSEMBLY: &str =
        "f:\n.cfi_startproc\n\tmovl $1, %eax\n\tretq\n.cfi_endproc\n.ascii \"x\"\n";

    #[test]
    fn what_is_the_same_is_counted() {
        let one = built(ASSEMBLY, &[1, 2], "a 1\nb 2\n");
        let same = Compared {
            crates: 1,
            functions: 1,
            instructions: 2,
            assembly: ASSEMBLY.len(),
            binary: 2,
            lines: 2,
        };
        assert_eq!(compare(&one, &one), Ok(same));
    }

    #[test]
    fn each_difference_is_named() {
        let one = built(ASSEMBLY, &[1, 2], "a 1\nb 2\n");
        let instruction = built(&ASSEMBLY.replace("$1", "$2"), &[1, 2], "a 1\nb 2\n");
        assert_eq!(
            faults(&one, &instruction),
            ["function `f`: `movl $1, %eax` and `movl $2, %eax`"]
        );
        let gone = built("", &[1, 2], "a 1\nb 2\n");
        assert_eq!(faults(&one, &gone), ["function `f` is in one build only"]);
        let data = built(&ASSEMBLY.replace("\"x\"", "\"y\""), &[1, 2], "a 1\nb 2\n");
        let expected =
            "the assembly of `a` outside of its functions: `.ascii \"x\"` and `.ascii \"y\"`";
        assert_eq!(faults(&one, &data), [expected]);
        let size = built(ASSEMBLY, &[1, 2], "a 1\nb 3\n");
        assert_eq!(faults(&one, &size), ["printed: `b 2` and `b 3`"]);
        assert_eq!(
            faults(&one, &built(ASSEMBLY, &[1, 2], "a 1\n")),
            ["printed: `b 2` and nothing"]
        );
        let longer = built(ASSEMBLY, &[1, 2, 3], "a 1\nb 2\n");
        assert_eq!(faults(&one, &longer), ["the program has 2 bytes and 3 bytes"]);
        let byte = built(ASSEMBLY, &[1, 3], "a 1\nb 2\n");
        assert_eq!(faults(&one, &byte), ["1 bytes of the program differ"]);
        let mut other = built(ASSEMBLY, &[1, 2], "a 1\nb 2\n");
        other.warnings.push_str("unused\n");
        assert_eq!(faults(&one, &other), ["warned: nothing and `unused`"]);
        other.warnings.clear();
        other.assembly.insert("b".to_owned(), String::new());
        assert_eq!(faults(&one, &other), ["crate `b` is in one build only"]);
    }
}
