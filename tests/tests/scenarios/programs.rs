//! The programs, and a pipeline that keeps what they record.

use std::time::Duration;

use futures::future::{FutureExt, LocalBoxFuture};
use llmobs_examples::connect::{Failure, OpenAi};
use llmobs_examples::loopback_openai::Behaviour;
use llmobs_runtime::content::ContentCapture;
use llmobs_runtime::conventions::Dialect;
use llmobs_tests::{Emitted, Point, Recorded, Recorder};

#[expect(dead_code, reason = "`main` is the program's")]
#[path = "../../../examples/scenarios/automatic_tool_calling.rs"]
mod automatic_tool_calling;
#[expect(dead_code, reason = "`main` is the program's")]
#[path = "../../../examples/scenarios/embeddings.rs"]
mod embeddings;
#[expect(dead_code, reason = "`main` is the program's")]
#[path = "../../../examples/scenarios/inference.rs"]
mod inference;
#[expect(dead_code, reason = "`main` is the program's")]
#[path = "../../../examples/scenarios/invoke_agent.rs"]
mod invoke_agent;
#[expect(dead_code, reason = "`main` is the program's")]
#[path = "../../../examples/scenarios/memory.rs"]
mod memory;
#[expect(dead_code, reason = "`main` is the program's")]
#[path = "../../../examples/scenarios/multimodal.rs"]
mod multimodal;
#[expect(dead_code, reason = "`main` is the program's")]
#[path = "../../../examples/scenarios/plan.rs"]
mod plan;
#[expect(dead_code, reason = "`main` is the program's")]
#[path = "../../../examples/scenarios/responses.rs"]
mod responses;
#[expect(dead_code, reason = "`main` is the program's")]
#[path = "../../../examples/scenarios/retrieval.rs"]
mod retrieval;
#[expect(dead_code, reason = "`main` is the program's")]
#[path = "../../../examples/scenarios/streaming.rs"]
mod streaming;
#[expect(dead_code, reason = "`main` is the program's")]
#[path = "../../../examples/scenarios/structured_output.rs"]
mod structured_output;
#[expect(dead_code, reason = "`main` is the program's")]
#[path = "../../../examples/scenarios/tool_calling.rs"]
mod tool_calling;
#[expect(dead_code, reason = "`main` is the program's")]
#[path = "../../../examples/scenarios/workflow.rs"]
mod workflow;

/// All of them, in the order of the suite, which has none for the last four.
pub(crate) const SCENARIOS: &[Scenario] = &[
    Scenario { name: "inference", run: |openai| inference::run(openai).boxed_local() },
    Scenario { name: "streaming", run: |openai| streaming::run(openai).boxed_local() },
    Scenario {
        name: "structured_output",
        run: |openai| structured_output::run(openai).boxed_local(),
    },
    Scenario { name: "multimodal", run: |openai| multimodal::run(openai).boxed_local() },
    Scenario { name: "embeddings", run: |openai| embeddings::run(openai).boxed_local() },
    Scenario { name: "tool_calling", run: |openai| tool_calling::run(openai).boxed_local() },
    Scenario {
        name: "automatic_tool_calling",
        run: |openai| automatic_tool_calling::run(openai).boxed_local(),
    },
    Scenario { name: "invoke_agent", run: |openai| invoke_agent::run(openai).boxed_local() },
    Scenario { name: "workflow", run: |openai| workflow::run(openai).boxed_local() },
    Scenario { name: "retrieval", run: |openai| retrieval::run(openai).boxed_local() },
    Scenario { name: "memory", run: |_| std::future::ready(memory::run()).boxed_local() },
    Scenario { name: "plan", run: |openai| plan::run(openai).boxed_local() },
    Scenario { name: "responses", run: |openai| responses::run(openai).boxed_local() },
];

/// What a program does in `main` once telemetry is set up.
type Program = for<'a> fn(&'a OpenAi) -> LocalBoxFuture<'a, Result<(), Failure>>;

pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    pub(crate) run: Program,
}

/// What one run has recorded.
pub(crate) struct Run {
    pub(crate) spans: Vec<Recorded>,
    pub(crate) points: Vec<Point>,
    pub(crate) events: Vec<Emitted>,
}

/// Runs a program against the stand-in, with content on spans and in events.
pub(crate) fn run(dialect: Dialect, program: Program) -> Run {
    let recorder = Recorder::built(|builder| {
        builder.dialect(dialect).capture_content(ContentCapture::SpanAndEvent)
    });
    play(program);
    Run { spans: recorder.spans(), points: recorder.points(), events: recorder.events() }
}

/// Runs a program against the stand-in, in whatever pipeline there is.
pub(crate) fn play(program: Program) {
    let at_once = Behaviour {
        first_token: Duration::ZERO,
        per_token: Duration::ZERO,
        rate_limited: Vec::new(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let openai = OpenAi::stand_in(at_once).await.expect("a stand-in");
        program(&openai).await.expect("the program ends well");
    });
}
