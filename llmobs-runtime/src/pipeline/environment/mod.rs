//! What the environment says, read once when a pipeline is installed and checked as a whole before anything starts.
//!
//! The variables themselves stand in [`crate::environment`].

mod attributes;
mod backends;
mod check;
#[cfg(feature = "sdk")]
mod choice;
mod error;
#[cfg(test)]
mod noise;
mod note;
#[cfg(feature = "sdk")]
mod propagators;
mod read;
mod sampler;
mod shown;
mod strangers;

#[cfg(feature = "sdk")]
pub(in crate::pipeline) use attributes::pairs;
#[cfg(any(
    feature = "azure-monitor",
    feature = "console",
    feature = "otlp-grpc",
    feature = "otlp-http",
    feature = "prometheus"
))]
pub(in crate::pipeline) use backends::Backend;
#[cfg(feature = "sdk")]
pub(in crate::pipeline) use choice::{Wanted, wanted};
pub use error::EnvironmentError;
#[cfg(any(feature = "azure-monitor", feature = "otlp-grpc", feature = "otlp-http"))]
pub(in crate::pipeline) use error::Fault;
#[cfg(feature = "sdk")]
pub(in crate::pipeline) use propagators::set as set_propagators;
#[cfg(feature = "sdk")]
pub(in crate::pipeline) use read::Said;
pub(in crate::pipeline) use read::{Environment, Scope, Variables};
