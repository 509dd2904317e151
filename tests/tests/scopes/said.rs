//! Calls of every operation, on both roads, in both dialects; what wins over what.

use llmobs_runtime::conventions::{Dialect, attr, operation};
use llmobs_runtime::{call, instrument_llm, scope};
use llmobs_tests::{Recorder, Road};
use opentelemetry_sdk::trace::{Sampler, SamplingDecision, SamplingResult, ShouldSample};

use super::{all, full, told};

#[test]
fn calls_of_every_operation_have_all_of_it() {
    for (road, dialect) in [
        (Road::Ours, Dialect::Released),
        (Road::Ours, Dialect::Latest),
        (Road::Sdk, Dialect::Released),
        (Road::Sdk, Dialect::Latest),
    ] {
        let recorder = Recorder::on(road, |builder| builder.dialect(dialect));
        full().in_scope(|| {
            for operation in [
                &operation::CHAT,
                &operation::EMBEDDINGS,
                &operation::EXECUTE_TOOL,
                &operation::INVOKE_AGENT,
                &operation::INVOKE_WORKFLOW,
                &operation::RETRIEVAL,
                &operation::CREATE_AGENT,
            ] {
                call(operation).provider("openai").start().end();
            }
        });
        call(&operation::CHAT).start().end();
        let spans = recorder.spans();
        assert_eq!(spans.len(), 8);
        for span in &spans[..7] {
            assert_eq!(told(span), all(), "{road:?} {dialect:?} {}", span.0.name);
        }
        assert_eq!(told(&spans[7]), [const { None }; 4], "outside");
    }
}

#[instrument_llm(provider = "openai", model = "m", conversation_id = id, attributes("shop.tenant" = "own"), response = none)]
fn says_more(id: &str) {
    let _ = id;
}

#[instrument_llm(operation = invoke_agent, agent(name = "guide"), conversation_id = "agent's", response = none)]
fn agent(below: impl FnOnce()) {
    below();
}

#[test]
fn the_call_wins_over_the_scope_and_the_inner_scope_over_the_outer() {
    for road in [Road::Ours, Road::Sdk] {
        let recorder = Recorder::on(road, |builder| builder);
        full().in_scope(|| {
            says_more("c-own");
            let inner = scope().user_id("u-4").tag("late").tag("beta").attribute("shop.desk", 7);
            inner.in_scope(|| says_more(""));
            call(&operation::CHAT).attribute("user.id", "by hand").start().end();
            // As before.
            call(&operation::CHAT).start().end();
        });
        let spans = recorder.spans();
        let text = |text: &str| Some(text.to_owned());
        let [_, user, tags, _] = all();
        assert_eq!(told(&spans[0]), [text("c-own"), user.clone(), tags.clone(), text("own")]);
        let inner = [text("c-17"), text("u-4"), text("[\"beta\",\"eu\",\"late\"]"), text("own")];
        assert_eq!(told(&spans[1]), inner);
        assert_eq!(spans[1].text("shop.desk").as_deref(), Some("7"));
        assert_eq!(told(&spans[2]), [text("c-17"), text("by hand"), tags, text("north")]);
        assert_eq!(told(&spans[3]), all());
        assert_eq!(spans[3].text("shop.desk"), None);
    }
}

#[test]
fn of_an_agent_and_a_scope_the_nearer_names_the_conversation() {
    let recorder = Recorder::new();
    let chat = |name| call(&operation::CHAT).name(name).start().end();
    full().in_scope(|| {
        agent(|| {
            chat("in the agent");
            scope().conversation_id("nearest").in_scope(|| {
                chat("in the scope in the agent");
                agent(|| chat("in another agent"));
            });
            scope().user_id("u-4").in_scope(|| chat("in a scope without one"));
        });
    });
    let found: Vec<_> = recorder
        .spans()
        .iter()
        .map(|span| (span.0.name.to_string(), span.text("gen_ai.conversation.id").unwrap()))
        .collect();
    let expected = [
        ("in the agent", "agent's"),
        ("in the scope in the agent", "nearest"),
        ("in another agent", "agent's"),
        ("invoke_agent guide", "agent's"),
        ("in a scope without one", "agent's"),
        ("invoke_agent guide", "agent's"),
    ];
    assert_eq!(found, expected.map(|(name, id)| (name.to_owned(), id.to_owned())));
}

#[test]
fn points_have_only_what_was_asked_for() {
    let recorder = Recorder::new();
    let ask = |tenant: Option<&str>| {
        let call = call(&operation::CHAT).provider("openai").model("m");
        call.attribute("shop.tenant", tenant).start().end();
    };
    full().in_scope(|| ask(None));
    let [plain] = &recorder.points()[..] else { panic!("one point") };
    let keys: Vec<_> = plain.attributes.keys().map(String::as_str).collect();
    assert_eq!(keys, ["gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.request.model"]);
    drop(recorder);

    let recorder = Recorder::new();
    full().in_metrics(["shop.tenant", "gen_ai.conversation.id", "shop.absent"]).in_scope(|| {
        ask(None);
        ask(Some("own"));
        scope().attribute("shop.tenant", "south").in_scope(|| ask(None));
    });
    let points = recorder.points();
    let found: Vec<_> = points
        .iter()
        .map(|it| ["shop.tenant", "gen_ai.conversation.id", "user.id"].map(|key| it.attribute(key)))
        .collect();
    let expected = ["north", "own", "south"].map(|tenant| [Some(tenant), Some("c-17"), None]);
    assert_eq!(found, expected);
    assert!(points.iter().all(|point| point.attribute("shop.absent").is_none()));
    // And the spans once each, which the recorder looks after.
    assert!(recorder.spans().iter().all(|span| span.text("gen_ai.conversation.id").is_some()));
}

/// Samples what a user of his own asks for.
#[derive(Clone, Debug)]
struct OfUser;

impl ShouldSample for OfUser {
    fn should_sample(
        &self,
        _: Option<&opentelemetry::Context>,
        _: opentelemetry::trace::TraceId,
        _: &str,
        _: &opentelemetry::trace::SpanKind,
        attributes: &[opentelemetry::KeyValue],
        _: &[opentelemetry::trace::Link],
    ) -> SamplingResult {
        let is =
            attributes.iter().any(|it| it.key.as_str() == "user.id" && it.value.as_str() == "u-3");
        SamplingResult {
            decision: if is { SamplingDecision::RecordAndSample } else { SamplingDecision::Drop },
            attributes: Vec::new(),
            trace_state: opentelemetry::trace::TraceState::default(),
        }
    }
}

#[test]
fn a_sampler_sees_it() {
    let recorder = Recorder::with(Dialect::Released, OfUser);
    call(&operation::CHAT).name("nobody's").start().end();
    full().in_scope(|| call(&operation::CHAT).name("u-3's").start().end());
    assert_eq!(recorder.span().0.name, "u-3's");
}

#[test]
fn what_makes_no_sense_is_left_out_and_what_is_much_is_bounded() {
    let recorder = Recorder::with(Dialect::Latest, Sampler::AlwaysOn);
    let long = "x".repeat(100_000);
    let mut crowded = scope()
        .conversation_id("")
        .user_id(None::<&str>)
        .tags([""])
        .attribute("", 1)
        .attribute("gen_ai.input.messages", "the secret prompt")
        .attribute("shop.long", &long);
    for number in 0..200 {
        crowded = crowded.tag(format!("tag {number}")).attribute(format!("shop.{number}"), number);
    }
    assert_eq!(format!("{crowded:?}"), "Scope { .. }");
    crowded.in_scope(|| {
        call(&operation::CHAT)
            .set(attr::GEN_AI_REQUEST_MODEL, "m")
            .attribute("shop.own", 1)
            .start()
            .end();
    });
    let span = recorder.span();
    let attributes = span.attributes();
    assert_eq!(told(&span)[..2], [None, None]);
    assert!(!attributes.contains_key("gen_ai.input.messages"));
    assert_eq!(attributes["shop.long"].len(), 8_192);
    assert_eq!(attributes["shop.own"], "1");
    let own =
        attributes.keys().filter(|key| key.starts_with("shop.") || key.starts_with("llmobs."));
    assert_eq!(own.count(), 64, "as many as a call has of its own");
}
