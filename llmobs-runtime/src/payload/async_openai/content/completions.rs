//! The content of legacy text completions.

use ::async_openai::types::chat::{Choice, Prompt};
use ::async_openai::types::completions::{CreateCompletionRequest, CreateCompletionResponse};

use super::{With, each, message, only};
use crate::content::{Captured, Content, Kind, Room};
use crate::payload::Text;
use crate::payload::async_openai::completions::finish_reason;

/// Each prompt of a list is answered by itself: a message each. Prompts of token numbers are no text.
pub(in super::super) fn request(request: &CreateCompletionRequest, content: &mut Content) {
    match &request.prompt {
        Prompt::String(prompt) if prompt.is_empty() => {}
        Prompt::String(prompt) => content.add(Kind::Input, prompt.as_str()),
        Prompt::StringArray(prompts) => content.add(
            Kind::Input,
            &With(|room: &mut Room| {
                Captured::List(each(
                    room,
                    prompts.iter().filter(|prompt| !prompt.is_empty()),
                    |prompt, room| Captured::Text(room.text(prompt)),
                ))
            }),
        ),
        Prompt::IntegerArray(_) | Prompt::ArrayOfIntegerArray(_) => {}
    }
}

pub(in super::super) fn response(response: &CreateCompletionResponse, content: &mut Content) {
    if response.choices.is_empty() {
        return;
    }
    content.add(
        Kind::Output,
        &With(|room: &mut Room| Captured::List(each(room, &response.choices, choice))),
    );
}

fn choice(choice: &Choice, room: &mut Room) -> Captured {
    let parts = only(&choice.text, room);
    let mut message = message("assistant", None, parts, room);
    message.finish_reason = choice.finish_reason.map(|it| Text::Static(finish_reason(it)));
    Captured::Message(message)
}
