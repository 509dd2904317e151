//! How much an annotation adds to a function: every token is parsed, resolved and checked by whoever compiles it.

use super::{each_token, expanded};

/// What a function is annotated with, the function, and how many tokens and bytes may come on top of it.
const ADDED: &[(&str, &str, usize, usize)] = &[
    (
        "provider = \"openai\", request = request, server = (client.host.as_str(), client.port)",
        "pub async fn ask(client: &Client, request: &Request) -> Result<Response, Error> { client.send(request).await }",
        360,
        1_250,
    ),
    (
        "provider = \"openai\", request = request, server = (client.host.as_str(), client.port)",
        "pub fn ask(client: &Client, request: &Request) -> Result<Response, Error> { client.send(request) }",
        340,
        1_170,
    ),
    (
        "provider = \"openai\", model = model, conversation_id = id, attributes(a = 1, b = 2, c = 3, d = 4, e = 5, \
         f = 6, g = 7, h = 8)",
        "pub async fn ask(model: &str, id: &str) -> Result<Response, Error> { send(model, id).await }",
        470,
        1_630,
    ),
    (
        "provider = \"openai\", model = model",
        "pub fn ask(model: &str) -> impl Stream<Item = Result<Chunk, Error>> { send(model) }",
        360,
        1_270,
    ),
    (
        "provider = \"openai\", model = model",
        "pub fn ask(model: &str) -> Pin<Box<dyn Future<Output = Result<Response, Error>>>> { send(model) }",
        370,
        1_290,
    ),
];

#[test]
fn an_annotation_adds_little_to_a_function() {
    for (arguments, function, tokens, bytes) in ADDED {
        let expansion = expanded(arguments, function, true);
        let added = each_token(&expansion).len() - each_token(function).len();
        // As proc-macro2 prints it, with a space between any two tokens.
        let longer = expansion.len() - super::tokens(function).to_string().len();
        println!("{added} tokens, {longer} bytes on top of {function}");
        assert!(added <= *tokens, "{added} tokens more, not {tokens}: {expansion}");
        assert!(longer <= *bytes, "{longer} bytes more, not {bytes}: {expansion}");
    }
}
