//! Names of the user's that are the same as ours, or as those of the prelude.

use std::future::ready;

use super::{awaited, recorded};

/// Nothing from the prelude, and everything that it has under another meaning.
#[no_implicit_prelude]
#[allow(dead_code, non_camel_case_types, reason = "only their names matter")]
mod shadowed {
    pub(super) struct Ok;
    pub(super) struct Err;
    pub(super) struct Some;
    pub(super) struct None;
    pub(super) struct Result;
    pub(super) struct Option;
    pub(super) struct Box;
    pub(super) struct String;
    pub(super) struct Vec;
    pub(super) struct Pin;
    pub(super) struct Call;
    pub(super) trait Future {}
    pub(super) trait Send {}
    pub(super) trait From {}
    pub(super) trait FnOnce {}
    pub(super) mod core {}
    pub(super) mod std {}
    pub(super) mod llmobs_runtime {}
    pub(super) mod attr {}
    pub(super) fn drop() {}
    pub(super) fn call() {}
    pub(super) fn out() {}
    pub(super) fn once() {}
    pub(super) fn typed() {}
    pub(super) type bool = ();
    pub(super) type u8 = ();

    #[::llmobs_runtime::instrument_llm(operation = execute_tool, tool(description = "d"), name = "n")]
    pub(super) fn sync(
        a: ::std::primitive::u8,
    ) -> ::core::result::Result<::std::primitive::u8, ::std::fmt::Error> {
        if a == 0 {
            return ::core::result::Result::Err(::std::fmt::Error);
        }
        ::core::result::Result::Ok(a)
    }

    #[::llmobs_runtime::instrument_llm(provider = "openai", model = "m", response = none)]
    pub(super) async fn asynchronous(
        a: ::std::primitive::u8,
    ) -> ::core::result::Result<::std::primitive::u8, ::std::fmt::Error> {
        ::std::future::ready(()).await;
        ::core::result::Result::Ok(a)
    }

    #[::llmobs_runtime::instrument_llm(provider = "openai", response = |it| it.tokens)]
    pub(super) async fn reads(
        a: ::core::option::Option<::std::primitive::u64>,
    ) -> ::core::result::Result<super::Reply, ::std::fmt::Error> {
        ::core::result::Result::Ok(super::Reply { tokens: super::Tokens { input: a } })
    }

    #[::llmobs_runtime::instrument_llm(operation = execute_tool)]
    pub(super) fn future()
    -> impl ::std::future::Future<Output = ::std::primitive::u8> + ::std::marker::Unpin {
        ::std::future::ready(3)
    }

    #[::llmobs_runtime::instrument_llm(operation = execute_tool)]
    #[track_caller]
    pub(super) fn tracked(
        a: ::core::option::Option<::std::primitive::u8>,
    ) -> ::core::option::Option<::std::primitive::u8> {
        let a = a?;
        if a == 0 {
            return ::core::option::Option::None;
        }
        ::core::option::Option::Some(a)
    }

    #[::llmobs_runtime::instrument_llm(operation = execute_tool)]
    pub(super) fn never() -> ! {
        ::std::panic::panic_any(1)
    }
}

#[derive(llmobs_runtime::LlmResponse)]
struct Tokens {
    #[llm(usage.input_tokens)]
    input: Option<u64>,
}

struct Reply {
    tokens: Tokens,
}

#[test]
fn a_prelude_of_the_users_own() {
    assert_eq!(recorded(&["n"], || shadowed::sync(3)), Ok(3));
    assert!(recorded(&["n"], || shadowed::sync(0)).is_err());
    assert_eq!(awaited(&["chat m"], || shadowed::asynchronous(3)), Ok(3));
    assert_eq!(awaited(&["chat"], || shadowed::reads(Some(3))).unwrap().tokens.input, Some(3));
    assert_eq!(awaited(&["execute_tool future"], shadowed::future), 3);
    assert_eq!(recorded(&["execute_tool tracked"], || shadowed::tracked(Some(3))), Some(3));
    assert_eq!(recorded(&["execute_tool tracked"], || shadowed::tracked(None)), None);
    recorded(&["execute_tool never"], || {
        std::panic::catch_unwind(|| shadowed::never()).unwrap_err();
    });
}

/// Arguments and locals named as the expansion names its own.
#[llmobs_runtime::instrument_llm(operation = execute_tool, attributes("app.call" = call, "app.out" = out))]
async fn same_names(
    call: u8,
    out: &str,
    value: u8,
    error: u8,
    future: u8,
    krate: u8,
    _: u8,
) -> usize {
    let entered = usize::from(call + value + error + future + krate);
    ready(()).await;
    entered + out.len()
}

#[llmobs_runtime::instrument_llm(operation = execute_tool, name = call)]
#[track_caller]
fn same_names_in_place(call: &str, out: Option<u8>, rest: u8) -> Option<u8> {
    let entered = 'body: {
        if call.is_empty() {
            break 'body 1;
        }
        out?
    };
    let value = rest;
    Some(entered + value)
}

#[test]
fn names_of_the_expansion() {
    let all = || same_names(1, "ab", 2, 3, 4, 5, 6);
    assert_eq!(awaited(&["execute_tool same_names"], all), 17);
    assert_eq!(recorded(&["x"], || same_names_in_place("x", Some(1), 2)), Some(3));
}

/// Written by a macro: its tokens come from two places.
macro_rules! tool {
    ($name:ident($($argument:ident: $ty:ty),*) -> $out:ty $body:block) => {
        #[llmobs_runtime::instrument_llm(operation = execute_tool, attributes("app.sum" = own.len()))]
        async fn $name(own: &str, $($argument: $ty),*) -> $out {
            let added = own.len();
            let inner = async { $body };
            inner.await + added
        }
    };
}

tool!(by_macro(a: usize, own: usize) -> usize { a + own });

#[test]
fn a_function_that_a_macro_writes() {
    assert_eq!(awaited(&["execute_tool by_macro"], || by_macro("abc", 1, 2)), 6);
}
