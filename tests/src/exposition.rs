//! A strict reader of what Prometheus scrapes, in both formats: what it does not allow is a panic.

use std::collections::{BTreeMap, BTreeSet};

/// The families of a page by their names, without `_total` or `_info` in either format.
#[derive(Debug)]
pub struct Exposition(pub BTreeMap<String, Family>);

/// Everything under one name.
#[derive(Debug)]
pub struct Family {
    /// The type: `counter`, `gauge`, `histogram`, `info`.
    pub kind: String,
    /// The unit; the older format has none.
    pub unit: Option<String>,
    /// The description.
    pub help: Option<String>,
    /// The samples in the order in which they stand.
    pub samples: Vec<Sample>,
}

/// One line with a value.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// The name, with its suffix.
    pub name: String,
    /// The labels.
    pub labels: BTreeMap<String, String>,
    /// The value as it stands there.
    pub value: String,
    /// The exemplar.
    pub exemplar: Option<Exemplar>,
}

/// What an exemplar says.
#[derive(Clone, Debug, PartialEq)]
pub struct Exemplar {
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// The value.
    pub value: f64,
    /// When it was, in seconds since 1970.
    pub at: f64,
}

impl Sample {
    /// The value as a number.
    ///
    /// # Panics
    ///
    /// When it is none.
    pub fn number(&self) -> f64 {
        number(&self.value)
    }

    /// A label.
    pub fn label(&self, name: &str) -> Option<&str> {
        self.labels.get(name).map(String::as_str)
    }
}

impl Exposition {
    /// Reads a page in the text format 0.0.4.
    ///
    /// # Panics
    ///
    /// Where it is not right.
    pub fn text(page: &str) -> Self {
        Self::read(page, false)
    }

    /// Reads a page in `OpenMetrics` 1.0.
    ///
    /// # Panics
    ///
    /// Where it is not right.
    pub fn open_metrics(page: &str) -> Self {
        let lines = page.strip_suffix("# EOF\n").expect("it ends with `# EOF`");
        Self::read(lines, true)
    }

    fn read(page: &str, open_metrics: bool) -> Self {
        assert!(page.is_empty() || page.ends_with('\n'), "the last line has an end");
        let mut families: Vec<(String, Family)> = Vec::new();
        let mut names = BTreeSet::new();
        let mut series = BTreeSet::new();
        for line in page.split_terminator('\n') {
            if let Some(comment) = line.strip_prefix("# ") {
                let (what, rest) = comment.split_once(' ').expect("a comment with a name");
                let (name, says) = rest.split_once(' ').unwrap_or((rest, ""));
                valid(name, true);
                if families.last().is_none_or(|(last, _)| last != name) {
                    assert!(names.insert(name.to_owned()), "{name} is in one place");
                    let family =
                        Family { kind: String::new(), unit: None, help: None, samples: Vec::new() };
                    families.push((name.to_owned(), family));
                }
                let (_, family) = families.last_mut().expect("just put there");
                assert!(family.samples.is_empty(), "`{line}` comes before samples");
                match what {
                    "HELP" => {
                        let text = unescaped(says, open_metrics);
                        assert_eq!(family.help.replace(text), None, "{line}");
                    }
                    "TYPE" => {
                        assert_eq!(family.kind, "", "{line}");
                        says.clone_into(&mut family.kind);
                    }
                    "UNIT" if open_metrics => {
                        assert!(name.ends_with(&format!("_{says}")), "{line}");
                        assert_eq!(family.unit.replace(says.to_owned()), None);
                    }
                    _ => panic!("{line}"),
                }
                continue;
            }
            let sample = sample(line, open_metrics);
            assert!(
                series.insert((sample.name.clone(), sample.labels.clone())),
                "`{line}` stands there once"
            );
            let (name, family) = families.last_mut().expect("a type comes before samples");
            let suffix = sample.name.strip_prefix(name.as_str()).expect("a sample of the family");
            let allowed: &[&str] = match (family.kind.as_str(), open_metrics) {
                ("counter", true) => &["_total"],
                ("info", true) => &["_info"],
                ("histogram", _) => &["_bucket", "_sum", "_count"],
                ("gauge", _) | ("counter", false) => &[""],
                (kind, _) => panic!("no type: {kind}"),
            };
            assert!(allowed.contains(&suffix), "{line}");
            if sample.exemplar.is_some() {
                assert!(open_metrics && matches!(suffix, "_bucket" | "_total"), "{line}");
            }
            family.samples.push(sample);
        }
        for (name, family) in &families {
            assert!(!family.kind.is_empty() && !family.samples.is_empty(), "{name}");
            if family.kind == "histogram" {
                check_histograms(name, &family.samples);
            }
        }
        let plain = |(name, family): (String, Family)| {
            let suffix = if family.kind == "counter" { "_total" } else { "_info" };
            let plain = name.strip_suffix(suffix).map_or(name.clone(), str::to_owned);
            (plain, family)
        };
        Self(families.into_iter().map(plain).collect())
    }

    /// A family.
    ///
    /// # Panics
    ///
    /// When there is none of the name.
    pub fn family(&self, name: &str) -> &Family {
        self.0.get(name).unwrap_or_else(|| panic!("{name} of {:?}", self.0.keys()))
    }

    /// All samples of a name.
    pub fn samples<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Sample> {
        self.0.values().flat_map(|family| &family.samples).filter(move |one| one.name == name)
    }

    /// The value of the only sample of a name with these labels among others.
    ///
    /// # Panics
    ///
    /// When there is none, or more than one.
    #[track_caller]
    pub fn value(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let has =
            |one: &&Sample| labels.iter().all(|(label, value)| one.label(label) == Some(value));
        let found: Vec<_> = self.samples(name).filter(has).collect();
        assert_eq!(found.len(), 1, "{name} {labels:?}: {found:?}");
        found[0].number()
    }
}

/// What all histograms hold to: buckets rise, the last has everything, and all is there.
fn check_histograms(name: &str, samples: &[Sample]) {
    let mut of: BTreeMap<BTreeMap<String, String>, Vec<&Sample>> = BTreeMap::new();
    for sample in samples {
        let mut labels = sample.labels.clone();
        let bound = labels.remove("le");
        assert_eq!(bound.is_some(), sample.name.ends_with("_bucket"), "{sample:?}");
        of.entry(labels).or_default().push(sample);
    }
    for (labels, samples) in of {
        let buckets: Vec<(f64, f64)> = samples
            .iter()
            .filter_map(|one| Some((number(one.label("le")?), one.number())))
            .collect();
        assert!(
            buckets.is_sorted_by(|a, b| a.0 < b.0 && a.1 <= b.1),
            "{name}{labels:?} {buckets:?}"
        );
        let (last, all) = buckets.last().copied().expect("a bucket");
        let count = samples.iter().find(|one| one.name == format!("{name}_count"));
        assert!(last.is_infinite() && last > 0.0, "{name}{labels:?}");
        assert_eq!(count.map(|one| one.number().to_bits()), Some(all.to_bits()), "{name}");
        for (at, sample) in samples.iter().filter(|one| one.label("le").is_some()).enumerate() {
            if let Some(exemplar) = &sample.exemplar {
                let below = if at == 0 { f64::NEG_INFINITY } else { buckets[at - 1].0 };
                let fits = exemplar.value > below && exemplar.value <= buckets[at].0;
                assert!(fits, "{name}: {exemplar:?} in {:?}", sample.label("le"));
            }
        }
    }
}

fn sample(line: &str, open_metrics: bool) -> Sample {
    let at = line.find(['{', ' ']).expect("a name");
    let (name, rest) = line.split_at(at);
    valid(name, true);
    let (labels, rest) = labels(rest);
    let rest = rest.strip_prefix(' ').expect("a space before the value");
    let (value, exemplar) = match rest.split_once(" # ") {
        Some((value, exemplar)) if open_metrics => (value, Some(exemplar)),
        _ => (rest, None),
    };
    number(value);
    let exemplar = exemplar.map(|text| {
        let (labels, rest) = labels_of_exemplar(text);
        let (value, at) = rest.trim_start().split_once(' ').expect("a value and a time");
        Exemplar { labels, value: number(value), at: number(at) }
    });
    Sample { name: name.to_owned(), labels, value: value.to_owned(), exemplar }
}

fn labels_of_exemplar(text: &str) -> (BTreeMap<String, String>, &str) {
    let (labels, rest) = labels(text);
    let length: usize =
        labels.iter().map(|(name, value)| name.chars().count() + value.chars().count()).sum();
    assert!(length <= 128, "{text}");
    (labels, rest)
}

/// Labels in braces, where there are some, and what follows.
fn labels(text: &str) -> (BTreeMap<String, String>, &str) {
    let mut labels = BTreeMap::new();
    let Some(mut rest) = text.strip_prefix('{') else { return (labels, text) };
    loop {
        let (name, after) = rest.split_once("=\"").expect("a label");
        valid(name, false);
        let mut value = String::new();
        let mut chars = after.char_indices();
        let end = loop {
            match chars.next().expect("the end of a value") {
                (at, '"') => break at,
                (_, '\\') => value.push(match chars.next().expect("what is escaped").1 {
                    'n' => '\n',
                    plain @ ('\\' | '"') => plain,
                    other => panic!("\\{other} in {text}"),
                }),
                (_, plain) => value.push(plain),
            }
        };
        assert_eq!(labels.insert(name.to_owned(), value), None, "{name} stands twice in {text}");
        let after = &after[end + 1..];
        if let Some(after) = after.strip_prefix('}') {
            return (labels, after);
        }
        rest = after.strip_prefix(',').expect("another label");
    }
}

fn unescaped(text: &str, quotes: bool) -> String {
    let mut plain = String::new();
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        plain.push(match char {
            '\\' => match chars.next() {
                Some('n') => '\n',
                Some('\\') => '\\',
                Some('"') if quotes => '"',
                other => panic!("{other:?} escaped in {text}"),
            },
            '"' if quotes => panic!("a quote in {text}"),
            plain => plain,
        });
    }
    plain
}

fn valid(name: &str, of_metric: bool) {
    let mut chars = name.chars();
    let fits = |char: char| char.is_ascii_alphabetic() || char == '_' || (of_metric && char == ':');
    assert!(chars.next().is_some_and(fits), "{name:?}");
    assert!(chars.all(|char| fits(char) || char.is_ascii_digit()), "{name:?}");
}

fn number(text: &str) -> f64 {
    match text {
        "+Inf" => f64::INFINITY,
        "-Inf" => f64::NEG_INFINITY,
        "NaN" => f64::NAN,
        text => {
            assert!(
                text.starts_with(|first: char| first.is_ascii_digit() || first == '-'),
                "{text}"
            );
            text.parse().unwrap_or_else(|_| panic!("no number: {text}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_found() {
        let right = "# TYPE a counter\na_total{b=\"c\"} 1\n# EOF\n";
        assert_eq!(
            Exposition::open_metrics(right).value("a_total", &[("b", "c")]).to_bits(),
            1.0_f64.to_bits()
        );
        for wrong in [
            "a_total 1\n# EOF\n",
            "# TYPE a counter\na 1\n# EOF\n",
            "# TYPE a counter\na_total 1\na_total 1\n# EOF\n",
            "# TYPE a counter\na_total{b=\"c} 1\n# EOF\n",
            "# TYPE a counter\na_total{b=\"c\",b=\"d\"} 1\n# EOF\n",
            "# TYPE a counter\na_total{1=\"c\"} 1\n# EOF\n",
            "# TYPE a counter\na_total one\n# EOF\n",
            "# TYPE a counter\n# UNIT a seconds\na_total 1\n# EOF\n",
            "# TYPE a gauge\na 1 # {} 1 1\n# EOF\n",
            "# TYPE a histogram\na_bucket{le=\"+Inf\"} 1\na_count 2\na_sum 1\n# EOF\n",
            "# TYPE a histogram\na_bucket{le=\"1\"} 2\na_bucket{le=\"+Inf\"} 1\na_count 1\n# EOF\n",
            "# TYPE a histogram\na_bucket{le=\"1\"} 1\na_count 1\n# EOF\n",
            "# TYPE a counter\na_total 1\n",
        ] {
            assert!(
                std::panic::catch_unwind(|| Exposition::open_metrics(wrong)).is_err(),
                "{wrong}"
            );
        }
    }
}
