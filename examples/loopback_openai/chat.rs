//! `POST /v1/chat/completions`: what the stand-in says, and what it claims to have cost.

use std::{
    collections::VecDeque,
    hash::{DefaultHasher, Hash, Hasher},
};

use serde_json::{Value, json};

use super::{
    filled, model,
    prompt::{Counted, words},
    refusal::Refusal,
    tokens,
};

/// Said when nothing else is asked for; the length of the prompt chooses.
const WISDOM: [&str; 4] = [
    "Measure first. What you are sure of is what you have not looked at yet.",
    "The road is short for those who rest before they are tired.",
    "Carry half of what you packed, and twice the water.",
    "A map drawn yesterday is still better than a memory drawn today.",
];
/// Said after what a tool has found out.
const ADVICE: &str =
    "Dress for the hour you come home, not for the one you leave, and keep a hand free.";
/// The shortest prompt prefix that counts as cached, and the step in which it grows. The service
/// starts at 1024 tokens; the prompts of the examples are not as long as that.
const CACHE_STEP: u32 = 16;
/// Reasoning is billed in steps of so many tokens.
const REASONING_STEP: u32 = 64;
/// How many prompts the cache remembers.
const CACHED_PROMPTS: usize = 64;
/// What a spoken answer sounds like, in base64.
const SILENCE: &str = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAwF0AAIC7AAACABAAZGF0YQAAAAA=";
/// Options and what they may be.
const RANGES: [(&str, std::ops::RangeInclusive<f64>); 4] = [
    ("temperature", 0.0..=2.0),
    ("top_p", 0.0..=1.0),
    ("frequency_penalty", -2.0..=2.0),
    ("presence_penalty", -2.0..=2.0),
];
/// As many choices as the service gives at most.
const MAX_CHOICES: u64 = 128;

/// A request, as far as the stand-in reads it.
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the request")]
pub(super) struct Talk<'a> {
    model: &'a str,
    messages: &'a [Value],
    tools: &'a [Value],
    forced_tool: Option<&'a str>,
    may_call: bool,
    reasons: bool,
    choices: u64,
    max_tokens: Option<u32>,
    /// Texts at which the answer ends, without them.
    stops: Vec<&'a str>,
    /// The schema that the answer has to have; `null` for any JSON.
    schema: Option<&'a Value>,
    /// Whether the answer is spoken.
    speaks: bool,
    /// How many alternatives to tell for each token, if their probabilities are asked for.
    top_logprobs: Option<u64>,
    /// Whether the request says how to cache its prompt: only then is told what was written.
    caches: bool,
    service_tier: &'a str,
    /// Whether to stream, and if so, whether the usage comes at the end.
    stream: Option<bool>,
}

impl<'a> Talk<'a> {
    pub(super) fn read(deployment: Option<&'a str>, body: &'a Value) -> Result<Self, Refusal> {
        let model = model(deployment, body)?;
        let messages = list(body, "messages").unwrap_or_default();
        if messages.is_empty() || !messages.iter().all(is_message) {
            return Err(Refusal::invalid(Some("messages"), "`messages` must hold messages."));
        }
        let tools = list(body, "tools").unwrap_or_default();
        if body.get("tools").is_some_and(|tools| !tools.is_array() && !tools.is_null()) {
            return Err(Refusal::invalid(Some("tools"), "`tools` must be an array."));
        }
        for (param, range) in RANGES {
            if body.get(param).and_then(Value::as_f64).is_some_and(|it| !range.contains(&it)) {
                return Err(Refusal::out_of_range(param));
            }
        }
        let choice = body.get("tool_choice");
        let effort = text(body, "reasoning_effort");
        let max_tokens = body
            .get("max_completion_tokens")
            .or_else(|| body.get("max_tokens"))
            .and_then(Value::as_u64);
        let streams = body.get("stream").and_then(Value::as_bool).unwrap_or_default();
        let usage_at_end = body.pointer("/stream_options/include_usage");
        Ok(Self {
            model,
            messages,
            tools,
            forced_tool: choice.and_then(|choice| choice.pointer("/function/name")?.as_str()),
            may_call: choice.and_then(Value::as_str) != Some("none") && !has_tool_result(messages),
            reasons: is_reasoning_model(model) && !matches!(effort, Some("none" | "minimal")),
            choices: body.get("n").and_then(Value::as_u64).unwrap_or(1).clamp(1, MAX_CHOICES),
            max_tokens: max_tokens.map(|max| u32::try_from(max).unwrap_or(u32::MAX)),
            stops: match body.get("stop") {
                Some(Value::String(stop)) => vec![stop],
                Some(Value::Array(stops)) => stops.iter().filter_map(Value::as_str).collect(),
                _ => Vec::new(),
            },
            schema: schema(body.get("response_format")),
            speaks: list(body, "modalities").is_some_and(|all| all.iter().any(|it| it == "audio")),
            top_logprobs: (body.get("logprobs") == Some(&Value::Bool(true)))
                .then(|| body.get("top_logprobs").and_then(Value::as_u64).unwrap_or(0)),
            caches: body.get("prompt_cache_options").is_some_and(Value::is_object),
            service_tier: match text(body, "service_tier") {
                None | Some("auto") => "default",
                Some(tier) => tier,
            },
            stream: streams.then(|| usage_at_end == Some(&Value::Bool(true))),
        })
    }

    /// Makes up the answer to request `number`, at `created` seconds since 1970.
    pub(super) fn answer(self, number: u64, created: u64, cache: &mut PromptCache) -> Answer<'a> {
        let prompt: Vec<(String, Counted)> = self
            .tools
            .iter()
            .chain(self.messages)
            .map(|part| (part.to_string(), Counted::of(part)))
            .collect();
        let cached_tokens = cache.look_up_and_store(&prompt);
        let counted = prompt.iter().map(|(_, counted)| *counted);
        let counted = counted.fold(Counted { text: 3, ..Counted::default() }, Counted::and);
        let prompt_tokens = counted.total();

        let visible =
            self.call(number).unwrap_or_else(|| Said::Text(self.words(prompt_tokens), "stop"));
        let visible = visible.stopped(&self.stops);
        let reasoning_tokens = if self.reasons {
            visible.tokens().div_ceil(REASONING_STEP).saturating_mul(REASONING_STEP)
        } else {
            0
        };
        let max_tokens = self.max_tokens.unwrap_or(u32::MAX);
        let reasoning_tokens = reasoning_tokens.min(max_tokens);
        let said = visible.cut(max_tokens.saturating_sub(reasoning_tokens));
        let choices = u32::try_from(self.choices).unwrap_or(1);
        // What is spoken counts twice: the transcript, and a token of sound for each of its own.
        let spoken = if self.speaks { said.tokens().saturating_mul(choices) } else { 0 };
        let completion_tokens = said
            .tokens()
            .saturating_add(reasoning_tokens)
            .saturating_mul(choices)
            .saturating_add(spoken);
        let mut usage = json!({
            "prompt_tokens": prompt_tokens,
            "completion_tokens": completion_tokens,
            "total_tokens": prompt_tokens.saturating_add(completion_tokens),
            "prompt_tokens_details": { "cached_tokens": cached_tokens, "audio_tokens": counted.audio },
            "completion_tokens_details": {
                "reasoning_tokens": reasoning_tokens.saturating_mul(choices),
                "audio_tokens": spoken,
                "accepted_prediction_tokens": 0,
                "rejected_prediction_tokens": 0,
            },
        });
        if let Some(details) = usage.pointer_mut("/prompt_tokens_details") {
            if self.caches {
                let written = prompt_tokens.saturating_sub(cached_tokens);
                details["cache_write_tokens"] = (written - written % CACHE_STEP).into();
            }
            if counted.is_mixed() {
                details["text_tokens"] = counted.text.into();
                details["image_tokens"] = counted.image.into();
            }
        }
        if self.speaks
            && let Some(details) = usage.pointer_mut("/completion_tokens_details")
        {
            details["text_tokens"] = completion_tokens.saturating_sub(spoken).into();
        }
        Answer { talk: self, number, created, said, completion_tokens, usage }
    }

    /// The call of a tool: of the one that the request insists on, else of the first.
    fn call(&self, number: u64) -> Option<Said> {
        let mut functions = self.tools.iter().filter_map(|tool| tool.get("function"));
        let function = functions
            .find(|function| {
                self.forced_tool.is_none_or(|name| text(function, "name") == Some(name))
            })
            .filter(|_| self.may_call)?;
        let name = text(function, "name")?.to_owned();
        let arguments = filled::object(function.get("parameters"), &self.question()).to_string();
        Some(Said::Call { id: format!("call_{number}"), name, arguments })
    }

    /// What the last tool has said, with advice; wisdom if there was none; JSON where that is asked for.
    fn words(&self, prompt_tokens: u32) -> String {
        if let Some(schema) = self.schema {
            return filled::object(Some(schema), &self.question()).to_string();
        }
        let last = self.messages.last().filter(|message| text(message, "role") == Some("tool"));
        if let Some(report) = last.and_then(|message| text(message, "content")) {
            return format!("{} {ADVICE}", report.trim());
        }
        let mut wisdom =
            WISDOM.iter().cycle().skip(usize::try_from(prompt_tokens % 4).unwrap_or(0));
        wisdom.next().map_or_else(String::new, |words| (*words).to_owned())
    }

    fn question(&self) -> String {
        let mut asked = self.messages.iter().rev();
        let message = asked.find(|message| text(message, "role") == Some("user"));
        message.map(words).unwrap_or_default()
    }
}

/// An answer, ready to be written in either of the two forms.
pub(super) struct Answer<'a> {
    talk: Talk<'a>,
    pub(super) number: u64,
    pub(super) created: u64,
    pub(super) said: Said,
    completion_tokens: u32,
    pub(super) usage: Value,
}

impl Answer<'_> {
    pub(super) fn completion_tokens(&self) -> u32 {
        self.completion_tokens
    }

    /// The name under which the model reports itself.
    pub(super) fn model(&self) -> &str {
        snapshot(self.talk.model)
    }

    pub(super) fn service_tier(&self) -> &str {
        self.talk.service_tier
    }

    /// The answer as one object.
    pub(super) fn completion(&self) -> Value {
        let message = match &self.said {
            Said::Text(words, _) if self.talk.speaks => {
                let audio = json!({
                    "id": format!("audio_{}", self.number),
                    "expires_at": self.created.saturating_add(3600),
                    "data": SILENCE,
                    "transcript": words,
                });
                json!({ "role": "assistant", "content": null, "refusal": null, "audio": audio })
            }
            Said::Text(words, _) => {
                json!({ "role": "assistant", "content": words, "refusal": null })
            }
            Said::Call { id, name, arguments } => {
                let function = json!({ "name": name, "arguments": arguments });
                let calls = json!([{ "id": id, "type": "function", "function": function }]);
                json!({ "role": "assistant", "content": null, "refusal": null, "tool_calls": calls })
            }
        };
        let finish_reason = self.said.finish_reason();
        let logprobs = self.logprobs();
        let choices = (0..self.talk.choices)
            .map(|index| {
                json!({
                    "index": index,
                    "message": message,
                    "logprobs": logprobs,
                    "finish_reason": finish_reason,
                })
            })
            .collect();
        self.object("chat.completion", &choices, &self.usage)
    }

    /// The answer as the events of a stream, if one was asked for: the role, the pieces, the
    /// reason to finish, then the usage.
    pub(super) fn chunks(&self) -> Option<Vec<Value>> {
        let include_usage = self.talk.stream?;
        let mut deltas = match &self.said {
            Said::Text(words, _) => {
                let mut deltas = vec![json!({ "role": "assistant", "content": "" })];
                let pieces = words.split_inclusive(' ');
                deltas.extend(pieces.map(|piece| json!({ "content": piece })));
                deltas
            }
            Said::Call { id, name, arguments } => {
                let function = json!({ "name": name, "arguments": "" });
                let call =
                    json!({ "index": 0, "id": id, "type": "function", "function": function });
                let mut deltas = vec![json!({ "role": "assistant", "tool_calls": [call] })];
                let pieces = arguments.split_inclusive([':', ',']);
                deltas.extend(pieces.map(|piece| {
                    json!({ "tool_calls": [{ "index": 0, "function": { "arguments": piece } }] })
                }));
                deltas
            }
        };
        deltas.push(json!({}));
        let last = deltas.len().saturating_sub(1);
        let mut chunks = Vec::new();
        for (position, delta) in deltas.iter().enumerate() {
            let reason = (position == last).then(|| self.said.finish_reason());
            for index in 0..self.talk.choices {
                let choice = json!({ "index": index, "delta": delta, "finish_reason": reason });
                chunks.push(self.object("chat.completion.chunk", &json!([choice]), &Value::Null));
            }
        }
        if include_usage {
            chunks.push(self.object("chat.completion.chunk", &json!([]), &self.usage));
        }
        Some(chunks)
    }

    /// Every word as a token that could have been no other.
    fn logprobs(&self) -> Option<Value> {
        let (Said::Text(words, _), Some(top)) = (&self.said, self.talk.top_logprobs) else {
            return None;
        };
        let tokens = words.split_inclusive(' ').map(|token| {
            let one = json!({ "token": token, "logprob": 0.0, "bytes": token.as_bytes() });
            let mut told = one.clone();
            told["top_logprobs"] = if top > 0 { json!([one]) } else { json!([]) };
            told
        });
        Some(json!({ "content": tokens.collect::<Vec<_>>(), "refusal": null }))
    }

    fn object(&self, kind: &str, choices: &Value, usage: &Value) -> Value {
        let mut object = json!({
            "id": format!("chatcmpl-loopback{}", self.number),
            "object": kind,
            "created": self.created,
            "model": self.model(),
            "service_tier": self.talk.service_tier,
            "system_fingerprint": "fp_loopback",
            "choices": choices,
        });
        // A stream without usage at its end has no such field in any event.
        if self.talk.stream != Some(false)
            && let Some(fields) = object.as_object_mut()
        {
            fields.insert("usage".to_owned(), usage.clone());
        }
        object
    }
}

pub(super) enum Said {
    /// Words, and why they end.
    Text(String, &'static str),
    Call {
        id: String,
        name: String,
        arguments: String,
    },
}

impl Said {
    fn finish_reason(&self) -> &'static str {
        match self {
            Self::Text(_, reason) => reason,
            Self::Call { .. } => "tool_calls",
        }
    }

    fn tokens(&self) -> u32 {
        match self {
            Self::Text(words, _) => tokens(words),
            Self::Call { name, arguments, .. } => tokens(name).saturating_add(tokens(arguments)),
        }
    }

    /// What comes before the first of these texts.
    fn stopped(self, stops: &[&str]) -> Self {
        let Self::Text(words, reason) = self else { return self };
        let ends = stops.iter().filter(|stop| !stop.is_empty()).filter_map(|stop| words.find(stop));
        let end = ends.min().unwrap_or(words.len());
        Self::Text(words.get(..end).unwrap_or_default().to_owned(), reason)
    }

    /// At most `max` tokens of it. Half a call is of no use to anyone, so there is none then.
    fn cut(self, max: u32) -> Self {
        if self.tokens() <= max {
            return self;
        }
        let characters = usize::try_from(max).unwrap_or(usize::MAX).saturating_mul(4);
        match self {
            Self::Text(words, _) => Self::Text(words.chars().take(characters).collect(), "length"),
            Self::Call { .. } => Self::Text(String::new(), "length"),
        }
    }
}

/// Remembers the beginnings of prompts, as the service does to bill them at a lower price.
#[derive(Default)]
pub(super) struct PromptCache {
    /// The parts of each prompt, hashed: a cache must not hold what users write.
    prompts: VecDeque<Vec<u64>>,
}

impl PromptCache {
    /// How many tokens of this prompt an earlier one began with.
    fn look_up_and_store(&mut self, parts: &[(String, Counted)]) -> u32 {
        let hashes: Vec<u64> = parts
            .iter()
            .map(|(part, _)| {
                let mut hasher = DefaultHasher::new();
                part.hash(&mut hasher);
                hasher.finish()
            })
            .collect();
        let shared = |seen: &Vec<u64>| seen.iter().zip(&hashes).take_while(|(a, b)| a == b).count();
        let known = self.prompts.iter().map(shared).max().unwrap_or(0);
        if self.prompts.len() >= CACHED_PROMPTS {
            self.prompts.pop_front();
        }
        self.prompts.push_back(hashes);
        let known = parts.iter().take(known).map(|(_, counted)| counted.total());
        let known = known.fold(0, u32::saturating_add);
        known - known % CACHE_STEP
    }
}

/// The schema of the answer; `null` where any JSON will do, nothing where text is asked for.
fn schema(format: Option<&Value>) -> Option<&Value> {
    match text(format?, "type") {
        Some("json_schema") => format?.pointer("/json_schema/schema"),
        Some("json_object") => Some(&Value::Null),
        _ => None,
    }
}

/// Whether a tool has answered since the user last spoke.
fn has_tool_result(messages: &[Value]) -> bool {
    let roles = messages.iter().rev().map(|message| text(message, "role"));
    roles.take_while(|role| *role != Some("user")).any(|role| role == Some("tool"))
}

fn is_message(message: &Value) -> bool {
    match text(message, "role") {
        Some("developer" | "system" | "user") => {
            message.get("content").is_some_and(|it| !it.is_null())
        }
        Some("assistant" | "function") => true,
        Some("tool") => text(message, "tool_call_id").is_some_and(|id| !id.is_empty()),
        _ => false,
    }
}

/// The dated name under which the service reports a model that was asked for by its short one.
fn snapshot(model: &str) -> &str {
    match model {
        "gpt-4.1-mini" => "gpt-4.1-mini-2025-04-14",
        "gpt-4o" => "gpt-4o-2024-08-06",
        "gpt-4o-mini" => "gpt-4o-mini-2024-07-18",
        "gpt-5" => "gpt-5-2025-08-07",
        "gpt-5-mini" => "gpt-5-mini-2025-08-07",
        other => other,
    }
}

fn is_reasoning_model(model: &str) -> bool {
    ["gpt-5", "o1", "o3", "o4"].iter().any(|family| model.starts_with(family))
}

pub(super) fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key)?.as_str()
}

pub(super) fn list<'a>(value: &'a Value, key: &str) -> Option<&'a [Value]> {
    value.get(key)?.as_array().map(Vec::as_slice)
}
