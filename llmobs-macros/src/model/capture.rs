//! `capture(…)` against the conventions: kinds that the operation has, from where they can be had.

use proc_macro2::Ident;

use super::plan::Reading;
use super::stream::Stream;
use super::values::{Recorded, misplaced};
use crate::errors::Errors;
use crate::parse::{Arguments, Content, ResponseArgument, Source};

/// What content may be captured of a function, checked.
pub(crate) struct Captured {
    /// Variants of the runtime's `Kind`; no other kind is captured.
    pub(crate) only: Vec<Ident>,
    /// What is captured before the body runs.
    pub(crate) before: Vec<(Ident, Source)>,
    /// What is captured of the returned value.
    pub(crate) after: Vec<(Ident, Reading)>,
    /// `output`, as it was written, where the items of a stream are to be it.
    pub(crate) items: Option<Ident>,
}

/// The checked argument; `None` where it is not given, and the policy alone decides.
pub(super) fn captured(
    arguments: &Arguments,
    recorded: Recorded,
    response: &Reading,
    stream: Option<&Stream>,
    errors: &mut Errors,
) -> Option<Captured> {
    let capture = arguments.capture.as_ref()?;
    // A default holds where it fits.
    let own = arguments.attempted("capture");
    let mut captured =
        Captured { only: Vec::new(), before: Vec::new(), after: Vec::new(), items: None };
    for Content { kind, name, source } in &capture.contents {
        if !recorded.span.has(kind.key) {
            if own {
                errors.at(name, misplaced(kind.key, &recorded.has_no()));
            }
            continue;
        }
        captured.only.push(kind.variant());
        if stream.is_some() {
            let fault = match (source, kind.name) {
                (_, "result") => {
                    Some("what a stream gives is not captured as one result: leave `result` out")
                }
                (Source::Returned(_), _) => Some(
                    "what a stream gives is captured from its chunks, see `LlmChunk`: write `output` alone",
                ),
                _ => None,
            };
            if let Some(fault) = fault {
                if own {
                    errors.at(name, fault);
                }
                continue;
            }
        }
        match source {
            Source::Value(_) | Source::Members(_) => {
                captured.before.push((kind.variant(), source.clone()));
            }
            Source::Returned(argument) => captured.after.push((kind.variant(), found(argument))),
            Source::Bare if kind.is_returned() && stream.is_none() => {
                // A response hands over its content itself; anything else is the content.
                let reading = match response {
                    _ if kind.name == "result" => Reading::Value,
                    Reading::Nothing => Reading::Value,
                    Reading::IfAny => Reading::IfAny,
                    Reading::Value | Reading::Closure(_) | Reading::Function(_) => continue,
                };
                captured.after.push((kind.variant(), reading));
            }
            // Chunks hand over their content themselves, where it is said that the items are, or hold, chunks.
            Source::Bare if kind.is_returned() => {
                let unsaid = matches!(response, Reading::Nothing | Reading::IfAny);
                captured.items = unsaid.then(|| name.clone());
            }
            Source::Bare => {}
        }
    }
    Some(captured)
}

/// The kinds of an `impl` block's argument that none of its functions has.
pub(super) fn unfit<'a>(
    defaults: &'a Arguments,
    fits: impl Fn(&str) -> bool + 'a,
) -> impl Iterator<Item = &'a Content> {
    let contents = defaults.capture.iter().flat_map(|capture| &capture.contents);
    contents.filter(move |content| !fits(content.kind.key))
}

fn found(argument: &ResponseArgument) -> Reading {
    match argument {
        ResponseArgument::None => Reading::Nothing,
        ResponseArgument::Closure(closure) => Reading::Closure(closure.clone()),
        ResponseArgument::Function(function) => Reading::Function(function.clone()),
    }
}
