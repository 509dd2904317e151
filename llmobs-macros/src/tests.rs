//! The whole macro on token streams: compiled out it hands its item through, checked all the same.

mod size;

use proc_macro2::{TokenStream, TokenTree};

use crate::expand::instrument;

fn tokens(source: &str) -> TokenStream {
    source.parse().unwrap_or_else(|error| panic!("{error}: {source}"))
}

fn expanded(arguments: &str, item: &str, enabled: bool) -> String {
    instrument(tokens(arguments), &tokens(item), enabled).to_string()
}

/// Each token in its order, with its delimiters; how they are spaced says nothing.
fn each_token(expansion: &str) -> Vec<String> {
    fn collect(tokens: TokenStream, into: &mut Vec<String>) {
        for token in tokens {
            match token {
                TokenTree::Group(group) => {
                    into.push(format!("{:?} begins", group.delimiter()));
                    collect(group.stream(), into);
                    into.push(format!("{:?} ends", group.delimiter()));
                }
                token => into.push(token.to_string()),
            }
        }
    }
    let mut all = Vec::new();
    collect(tokens(expansion), &mut all);
    all
}

/// What compiled out becomes of an item.
fn off(arguments: &str, item: &str) -> Vec<String> {
    each_token(&expanded(arguments, item, false))
}

/// The messages of an expansion, and what stands after them.
fn faults(expansion: &str) -> (Vec<String>, String) {
    let mut rest = expansion;
    let mut messages = Vec::new();
    while let Some((_, message)) = rest.split_once(":: core :: compile_error ! {") {
        let (message, after) = message.split_once('}').unwrap_or((message, ""));
        messages.push(message.trim().trim_matches('"').to_owned());
        rest = after;
    }
    (messages, rest.trim().to_owned())
}

const FUNCTIONS: &[&str] = &[
    "fn f() {}",
    "pub(in crate::a) async unsafe extern \"C\" fn f<'a: 'b, 'b, T: Clone + ?Sized, const N: usize>(mut self: Box<Self>, #[cfg(x)] (a, _): (u8, &'a T), [b, ..]: [u8; N],) -> Result<impl Fn(&T) -> T + 'a, E> where T: Send, for<'c> &'c T: Sync, { let x = 1; a?.b::<T>(|x| -> u8 { x }) }",
    "/// Documented.\n#[track_caller] #[must_use = \"why\"] fn r#fn(_: u8) -> ! { loop {} }",
    "#[inline] default fn f(&mut self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> { Box::pin(async move { self.x += 1 }) }",
    "fn f(p: Point) { p. }",
    "fn f() { #![allow(unused)] let 0..=9 = 3 else { return }; macro_rules! m { ($($x:tt)*) => { $($x)* } } 1.0.max(2.) ; 'a: loop { break 'a } }",
    "fn f() -> impl Future<Output = u8> + Unpin { ready(1) }",
    "fn f(a: &str) -> impl Stream<Item = Result<&str, E>> + '_ { iter([Ok(a)]) }",
    "async fn f() -> io::Result<BoxStream<'static, Chunk>> { client.stream().await }",
    "fn f() -> Pin<Box<dyn Future<Output = Result<ChatStream, E>> + Send>> { Box::pin(async { connect().await }) }",
];

#[test]
fn compiled_out_a_function_is_as_written() {
    for function in FUNCTIONS {
        let written = each_token(function);
        assert_eq!(off("provider = \"openai\", response = none", function), written);
        assert_eq!(off("operation = execute_tool", function), written);
        assert_eq!(off("operation = execute_tool, capture(arguments = a)", function), written);
        assert_eq!(off("skip", function), written);
    }
}

/// To the last space: `>>` stays one sign, and a macro's own tokens keep what groups them.
#[test]
fn compiled_out_a_function_is_not_even_written_anew() {
    let more = [
        "fn f(a: Vec<Vec<u8>>, b: &&u8, c: fn(&mut dyn Fn(u8)) -> Box<Option<u8>>) -> Result<Vec<u8>, E> where A<B<C>>: D {}",
        "#[cfg_attr(all(), inline(never))] #[doc = \"a\"] /** b */ pub async unsafe fn f<const N: usize, T: Tr<A = [u8; N]>>(self: Pin<&mut Self>) {}",
    ];
    let group =
        TokenTree::Group(proc_macro2::Group::new(proc_macro2::Delimiter::None, tokens("Vec<u8>")));
    let grouped: TokenStream =
        tokens("fn f() ->").into_iter().chain([group]).chain(tokens("{ Vec::new() }")).collect();
    let exact = |tokens: TokenStream| {
        tokens.into_iter().map(|token| format!("{token:?}")).collect::<Vec<_>>()
    };
    let items = FUNCTIONS.iter().chain(&more).map(|function| tokens(function)).chain([grouped]);
    for item in items {
        let off = |arguments| exact(instrument(tokens(arguments), &item, false));
        let written = exact(item.clone());
        assert_eq!(off("operation = execute_tool"), written);
        assert_eq!(off("skip"), written);
        let after_an_error = off("colour = 1");
        assert!(after_an_error.len() > written.len() && after_an_error.ends_with(&written));
    }
}

#[test]
fn a_skipped_function_is_as_written_in_either_mode() {
    for function in FUNCTIONS {
        assert_eq!(each_token(&expanded("skip", function, true)), each_token(function));
    }
}

#[test]
fn compiled_out_a_block_is_as_written_without_our_attributes() {
    let block = "#[allow(unused)] unsafe impl<T: Clone> Model for Client<T> where T: Send {
        const N: usize = { 3 };
        type Answer = [u8; 3];
        #[instrument_llm(model = \"a\")] #[inline] async fn chat(&self) -> u8 { 1 }
        #[llmobs_runtime::instrument_llm(skip)] const fn new() -> Self { Self }
        #[llmobs_runtime::instrument_llm] pub fn plain() {}
        macro_call! { fn inside() {} }
        other!(1);
        fn unmarked() { half. }
    }";
    let written = block
        .replace("#[instrument_llm(model = \"a\")] ", "")
        .replace("#[llmobs_runtime::instrument_llm(skip)] ", "")
        .replace("#[llmobs_runtime::instrument_llm] ", "");
    assert_eq!(off("provider = \"openai\", response = none", block), each_token(&written));
}

#[test]
fn arguments_are_checked_in_either_mode() {
    let cases = [
        (
            "modle = \"a\", response = none, provider = \"openai\"",
            "unknown argument `modle`: did you mean `model`?",
        ),
        ("operation = embedings", "unknown operation `embedings`: did you mean `embeddings`?"),
        (
            "response = none",
            "`chat` needs to know who serves the model: add `provider = \\\"openai\\\"`, \\\"azure.ai.openai\\\", \\\"anthropic\\\", … or an expression",
        ),
        (
            "provider = \"openai\", model = 3",
            "the value of `gen_ai.request.model` is a string, not `3`",
        ),
        (
            "operation = execute_tool, metric_attributes(gen_ai.tool.call.id = id)",
            "`gen_ai.tool.call.id` has too many values for a metric, where each makes a time series of its own: move it to `attributes(…)`",
        ),
    ];
    let function = "fn f(x: u8) -> u8 { x }";
    for (arguments, message) in cases {
        for enabled in [true, false] {
            let (messages, rest) = faults(&expanded(arguments, function, enabled));
            assert_eq!(messages, [message], "{arguments}");
            assert_eq!(rest, tokens(function).to_string(), "the function stays");
        }
    }
}

#[test]
fn a_block_with_a_fault_keeps_its_functions() {
    let block = "impl Client { fn f(&self) { 1 } #[instrument_llm(colour = 1)] fn g() {} const X: u8 = 1; }";
    for enabled in [true, false] {
        let expansion = expanded("provider = 3, response = none", block, enabled);
        let (messages, rest) = faults(&expansion);
        assert_eq!(messages.len(), 2, "{messages:?}");
        assert!(messages[0].ends_with("is a string, not `3`"), "{messages:?}");
        assert!(messages[1].starts_with("unknown argument `colour`"), "{messages:?}");
        assert!(expansion.contains("impl Client { fn f (& self) { 1 }"), "{expansion}");
        assert_eq!(rest, "fn g () { } const X : u8 = 1 ; }");
    }
}

#[test]
fn defaults_that_do_not_fit_a_function_are_left_out_of_it() {
    let block = "impl Client {
        fn chat(&self) {}
        #[instrument_llm(operation = execute_tool)] fn tool(&self) {}
    }";
    let defaults = "provider = \"openai\", model = \"a\", server = \"host\", usage = |it| it, response = none, attributes(app.tenant = 1)";
    let expansion = expanded(defaults, block, true);
    assert_eq!(faults(&expansion).0, [""; 0]);
    let (chat, tool) = expansion.split_once("fn tool").expect("two functions");
    for step in
        ["GEN_AI_PROVIDER_NAME", "GEN_AI_REQUEST_MODEL", ". server", ". usage", "app.tenant"]
    {
        assert!(chat.contains(step), "{step}: {chat}");
        assert_eq!(tool.contains(step), step == "app.tenant", "{step}: {tool}");
    }
}

#[test]
fn a_function_that_returns_a_stream_hands_its_call_on() {
    let stream = |arguments: &str, function: &str| expanded(arguments, function, true);
    let chat = "provider = \"openai\"";
    let tool = "operation = execute_tool";
    let direct = stream(chat, "fn f() -> impl Stream<Item = Chunk> { s }");
    assert!(direct.contains("__private :: streaming") && !direct.contains("start ()"), "{direct}");
    let boxed = stream(tool, "async fn f() -> Result<BoxStream<'static, u8>, E> { s }");
    assert!(boxed.contains("Box :: pin (:: llmobs_runtime :: __private :: streaming"), "{boxed}");
    let named = "async fn f() -> Result<ChatStream, E> { s }";
    assert!(stream(chat, named).contains("__private :: rewrapped"));
    assert!(!stream(tool, named).contains("rewrapped"), "a tool's value need not be a response");
    assert!(stream("operation = execute_tool, stream", named).contains("__private :: rewrapped"));
    assert!(!stream("provider = \"openai\", response = none", named).contains("rewrapped"));
    let future = stream(tool, "fn f() -> impl Future<Output = impl Stream<Item = u8>> { s }");
    assert!(future.contains("__private :: returning_stream"), "{future}");
}

#[test]
fn what_a_function_says_itself_wins() {
    let block = "impl Client {
        #[instrument_llm(attributes(gen_ai.request.model = \"own\"), model = \"\")] fn chat(&self) {}
    }";
    let (messages, _) = faults(&expanded(
        "provider = \"openai\", model = \"default\", response = none",
        block,
        true,
    ));
    assert_eq!(messages.len(), 2, "{messages:?}");
    let block = block.replace(", model = \"\"", "");
    let expansion =
        expanded("provider = \"openai\", model = \"default\", response = none", &block, true);
    assert!(expansion.contains("\"own\"") && !expansion.contains("\"default\""), "{expansion}");
}

#[test]
fn under_a_condition_the_function_stands_twice_and_only_one_of_them_counts() {
    let chat = "provider = \"openai\", response = none";
    let conditions = [
        "feature = \"telemetry\"",
        "unix",
        "true",
        "not(test)",
        "all(feature = \"a\", any(unix, windows), not(debug_assertions),),",
    ];
    for condition in conditions {
        let given = format!("cfg({condition}), {chat}");
        let condition =
            condition.strip_suffix(",),").map_or(condition.to_owned(), |all| format!("{all},),"));
        for function in FUNCTIONS {
            let recorded = expanded(chat, function, true);
            let both =
                format!("#[cfg({condition})] {recorded} #[cfg(not({condition}))] {function}");
            assert_eq!(each_token(&expanded(&given, function, true)), each_token(&both));
            assert_eq!(off(&given, function), each_token(function), "nothing is left to choose");
            let skipped = expanded(&format!("skip, {given}"), function, true);
            assert_eq!(each_token(&skipped), each_token(function));
        }
    }
}

#[test]
fn a_condition_of_a_block_holds_for_each_function_that_has_none_of_its_own() {
    let block = "impl Client {
        fn first(&self) {}
        #[instrument_llm(cfg(windows))] fn second(&self) {}
        #[instrument_llm(skip)] fn third() {}
        const N: u8 = 1;
    }";
    let arguments = "cfg(unix), operation = execute_tool";
    let expansion = expanded(arguments, block, true).replace(' ', "");
    let before = |function: &str| {
        let head = format!("fn{function}(&self)");
        let parts: Vec<_> =
            expansion.match_indices(&head).map(|(at, _)| &expansion[..at]).collect();
        parts
            .iter()
            .map(|part| part[part.rfind("#[").unwrap_or(0)..].to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(before("first"), ["#[cfg(unix)]", "#[cfg(not(unix))]"]);
    assert_eq!(before("second"), ["#[cfg(windows)]", "#[cfg(not(windows))]"]);
    assert!(expansion.ends_with("fnthird(){}constN:u8=1;}"), "{expansion}");
    let written = block
        .replace("#[instrument_llm(cfg(windows))] ", "")
        .replace("#[instrument_llm(skip)] ", "");
    assert_eq!(off(arguments, block), each_token(&written));
}

#[test]
fn faults_under_a_condition_are_found_in_either_mode() {
    let cases = [
        ("cfg", "expected a condition: `cfg(feature = \\\"…\\\")`"),
        ("cfg = unix", "expected a condition: `cfg(feature = \\\"…\\\")`"),
        ("cfg()", "expected a condition: `cfg(feature = \\\"…\\\")`"),
        ("cfg(unix, windows)", "`cfg` takes one condition: put several into `all(…)` or `any(…)`"),
        ("cfg(feature = telemetry)", "expected a string: `feature = \\\"…\\\"`"),
        ("cfg(features = \"x\")", "unknown condition `features`: did you mean `feature`?"),
        ("cfg(\"x\")", "expected `feature = \\\"x\\\"`"),
        ("cfg(feature)", "expected the name of a feature: `feature = \\\"…\\\"`"),
        ("cfg(al(unix))", "unknown condition `al(…)`: expected `all`, `any` or `not`"),
        (
            "cfg(not(unix, windows))",
            "`not` takes one condition: put several into `all(…)` or `any(…)`",
        ),
        ("cfg(unix), cfg(unix)", "the argument `cfg` is given twice: keep one"),
        (
            "cfg(unix), capture(input = 3)",
            "`execute_tool` has no attribute `gen_ai.input.messages`",
        ),
    ];
    let function = "fn f(x: u8) -> u8 { x }";
    for (arguments, message) in cases {
        let arguments = format!("{arguments}, operation = execute_tool");
        for enabled in [true, false] {
            let (messages, rest) = faults(&expanded(&arguments, function, enabled));
            assert_eq!(messages.len(), 1, "{messages:?}");
            assert!(messages[0].starts_with(message), "{arguments}: {messages:?}");
            assert_eq!(rest, tokens(function).to_string(), "the function stays, once");
        }
    }
}

#[test]
fn no_tokens_make_it_panic() {
    let pieces = [
        "",
        "=",
        ",",
        "(",
        "operation",
        "operation =",
        "= =",
        "tool(",
        "tool()",
        "tool(,)",
        "agent(name)",
        "attributes(=)",
        "attributes(a.)",
        "attributes(\"\")",
        "crate = ",
        "crate = \"\"",
        "crate = \"a b\"",
        "kind = 3",
        "skip = 1",
        "r#type = 1",
        "operation = r#chat",
        "provider = -\"x\"",
        "response = ||",
        "'a",
        "#",
        "$x",
        "attributes(gen_ai. = 1)",
        "name = ;",
        "stream",
        "stream = 1",
        "capture",
        "capture(",
        "capture()",
        "capture(,)",
        "capture(none = 1)",
        "capture(input =)",
        "capture(input(a))",
        "capture(output = 1)",
        "capture(arguments())",
        "capture(arguments(=, a., \"\" = 1))",
        "cfg",
        "cfg(",
        "cfg()",
        "cfg(,)",
        "cfg(=)",
        "cfg(not())",
        "cfg(all(,))",
        "cfg(feature =)",
        "cfg(r#feature = 1)",
        "cfg(unix, x), operation = execute_tool",
        "cfg(all()), operation = execute_tool",
    ];
    let items = [
        "",
        ";",
        "fn",
        "fn f",
        "fn f()",
        "fn f();",
        "fn f() -> Result {}",
        "fn f() -> impl Stream {}",
        "async fn f() -> Result<Pin<Box<>>> {}",
        "fn f() -> Box<dyn Future<>> {}",
        "impl",
        "impl {}",
        "impl X { fn }",
        "impl X { fn f(); }",
        "struct X;",
        "3",
        "|x| x",
    ];
    for arguments in pieces {
        let Ok(arguments) = arguments.parse::<TokenStream>() else { continue };
        for item in items.iter().chain(FUNCTIONS) {
            for enabled in [true, false] {
                instrument(arguments.clone(), &tokens(item), enabled);
            }
        }
    }
}
