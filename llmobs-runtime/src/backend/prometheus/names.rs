//! Names as Prometheus has them, after OpenTelemetry's compatibility specification:
//! <https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/>.

/// Units of UCUM and what Prometheus calls them.
const UNITS: &[(&str, &str)] = &[
    ("d", "days"),
    ("h", "hours"),
    ("min", "minutes"),
    ("s", "seconds"),
    ("ms", "milliseconds"),
    ("us", "microseconds"),
    ("ns", "nanoseconds"),
    ("By", "bytes"),
    ("KiBy", "kibibytes"),
    ("MiBy", "mebibytes"),
    ("GiBy", "gibibytes"),
    ("TiBy", "tebibytes"),
    ("kBy", "kilobytes"),
    ("KBy", "kilobytes"),
    ("MBy", "megabytes"),
    ("GBy", "gigabytes"),
    ("TBy", "terabytes"),
    ("m", "meters"),
    ("V", "volts"),
    ("A", "amperes"),
    ("J", "joules"),
    ("W", "watts"),
    ("g", "grams"),
    ("Cel", "celsius"),
    ("Hz", "hertz"),
    ("%", "percent"),
    ("1", ""),
];

/// The same behind a slash.
const PER: &[(&str, &str)] = &[
    ("s", "second"),
    ("min", "minute"),
    ("m", "minute"),
    ("h", "hour"),
    ("d", "day"),
    ("w", "week"),
    ("wk", "week"),
    ("mo", "month"),
    ("y", "year"),
    ("a", "year"),
];

/// What a name says of its metric beside what it measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Suffix {
    /// That of counters, which their family does not have: it stands on the samples.
    Total,
    /// That of gauges without a unit.
    Ratio,
    None,
}

/// The name and the unit of a metric family; `None` where nothing of the name is left.
pub(super) fn family(name: &str, unit: &str, suffix: Suffix) -> Option<(String, String)> {
    let mut words = words(name);
    if suffix == Suffix::Total && words.len() > 1 && words.last() == Some(&"total") {
        words.pop();
    }
    if words.is_empty() {
        return None;
    }
    let mut family = words.join("_");
    if family.starts_with(|first: char| first.is_ascii_digit()) {
        family.insert(0, '_');
    }
    let unit = match suffix {
        Suffix::Ratio if unit == "1" => "ratio".to_owned(),
        _ => self::unit(unit),
    };
    let ends = |with: &str| {
        family.strip_suffix(with).is_some_and(|rest| rest.is_empty() || rest.ends_with('_'))
    };
    if !unit.is_empty() && !ends(&unit) {
        family.push('_');
        family.push_str(&unit);
    }
    Some((family, unit))
}

/// A unit in words; empty where Prometheus has none, as for counts of things (`{token}`).
fn unit(ucum: &str) -> String {
    let plain = without_annotations(ucum);
    let (main, per) = plain.split_once('/').unwrap_or((&plain, ""));
    let (main, per) = (known(UNITS, main.trim()), known(PER, per.trim()));
    match (main.is_empty(), per.is_empty()) {
        (_, true) => main,
        (true, false) => format!("per_{per}"),
        (false, false) => format!("{main}_per_{per}"),
    }
}

fn known(units: &[(&str, &str)], unit: &str) -> String {
    let name = units.iter().find(|(ucum, _)| *ucum == unit).map(|(_, name)| (*name).to_owned());
    name.unwrap_or_else(|| words(unit).join("_"))
}

/// Leaves out what stands in braces.
fn without_annotations(unit: &str) -> String {
    let mut depth = 0_usize;
    let kept = |char: &char| match char {
        '{' => {
            depth = depth.saturating_add(1);
            false
        }
        '}' => {
            depth = depth.saturating_sub(1);
            false
        }
        _ => depth == 0,
    };
    unit.chars().filter(kept).collect()
}

/// What is left of a name between the characters that Prometheus does not know in one.
fn words(name: &str) -> Vec<&str> {
    let fits = |char: char| char.is_ascii_alphanumeric() || char == ':';
    name.split(|char| !fits(char)).filter(|word| !word.is_empty()).collect()
}

/// The label of an attribute.
pub(super) fn label(key: &str) -> String {
    let mut label = String::with_capacity(key.len());
    for char in key.chars() {
        match char {
            _ if char.is_ascii_alphanumeric() => label.push(char),
            // Several in a row become one.
            _ if label.ends_with('_') => {}
            _ => label.push('_'),
        }
    }
    if label.is_empty() || label.starts_with(|first: char| first.is_ascii_digit()) {
        label.insert_str(0, "key_");
    }
    // The bucket of a histogram has this one.
    if label == "le" {
        label.insert_str(0, "exported_");
    }
    label
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conventions::{Instrument, METRICS};

    fn named(name: &str, unit: &str, suffix: Suffix) -> (String, String) {
        family(name, unit, suffix).expect("a name")
    }

    #[track_caller]
    fn is(name: &str, unit: &str, suffix: Suffix, family: &str, in_words: &str) {
        assert_eq!(named(name, unit, suffix), (family.to_owned(), in_words.to_owned()));
    }

    #[test]
    fn a_family_has_its_unit_at_the_end_once() {
        is("http.server.duration", "s", Suffix::None, "http_server_duration_seconds", "seconds");
        is("a.seconds", "s", Suffix::None, "a_seconds", "seconds");
        is("seconds", "s", Suffix::None, "seconds", "seconds");
        is("milliseconds", "s", Suffix::None, "milliseconds_seconds", "seconds");
        is("seconds.to.go", "s", Suffix::None, "seconds_to_go_seconds", "seconds");
        is("a", "By/s", Suffix::None, "a_bytes_per_second", "bytes_per_second");
        is("a", "{call}/s", Suffix::None, "a_per_second", "per_second");
        is("a", "By{sent}", Suffix::None, "a_bytes", "bytes");
        is("a", "{token}", Suffix::None, "a", "");
        is("a", "1", Suffix::None, "a", "");
        is("a", "1", Suffix::Ratio, "a_ratio", "ratio");
        is("a", "USD", Suffix::None, "a_USD", "USD");
        is("a", "m2.s-1", Suffix::None, "a_m2_s_1", "m2_s_1");
        is("a", "}{{", Suffix::None, "a", "");
        is("a", "", Suffix::Ratio, "a", "");
    }

    #[test]
    fn a_counter_says_that_it_is_one_once_and_last() {
        is("jobs", "", Suffix::Total, "jobs", "");
        is("jobs.total", "", Suffix::Total, "jobs", "");
        is("time_total", "s", Suffix::Total, "time_seconds", "seconds");
        is("total", "", Suffix::Total, "total", "");
        is("jobs.total", "", Suffix::None, "jobs_total", "");
    }

    #[test]
    fn a_name_has_no_character_that_prometheus_does_not_know() {
        is("(a).b--c__d", "", Suffix::None, "a_b_c_d", "");
        is("ns:a/b", "", Suffix::None, "ns:a_b", "");
        is("3d.größe", "", Suffix::None, "_3d_gr_e", "");
        assert_eq!(family("--", "s", Suffix::None), None);
        assert_eq!(family("", "", Suffix::Total), None);
    }

    #[test]
    fn a_label_has_none_either() {
        for (key, name) in [
            ("gen_ai.request.model", "gen_ai_request_model"),
            ("a..b", "a_b"),
            ("__name__", "_name_"),
            ("1st", "key_1st"),
            ("größe", "gr_e"),
            ("", "key_"),
            ("le", "exported_le"),
            ("LE", "LE"),
            ("a:b", "a_b"),
        ] {
            assert_eq!(label(key), name, "{key}");
        }
    }

    #[test]
    fn no_two_metrics_of_the_conventions_have_one_name() {
        let mut names: Vec<_> = METRICS
            .iter()
            .map(|row| {
                let suffix = match row.instrument {
                    Instrument::Counter => Suffix::Total,
                    Instrument::Histogram => Suffix::None,
                };
                named(row.name, row.unit, suffix).0
            })
            .collect();
        assert!(names.contains(&"gen_ai_client_token_usage".to_owned()));
        assert!(names.contains(&"gen_ai_client_operation_duration_seconds".to_owned()));
        names.sort();
        let all = names.len();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
