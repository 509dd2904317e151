//! The content of the Responses API. Instructions stand apart from the conversation.

use ::async_openai::types::responses::{
    CreateResponse, EasyInputContent, EasyInputMessage, InputContent, InputParam, InputRole,
    Response, Role, Tool,
};

use super::media::{file, held, reference};
use super::tools::definition;
use super::{With, each, items, message, only};
use crate::content::{Captured, Content, Kind, Message, Modality, Part, Room};
use crate::payload::Text;
use crate::payload::async_openai::responses::reason_of;

pub(in super::super) fn request(request: &CreateResponse, content: &mut Content) {
    if let Some(instructions) = &request.instructions {
        content.add(Kind::Instructions, instructions.as_str());
    }
    match &request.input {
        InputParam::Text(text) if text.is_empty() => {}
        InputParam::Text(text) => content.add(Kind::Input, text.as_str()),
        InputParam::Items(items) => content.add(
            Kind::Input,
            &With(|room: &mut Room| {
                Captured::List(each(room, items, |item, room| {
                    Captured::Message(items::sent(item, room))
                }))
            }),
        ),
    }
    if let Some(tools) = &request.tools {
        content.add(Kind::Tools, &With(|room: &mut Room| Captured::List(each(room, tools, tool))));
    }
}

/// The whole output is one message: this API has one choice.
pub(in super::super) fn response(response: &Response, content: &mut Content) {
    if response.output.is_empty() {
        return;
    }
    content.add(
        Kind::Output,
        &With(|room: &mut Room| {
            let parts = each(room, &response.output, items::parts);
            let parts = parts.into_iter().flatten().collect();
            let mut message = message("assistant", None, parts, room);
            message.finish_reason = reason_of(response).map(Text::copied);
            Captured::Message(message)
        }),
    );
}

pub(super) fn easy(it: &EasyInputMessage, room: &mut Room) -> Message {
    let parts = match &it.content {
        EasyInputContent::Text(text) => only(text, room),
        EasyInputContent::ContentList(parts) => each(room, parts, shown),
    };
    let role = match it.role {
        Role::User => "user",
        Role::Assistant => "assistant",
        Role::System => "system",
        Role::Developer => "developer",
    };
    message(role, None, parts, room)
}

pub(super) fn input_role(role: InputRole) -> &'static str {
    match role {
        InputRole::User => "user",
        InputRole::System => "system",
        InputRole::Developer => "developer",
    }
}

pub(super) fn shown(part: &InputContent, room: &mut Room) -> Part {
    match part {
        InputContent::InputText(it) => Part::Text(room.text(&it.text)),
        InputContent::InputImage(it) => match (&it.file_id, &it.image_url) {
            (_, Some(url)) => reference(url, Modality::Image, room),
            (id, None) => held(id.as_deref().unwrap_or_default(), Modality::Image, room),
        },
        InputContent::InputFile(it) => {
            let (id, url) = (it.file_id.as_deref(), it.file_url.as_deref());
            file(id, url, it.file_data.as_deref(), room)
        }
    }
}

/// Tools of the provider's own have a type and no name. Where they are reached, and with which credentials
/// (`mcp`, `shell`), is no content.
fn tool(tool: &Tool, room: &mut Room) -> Captured {
    let kind = match tool {
        Tool::Function(it) => {
            let description = it.description.as_ref();
            return definition("function", &it.name, description, it.parameters.as_ref(), room);
        }
        Tool::Custom(it) => {
            return definition("custom", &it.name, it.description.as_ref(), None, room);
        }
        Tool::Namespace(it) => {
            return definition("namespace", &it.name, Some(&it.description), None, room);
        }
        Tool::ToolSearch(it) => {
            let kind = "tool_search";
            return definition(kind, kind, it.description.as_ref(), it.parameters.as_ref(), room);
        }
        Tool::Mcp(it) => return definition("mcp", &it.server_label, None, None, room),
        Tool::FileSearch(_) => "file_search",
        Tool::ComputerUsePreview(_) => "computer_use_preview",
        Tool::WebSearch(_) => "web_search",
        Tool::WebSearch20250826(_) => "web_search_2025_08_26",
        Tool::CodeInterpreter(_) => "code_interpreter",
        Tool::ProgrammaticToolCalling => "programmatic_tool_calling",
        Tool::ImageGeneration(_) => "image_generation",
        Tool::LocalShell => "local_shell",
        Tool::Shell(_) => "shell",
        Tool::Computer => "computer",
        Tool::WebSearchPreview(_) => "web_search_preview",
        Tool::WebSearchPreview20250311(_) => "web_search_preview_2025_03_11",
        Tool::ApplyPatch(_) => "apply_patch",
    };
    definition(kind, kind, None, None, room)
}
