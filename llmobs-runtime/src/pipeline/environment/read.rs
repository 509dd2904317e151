//! What all variables say, each checked against what it accepts.

use std::collections::BTreeMap;

use super::error::{EnvironmentError, Fault};
use super::strangers::nearest;
use super::{check, note};
use crate::environment::names;
#[cfg(feature = "sdk")]
use crate::environment::table::Kind;
use crate::environment::table::{TABLE, Variable};
use crate::environment::told;

/// With which all names of OpenTelemetry's begin.
const OURS: &str = "OTEL_";

/// Variables of OpenTelemetry's that say something that nothing here does: whoever sets them should know.
const WITHOUT_EFFECT: &[&str] = &[
    "OTEL_CONFIG_FILE",
    "OTEL_EXPERIMENTAL_CONFIG_FILE",
    "OTEL_EXPORTER_ZIPKIN_ENDPOINT",
    "OTEL_EXPORTER_ZIPKIN_TIMEOUT",
    "OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT",
];

/// The variables that matter here as they are in the process; `None` is no text.
#[derive(Default)]
pub(in crate::pipeline) struct Variables(BTreeMap<String, Option<String>>);

impl Variables {
    pub(in crate::pipeline) fn of_process() -> Self {
        let is_known = |name: &str| {
            name.starts_with(OURS) || TABLE.iter().any(|row| row.names.contains(&name))
        };
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            let name = name.into_string().ok().filter(|name| is_known(name))?;
            Some((name, value.into_string().ok()))
        };
        Self(std::env::vars_os().filter_map(text).collect())
    }

    #[cfg(test)]
    pub(in crate::pipeline) fn of(pairs: &[(&str, &str)]) -> Self {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), Some((*value).to_owned()));
        Self(pairs.iter().map(owned).collect())
    }

    #[cfg(test)]
    pub(in crate::pipeline) fn without_text(mut self, name: &str) -> Self {
        self.0.insert(name.to_owned(), None);
        self
    }

    /// What a variable says, `None` where it is blank.
    fn said(&self, name: &str) -> Option<String> {
        self.0.get(name).cloned().flatten().and_then(told)
    }

    fn is_no_text(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(Option::is_none)
    }
}

/// Which variables matter.
#[derive(Clone, Copy, Debug)]
pub(in crate::pipeline) enum Scope {
    /// Only what matters to calls: the providers are the application's.
    Calls,
    /// Those of a pipeline of our own.
    #[cfg(feature = "sdk")]
    Pipeline(Said),
}

/// What the environment says of a pipeline, and not code.
#[cfg(feature = "sdk")]
#[derive(Clone, Copy, Debug)]
pub(in crate::pipeline) struct Said {
    pub(in crate::pipeline) backends: bool,
    pub(in crate::pipeline) sampler: bool,
    pub(in crate::pipeline) resource: bool,
}

impl Scope {
    fn has(self, row: &Variable) -> bool {
        let matters = match self {
            Self::Calls => row.is_of_calls(),
            #[cfg(feature = "sdk")]
            Self::Pipeline(said) => match row.kind {
                Kind::Exporters(_) => said.backends,
                Kind::Sampler | Kind::SamplerArgument => said.sampler,
                Kind::Attributes | Kind::Detectors => said.resource,
                _ => true,
            },
        };
        matters && row.is_read()
    }
}

/// What the environment says, without what is unknown. There may be secrets in it.
#[derive(Default)]
pub(in crate::pipeline) struct Environment {
    values: BTreeMap<&'static str, String>,
    pub(in crate::pipeline) faults: Vec<Fault>,
    /// What is unknown, each a sentence.
    pub(in crate::pipeline) notes: Vec<String>,
}

impl Environment {
    /// Reads all that matters.
    pub(in crate::pipeline) fn read(variables: &Variables, scope: Scope) -> Self {
        let mut environment = Self::default();
        for row in TABLE.iter().filter(|row| scope.has(row)) {
            for &name in row.names {
                environment.read_one(row, name, variables);
            }
        }
        if !matches!(scope, Scope::Calls) {
            environment.notes.extend(strangers(variables));
        }
        environment
    }

    fn read_one(&mut self, row: &Variable, name: &'static str, variables: &Variables) {
        if variables.is_no_text(name) {
            self.faults.push(Fault::new(name, " is not UTF-8"));
        }
        let Some(said) = variables.said(name) else { return };
        let sampler = variables.said(names::TRACES_SAMPLER);
        let checked = check::check(row.kind, name, &said, sampler.as_deref());
        self.faults.extend(checked.faults);
        self.notes.extend(checked.notes);
        if let Some(value) = checked.value {
            self.values.insert(name, value);
        }
    }

    /// One that says this.
    #[cfg(all(test, feature = "sdk"))]
    pub(in crate::pipeline) fn saying(said: &[(&'static str, &str)]) -> Self {
        let values = said.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        Self { values, ..Self::default() }
    }

    /// What a variable says, as far as it is known.
    pub(in crate::pipeline) fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// Whether a variable that accepts `true` is it.
    pub(in crate::pipeline) fn is_true(&self, name: &str) -> bool {
        self.get(name).is_some_and(|said| said.eq_ignore_ascii_case("true"))
    }

    /// What this variable says does not matter.
    #[cfg(feature = "prometheus")]
    pub(in crate::pipeline) fn forgive(&mut self, variable: &str) {
        self.faults.retain(|fault| fault.variable() != Some(variable));
    }

    /// Fails with all that cannot be read.
    pub(in crate::pipeline) fn fail(&mut self) -> Result<(), EnvironmentError> {
        EnvironmentError::of(std::mem::take(&mut self.faults))
    }

    /// Warns, once, of all that is unknown.
    pub(in crate::pipeline) fn warn(&mut self) {
        let notes = std::mem::take(&mut self.notes);
        if !notes.is_empty() {
            tracing::warn!(target: "llmobs", "in the environment: {}", notes.join("; "));
        }
    }
}

/// The variables that probably were to be others, and those that nobody here reads.
fn strangers(variables: &Variables) -> impl Iterator<Item = String> + '_ {
    let known = || TABLE.iter().flat_map(|row| row.names.iter().copied());
    variables.0.keys().filter_map(move |name| {
        let blank = variables.said(name).is_none();
        if blank || !name.starts_with(OURS) || known().any(|known| known == name) {
            return None;
        }
        if WITHOUT_EFFECT.contains(&name.as_str()) {
            return Some(format!("{name} has no effect here"));
        }
        let meant = nearest(name, known())?;
        Some(note::unknown_variable(name, meant))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::environment::noise::Noise;

    #[cfg(feature = "sdk")]
    const SAID: Said = Said { backends: true, sampler: true, resource: true };
    #[cfg(feature = "sdk")]
    const ALL: Scope = Scope::Pipeline(SAID);
    #[cfg(not(feature = "sdk"))]
    const ALL: Scope = Scope::Calls;

    fn read(pairs: &[(&str, &str)]) -> Environment {
        Environment::read(&Variables::of(pairs), ALL)
    }

    fn message(mut environment: Environment) -> String {
        environment.fail().err().map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn all_faults_are_told_at_once() {
        let environment = read(&[
            ("OTEL_SDK_DISABLED", "1"),
            ("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "-1"),
            ("OTEL_SERVICE_NAME", "shop"),
        ]);
        assert_eq!(environment.get("OTEL_SDK_DISABLED"), None);
        assert!(!environment.is_true("OTEL_SDK_DISABLED"));
        assert_eq!(
            message(environment),
            "OTEL_SDK_DISABLED is `1`, accepted is `true` or `false`; \
             OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT is `-1`, accepted is a whole number"
        );
        let variables = Variables::of(&[]).without_text("OTEL_SDK_DISABLED");
        let error = message(Environment::read(&variables, ALL));
        assert_eq!(error, "OTEL_SDK_DISABLED is not UTF-8");
    }

    #[test]
    fn blank_is_unset_and_space_around_does_not_count() {
        let environment = read(&[
            ("OTEL_SDK_DISABLED", " True "),
            ("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", " "),
            ("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", ""),
        ]);
        assert!(environment.is_true("OTEL_SDK_DISABLED"));
        assert_eq!(environment.get("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT"), None);
        assert_eq!((environment.faults.len(), environment.notes.len()), (0, 0));
    }

    #[cfg(feature = "sdk")]
    #[test]
    fn a_name_that_is_nearly_known_is_noted_and_others_are_not() {
        let environment = read(&[
            ("OTEL_SERVICE_NAM", "shop"),
            ("OTEL_TRACE_SAMPLER", ""),
            ("OTEL_PYTHON_LOG_LEVEL", "info"),
            ("OTLE_SERVICE_NAME", "shop"),
            ("OTEL_CONFIG_FILE", "otel.yaml"),
        ]);
        assert_eq!(
            environment.notes,
            [
                "OTEL_CONFIG_FILE has no effect here",
                "OTEL_SERVICE_NAM is unknown, OTEL_SERVICE_NAME is near it"
            ]
        );
    }

    #[test]
    fn only_what_matters_is_read() {
        let bad = [
            ("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "x"),
            ("OTEL_TRACES_EXPORTER", "none,otlp"),
            ("OTEL_TRACES_SAMPLER", "traceidratio"),
            ("OTEL_TRACES_SAMPLER_ARG", "2"),
            ("OTEL_RESOURCE_ATTRIBUTES", "shop"),
            ("OTEL_SERVICE_NAM", "shop"),
        ];
        let calls = Environment::read(&Variables::of(&bad), Scope::Calls);
        assert_eq!(calls.notes, Vec::<String>::new());
        assert_eq!(
            message(calls),
            "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT is `x`, accepted is a whole number"
        );
        #[cfg(feature = "sdk")]
        {
            let variables = |scope| {
                let mut environment = Environment::read(&Variables::of(&bad), scope);
                let error = environment.fail().expect_err("faults");
                error.variables().collect::<Vec<_>>()
            };
            let (exporter, argument, resource, limit) = (
                "OTEL_TRACES_EXPORTER",
                "OTEL_TRACES_SAMPLER_ARG",
                "OTEL_RESOURCE_ATTRIBUTES",
                "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT",
            );
            let without_sampler = variables(Scope::Pipeline(Said { sampler: false, ..SAID }));
            assert!(!without_sampler.contains(&argument) && without_sampler.contains(&resource));
            assert!(
                !variables(Scope::Pipeline(Said { resource: false, ..SAID })).contains(&resource)
            );
            assert!(
                !variables(Scope::Pipeline(Said { backends: false, ..SAID })).contains(&exporter)
            );
            assert!(variables(ALL).contains(&argument) && variables(ALL).contains(&limit));
        }
    }

    #[test]
    fn whatever_the_environment_holds_is_read() {
        let mut noise = Noise::new(4);
        for _ in 0..2_000 {
            let pairs: Vec<(&str, String)> = TABLE
                .iter()
                .flat_map(|row| row.names.iter().copied())
                .map(|name| (name, noise.text()))
                .collect();
            let pairs: Vec<(&str, &str)> =
                pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let mut environment = read(&pairs);
            let _ = environment.fail();
        }
    }
}
