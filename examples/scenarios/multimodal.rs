//! Images and sounds among the words: `cargo run --example multimodal`.
//!
//! The tokens of each medium are counted apart where the service tells them apart. Of an image or a sound nothing is
//! recorded but that there was one, even where content is captured, unless the builder says `inline_blobs(true)`.

use async_openai::{
    error::OpenAIError,
    types::chat::{
        ChatCompletionAudio, ChatCompletionAudioFormat, ChatCompletionAudioVoice,
        ChatCompletionRequestMessageContentPartAudio as Sound,
        ChatCompletionRequestMessageContentPartImage as Image,
        ChatCompletionRequestMessageContentPartText as Words, ChatCompletionRequestSystemMessage,
        ChatCompletionRequestUserMessage, ChatCompletionRequestUserMessageContentPart as Part,
        CreateChatCompletionRequest, CreateChatCompletionRequestArgs, CreateChatCompletionResponse,
        ImageUrl, InputAudio, InputAudioFormat, ResponseModalities,
    },
};
use llmobs_examples::{
    connect::{Failure, OpenAi},
    loopback_openai::Behaviour,
};
use llmobs_runtime::instrument_llm;

/// A white pixel.
const PIXEL: &str = "data:image/png;base64,\
    iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAG7buVgAAAABJRU5ErkJggg==";
/// A sound file that is silent.
const SILENCE: &str = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAwF0AAIC7AAACABAAZGF0YQAAAAA=";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let _telemetry = llmobs_runtime::configure()?;
    run(&OpenAi::from_env(Behaviour::default()).await?).await
}

pub(crate) async fn run(openai: &OpenAi) -> Result<(), Failure> {
    let image = Image { image_url: ImageUrl::from(PIXEL), ..Image::default() };
    let request = CreateChatCompletionRequestArgs::default()
        .model(openai.model_or("gpt-4o-mini"))
        .messages(messages("What is in this image?", Part::ImageUrl(image)))
        .max_completion_tokens(100_u32)
        .temperature(0.5)
        .build()?;
    let seen = chat(openai, request).await?;
    for choice in seen.choices {
        println!("{}", choice.message.content.unwrap_or_default());
    }

    let input_audio = InputAudio { data: SILENCE.to_owned(), format: InputAudioFormat::Wav };
    let sound = Sound { input_audio, ..Sound::default() };
    let request = CreateChatCompletionRequestArgs::default()
        .model(openai.model_or("gpt-audio"))
        .messages(messages("Repeat what you hear.", Part::InputAudio(sound)))
        .modalities([ResponseModalities::Text, ResponseModalities::Audio])
        .audio(ChatCompletionAudio {
            voice: ChatCompletionAudioVoice::Alloy,
            format: ChatCompletionAudioFormat::Wav,
        })
        .max_completion_tokens(100_u32)
        .temperature(0.5)
        .build()?;
    let heard = chat(openai, request).await?;
    for choice in heard.choices {
        println!("{}", choice.message.audio.map(|it| it.transcript).unwrap_or_default());
    }
    Ok(())
}

#[instrument_llm(provider = openai.provider, server = openai.server(), request = request)]
async fn chat(
    openai: &OpenAi,
    request: CreateChatCompletionRequest,
) -> Result<CreateChatCompletionResponse, OpenAIError> {
    openai.client.chat().create(request).await
}

fn messages(
    question: &str,
    medium: Part,
) -> [async_openai::types::chat::ChatCompletionRequestMessage; 2] {
    let parts = vec![Part::Text(Words::from(question)), medium];
    [
        ChatCompletionRequestSystemMessage::from("You are a helpful assistant.").into(),
        ChatCompletionRequestUserMessage { content: parts.into(), name: None }.into(),
    ]
}
