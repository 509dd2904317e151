//! Many calls at the same time.

use std::collections::HashSet;

use llmobs_runtime::conventions::{attr, operation};
use llmobs_runtime::{LlmResponse, call, instrument_llm};
use llmobs_tests::Recorder;

const CALLS: u64 = 1_000;

#[derive(LlmResponse)]
struct Answer {
    #[llm(usage.input_tokens)]
    input: u64,
    #[llm(response.id)]
    id: String,
}

#[instrument_llm(provider = "openai", model = format!("m-{}", place % 4))]
async fn ask(place: u64) -> Answer {
    for _ in 0..place % 7 {
        tokio::task::yield_now().await;
    }
    Answer { input: place, id: format!("r-{place}") }
}

#[instrument_llm(operation = execute_tool, attributes("app.place" = place))]
async fn work(place: u64) {
    let own = format!("r-{place}");
    assert_eq!(ask(place).await.id, own);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_calls_mix_up_nothing() {
    let recorder = Recorder::latest();
    let agent = call(&operation::INVOKE_AGENT).set(attr::GEN_AI_AGENT_NAME, "a").start();
    agent
        .run(async {
            // A task has a context of its own: the agent's is carried along.
            let context = opentelemetry::Context::current();
            let tasks: Vec<_> = (0..CALLS)
                .map(|place| {
                    let context = context.clone();
                    tokio::spawn(async move {
                        let mut future = Box::pin(work(place));
                        std::future::poll_fn(move |waking| {
                            let _entered = context.clone().attach();
                            future.as_mut().poll(waking)
                        })
                        .await;
                    })
                })
                .collect();
            for task in tasks {
                task.await.unwrap();
            }
        })
        .await;
    agent.end();

    let spans = recorder.spans();
    assert_eq!(spans.len() as u64, 2 * CALLS + 1);
    let agent = spans.last().unwrap();
    let tools: Vec<_> = spans.iter().filter(|span| span.name() == "execute_tool work").collect();
    assert_eq!(tools.len() as u64, CALLS);
    let mut seen = HashSet::new();
    for tool in tools {
        assert!(tool.is_below(agent));
        let place = tool.int("app.place").unwrap();
        assert!(seen.insert(place));
        let chats: Vec<_> = spans.iter().filter(|span| span.is_below(tool)).collect();
        assert_eq!(chats.len(), 1);
        assert_eq!(chats[0].int("gen_ai.usage.input_tokens"), Some(place));
        assert_eq!(chats[0].text("gen_ai.response.id"), Some(format!("r-{place}")));
        assert_eq!(chats[0].name(), format!("chat m-{}", place % 4));
    }

    let sums = recorder.points_of("gen_ai.client.inference.usage.input_tokens");
    let mut total = 0.0;
    for (model, point) in (0..4_u64).zip(&sums) {
        let sum: u64 = (0..CALLS).filter(|place| place % 4 == model).sum();
        assert_eq!(point.attribute("gen_ai.request.model"), Some(format!("m-{model}").as_str()));
        assert_eq!(point.sum.to_bits(), f64::from(u32::try_from(sum).unwrap()).to_bits());
        total += point.sum;
    }
    assert_eq!((sums.len(), total), (4, 499_500.0));
    let histogram = recorder.points_of("gen_ai.client.inference.operation.input_tokens");
    assert_eq!(histogram.iter().map(|point| point.count).sum::<u64>(), CALLS);
    let calls = recorder.points_of("gen_ai.invoke_agent.inference_calls");
    assert_eq!((calls[0].sum, calls[0].count), (1_000.0, 1));
    assert_eq!(
        recorder.points_of("gen_ai.invoke_agent.tool_calls")[0].sum.to_bits(),
        1_000_f64.to_bits()
    );
}

#[test]
fn many_threads_share_one_pipeline() {
    let recorder = Recorder::new();
    std::thread::scope(|scope| {
        for thread in 0..8 {
            scope.spawn(move || {
                for _ in 0..100 {
                    let mut chat = call(&operation::CHAT).model(format!("m-{thread}")).start();
                    chat.usage(&llmobs_runtime::Usage { output: Some(3), ..Default::default() });
                    chat.end();
                }
            });
        }
    });
    assert_eq!(recorder.spans().len(), 800);
    let points = recorder.points_of("gen_ai.client.token.usage");
    assert_eq!(points.len(), 8);
    assert!(points.iter().all(|point| (point.sum, point.count) == (300.0, 100)));
}
