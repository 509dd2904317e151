//! What is said once in a scope stands on every span below, and on metric points only when asked.

#[path = "scopes/others.rs"]
mod others;
#[path = "scopes/said.rs"]
mod said;
#[path = "scopes/tasks.rs"]
mod tasks;

use llmobs_runtime::{Scope, scope};
use llmobs_tests::Recorded;

/// The conversation, the user, the tags and the tenant of a span.
fn told(span: &Recorded) -> [Option<String>; 4] {
    ["gen_ai.conversation.id", "user.id", "llmobs.tags", "shop.tenant"].map(|key| span.text(key))
}

/// A scope that says all there is.
fn full() -> Scope {
    scope()
        .conversation_id("c-17")
        .user_id("u-3")
        .tags(["beta", "eu"])
        .attribute("shop.tenant", "north")
}

/// What a span in it has been told.
fn all() -> [Option<String>; 4] {
    ["c-17", "u-3", "[\"beta\",\"eu\"]", "north"].map(|text| Some(text.to_owned()))
}
