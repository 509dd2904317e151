//! What of the environment cannot be read.

use std::borrow::Cow;
use std::fmt;

use super::shown::shown;

/// Why the environment does not say what to do: every variable that cannot be read, each with its value and with what
/// is accepted.
///
/// A value that may be secret, as headers, keys and connection strings are, is not shown, a long one is shortened, and
/// an address has neither its user nor its query. `Debug` shows the message too.
#[derive(Clone, PartialEq, Eq)]
pub struct EnvironmentError {
    faults: Vec<Fault>,
}

/// One variable that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::pipeline) struct Fault {
    /// `None` where several would do, which `wrong` names.
    variable: Option<&'static str>,
    /// What is wrong with it.
    wrong: String,
}

impl Fault {
    /// The variable's value is not what is accepted.
    pub(in crate::pipeline) fn of_value(
        variable: &'static str,
        value: &str,
        accepted: impl Into<Cow<'static, str>>,
    ) -> Self {
        let wrong = format!(" is `{}`, accepted is {}", shown(value), accepted.into());
        Self { variable: Some(variable), wrong }
    }

    /// As `wrong` says, which stands right behind the variable's name.
    pub(in crate::pipeline) fn new(variable: &'static str, wrong: impl Into<String>) -> Self {
        Self { variable: Some(variable), wrong: wrong.into() }
    }

    /// A backend misses what `wrong` says.
    #[cfg(any(feature = "otlp-http", feature = "otlp-grpc"))]
    pub(in crate::pipeline) fn of_backend(wrong: impl Into<String>) -> Self {
        Self { variable: None, wrong: wrong.into() }
    }

    /// The variable, if it is one.
    #[cfg(any(feature = "otlp-http", feature = "otlp-grpc", feature = "prometheus"))]
    pub(in crate::pipeline) fn variable(&self) -> Option<&'static str> {
        self.variable
    }
}

impl EnvironmentError {
    /// `Err` if there is a fault.
    pub(in crate::pipeline) fn of(faults: Vec<Fault>) -> Result<(), Self> {
        if faults.is_empty() { Ok(()) } else { Err(Self { faults }) }
    }

    /// The names of the variables, in the order of the message; one may come twice. What a backend misses, and what
    /// several variables could say, is in the message only.
    pub fn variables(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.faults.iter().filter_map(|fault| fault.variable)
    }
}

impl fmt::Display for EnvironmentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, Fault { variable, wrong }) in self.faults.iter().enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            write!(f, "{}{wrong}", variable.unwrap_or_default())?;
        }
        Ok(())
    }
}

impl fmt::Debug for EnvironmentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for EnvironmentError {}
