//! What kind of function it is, which decides how its body is wrapped.

use syn::visit_mut::VisitMut;
use syn::{
    GenericArgument, PathArguments, PathSegment, ReturnType, Signature, Type, TypeParamBound,
    TypeTraitObject, parse_quote,
};

/// The ways to wrap a body; one file of `expand::wrap` each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// `async fn`.
    Async,
    /// Returns `impl Future`.
    ImplFuture,
    /// Returns `Pin<Box<dyn Future>>`, by whatever of its names.
    BoxedFuture,
    /// Anything else.
    Sync,
}

/// What the function returns, as far as tokens tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Output {
    /// `!`: there is no value.
    Never,
    /// A value, of a type that contains `impl Trait`.
    Opaque,
    /// A value.
    Value,
}

impl Shape {
    pub(crate) fn of(signature: &Signature) -> Self {
        if signature.asyncness.is_some() {
            return Self::Async;
        }
        let ReturnType::Type(_, ty) = &signature.output else { return Self::Sync };
        match bare(ty) {
            Type::ImplTrait(opaque) if opaque.bounds.iter().any(|bound| names(bound, "Future")) => {
                Self::ImplFuture
            }
            ty if is_boxed_future(ty) => Self::BoxedFuture,
            _ => Self::Sync,
        }
    }
}

impl Output {
    pub(crate) fn of(signature: &Signature) -> Self {
        match &signature.output {
            ReturnType::Default => Self::Value,
            ReturnType::Type(_, ty) if matches!(bare(ty), Type::Never(_)) => Self::Never,
            ReturnType::Type(_, ty) => {
                if erase(&mut ty.as_ref().clone()) {
                    Self::Opaque
                } else {
                    Self::Value
                }
            }
        }
    }
}

/// The type with `_` in the place of every `impl Trait`, so that it can stand in an expression.
pub(crate) fn erased(ty: &Type) -> Type {
    let mut ty = ty.clone();
    erase(&mut ty);
    ty
}

/// Replaces every `impl Trait`; whether there was any.
fn erase(ty: &mut Type) -> bool {
    struct Erase(bool);
    impl VisitMut for Erase {
        fn visit_type_mut(&mut self, ty: &mut Type) {
            if matches!(ty, Type::ImplTrait(_)) {
                *ty = parse_quote!(_);
                self.0 = true;
            } else {
                syn::visit_mut::visit_type_mut(self, ty);
            }
        }
    }
    let mut erase = Erase(false);
    erase.visit_type_mut(ty);
    erase.0
}

/// The type without parentheses and the invisible groups that other macros leave.
pub(super) fn bare(ty: &Type) -> &Type {
    match ty {
        Type::Paren(paren) => bare(&paren.elem),
        Type::Group(group) => bare(&group.elem),
        ty => ty,
    }
}

pub(super) fn names(bound: &TypeParamBound, name: &str) -> bool {
    matches!(bound, TypeParamBound::Trait(bound)
        if bound.path.segments.last().is_some_and(|segment| segment.ident == name))
}

fn is_boxed_future(ty: &Type) -> bool {
    let Some(segment) = last_segment(ty) else { return false };
    segment.ident == "BoxFuture"
        || segment.ident == "LocalBoxFuture"
        || pinned_object(segment)
            .is_some_and(|object| object.bounds.iter().any(|bound| names(bound, "Future")))
}

/// The `dyn …` of `Pin<Box<dyn …>>`.
fn pinned_object(segment: &PathSegment) -> Option<&TypeTraitObject> {
    let inner = Some(segment)
        .filter(|segment| segment.ident == "Pin")
        .and_then(argument)
        .and_then(last_segment)
        .filter(|segment| segment.ident == "Box")
        .and_then(argument)?;
    match bare(inner) {
        Type::TraitObject(object) => Some(object),
        _ => None,
    }
}

/// What the future that a function returns gives: the `T` of `impl Future<Output = T>` and of a boxed future.
pub(crate) fn promised(signature: &Signature) -> Option<&Type> {
    let ReturnType::Type(_, ty) = &signature.output else { return None };
    match bare(ty) {
        Type::ImplTrait(opaque) => opaque.bounds.iter().find_map(output),
        ty => {
            let segment = last_segment(ty)?;
            match pinned_object(segment) {
                Some(object) => object.bounds.iter().find_map(output),
                None => argument(segment),
            }
        }
    }
}

/// The `T` of `Future<Output = T>`.
fn output(bound: &TypeParamBound) -> Option<&Type> {
    let TypeParamBound::Trait(bound) = bound else { return None };
    let segment = bound.path.segments.last().filter(|segment| segment.ident == "Future")?;
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::AssocType(output) if output.ident == "Output" => Some(&output.ty),
        _ => None,
    })
}

pub(super) fn last_segment(ty: &Type) -> Option<&PathSegment> {
    match bare(ty) {
        Type::Path(path) => path.path.segments.last(),
        _ => None,
    }
}

/// The first type among the arguments of a path.
pub(super) fn argument(segment: &PathSegment) -> Option<&Type> {
    match &segment.arguments {
        PathArguments::AngleBracketed(arguments) => {
            arguments.args.iter().find_map(|argument| match argument {
                GenericArgument::Type(ty) => Some(ty),
                _ => None,
            })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(signature: &str) -> Shape {
        Shape::of(&syn::parse_str(signature).unwrap())
    }

    #[test]
    fn shapes_are_told_apart() {
        assert_eq!(shape("async fn f() -> u8"), Shape::Async);
        assert_eq!(
            shape("fn f() -> impl std::future::Future<Output = u8> + Send"),
            Shape::ImplFuture
        );
        assert_eq!(shape("fn f() -> impl Future<Output = u8> + Unpin"), Shape::ImplFuture);
        assert_eq!(
            shape("fn f() -> Pin<Box<dyn Future<Output = u8> + Send + 'a>>"),
            Shape::BoxedFuture
        );
        assert_eq!(
            shape(
                "fn f() -> (std::pin::Pin<std::boxed::Box<dyn core::future::Future<Output = u8>>>)"
            ),
            Shape::BoxedFuture
        );
        assert_eq!(shape("fn f() -> futures::future::BoxFuture<'static, u8>"), Shape::BoxedFuture);
        assert_eq!(shape("fn f() -> Pin<Box<dyn Stream<Item = u8>>>"), Shape::Sync);
        assert_eq!(shape("fn f() -> impl Display"), Shape::Sync);
        assert_eq!(shape("fn f()"), Shape::Sync);
    }

    #[test]
    fn opaque_types_are_erased() {
        let output = |signature: &str| Output::of(&syn::parse_str(signature).unwrap());
        assert_eq!(output("fn f() -> Result<impl Display, E>"), Output::Opaque);
        assert_eq!(output("fn f() -> Result<u8, E>"), Output::Value);
        assert_eq!(output("fn f() -> !"), Output::Never);
        let ty: Type = parse_quote!(Result<impl Display, E>);
        let expected: Type = parse_quote!(Result<_, E>);
        assert_eq!(quote::quote!(#expected).to_string(), {
            let erased = erased(&ty);
            quote::quote!(#erased).to_string()
        });
    }
}
