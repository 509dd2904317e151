//! The responses that can be read again, and gone on from.

use std::collections::VecDeque;

use serde_json::{Value, json};

use super::{
    chat::{Answer, Said, list, text},
    refusal::Refusal,
};

/// How many are kept.
const KEPT: usize = 64;

#[derive(Default)]
pub(super) struct Stored(VecDeque<Kept>);

struct Kept {
    response: Value,
    /// What was said up to its end, without the instructions: those are of one request only.
    said: Vec<Value>,
}

impl Stored {
    /// The response of this id.
    pub(super) fn response(&self, id: &str) -> Result<&Value, Refusal> {
        let kept = self.find(id).ok_or_else(Refusal::not_found)?;
        Ok(&kept.response)
    }

    /// What was said up to the response that a request goes on from; nothing where it names none.
    pub(super) fn before(&self, body: &Value) -> Result<Vec<Value>, Refusal> {
        let Some(id) = text(body, "previous_response_id") else { return Ok(Vec::new()) };
        let unknown =
            || Refusal::invalid(Some("previous_response_id"), "There is no such response.");
        Ok(self.find(id).ok_or_else(unknown)?.said.clone())
    }

    pub(super) fn store(&mut self, chat: &Value, answer: &Answer, response: &Value) {
        let messages = list(chat, "messages").unwrap_or_default().iter();
        let mut said: Vec<_> =
            messages.filter(|it| text(it, "role") != Some("developer")).cloned().collect();
        if let Said::Text(words, _) = &answer.said {
            said.push(json!({ "role": "assistant", "content": words }));
        }
        if self.0.len() >= KEPT {
            self.0.pop_front();
        }
        self.0.push_back(Kept { response: response.clone(), said });
    }

    fn find(&self, id: &str) -> Option<&Kept> {
        self.0.iter().find(|kept| text(&kept.response, "id") == Some(id))
    }
}
