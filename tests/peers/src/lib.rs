//! llmobs beside what else does the same; see the benches.
