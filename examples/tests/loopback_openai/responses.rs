//! `/responses` of the stand-in, as plain HTTP has it.

use std::error::Error;

use serde_json::{Value, json};

use llmobs_examples::loopback_openai::LoopbackOpenAi;

use crate::{Outcome, start, tools};

/// What `/responses` answers to a body: the client's types for it take long to build.
async fn respond(server: &LoopbackOpenAi, body: &Value) -> Result<String, Box<dyn Error>> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::builder().no_proxy().tls_certs_only([]).build()?;
    let url = format!("{}/responses", server.base_url());
    let sent = http.post(url).bearer_auth("any").body(body.to_string()).send().await?;
    Ok(String::from_utf8(sent.bytes().await?.to_vec())?)
}

/// The events of a stream; the name of each stands twice.
fn events(stream: &str) -> Result<Vec<Value>, Box<dyn Error>> {
    let mut events = Vec::new();
    for (number, frame) in stream.split_terminator("\n\n").enumerate() {
        let (name, data) = frame.split_once("\ndata: ").ok_or("a frame without data")?;
        let event: Value = serde_json::from_str(data)?;
        assert_eq!(name.strip_prefix("event: "), event.get("type").and_then(Value::as_str));
        assert_eq!(event.get("sequence_number"), Some(&json!(number)));
        events.push(event);
    }
    Ok(events)
}

fn kinds(events: &[Value]) -> Vec<&str> {
    let mut kinds: Vec<&str> =
        events.iter().filter_map(|event| event.get("type")?.as_str()).collect();
    kinds.dedup();
    kinds
}

fn deltas(events: &[Value]) -> String {
    events.iter().filter_map(|event| event.get("delta")?.as_str()).collect()
}

#[tokio::test]
async fn responds_at_once_and_in_pieces() -> Outcome {
    let server = start(&[]).await?;
    let ask = json!({ "model": "gpt-4o", "instructions": "Be brief.", "input": "Where to?" });
    let whole: Value = serde_json::from_str(&respond(&server, &ask).await?)?;
    assert_eq!(whole.get("status"), Some(&json!("completed")));
    assert_eq!(whole.get("model"), Some(&json!("gpt-4o-2024-08-06")));
    assert_eq!(whole.get("service_tier"), Some(&json!("default")));
    // 41 and 37 characters of JSON, and 3.
    assert_eq!(whole.pointer("/usage/input_tokens"), Some(&json!(11 + 10 + 3)));

    let ask = json!({ "model": "gpt-4o", "instructions": "Be brief.", "input": "Where to?", "stream": true });
    let events = events(&respond(&server, &ask).await?)?;
    assert_eq!(
        kinds(&events),
        [
            "response.created",
            "response.in_progress",
            "response.output_item.added",
            "response.content_part.added",
            "response.output_text.delta",
            "response.output_text.done",
            "response.content_part.done",
            "response.output_item.done",
            "response.completed",
        ]
    );
    assert!(events.iter().filter(|event| event.get("delta").is_some()).count() > 5);
    let said = whole.pointer("/output/0/content/0/text").and_then(Value::as_str);
    assert_eq!(Some(deltas(&events).as_str()), said);
    let (first, last) = (events.first().ok_or("none")?, events.last().ok_or("none")?);
    assert_eq!(first.pointer("/response/status"), Some(&json!("in_progress")));
    assert_eq!(first.pointer("/response/usage"), Some(&Value::Null));
    assert_eq!(last.pointer("/response/usage/input_tokens"), Some(&json!(24)));
    assert_eq!(
        last.pointer("/response/usage/output_tokens"),
        whole.pointer("/usage/output_tokens")
    );
    assert_eq!(last.pointer("/response/output/0/content"), whole.pointer("/output/0/content"));
    Ok(())
}

#[tokio::test]
async fn responds_with_a_call_and_then_with_what_it_said() -> Outcome {
    let server = start(&[]).await?;
    let mut function = tools().pointer("/0/function").cloned().ok_or("no function")?;
    function["type"] = json!("function");
    let question = json!({ "role": "user", "content": [{ "type": "input_text", "text": "What about Lisbon?" }] });
    let mut ask = json!({
        "model": "gpt-5-mini", "input": [question], "tools": [function], "stream": true
    });
    let events = events(&respond(&server, &ask).await?)?;
    assert_eq!(deltas(&events), r#"{"city":"Lisbon","unit":"C"}"#);
    let last = events.last().ok_or("none")?;
    assert_eq!(last.get("type"), Some(&json!("response.completed")));
    let output = last.pointer("/response/output").ok_or("no output")?;
    assert_eq!(output.pointer("/0/type"), Some(&json!("reasoning")));
    let call = output.pointer("/1").ok_or("no call")?;
    assert_eq!((&call["type"], &call["call_id"]), (&json!("function_call"), &json!("call_1")));
    assert_eq!(call["arguments"], json!(deltas(&events)));
    assert_eq!(
        last.pointer("/response/usage/output_tokens_details/reasoning_tokens"),
        Some(&json!(64))
    );

    let report = json!({ "type": "function_call_output", "call_id": "call_1", "output": "24 °C and sunny." });
    ask["input"] = json!([question, call, report]);
    ask["stream"] = json!(false);
    let whole: Value = serde_json::from_str(&respond(&server, &ask).await?)?;
    let said = whole.pointer("/output/1/content/0/text").and_then(Value::as_str);
    assert!(said.is_some_and(|said| said.starts_with("24 °C and sunny. Dress for ")), "{said:?}");
    Ok(())
}

#[tokio::test]
async fn a_response_that_is_cut_is_incomplete() -> Outcome {
    let server = start(&[]).await?;
    let ask =
        json!({ "model": "gpt-4o", "input": "Where to?", "max_output_tokens": 2, "stream": true });
    let cut = events(&respond(&server, &ask).await?)?;
    let last = cut.last().ok_or("none")?;
    assert_eq!(last.get("type"), Some(&json!("response.incomplete")));
    assert_eq!(last.pointer("/response/status"), Some(&json!("incomplete")));
    assert_eq!(
        last.pointer("/response/incomplete_details/reason"),
        Some(&json!("max_output_tokens"))
    );
    assert_eq!(last.pointer("/response/usage/output_tokens"), Some(&json!(2)));
    for input in [json!(null), json!(""), json!([])] {
        let refused = respond(&server, &json!({ "model": "gpt-4o", "input": input })).await?;
        let refused: Value = serde_json::from_str(&refused)?;
        assert_eq!(refused.pointer("/error/param"), Some(&json!("input")));
    }
    Ok(())
}

#[tokio::test]
async fn goes_on_from_a_response_and_reads_it_again() -> Outcome {
    let server = start(&[]).await?;
    let ask = json!({ "model": "gpt-4o", "instructions": "Be brief.", "input": "Where to?" });
    let first: Value = serde_json::from_str(&respond(&server, &ask).await?)?;
    let id = first.get("id").and_then(Value::as_str).ok_or("no id")?;
    let ask = json!({ "model": "gpt-4o", "input": "And then?", "previous_response_id": id });
    let second: Value = serde_json::from_str(&respond(&server, &ask).await?)?;
    assert_eq!(second.get("previous_response_id"), Some(&json!(id)));
    let input = |it: &Value| it.pointer("/usage/input_tokens").and_then(Value::as_u64);
    // The question and the answer before it are part of the prompt, the instructions are not.
    let alone = json!({ "model": "gpt-4o", "input": "And then?" });
    let alone: Value = serde_json::from_str(&respond(&server, &alone).await?)?;
    let said =
        first.pointer("/output/0/content/0/text").and_then(Value::as_str).unwrap_or_default();
    let before = [
        json!({ "role": "user", "content": "Where to?" }),
        json!({ "role": "assistant", "content": said }),
    ];
    let before = before.iter().map(|it| it.to_string().chars().count().div_ceil(4)).sum::<usize>();
    assert_eq!(input(&second), input(&alone).map(|it| it + before as u64));

    let http = reqwest::Client::builder().no_proxy().tls_certs_only([]).build()?;
    let read = async |id: &str| -> Result<(u16, Value), Box<dyn Error>> {
        let url = format!("{}/responses/{id}", server.base_url());
        let sent = http.get(url).bearer_auth("any").send().await?;
        Ok((sent.status().as_u16(), serde_json::from_slice(&sent.bytes().await?)?))
    };
    assert_eq!(read(id).await?, (200, first.clone()));
    assert_eq!(read("resp_unknown").await?.0, 404);
    let ask = json!({ "model": "gpt-4o", "input": "And?", "previous_response_id": "resp_unknown" });
    let refused: Value = serde_json::from_str(&respond(&server, &ask).await?)?;
    assert_eq!(refused.pointer("/error/param"), Some(&json!("previous_response_id")));
    Ok(())
}
