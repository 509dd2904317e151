//! The model asks for a tool, the program runs it and tells the result: `cargo run --example tool_calling`.
//!
//! Three spans: the question, the tool, the question with the tool's result. Where content is captured they hold the
//! definition of the tool, the call on both sides, its arguments and its result.

use async_openai::{
    error::OpenAIError,
    types::chat::{
        ChatCompletionMessageToolCalls, ChatCompletionRequestAssistantMessage,
        ChatCompletionRequestMessage, ChatCompletionRequestSystemMessage,
        ChatCompletionRequestToolMessage, ChatCompletionRequestUserMessage, ChatCompletionTool,
        ChatCompletionToolChoiceOption, CreateChatCompletionRequest,
        CreateChatCompletionRequestArgs, CreateChatCompletionResponse, FunctionObject,
        ToolChoiceOptions,
    },
};
use llmobs_examples::{
    connect::{Failure, OpenAi},
    loopback_openai::Behaviour,
};
use llmobs_runtime::instrument_llm;
use serde_json::{Value, json};

const DESCRIPTION: &str = "The weather in a city, today";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let _telemetry = llmobs_runtime::configure()?;
    run(&OpenAi::from_env(Behaviour::default()).await?).await
}

pub(crate) async fn run(openai: &OpenAi) -> Result<(), Failure> {
    let mut messages = vec![
        ChatCompletionRequestSystemMessage::from("You are a helpful assistant.").into(),
        ChatCompletionRequestUserMessage::from("What is the weather in Lisbon today?").into(),
    ];
    let asked = chat(openai, request(openai, &messages)?).await?;
    let choice = asked.choices.into_iter().next().ok_or("the model said nothing")?;
    let calls = choice.message.tool_calls.unwrap_or_default();
    let said = ChatCompletionRequestAssistantMessage {
        tool_calls: Some(calls.clone()),
        ..Default::default()
    };
    messages.push(said.into());
    for call in calls {
        let ChatCompletionMessageToolCalls::Function(call) = call else { continue };
        let arguments: Value = serde_json::from_str(&call.function.arguments)?;
        let city = arguments.get("city").and_then(Value::as_str).unwrap_or_default();
        let content = get_weather(&call.id, city).into();
        messages.push(ChatCompletionRequestToolMessage { content, tool_call_id: call.id }.into());
    }

    let answer = chat(openai, request(openai, &messages)?).await?;
    for choice in answer.choices {
        println!("{}", choice.message.content.unwrap_or_default());
    }
    Ok(())
}

/// The tool; its name is the function's.
#[instrument_llm(
    operation = execute_tool,
    tool(type = "function", description = DESCRIPTION, call_id = call_id),
    capture(arguments(city), result)
)]
fn get_weather(call_id: &str, city: &str) -> String {
    format!("In {city} it is 24 °C, with wind from the sea.")
}

#[instrument_llm(provider = openai.provider, server = openai.server(), request = request)]
async fn chat(
    openai: &OpenAi,
    request: CreateChatCompletionRequest,
) -> Result<CreateChatCompletionResponse, OpenAIError> {
    openai.client.chat().create(request).await
}

fn request(
    openai: &OpenAi,
    messages: &[ChatCompletionRequestMessage],
) -> Result<CreateChatCompletionRequest, OpenAIError> {
    let function = FunctionObject {
        name: "get_weather".to_owned(),
        description: Some(DESCRIPTION.to_owned()),
        parameters: Some(json!({
            "type": "object",
            "properties": { "city": { "type": "string" } },
            "required": ["city"],
            "additionalProperties": false,
        })),
        strict: Some(true),
    };
    CreateChatCompletionRequestArgs::default()
        .model(openai.model_or("gpt-4o-mini"))
        .messages(messages)
        .tools(ChatCompletionTool { function })
        .tool_choice(ChatCompletionToolChoiceOption::Mode(ToolChoiceOptions::Auto))
        .parallel_tool_calls(false)
        .max_completion_tokens(100_u32)
        .temperature(0.5)
        .build()
}
