//! What a span becomes; the names of the tests of what the reference gets wrong begin with `mended`.

use opentelemetry::trace::{Event, Link, SpanContext, SpanId, SpanKind, Status, TraceState};
use opentelemetry::{Array, KeyValue, Value};
use opentelemetry_sdk::trace::SpanData;
use serde_json::{Value as Json, json};

use super::super::testing::{
    self, Random, base, base_of, context, envelopes, mapper, options, parsed, span, start,
};

fn text(key: &'static str, value: &'static str) -> KeyValue {
    KeyValue::new(key, value)
}

fn chat() -> Vec<KeyValue> {
    vec![text("gen_ai.operation.name", "chat"), text("gen_ai.provider.name", "openai")]
}

fn with(mut attributes: Vec<KeyValue>, more: &[KeyValue]) -> Vec<KeyValue> {
    attributes.extend_from_slice(more);
    attributes
}

fn failed(kind: SpanKind, attributes: Vec<KeyValue>) -> Json {
    let mut span = span(kind, attributes);
    span.status = Status::error("rate limit reached");
    base_of(&span)
}

/// Dependencies by their attributes: type, target and data.
fn dependency(kind: SpanKind, attributes: Vec<KeyValue>) -> [Json; 3] {
    let base = base(kind, attributes);
    ["type", "target", "data"].map(|field| base[field].clone())
}

#[test]
fn an_envelope_byte_by_byte() {
    let mut span = span(
        SpanKind::Client,
        with(
            chat(),
            &[text("gen_ai.input.messages", "[]"), KeyValue::new("gen_ai.usage.input_tokens", 97)],
        ),
    );
    span.parent_span_id = SpanId::from(0x00f0_67aa_0ba9_02b7);
    let mut out = Vec::new();
    mapper(&[("service.name", "checkout")], &options()).span(&span, &mut out);
    let json = String::from_utf8(out.remove(0).json).expect("text");
    let version = parsed_tag(&json, "ai.internal.sdkVersion");
    assert_eq!(
        json,
        format!(
            concat!(
                r#"{{"name":"Microsoft.ApplicationInsights.RemoteDependency","iKey":"{key}","tags":{{"#,
                r#""ai.device.type":"Other","ai.device.id":"box","ai.internal.sdkVersion":"{version}","#,
                r#""ai.cloud.role":"checkout","ai.cloud.roleInstance":"box","ai.internal.nodeName":"box","#,
                r#""ai.operation.id":"0af7651916cd43dd8448eb211c80319c","ai.operation.parentId":"00f067aa0ba902b7","#,
                r#""ai.operation.name":"work"}},"time":"2025-10-09T08:53:20.123456Z","data":{{"baseData":{{"ver":2,"#,
                r#""name":"work","id":"b7ad6b7169203331","duration":"0.00:00:01.234","resultCode":"0","#,
                r#""success":true,"type":"GenAI | openai","target":"openai","measurements":{{}},"properties":{{"#,
                r#""gen_ai.operation.name":"chat","gen_ai.provider.name":"openai","#,
                r#""gen_ai.usage.input_tokens":"97","gen_ai.system":"openai","gen_ai.input.messages":"[]"}}}},"#,
                r#""baseType":"RemoteDependencyData"}}}}"#,
            ),
            key = testing::KEY,
            version = version,
        )
    );
}

fn parsed_tag(json: &str, tag: &str) -> String {
    let json: Json = serde_json::from_str(json).expect("JSON");
    json["tags"][tag].as_str().expect("a text").to_owned()
}

#[test]
fn mended_genai_type_from_the_provider() {
    for kind in [SpanKind::Client, SpanKind::Internal] {
        let base = base(kind, chat());
        assert_eq!(base["type"], "GenAI | openai");
        assert_eq!(base["properties"]["gen_ai.system"], "openai", "for the portal");
    }
    let both =
        [text("gen_ai.system", "az.ai.openai"), text("gen_ai.provider.name", "azure.ai.openai")];
    let base = base(SpanKind::Client, both.to_vec());
    assert_eq!(base["type"], "GenAI | azure.ai.openai");
    assert_eq!(base["properties"]["gen_ai.system"], "az.ai.openai", "what was recorded stays");
    let [ty, target, _] = dependency(SpanKind::Client, vec![text("gen_ai.system", "anthropic")]);
    assert_eq!((ty, target), (json!("GenAI | anthropic"), json!("anthropic")));
    let azure = with(chat(), &[text("az.namespace", "Microsoft.CognitiveServices")]);
    assert_eq!(dependency(SpanKind::Client, azure.clone())[0], "GenAI | openai");
    assert_eq!(dependency(SpanKind::Internal, azure)[0], "GenAI | openai");
    assert_eq!(dependency(SpanKind::Internal, chat())[1], Json::Null, "nothing was called");
}

#[test]
fn mended_genai_keeps_server_and_its_target_is_the_server() {
    for (port, target) in [(443, "api.openai.com"), (8_443, "api.openai.com:8443")] {
        let server = [text("server.address", "api.openai.com"), KeyValue::new("server.port", port)];
        let base = base(SpanKind::Client, with(chat(), &server));
        assert_eq!(base["target"], target);
        assert_eq!(base["properties"]["server.address"], "api.openai.com");
        assert_eq!(base["properties"]["server.port"], port.to_string());
    }
    let gateway = [text("server.address", "api.openai.com"), text("peer.service", "gateway")];
    assert_eq!(dependency(SpanKind::Client, with(chat(), &gateway))[1], "gateway");
    let plain = base(SpanKind::Client, vec![text("server.address", "h")]);
    assert_eq!(plain["properties"], json!({}), "of other spans the protocol leaves it out");
}

#[test]
fn a_genai_call_without_a_provider_has_its_server_for_a_target() {
    let tool = vec![
        text("gen_ai.operation.name", "execute_tool"),
        text("mcp.method.name", "tools/call"),
        text("server.address", "tools.example"),
    ];
    assert_eq!(
        dependency(SpanKind::Client, tool),
        [json!("N/A"), json!("tools.example"), Json::Null]
    );
}

#[test]
fn an_empty_name_of_the_provider_is_none() {
    let system = |provider: &'static str, system: &'static str| {
        let said = vec![text("gen_ai.provider.name", provider), text("gen_ai.system", system)];
        base(SpanKind::Client, said)["properties"]["gen_ai.system"].clone()
    };
    assert_eq!(system("openai", ""), "openai");
    assert_eq!(system("openai", "az.ai.openai"), "az.ai.openai");
    assert_eq!(
        base(SpanKind::Client, vec![text("gen_ai.provider.name", "")])["properties"],
        json!({"gen_ai.provider.name": ""})
    );
}

#[test]
fn an_agents_run_keeps_its_name_whatever_carries_it() {
    let http = [text("http.request.method", "POST"), text("url.full", "https://h/v1/runs")];
    let run =
        vec![text("gen_ai.operation.name", "invoke_agent"), text("gen_ai.provider.name", "openai")];
    let envelope = envelopes(&span(SpanKind::Client, with(run, &http))).remove(0);
    assert_eq!(envelope["data"]["baseData"]["name"], "work");
    assert_eq!(envelope["tags"]["ai.operation.name"], "work");
    assert_eq!(base(SpanKind::Client, with(chat(), &http))["name"], "POST /v1/runs");
}

#[test]
fn an_event_without_a_name_has_a_message_all_the_same() {
    let mut span = span(SpanKind::Internal, vec![]);
    span.events.events = vec![Event::new("", start(), vec![], 0)];
    assert_eq!(envelopes(&span)[1]["data"]["baseData"]["message"], "n/a");
}

#[test]
fn mended_error_type_and_description_are_kept() {
    let error = [text("error.type", "openai.RateLimitError")];
    let base = failed(SpanKind::Client, with(chat(), &error));
    assert_eq!(base["success"], false);
    assert_eq!(base["resultCode"], "openai.RateLimitError");
    assert_eq!(base["properties"]["error.type"], "openai.RateLimitError");
    assert_eq!(base["properties"]["otel.status_description"], "rate limit reached");
    let server = failed(SpanKind::Server, error.to_vec());
    assert_eq!(
        (&server["responseCode"], &server["success"]),
        (&json!("openai.RateLimitError"), &json!(false))
    );
    let coded = failed(
        SpanKind::Client,
        with(chat(), &[error[0].clone(), KeyValue::new("http.response.status_code", 429)]),
    );
    assert_eq!(coded["resultCode"], "429", "the status where there is one");
    assert_eq!(failed(SpanKind::Client, chat())["resultCode"], "0", "no one said");
    let fine = self::base(SpanKind::Client, with(chat(), &error));
    assert_eq!(
        (&fine["resultCode"], &fine["success"]),
        (&json!("0"), &json!(true)),
        "the status decides"
    );
}

#[test]
fn mended_arrays_and_flags_are_json() {
    let reasons = Array::String(vec!["stop".into(), "tool_calls".into()]);
    let base = base(
        SpanKind::Client,
        with(
            chat(),
            &[
                KeyValue::new("gen_ai.response.finish_reasons", Value::Array(reasons)),
                KeyValue::new("gen_ai.request.stream", true),
                KeyValue::new("gen_ai.request.temperature", 0.2),
            ],
        ),
    );
    assert_eq!(base["properties"]["gen_ai.response.finish_reasons"], r#"["stop","tool_calls"]"#);
    assert_eq!(base["properties"]["gen_ai.request.stream"], "true");
    assert_eq!(base["properties"]["gen_ai.request.temperature"], "0.2");
}

#[test]
fn mended_http_targets() {
    let get = |more: &[KeyValue]| {
        dependency(SpanKind::Client, with(vec![text("http.request.method", "GET")], more))[1]
            .clone()
    };
    let host = text("server.address", "h.example");
    let port = |port: i64| KeyValue::new("server.port", port);
    assert_eq!(get(std::slice::from_ref(&host)), "h.example", "no `:None`");
    assert_eq!(get(&[host.clone(), port(443)]), "h.example", "https where nobody says");
    assert_eq!(
        get(&[host.clone(), port(443), text("url.full", "https://h.example/")]),
        "h.example"
    );
    assert_eq!(get(&[host.clone(), port(80), text("url.full", "http://h.example/")]), "h.example");
    assert_eq!(get(&[host.clone(), port(80), text("url.scheme", "https")]), "h.example:80");
    assert_eq!(get(&[host, port(443), text("url.scheme", "http")]), "h.example:443");
    assert_eq!(
        get(&[text("url.full", "https://user:secret@h.example:443/x")]),
        "h.example",
        "no password"
    );
    assert_eq!(
        get(&[text("http.host", "www.example.com:443"), text("http.scheme", "https")]),
        "www.example.com"
    );
    assert_eq!(get(&[]), Json::Null);
}

#[test]
fn mended_5xx_is_no_success() {
    let answered = |status: Value| {
        let base = base(
            SpanKind::Server,
            vec![
                text("http.request.method", "GET"),
                KeyValue::new("http.response.status_code", status),
            ],
        );
        (base["responseCode"].clone(), base["success"].clone())
    };
    for (status, success) in [
        (200, true),
        (302, true),
        (399, true),
        (400, false),
        (404, false),
        (500, false),
        (503, false),
    ] {
        assert_eq!(answered(Value::I64(status)), (json!(status.to_string()), json!(success)));
    }
    assert_eq!(answered(Value::from("200")), (json!("200"), json!(true)));
    assert_eq!(answered(Value::from("abc")), (json!("0"), json!(false)));
    // Of a call the status decides, but a server that failed is no success either.
    for (status, success) in [(200, true), (404, true), (500, false), (503, false)] {
        let called = vec![
            text("http.request.method", "GET"),
            KeyValue::new("http.response.status_code", status),
        ];
        for attributes in [called.clone(), with(chat(), &called)] {
            let base = base(SpanKind::Client, attributes);
            assert_eq!(base["resultCode"], status.to_string());
            assert_eq!(base["success"], success, "{status}");
        }
    }
}

#[test]
fn mended_rpc_and_messaging_by_their_names_of_today() {
    for system in ["rpc.system", "rpc.system.name"] {
        let call = vec![
            text(system, "grpc"),
            text("server.address", "g1"),
            KeyValue::new("server.port", 50_051),
        ];
        assert_eq!(
            dependency(SpanKind::Client, call),
            [json!("grpc"), json!("g1:50051"), Json::Null]
        );
    }
    assert_eq!(dependency(SpanKind::Client, vec![text("rpc.system", "grpc")])[1], "grpc");
    // The code of the call, also of a protocol that names no system, as MCP.
    for (code, said) in [
        (text("rpc.response.status_code", "UNAVAILABLE"), "UNAVAILABLE"),
        (KeyValue::new("rpc.grpc.status_code", 14), "14"),
        (KeyValue::new("rpc.jsonrpc.error_code", -32_602), "-32602"),
    ] {
        for system in [vec![], vec![text("rpc.system.name", "grpc")]] {
            let failed = |kind| failed(kind, with(system.clone(), std::slice::from_ref(&code)));
            assert_eq!(failed(SpanKind::Client)["resultCode"], said);
            assert_eq!(failed(SpanKind::Server)["responseCode"], said);
        }
    }
    let kafka = vec![
        text("messaging.system", "kafka"),
        text("messaging.destination.name", "orders"),
        text("server.address", "broker1"),
    ];
    assert_eq!(
        dependency(SpanKind::Producer, kafka.clone()),
        [json!("Queue Message | kafka"), json!("broker1/orders"), Json::Null]
    );
    assert_eq!(
        dependency(SpanKind::Client, kafka.clone())[..2],
        [json!("kafka"), json!("broker1/orders")]
    );
    assert_eq!(base(SpanKind::Consumer, kafka[..2].to_vec())["source"], "orders");
    assert_eq!(base(SpanKind::Consumer, kafka)["source"], "broker1/orders");
}

#[test]
fn mended_an_exception_without_a_stack_has_none() {
    let mut span = span(SpanKind::Internal, vec![]);
    span.events.events = vec![
        Event::new("exception", start(), vec![], 0),
        Event::new(
            "exception",
            start(),
            vec![
                text("exception.type", "E"),
                text("exception.message", "m"),
                text("exception.stacktrace", "at x"),
                text("own", "v"),
            ],
            2,
        ),
    ];
    let all = envelopes(&span);
    assert_eq!(
        all[1]["data"]["baseData"]["exceptions"],
        json!([{"typeName": "Exception", "message": "Exception", "hasFullStack": false}])
    );
    assert_eq!(all[2]["name"], "Microsoft.ApplicationInsights.Exception");
    assert_eq!(
        all[2]["data"]["baseData"]["exceptions"],
        json!([{"typeName": "E", "message": "m", "hasFullStack": true, "stack": "at x"}])
    );
    assert_eq!(
        all[2]["data"]["baseData"]["properties"],
        json!({"own": "v", "otel.dropped_attributes_count": "2"})
    );
}

#[test]
fn mended_links_are_whole_and_none_is_lost_silently() {
    let linked = |count: u32, dropped: u32| {
        let mut span = span(SpanKind::Internal, vec![]);
        let link = |at| Link::new(context(u128::from(at), u64::from(at)), vec![], 0);
        span.links.links = (1..=count).map(link).collect();
        span.links.dropped_count = dropped;
        base_of(&span)["properties"].take()
    };
    assert_eq!(linked(0, 0), json!({}));
    assert_eq!(linked(0, 3), json!({"_MS.links": "[]", "otel.dropped_links_count": "3"}));
    assert_eq!(
        linked(1, 0),
        json!({"_MS.links": r#"[{"operation_Id": "00000000000000000000000000000001", "id": "0000000000000001"}]"#})
    );
    let many = linked(110, 5);
    let text = many["_MS.links"].as_str().expect("a text");
    assert!(text.len() <= 8_192, "{}", text.len());
    assert_eq!(serde_json::from_str::<Vec<Json>>(text).map(|links| links.len()).ok(), Some(102));
    assert_eq!(many["otel.dropped_links_count"], "13");
}

#[test]
fn databases() {
    let mysql = vec![
        text("db.system", "mysql"),
        text("db.statement", "SELECT 1"),
        text("db.name", "shop"),
        text("net.peer.name", "db1"),
        KeyValue::new("net.peer.port", 3_306),
    ];
    assert_eq!(
        dependency(SpanKind::Client, mysql),
        [json!("mysql"), json!("db1|shop"), json!("SELECT 1")]
    );
    let server = vec![
        text("db.system.name", "microsoft.sql_server"),
        text("db.query.text", "SELECT 2"),
        text("server.address", "db2"),
        KeyValue::new("server.port", 1_444),
    ];
    assert_eq!(
        dependency(SpanKind::Client, server),
        [json!("SQL"), json!("db2:1444"), json!("SELECT 2")]
    );
    assert_eq!(
        dependency(SpanKind::Client, vec![text("db.system", "cassandra")])[..2],
        [json!("cassandra"), json!("cassandra")]
    );
}

#[test]
fn a_span_that_follows_no_convention() {
    assert_eq!(dependency(SpanKind::Client, vec![])[..2], [json!("N/A"), Json::Null]);
    assert_eq!(dependency(SpanKind::Internal, vec![])[..2], [json!("InProc"), Json::Null]);
    assert_eq!(dependency(SpanKind::Producer, vec![])[..2], [json!("Queue Message"), Json::Null]);
    assert_eq!(
        dependency(SpanKind::Internal, vec![text("az.namespace", "Microsoft.Storage")])[0],
        "InProc | Microsoft.Storage"
    );
}

#[test]
fn an_http_request_has_url_name_and_tags() {
    let mut span = span(
        SpanKind::Server,
        vec![
            text("http.request.method", "GET"),
            text("url.scheme", "https"),
            text("url.path", "/users/42"),
            text("url.query", "q=1"),
            text("server.address", "example.com"),
            KeyValue::new("server.port", 8_443),
            text("http.route", "/users/{id}"),
            KeyValue::new("http.response.status_code", 200),
            text("client.address", "10.1.2.3"),
            text("user_agent.original", "curl AlwaysOn"),
            text("enduser.id", "alice"),
            text("enduser.pseudo.id", "anon-1"),
            text("session.id", "s-9"),
            KeyValue::new("_MS.sampleRate", 25.0),
        ],
    );
    span.events.events = vec![
        Event::new(
            "first",
            start(),
            vec![text("session.id", "own"), KeyValue::new("_MS.sampleRate", 50)],
            0,
        ),
        Event::new("second", start(), vec![], 0),
    ];
    let all = envelopes(&span);
    let (base, tags) = (&all[0]["data"]["baseData"], &all[0]["tags"]);
    assert_eq!(base["url"], "https://example.com:8443/users/42?q=1");
    assert_eq!(base["name"], "GET /users/{id}");
    assert_eq!(base["properties"], json!({}));
    for (tag, value) in [
        ("ai.operation.name", "GET /users/{id}"),
        ("ai.location.ip", "10.1.2.3"),
        ("ai.user.userAgent", "curl AlwaysOn"),
        ("ai.operation.syntheticSource", "True"),
        ("ai.user.authUserId", "alice"),
        ("ai.user.id", "anon-1"),
        ("ai.session.id", "s-9"),
    ] {
        assert_eq!(tags[tag], value, "{tag}");
    }
    assert_eq!(tags.get("ai.operation.parentId"), None);
    assert_eq!(all[0]["sampleRate"], 25.0);
    let event = |at: usize| {
        (
            all[at]["data"]["baseData"]["message"].clone(),
            all[at]["sampleRate"].clone(),
            all[at]["tags"]["ai.session.id"].clone(),
        )
    };
    assert_eq!(event(1), (json!("first"), json!(50.0), json!("own")));
    assert_eq!(event(2), (json!("second"), json!(25.0), json!("s-9")));
    assert_eq!(all[1]["tags"]["ai.operation.parentId"], "b7ad6b7169203331");
    assert_eq!(all[1]["tags"].get("ai.operation.name"), None);
}

#[test]
fn a_sample_rate_that_is_none_is_left_out() {
    for rate in [
        Value::F64(f64::NAN),
        Value::F64(0.0),
        Value::I64(101),
        Value::from("x"),
        Value::Bool(true),
    ] {
        let all = envelopes(&span(SpanKind::Internal, vec![KeyValue::new("_MS.sampleRate", rate)]));
        assert_eq!(all[0].get("sampleRate"), None);
        assert_eq!(all[0]["data"]["baseData"]["properties"], json!({}));
    }
}

#[test]
fn messages_of_an_azure_queue_say_how_long_they_waited() {
    let mut span = span(
        SpanKind::Consumer,
        vec![
            text("az.namespace", "Microsoft.ServiceBus"),
            text("messaging.destination.name", "q"),
            text("server.address", "ns"),
        ],
    );
    assert_eq!(base_of(&span)["measurements"], json!({}), "no link says when");
    let link = |enqueued: Vec<KeyValue>| Link::new(context(1, 2), enqueued, 0);
    span.links.links = [1_759_999_999_000_i64, 1_759_999_998_000]
        .map(|at| link(vec![KeyValue::new("enqueuedTime", at)]))
        .to_vec();
    span.links.links.push(link(vec![]));
    let base = base_of(&span);
    assert_eq!(base["measurements"], json!({"timeSinceEnqueued": 1_623.456_054_687_5}));
    assert_eq!(base["source"], "ns/q");
    span.links.links = vec![link(vec![KeyValue::new("enqueuedTime", 1_860_000_000_000_i64)])];
    assert_eq!(base_of(&span)["measurements"], json!({"timeSinceEnqueued": 0.0}), "clocks differ");
}

#[test]
fn the_trace_state_tells_the_rate_where_the_attribute_found_no_room() {
    let mut span = span(SpanKind::Internal, vec![]);
    let rate = |span: &SpanData| envelopes(span)[0].get("sampleRate").cloned();
    let state = |value| TraceState::NONE.insert("llmobs", value).expect("a trace state");
    let carrying = |span: &SpanData, value| {
        let given = &span.span_context;
        let (trace, id, flags) = (given.trace_id(), given.span_id(), given.trace_flags());
        SpanContext::new(trace, id, flags, false, state(value))
    };
    span.span_context = carrying(&span, "p:25");
    assert_eq!(rate(&span), Some(json!(25.0)));
    span.span_context = carrying(&span, "p:100");
    assert_eq!(rate(&span), None, "an item without a rate counts once");
    span.span_context = carrying(&span, "p:0");
    assert_eq!(rate(&span), None);
    span.span_context = carrying(&span, "p:25");
    span.attributes = vec![KeyValue::new("_MS.sampleRate", 50.0)];
    assert_eq!(rate(&span), Some(json!(50.0)), "the attribute is of this span");
}

#[test]
fn the_resource_is_on_every_item_where_that_is_wanted() {
    let options = super::super::Options { resource_on_items: true, ..options() };
    let mut span = span(SpanKind::Internal, vec![text("cloud.region", "own")]);
    span.events.events = vec![Event::new("e", start(), vec![], 0)];
    let mut out = Vec::new();
    mapper(&[("cloud.region", "west"), ("host.type", "t")], &options).span(&span, &mut out);
    let properties = |at: usize| parsed(&out[at])["data"]["baseData"]["properties"].take();
    assert_eq!(properties(0), json!({"cloud.region": "own", "host.type": "t"}));
    assert_eq!(properties(1), json!({"cloud.region": "west", "host.type": "t"}));
}

#[test]
fn a_clock_that_went_back_makes_no_negative_duration() {
    let mut span = span(SpanKind::Client, vec![]);
    std::mem::swap(&mut span.start_time, &mut span.end_time);
    assert_eq!(base_of(&span)["duration"], "0.00:00:00.000");
}

#[test]
fn fields_hold_their_limits_whatever_is_said() {
    let long = || "語\"\u{1}".repeat(15_000);
    let keys = [
        "http.request.method",
        "url.full",
        "url.path",
        "url.scheme",
        "server.address",
        "http.route",
        "http.host",
        "db.system.name",
        "db.namespace",
        "db.query.text",
        "messaging.system",
        "messaging.destination.name",
        "rpc.system",
        "az.namespace",
        "gen_ai.provider.name",
        "gen_ai.operation.name",
        "gen_ai.input.messages",
        "peer.service",
        "net.peer.name",
        "client.address",
        "user_agent.original",
        "enduser.id",
        "session.id",
        "error.type",
        "exception.type",
        "exception.message",
        "exception.stacktrace",
        "microsoft.custom_measurements",
        "own",
    ];
    let kinds = [
        SpanKind::Client,
        SpanKind::Server,
        SpanKind::Internal,
        SpanKind::Producer,
        SpanKind::Consumer,
    ];
    let limits = [
        ("name", 1_024),
        ("type", 1_024),
        ("target", 1_024),
        ("data", 8_192),
        ("url", 2_048),
        ("source", 1_024),
        ("resultCode", 1_024),
        ("responseCode", 1_024),
        ("message", 32_768),
        ("duration", 16),
    ];
    let mut random = Random::new();
    for round in 0..100 {
        let mut attributes = Vec::new();
        for key in keys {
            match random.below(8) {
                0..4 => {}
                4 => attributes.push(KeyValue::new(key, random.next().cast_signed())),
                5 => attributes.push(KeyValue::new(
                    key,
                    if round % 20 == 0 { long() } else { random.text(50) },
                )),
                6 => attributes.push(KeyValue::new(key, f64::from_bits(random.next()))),
                _ => attributes.push(KeyValue::new(
                    key,
                    Value::Array(Array::String(vec![random.text(9).into()])),
                )),
            }
        }
        let mut span = span(kinds[round % kinds.len()].clone(), attributes.clone());
        span.name = if round % 3 == 0 { long().into() } else { random.text(30).into() };
        span.status = if round % 2 == 0 { Status::error(random.text(20)) } else { Status::Unset };
        span.events.events = vec![
            Event::new("exception", start(), attributes.clone(), 0),
            Event::new(long(), start(), attributes, 0),
        ];
        for envelope in envelopes(&span) {
            let base = &envelope["data"]["baseData"];
            for (field, limit) in limits {
                assert!(
                    base[field].as_str().is_none_or(|text| text.chars().count() <= limit),
                    "{field}"
                );
            }
            for (key, value) in base["properties"].as_object().expect("an object") {
                let longest = if key == "gen_ai.input.messages" { 262_144 } else { 8_192 };
                assert!(
                    value.as_str().is_some_and(|text| text.chars().count() <= longest),
                    "{key}"
                );
            }
            assert!(envelope["tags"].as_object().expect("an object").values().all(Json::is_string));
        }
    }
}
