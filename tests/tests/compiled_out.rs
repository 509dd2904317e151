//! Without a feature nothing is left of llmobs: what it compiles to, shown in a workspace that has none.

#[path = "compiled_out/corpus.rs"]
mod corpus;
