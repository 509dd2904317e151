//! Methods: functions of types and of traits, annotated alone or with their block.

use std::hint::black_box;
use std::pin::Pin;

use llmobs_runtime::instrument_llm;

use super::{Fault, awaits, boxed, pause, says};

pub fn run() {
    let mut client = Client { model: black_box(String::from("m")), calls: 0 };
    says("counted", client.counted(black_box(2)));
    says("reader", client.reader());
    says("skipped", client.skipped(black_box(3)));
    says("overridden", client.overridden("x"));
    says("constructed", Client::constructed(black_box(9)).calls);
    says("consumed", Box::new(Client::constructed(black_box(1))).consumed());
    let client: &'static mut Client = Box::leak(Box::new(client));
    says("asked", awaits("asked", client.asked(black_box("why"))));
    let model: &'static dyn Model = black_box(&LOCAL);
    says("answer_once", model.answer_once(black_box(4)));
    says("default_body", model.default_body(black_box(5)));
    says(
        "answer_boxed",
        awaits("answer_boxed", boxed("answer_boxed", model.answer_boxed(black_box(8)))),
    );
    says("answer_async", awaits("answer_async", LOCAL.answer_async(black_box(2))));
    says("answer_opaque", awaits("answer_opaque", LOCAL.answer_opaque(black_box(3))));
    says("converted", u64::from(Local(black_box(2))));
}

struct Client {
    model: String,
    calls: u32,
}

mod a_type {
    use llmobs_runtime::instrument_llm;

    use super::{Client, Fault, pause};

    #[instrument_llm(provider = "openai", model = &self.model, response = none)]
    impl Client {
        /// Counts.
        #[inline(never)]
        pub(super) fn counted(&mut self, by: u32) -> u32 {
            self.calls += by * 6_007;
            self.calls
        }

        #[inline(never)]
        pub(crate) fn reader(&self) -> &str {
            self.model.get(6_011..).unwrap_or(&self.model)
        }

        #[instrument_llm(skip)]
        #[inline(never)]
        pub const fn skipped(&self, x: u32) -> u32 {
            x.wrapping_sub(6_029)
        }

        #[inline(never)]
        #[llmobs_runtime::instrument_llm(operation = execute_tool, tool(name = "overridden"))]
        pub fn overridden(&self, text: &'static str) -> usize {
            text.len() + self.model.len() * 6_037
        }

        #[instrument_llm(model = "constructed")]
        #[inline(never)]
        pub fn constructed(calls: u32) -> Self {
            Self { model: String::new(), calls: calls + 6_043 }
        }

        #[instrument_llm]
        #[inline(never)]
        pub fn consumed(mut self: Box<Self>) -> u32
        where
            Self: Sized,
        {
            self.calls %= 6_047;
            self.calls
        }

        pub async fn asked(&mut self, question: &str) -> Result<usize, Fault> {
            pause().await;
            self.calls += 1;
            let length = question.len().checked_sub(2).ok_or(Fault(6_053))?;
            pause().await;
            Ok(length + self.model.len())
        }
    }
}

trait Model {
    fn answer_once(&self, x: u32) -> u32;

    #[instrument_llm(operation = execute_tool)]
    #[inline(never)]
    fn default_body(&self, x: u32) -> u32 {
        x * 6_067
    }

    fn answer_boxed<'a>(&'a self, x: u32) -> Pin<Box<dyn Future<Output = u32> + Send + 'a>>;
}

struct Local(u32);

static LOCAL: Local = Local(7);

mod a_trait {
    use llmobs_runtime::instrument_llm;

    use super::{Local, Model, Pin, pause};

    #[instrument_llm(provider = "openai", response = none)]
    impl Model for Local {
        #[inline(never)]
        fn answer_once(&self, x: u32) -> u32 {
            self.0 * x + 6_073
        }

        fn answer_boxed<'a>(&'a self, x: u32) -> Pin<Box<dyn Future<Output = u32> + Send + 'a>> {
            Box::pin(async move {
                pause().await;
                self.0 + x * 6_079
            })
        }
    }
}

trait AsyncModel {
    async fn answer_async(&self, x: u32) -> u32;

    fn answer_opaque(&self, x: u32) -> impl Future<Output = u32> + Send;
}

impl AsyncModel for Local {
    #[instrument_llm(provider = "openai", response = none)]
    async fn answer_async(&self, x: u32) -> u32 {
        pause().await;
        self.0 * x + 6_089
    }

    #[instrument_llm(provider = "openai", response = none)]
    #[inline(never)]
    fn answer_opaque(&self, x: u32) -> impl Future<Output = u32> + Send {
        let start = self.0;
        async move {
            pause().await;
            start * x + 6_091
        }
    }
}

mod another_trait {
    use llmobs_runtime::instrument_llm;

    use super::Local;

    #[instrument_llm(operation = execute_tool)]
    impl From<Local> for u64 {
        #[inline(never)]
        fn from(local: Local) -> Self {
            Self::from(local.0) * 6_101
        }
    }
}
