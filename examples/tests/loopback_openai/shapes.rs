//! Answers of a given shape: JSON by a schema, sound, probabilities; and what options do.

use llmobs_examples::loopback_openai::LoopbackOpenAi;
use serde_json::{Value, json};

use async_openai::types::chat::CreateChatCompletionResponse;

use crate::{Outcome, client, openai, question, refused, request, start};

async fn ask(
    server: &LoopbackOpenAi,
    body: Value,
) -> Result<CreateChatCompletionResponse, Box<dyn std::error::Error>> {
    Ok(client(openai(server))?.chat().create(request(body)?).await?)
}

fn words(response: &CreateChatCompletionResponse) -> String {
    let choice = response.choices.first();
    choice.and_then(|it| it.message.content.clone()).unwrap_or_default()
}

#[tokio::test]
async fn fills_in_a_schema() -> Outcome {
    let server = start(&[]).await?;
    let schema = json!({
        "type": "object",
        "properties": {
            "city": { "type": "string" },
            "days": { "type": "integer" },
            "stops": { "type": "array", "items": {
                "type": "object", "properties": { "by": { "enum": ["tram", "boat"] } }, "required": ["by"],
            } },
            "left": { "type": "string" },
        },
        "required": ["city", "days", "stops"],
    });
    let format =
        json!({ "type": "json_schema", "json_schema": { "name": "trip", "schema": schema } });
    let body = json!({ "model": "gpt-4o", "messages": [question()], "response_format": format });
    let answer: Value = serde_json::from_str(&words(&ask(&server, body).await?))?;
    assert_eq!(answer, json!({ "city": "Lisbon", "days": 1, "stops": [{ "by": "tram" }] }));

    let any = json!({ "type": "json_object" });
    let body = json!({ "model": "gpt-4o", "messages": [question()], "response_format": any });
    assert_eq!(words(&ask(&server, body).await?), "{}");
    Ok(())
}

#[tokio::test]
async fn counts_images_and_sounds_apart() -> Outcome {
    let server = start(&[]).await?;
    let parts = json!([
        { "type": "text", "text": "What is this?" },
        { "type": "image_url", "image_url": { "url": "data:image/png;base64,AAAA" } },
        { "type": "input_audio", "input_audio": { "data": "A".repeat(65), "format": "wav" } },
    ]);
    let said = json!([{ "role": "user", "content": parts }]);
    let body = json!({
        "model": "gpt-audio", "messages": said, "modalities": ["text", "audio"],
        "audio": { "voice": "alloy", "format": "wav" },
    });
    let response = ask(&server, body).await?;
    let usage = response.usage.as_ref().ok_or("no usage")?;
    let prompt = usage.prompt_tokens_details.as_ref().ok_or("no details")?;
    // 65 characters of JSON without the media, and 3.
    assert_eq!(
        (prompt.text_tokens, prompt.image_tokens, prompt.audio_tokens),
        (Some(17 + 3), Some(85), Some(2))
    );
    assert_eq!(usage.prompt_tokens, 20 + 85 + 2);
    let choice = response.choices.first().ok_or("no choice")?;
    let spoken = choice.message.audio.as_ref().ok_or("it says nothing")?;
    assert_eq!(choice.message.content, None);
    let words = u32::try_from(spoken.transcript.chars().count().div_ceil(4))?;
    let details = usage.completion_tokens_details.as_ref().ok_or("no details")?;
    assert_eq!((details.text_tokens, details.audio_tokens), (Some(words.into()), Some(words)));
    assert_eq!(usage.completion_tokens, 2 * words);
    Ok(())
}

#[tokio::test]
async fn does_what_options_ask_for() -> Outcome {
    let server = start(&[]).await?;
    let plain = ask(&server, json!({ "model": "gpt-4o", "messages": [question()] })).await?;
    let plain = words(&plain);
    let (before, stop) = plain.rsplit_once(' ').ok_or("one word")?;
    let body = json!({
        "model": "gpt-4o", "messages": [question()], "stop": [stop], "logprobs": true, "top_logprobs": 1,
        "prompt_cache_options": { "mode": "implicit" },
    });
    let response = ask(&server, body).await?;
    assert_eq!(words(&response), format!("{before} "));
    let choice = response.choices.first().ok_or("no choice")?;
    let tokens = choice.logprobs.as_ref().and_then(|it| it.content.as_ref()).ok_or("none")?;
    assert_eq!(tokens.iter().map(|it| it.token.as_str()).collect::<String>(), words(&response));
    assert!(tokens.iter().all(|it| it.top_logprobs.len() == 1));
    let usage = response.usage.ok_or("no usage")?;
    let prompt = usage.prompt_tokens_details.ok_or("no details")?;
    // The same question was asked before: nothing is left to be written, in steps of 16.
    assert_eq!((prompt.cached_tokens, prompt.cache_write_tokens), (Some(16), Some(0)));

    for (option, value) in [("temperature", 2.1), ("top_p", -0.1), ("frequency_penalty", -3.0)] {
        let mut body = json!({ "model": "gpt-4o", "messages": [question()] });
        body[option] = value.into();
        let outcome = client(openai(&server))?.chat().create(request(body)?).await;
        let code = Some("value_out_of_range".to_owned());
        let invalid = "invalid_request_error".to_owned();
        assert_eq!(refused(outcome), (400, invalid, Some(option.to_owned()), code));
    }
    Ok(())
}
