//! What holds headers.

use std::fmt;
use std::marker::PhantomData;
use std::vec::IntoIter;

use opentelemetry::propagation::{Extractor, Injector};

/// Headers by name and value, in lower case and to be set; made by [`headers`](super::headers).
#[derive(Clone)]
#[must_use = "the request has them when they are set"]
pub struct Headers(IntoIter<(String, String)>);

/// Without the values: baggage says who a user is.
impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.0.as_slice().iter().map(|(name, _)| name);
        f.debug_list().entries(names).finish()
    }
}

impl Iterator for Headers {
    type Item = (String, String);

    fn next(&mut self) -> Option<(String, String)> {
        self.0.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl ExactSizeIterator for Headers {}

/// Headers that a propagator has set.
#[derive(Default)]
pub(super) struct Listed(Vec<(String, String)>);

impl Listed {
    pub(super) fn into_headers(self) -> Headers {
        Headers(self.0.into_iter())
    }
}

impl Injector for Listed {
    fn set(&mut self, key: &str, value: String) {
        // The SDK's propagator sets a `tracestate` of nothing, which the specification would rather not have sent.
        if value.is_empty() {
            return;
        }
        let name = key.to_ascii_lowercase();
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = value,
            None => self.0.push((name, value)),
        }
    }

    fn reserve(&mut self, additional: usize) {
        // No propagator has more; what it asks for need not be so.
        self.0.reserve(additional.min(16));
    }
}

/// Headers that a closure looks up.
pub(super) struct LookedUp<'a, F> {
    look_up: F,
    headers: PhantomData<&'a str>,
}

impl<'a, F: Fn(&str) -> Option<&'a str>> LookedUp<'a, F> {
    pub(super) fn by(look_up: F) -> Self {
        Self { look_up, headers: PhantomData }
    }
}

impl<'a, F: Fn(&str) -> Option<&'a str>> Extractor for LookedUp<'a, F> {
    fn get(&self, key: &str) -> Option<&str> {
        (self.look_up)(key)
    }

    /// A closure cannot tell; propagators of W3C, B3 and X-Ray ask for theirs by name.
    fn keys(&self) -> Vec<&str> {
        Vec::new()
    }
}
