//! Calls of a real service with the real client, each with what the client was told.

use async_openai::Client;
use async_openai::config::OpenAIConfig;
use async_openai::error::OpenAIError;
use async_openai::middleware::ReqwestService;
use async_openai::types::chat::{
    ChatCompletionRequestUserMessage, ChatCompletionResponseStream, ChatCompletionStreamOptions,
    CreateChatCompletionRequest, CreateChatCompletionResponse,
};
use async_openai::types::embeddings::{CreateEmbeddingRequest, CreateEmbeddingResponse};
use futures::StreamExt;
use llmobs_runtime::instrument_llm;
use reqwest::Method;
use serde_json::{Value, json};

use crate::http::{self, Http};

/// The model that answers.
pub(crate) const MODEL: &str = "mock-chat";
/// The model that is always too busy.
pub(crate) const BUSY: &str = "mock-busy";
/// The model of embeddings.
pub(crate) const EMBEDDINGS: &str = "mock-embeddings";

/// The service at `OPENAI_BASE_URL`, through its client and without.
pub(super) struct Gateway {
    base: String,
    key: String,
    http: Http,
    client: Client<OpenAIConfig>,
}

impl Gateway {
    pub(super) fn from_env() -> Result<Self, String> {
        let variable = |name: &str| std::env::var(name).map_err(|_| format!("{name} says nothing"));
        let (base, key) = (variable("OPENAI_BASE_URL")?, variable("OPENAI_API_KEY")?);
        let config = OpenAIConfig::new().with_api_base(&base).with_api_key(&key);
        let http = reqwest::Client::builder().no_proxy().build();
        let http = http.map_err(|error| error.to_string())?;
        // Left to itself the client would repeat what was refused before anybody learns of it.
        let client =
            Client::build(http.clone(), config).with_http_service(ReqwestService::new(http));
        Ok(Self { base, key, http: Http::new()?, client })
    }

    /// Each call once; what the client was told of each.
    pub(super) async fn round(&self) -> Value {
        json!([
            self.chat().await,
            self.stream().await,
            self.embed().await,
            self.respond().await,
            self.refused().await,
        ])
    }

    async fn chat(&self) -> Value {
        let answer = match chat(&self.client, question(MODEL)).await {
            Ok(answer) => answer,
            Err(error) => return failed("chat", &error),
        };
        let usage = answer.usage.as_ref();
        let reason = answer.choices.first().and_then(|choice| choice.finish_reason);
        json!({
            "call": "chat",
            "gen_ai.response.id": answer.id,
            "gen_ai.response.model": answer.model,
            "gen_ai.response.finish_reasons": reason.map(|reason| json!([reason])),
            "gen_ai.usage.input_tokens": usage.map(|usage| usage.prompt_tokens),
            "gen_ai.usage.output_tokens": usage.map(|usage| usage.completion_tokens),
        })
    }

    async fn stream(&self) -> Value {
        let mut question = question(MODEL);
        question.stream_options = Some(ChatCompletionStreamOptions {
            include_usage: Some(true),
            include_obfuscation: None,
        });
        let mut pieces = match stream(&self.client, question).await {
            Ok(pieces) => pieces,
            Err(error) => return failed("stream", &error),
        };
        let (mut count, mut told) = (0_u64, json!({ "call": "stream" }));
        while let Some(piece) = pieces.next().await {
            count += 1;
            let piece = match piece {
                Ok(piece) => piece,
                Err(error) => return failed("stream", &error),
            };
            told["gen_ai.response.id"] = json!(piece.id);
            told["gen_ai.response.model"] = json!(piece.model);
            if let Some(reason) = piece.choices.first().and_then(|choice| choice.finish_reason) {
                told["gen_ai.response.finish_reasons"] = json!([reason]);
            }
            if let Some(usage) = piece.usage {
                told["gen_ai.usage.input_tokens"] = json!(usage.prompt_tokens);
                told["gen_ai.usage.output_tokens"] = json!(usage.completion_tokens);
            }
        }
        told["llmobs.response.chunk_count"] = json!(count);
        told
    }

    async fn embed(&self) -> Value {
        let request = CreateEmbeddingRequest {
            model: EMBEDDINGS.to_owned(),
            input: "the weather in Husum".into(),
            ..CreateEmbeddingRequest::default()
        };
        match embed(&self.client, request).await {
            Ok(answer) => json!({
                "call": "embeddings",
                "gen_ai.response.model": answer.model,
                "gen_ai.usage.input_tokens": answer.usage.prompt_tokens,
            }),
            Err(error) => failed("embeddings", &error),
        }
    }

    /// As raw JSON: this gateway writes `null` where the client's types have numbers.
    async fn respond(&self) -> Value {
        let request = json!({ "model": MODEL, "input": "How is the weather in Husum?" });
        match respond(self, request).await {
            Ok(answer) => json!({
                "call": "responses",
                "gen_ai.response.id": answer["id"],
                "gen_ai.response.model": answer["model"],
                "gen_ai.usage.input_tokens": answer["usage"]["input_tokens"],
                "gen_ai.usage.output_tokens": answer["usage"]["output_tokens"],
            }),
            Err(error) => json!({ "call": "responses", "error": error }),
        }
    }

    async fn refused(&self) -> Value {
        match refused(&self.client, question(BUSY)).await {
            Ok(_) => json!({ "call": "refused" }),
            Err(error) => failed("refused", &error),
        }
    }
}

/// What a failure says of itself: the code or the type that the service gave it.
fn failed(call: &str, error: &OpenAIError) -> Value {
    let code = match error {
        OpenAIError::ApiError(answer) => {
            let error = &answer.api_error;
            error.code.clone().or_else(|| error.r#type.clone())
        }
        _ => None,
    };
    json!({ "call": call, "error": error.to_string(), "code": code })
}

fn question(model: &str) -> CreateChatCompletionRequest {
    CreateChatCompletionRequest {
        model: model.to_owned(),
        messages: vec![ChatCompletionRequestUserMessage::from("How is the weather?").into()],
        ..CreateChatCompletionRequest::default()
    }
}

#[instrument_llm(provider = "openai", request = request, name = "gateway chat")]
async fn chat(
    client: &Client<OpenAIConfig>,
    request: CreateChatCompletionRequest,
) -> Result<CreateChatCompletionResponse, OpenAIError> {
    client.chat().create(request).await
}

#[instrument_llm(provider = "openai", request = request, name = "gateway stream")]
async fn stream(
    client: &Client<OpenAIConfig>,
    request: CreateChatCompletionRequest,
) -> Result<ChatCompletionResponseStream, OpenAIError> {
    client.chat().create_stream(request).await
}

#[instrument_llm(operation = embeddings, provider = "openai", request = request, name = "gateway embeddings")]
async fn embed(
    client: &Client<OpenAIConfig>,
    request: CreateEmbeddingRequest,
) -> Result<CreateEmbeddingResponse, OpenAIError> {
    client.embeddings().create(request).await
}

#[instrument_llm(provider = "openai", request = request, name = "gateway responses")]
async fn respond(gateway: &Gateway, request: Value) -> Result<Value, String> {
    let url = format!("{}/responses", gateway.base);
    let request = gateway.http.request(Method::POST, &url).body(request.to_string());
    http::json(request.bearer_auth(&gateway.key).header("content-type", "application/json")).await
}

#[instrument_llm(provider = "openai", request = request, name = "gateway refused")]
async fn refused(
    client: &Client<OpenAIConfig>,
    request: CreateChatCompletionRequest,
) -> Result<CreateChatCompletionResponse, OpenAIError> {
    client.chat().create(request).await
}
