//! Traces that go on in other processes: contexts injected into requests that leave, extracted from those that come.
//!
//! Nothing is injected unless the application says so, destination by destination: a provider of models learns neither
//! the ids of traces nor anything else. What the headers are is the business of OpenTelemetry's global propagator;
//! a pipeline of ours sets the one that `OTEL_PROPAGATORS` names (W3C trace context and baggage, unless it says
//! otherwise), and an application with providers of its own sets that with
//! `opentelemetry::global::set_text_map_propagator`.
//!
//! # Requests that leave
//!
//! A client that follows redirections takes these headers along, to hosts that nobody named: for calls to providers and
//! gateways switch that off, as `reqwest::redirect::Policy::none()` does.
//!
//! ```
//! use llmobs_runtime::propagation::{self, Destinations};
//!
//! // The own gateway continues the trace, and the billing service may also know the baggage.
//! let destinations = Destinations::of(["gateway.internal:4000", "*.models.example"])?
//!     .with_baggage(["https://billing.internal"])?;
//! let url = "https://eu.models.example/v1/chat/completions";
//! let mut request = Vec::new();
//! for (name, value) in propagation::headers(&destinations, url) {
//!     // As `request.header(name, value)` of an HTTP client, inside the call whose span is the parent.
//!     request.push((name, value));
//! }
//! # Ok::<(), llmobs_runtime::propagation::DestinationError>(())
//! ```
//!
//! # Requests that come
//!
//! ```
//! use llmobs_runtime::propagation;
//! # use std::collections::HashMap;
//! # async fn answer() {}
//! # futures::executor::block_on(async {
//! # let headers = HashMap::from([("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")]);
//! // With the headers of `http`: `|name| headers.get(name)?.to_str().ok()`.
//! let incoming = propagation::extract_with(|name| headers.get(name).copied());
//! // Of the baggage only what is named becomes part of what spans say.
//! let scope = incoming.scope(["user.id"]);
//! incoming.run(scope.run(answer())).await;
//! # });
//! ```

#[cfg(feature = "sdk")]
mod baggage;
mod carriers;
mod destinations;
mod incoming;
mod url;

#[cfg(feature = "sdk")]
pub(crate) use baggage::W3cBaggage;
use carriers::Listed;
use opentelemetry::baggage::BaggageExt;
use opentelemetry::propagation::Injector;
use opentelemetry::{Context, global};

pub use carriers::Headers;
pub use destinations::{DestinationError, Destinations};
pub use incoming::{Incoming, extract, extract_with};

/// The headers that a request to this URL is to have; none where nobody asked for that.
///
/// The parent that they name is the span that is current: inside a function with `#[instrument_llm]`, its own. The URL
/// is absolute (`https://host:port/path`); one that cannot be read is that of no destination.
pub fn headers(destinations: &Destinations, url: &str) -> Headers {
    let mut listed = Listed::default();
    inject(destinations, url, &mut listed);
    listed.into_headers()
}

/// The same into whatever takes headers; see [`opentelemetry::propagation::Injector`].
pub fn inject<I: Injector + ?Sized>(destinations: &Destinations, url: &str, into: &mut I) {
    let Some(wanted) = destinations.find(url) else { return };
    let context = Context::current();
    if wanted.baggage || context.baggage().is_empty() {
        inject_context(&context, into);
    } else {
        inject_context(&context.with_cleared_baggage(), into);
    }
}

/// The same wherever the request goes, the baggage with it: for services of the application's own.
pub fn inject_into<I: Injector + ?Sized>(into: &mut I) {
    inject_context(&Context::current(), into);
}

fn inject_context<I: Injector + ?Sized>(context: &Context, into: &mut I) {
    let mut into = Handed(into);
    global::get_text_map_propagator(|propagator| propagator.inject_context(context, &mut into));
}

/// A carrier of any size.
struct Handed<'a, I: ?Sized>(&'a mut I);

impl<I: Injector + ?Sized> Injector for Handed<'_, I> {
    fn set(&mut self, key: &str, value: String) {
        self.0.set(key, value);
    }

    fn reserve(&mut self, additional: usize) {
        self.0.reserve(additional);
    }
}
