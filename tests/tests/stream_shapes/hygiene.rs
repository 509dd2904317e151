//! Names of the user's that are the same as ours, or as those of the prelude.

use std::future::ready;

use futures::{Stream, StreamExt, stream};
use llmobs_runtime::instrument_llm;
use llmobs_tests::Recorder;

use super::{Fault, Piece, all, answers, answers_in_results, block_on, fails, pieces};

/// Nothing from the prelude, and everything that it has under another meaning.
#[no_implicit_prelude]
#[allow(dead_code, non_camel_case_types, reason = "only their names matter")]
mod shadowed {
    pub(super) struct Ok;
    pub(super) struct Err;
    pub(super) struct Some;
    pub(super) struct None;
    pub(super) struct Option;
    pub(super) struct Box;
    pub(super) struct Vec;
    pub(super) struct Pin;
    pub(super) struct Call;
    pub(super) trait FnOnce {}
    pub(super) trait FnMut {}
    pub(super) trait Iterator {}
    pub(super) trait Send {}
    pub(super) mod core {}
    pub(super) mod std {}
    pub(super) mod futures {}
    pub(super) mod llmobs_runtime {}
    pub(super) fn call() {}
    pub(super) fn out() {}
    pub(super) fn item() {}
    pub(super) fn streaming() {}
    pub(super) fn once() {}
    pub(super) type bool = ();
    pub(super) type usize = ();

    type Plain<T> = ::futures::stream::Iter<::std::vec::IntoIter<T>>;

    #[derive(::std::clone::Clone, ::llmobs_runtime::LlmChunk)]
    pub(super) struct Part<'a> {
        #[llm(choice)]
        pub(super) choice: ::core::option::Option<::std::primitive::u32>,
        #[llm(response.finish_reasons)]
        pub(super) reasons: ::std::vec::Vec<&'a ::std::primitive::str>,
        #[llm(content.text)]
        pub(super) text: ::std::string::String,
        #[llm(complete)]
        pub(super) last: ::std::primitive::bool,
    }

    #[::llmobs_runtime::instrument_llm(provider = "openai", model = "m", stream)]
    pub(super) fn direct() -> impl ::futures::Stream<Item = super::Piece> {
        let plain: Plain<_> = ::futures::stream::iter(super::pieces());
        plain
    }

    #[::llmobs_runtime::instrument_llm(provider = "openai", response = |it| it)]
    pub(super) async fn asynchronous(
        works: ::std::primitive::bool,
    ) -> ::core::result::Result<
        ::std::pin::Pin<
            ::std::boxed::Box<dyn ::futures::Stream<Item = super::Piece> + ::std::marker::Send>,
        >,
        super::Fault,
    > {
        if works {
            ::core::result::Result::Ok(::std::boxed::Box::pin(::futures::stream::iter(
                super::pieces(),
            )))
        } else {
            ::core::result::Result::Err(super::Fault)
        }
    }

    #[::llmobs_runtime::instrument_llm(provider = "openai")]
    pub(super) fn future()
    -> impl ::std::future::Future<Output = impl ::futures::Stream<Item = super::Piece>> {
        ::std::future::ready(::futures::stream::iter(super::pieces()))
    }

    #[::llmobs_runtime::instrument_llm(provider = "openai")]
    pub(super) fn parts() -> impl ::futures::Stream<Item = Part<'static>> {
        let part = Part {
            choice: ::core::option::Option::None,
            reasons: ::std::vec!["stop"],
            text: ::std::string::String::new(),
            last: true,
        };
        ::futures::stream::iter([part])
    }

    #[::llmobs_runtime::instrument_llm(
        operation = execute_tool,
        capture(arguments(a, b = a.len()), result)
    )]
    pub(super) fn captures(a: &::std::primitive::str) -> ::std::string::String {
        ::std::string::ToString::to_string(a)
    }
}

#[test]
fn a_prelude_of_the_users_own() {
    answers(|| ready(shadowed::direct()));
    answers(|| async { shadowed::asynchronous(true).await.unwrap() });
    fails(|| shadowed::asynchronous(false), super::FAULT);
    answers(shadowed::future);
    let recorder = Recorder::new();
    assert_eq!(shadowed::captures("a"), "a");
    assert_eq!(recorder.span().name(), "execute_tool captures");
    drop(recorder);
    let recorder = Recorder::new();
    let parts = block_on(all(shadowed::parts()));
    assert_eq!((parts.len(), parts[0].choice, parts[0].last), (1, None, true));
    assert!(parts[0].text.is_empty() && parts[0].reasons == ["stop"]);
    let reasons = recorder.span().text("gen_ai.response.finish_reasons");
    assert_eq!(reasons.as_deref(), Some("[\"stop\"]"));
}

/// Arguments and locals named as the expansion names its own.
#[instrument_llm(provider = "openai", attributes("app.call" = call, "app.out" = out))]
fn same_names(
    call: u8,
    out: &str,
    item: usize,
    stream: u8,
    shown: u8,
) -> impl Stream<Item = Piece> {
    let (value, error, future) = (call, out.len(), stream);
    let take = item + usize::from(value + future + shown) + error;
    stream::iter(pieces()).take(take)
}

#[instrument_llm(provider = "openai", stream, attributes("app.error" = error))]
async fn same_names_in_a_result(
    error: &str,
    call: bool,
    out: u8,
) -> Result<impl Stream<Item = Result<Piece, Fault>> + use<>, Fault> {
    ready(()).await;
    let (item, stream) = (call, out);
    if error.is_empty() && item && stream == 0 {
        return Err(Fault);
    }
    Ok(super::results())
}

/// Written by a macro: its tokens come from two places.
macro_rules! ask {
    ($name:ident -> $($out:ty)? { $made:expr }) => {
        #[llmobs_runtime::instrument_llm(provider = "openai", attributes("app.size" = own.len()))]
        fn $name(own: &str) $(-> $out)? {
            let _ = own;
            $made
        }
    };
}

ask!(by_macro -> impl Stream<Item = Piece> + use<'_> { stream::iter(pieces()) });
ask!(by_macro_in_a_box -> futures::stream::BoxStream<'static, Piece> { stream::iter(pieces()).boxed() });

#[test]
fn names_of_the_expansion() {
    answers(|| ready(same_names(1, "ab", 2, 3, 4)));
    answers_in_results(|| async { same_names_in_a_result("e", false, 0).await.unwrap() });
    fails(|| same_names_in_a_result("", true, 0), super::FAULT);
    answers(|| ready(by_macro("own")));
    answers(|| ready(by_macro_in_a_box("own")));
}
