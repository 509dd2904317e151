//! An agent that runs its tools by itself: `cargo run --example automatic_tool_calling`.
//!
//! One function runs any tool that the model asks for, as a framework would: what a tool is called and what it is for
//! comes from a table. The agent's name and the conversation reach every span below it, and its own span has what all
//! of its calls have cost. The conversation begins the same each time, so the service reads it from its cache;
//! `prompt_cache_options` makes it tell what it wrote there.

use async_openai::{
    error::OpenAIError,
    types::chat::{
        ChatCompletionMessageToolCall, ChatCompletionMessageToolCalls,
        ChatCompletionRequestAssistantMessage, ChatCompletionRequestDeveloperMessage,
        ChatCompletionRequestMessage, ChatCompletionRequestToolMessage,
        ChatCompletionRequestUserMessage, ChatCompletionTool, ChatCompletionTools, CompletionUsage,
        CreateChatCompletionRequest, CreateChatCompletionRequestArgs, CreateChatCompletionResponse,
        FunctionObject, PromptCacheModeEnum, PromptCacheOptionsParam, ReasoningEffort,
    },
};
use llmobs_examples::{
    connect::{Failure, OpenAi},
    loopback_openai::Behaviour,
};
use llmobs_runtime::{LlmResponse, instrument_llm};
use serde_json::{Value, json};

const MODEL: &str = "gpt-5.6";
const MAX_TOKENS: u32 = 2000;
const INSTRUCTIONS: &str = "You are a helpful assistant.";

/// What a run came to, and what its calls cost together. A count that no call has told stays absent.
#[derive(Default, LlmResponse)]
struct Outcome {
    #[llm(response.finish_reasons)]
    reason: &'static str,
    #[llm(usage.input_tokens)]
    input: Option<u32>,
    #[llm(usage.output_tokens)]
    output: Option<u32>,
    #[llm(usage.cache_read.input_tokens)]
    cache_read: Option<u32>,
    #[llm(usage.cache_write.input_tokens)]
    cache_write: Option<u32>,
    text: String,
}

impl Outcome {
    fn add(&mut self, usage: Option<&CompletionUsage>) {
        let prompt = usage.and_then(|it| it.prompt_tokens_details.as_ref());
        let written = prompt.and_then(|it| it.cache_write_tokens);
        for (sum, more) in [
            (&mut self.input, usage.map(|it| it.prompt_tokens)),
            (&mut self.output, usage.map(|it| it.completion_tokens)),
            (&mut self.cache_read, prompt.and_then(|it| it.cached_tokens)),
            (&mut self.cache_write, written.and_then(|it| u32::try_from(it).ok())),
        ] {
            *sum = more.map(|more| sum.unwrap_or(0).saturating_add(more)).or(*sum);
        }
    }
}

/// A tool: what the model learns of it, and what it does.
struct Tool {
    name: &'static str,
    description: &'static str,
    argument: &'static str,
    run: fn(&str) -> Result<String, std::num::ParseIntError>,
}

const TOOLS: [Tool; 2] = [
    Tool {
        name: "get_weather",
        description: "The weather in a city, today",
        argument: "city",
        run: |city| Ok(format!("In {city} it is 24 °C, with wind from the sea.")),
    },
    Tool {
        name: "to_fahrenheit",
        description: "A temperature in °C, in °F",
        argument: "celsius",
        run: |celsius| Ok(format!("{} °F", celsius.parse::<i32>()?.saturating_mul(9) / 5 + 32)),
    },
];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let _telemetry = llmobs_runtime::configure()?;
    run(&OpenAi::from_env(Behaviour::default()).await?).await
}

pub(crate) async fn run(openai: &OpenAi) -> Result<(), Failure> {
    println!("{}", agent(openai, "conversation-1", "How warm is it in Lisbon?").await?.text);
    Ok(())
}

/// The agent: asks the model and runs what it asks for, until it has an answer.
#[instrument_llm(
    operation = invoke_agent,
    agent(name = "Weather Frog"),
    conversation_id = conversation,
    provider = openai.provider,
    model = openai.model_or(MODEL),
    attributes(gen_ai.request.max_tokens = MAX_TOKENS),
    capture(instructions = INSTRUCTIONS, input = question, output = |outcome| &outcome.text)
)]
async fn agent(openai: &OpenAi, conversation: &str, question: &str) -> Result<Outcome, Failure> {
    let mut outcome = Outcome::default();
    let mut messages = vec![
        ChatCompletionRequestDeveloperMessage::from(INSTRUCTIONS).into(),
        ChatCompletionRequestUserMessage::from(question).into(),
    ];
    for _ in 0..8 {
        let answer = chat(openai, request(openai, &messages)?).await?;
        outcome.add(answer.usage.as_ref());
        let choice = answer.choices.into_iter().next().ok_or("the model said nothing")?;
        let Some(calls) = choice.message.tool_calls else {
            outcome.text = choice.message.content.ok_or("the model said nothing")?;
            outcome.reason = "stop";
            return Ok(outcome);
        };
        let said = ChatCompletionRequestAssistantMessage {
            tool_calls: Some(calls.clone()),
            ..Default::default()
        };
        messages.push(said.into());
        for call in calls {
            let ChatCompletionMessageToolCalls::Function(call) = call else { continue };
            let tool = TOOLS.iter().find(|tool| tool.name == call.function.name);
            let content = match execute(tool.ok_or("there is no such tool")?, &call) {
                Ok(result) => result.into(),
                // The model may know how to go on.
                Err(error) => error.to_string().into(),
            };
            let result = ChatCompletionRequestToolMessage { content, tool_call_id: call.id };
            messages.push(result.into());
        }
    }
    Err("the model did not come to an answer".into())
}

/// Runs any of the tools.
#[instrument_llm(
    operation = execute_tool,
    tool(name = tool.name, type = "function", description = tool.description, call_id = call.id),
    capture(arguments = call.function.arguments, result)
)]
fn execute(tool: &Tool, call: &ChatCompletionMessageToolCall) -> Result<String, Failure> {
    let arguments: Value = serde_json::from_str(&call.function.arguments)?;
    let argument = arguments.get(tool.argument).and_then(Value::as_str);
    Ok((tool.run)(argument.unwrap_or_default())?)
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
    let tools: Vec<_> = TOOLS.iter().map(definition).collect();
    CreateChatCompletionRequestArgs::default()
        .model(openai.model_or(MODEL))
        .messages(messages)
        .tools(tools)
        .reasoning_effort(ReasoningEffort::Low)
        .prompt_cache_key("weather-frog")
        .prompt_cache_options(PromptCacheOptionsParam {
            mode: Some(PromptCacheModeEnum::Implicit),
            ttl: None,
        })
        .max_completion_tokens(MAX_TOKENS)
        .build()
}

fn definition(tool: &Tool) -> ChatCompletionTools {
    ChatCompletionTools::Function(ChatCompletionTool {
        function: FunctionObject {
            name: tool.name.to_owned(),
            description: Some(tool.description.to_owned()),
            parameters: Some(json!({
                "type": "object",
                "properties": { tool.argument: { "type": "string" } },
                "required": [tool.argument],
                "additionalProperties": false,
            })),
            strict: Some(true),
        },
    })
}
