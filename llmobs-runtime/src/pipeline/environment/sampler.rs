//! `OTEL_TRACES_SAMPLER` and its argument.

use super::check::Checked;
use super::error::Fault;
use super::note;
use crate::environment::names;

/// What a sampler wants as its argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Argument {
    Nothing,
    Ratio,
    PerSecond,
}

/// Of OpenTelemetry's SDK; the names with underscores are those of Microsoft's documentation.
const OURS: &[(&str, Argument)] = &[
    ("always_on", Argument::Nothing),
    ("always_off", Argument::Nothing),
    ("traceidratio", Argument::Ratio),
    ("parentbased_always_on", Argument::Nothing),
    ("parentbased_always_off", Argument::Nothing),
    ("parentbased_traceidratio", Argument::Ratio),
    ("trace_id_ratio", Argument::Ratio),
    ("parentbased_trace_id_ratio", Argument::Ratio),
];

/// Of Azure Monitor.
const AZURE: &[(&str, Argument)] = &[
    ("microsoft.fixed_percentage", Argument::Ratio),
    ("microsoft.rate_limited", Argument::PerSecond),
    ("microsoft.fixed.percentage", Argument::Ratio),
];

fn known() -> impl Iterator<Item = &'static (&'static str, Argument)> {
    let azure = if cfg!(feature = "azure-monitor") { AZURE } else { &[] };
    OURS.iter().chain(azure)
}

fn find(name: &str) -> Option<(&'static str, Argument)> {
    known().find(|(known, _)| known.eq_ignore_ascii_case(name)).copied()
}

pub(super) fn check_name(variable: &'static str, said: &str) -> Checked {
    if let Some((name, _)) = find(said) {
        return Checked::good(name);
    }
    let known: Vec<&str> = known().map(|(known, _)| *known).collect();
    let mut note = note::unknown_value(variable, said, &known);
    if AZURE.iter().any(|(azure, _)| azure.eq_ignore_ascii_case(said)) {
        note.push_str("; this one comes with the cargo feature `azure-monitor`");
    }
    Checked::unknown(note)
}

/// `sampler` is what the variable with its name says.
pub(super) fn check_argument(variable: &'static str, said: &str, sampler: Option<&str>) -> Checked {
    let Some(sampler) = sampler else {
        return Checked::unknown(format!(
            "{variable} has no effect without {}",
            names::TRACES_SAMPLER
        ));
    };
    let Some((_, argument)) = find(sampler) else { return Checked::default() };
    let number = said.parse::<f64>().ok().filter(|number| number.is_finite() && *number >= 0.0);
    let accepted = match (argument, number) {
        (Argument::Nothing, _) => return Checked::default(),
        (Argument::Ratio, Some(..=1.0)) | (Argument::PerSecond, Some(_)) => {
            return Checked::good(said);
        }
        (Argument::Ratio, _) => "a number from 0 to 1",
        (Argument::PerSecond, _) => "a number of traces per second",
    };
    Checked::fault(Fault::of_value(variable, said, accepted))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::environment::error::EnvironmentError;

    const ARG: &str = names::TRACES_SAMPLER_ARG;

    #[test]
    fn known_names_are_taken_in_any_case() {
        for (name, _) in OURS {
            let good = Checked::good(*name);
            assert_eq!(check_name(names::TRACES_SAMPLER, &name.to_ascii_uppercase()), good);
        }
        let unknown = check_name(names::TRACES_SAMPLER, "always_onn");
        assert_eq!(unknown.value, None);
        let note = unknown.notes.join("");
        assert!(
            note.starts_with(
                "OTEL_TRACES_SAMPLER names `always_onn`, which is unknown and left out, `always_on` is near it; \
                 known here: always_on, always_off, traceidratio,"
            ),
            "{note}"
        );
        let azure = check_name(names::TRACES_SAMPLER, "Microsoft.Rate_Limited");
        assert_eq!(azure.value.is_some(), cfg!(feature = "azure-monitor"));
        assert_eq!(azure.notes.is_empty(), cfg!(feature = "azure-monitor"));
    }

    #[test]
    fn the_argument_is_what_the_sampler_wants() {
        for said in ["0", "1", "0.25", "1e-3", ".5"] {
            assert_eq!(check_argument(ARG, said, Some("TraceIdRatio")), Checked::good(said));
        }
        for said in ["1.1", "-0.1", "nan", "inf", "25%", "x"] {
            let checked = check_argument(ARG, said, Some("parentbased_traceidratio"));
            let error = EnvironmentError::of(checked.faults).expect_err(said).to_string();
            assert_eq!(error, format!("{ARG} is `{said}`, accepted is a number from 0 to 1"));
            assert_eq!(check_argument(ARG, said, Some("always_on")), Checked::default());
            assert_eq!(check_argument(ARG, said, Some("xray")), Checked::default());
        }
        assert_eq!(
            check_argument(ARG, "0.5", None).notes,
            ["OTEL_TRACES_SAMPLER_ARG has no effect without OTEL_TRACES_SAMPLER"]
        );
        if cfg!(feature = "azure-monitor") {
            let limited = Some("microsoft.rate_limited");
            assert_eq!(check_argument(ARG, "50", limited), Checked::good("50"));
            assert_eq!(check_argument(ARG, "inf", limited).faults.len(), 1);
        }
    }
}
