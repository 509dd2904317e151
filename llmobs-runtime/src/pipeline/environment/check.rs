//! What each kind of variable accepts.

use super::error::Fault;
use super::{attributes, backends, note, sampler};
use crate::environment::table::Kind;
use crate::environment::whole;
use crate::pipeline::dialect::LATEST;

/// The values of `OTEL_PROPAGATORS`.
pub(super) const TRACE_CONTEXT: &str = "tracecontext";
pub(super) const BAGGAGE: &str = "baggage";
/// Where a list may be empty, but not by accident.
pub(super) const NONE: &str = "none";

/// The detectors of a resource, and what stands for all of them.
const DETECTORS: [&str; 5] = ["azure_aks", "azure_app_service", "azure_functions", "azure_vm", "*"];

/// What became of a value.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Checked {
    /// What is left of it when what is unknown is left out.
    pub(super) value: Option<String>,
    pub(super) faults: Vec<Fault>,
    pub(super) notes: Vec<String>,
}

impl Checked {
    pub(super) fn good(value: impl Into<String>) -> Self {
        Self { value: Some(value.into()), ..Self::default() }
    }

    pub(super) fn fault(fault: Fault) -> Self {
        Self { faults: vec![fault], ..Self::default() }
    }

    pub(super) fn unknown(note: String) -> Self {
        Self { notes: vec![note], ..Self::default() }
    }
}

/// Checks what a variable says; `sampler` is what the one that names it says.
pub(super) fn check(kind: Kind, name: &'static str, said: &str, sampler: Option<&str>) -> Checked {
    let wrong = |accepted: String| Checked::fault(Fault::of_value(name, said, accepted));
    let number = |least: u64, unit: &str| match whole(said) {
        Some(number) if number >= least => Checked::good(said),
        _ if least == 0 => wrong(format!("a whole number{unit}")),
        _ => wrong(format!("a whole number{unit} from {least}")),
    };
    match kind {
        Kind::Text | Kind::Theirs => Checked::good(said),
        Kind::Boolean => match said.to_ascii_lowercase() {
            value if value == "true" || value == "false" => Checked::good(value),
            _ => wrong("`true` or `false`".to_owned()),
        },
        Kind::Whole(least) => number(least, ""),
        Kind::Milliseconds(least) => number(least, " of milliseconds"),
        Kind::Port => match whole(said) {
            Some(port) if u16::try_from(port).is_ok() => Checked::good(said),
            _ => wrong("a port: a whole number up to 65535".to_owned()),
        },
        Kind::Exporters(signal) => backends::named(signal, name, said),
        Kind::Sampler => sampler::check_name(name, said),
        Kind::SamplerArgument => sampler::check_argument(name, said, sampler),
        Kind::Attributes => match attributes::pairs(said) {
            Ok(_) => Checked::good(said),
            Err(no_pair) => Checked::fault(broken_pair(name, said, &no_pair)),
        },
        Kind::Propagators => list(name, said, &[TRACE_CONTEXT, BAGGAGE]),
        Kind::OptIn => opt_in(name, said),
        Kind::Capture => capture(name, said),
        Kind::Detectors => detectors(name, said),
        Kind::OneOf(words) => match words.iter().find(|word| word.eq_ignore_ascii_case(said)) {
            Some(word) => Checked::good(*word),
            None => wrong(format!("`{}`", words.join("`, `"))),
        },
    }
}

/// Names with commas between, of which those that are known are left; or `none` alone.
fn list(name: &'static str, said: &str, known: &[&'static str]) -> Checked {
    let mut checked = Checked::default();
    let (mut found, mut none, mut all) = (Vec::new(), false, 0_usize);
    for item in items(said) {
        all = all.saturating_add(1);
        if item.eq_ignore_ascii_case(NONE) {
            none = true;
        } else if let Some(known) = known.iter().find(|known| item.eq_ignore_ascii_case(known)) {
            if !found.contains(known) {
                found.push(*known);
            }
        } else {
            checked.notes.push(note::unknown_value(name, item, known));
        }
    }
    if none && all > 1 {
        return Checked::fault(none_and_more(name, said));
    }
    checked.value = if none { Some(NONE.to_owned()) } else { joined(&found) };
    checked
}

/// `none` stands beside something else.
pub(super) fn none_and_more(name: &'static str, said: &str) -> Fault {
    Fault::of_value(name, said, "`none` alone, or names without it")
}

/// What stands between the commas.
pub(super) fn items(said: &str) -> impl Iterator<Item = &str> {
    said.split(',').map(str::trim).filter(|item| !item.is_empty())
}

/// With commas between; `None` for nothing.
pub(super) fn joined(names: &[&str]) -> Option<String> {
    (!names.is_empty()).then(|| names.join(","))
}

/// Only where it is broken, as a value of an attribute may be anything.
fn broken_pair(name: &'static str, said: &str, no_pair: &attributes::NoPair) -> Fault {
    let attributes::NoPair { position, key } = no_pair;
    let accepted = "accepted is `key=value` with commas between, and what `%` begins is two hexadecimal digits of \
                    UTF-8";
    let place = match key {
        Some(key) => format!("of `{}` ", super::shown::shown(key)),
        None => match said.split(',').nth(position.saturating_sub(1)) {
            Some(pair) if !pair.contains('=') => format!("`{}` ", super::shown::shown(pair.trim())),
            _ => String::new(),
        },
    };
    Fault::new(name, format!(": pair {position} {place}is broken, {accepted}"))
}

/// A list of all instrumentations, of which one value is ours.
fn opt_in(name: &'static str, said: &str) -> Checked {
    let is_ours = |item: &&str| {
        *item != LATEST
            && (item.starts_with("gen_ai")
                || super::strangers::nearest(&item.to_ascii_lowercase(), [LATEST]).is_some())
    };
    let notes = items(said).filter(is_ours).map(|item| note::unknown_value(name, item, &[LATEST]));
    Checked { notes: notes.collect(), ..Checked::good(said) }
}

/// What is unknown may have meant to forbid it. It is not shown: it might be a secret that stands in the wrong place.
fn capture(name: &'static str, said: &str) -> Checked {
    if crate::content::is_known_mode(said) {
        return Checked::good(said);
    }
    let note = format!(
        "{name} has a value that is none of NO_CONTENT, SPAN_ONLY, EVENT_ONLY, SPAN_AND_EVENT, true, false: no \
         content is captured"
    );
    Checked { notes: vec![note], ..Checked::good("NO_CONTENT") }
}

/// Others than Azure's may be for other programs; what is near to one of Azure's is not.
fn detectors(name: &'static str, said: &str) -> Checked {
    let is_meant = |item: &&str| {
        let item = item.to_ascii_lowercase();
        !DETECTORS.contains(&item.as_str())
            && (item.starts_with("azure") || super::strangers::nearest(&item, DETECTORS).is_some())
    };
    let notes = items(said).filter(is_meant);
    let notes = notes.map(|item| note::unknown_value(name, item, &DETECTORS)).collect();
    Checked { notes, ..Checked::good(said) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::names;
    use crate::environment::table::{Signal, TABLE};
    use crate::pipeline::environment::error::EnvironmentError;
    use crate::pipeline::environment::noise::Noise;

    const NAME: &str = names::SDK_DISABLED;

    fn value(kind: Kind, said: &str) -> Option<String> {
        let checked = check(kind, NAME, said, None);
        assert_eq!((checked.faults, checked.notes), (vec![], vec![]), "{said}");
        checked.value
    }

    fn message(kind: Kind, said: &str) -> String {
        let checked = check(kind, NAME, said, None);
        assert_eq!((checked.value, checked.notes), (None, vec![]), "{said}");
        EnvironmentError::of(checked.faults).expect_err(said).to_string()
    }

    fn notes(kind: Kind, said: &str) -> (Option<String>, String) {
        let checked = check(kind, NAME, said, None);
        assert_eq!(checked.faults, vec![], "{said}");
        (checked.value, checked.notes.join("; "))
    }

    #[test]
    fn each_kind_takes_what_it_accepts() {
        for (kind, said, left) in [
            (Kind::Text, "anything", "anything"),
            (Kind::Boolean, "TRUE", "true"),
            (Kind::Boolean, "false", "false"),
            (Kind::Whole(0), "0", "0"),
            (Kind::Whole(1), "1", "1"),
            (Kind::Whole(1), "99999999999999999999999", "99999999999999999999999"),
            (Kind::Milliseconds(0), "0", "0"),
            (Kind::Port, "0", "0"),
            (Kind::Port, "65535", "65535"),
            (Kind::Attributes, "a=b,c=%20", "a=b,c=%20"),
            (Kind::Propagators, "Baggage, tracecontext,baggage", "baggage,tracecontext"),
            (Kind::Propagators, "NONE", "none"),
            (
                Kind::OptIn,
                "http/dup,gen_ai_latest_experimental",
                "http/dup,gen_ai_latest_experimental",
            ),
            (Kind::Capture, "span_only", "span_only"),
            (Kind::Detectors, "otel,azure_vm,*", "otel,azure_vm,*"),
            (Kind::OneOf(&["gzip", "none"]), "GZIP", "gzip"),
        ] {
            assert_eq!(value(kind, said).as_deref(), Some(left), "{kind:?}");
        }
        assert_eq!(value(Kind::Propagators, ","), None);
    }

    #[test]
    fn what_cannot_be_read_is_told_with_what_is_accepted() {
        for (kind, said, told) in [
            (Kind::Boolean, "1", "is `1`, accepted is `true` or `false`"),
            (Kind::Whole(0), "-1", "is `-1`, accepted is a whole number"),
            (Kind::Whole(1), "0", "is `0`, accepted is a whole number from 1"),
            (Kind::OneOf(&["gzip", "none"]), "zip", "is `zip`, accepted is `gzip`, `none`"),
            (Kind::Milliseconds(0), "5s", "is `5s`, accepted is a whole number of milliseconds"),
            (
                Kind::Milliseconds(1),
                "0",
                "is `0`, accepted is a whole number of milliseconds from 1",
            ),
            (Kind::Port, "65536", "is `65536`, accepted is a port: a whole number up to 65535"),
            (
                Kind::Propagators,
                "none,baggage",
                "is `none,baggage`, accepted is `none` alone, or names without it",
            ),
        ] {
            assert_eq!(message(kind, said), format!("{NAME} {told}"));
        }
        let accepted = "accepted is `key=value` with commas between, and what `%` begins is two hexadecimal digits \
                        of UTF-8";
        for (said, place) in [
            ("a=1,shop", "pair 2 `shop` is broken"),
            ("a=my password is 100%", "pair 1 of `a` is broken"),
            ("=secret", "pair 1 is broken"),
        ] {
            assert_eq!(message(Kind::Attributes, said), format!("{NAME}: {place}, {accepted}"));
        }
    }

    #[test]
    fn what_is_unknown_is_noted_and_left_out() {
        assert_eq!(
            notes(Kind::Propagators, "tracecontext,b3,bagage"),
            (
                Some("tracecontext".to_owned()),
                format!(
                    "{NAME} names `b3`, which is unknown and left out; known here: tracecontext, baggage; \
                     {NAME} names `bagage`, which is unknown and left out, `baggage` is near it; known here: \
                     tracecontext, baggage"
                )
            )
        );
        assert_eq!(notes(Kind::Propagators, "xray").0, None);
        let (value, note) = notes(Kind::OptIn, "http,gen_ai_latest");
        assert_eq!(value.as_deref(), Some("http,gen_ai_latest"));
        assert!(note.contains("`gen_ai_latest`, which is unknown"), "{note}");
        let (value, note) = notes(Kind::Capture, "sk-secret");
        assert_eq!(value.as_deref(), Some("NO_CONTENT"));
        assert!(!note.contains("secret"), "{note}");
        let (_, note) = notes(Kind::Detectors, "otel,azure_vmm");
        assert!(note.contains("`azure_vmm`") && note.contains("`azure_vm` is near it"), "{note}");
    }

    #[test]
    fn whatever_is_said_there_is_an_answer_and_no_secret_in_it() {
        let mut noise = Noise::new(3);
        let kinds: Vec<Kind> = TABLE.iter().map(|row| row.kind).collect();
        for _ in 0..20_000 {
            let kind = *noise.one_of(&kinds);
            let (said, sampler) = (noise.text(), noise.text());
            let checked = check(kind, NAME, &said, Some(&sampler));
            // What is left of a value is good by itself.
            if let Some(left) = checked.value
                && checked.faults.is_empty()
            {
                let again = check(kind, NAME, &left, Some(&sampler));
                assert_eq!(again.faults, vec![], "{kind:?} {said:?} {left:?}");
            }
        }
        for kind in [Kind::Theirs, Kind::Capture] {
            let checked = check(kind, NAME, "sk-hunter2", None);
            assert!(!format!("{:?}", checked.notes).contains("hunter2"));
            assert!(checked.faults.is_empty());
        }
        assert_eq!(Signal::ALL.map(Signal::name), ["traces", "metrics", "logs"]);
    }
}
