//! Whether the function hands out a stream, and in what.

use syn::{
    GenericArgument, Ident, PathArguments, PathSegment, ReturnType, Signature, Type, TypeParamBound,
};

use super::shape::{Shape, argument, bare, last_segment, names, promised};

/// The stream that a function hands out.
pub(crate) struct Stream {
    pub(crate) form: Form,
    /// It stands in a `Result`.
    pub(crate) fallible: bool,
    /// The type, without the future and the `Result` around it.
    pub(crate) ty: Type,
    /// `Item = T`, where the tokens say so.
    pub(crate) item: Option<Type>,
}

/// How a stream is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// `impl Stream`.
    Opaque,
    /// `Pin<Box<dyn Stream>>`, by whatever of its names.
    Pinned,
    /// `Box<dyn Stream + Unpin>`.
    Boxed,
    /// A type that is known by its name only.
    Named,
}

/// What is known of the function besides its signature.
#[derive(Clone, Copy, Default)]
pub(super) struct Hints {
    /// `stream` is among the arguments.
    pub(super) said: bool,
    /// A type whose name ends in `Stream` is one.
    pub(super) by_name: bool,
}

/// Traits of which every stream is one.
const TRAITS: [&str; 3] = ["Stream", "TryStream", "FusedStream"];

/// Names of types that are none, whatever somebody says.
const NO_STREAMS: [&str; 10] =
    ["Option", "String", "Vec", "bool", "char", "f64", "i64", "u8", "u64", "usize"];

impl Stream {
    /// The stream that the function hands out, be it in a `Result`, from an `async fn` or a future.
    pub(super) fn of(signature: &Signature, hints: Hints) -> Option<Self> {
        let ReturnType::Type(_, ty) = &signature.output else { return None };
        let ty = match Shape::of(signature) {
            Shape::Async | Shape::Sync => ty,
            Shape::ImplFuture | Shape::BoxedFuture => promised(signature)?,
        };
        let inside = last_segment(ty).filter(|segment| ends_in(segment, "Result"));
        let (ty, fallible) = match inside.and_then(argument) {
            Some(inner) => (inner, true),
            None => (ty, false),
        };
        let (form, item) = Form::of(bare(ty), hints)?;
        Some(Self { form, fallible, ty: bare(ty).clone(), item: item.cloned() })
    }

    /// What a chunk is called, as far as tokens tell.
    pub(crate) fn chunk(&self) -> &Type {
        let item = self.item.as_ref().unwrap_or(&self.ty);
        let inside = last_segment(item).filter(|segment| ends_in(segment, "Result"));
        inside.and_then(argument).unwrap_or(item)
    }

    /// The last name of its type.
    pub(crate) fn name(&self) -> Option<&Ident> {
        last_segment(&self.ty).map(|segment| &segment.ident)
    }
}

impl Form {
    /// The form of a type, and its items.
    fn of(ty: &Type, hints: Hints) -> Option<(Self, Option<&Type>)> {
        let bounds = |ty| {
            let bounds = match bare(ty) {
                Type::ImplTrait(opaque) => &opaque.bounds,
                Type::TraitObject(object) => &object.bounds,
                _ => return None,
            };
            let stream = bounds.iter().find(|bound| TRAITS.iter().any(|name| names(bound, name)));
            match stream {
                Some(stream) => Some(item(stream)),
                None => hints.said.then_some(None),
            }
        };
        if matches!(ty, Type::ImplTrait(_)) {
            return Some((Self::Opaque, bounds(ty)?));
        }
        let Some(segment) = last_segment(ty) else {
            return (hints.said && matches!(ty, Type::Macro(_))).then_some((Self::Named, None));
        };
        let name = segment.ident.to_string();
        let known = match name.as_str() {
            "BoxStream" | "LocalBoxStream" => Some((Self::Pinned, argument(segment))),
            "Pin" => argument(segment)
                .and_then(last_segment)
                .filter(|inner| inner.ident == "Box")
                .and_then(argument)
                .and_then(bounds)
                .map(|item| (Self::Pinned, item)),
            "Box" => argument(segment).and_then(bounds).map(|item| (Self::Boxed, item)),
            "Recorded" => Some((Self::Named, None)),
            _ => None,
        };
        let named = (hints.said && !NO_STREAMS.contains(&name.as_str()))
            || (hints.by_name && name.ends_with("Stream"));
        known.or_else(|| named.then_some((Self::Named, None)))
    }
}

/// The `T` of `Stream<Item = T>`.
fn item(bound: &TypeParamBound) -> Option<&Type> {
    let TypeParamBound::Trait(bound) = bound else { return None };
    let PathArguments::AngleBracketed(arguments) = &bound.path.segments.last()?.arguments else {
        return None;
    };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::AssocType(item) if item.ident == "Item" => Some(&item.ty),
        _ => None,
    })
}

fn ends_in(segment: &PathSegment, name: &str) -> bool {
    segment.ident.to_string().ends_with(name)
}

#[cfg(test)]
mod tests {
    use quote::ToTokens;

    use super::*;

    const NONE: Hints = Hints { said: false, by_name: false };
    const SAID: Hints = Hints { said: true, by_name: false };
    const BY_NAME: Hints = Hints { said: false, by_name: true };

    fn stream(output: &str, hints: Hints) -> Option<(Form, bool, String)> {
        let signature = syn::parse_str(output).unwrap();
        let stream = Stream::of(&signature, hints)?;
        let item = stream.item.map(|item| item.to_token_stream().to_string().replace(' ', ""));
        Some((stream.form, stream.fallible, item.unwrap_or_default()))
    }

    #[track_caller]
    fn is(output: &str, form: Form, fallible: bool, item: &str) {
        assert_eq!(stream(output, NONE), Some((form, fallible, item.to_owned())), "{output}");
    }

    #[test]
    fn streams_are_seen_in_the_tokens() {
        use Form::{Boxed, Named, Opaque, Pinned};
        is("fn f() -> impl Stream<Item = u8> + Send + 'a", Opaque, false, "u8");
        is(
            "fn f() -> impl Send + futures::Stream<Item = Result<u8, E>>",
            Opaque,
            false,
            "Result<u8,E>",
        );
        is("fn f() -> impl TryStream<Ok = u8, Error = E>", Opaque, false, "");
        is("fn f() -> Pin<Box<dyn Stream<Item = u8> + Send + '_>>", Pinned, false, "u8");
        is("fn f() -> (std::pin::Pin<Box<(dyn Stream<Item = u8>)>>)", Pinned, false, "u8");
        is("fn f() -> Pin<Box<impl Stream<Item = u8>>>", Pinned, false, "u8");
        is("fn f() -> BoxStream<'static, u8>", Pinned, false, "u8");
        is(
            "fn f() -> futures::stream::LocalBoxStream<'_, Result<u8, E>>",
            Pinned,
            false,
            "Result<u8,E>",
        );
        is("fn f() -> Box<dyn Stream<Item = u8> + Unpin>", Boxed, false, "u8");
        is("fn f() -> Recorded<Chunks>", Named, false, "");
        is("fn f() -> Result<impl Stream<Item = u8>, E>", Opaque, true, "u8");
        is("fn f() -> io::Result<BoxStream<'a, u8>>", Pinned, true, "u8");
        is("async fn f() -> ApiResult<impl Stream<Item = u8>>", Opaque, true, "u8");
        is("async fn f() -> impl Stream<Item = u8>", Opaque, false, "u8");
        is("fn f() -> impl Future<Output = impl Stream<Item = u8>> + Send", Opaque, false, "u8");
        is(
            "fn f() -> Pin<Box<dyn Future<Output = Result<BoxStream<'static, u8>, E>> + Send>>",
            Pinned,
            true,
            "u8",
        );
        is("fn f() -> BoxFuture<'_, Result<BoxStream<'static, u8>, E>>", Pinned, true, "u8");
    }

    #[test]
    fn other_types_are_streams_where_somebody_says_so() {
        for output in [
            "fn f()",
            "fn f() -> u8",
            "fn f() -> Chunks",
            "fn f() -> Pin<Box<dyn Future<Output = ChatStream>>>",
            "fn f() -> impl Iterator<Item = u8>",
            "fn f() -> Option<BoxStream<'static, u8>>",
            "fn f() -> Vec<ChatStream>",
            "async fn f() -> Result<ChatStream, E>",
        ] {
            assert_eq!(stream(output, NONE), None, "{output}");
        }
        let named = |fallible| Some((Form::Named, fallible, String::new()));
        for hints in [SAID, BY_NAME] {
            assert_eq!(stream("async fn f() -> Result<a::ChatStream, E>", hints), named(true));
            assert_eq!(stream("fn f() -> ChatStream<'_>", hints), named(false));
        }
        assert_eq!(stream("fn f() -> Chunks", BY_NAME), None);
        assert_eq!(stream("fn f() -> Chunks", SAID), named(false));
        assert_eq!(stream("fn f() -> Result<Chunks, E>", SAID), named(true));
        let opaque = Some((Form::Opaque, false, String::new()));
        assert_eq!(stream("fn f() -> impl Events", SAID), opaque);
        assert_eq!(stream("fn f()", SAID), None);
        assert_eq!(stream("fn f() -> Result<Vec<u8>, E>", SAID), None);
        assert_eq!(stream("fn f() -> !", SAID), None);
        assert_eq!(stream("fn f() -> &'static str", SAID), None);
    }

    #[test]
    fn the_chunk_is_what_an_item_holds() {
        let chunk = |output: &str| {
            let signature = syn::parse_str(output).unwrap();
            let stream = Stream::of(&signature, SAID).expect("a stream");
            stream.chunk().to_token_stream().to_string().replace(' ', "")
        };
        assert_eq!(chunk("fn f() -> impl Stream<Item = io::Result<Piece>>"), "Piece");
        assert_eq!(chunk("fn f() -> Result<BoxStream<'a, Piece>, E>"), "Piece");
        assert_eq!(chunk("async fn f() -> Result<a::Chunks, E>"), "a::Chunks");
    }
}
