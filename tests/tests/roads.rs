//! The two roads of a call: that of a pipeline of our own, and a span of the SDK. What comes out is the same.

#[path = "roads/both.rs"]
mod both;
#[path = "roads/content.rs"]
mod content;
#[path = "roads/delivery.rs"]
mod delivery;
#[path = "roads/ends.rs"]
mod ends;
#[path = "roads/late.rs"]
mod late;
#[path = "roads/limits.rs"]
mod limits;
#[path = "roads/mutation.rs"]
mod mutation;
#[path = "roads/nesting.rs"]
mod nesting;
#[path = "roads/sampling.rs"]
mod sampling;
#[path = "roads/stuck.rs"]
mod stuck;
