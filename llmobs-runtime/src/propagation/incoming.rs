//! The context of a request that came from elsewhere.

use std::borrow::Cow;
use std::fmt;

use opentelemetry::baggage::BaggageExt;
use opentelemetry::context::{FutureExt, WithContext};
use opentelemetry::propagation::Extractor;
use opentelemetry::{Context, global};

use super::carriers::LookedUp;
use crate::scope::{CONVERSATION, Scope, TAGS, USER, scope};

/// The context that a request brought: a span elsewhere and perhaps baggage, on top of what is current here.
#[derive(Clone)]
pub struct Incoming {
    context: Context,
}

/// Without the baggage.
impl fmt::Debug for Incoming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Incoming").field("context", &self.context).finish()
    }
}

/// Reads the context out of whatever has headers; see [`opentelemetry::propagation::Extractor`]. Headers that are
/// absent or malformed leave what is current.
pub fn extract<E: Extractor + ?Sized>(from: &E) -> Incoming {
    let from = Seen(from);
    let current = Context::current();
    let context = global::get_text_map_propagator(|it| it.extract_with_context(&current, &from));
    Incoming { context }
}

/// The same from headers that a closure looks up by name, in lower case.
pub fn extract_with<'a>(header: impl Fn(&str) -> Option<&'a str>) -> Incoming {
    extract(&LookedUp::by(header))
}

/// A carrier of any size, seen without a parent that is none: the SDK takes `00-1-2-01` for one, and whoever sends that
/// with each request has them all in one trace.
struct Seen<'a, E: ?Sized>(&'a E);

impl<E: Extractor + ?Sized> Extractor for Seen<'_, E> {
    fn get(&self, key: &str) -> Option<&str> {
        let is_parent = key.eq_ignore_ascii_case("traceparent");
        self.0.get(key).filter(|value| !is_parent || is_parent_of_a_trace(value.trim()))
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys()
    }

    fn get_all(&self, key: &str) -> Option<Vec<&str>> {
        self.0.get_all(key)
    }
}

/// <https://www.w3.org/TR/trace-context/#traceparent-header-field-values>: `00-{32}-{16}-{2}` in lower case, of a later
/// version with more behind it.
fn is_parent_of_a_trace(value: &str) -> bool {
    let is_hex = |part: Option<&str>, length: usize| {
        part.is_some_and(|part| {
            part.len() == length && part.bytes().all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f'))
        })
    };
    let mut parts = value.split('-');
    let is_first = value.starts_with("00");
    [2, 32, 16, 2].into_iter().all(|length| is_hex(parts.next(), length))
        && (parts.next().is_none() || !is_first)
}

impl Incoming {
    /// The OpenTelemetry context, to be carried elsewhere.
    pub fn context(&self) -> Context {
        self.context.clone()
    }

    /// Runs a future inside: its spans are below the one that the request came from.
    pub fn run<F: Future>(&self, future: F) -> WithContext<F> {
        future.with_context(self.context.clone())
    }

    /// Runs a closure inside.
    pub fn in_scope<R>(&self, body: impl FnOnce() -> R) -> R {
        let _entered = self.context.clone().attach();
        body()
    }

    /// A scope of those entries of the baggage that are named here: anybody may send anything, so only what is expected
    /// is taken. `gen_ai.conversation.id`, `user.id` and `llmobs.tags` (separated by commas) become what they are called,
    /// others attributes. Inside of [`run`](Self::run), say `incoming.run(scope.run(future))`.
    pub fn scope<K: Into<Cow<'static, str>>>(&self, keys: impl IntoIterator<Item = K>) -> Scope {
        let baggage = self.context.baggage();
        keys.into_iter().fold(scope(), |scope, key| {
            let key = key.into();
            let Some(value) = baggage.get(&*key).map(|value| value.as_str().trim()) else {
                return scope;
            };
            if key == CONVERSATION {
                scope.conversation_id(value)
            } else if key == USER {
                scope.user_id(value)
            } else if key == TAGS {
                scope.tags(value.split(',').map(str::trim))
            } else {
                scope.attribute(key, value)
            }
        })
    }
}
