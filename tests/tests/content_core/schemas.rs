//! Everything validates against the message schemas of its dialect.

use std::collections::HashMap;
use std::sync::OnceLock;

use jsonschema::Validator;
use llmobs_runtime::content::{Captured, Content, Json, Kind, Message, Modality, Part};
use llmobs_runtime::conventions::Dialect;
use serde_json::{Value, json};

use super::{Finish, Out};

const DIALECTS: [Dialect; 2] = [Dialect::Released, Dialect::Latest];

/// The schemas that a dialect has; the released one has none for arguments and results.
fn schemas(dialect: Dialect) -> &'static HashMap<&'static str, Validator> {
    static OF: [OnceLock<HashMap<&'static str, Validator>>; 2] = [OnceLock::new(), OnceLock::new()];
    OF[dialect as usize].get_or_init(|| {
        let folder = match dialect {
            Dialect::Released => "released",
            Dialect::Latest => "latest",
        };
        let root = format!("{}/data/schemas/{folder}", env!("CARGO_MANIFEST_DIR"));
        let read = |kind: &Kind| {
            let key = kind.attribute().row().key;
            let path = format!("{root}/{}.json", key.replace(['.', '_'], "-"));
            let text = std::fs::read_to_string(path).ok()?;
            let schema: Value = serde_json::from_str(&text).expect("a schema is JSON");
            Some((key, jsonschema::draft7::new(&schema).expect("a schema")))
        };
        Kind::ALL.iter().filter_map(read).collect()
    })
}

/// Asserts that what came out is valid by its schema.
pub(crate) fn validate(kind: Kind, out: &Out, dialect: Dialect) {
    let Some(text) = &out.text else { return };
    let value: Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    if let Some(schema) = schemas(dialect).get(kind.attribute().row().key) {
        let errors: Vec<_> = schema.iter_errors(&value).map(|error| error.to_string()).collect();
        assert_eq!(errors, Vec::<String>::new(), "{kind:?} in {dialect:?}: {text}");
    }
}

fn text(text: &str) -> Part {
    Part::Text(text.to_owned())
}

/// One of every part that there is.
pub(crate) fn zoo() -> Vec<Part> {
    let owned = |text: &str| Some(text.to_owned());
    let object = |key: &str| Json::Object(vec![(key.to_owned(), Json::Int(1))]);
    vec![
        text("What is in the picture?"),
        Part::Reasoning("It is about a picture.".into()),
        Part::ToolCall { id: owned("c1"), name: "look".into(), arguments: Some(object("at")) },
        Part::ToolCall { id: None, name: String::new(), arguments: None },
        Part::ToolCallResponse { id: owned("c1"), response: object("seen") },
        Part::ToolCallResponse { id: None, response: Json::Null },
        Part::Blob {
            mime_type: owned("image/png"),
            modality: Modality::Image,
            content: owned("AAAA"),
        },
        Part::Blob { mime_type: None, modality: Modality::Document, content: None },
        Part::File { mime_type: None, modality: Modality::Audio, file_id: "file-1".into() },
        Part::Uri {
            mime_type: None,
            modality: Modality::Video,
            uri: "https://example.com/v".into(),
        },
        Part::Uri {
            mime_type: None,
            modality: Modality::Image,
            uri: "data:image/png;base64,AAAA".into(),
        },
        Part::Other {
            kind: "compaction".into(),
            members: vec![("content".into(), Json::Null), ("type".into(), Json::Int(3))],
        },
        Part::Other { kind: String::new(), members: vec![] },
    ]
}

fn fill(content: &mut Content) {
    let mut message = Message::new("user");
    message.name = Some("Tine".into());
    message.parts = zoo();
    content.add(Kind::Instructions, "Be brief.");
    content.add(Kind::Instructions, &zoo());
    content.add(Kind::Input, &[("system", "Be brief."), ("narrator", "It rains.")]);
    content.add(Kind::Input, &message);
    content.add(Kind::Input, "And this?");
    content.add(Kind::Input, &json!({"a": [1, null]}));
    content.add(Kind::Output, &message);
    content.reasoning_delta(0, "Hm.");
    content.text_delta(0, "A cat.");
    content.tool_call_delta(1, 0, Some("c2"), Some("pet"), "{\"whom\": \"the cat\"}");
    content.part(1, &zoo());
    content.finish_reason(1, "tool_calls");
    content.add(Kind::Tools, &json!([{"type": "function", "function": {"name": "pet", "parameters": {"type": "object"}}}]));
    content.add(Kind::Tools, "look");
    content
        .add(Kind::Tools, &json!({"type": "function", "name": "odd", "parameters": {"type": 3}}));
    content.add(Kind::Arguments, &json!({"whom": "the cat"}));
    content.add(Kind::Result, "purring");
}

#[test]
fn every_kind_of_part_validates_in_both_dialects() {
    for dialect in DIALECTS {
        for inline_blobs in [false, true] {
            let all = Finish { inline_blobs, dialect, ..Finish::default() }.all(fill);
            assert_eq!(all.len(), 6);
            for (kind, out) in &all {
                assert!(!out.cut && out.text.is_some(), "{kind:?}");
                validate(*kind, out, dialect);
            }
        }
    }
    assert_eq!(schemas(Dialect::Latest).len(), 6);
    assert_eq!(schemas(Dialect::Released).len(), 4);
}

#[test]
fn messages_are_what_was_said() {
    let input = Finish::default().one(Kind::Input, |content| {
        content.add(Kind::Input, &[("system", "Be brief.")]);
        content.add(Kind::Input, "Look:");
        content.add(Kind::Input, &zoo()[9]);
        content.add(Kind::Input, "And?");
    });
    assert_eq!(
        input.json(),
        json!([
            {"role": "system", "parts": [{"type": "text", "content": "Be brief."}]},
            {"role": "user", "parts": [
                {"type": "text", "content": "Look:"},
                {"type": "uri", "modality": "video", "uri": "https://example.com/v"},
            ]},
            {"role": "user", "parts": [{"type": "text", "content": "And?"}]},
        ])
    );
}

#[test]
fn finish_reasons_stand_on_messages_in_the_released_dialect_alone() {
    let answer = |content: &mut Content| {
        content.text_delta(1, "two");
        content.text_delta(0, "one");
        content.finish_reason(1, "stop");
    };
    let message =
        |text: &str| json!({"role": "assistant", "parts": [{"type": "text", "content": text}]});
    let latest = Finish::default().one(Kind::Output, answer);
    assert_eq!(latest.json(), json!([message("one"), message("two")]));
    let released = Finish::default().released().one(Kind::Output, answer);
    let (mut one, mut two) = (message("one"), message("two"));
    one["finish_reason"] = json!("error");
    two["finish_reason"] = json!("stop");
    assert_eq!(released.json(), json!([one, two]));
    let alone =
        Finish::default().released().one(Kind::Output, |content| content.add(Kind::Output, "one"));
    assert_eq!(alone.json()[0]["finish_reason"], "unknown");
}

#[test]
fn bytes_are_left_out_unless_they_are_wanted() {
    let parts = |inline_blobs| {
        let finish = Finish { inline_blobs, ..Finish::default() };
        let out = finish.one(Kind::Input, |content| content.add(Kind::Input, &zoo()));
        assert!(!out.cut);
        out
    };
    assert!(!parts(false).text.expect("parts").contains("AAAA"));
    let with = parts(true).json();
    assert_eq!(
        with[0]["parts"][10],
        json!({"type": "blob", "modality": "image", "mime_type": "image/png", "content": "AAAA"})
    );
    let value = json!({"image_url": {"url": "data:image/png;base64,AAAA"}});
    let out = Finish::default().one(Kind::Result, |content| content.add(Kind::Result, &value));
    assert_eq!(out.json(), json!({"image_url": {"url": "data:image/png;base64,…"}}));
}

#[test]
fn nor_are_they_kept_where_a_type_of_ones_own_hands_them_over() {
    struct Image;
    impl llmobs_runtime::content::Capture for Image {
        fn capture(&self, _: &mut llmobs_runtime::content::Room) -> Captured {
            Captured::List(vec![Captured::Part(zoo().swap_remove(6))])
        }
    }
    for kind in Kind::ALL {
        let of = |inline_blobs| {
            let finish = Finish { inline_blobs, ..Finish::default() };
            finish.one(kind, |content| content.add(kind, &Image)).text
        };
        let without = of(false).expect("a part without its bytes");
        assert!(without.contains("image/png") && !without.contains("AAAA"), "{without}");
        assert!(of(true).is_some_and(|text| text.contains("AAAA")));
    }
}

#[test]
fn data_urls_inside_a_text_lose_their_data() {
    let url = format!("data:image/png;base64,{}", "QUJD".repeat(400));
    let texts = [url.clone(), format!("see ![it]({url}) and {url}, please")];
    let expected = [
        "data:image/png;base64,…",
        "see ![it](data:image/png;base64,…) and data:image/png;base64,…, please",
    ];
    for (text, expected) in texts.iter().zip(expected) {
        for kind in [Kind::Arguments, Kind::Result] {
            let out = Finish::default().one(kind, |content| content.add(kind, text));
            assert_eq!(out.json()["value"], expected);
        }
        let input = Finish::default().one(Kind::Input, |content| content.add(Kind::Input, text));
        assert_eq!(input.json()[0]["parts"][0]["content"], expected);
        let streamed = Finish::default().one(Kind::Output, |content| {
            text.as_bytes().chunks(7).for_each(|piece| {
                content.text_delta(0, std::str::from_utf8(piece).expect("ASCII"));
            });
        });
        assert_eq!(streamed.json()[0]["parts"][0]["content"], expected);
        let inlined = Finish { inline_blobs: true, ..Finish::default() };
        let inlined = inlined.all(|content| {
            content.add(Kind::Input, text);
            content.tool_call_delta(0, 0, None, None, &json!({"text": text}).to_string());
        });
        let [(_, output), (_, input)] = &inlined[..] else { panic!("two kinds") };
        assert_eq!(input.json()[0]["parts"][0]["content"], text.as_str());
        assert_eq!(output.json()[0]["parts"][0]["arguments"]["text"], text.as_str());
    }
    // What comes after a large one is not lost with it.
    let large = format!("![x](data:image/png;base64,{}) What is it?", "QUJD".repeat(500_000));
    let out = Finish::default().one(Kind::Input, |content| content.add(Kind::Input, &large));
    assert!(!out.cut);
    assert_eq!(out.json()[0]["parts"][0]["content"], "![x](data:image/png;base64,…) What is it?");
}

#[test]
fn what_returns_nothing_has_no_result() {
    assert!(Finish::default().all(|content| content.add(Kind::Result, &())).is_empty());
}

#[test]
fn arguments_and_results_are_objects() {
    let of = |fill: fn(&mut Content)| Finish::default().one(Kind::Arguments, fill).json();
    assert_eq!(of(|content| content.add(Kind::Arguments, r#"{"a": 1}"#)), json!({"a": 1}));
    assert_eq!(of(|content| content.add(Kind::Arguments, "Husum")), json!({"value": "Husum"}));
    assert_eq!(of(|content| content.add(Kind::Arguments, &[1, 2])), json!({"value": [1, 2]}));
    assert_eq!(
        of(|content| {
            content.add(Kind::Arguments, &json!({"a": 1}));
            content.add(Kind::Arguments, &json!({"b": 2}));
        }),
        json!({"a": 1, "b": 2})
    );
}

#[test]
fn nothing_comes_of_nothing() {
    let all = Finish::default().all(|content| {
        content.add(Kind::Input, &None::<String>);
        content.add(Kind::Output, &Vec::<String>::new());
        content.add(Kind::Tools, &None::<String>);
        content.add(Kind::Result, &None::<String>);
        content.text_delta(0, "");
        content.finish_reason(0, "stop");
    });
    assert!(all.is_empty());
}
