//! Definitions of tools, in the form of the conventions.

use super::Json;

type Members = Vec<(String, Json)>;

/// The type of a tool that the client runs.
const FUNCTION: &str = "function";

/// The definitions as the schema has them: each with a `type` and a `name`. `None` stands for what is no definition.
pub(super) fn definitions(tools: Vec<Json>) -> impl Iterator<Item = Option<Json>> {
    tools.into_iter().map(|tool| match tool {
        Json::Object(members) => definition(members),
        Json::Text(name) => definition(vec![("name".to_owned(), Json::Text(name))]),
        _ => None,
    })
}

/// Functions come nested in a member of that name (Chat Completions) or flat (Responses), with their parameters
/// under one of three names; what the provider runs itself has a type and sometimes a name.
fn definition(mut members: Members) -> Option<Json> {
    let mut kind = text(&mut members, "type");
    if let Some(place) = members.iter().position(|(key, value)| {
        matches!(value, Json::Object(_))
            && kind.as_ref().is_none_or(|kind| kind == key)
            && key == FUNCTION
    }) {
        kind = Some(FUNCTION.to_owned());
        if let (_, Json::Object(inner)) = members.remove(place) {
            members.splice(place..place, inner);
        }
    }
    let name = text(&mut members, "name");
    // Anthropic's own tools have versioned types, its functions none, or `custom`.
    let kind = kind.filter(|kind| !kind.is_empty()).unwrap_or_else(|| FUNCTION.to_owned());
    let name = name.or_else(|| (kind != FUNCTION).then(|| kind.clone()))?;
    for (key, value) in &mut members {
        if matches!(value, Json::Object(_)) && (key == "input_schema" || key == "inputSchema") {
            "parameters".clone_into(key);
        }
    }
    members.retain(|(key, _)| key != "type" && key != "name");
    let head = [("type", kind), ("name", name)];
    members.splice(0..0, head.map(|(key, value)| (key.to_owned(), Json::Text(value))));
    Some(Json::Object(members))
}

/// Whether it still has what the schema requires: hooks may have changed it.
pub(super) fn is_definition(tool: &Json) -> bool {
    let Json::Object(members) = tool else { return false };
    let is_text =
        |key| members.iter().any(|(its, value)| its == key && matches!(value, Json::Text(_)));
    is_text("type") && is_text("name")
}

fn text(members: &mut Members, key: &str) -> Option<String> {
    let place =
        members.iter().position(|(its, value)| its == key && matches!(value, Json::Text(_)))?;
    match members.remove(place) {
        (_, Json::Text(text)) => Some(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::text::structured;
    use super::*;

    fn written(json: &str) -> Option<String> {
        let tools = vec![structured(json.to_owned(), false)];
        definitions(tools).next().flatten().map(|tool| tool.to_text())
    }

    #[test]
    fn every_providers_form_becomes_the_one_of_the_schema() {
        let flat = r#"{"type":"function","name":"tide","description":"When?","parameters":{"type":"object"}}"#;
        for form in [
            r#"{"type":"function","function":{"name":"tide","description":"When?","parameters":{"type":"object"}}}"#,
            r#"{"type":"function","name":"tide","description":"When?","parameters":{"type":"object"}}"#,
            r#"{"name":"tide","description":"When?","input_schema":{"type":"object"}}"#,
        ] {
            assert_eq!(written(form).as_deref(), Some(flat), "{form}");
        }
        let search = r#"{"type":"web_search","name":"web_search","filters":[]}"#;
        assert_eq!(written(r#"{"type":"web_search","filters":[]}"#).as_deref(), Some(search));
        assert_eq!(written("tide").as_deref(), Some(r#"{"type":"function","name":"tide"}"#));
    }

    #[test]
    fn what_has_no_name_is_no_definition() {
        for wrong in [
            "{}",
            r#"{"type":"function"}"#,
            r#"{"name":3}"#,
            r#"{"type":"function","function":{}}"#,
        ] {
            assert_eq!(written(wrong), None, "{wrong}");
        }
    }
}
