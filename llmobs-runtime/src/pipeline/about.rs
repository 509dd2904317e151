//! What a pipeline tells of itself: OpenTelemetry's metrics of an SDK.
//!
//! Nothing is measured: processors count anyway, and whoever collects metrics reads it off.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Meter, ObservableCounter, ObservableUpDownCounter};
use opentelemetry_sdk::metrics::{Aggregation, Instrument, Stream};

use crate::processor::{Items, Outcomes, Watched};

const COMPONENT_TYPE: &str = "otel.component.type";
const COMPONENT_NAME: &str = "otel.component.name";
const ERROR_TYPE: &str = "error.type";

/// Whether a pipeline tells of itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum About {
    #[default]
    Told,
    Silent,
}

/// A view that leaves out what the SDK tells of itself where its instruments can be bound: it knows its own parts
/// only, and says so whether or not it is to be told.
pub(super) fn of_the_sdk(instrument: &Instrument) -> Option<Stream> {
    if instrument.scope().name() != "otel.sdk" {
        return None;
    }
    Stream::builder().with_aggregation(Aggregation::Drop).build().ok()
}

/// What the conventions call something, by what it handles.
struct Names {
    of: Items,
    unit: &'static str,
    /// Empty where nothing is in front of exporters that is ours.
    processor: &'static str,
    processed: &'static str,
    size: &'static str,
    capacity: &'static str,
    exported: &'static str,
}

const NAMES: [Names; 3] = [
    Names {
        of: Items::Spans,
        unit: "{span}",
        processor: "batching_span_processor",
        processed: "otel.sdk.processor.span.processed",
        size: "otel.sdk.processor.span.queue.size",
        capacity: "otel.sdk.processor.span.queue.capacity",
        exported: "otel.sdk.exporter.span.exported",
    },
    Names {
        of: Items::Records,
        unit: "{log_record}",
        processor: "batching_log_processor",
        processed: "otel.sdk.processor.log.processed",
        size: "otel.sdk.processor.log.queue.size",
        capacity: "otel.sdk.processor.log.queue.capacity",
        exported: "otel.sdk.exporter.log.exported",
    },
    Names {
        of: Items::Points,
        unit: "{data_point}",
        processor: "",
        processed: "",
        size: "",
        capacity: "",
        exported: "otel.sdk.exporter.metric_data_point.exported",
    },
];

/// One component with its attributes.
struct Component {
    watched: Watched,
    processor: [KeyValue; 2],
    exporter: [KeyValue; 2],
}

type Components = Arc<[Component]>;

/// Lets whoever collects the metrics of `meter` see what becomes of the items of these.
pub(super) fn tell(meter: &Meter, watched: &[Watched]) {
    for names in &NAMES {
        let components = components(names, watched);
        if components.is_empty() {
            continue;
        }
        counter(meter, names.exported, names.unit, EXPORTED, &components, exported);
        if !names.processor.is_empty() {
            counter(meter, names.processed, names.unit, PROCESSED, &components, processed);
            gauge(meter, names.size, names.unit, SIZE, &components, |(held, _)| held);
            gauge(meter, names.capacity, names.unit, CAPACITY, &components, |(_, most)| most);
        }
    }
}

const EXPORTED: &str =
    "How many items exporters were given whose export is over, whether it succeeded or failed.";
const PROCESSED: &str = "How many items were given to the exporter, or were dropped before.";
const SIZE: &str = "How many items the processor holds.";
const CAPACITY: &str = "How many items the processor holds at most.";

/// Those of one kind, each with a name that no other has.
fn components(names: &Names, watched: &[Watched]) -> Components {
    let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
    let mut called = |component: &'static str| {
        let number = numbers.entry(component).or_default();
        let name = format!("{component}/{number}");
        *number = number.saturating_add(1);
        [KeyValue::new(COMPONENT_TYPE, component), KeyValue::new(COMPONENT_NAME, name)]
    };
    let of = watched.iter().filter(|watched| watched.items == names.of);
    of.map(|watched| Component {
        watched: watched.clone(),
        processor: called(names.processor),
        exporter: called(watched.exporter),
    })
    .collect()
}

fn processed(component: &Component) -> (Outcomes, &[KeyValue; 2]) {
    (component.watched.processed(), &component.processor)
}

fn exported(component: &Component) -> (Outcomes, &[KeyValue; 2]) {
    (component.watched.exported(), &component.exporter)
}

fn counter(
    meter: &Meter,
    name: &'static str,
    unit: &'static str,
    description: &'static str,
    components: &Components,
    read: fn(&Component) -> (Outcomes, &[KeyValue; 2]),
) {
    let components = Arc::clone(components);
    let counter = meter.u64_observable_counter(name).with_unit(unit).with_description(description);
    let _: ObservableCounter<u64> = counter
        .with_callback(move |observer| {
            for component in components.iter() {
                let (outcomes, attributes) = read(component);
                for (error, count) in outcomes {
                    let error = error.map(|error| KeyValue::new(ERROR_TYPE, text(error)));
                    let attributes: Vec<_> = attributes.iter().cloned().chain(error).collect();
                    observer.observe(count, &attributes);
                }
            }
        })
        .build();
}

fn text(text: Cow<'static, str>) -> opentelemetry::Value {
    opentelemetry::Value::String(text.into())
}

fn gauge(
    meter: &Meter,
    name: &'static str,
    unit: &'static str,
    description: &'static str,
    components: &Components,
    read: fn((usize, usize)) -> usize,
) {
    let components = Arc::clone(components);
    let gauge =
        meter.i64_observable_up_down_counter(name).with_unit(unit).with_description(description);
    let _: ObservableUpDownCounter<i64> = gauge
        .with_callback(move |observer| {
            for component in components.iter() {
                if let Some(held) = component.watched.held() {
                    let value = i64::try_from(read(held)).unwrap_or(i64::MAX);
                    observer.observe(value, &component.processor);
                }
            }
        })
        .build();
}
