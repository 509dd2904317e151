//! What the examples do: an agent that gives travel advice asks a model, which asks for the weather.
//!
//! Four functions carry `#[instrument_llm]`, and that is all there is to do. Each step becomes a span below the
//! agent's, with the model's token counts.

use std::{error::Error, time::Duration};

use async_openai::{
    error::OpenAIError,
    types::chat::{
        ChatCompletionMessageToolCalls, ChatCompletionRequestAssistantMessage,
        ChatCompletionRequestMessage, ChatCompletionRequestSystemMessage,
        ChatCompletionRequestToolMessage, ChatCompletionRequestUserMessage,
        ChatCompletionResponseStream, ChatCompletionStreamOptions, ChatCompletionTool,
        ChatCompletionTools, CreateChatCompletionRequest, CreateChatCompletionResponse,
        FunctionCall, FunctionObject,
    },
};
use llmobs_examples::connect::OpenAi;
use llmobs_runtime::instrument_llm;
use serde_json::{Value, json};

/// What can go wrong on the way, in a form that says what it was and no more.
pub(crate) type Failure = Box<dyn Error + Send + Sync>;

/// More turns than this and the model is going round in circles.
const MAX_TURNS: usize = 8;
/// How often a call that met a rate limit is repeated.
const MAX_RETRIES: u32 = 3;

/// The agent: asks the model, runs the tools that it asks for, until it has an answer.
#[instrument_llm(
    operation = invoke_agent,
    agent(name = "Travel Guide"),
    conversation_id = conversation,
    response = none
)]
pub(crate) async fn travel_guide(
    openai: &OpenAi,
    conversation: &str,
    question: &str,
) -> Result<String, Failure> {
    let mut messages = vec![
        ChatCompletionRequestSystemMessage::from("You give short, practical travel advice.").into(),
        ChatCompletionRequestUserMessage::from(question).into(),
    ];
    for _ in 0..MAX_TURNS {
        let response = chat_patiently(openai, request(&openai.model, &messages)).await?;
        let choice = response.choices.into_iter().next().ok_or("the model said nothing")?;
        let calls = choice.message.tool_calls.unwrap_or_default();
        if calls.is_empty() {
            return choice.message.content.ok_or_else(|| "the model said nothing".into());
        }
        messages.push(
            ChatCompletionRequestAssistantMessage {
                tool_calls: Some(calls.clone()),
                ..Default::default()
            }
            .into(),
        );
        for call in calls {
            let ChatCompletionMessageToolCalls::Function(call) = call else {
                return Err("the model called a tool that it was not given".into());
            };
            let report = get_weather(&call.id, &city(&call.function)?).await?;
            let content = report.into();
            messages
                .push(ChatCompletionRequestToolMessage { content, tool_call_id: call.id }.into());
        }
    }
    Err("the model did not come to an answer".into())
}

/// The tool: an instrument on a roof, in real life.
#[instrument_llm(
    operation = execute_tool,
    tool(name = "get_weather", type = "function", call_id = call_id)
)]
async fn get_weather(call_id: &str, city: &str) -> Result<String, Failure> {
    tokio::time::sleep(Duration::from_millis(15)).await;
    if city.is_empty() {
        return Err("there is no weather without a city".into());
    }
    Ok(format!("In {city} it is 24 °C at noon and 13 °C at night, with wind from the sea."))
}

/// One call of the model. The request and the response say what the span and the metrics hold.
#[instrument_llm(provider = openai.provider, request = request, server = openai.server())]
async fn chat(
    openai: &OpenAi,
    request: CreateChatCompletionRequest,
) -> Result<CreateChatCompletionResponse, OpenAIError> {
    openai.client.chat().create(request).await
}

/// The same as a stream. It has a span until its last piece has come, with the time that the
/// first one took; dropped half-way it is recorded as abandoned.
#[instrument_llm(provider = openai.provider, request = request, server = openai.server())]
pub(crate) async fn chat_streamed(
    openai: &OpenAi,
    request: CreateChatCompletionRequest,
) -> Result<ChatCompletionResponseStream, OpenAIError> {
    openai.client.chat().create_stream(request).await
}

/// Calls the model again, a little later each time, while the service is too busy. Every attempt
/// has a span of its own, so one sees which of them failed and what the waiting cost.
async fn chat_patiently(
    openai: &OpenAi,
    request: CreateChatCompletionRequest,
) -> Result<CreateChatCompletionResponse, OpenAIError> {
    for attempt in 0..MAX_RETRIES {
        match chat(openai, request.clone()).await {
            Err(OpenAIError::ApiError(error)) if error.status_code.as_u16() == 429 => {
                tokio::time::sleep(Duration::from_millis(100 << (2 * attempt))).await;
            }
            outcome => return outcome,
        }
    }
    chat(openai, request).await
}

/// The conversation so far, and the tool that the model may call.
fn request(model: &str, messages: &[ChatCompletionRequestMessage]) -> CreateChatCompletionRequest {
    let get_weather = FunctionObject {
        name: "get_weather".to_owned(),
        description: Some("The weather in a city, today".to_owned()),
        parameters: Some(json!({
            "type": "object",
            "properties": { "city": { "type": "string" } },
            "required": ["city"],
            "additionalProperties": false,
        })),
        strict: Some(true),
    };
    CreateChatCompletionRequest {
        model: model.to_owned(),
        messages: messages.to_vec(),
        tools: Some(vec![ChatCompletionTools::Function(ChatCompletionTool {
            function: get_weather,
        })]),
        max_completion_tokens: Some(2000),
        ..Default::default()
    }
}

/// A question to be answered as a stream, with the token counts at its end: without this option
/// the service does not tell them.
pub(crate) fn streamed_request(model: &str, question: &str) -> CreateChatCompletionRequest {
    CreateChatCompletionRequest {
        model: model.to_owned(),
        messages: vec![ChatCompletionRequestUserMessage::from(question).into()],
        stream_options: Some(ChatCompletionStreamOptions {
            include_usage: Some(true),
            include_obfuscation: None,
        }),
        max_completion_tokens: Some(2000),
        ..Default::default()
    }
}

/// The argument that `get_weather` takes, as the model wrote it.
fn city(call: &FunctionCall) -> Result<String, Failure> {
    let arguments: Value = serde_json::from_str(&call.arguments)?;
    Ok(arguments.get("city").and_then(Value::as_str).unwrap_or_default().to_owned())
}
