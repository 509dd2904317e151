//! Metrics: values are recorded such that the point comes out that was given. Its times are those of the recording.

use std::time::Duration;

use llmobs_runtime::backend::azure_monitor::MetricExporter;
use opentelemetry::KeyValue;
use opentelemetry::metrics::{Meter, MeterProvider};
use opentelemetry_sdk::metrics::{
    Aggregation, Instrument, PeriodicReader, SdkMeterProvider, Stream,
};

use super::field::Field;
use super::{Problem, Way, attributes, resource, spans};

/// Longer than any test: what is collected is collected when it is asked for.
const NEVER: Duration = Duration::from_hours(24);

/// The instrument's own name: the view gives it the name that is wanted, which may be longer than an instrument's.
const INSTRUMENT: &str = "instrument";

/// As many values as are recorded for one point at most.
const MOST: u32 = 100_000;

/// An input with one metric.
pub(super) fn one(input: &Field<'_>, way: &mut Way) -> Result<(), Problem> {
    way.metrics(|exporter| recorded(input, exporter))
}

fn recorded(input: &Field<'_>, exporter: MetricExporter) -> Result<SdkMeterProvider, Problem> {
    let metric = input.at("metric")?;
    let name = metric.at("name")?.text()?.to_owned();
    let unit = metric.at("unit")?.text_if_given()?.unwrap_or("").to_owned();
    let kind = Kind::of(&metric)?;
    let aggregation = kind.aggregation(&metric)?;
    let view = move |instrument: &Instrument| {
        if instrument.name() != INSTRUMENT {
            return None;
        }
        let stream = Stream::builder().with_name(name.clone()).with_unit(unit.clone());
        match &aggregation {
            Some(aggregation) => stream.with_aggregation(aggregation.clone()).build().ok(),
            None => stream.build().ok(),
        }
    };
    let provider = SdkMeterProvider::builder()
        .with_resource(resource(input)?)
        .with_view(view)
        .with_reader(PeriodicReader::builder(exporter).with_interval(NEVER).build())
        .build();
    let meter = provider.meter_with_scope(spans::scope(&input.at("scope")?)?);
    for point in metric.at("points")?.items()? {
        kind.record(&meter, &point)?;
    }
    Ok(provider)
}

#[derive(Clone, Copy)]
enum Kind {
    Counter,
    UpDownCounter,
    Gauge,
    Histogram,
    ExponentialHistogram,
}

impl Kind {
    fn of(metric: &Field<'_>) -> Result<Self, Problem> {
        let kind = metric.at("type")?;
        let monotonic = metric.at("isMonotonic")?;
        Ok(match kind.text()? {
            "sum" if monotonic.is_given() && !monotonic.flag()? => Self::UpDownCounter,
            "sum" => Self::Counter,
            "gauge" => Self::Gauge,
            "histogram" => Self::Histogram,
            "exponential_histogram" | "exponentialHistogram" => Self::ExponentialHistogram,
            other => {
                return Err(kind.wrong(&format!(
                    "`{other}` is none of `sum`, `gauge`, `histogram`, `exponential_histogram`"
                )));
            }
        })
    }

    fn aggregation(self, metric: &Field<'_>) -> Result<Option<Aggregation>, Problem> {
        let points = metric.at("points")?.items()?;
        let Some(point) = points.first() else { return Ok(None) };
        // The SDK records both or neither, for all points of a metric.
        let record_min_max = point.at("min")?.is_given() || point.at("max")?.is_given();
        Ok(match self {
            Self::Counter | Self::UpDownCounter | Self::Gauge => None,
            Self::Histogram => {
                let bounds = point.at("explicitBounds")?.items()?;
                let boundaries = bounds.iter().map(Field::double).collect::<Result<_, _>>()?;
                Some(Aggregation::ExplicitBucketHistogram { boundaries, record_min_max })
            }
            Self::ExponentialHistogram => {
                let (max_size, max_scale) = (160, 20);
                Some(Aggregation::Base2ExponentialHistogram { max_size, max_scale, record_min_max })
            }
        })
    }

    fn record(self, meter: &Meter, point: &Field<'_>) -> Result<(), Problem> {
        let attributes = attributes::of_spans(&point.at("attributes")?)?;
        match self {
            Self::Histogram | Self::ExponentialHistogram => histogram(meter, point, &attributes),
            _ => number(self, meter, &point.at("value")?, &attributes),
        }
    }
}

fn number(
    kind: Kind,
    meter: &Meter,
    value: &Field<'_>,
    attributes: &[KeyValue],
) -> Result<(), Problem> {
    let int = value.at("intValue")?;
    if int.is_given() {
        let number = int.int()?;
        match kind {
            Kind::Counter => {
                let grows = u64::try_from(number);
                let grows = grows.map_err(|_| int.wrong("a counter does not fall"))?;
                meter.u64_counter(INSTRUMENT).build().add(grows, attributes);
            }
            Kind::UpDownCounter => {
                meter.i64_up_down_counter(INSTRUMENT).build().add(number, attributes);
            }
            _ => meter.i64_gauge(INSTRUMENT).build().record(number, attributes),
        }
        return Ok(());
    }
    let number = value.at("doubleValue")?.double()?;
    match kind {
        Kind::Counter => meter.f64_counter(INSTRUMENT).build().add(number, attributes),
        Kind::UpDownCounter => {
            meter.f64_up_down_counter(INSTRUMENT).build().add(number, attributes);
        }
        _ => meter.f64_gauge(INSTRUMENT).build().record(number, attributes),
    }
    Ok(())
}

fn histogram(meter: &Meter, point: &Field<'_>, attributes: &[KeyValue]) -> Result<(), Problem> {
    let count = point.at("count")?;
    let values = u32::try_from(count.int()?).ok().filter(|values| *values <= MOST);
    let values = values.ok_or_else(|| count.wrong(&format!("a count is 0 to {MOST} here")))?;
    let sum = point.at("sum")?.double()?;
    let extreme = |name: &str| {
        let field = point.at(name)?;
        if field.is_given() { field.double().map(Some) } else { Ok(None) }
    };
    let ends = extreme("min")?.zip(extreme("max")?);
    let whole = point.at("sum")?.given().is_some_and(serde_json::Value::is_u64);
    let whole = whole && ends.is_none_or(|(min, max)| min.fract() == 0.0 && max.fract() == 0.0);
    for value in samples(values, sum, ends) {
        match format!("{value:.0}").parse() {
            Ok(value) if whole => {
                meter.u64_histogram(INSTRUMENT).build().record(value, attributes);
            }
            _ => meter.f64_histogram(INSTRUMENT).build().record(value, attributes),
        }
    }
    Ok(())
}

/// So many values with this sum, the first two of which are the ends.
fn samples(count: u32, sum: f64, ends: Option<(f64, f64)>) -> Vec<f64> {
    let mut samples = match (count, ends) {
        (0, _) => return Vec::new(),
        (2.., Some((min, max))) => vec![min, max],
        _ => Vec::new(),
    };
    let mut left = sum - samples.iter().sum::<f64>();
    let given = if samples.is_empty() { 0 } else { 2 };
    for open in (1..=count - given).rev() {
        // Whole numbers stay whole; what the division leaves over, the last one takes.
        let share = left / f64::from(open);
        let share = match open {
            1 => left,
            _ if sum.fract() == 0.0 => share.floor(),
            _ => share,
        };
        samples.push(share);
        left -= share;
    }
    samples
}
