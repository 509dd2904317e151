//! The macros of [llmobs](https://docs.rs/llmobs-runtime); use them through `llmobs-runtime`, which re-exports
//! them.
//!
//! | macro | does |
//! |---|---|
//! | [`macro@instrument_llm`] | records the calls of a function |
//! | [`macro@LlmRequest`] | lets a request type say which parameters it holds |
//! | [`macro@LlmResponse`] | lets a response type say what it tells of the call |
//! | [`macro@LlmChunk`] | lets a chunk type say what it adds to a streamed answer |

use proc_macro::TokenStream;

mod conventions;
mod derive;
mod errors;
mod expand;
#[cfg_attr(
    not(any(feature = "enable", test)),
    expect(dead_code, unused_imports, reason = "nothing is wrapped")
)]
mod model;
#[cfg_attr(not(any(feature = "enable", test)), expect(dead_code, reason = "nothing is wrapped"))]
mod parse;

#[cfg(test)]
mod tests;

/// Whether functions are recorded: a feature says so, and the final binary does not veto it. The build script of
/// `llmobs-runtime` refuses other values of the variable, and cargo builds this anew when it changes.
fn is_recording() -> bool {
    cfg!(feature = "enable") && !matches!(option_env!("LLMOBS_COMPILED_OUT"), Some("1" | "true"))
}

/// Records each call of a function as one GenAI operation: a span, and a point in each metric that the
/// conventions have for it.
///
/// ```
/// use llmobs_runtime::{LlmResponse, instrument_llm};
///
/// #[derive(LlmResponse)]
/// struct Answer {
///     #[llm(response.model)]
///     model: String,
///     #[llm(usage.input_tokens)]
///     tokens_in: Option<u64>,
///     #[llm(usage.output_tokens)]
///     tokens_out: Option<u64>,
///     text: String,
/// }
///
/// #[instrument_llm(provider = "openai", model = model)]
/// async fn ask(model: &str, question: &str) -> Result<Answer, std::io::Error> {
///     // … call the model …
/// #   let _ = question;
/// #   let answer = Answer { model: model.to_owned(), tokens_in: None, tokens_out: None, text: String::new() };
/// #   let _ = &answer.text;
/// #   Ok(answer)
/// }
/// ```
///
/// This records a span `chat gpt-4o` with the model asked for, the model that answered and the tokens used, and
/// points for the duration and the tokens. Question and answer are not recorded, unless somebody asks for
/// [content](#content).
///
/// # Arguments
///
/// Each is optional and given at most once. An *expression* sees the arguments of the function, is borrowed, and
/// is evaluated before the body runs, and only if somebody records.
///
/// | argument | takes | attribute of the conventions | without it |
/// |---|---|---|---|
/// | `operation` | a name of the table below | `gen_ai.operation.name` | `chat` |
/// | `provider` | a string expression | `gen_ai.provider.name` | an error where the operation requires it |
/// | `model` | a string expression | `gen_ai.request.model` | what `request` says |
/// | `request` | an expression that is an `LlmRequest` | all that it names | nothing is read |
/// | `response` | a closure or function from the returned value to an `LlmResponse`; `none`, with which a stream that is known [by its name](#streams) only needs `stream` | all that it names | the returned value is the response |
/// | `usage` | a closure or function from the returned value to an `LlmUsage` | `gen_ai.usage.…` | what the response says |
/// | `server` | a URL, `host:port`, a host or `(host, port)` | `server.address`, `server.port` | |
/// | `conversation_id` | a string expression | `gen_ai.conversation.id` | |
/// | `agent(name, id, description, version)` | string expressions | `gen_ai.agent.…` | |
/// | `tool(name, type, description, call_id)` | string expressions | `gen_ai.tool.…`; `call_id` is `gen_ai.tool.call.id` | the tool's name is the function's |
/// | `workflow` | a string expression | `gen_ai.workflow.name` | |
/// | `data_source` | a string expression | `gen_ai.data_source.id` | |
/// | `prompt(name, version)` | string expressions | `gen_ai.prompt.…` | |
/// | `memory(store, record, count)` | strings, and an integer for `count` | `gen_ai.memory.store.id`, `….record.id`, `….record.count` | |
/// | `attributes(key = value, …)` | expressions | any other, and your own | |
/// | `metric_attributes(key = value, …)` | expressions | on the metrics and the span | |
/// | `name` | a string expression | the span's name | that of the table below |
/// | `kind` | `client` or `internal` | the span's kind | that of the table below |
/// | `capture(…)` | kinds of [content](#content), alone or with where they stand | `gen_ai.input.messages`, `….output.messages`, … | all that requests and responses hand over |
/// | `stream` | nothing | | what [streams](#streams) is told by the return type; with `response = none` a name that ends in `Stream` is none |
/// | `crate` | a path | | `::llmobs_runtime` |
/// | `cfg(…)` | a condition as `#[cfg(…)]` takes it | | recorded wherever the [application records](#compiled-out) |
/// | `skip` | nothing | | see [`impl` blocks](#impl-blocks) |
///
/// An expression may be an `Option`: `None` and an empty string are absent, and nothing is recorded of them.
/// Single arguments override what `request` says of the same attribute.
///
/// A key is dotted, `gen_ai.request.seed`, or a string, `"app.tenant"`; a single name without a value,
/// `attributes(tenant)`, is the variable of that name. In the namespaces of the conventions (`gen_ai`, `openai`,
/// `mcp`, `aws.bedrock`) only their keys are right.
///
/// # Operations
///
/// | `operation` | kind | name of the span | provider | returned value |
/// |---|---|---|---|---|
/// | `chat`, `generate_content`, `text_completion` | client, or internal | operation and model | required | must be a response |
/// | `embeddings` | client | operation and model | required | must be a response |
/// | `fetch_response` | client | operation | required | must be a response |
/// | `retrieval` | client | operation and data source | optional | is read if it is one |
/// | `search_memory`, `create_memory`, `update_memory`, `upsert_memory`, `delete_memory`, `create_memory_store`, `delete_memory_store` | client, or internal | operation | optional | is read if it is one |
/// | `create_agent` | client | operation and agent | required | is read if it is one |
/// | `invoke_agent` | internal; client for an agent elsewhere | operation and agent | required with `kind = client` | is read if it is one |
/// | `execute_tool` | internal | operation and tool | none | is read if it is one |
/// | `invoke_workflow` | internal | operation and workflow | none | is read if it is one |
/// | `plan` | internal | operation and agent | none | is read if it is one |
///
/// Embeddings, with the request's own parameters:
///
/// ```
/// use llmobs_runtime::{LlmRequest, LlmResponse, instrument_llm};
///
/// #[derive(LlmRequest)]
/// struct Texts<'a> {
///     #[llm(request.model)]
///     model: &'a str,
///     #[llm(embeddings.dimension.count)]
///     dimensions: Option<u32>,
///     texts: Vec<&'a str>,
/// }
///
/// #[derive(LlmResponse)]
/// struct Vectors {
///     #[llm(usage.input_tokens)]
///     tokens: u32,
///     vectors: Vec<Vec<f32>>,
/// }
///
/// #[instrument_llm(operation = embeddings, provider = "openai", request = texts, server = "https://api.openai.com")]
/// async fn embed(texts: Texts<'_>) -> Result<Vectors, std::io::Error> {
/// #   let _ = &texts.texts;
/// #   let vectors = Vectors { tokens: 0, vectors: vec![] };
/// #   let _ = &vectors.vectors;
/// #   Ok(vectors)
/// }
/// ```
///
/// A tool, named as its function is, and an agent that uses it. What runs inside of a call is its child:
///
/// ```
/// use llmobs_runtime::instrument_llm;
///
/// #[instrument_llm(operation = execute_tool, tool(type = "function", call_id = call))]
/// fn weather(call: &str, city: &str) -> String {
///     format!("Sunny in {city}.")
/// }
///
/// #[instrument_llm(operation = invoke_agent, agent(name = "travel", version = env!("CARGO_PKG_VERSION")))]
/// fn travel(wish: &str) -> String {
///     weather("call-1", wish)
/// }
///
/// assert_eq!(travel("Bern"), "Sunny in Bern.");
/// ```
///
/// An agent that runs elsewhere is called as a client, and its provider is known. A workflow is a run of several
/// agents; a plan is what an agent makes before it acts:
///
/// ```
/// use llmobs_runtime::instrument_llm;
///
/// #[instrument_llm(
///     operation = invoke_agent,
///     kind = client,
///     provider = "azure.ai.openai",
///     agent(name = "booking", id = id),
///     conversation_id = thread,
///     server = endpoint
/// )]
/// async fn book(endpoint: &str, id: &str, thread: Option<&str>) -> Result<(), std::io::Error> {
///     Ok(())
/// }
///
/// #[instrument_llm(operation = invoke_workflow, workflow = "holiday")]
/// async fn holiday(thread: &str) -> Result<(), std::io::Error> {
///     let steps = plan(thread).await;
///     for step in steps {
///         book("https://agents.example", &step, Some(thread)).await?;
///     }
///     Ok(())
/// }
///
/// #[instrument_llm(operation = plan, agent(name = "travel"))]
/// async fn plan(thread: &str) -> Vec<String> {
///     vec![thread.to_owned()]
/// }
/// ```
///
/// Retrieval and memory:
///
/// ```
/// use llmobs_runtime::instrument_llm;
///
/// #[instrument_llm(operation = retrieval, data_source = index, attributes(gen_ai.retrieval.top_k = 5))]
/// async fn search(index: &str, question: &str) -> Vec<String> {
///     vec![]
/// }
///
/// #[instrument_llm(operation = upsert_memory, kind = internal, memory(store = "preferences", count = facts.len()))]
/// fn remember(facts: &[String]) {}
/// # remember(&[]);
/// ```
///
/// # What is recorded of the returned value
///
/// Of a `Result`, under whatever alias, the value in `Ok`; else the value itself. For the operations whose
/// response carries a model or tokens that value must be an `LlmResponse`: one of a known client crate, raw JSON
/// in a known wire format, a type with `#[derive(LlmResponse)]`. Where the response stands inside, `response`
/// says where:
///
/// ```
/// use llmobs_runtime::{LlmResponse, instrument_llm};
///
/// # #[derive(LlmResponse)]
/// # struct Answer { #[llm(response.model)] model: String }
/// struct Http<T> {
///     status: u16,
///     body: T,
/// }
///
/// #[instrument_llm(provider = "openai", response = |http| &http.body)]
/// async fn ask(question: &str) -> Result<Http<Answer>, std::io::Error> {
/// #   let http = Http { status: 200, body: Answer { model: String::new() } };
/// #   let _ = http.status;
/// #   Ok(http)
/// }
/// ```
///
/// Where only the tokens can be had, `usage` does; and where there is nothing, that is said, too:
///
/// ```
/// use llmobs_runtime::{Usage, instrument_llm};
///
/// #[instrument_llm(
///     provider = "anthropic",
///     // Anthropic's count leaves out cached tokens: the parts are summed.
///     usage = |(_, tokens)| Usage::exclusive(Some(tokens[0]), Some(tokens[1]), None, Some(tokens[2]))
/// )]
/// fn ask(question: &str) -> (String, [u64; 3]) {
///     (question.to_owned(), [12, 100, 34])
/// }
/// # ask("");
///
/// #[instrument_llm(provider = "openai", response = none)]
/// async fn warm_up() -> bool {
///     true
/// }
/// ```
///
/// # Streams
///
/// Where the function hands out a stream, the call lasts until the stream ends: it is exhausted, gives an error, is
/// dropped, or panics. What is recorded comes from the items, each of which is a chunk ([`macro@LlmChunk`]) or a
/// `Result` of one: the model, why it stopped, the tokens that the provider names in its last chunks, and when the
/// chunks came.
///
/// ```
/// use futures::{Stream, StreamExt, stream};
/// use llmobs_runtime::{LlmChunk, instrument_llm};
///
/// #[derive(LlmChunk)]
/// struct Chunk {
///     #[llm(response.model)]
///     model: String,
///     #[llm(response.finish_reasons)]
///     stopped_by: Option<String>,
///     #[llm(usage.output_tokens)]
///     tokens_out: Option<u64>,
///     #[llm(content.text)]
///     text: String,
/// }
///
/// #[instrument_llm(provider = "openai", model = model)]
/// async fn ask(model: &str, question: &str) -> Result<impl Stream<Item = Chunk>, std::io::Error> {
///     // … send the request and wait for the head of the answer …
/// #   let _ = question;
/// #   let last = Some("stop".to_owned());
/// #   let chunk = Chunk { model: model.to_owned(), stopped_by: last, tokens_out: Some(1), text: String::new() };
///     # /*
///     Ok(chunks)
///     # */
/// #   Ok(stream::iter([chunk]))
/// }
/// # futures::executor::block_on(async { assert_eq!(ask("m", "").await.unwrap().count().await, 1) });
/// ```
///
/// | the function returns | the call begins |
/// |---|---|
/// | a stream | when the stream is polled for the first time; the body runs as it did, when the function is called |
/// | a `Result` with a stream in it | when the function is called; an `Err` ends it |
/// | a future of one of these, or is an `async fn` | when the future is polled for the first time |
///
/// So the time to the first chunk counts from the request. While the stream is polled the span is the current one,
/// and at no other time. A stream that is dropped before its last chunk has been seen was `abandoned`.
///
/// These are streams: `impl Stream`, `Pin<Box<dyn Stream>>`, `BoxStream`, `LocalBoxStream`, `Box<dyn Stream +
/// Unpin>`; each also in a `Result` under whatever name that ends in `Result`. The return type stays as it is
/// written, a stream that was `Send` or `Unpin` is so still, and `impl Stream` is not boxed. What else it is, such as
/// `Clone`, it is no longer.
///
/// A type that is known by a name only has to be one of two things: a name for a boxed stream, or
/// `llmobs_runtime::Recorded`, which any stream becomes by `llmobs_runtime::recorded`. A name that ends in `Stream`
/// says that it is a stream where the operation must have a response, unless `response = none` says that there is
/// nothing to read: **with `response = none` such a name is a value like any other**, and the call ends when the
/// function returns. `stream` says that it is a stream, of any name. A stream inside of an `Option`, a tuple or a
/// name for a whole `Result` is not seen: spell the `Result` out.
///
/// ```
/// use std::pin::Pin;
///
/// use futures::Stream;
/// use futures::channel::mpsc::Receiver;
/// use llmobs_runtime::{Recorded, instrument_llm, recorded};
///
/// # type Chunk = Option<llmobs_runtime::Usage>;
/// type Chunks = Pin<Box<dyn Stream<Item = Chunk> + Send>>;
///
/// #[instrument_llm(provider = "openai", stream, response = none, usage = |chunk| chunk)]
/// async fn boxed() -> Result<Chunks, std::io::Error> {
///     // …
/// #   Ok(Box::pin(futures::stream::empty()))
/// }
///
/// #[instrument_llm(operation = invoke_agent, agent(name = "guide"))]
/// fn own(chunks: Receiver<String>) -> Recorded<Receiver<String>> {
///     recorded(chunks)
/// }
/// ```
///
/// `response` and `usage` find the chunk and the tokens in an item; `response = none` counts the items and reads
/// nothing of them but the [text](#content) that `capture(output)` asks for. An item that is an `Err` is the error
/// of the call.
///
/// # Content
///
/// What people wrote and models answered is captured only where the application asks for it, with
/// `OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT` or the builder's `capture_content`. Then requests, responses
/// and chunks hand over what they hold. `capture(…)` says of one function which kinds may be captured and where
/// else they stand; it never captures more than the application allows.
///
/// | kind | attribute | with a value |
/// |---|---|---|
/// | `instructions` | `gen_ai.system_instructions` | an expression |
/// | `input` | `gen_ai.input.messages` | an expression |
/// | `tools` | `gen_ai.tool.definitions` | an expression |
/// | `output` | `gen_ai.output.messages` | a closure or function of the returned value |
/// | `arguments` | `gen_ai.tool.call.arguments` | an expression, or variables and named expressions in parentheses |
/// | `result` | `gen_ai.tool.call.result` | a closure or function of the returned value |
///
/// No other kind is captured of the function than those that are named; `capture(none)` captures nothing. A kind
/// alone is what the request, the response or the chunks hand over, except that `result`, and `output` of a value
/// that is no response, is the returned value itself.
///
/// The `output` of a stream whose items need not be chunks (with `response = none` or `usage`, or of an operation whose
/// response is optional) is their text: each item that is no `LlmChunk` is a piece of it, a `String`, `&str`,
/// `Cow<str>` or `Arc<str>`, or another type that is `Capture` and `AsRef<str>`. With `response = none` chunks are
/// not asked either. Items that are neither do not compile.
///
/// ```
/// use llmobs_runtime::instrument_llm;
///
/// #[instrument_llm(provider = "ollama", response = none, capture(input = question, output))]
/// async fn ask(question: &str) -> Result<String, std::io::Error> {
///     // …
/// #   Ok(question.to_owned())
/// }
///
/// #[instrument_llm(operation = execute_tool, capture(arguments(city, days = days.min(7)), result))]
/// fn forecast(city: &str, days: u8, key: &str) -> Vec<String> {
///     vec![format!("Rain in {city}.")]
/// }
/// # forecast("Bern", 3, "");
/// ```
///
/// ```
/// use futures::{Stream, stream};
/// use llmobs_runtime::instrument_llm;
///
/// #[instrument_llm(operation = invoke_agent, agent(name = "guide"), capture(input = wish, output))]
/// fn guide(wish: &str) -> impl Stream<Item = String> {
///     // …
/// #   stream::iter([wish.to_owned()])
/// }
/// # futures::executor::block_on_stream(guide("")).count();
/// ```
///
/// A value has to be `llmobs_runtime::content::Capture`. Strings, numbers, lists, maps and JSON are; a type that keeps
/// a secret is not, and capturing it does not compile:
///
/// ```compile_fail
/// # use llmobs_runtime::instrument_llm;
/// struct Secret(String);
///
/// #[instrument_llm(operation = execute_tool, capture(arguments(city, key)))]
/// fn forecast(city: &str, key: &Secret) {}
/// // `Secret` cannot be captured as content
/// ```
///
/// Expressions are evaluated only where their kind is captured. One that panics there fails no call: the panic hook
/// prints it, the kind is left out, and a warning says so. That holds for all but an expression in which `return`,
/// `?` or `.await` stands: it is evaluated in the function itself, so that it may leave it, and a panic in it is one
/// of the function. So is, captured or not, a panic in any other argument than `capture`.
///
/// # Attributes
///
/// ```
/// use llmobs_runtime::instrument_llm;
///
/// #[instrument_llm(
///     provider = if azure { "azure.ai.openai" } else { "openai" },
///     model = "gpt-4o",
///     response = none,
///     attributes(gen_ai.request.seed = 7, app.customer = customer, "app.question.length" = question.len(), tenant),
///     metric_attributes(app.region = "north")
/// )]
/// async fn ask(azure: bool, tenant: &str, customer: u64, question: &str) {}
/// ```
///
/// A metric attribute makes a time series of each of its values: give there only what has few. Attributes of the
/// conventions that have many (identifiers, counts) are refused, as are those that the metrics carry anyway.
///
/// # Errors, panics, dropped futures
///
/// An `Err` makes the status of the span an error and sets `error.type`: what the error's `LlmError` says, the
/// code of a known error somewhere along its sources, or the name of its type. Its message is never recorded,
/// since it may quote a prompt. A panic is `panic`, a future that is dropped before it is ready `cancelled`; both
/// with all that was known by then.
///
/// # Kinds of functions
///
/// Any function with a body: `async` or not, generic, `unsafe`, `extern`, with `self` in every form, in traits
/// and their implementations (also below `#[async_trait]`). The signature stays as it is written.
///
/// An `async fn` and a function that returns a future (`impl Future`, `Pin<Box<dyn Future>>`, `BoxFuture`) are
/// recorded from the first poll of the future to its end. Expressions are evaluated at that poll in an `async fn`,
/// and otherwise when the function is called, since the future may have consumed the arguments by then.
///
/// ```
/// use llmobs_runtime::instrument_llm;
///
/// trait Model {
///     fn ask(&self, question: &str) -> impl Future<Output = String> + Send;
/// }
///
/// struct Local;
///
/// impl Model for Local {
///     #[instrument_llm(provider = "ollama", kind = internal, response = none)]
///     async fn ask(&self, question: &str) -> String {
///         question.to_owned()
///     }
/// }
/// ```
///
/// A `const fn` and a variadic function cannot be instrumented. In a `#[track_caller]` function the body stays in
/// its place, so that what it calls sees the right caller; a `return` or `?` that a macro of the body hides ends
/// the call there, but what it returns is not read.
///
/// # `impl` blocks
///
/// On an `impl` block the attribute holds for its functions. Arguments on a function override those of the block,
/// and those of the block that an operation does not have are left out of its functions. `skip` leaves a function
/// out.
///
/// ```
/// use llmobs_runtime::instrument_llm;
///
/// struct Client {
///     model: String,
/// }
///
/// #[instrument_llm(provider = "openai", model = self.model, server = "https://api.openai.com", response = none)]
/// impl Client {
///     #[instrument_llm(skip)]
///     fn new(model: &str) -> Self {
///         Self { model: model.to_owned() }
///     }
///
///     async fn ask(&self, question: &str) -> String {
///         question.to_owned()
///     }
///
///     #[instrument_llm(operation = embeddings, model = "text-embedding-3-small")]
///     async fn embed(&self, text: &str) -> Vec<f32> {
///         vec![]
///     }
///
///     #[instrument_llm(operation = execute_tool)]
///     fn search(&self, words: &str) {}
/// }
/// # Client::new("gpt-4o").search("");
/// ```
///
/// # Checked while compiling
///
/// Unknown and deprecated keys and arguments, keys that the operation does not have, values of another type than
/// the conventions give them, content, keys given twice: every fault is reported at its own place, all at once,
/// with what to write instead.
///
/// ```compile_fail
/// # use llmobs_runtime::instrument_llm;
/// #[instrument_llm(provider = "openai", response = none, attributes(gen_ai.requst.seed = 7))]
/// fn ask() {}
/// // the conventions have no attribute `gen_ai.requst.seed`: did you mean `gen_ai.request.seed`?
/// ```
///
/// # Compiled out
///
/// Where no feature of `llmobs-runtime` switches recording on, the function is what it was without the attribute,
/// token for token. The arguments are checked all the same, but their expressions are not compiled.
///
/// `cfg(…)` makes it depend on the crate around as well: a crate, a module, an `impl` block or a function of it is
/// recorded with one of its own features only. It is the features of that crate that count, whoever else records.
///
/// ```
/// use llmobs_runtime::instrument_llm;
///
/// struct Client;
///
/// // In Cargo.toml: `[features] telemetry = []`.
/// #[instrument_llm(cfg(feature = "telemetry"), provider = "openai", response = none)]
/// impl Client {
///     fn ask(&self, question: &str) {}
///
///     #[instrument_llm(cfg(all(feature = "telemetry", debug_assertions)), operation = execute_tool)]
///     fn search(&self, words: &str) {}
///
///     #[instrument_llm(cfg(true), operation = execute_tool)]
///     fn book(&self, flight: &str) {}
/// }
/// # Client.ask(""); Client.search(""); Client.book("");
/// ```
///
/// With `#[cfg_attr(feature = "telemetry", instrument_llm(…))]` nothing would be checked without the feature, and
/// on an `impl` block the attributes of single functions would stay.
///
/// The final binary has the last word: with `LLMOBS_COMPILED_OUT=1` in the environment of its build nothing is recorded,
/// whatever features are on.
#[proc_macro_attribute]
pub fn instrument_llm(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::instrument(arguments.into(), &item.into(), is_recording()).into()
}

/// Lets a request type of your own say which parameters it holds.
///
/// ```
/// use llmobs_runtime::LlmRequest;
///
/// #[derive(LlmRequest)]
/// struct Question<'a> {
///     #[llm(request.model)]
///     model: &'a str,
///     #[llm(request.temperature)]
///     temperature: Option<f32>,
///     #[llm(nested)]
///     limits: Limits,
///     #[llm("app.question.length", with = str::len)]
///     text: &'a str,
/// }
///
/// #[derive(LlmRequest)]
/// struct Limits {
///     #[llm(request.max_tokens)]
///     tokens: u32,
///     #[llm(request.stop_sequences)]
///     stop: Vec<String>,
/// }
/// ```
///
/// A field without `#[llm(…)]` is not recorded, and a field may have several. Fields of structs, of tuple structs
/// and of the variants of enums are alike.
///
/// | on a field | records it as |
/// |---|---|
/// | `#[llm(request.model)]` | the attribute of the conventions, whose `gen_ai.` may be left out |
/// | `#[llm(server.address)]` | one of another namespace |
/// | `#[llm("app.tenant")]` | an attribute of your own, or one of the conventions written out |
/// | `#[llm(nested)]` | all that the field says of itself, which has to implement the same trait |
/// | `#[llm(key, with = function)]` | what a function or a closure makes of a reference to it |
/// | `#[llm(usage.input_tokens, exclusive)]` | the count and the cached tokens beside it, which it leaves out (see [`macro@LlmResponse`]) |
///
/// | on the type | |
/// |---|---|
/// | `#[llm(crate = path)]` | where `llmobs-runtime` is, if not at `::llmobs_runtime` |
///
/// A field has the type that its attribute takes: strings, integers, floats, booleans, lists of strings; borrowed,
/// boxed or in an `Option` as well. What is absent is not recorded: `None`, an empty string, a number that does
/// not fit. Keys are checked while compiling, as those of [`macro@instrument_llm`] are.
///
/// Of a generic type the derive demands what the marked fields need: `inner: T` with `#[llm(nested)]` demands
/// `T: LlmRequest`. It demands nothing where a function stands between, or where the field's type mentions the
/// type itself; there your own bounds have to do.
///
/// One type can be a request and a response; both record all its marked fields.
///
/// Fields that hold [content](macro@instrument_llm#content) have its keys, `input.messages`, `system_instructions`,
/// `tool.definitions` or `output.messages`. They are handed over where content is captured, and are not looked at
/// elsewhere. Their types have to be `llmobs_runtime::content::Capture`.
///
/// ```
/// use llmobs_runtime::LlmRequest;
///
/// #[derive(LlmRequest)]
/// struct Question {
///     #[llm(request.model)]
///     model: String,
///     #[llm(system_instructions)]
///     rules: Option<String>,
///     // A pair is a role and what it said.
///     #[llm(input.messages)]
///     turns: Vec<(String, String)>,
/// }
/// ```
#[proc_macro_derive(LlmRequest, attributes(llm))]
pub fn derive_request(item: TokenStream) -> TokenStream {
    derive::expand(item.into(), derive::Trait::Request).into()
}

/// Lets a response type of your own say what it tells of the call.
///
/// ```
/// use llmobs_runtime::LlmResponse;
///
/// #[derive(LlmResponse)]
/// struct Answer {
///     #[llm(response.id)]
///     id: String,
///     #[llm(response.model)]
///     model: String,
///     #[llm(nested)]
///     choices: Vec<Choice>,
///     #[llm(nested)]
///     usage: Option<Tokens>,
/// }
///
/// #[derive(LlmResponse)]
/// struct Choice {
///     // A list grows with each choice.
///     #[llm(response.finish_reasons, with = |reason| reason.as_deref().map(str::to_lowercase))]
///     reason: Option<String>,
///     text: String,
/// }
///
/// #[derive(LlmResponse)]
/// struct Tokens {
///     #[llm(usage.input_tokens)]
///     input: u64,
///     #[llm(usage.output_tokens)]
///     output: u64,
/// }
/// ```
///
/// What may stand in `#[llm(…)]` is listed at [`macro@LlmRequest`].
///
/// `gen_ai.usage.input_tokens` includes cached tokens. The count of a provider that leaves them out (Anthropic) is
/// `exclusive`: what is recorded is the sum with the cache counts of the same struct or variant. Where the count
/// itself is absent or the sum does not fit, the total is unknown and not recorded.
///
/// ```
/// use llmobs_runtime::conventions::attr;
/// use llmobs_runtime::payload::Value;
/// use llmobs_runtime::{Fields, LlmResponse};
///
/// #[derive(LlmResponse)]
/// struct Tokens {
///     #[llm(usage.input_tokens, exclusive)]
///     input: u64,
///     #[llm(usage.cache_read.input_tokens)]
///     read: Option<u64>,
///     #[llm(usage.cache_write.input_tokens)]
///     written: Option<u64>,
/// }
///
/// let mut fields = Fields::default();
/// Tokens { input: 5, read: Some(100), written: None }.record(&mut fields);
/// assert_eq!(fields.get(attr::GEN_AI_USAGE_INPUT_TOKENS), Some(Value::Int(105)));
/// ```
///
/// Variants of an enum without marked fields record nothing, such as the events of a stream that carry text only:
///
/// ```
/// use llmobs_runtime::LlmResponse;
///
/// #[derive(LlmResponse)]
/// enum Event<T> {
///     Started {
///         #[llm(response.id)]
///         id: String,
///     },
///     Delta(String),
///     Finished(#[llm(nested)] T),
/// }
/// ```
#[proc_macro_derive(LlmResponse, attributes(llm))]
pub fn derive_response(item: TokenStream) -> TokenStream {
    derive::expand(item.into(), derive::Trait::Response).into()
}

/// Lets a chunk type of your own say what it adds to a streamed answer.
///
/// ```
/// use llmobs_runtime::LlmChunk;
///
/// #[derive(LlmChunk)]
/// enum Event {
///     Started {
///         #[llm(response.id)]
///         id: String,
///         #[llm(response.model)]
///         model: String,
///     },
///     Delta(#[llm(nested)] Vec<Choice>),
///     Usage(#[llm(usage.input_tokens)] u64, #[llm(usage.output_tokens)] u64),
///     Ping,
///     #[llm(complete)]
///     Finished,
/// }
///
/// #[derive(LlmChunk)]
/// struct Choice {
///     #[llm(choice)]
///     index: u32,
///     #[llm(content.text)]
///     text: Option<String>,
///     #[llm(response.finish_reasons)]
///     stopped_by: Option<String>,
/// }
/// ```
///
/// What may stand in `#[llm(…)]` is listed at [`macro@LlmRequest`], with these differences:
///
/// | on a field | says |
/// |---|---|
/// | `#[llm(response.model)]` and the like | the attribute; the first chunk that names it holds |
/// | `#[llm(usage.output_tokens)]` and other counts | the attribute; the last chunk that names it holds, as providers count on |
/// | `#[llm(response.finish_reasons)]` | why the choice ended; in a list of the type `Vec`, array or slice, why each did |
/// | `#[llm(choice)]` | the index of the choice that the other fields of the struct or variant belong to; the first one without it |
/// | `#[llm(complete)]` | whether this is the last chunk: a `bool`, or an `Option` of anything else that is there only then |
/// | `#[llm(content.text)]`, `#[llm(content.reasoning)]` | a piece of the answer's text, or of what the model thought: a string, which may be absent |
/// | `#[llm(content.part)]` | a whole part of the answer: a `llmobs_runtime::content::Part` or another `Capture` |
///
/// `#[llm(complete)]` may also stand on a variant. Where no chunk says it, the answer is complete when each choice
/// that has begun has ended. Who stops reading then has not abandoned the stream.
#[proc_macro_derive(LlmChunk, attributes(llm))]
pub fn derive_chunk(item: TokenStream) -> TokenStream {
    derive::expand(item.into(), derive::Trait::Chunk).into()
}

#[doc(hidden)]
#[proc_macro]
pub fn __conventions(_: TokenStream) -> TokenStream {
    conventions::render().into()
}
