//! A source without what it says to llmobs.

/// How something that is said to llmobs begins, and how it ends.
const SAID: &[(&str, char, char)] = &[
    ("#[instrument_llm", '[', ']'),
    ("#[llmobs_runtime::instrument_llm", '[', ']'),
    ("#[derive(Llm", '[', ']'),
    ("#[llm(", '[', ']'),
    ("use llmobs_runtime::", '\0', ';'),
];

/// What a line ends with that stands there for llmobs alone.
const LINE: &str = "// llmobs";

/// The source with spaces in the place of our attributes and derives, of what is imported for them, and of each
/// line that ends in `// llmobs`: all else is at the line and column where it was.
pub fn unannotated(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(next) = rest.chars().next() {
        let said = SAID.iter().find(|(begins, ..)| rest.starts_with(begins));
        let length =
            said.map_or(next.len_utf8(), |(_, opens, closes)| length(rest, *opens, *closes));
        let (first, after) = rest.split_at(length);
        out.push_str(&if said.is_some() { blank(first) } else { first.to_owned() });
        rest = after;
    }
    out.split_inclusive('\n')
        .map(|line| if line.trim_end().ends_with(LINE) { blank(line) } else { line.to_owned() })
        .collect()
}

/// How far it is to the sign that closes what `text` begins with.
fn length(text: &str, opens: char, closes: char) -> usize {
    let mut depth = 0_usize;
    for (at, letter) in text.char_indices() {
        if letter == closes {
            depth = depth.saturating_sub(1);
            if depth == 0 {
                return at + letter.len_utf8();
            }
        } else if letter == opens {
            depth += 1;
        }
    }
    text.len()
}

fn blank(text: &str) -> String {
    text.chars().map(|letter| if letter == '\n' { '\n' } else { ' ' }).collect()
}

#[cfg(test)]
mod tests {
    use super::unannotated;

    #[test]
    fn the_rest_stays_where_it_is() {
        let source = "use llmobs_runtime::{call, instrument_llm};
#[inline] #[instrument_llm(a = [1, 2],
    b)] fn f() { // äö
    note(); // llmobs
    g[0]
}
#[derive(LlmChunk)] #[derive(Clone)]
struct S { #[llm(choice)] a: u8 }";
        let without = unannotated(source);
        let lines: Vec<_> = without.lines().map(str::trim_end).collect();
        assert_eq!(lines[0], "");
        assert_eq!(lines[1], "#[inline]");
        assert_eq!(lines[2], "        fn f() { // äö");
        assert_eq!(lines[3], "");
        assert_eq!(lines[4], "    g[0]");
        assert_eq!(lines[6], "                    #[derive(Clone)]");
        assert_eq!(lines[7], "struct S {                a: u8 }");
        let length = |text: &str| text.lines().map(|line| line.chars().count()).collect::<Vec<_>>();
        assert_eq!(length(&without), length(source));
    }
}
