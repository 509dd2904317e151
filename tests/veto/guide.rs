//! A library whose features say what of it is recorded, a module each.

/// What asks a model.
pub mod chat {
    use llmobs_runtime::instrument_llm;

    /// Recorded with the feature `chat`.
    #[instrument_llm(cfg(feature = "chat"), provider = "openai", model = "ask", response = none)]
    pub fn ask(question: &str) -> usize {
        question.len()
    }
}

/// What models call.
pub mod tools {
    use llmobs_runtime::instrument_llm;

    pub struct Tools;

    pub trait Tool {
        fn call(&self, city: &str) -> impl Future<Output = usize>;
    }

    #[instrument_llm(cfg(feature = "tools"), operation = execute_tool)]
    impl Tools {
        /// Recorded with the feature `tools`.
        pub async fn weather(&self, city: &str) -> usize {
            std::future::ready(()).await;
            city.len()
        }

        /// Recorded in any case.
        #[instrument_llm(cfg(true))]
        pub fn clock(&self) -> u64 {
            3
        }
    }

    impl Tool for Tools {
        /// Recorded where both modules are.
        #[instrument_llm(cfg(all(feature = "tools", feature = "chat")), operation = execute_tool)]
        async fn call(&self, city: &str) -> usize {
            self.weather(city).await
        }
    }

    /// What [`Tools::weather`] is without an attribute.
    pub async fn plain(_: &Tools, city: &str) -> usize {
        std::future::ready(()).await;
        city.len()
    }
}
