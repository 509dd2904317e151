//! Assembly, read as far as a comparison needs it: where each function begins and ends.

use std::collections::BTreeMap;

/// The functions of some assembly, by their symbols.
pub type Functions<'a> = BTreeMap<&'a str, Function<'a>>;

/// One function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function<'a> {
    /// Its lines, its label not among them.
    pub lines: Vec<&'a str>,
}

impl<'a> Function<'a> {
    /// The instructions: neither labels, directives nor comments.
    pub fn instructions(&self) -> impl Iterator<Item = &'a str> {
        self.lines.iter().map(|line| line.trim()).filter(|line| {
            !line.is_empty() && !line.ends_with(':') && !line.starts_with(['.', '#', ';', '/'])
        })
    }

    /// The lines as they would be if the function stood in another place among the others.
    pub(super) fn anywhere(&self) -> Vec<String> {
        self.lines.iter().map(|line| without_numbers_of_labels(line)).collect()
    }
}

/// The functions that `assembly` holds: what stands between a label that is no local one, and the end of its
/// unwind table.
pub fn functions(assembly: &str) -> Functions<'_> {
    let mut found = Functions::new();
    let mut label = None;
    let mut lines: Option<Vec<&str>> = None;
    for line in assembly.lines() {
        if let Some(name) = label_of(line) {
            label = lines.is_none().then_some(name).or(label);
        }
        match line.trim() {
            ".cfi_startproc" => lines = Some(Vec::new()),
            ".cfi_endproc" => {
                if let (Some(name), Some(lines)) = (label.take(), lines.take()) {
                    found.insert(name, Function { lines });
                }
            }
            _ => {
                if let Some(lines) = &mut lines {
                    lines.push(line);
                }
            }
        }
    }
    found
}

fn label_of(line: &str) -> Option<&str> {
    let name = line.strip_suffix(':')?;
    let local = name.starts_with([' ', '\t', '.', '#']) || name.starts_with("Ltmp");
    (!local).then_some(name)
}

/// `.LBB12_3` and the like name the place of a function among the others; here it is left out.
fn without_numbers_of_labels(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(at) = rest.find(".L") {
        let (before, label) = rest.split_at(at);
        let end = label[2..]
            .find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
            .map_or(label.len(), |end| end + 2);
        let (label, after) = label.split_at(end);
        out.push_str(before);
        out.extend(label.chars().filter(|letter| !letter.is_ascii_digit()));
        rest = after;
    }
    out + rest
}

/// A symbol as a reader knows the function: the path without its hash. One that it cannot read stays as it is.
pub fn readable(symbol: &str) -> String {
    let Some(path) = symbol.trim_start_matches('_').strip_prefix("ZN") else {
        return symbol.to_owned();
    };
    let mut segments = Vec::new();
    let mut rest = path;
    while let Some(end) = rest.find(|letter: char| !letter.is_ascii_digit()) {
        let (digits, after) = rest.split_at(end);
        let Some(segment) = digits.parse().ok().and_then(|length| after.get(..length)) else {
            break;
        };
        segments.push(plain(segment));
        rest = &after[segment.len()..];
    }
    segments.pop();
    segments.join("::")
}

/// A segment of a symbol with its signs instead of their names.
fn plain(segment: &str) -> String {
    let signs = [
        ("$LT$", "<"),
        ("$GT$", ">"),
        ("$LP$", "("),
        ("$RP$", ")"),
        ("$RF$", "&"),
        ("$BP$", "*"),
        ("$C$", ","),
        ("$u20$", " "),
        ("$u7b$", "{"),
        ("$u7d$", "}"),
        ("$u5b$", "["),
        ("$u5d$", "]"),
        ("$u27$", "'"),
        ("$u3b$", ";"),
        ("..", "::"),
    ];
    let segment = segment.strip_prefix("_$").map_or(segment.to_owned(), |rest| format!("${rest}"));
    signs.iter().fold(segment, |segment, (name, sign)| segment.replace(name, sign))
}

#[cfg(test)]
mod tests {
    use super::{functions, readable};

    const TWO: &str = "\t.type\t_ZN1a1b17h0123456789abcdefE,@function
_ZN1a1b17h0123456789abcdefE:
\t.cfi_startproc
\tmovl\t$3, %eax
.LBB0_1:
\tjmp\t.LBB0_1
\t.cfi_endproc
.Lfunc_end0:
anon.1:
\t.ascii\t\"ret\"
named:
\t.cfi_startproc
\t#APP
\tretq
\t.cfi_endproc
";

    #[test]
    fn a_function_is_its_instructions() {
        let functions = functions(TWO);
        let of = |name| functions[name].instructions().collect::<Vec<_>>();
        assert_eq!(functions.len(), 2);
        assert_eq!(of("_ZN1a1b17h0123456789abcdefE"), ["movl\t$3, %eax", "jmp\t.LBB0_1"]);
        assert_eq!(of("named"), ["retq"]);
        let other = TWO.replace("LBB0_", "LBB7_");
        let moved = super::functions(&other);
        for (name, function) in functions {
            assert_eq!(function.anywhere(), moved[name].anywhere());
        }
    }

    #[test]
    fn symbols_are_readable() {
        assert_eq!(readable("_ZN1a1b17h0123456789abcdefE"), "a::b");
        let poll = "_ZN6corpus4many3ask28_$u7b$$u7b$closure$u7d$$u7d$17h0123456789abcdefE";
        assert_eq!(readable(poll), "corpus::many::ask::{{closure}}");
        let method = "_ZN42_$LT$corpus..T$u20$as$u20$corpus..Tool$GT$4call17h0123456789abcdefE";
        assert_eq!(readable(method), "<corpus::T as corpus::Tool>::call");
        assert_eq!(readable("main"), "main");
    }
}
