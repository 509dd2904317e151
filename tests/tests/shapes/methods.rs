//! Traits, their implementations, and whole `impl` blocks.

use std::future::ready;

use async_trait::async_trait;
use llmobs_runtime::instrument_llm;
use llmobs_tests::Recorder;

use super::{awaited, block_on, recorded};

trait Tools {
    const NAME: &'static str;
    type Out: Default;

    #[instrument_llm(operation = execute_tool)]
    fn default_body(&self, a: u8) -> (u8, &'static str) {
        (a, Self::NAME)
    }

    #[instrument_llm(operation = execute_tool)]
    async fn async_default_body(&mut self) -> Self::Out
    where
        Self: Send,
    {
        ready(()).await;
        self.required(1).await
    }

    async fn required(&mut self, a: u8) -> Self::Out;
}

struct Shop(u8);

#[instrument_llm(operation = execute_tool)]
impl Tools for Shop {
    const NAME: &'static str = "shop";
    type Out = u8;

    async fn required(&mut self, a: u8) -> Self::Out {
        self.0 += a;
        self.0
    }
}

#[test]
fn a_trait_with_default_bodies() {
    assert_eq!(recorded(&["execute_tool default_body"], || Shop(0).default_body(2)), (2, "shop"));
    let both = ["execute_tool required", "execute_tool async_default_body"];
    assert_eq!(awaited(&both, || async { Shop(3).async_default_body().await }), 4);
}

#[async_trait]
trait Model: Sync {
    async fn ask(&self, question: &str, depth: u8) -> Result<String, std::fmt::Error>;

    #[instrument_llm(provider = "openai", model = self.name(), response = none)]
    async fn twice(&self, question: &str) -> Result<String, std::fmt::Error> {
        Ok(self.ask(question, 1).await? + &self.ask(question, 1).await?)
    }

    fn name(&self) -> &str;
}

struct Above;
struct Below;
struct Inside;

#[instrument_llm(provider = "openai", response = none, model = depth.to_string())]
#[async_trait]
impl Model for Above {
    async fn ask(&self, question: &str, depth: u8) -> Result<String, std::fmt::Error> {
        ready(()).await;
        if depth == 0 { Err(std::fmt::Error) } else { Ok(question.to_owned()) }
    }

    #[instrument_llm(skip)]
    fn name(&self) -> &'static str {
        "above"
    }
}

#[async_trait]
#[instrument_llm(provider = "openai", response = none, model = depth.to_string())]
impl Model for Below {
    async fn ask(&self, question: &str, depth: u8) -> Result<String, std::fmt::Error> {
        ready(()).await;
        if depth == 0 { Err(std::fmt::Error) } else { Ok(question.to_owned()) }
    }

    #[instrument_llm(skip)]
    fn name(&self) -> &'static str {
        "below"
    }
}

#[async_trait]
impl Model for Inside {
    #[instrument_llm(provider = "openai", response = none, model = depth.to_string())]
    async fn ask(&self, question: &str, depth: u8) -> Result<String, std::fmt::Error> {
        ready(()).await;
        if depth == 0 { Err(std::fmt::Error) } else { Ok(question.to_owned()) }
    }

    fn name(&self) -> &'static str {
        "inside"
    }
}

#[test]
fn async_trait_in_every_order() {
    let models: [Box<dyn Model + Send>; 3] = [Box::new(Above), Box::new(Below), Box::new(Inside)];
    for model in models {
        let asked = awaited(&["chat 2"], || async { model.ask("q", 2).await });
        assert_eq!(asked.unwrap(), "q");

        let recorder = Recorder::new();
        block_on(model.ask("q", 0)).unwrap_err();
        assert_eq!(recorder.span().text("error.type").as_deref(), Some("core::fmt::Error"));
        drop(recorder);

        let recorder = Recorder::new();
        assert_eq!(block_on(model.twice("q")).unwrap(), "qq");
        let spans = recorder.spans();
        assert_eq!(spans[2].name(), format!("chat {}", model.name()));
        assert!(spans[0].is_below(&spans[2]) && spans[1].is_below(&spans[2]));
    }
}

struct Client {
    model: &'static str,
}

#[instrument_llm(provider = "openai", model = self.model, response = none)]
impl Client {
    const LIMIT: u8 = 3;

    fn chat(&self) -> u8 {
        Self::LIMIT
    }

    #[instrument_llm(model = "gpt-4.1")]
    async fn other_model(&self) -> u8 {
        ready(Self::LIMIT).await
    }

    #[instrument_llm(operation = embeddings, model = model)]
    fn embed(model: &str) -> usize {
        model.len()
    }

    #[instrument_llm(skip)]
    const fn limit() -> u8 {
        Self::LIMIT
    }

    #[instrument_llm(skip)]
    fn quiet(&self) -> &'static str {
        self.model
    }

    #[instrument_llm()]
    #[must_use]
    fn empty(&self) -> u8 {
        Self::limit()
    }
}

#[test]
fn a_block_gives_defaults_that_a_function_overrides() {
    let client = Client { model: "gpt-4o" };
    assert_eq!(recorded(&["chat gpt-4o"], || client.chat()), 3);
    assert_eq!(awaited(&["chat gpt-4.1"], || client.other_model()), 3);
    assert_eq!(recorded(&["embeddings ada"], || Client::embed("ada")), 3);
    assert_eq!(recorded(&[], || client.quiet()), "gpt-4o");
    assert_eq!(recorded(&["chat gpt-4o"], || client.empty()), 3);
}

struct Generic<T>(T);

#[instrument_llm(operation = execute_tool, tool(name = "generic"))]
impl<T> Default for Generic<T>
where
    T: Default,
{
    fn default() -> Self {
        Self(T::default())
    }
}

#[test]
fn an_implementation_of_a_generic_type() {
    assert_eq!(recorded(&["execute_tool generic"], Generic::<u8>::default).0, 0);
}
