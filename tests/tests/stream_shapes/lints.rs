//! The attribute adds no warning of its own, and hides none of the user's; see `shapes/lints.rs`.

#![deny(warnings, clippy::all, clippy::pedantic, clippy::nursery)]
#![deny(
    unfulfilled_lint_expectations,
    unused_qualifications,
    let_underscore_drop,
    elided_lifetimes_in_paths
)]

use std::future::ready;

use super::{answers, answers_in_results, fails};

/// Code without a fault.
mod clean {
    use std::future::Future;
    use std::pin::Pin;

    use futures::stream::BoxStream;
    use futures::{Stream, StreamExt, stream};
    use llmobs_runtime::instrument_llm;
    use tokio::task::yield_now;

    use super::super::{Fault, Piece, pieces, results};

    #[instrument_llm(provider = "openai")]
    pub(super) fn one_call() -> impl Stream<Item = Piece> {
        stream::iter(pieces())
    }

    #[instrument_llm(provider = "openai", response = |it| it)]
    pub(super) fn items_first(_guard: String, _: String) -> BoxStream<'static, Piece> {
        const COUNT: usize = 3;
        fn all() -> Vec<Piece> {
            pieces()
        }
        stream::iter(all()).take(COUNT).boxed()
    }

    #[instrument_llm(provider = "openai")]
    pub(super) fn fallible(works: bool) -> Result<impl Stream<Item = Result<Piece, Fault>>, Fault> {
        if !works {
            return Err(Fault);
        }
        Ok(results())
    }

    #[instrument_llm(
        provider = "openai",
        model = model,
        server = "https://api.openai.com",
        attributes(app.size = text.len()),
        metric_attributes(app.region = "north"),
        capture(input = text, output),
        usage = |_| llmobs_runtime::Usage { output: Some(7), ..llmobs_runtime::Usage::default() }
    )]
    pub(super) async fn arguments(
        model: &str,
        text: &str,
    ) -> Result<Pin<Box<dyn Stream<Item = Piece> + Send>>, Fault> {
        yield_now().await;
        Ok(Box::pin(stream::iter(pieces())))
    }

    #[instrument_llm(provider = "openai")]
    pub(super) async fn asynchronous(count: usize) -> impl Stream<Item = Piece> {
        yield_now().await;
        stream::iter(pieces()).take(count)
    }

    #[instrument_llm(provider = "openai")]
    pub(super) fn future(count: usize) -> impl Future<Output = impl Stream<Item = Piece>> + Send {
        async move { stream::iter(pieces()).take(count) }
    }

    #[instrument_llm(provider = "openai")]
    pub(super) fn future_in_a_box(
        works: bool,
    ) -> Pin<Box<dyn Future<Output = Result<BoxStream<'static, Piece>, Fault>> + Send>> {
        Box::pin(async move { if works { Ok(stream::iter(pieces()).boxed()) } else { Err(Fault) } })
    }

    #[instrument_llm(provider = "openai")]
    #[track_caller]
    pub(super) fn tracked(works: bool) -> Result<BoxStream<'static, Piece>, Fault> {
        if !works {
            return Err(Fault);
        }
        Ok(stream::iter(pieces()).boxed())
    }

    #[instrument_llm(provider = "openai", stream)]
    pub(super) fn named() -> llmobs_runtime::Recorded<stream::Iter<std::vec::IntoIter<Piece>>> {
        llmobs_runtime::recorded(stream::iter(pieces()))
    }

    #[instrument_llm(
        operation = execute_tool,
        capture(arguments(city, days = days.to_string()), result)
    )]
    pub(super) fn captures(city: &str, days: u8) -> String {
        format!("{city} {days}")
    }

    #[derive(llmobs_runtime::LlmChunk)]
    pub(super) enum Event<'a> {
        Delta {
            #[llm(choice)]
            index: u32,
            #[llm(content.text)]
            text: Option<&'a str>,
            #[llm(response.finish_reasons)]
            reason: Option<String>,
        },
        Usage(#[llm(usage.input_tokens, exclusive)] u64, #[llm(usage.cache_read.input_tokens)] u64),
        #[llm(complete)]
        Done,
    }

    #[instrument_llm(provider = "openai")]
    pub(super) fn events() -> impl Stream<Item = Event<'static>> {
        stream::iter([
            Event::Delta { index: 0, text: Some("a"), reason: None },
            Event::Usage(1, 2),
            Event::Done,
        ])
    }
}

/// Code without a fault whose bodies stand on one line, where braces may look like too many.
#[rustfmt::skip]
mod one_line {
    use std::future::{Future, ready};
    use std::pin::Pin;

    use futures::stream::BoxStream;
    use futures::{Stream, StreamExt, stream};
    use llmobs_runtime::instrument_llm;

    use super::super::{Fault, Piece, pieces};

    #[instrument_llm(provider = "openai")]
    pub(super) fn direct() -> impl Stream<Item = Piece> { stream::iter(pieces()) }

    #[instrument_llm(provider = "openai")]
    pub(super) fn boxed(count: usize) -> BoxStream<'static, Piece> { stream::iter(pieces()).take(count).boxed() }

    #[instrument_llm(provider = "openai")]
    pub(super) fn fallible(count: usize) -> Result<impl Stream<Item = Piece>, Fault> { Ok(stream::iter(pieces()).take(count)) }

    #[instrument_llm(provider = "openai")]
    pub(super) async fn asynchronous(count: usize) -> impl Stream<Item = Piece> { ready(stream::iter(pieces()).take(count)).await }

    #[instrument_llm(provider = "openai")]
    pub(super) fn future(count: usize) -> impl Future<Output = impl Stream<Item = Piece>> { ready(stream::iter(pieces()).take(count)) }

    #[instrument_llm(provider = "openai")]
    pub(super) fn future_in_a_box(count: usize) -> Pin<Box<dyn Future<Output = BoxStream<'static, Piece>>>> { Box::pin(ready(stream::iter(pieces()).take(count).boxed())) }

    #[instrument_llm(provider = "openai")]
    #[track_caller]
    pub(super) fn tracked() -> BoxStream<'static, Piece> { stream::iter(pieces()).boxed() }

    #[instrument_llm(provider = "openai")]
    #[track_caller]
    pub(super) fn tracked_fallible() -> Result<BoxStream<'static, Piece>, Fault> { Ok(stream::iter(pieces()).boxed()) }

    #[instrument_llm(provider = "openai", stream)]
    pub(super) fn named() -> llmobs_runtime::Recorded<stream::Iter<std::vec::IntoIter<Piece>>> { llmobs_runtime::recorded(stream::iter(pieces())) }

    #[instrument_llm(operation = invoke_agent, capture(output))]
    pub(super) fn of_text(words: &[&'static str]) -> impl Stream<Item = &'static str> { stream::iter(words.to_vec()) }
}

#[test]
fn bodies_on_one_line_stay_clean() {
    answers(|| ready(one_line::direct()));
    answers(|| ready(one_line::boxed(3)));
    answers(|| ready(one_line::fallible(3).unwrap()));
    answers(|| one_line::asynchronous(3));
    answers(|| one_line::future(3));
    answers(|| one_line::future_in_a_box(3));
    answers(|| ready(one_line::tracked()));
    answers(|| ready(one_line::tracked_fallible().unwrap()));
    answers(|| ready(one_line::named()));
    let recorder = llmobs_tests::Recorder::new();
    assert_eq!(super::block_on(super::all(one_line::of_text(&["a"]))), ["a"]);
    let span = recorder.span();
    drop(recorder);
    assert_eq!(span.name(), "invoke_agent");
}

/// Code with faults: the user is told of them as without the attribute.
mod faulty {
    use futures::{Stream, stream};
    use llmobs_runtime::instrument_llm;

    use super::super::{Piece, pieces};

    #[instrument_llm(provider = "openai")]
    #[expect(unused_variables, reason = "an argument is not used")]
    pub(super) fn argument(a: u8) -> impl Stream<Item = Piece> {
        stream::iter(pieces())
    }

    #[instrument_llm(provider = "openai")]
    #[expect(unused_mut, unused_variables, reason = "variables are not used")]
    pub(super) async fn variables() -> impl Stream<Item = Piece> {
        let mut a = 1;
        stream::iter(pieces())
    }

    #[instrument_llm(provider = "openai")]
    #[expect(unreachable_code, reason = "code is not reached")]
    pub(super) fn unreachable() -> impl Stream<Item = Piece> {
        return stream::iter(pieces());
        stream::iter(vec![])
    }
}

#[test]
fn it_still_does_what_it_says() {
    answers(|| ready(clean::one_call()));
    answers(|| ready(clean::items_first(String::new(), String::new())));
    answers_in_results(|| ready(clean::fallible(true).unwrap()));
    fails(|| ready(clean::fallible(false)), super::FAULT);
    answers(|| async { clean::arguments("m", "text").await.unwrap() });
    answers(|| clean::asynchronous(3));
    answers(|| clean::future(3));
    answers(|| async { clean::future_in_a_box(true).await.unwrap() });
    answers(|| ready(clean::tracked(true).unwrap()));
    answers(|| ready(clean::named()));
    answers(|| ready(faulty::argument(1)));
    answers(faulty::variables);
    answers(|| ready(faulty::unreachable()));
    let recorder = llmobs_tests::Recorder::new();
    assert_eq!(clean::captures("Bern", 3), "Bern 3");
    assert_eq!(super::block_on(super::all(clean::events())).len(), 3);
    let spans = recorder.spans();
    drop(recorder);
    assert_eq!(spans[0].name(), "execute_tool captures");
    assert_eq!(spans[1].int("gen_ai.usage.input_tokens"), Some(3));
}
