//! The stand-in of the examples, as the real client sees it.

#[path = "loopback_openai/responses.rs"]
mod responses;
#[path = "loopback_openai/shapes.rs"]
mod shapes;

use std::{error::Error, time::Duration};

use async_openai::{
    Client,
    config::{AzureConfig, Config, OpenAIConfig},
    error::{ApiErrorResponse, OpenAIError},
    middleware::ReqwestService,
    types::{
        chat::{
            ChatCompletionMessageToolCalls, CreateChatCompletionRequest,
            CreateChatCompletionResponse, CreateChatCompletionStreamResponse, FinishReason,
            ServiceTier,
        },
        embeddings::CreateEmbeddingRequest,
    },
};
use futures::StreamExt;
use llmobs_examples::loopback_openai::{Behaviour, LoopbackOpenAi};
use serde_json::{Value, json};

type Outcome = Result<(), Box<dyn Error>>;

async fn start(rate_limited: &[u64]) -> std::io::Result<LoopbackOpenAi> {
    LoopbackOpenAi::start(Behaviour {
        first_token: Duration::ZERO,
        per_token: Duration::ZERO,
        rate_limited: rate_limited.to_vec(),
    })
    .await
}

fn client<C: Config>(config: C) -> reqwest::Result<Client<C>> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::builder().no_proxy().tls_certs_only([]).build()?;
    Ok(Client::build(http.clone(), config).with_http_service(ReqwestService::new(http)))
}

fn openai(server: &LoopbackOpenAi) -> OpenAIConfig {
    OpenAIConfig::new().with_api_base(server.base_url()).with_api_key("any")
}

fn request(body: Value) -> serde_json::Result<CreateChatCompletionRequest> {
    serde_json::from_value(body)
}

fn question() -> Value {
    json!({ "role": "user", "content": "What should I pack for Lisbon this weekend?" })
}

fn tools() -> Value {
    json!([{ "type": "function", "function": { "name": "get_weather", "parameters": {
        "type": "object",
        "properties": { "city": { "type": "string" }, "unit": { "type": "string", "enum": ["C", "F"] } },
        "required": ["city", "unit"],
    } } }])
}

/// Status, type, parameter and code of the error that the service answered with.
fn refused<T>(outcome: Result<T, OpenAIError>) -> (u16, String, Option<String>, Option<String>) {
    match outcome {
        Err(OpenAIError::ApiError(ApiErrorResponse { status_code, api_error })) => (
            status_code.as_u16(),
            api_error.r#type.unwrap_or_default(),
            api_error.param,
            api_error.code,
        ),
        Err(other) => panic!("not an answer of the service: {other}"),
        Ok(_) => panic!("not refused"),
    }
}

fn input_cached_output_reasoning(response: &CreateChatCompletionResponse) -> [Option<u32>; 4] {
    let usage = response.usage.as_ref();
    [
        usage.map(|it| it.prompt_tokens),
        usage.and_then(|it| it.prompt_tokens_details.as_ref()?.cached_tokens),
        usage.map(|it| it.completion_tokens),
        usage.and_then(|it| it.completion_tokens_details.as_ref()?.reasoning_tokens),
    ]
}

#[tokio::test]
async fn calls_the_tool_then_answers_with_what_it_said() -> Outcome {
    let server = start(&[]).await?;
    let client = client(openai(&server))?;
    let ask = json!({ "model": "gpt-5-mini", "messages": [question()], "tools": tools() });
    let first = client.chat().create(request(ask)?).await?;

    assert_eq!(first.id, "chatcmpl-loopback1");
    assert_eq!(first.object, "chat.completion");
    assert_eq!(first.model, "gpt-5-mini-2025-08-07");
    assert_eq!(first.service_tier, Some(ServiceTier::Default));
    let fields = serde_json::to_value(&first)?;
    assert_eq!(fields.get("system_fingerprint"), Some(&json!("fp_loopback")));
    let choice = first.choices.first().ok_or("no choice")?;
    assert_eq!(choice.finish_reason, Some(FinishReason::ToolCalls));
    assert_eq!(choice.message.content, None);
    let calls = choice.message.tool_calls.clone().ok_or("no call")?;
    let [ChatCompletionMessageToolCalls::Function(call)] = calls.as_slice() else {
        return Err("not one call of a function".into());
    };
    assert_eq!((call.id.as_str(), call.function.name.as_str()), ("call_1", "get_weather"));
    let arguments: Value = serde_json::from_str(&call.function.arguments)?;
    assert_eq!(arguments, json!({ "city": "Lisbon", "unit": "C" }));
    // 71 + 193 characters of JSON, and 3; 11 and 28 characters, and one step of reasoning.
    assert_eq!(
        input_cached_output_reasoning(&first),
        [Some(18 + 49 + 3), Some(0), Some(3 + 7 + 64), Some(64)]
    );

    let said = json!({ "role": "assistant", "tool_calls": calls });
    let report =
        json!({ "role": "tool", "tool_call_id": call.id, "content": " 24 °C and sunny. " });
    let go_on = json!({
        "model": "gpt-5-mini", "messages": [question(), said, report], "tools": tools(),
        "reasoning_effort": "minimal",
    });
    let second = client.chat().create(request(go_on)?).await?;
    let choice = second.choices.first().ok_or("no choice")?;
    assert_eq!(choice.finish_reason, Some(FinishReason::Stop));
    assert_eq!(choice.message.tool_calls, None);
    let words = choice.message.content.as_deref().unwrap_or_default();
    assert!(words.starts_with("24 °C and sunny. Dress for "), "{words}");
    // The tools and the question were seen before: 67 tokens, in steps of 16.
    let [input, cached, output, reasoning] = input_cached_output_reasoning(&second);
    assert!(input > Some(70), "{input:?}");
    assert_eq!((cached, reasoning), (Some(64), Some(0)));
    assert_eq!(output, u32::try_from(words.chars().count().div_ceil(4)).ok());
    let usage = second.usage.ok_or("no usage")?;
    assert_eq!(usage.total_tokens, usage.prompt_tokens + usage.completion_tokens);
    Ok(())
}

#[tokio::test]
async fn ends_early_at_the_token_limit_and_gives_every_choice() -> Outcome {
    let server = start(&[]).await?;
    let client = client(openai(&server))?;
    let ask = json!({
        "model": "gpt-4o-mini", "messages": [question()], "n": 2, "max_completion_tokens": 3,
        "service_tier": "flex",
    });
    let response = client.chat().create(request(ask)?).await?;
    assert_eq!(response.model, "gpt-4o-mini-2024-07-18");
    assert_eq!(response.service_tier, Some(ServiceTier::Flex));
    assert_eq!(response.choices.len(), 2);
    for choice in &response.choices {
        assert_eq!(choice.finish_reason, Some(FinishReason::Length));
        assert_eq!(choice.message.content.as_ref().map(|it| it.chars().count()), Some(12));
    }
    let [_, _, output, reasoning] = input_cached_output_reasoning(&response);
    assert_eq!((output, reasoning), (Some(6), Some(0)));
    Ok(())
}

#[tokio::test]
async fn limits_the_rate_of_the_requests_it_was_told_to() -> Outcome {
    let server = start(&[2]).await?;
    let client = client(openai(&server))?;
    let ask = request(json!({ "model": "gpt-5-mini", "messages": [question()] }))?;
    client.chat().create(ask.clone()).await?;
    assert_eq!(
        refused(client.chat().create(ask.clone()).await),
        (429, "requests".to_owned(), None, Some("rate_limit_exceeded".to_owned()))
    );
    assert_eq!(client.chat().create(ask).await?.id, "chatcmpl-loopback3");

    let http = reqwest::Client::builder().no_proxy().tls_certs_only([]).build()?;
    let server = start(&[1]).await?;
    let url = format!("{}/embeddings", server.base_url());
    let response = http.post(url).bearer_auth("any").send().await?;
    let retry_after = response.headers().get("retry-after").ok_or("no retry-after")?;
    assert_eq!(retry_after.to_str()?, "1");
    Ok(())
}

#[tokio::test]
async fn refuses_what_the_service_refuses() -> Outcome {
    let server = start(&[1]).await?;
    let invalid = "invalid_request_error".to_owned();
    let ask = request(json!({ "model": "gpt-5-mini", "messages": [question()] }))?;

    let keyless = client(openai(&server).with_api_key(""))?;
    assert_eq!(
        refused(keyless.chat().create(ask.clone()).await),
        (401, invalid.clone(), None, Some("invalid_api_key".to_owned()))
    );
    let lost = client(openai(&server).with_api_base(format!("{}/v2", server.base_url())))?;
    assert_eq!(
        refused(lost.chat().create(ask.clone()).await),
        (404, invalid.clone(), None, Some("unknown_url".to_owned()))
    );
    let client = client(openai(&server))?;
    assert_eq!(
        refused(client.chat().list().await),
        (405, invalid.clone(), None, Some("method_not_supported".to_owned()))
    );
    // None of these counted: the next is the first, which is to be limited.
    assert_eq!(refused(client.chat().create(ask.clone()).await).0, 429);

    let orphan = json!([question(), { "role": "tool", "content": "?", "tool_call_id": "" }]);
    for (body, param) in [
        (json!({ "model": "", "messages": [question()] }), "model"),
        (json!({ "model": "gpt-5-mini", "messages": [] }), "messages"),
        (json!({ "model": "gpt-5-mini", "messages": orphan }), "messages"),
    ] {
        assert_eq!(
            refused(client.chat().create(request(body)?).await),
            (400, invalid.clone(), Some(param.to_owned()), None)
        );
    }
    let http = reqwest::Client::builder().no_proxy().tls_certs_only([]).build()?;
    let url = format!("{}/chat/completions", server.base_url());
    let response = http.post(url).bearer_auth("any").body("{\"model\":").send().await?;
    assert_eq!(response.status().as_u16(), 400);
    let error: Value = serde_json::from_slice(&response.bytes().await?)?;
    assert_eq!(error.pointer("/error/message"), Some(&json!("The body is not valid JSON.")));
    Ok(())
}

/// All chunks of a stream.
async fn stream(
    server: &LoopbackOpenAi,
    body: Value,
) -> Result<Vec<CreateChatCompletionStreamResponse>, Box<dyn Error>> {
    let client = client(openai(server))?;
    let mut stream = client.chat().create_stream(request(body)?).await?;
    let mut chunks = Vec::new();
    while let Some(chunk) = stream.next().await {
        chunks.push(chunk?);
    }
    Ok(chunks)
}

#[tokio::test]
async fn streams_the_words_that_it_would_have_said_at_once() -> Outcome {
    let server = start(&[]).await?;
    let body = json!({ "model": "gpt-4o", "messages": [question()] });
    let whole = client(openai(&server))?.chat().create(request(body.clone())?).await?;

    let mut streamed = body.clone();
    streamed["stream_options"] = json!({ "include_usage": true });
    let chunks = stream(&server, streamed).await?;
    let choices = || chunks.iter().flat_map(|chunk| &chunk.choices);
    let words: String = choices().filter_map(|choice| choice.delta.content.clone()).collect();
    assert_eq!(Some(words), whole.choices.first().and_then(|it| it.message.content.clone()));
    assert!(choices().count() > 5);
    let reasons: Vec<_> = choices().filter_map(|choice| choice.finish_reason).collect();
    assert_eq!(reasons, [FinishReason::Stop]);
    let last = chunks.last().ok_or("no chunk")?;
    assert!(last.choices.is_empty());
    assert_eq!(chunks.iter().filter(|chunk| chunk.usage.is_some()).count(), 1);
    let (usage, of_whole) = (last.usage.clone().ok_or("no usage")?, whole.usage.ok_or("none")?);
    assert_eq!(
        (usage.prompt_tokens, usage.completion_tokens),
        (of_whole.prompt_tokens, of_whole.completion_tokens)
    );

    let chunks = stream(&server, body).await?;
    assert!(chunks.iter().all(|chunk| chunk.usage.is_none() && chunk.choices.len() == 1));
    Ok(())
}

#[tokio::test]
async fn streams_a_call_in_pieces() -> Outcome {
    let server = start(&[]).await?;
    let body = json!({ "model": "gpt-4o", "messages": [question()], "tools": tools() });
    let chunks = stream(&server, body).await?;
    let choices = || chunks.iter().flat_map(|chunk| &chunk.choices);
    let calls: Vec<_> = choices().filter_map(|it| it.delta.tool_calls.clone()).flatten().collect();
    assert_eq!(calls.first().and_then(|call| call.id.as_deref()), Some("call_1"));
    let arguments: String = calls.into_iter().filter_map(|call| call.function?.arguments).collect();
    assert_eq!(arguments, r#"{"city":"Lisbon","unit":"C"}"#);
    let reasons: Vec<_> = choices().filter_map(|choice| choice.finish_reason).collect();
    assert_eq!(reasons, [FinishReason::ToolCalls]);
    Ok(())
}

#[tokio::test]
async fn takes_the_deployment_for_the_model_on_azure() -> Outcome {
    let server = start(&[]).await?;
    let origin = server.base_url().trim_end_matches("/v1");
    let azure = AzureConfig::new().with_api_base(origin).with_api_key("any");
    let azure = azure.with_deployment_id("my-gpt");
    let ask = request(json!({ "model": "", "messages": [question()] }))?;
    let versioned = client(azure.clone().with_api_version("2024-10-21"))?;
    assert_eq!(versioned.chat().create(ask.clone()).await?.model, "my-gpt");
    assert_eq!(refused(client(azure)?.chat().create(ask.clone()).await).0, 404);

    let v1 = client(openai(&server).with_api_base(format!("{origin}/openai/v1")))?;
    let ask = CreateChatCompletionRequest { model: "gpt-5".to_owned(), ..ask };
    assert_eq!(v1.chat().create(ask).await?.model, "gpt-5-2025-08-07");
    Ok(())
}

#[tokio::test]
async fn embeds_the_same_text_in_the_same_place() -> Outcome {
    let server = start(&[]).await?;
    let client = client(openai(&server))?;
    let ask = CreateEmbeddingRequest {
        model: "text-embedding-3-small".to_owned(),
        input: ["sun", "sunshine", "sun"].into(),
        dimensions: Some(16),
        ..CreateEmbeddingRequest::default()
    };
    let response = client.embeddings().create(ask.clone()).await?;
    assert_eq!(response.model, "text-embedding-3-small");
    assert_eq!((response.usage.prompt_tokens, response.usage.total_tokens), (4, 4));
    let [a, b, c] = response.data.as_slice() else { return Err("not three".into()) };
    assert_eq!((a.index, b.index, c.index, a.embedding.len()), (0, 1, 2, 16));
    assert_eq!(a.embedding, c.embedding);
    assert_ne!(a.embedding, b.embedding);
    let length: f32 = a.embedding.iter().map(|x| x * x).sum();
    assert!((length - 1.0).abs() < 1e-5, "{length}");

    let ask = CreateEmbeddingRequest { dimensions: None, ..ask };
    let response = client.embeddings().create(ask.clone()).await?;
    assert_eq!(response.data.first().map(|it| it.embedding.len()), Some(1536));
    let ask = CreateEmbeddingRequest { input: "".into(), ..ask };
    assert_eq!(refused(client.embeddings().create(ask).await).2.as_deref(), Some("input"));
    Ok(())
}

#[tokio::test]
async fn stops_when_dropped() -> Outcome {
    let server = start(&[]).await?;
    let client = client(openai(&server))?;
    let ask = request(json!({ "model": "gpt-5-mini", "messages": [question()] }))?;
    client.chat().create(ask.clone()).await?;
    drop(server);
    assert!(matches!(client.chat().create(ask).await, Err(OpenAIError::Reqwest(_))));
    Ok(())
}
