//! Derives among names that get in their way.

use super::{expected, request, response, text};
use llmobs_runtime::payload::Value;

/// Nothing is in scope, and what could be is something else.
mod bare {
    #![no_implicit_prelude]
    #![expect(dead_code, reason = "names that the expansion must not find")]

    enum Option {}
    enum Result {}
    enum Some {}
    enum None {}
    enum Ok {}
    enum Err {}
    struct Fields;
    trait Record {
        fn set(&mut self) {}
        fn record(&mut self) {}
    }
    impl<T> Record for T {}
    mod core {}
    mod std {}

    #[derive(::llmobs_runtime::LlmRequest, ::llmobs_runtime::LlmResponse)]
    pub(super) struct Both<T> {
        #[llm(request.model)]
        pub(super) model: T,
        #[llm(usage.cache_read.input_tokens)]
        pub(super) read: u8,
        #[llm(usage.input_tokens, exclusive, with = |count| *count)]
        pub(super) input: u8,
        #[llm("app.tenant")]
        pub(super) tenant: u8,
        #[llm(nested)]
        pub(super) nested: Nested,
    }

    #[derive(::llmobs_runtime::LlmRequest, ::llmobs_runtime::LlmResponse)]
    pub(super) enum Nested {
        One(#[llm(response.id)] &'static str),
        Two,
    }
}

#[test]
fn without_a_prelude() {
    let both =
        bare::Both { model: "m", read: 1, input: 2, tenant: 3, nested: bare::Nested::One("r") };
    let all = expected([
        ("gen_ai.request.model", text("m")),
        ("gen_ai.usage.cache_read.input_tokens", Value::Int(1)),
        ("gen_ai.response.id", text("r")),
        ("gen_ai.usage.input_tokens", Value::Int(3)),
        ("app.tenant", Value::Int(3)),
    ]);
    assert_eq!(request(&both), all);
    assert_eq!(response(&both), all);
    assert_eq!(request(&bare::Nested::Two), []);
}

/// The runtime under another name, and where it is hidden behind another crate.
mod renamed {
    pub(super) mod facade {
        pub(in super::super) mod observability {
            pub(in super::super::super) use ::llmobs_runtime::*;
        }
    }

    #[derive(facade::observability::LlmRequest)]
    #[llm(crate = facade::observability)]
    pub(super) struct Path {
        #[llm(request.model)]
        pub(super) model: &'static str,
    }

    #[derive(facade::observability::LlmResponse)]
    #[llm(crate = "facade::observability")]
    pub(super) struct Text {
        #[llm(usage.input_tokens, exclusive)]
        pub(super) input: u8,
    }
}

#[test]
fn the_crate_by_another_path() {
    assert_eq!(
        request(&renamed::Path { model: "m" }),
        expected([("gen_ai.request.model", text("m"))])
    );
    assert_eq!(
        response(&renamed::Text { input: 1 }),
        expected([("gen_ai.usage.input_tokens", Value::Int(1))])
    );
}

/// The expansion of these passes the strictest lints.
mod strict {
    #![deny(warnings, missing_docs, clippy::all, clippy::pedantic, clippy::nursery)]
    #![forbid(unused_variables, unused_qualifications, single_use_lifetimes)]

    use llmobs_runtime::{LlmRequest, LlmResponse};

    /// With every option.
    #[derive(LlmRequest, LlmResponse)]
    pub(super) struct Struct<'a, T> {
        /// A model.
        #[llm(request.model)]
        pub(super) model: &'a T,
        /// Tokens.
        #[llm(usage.input_tokens, exclusive)]
        pub(super) input: u8,
        /// Cached ones.
        #[llm(usage.cache_read.input_tokens, with = |it| u64::from(*it))]
        pub(super) read: u8,
        /// An identifier.
        #[llm(response.id, with = String::as_str)]
        pub(super) id: String,
    }

    /// With variants that record the same, and some nothing.
    #[derive(LlmResponse)]
    pub(super) enum Enum {
        /// One.
        One(#[llm(response.id)] String),
        /// Two.
        Two(#[llm(response.id)] String),
        /// Three.
        Three,
        /// Four.
        Four,
    }

    /// Nothing at all.
    #[derive(LlmResponse)]
    pub(super) enum Silent {
        /// One.
        One,
    }
}

#[test]
fn under_strict_lints() {
    let strict = strict::Struct { model: &"m", input: 1, read: 2, id: "r".into() };
    assert_eq!(request(&strict).len(), 4);
    for one in [strict::Enum::One("r".into()), strict::Enum::Two("r".into())] {
        assert_eq!(response(&one), expected([("gen_ai.response.id", text("r"))]));
    }
    assert_eq!(response(&strict::Enum::Three), response(&strict::Enum::Four));
    assert_eq!(response(&strict::Silent::One), []);
}
