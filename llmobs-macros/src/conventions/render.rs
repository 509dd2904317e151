//! The table as Rust items, for `llmobs-runtime`.
//!
//! The items stand in a module that defines the types they are made of. References are numbers
//! and paths, masks are literals: the compiler that reads them has nothing to look up.

use proc_macro2::{Ident, Literal, Span as At, TokenStream};
use quote::quote;

use super::{
    ATTRIBUTES, Attribute, EVENTS, Event, Instrument, Kind, LATEST_SCHEMA_URL, Level, METRICS,
    Metric, On, RELEASED_SCHEMA_URL, Recorded, SPANS, Span, Type, index,
};

/// All items that the runtime needs.
pub(crate) fn render() -> TokenStream {
    let (attributes, spans, metrics, events) = (attributes(), spans(), metrics(), events());
    let (operations, values) = (operations(), values());
    quote! {
        const RELEASED_SCHEMA_URL: &str = #RELEASED_SCHEMA_URL;
        const LATEST_SCHEMA_URL: &str = #LATEST_SCHEMA_URL;
        #attributes
        #spans
        #operations
        #metrics
        #events
        #values
    }
}

fn attributes() -> TokenStream {
    let rows = ATTRIBUTES.iter().map(attribute_row);
    let consts = (0_u8..).zip(ATTRIBUTES).map(|(index, row)| {
        let name = constant(row.key);
        let marker = variant(row.ty);
        let doc = attribute_doc(row);
        quote! {
            #[doc = #doc]
            pub const #name: Attribute<#marker> = Attribute::new(#index);
        }
    });
    quote! {
        /// Every attribute of the conventions, sorted by key. A row's place is its index.
        pub static ATTRIBUTES: &[AttributeRow] = &[#(#rows),*];

        /// One constant for each attribute, named by its canonical key.
        pub mod attr {
            use super::{Attribute, Double, Flag, Int, Json, Text, TextMap, Texts};
            #(#consts)*
        }
    }
}

fn attribute_doc(row: &Attribute) -> String {
    let mut doc = format!("`{}`: {}.", row.key, row.brief);
    match (row.latest, row.released) {
        (Some(_), None) => doc.push_str(" Only in the latest dialect."),
        (None, Some(_)) => doc.push_str(" Only in the released dialect."),
        (Some(_), Some(old)) if old != row.key => {
            doc.push_str(" Released as `");
            doc.push_str(old);
            doc.push_str("`.");
        }
        _ => {}
    }
    if row.content {
        doc.push_str(" Content: recorded only on request.");
    }
    doc
}

fn attribute_row(row: &Attribute) -> TokenStream {
    let Attribute { key, high_cardinality, content, values, brief, .. } = *row;
    let latest = option(row.latest);
    let released = option(row.released);
    let ty = variant(row.ty);
    let released_ty = option(row.released_ty.map(|ty| {
        let ty = variant(ty);
        quote!(ValueType::#ty)
    }));
    quote! {
        AttributeRow {
            key: #key,
            latest: #latest,
            released: #released,
            ty: ValueType::#ty,
            released_ty: #released_ty,
            high_cardinality: #high_cardinality,
            content: #content,
            values: &[#(#values),*],
            brief: #brief,
        }
    }
}

fn spans() -> TokenStream {
    let names: Vec<Ident> = SPANS.iter().map(|span| constant(span.id)).collect();
    let statics = SPANS.iter().zip(&names).map(|(span, name)| {
        let row = span_row(span);
        let doc = format!("The span type `{}`.", span.id);
        quote! {
            #[doc = #doc]
            pub static #name: SpanRow = #row;
        }
    });
    quote! {
        /// Every span type.
        pub static SPANS: &[&SpanRow] = &[#(&span::#names),*];

        /// One static for each span type, named by its identifier.
        pub mod span {
            use super::{
                AttributeId, Level, SpanAttribute, SpanKind, SpanMetric, SpanRow, metric,
            };
            #(#statics)*
        }
    }
}

fn span_row(row: &Span) -> TokenStream {
    let Span { id, in_released, operations, .. } = *row;
    let kind = kind_of(row.kind);
    let also_kinds = row.also_kinds.iter().copied().map(kind_of);
    let head = attribute_id(row.head);
    let target = option(row.target.map(attribute_id));
    let second_target = option(row.second_target.map(attribute_id));
    let attributes = row.attributes.iter().map(span_attribute);
    let mask_latest = mask(row.attributes, |on| on.latest);
    let mask_released = mask(row.attributes, |on| on.released);
    let metrics = row.metrics.iter().map(|recorded| {
        let Recorded { metric, latest, released } = *recorded;
        let metric = constant(metric);
        quote!(SpanMetric { metric: &metric::#metric, latest: #latest, released: #released })
    });
    quote! {
        SpanRow {
            id: #id,
            in_released: #in_released,
            operations: &[#(#operations),*],
            kind: #kind,
            also_kinds: &[#(#also_kinds),*],
            head: #head,
            target: #target,
            second_target: #second_target,
            attributes: &[#(#attributes),*],
            mask_latest: #mask_latest,
            mask_released: #mask_released,
            metrics: &[#(#metrics),*],
        }
    }
}

fn span_attribute(on: &On) -> TokenStream {
    let id = attribute_id(on.key);
    let latest = option(on.latest.map(level));
    let released = option(on.released.map(level));
    let sampling = on.sampling;
    quote!(SpanAttribute { id: #id, latest: #latest, released: #released, sampling: #sampling })
}

/// One bit for each attribute that has a level, at the place of its index.
fn mask(attributes: &[On], level: impl Fn(&On) -> Option<Level>) -> u128 {
    attributes
        .iter()
        .filter(|on| level(on).is_some())
        .filter_map(|on| 1_u128.checked_shl(u32::from(index(on.key)?)))
        .fold(0, |mask, bit| mask | bit)
}

fn operations() -> TokenStream {
    let mut names = Vec::new();
    let mut statics = TokenStream::new();
    for row in SPANS {
        for operation in row.operations {
            let mut name = constant(operation);
            // `invoke_agent` has two span types: the plain name is the one within the process.
            if row.kind == Kind::Client && super::spans_for(operation).count() > 1 {
                name = constant(&format!("{operation}_client"));
            }
            let span = constant(row.id);
            let doc = format!("`{operation}`, a `{}` span.", row.id);
            statics.extend(quote! {
                #[doc = #doc]
                pub static #name: Operation = Operation { name: #operation, span: &span::#span };
            });
            names.push(name);
        }
    }
    quote! {
        /// Every operation. `invoke_agent` stands here twice, once for each of its span types.
        pub static OPERATIONS: &[&Operation] = &[#(&operation::#names),*];

        /// One static for each operation, named by the operation's name.
        pub mod operation {
            use super::{Operation, span};
            #statics
        }
    }
}

fn metrics() -> TokenStream {
    let names: Vec<Ident> = METRICS.iter().map(|metric| constant(metric.name)).collect();
    let statics = METRICS.iter().zip(&names).enumerate().map(|(index, (metric, name))| {
        let row = metric_row(index, metric);
        let doc = format!("`{}`, in `{}`: {}.", metric.name, metric.unit, metric.brief);
        quote! {
            #[doc = #doc]
            pub static #name: MetricRow = #row;
        }
    });
    quote! {
        /// Every metric, in the order of [`MetricRow::index`].
        pub static METRICS: &[&MetricRow] = &[#(&metric::#names),*];

        /// One static for each metric, named by the metric's name.
        pub mod metric {
            use super::{AttributeId, Instrument, Level, MetricAttribute, MetricRow, NumberType};
            #(#statics)*
        }
    }
}

fn metric_row(index: usize, row: &Metric) -> TokenStream {
    let Metric { name, latest, released, unit, brief, .. } = *row;
    let index = Literal::usize_unsuffixed(index);
    let instrument = match row.instrument {
        Instrument::Histogram => quote!(Instrument::Histogram),
        Instrument::Counter => quote!(Instrument::Counter),
    };
    let ty = variant(row.ty);
    let buckets = row.buckets.iter().copied().map(Literal::f64_unsuffixed);
    let attributes = row.attributes.iter().map(|on| {
        let id = attribute_id(on.key);
        let latest = option(on.latest.filter(|_| latest).map(level));
        let released = option(on.released.filter(|_| released).map(level));
        quote!(MetricAttribute { id: #id, latest: #latest, released: #released })
    });
    quote! {
        MetricRow {
            index: #index,
            name: #name,
            latest: #latest,
            released: #released,
            instrument: #instrument,
            unit: #unit,
            ty: NumberType::#ty,
            buckets: &[#(#buckets),*],
            attributes: &[#(#attributes),*],
            brief: #brief,
        }
    }
}

fn events() -> TokenStream {
    let names: Vec<Ident> = EVENTS.iter().map(|event| constant(event.name)).collect();
    let statics = EVENTS.iter().zip(&names).map(|(event, name)| {
        let Event { name: key, brief, .. } = *event;
        let severity = option(event.severity);
        let level = level(event.level);
        let attributes = event.attributes.iter().map(span_attribute);
        let doc = format!("`{key}`: {brief}.");
        quote! {
            #[doc = #doc]
            pub static #name: EventRow = EventRow {
                name: #key,
                severity: #severity,
                level: #level,
                attributes: &[#(#attributes),*],
                brief: #brief,
            };
        }
    });
    quote! {
        /// Every event.
        pub static EVENTS: &[&EventRow] = &[#(&event::#names),*];

        /// One static for each event, named by the event's name.
        pub mod event {
            use super::{AttributeId, EventRow, Level, SpanAttribute};
            #(#statics)*
        }
    }
}

fn values() -> TokenStream {
    let modules = ATTRIBUTES.iter().filter(|row| !row.values.is_empty()).map(|row| {
        let name = Ident::new(&row.key.replace('.', "_"), At::call_site());
        let doc = format!("Well-known values of `{}`.", row.key);
        let consts = row.values.iter().map(|value| {
            let name = constant(value);
            let doc = format!("`{value}`");
            quote! {
                #[doc = #doc]
                pub const #name: &str = #value;
            }
        });
        quote! {
            #[doc = #doc]
            pub mod #name {
                #(#consts)*
            }
        }
    });
    quote! {
        /// The well-known values, in one module for each attribute that has any.
        pub mod value {
            #(#modules)*
        }
    }
}

/// `gen_ai.request.model` → `GEN_AI_REQUEST_MODEL`, `_OTHER` → `OTHER`,
/// `logging/setLevel` → `LOGGING_SET_LEVEL`.
fn constant(text: &str) -> Ident {
    let mut name = String::with_capacity(text.len() + 4);
    let mut after_lower = false;
    for letter in text.trim_start_matches('_').chars() {
        if letter.is_ascii_uppercase() && after_lower {
            name.push('_');
        }
        after_lower = letter.is_ascii_lowercase();
        name.push(if letter.is_ascii_alphanumeric() { letter.to_ascii_uppercase() } else { '_' });
    }
    Ident::new(&name, At::call_site())
}

/// The variant of `ValueType` and `NumberType`, and the marker type, of the same name.
fn variant(ty: Type) -> Ident {
    let name = match ty {
        Type::Text => "Text",
        Type::Int => "Int",
        Type::Double => "Double",
        Type::Flag => "Flag",
        Type::Texts => "Texts",
        Type::Json => "Json",
        Type::TextMap => "TextMap",
    };
    Ident::new(name, At::call_site())
}

fn level(level: Level) -> TokenStream {
    match level {
        Level::Required => quote!(Level::Required),
        Level::Conditional => quote!(Level::Conditional),
        Level::Recommended => quote!(Level::Recommended),
        Level::OptIn => quote!(Level::OptIn),
    }
}

fn kind_of(kind: Kind) -> TokenStream {
    match kind {
        Kind::Client => quote!(SpanKind::Client),
        Kind::Internal => quote!(SpanKind::Internal),
        Kind::Server => quote!(SpanKind::Server),
    }
}

/// A key that has no row is a mistake in the table, told where the expansion is compiled.
fn attribute_id(key: &str) -> TokenStream {
    let Some(index) = index(key) else {
        let message = format!("the convention table has no row for `{key}`");
        return quote!(::core::compile_error!(#message));
    };
    quote!(AttributeId::new(#index))
}

fn option(value: Option<impl quote::ToTokens>) -> TokenStream {
    value.map_or_else(
        || quote!(::core::option::Option::None),
        |value| quote!(::core::option::Option::Some(#value)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_constants() {
        assert_eq!(constant("gen_ai.request.model"), "GEN_AI_REQUEST_MODEL");
        assert_eq!(constant("_OTHER"), "OTHER");
        assert_eq!(constant("logging/setLevel"), "LOGGING_SET_LEVEL");
        assert_eq!(
            constant("notifications/resources/list_changed"),
            "NOTIFICATIONS_RESOURCES_LIST_CHANGED"
        );
    }

    #[test]
    fn a_mask_has_a_bit_for_each_attribute_of_the_dialect() {
        for span in SPANS {
            let latest = span.attributes.iter().filter(|on| on.latest.is_some()).count();
            assert_eq!(mask(span.attributes, |on| on.latest).count_ones() as usize, latest);
        }
    }

    #[test]
    fn documents_what_a_reader_must_know() {
        let row = super::super::attribute("gen_ai.usage.cache_write.input_tokens").expect("a row");
        let doc = attribute_doc(row);
        assert!(doc.contains("Released as `gen_ai.usage.cache_creation.input_tokens`."), "{doc}");
    }
}
