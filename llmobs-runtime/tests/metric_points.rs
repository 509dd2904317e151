//! Which points the metrics have, to the last count: against a model of what the SDK does with attribute sets.
//!
//! Run with and without the feature `bound-instruments`: the same points come out.
#![cfg(feature = "sdk")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use llmobs_runtime::conventions::{Dialect, attr, operation};
use llmobs_runtime::{Telemetry, builder, call};
use opentelemetry::KeyValue;
use opentelemetry_sdk::metrics::data::{
    AggregatedMetrics, HistogramDataPoint, MetricData, ResourceMetrics, ScopeMetrics,
};
use opentelemetry_sdk::metrics::{
    InMemoryMetricExporter, InMemoryMetricExporterBuilder, Instrument, MeterProviderBuilder,
    PeriodicReader, SdkMeterProvider, Stream, Temporality,
};
use opentelemetry_sdk::trace::SdkTracerProvider;

/// A process has one pipeline; tests take turns.
static TURN: Mutex<()> = Mutex::new(());

/// How many attribute sets the SDK keeps per instrument.
const LIMIT: usize = 2_000;
const OVERFLOW: &str = "otel.metric.overflow=true";

/// A pipeline for one test.
struct Recorder {
    exporter: InMemoryMetricExporter,
    telemetry: Telemetry,
    /// Where they are the application's.
    meters: Option<SdkMeterProvider>,
}

/// Whose providers a pipeline has: ours record on a thread of their own, where order is not kept between threads.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Providers {
    Ours,
    Theirs,
}
use Providers::{Ours, Theirs};

/// Metric and attributes, in the order of their keys, to count and sum; no sum of seconds, which nobody knows.
type Points = BTreeMap<(String, String), (u64, u64)>;

fn turn() -> MutexGuard<'static, ()> {
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Recorder {
    fn new(providers: Providers, temporality: Temporality, dialect: Dialect) -> Self {
        Self::with(providers, temporality, dialect, |meters| meters)
    }

    fn with(
        providers: Providers,
        temporality: Temporality,
        dialect: Dialect,
        more: impl FnOnce(MeterProviderBuilder) -> MeterProviderBuilder,
    ) -> Self {
        let exporter = InMemoryMetricExporterBuilder::new().with_temporality(temporality).build();
        // Collects only when it is told to.
        let reader = PeriodicReader::builder(exporter.clone())
            .with_interval(Duration::from_hours(1))
            .build();
        let builder = builder().dialect(dialect);
        let (builder, meters) = match providers {
            Ours => (builder.meters(|meters| more(meters.with_reader(reader))), None),
            Theirs => {
                let meters = more(SdkMeterProvider::builder().with_reader(reader)).build();
                let tracers = SdkTracerProvider::builder().build();
                (builder.providers(&tracers, &meters), Some(meters))
            }
        };
        let telemetry = builder.install().expect("no other pipeline");
        Self { exporter, telemetry, meters }
    }

    fn flush(&self) {
        self.telemetry.force_flush().expect("collected");
        if let Some(meters) = &self.meters {
            meters.force_flush().expect("collected");
        }
    }

    /// Ends the pipeline; what was collected last.
    fn shut_down(self) -> Points {
        self.telemetry.shutdown().expect("delivered");
        if let Some(meters) = &self.meters {
            meters.shutdown().expect("delivered");
        }
        points(&self.exporter)
    }

    /// Collects, and takes what there was.
    fn collect(&self) -> Points {
        self.exporter.reset();
        self.flush();
        points(&self.exporter)
    }

    /// Collects, and takes the counts of all points of a histogram of seconds.
    fn collect_counts(&self, name: &str) -> Vec<u64> {
        self.exporter.reset();
        self.flush();
        let finished = self.exporter.get_finished_metrics().expect("metrics");
        let mut counts = Vec::new();
        for metric in
            finished.iter().flat_map(ResourceMetrics::scope_metrics).flat_map(ScopeMetrics::metrics)
        {
            if let AggregatedMetrics::F64(MetricData::Histogram(it)) = metric.data()
                && metric.name() == name
            {
                counts.extend(it.data_points().map(HistogramDataPoint::count));
            }
        }
        counts
    }
}

fn text<'a>(attributes: impl Iterator<Item = &'a KeyValue>) -> String {
    let of = |it: &KeyValue| format!("{}={}", it.key, it.value);
    attributes.map(of).collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(" ")
}

fn points(exporter: &InMemoryMetricExporter) -> Points {
    let mut points = Points::new();
    let finished = exporter.get_finished_metrics().expect("metrics");
    let scopes = finished.last().into_iter().flat_map(ResourceMetrics::scope_metrics);
    for metric in scopes.filter(|it| it.scope().name() == "llmobs").flat_map(ScopeMetrics::metrics)
    {
        let mut add = |attributes: String, count: u64, sum: u64| {
            let twice = points.insert((metric.name().to_owned(), attributes), (count, sum));
            assert_eq!(twice, None, "{}", metric.name());
        };
        match metric.data() {
            AggregatedMetrics::U64(MetricData::Histogram(it)) => {
                it.data_points().for_each(|it| add(text(it.attributes()), it.count(), it.sum()));
            }
            AggregatedMetrics::F64(MetricData::Histogram(it)) => {
                it.data_points().for_each(|it| add(text(it.attributes()), it.count(), 0));
            }
            AggregatedMetrics::U64(MetricData::Sum(it)) => {
                it.data_points().for_each(|it| add(text(it.attributes()), 1, it.value()));
            }
            other => panic!("{}: {other:?}", metric.name()),
        }
    }
    points
}

/// What the SDK does with the attribute sets of one metric.
#[derive(Default)]
struct Sets {
    /// With whether they were measured since the last collection.
    known: BTreeMap<String, (u64, u64, bool)>,
    /// How many there are beside the overflow.
    room_taken: usize,
}

impl Sets {
    fn measure(&mut self, set: &str, value: u64) {
        let is_new = !self.known.contains_key(set);
        let set = if is_new && self.room_taken >= LIMIT { OVERFLOW } else { set };
        if is_new && set != OVERFLOW {
            self.room_taken += 1;
        }
        let (count, sum, fresh) = self.known.entry(set.to_owned()).or_default();
        (*count, *sum, *fresh) = (*count + 1, *sum + value, true);
    }

    fn collect(&mut self, temporality: Temporality) -> Vec<(String, (u64, u64))> {
        let delta = temporality == Temporality::Delta;
        let measured = self.known.iter().filter(|(_, (.., fresh))| *fresh || !delta);
        let points = measured.map(|(set, (count, sum, _))| (set.clone(), (*count, *sum))).collect();
        if delta {
            self.known.retain(|set, (.., fresh)| *fresh || set == OVERFLOW);
            self.known.values_mut().for_each(|it| *it = (0, 0, false));
            self.room_taken = self.known.keys().filter(|set| *set != OVERFLOW).count();
        }
        points
    }
}

/// The three metric points of a chat.
#[derive(Default)]
struct Model(BTreeMap<&'static str, Sets>);

const DURATION: &str = "gen_ai.client.operation.duration";
const TOKENS: &str = "gen_ai.client.token.usage";

impl Model {
    fn chat(&mut self, model: &str, tenant: &str, tokens: (u64, u64)) {
        let of = |kind: Option<&str>| {
            let mut pairs = vec![
                "gen_ai.operation.name=chat".to_owned(),
                "gen_ai.provider.name=openai".to_owned(),
                format!("gen_ai.request.model={model}"),
                "server.address=api.openai.com".to_owned(),
                "server.port=443".to_owned(),
                format!("shop.tenant={tenant}"),
            ];
            pairs.extend(kind.map(|kind| format!("gen_ai.token.type={kind}")));
            pairs.sort();
            pairs.join(" ")
        };
        self.0.entry(DURATION).or_default().measure(&of(None), 0);
        let sets = self.0.entry(TOKENS).or_default();
        sets.measure(&of(Some("input")), tokens.0);
        sets.measure(&of(Some("output")), tokens.1);
    }

    fn collect(&mut self, temporality: Temporality) -> Points {
        let collected = self.0.iter_mut().flat_map(|(name, sets)| {
            sets.collect(temporality).into_iter().map(|(set, it)| (((*name).to_owned(), set), it))
        });
        collected.collect()
    }
}

/// A chat, as the model has it.
fn chat(model: &str, tenant: &str, (input, output): (u64, u64)) {
    let mut call = call(&operation::CHAT)
        .provider("openai")
        .model(model)
        .server(("api.openai.com", 443_u16))
        .metric_attribute("shop.tenant", tenant)
        .start();
    // What no metric has decides nothing.
    call.set(attr::GEN_AI_RESPONSE_ID, &format!("{model}-{tenant}-{input}"));
    call.set(attr::GEN_AI_USAGE_INPUT_TOKENS, &input);
    call.set(attr::GEN_AI_USAGE_OUTPUT_TOKENS, &output);
    call.end();
}

fn both(model: &mut Model, name: &str, tenant: &str, tokens: (u64, u64)) {
    chat(name, tenant, tokens);
    model.chat(name, tenant, tokens);
}

#[track_caller]
fn assert_same(collected: &Points, expected: &Points) {
    assert!(!expected.is_empty());
    for (point, value) in expected {
        assert_eq!(collected.get(point), Some(value), "{point:?}");
    }
    assert_eq!(collected.len(), expected.len());
}

const ALL: [(Providers, Temporality); 4] = [
    (Ours, Temporality::Delta),
    (Ours, Temporality::Cumulative),
    (Theirs, Temporality::Delta),
    (Theirs, Temporality::Cumulative),
];

#[test]
fn the_same_few_calls_again_and_again() {
    let _turn = turn();
    for (providers, temporality) in ALL {
        let recorder = Recorder::new(providers, temporality, Dialect::Released);
        let mut model = Model::default();
        for round in 0..5 {
            for n in 0..200_u64 {
                let name = ["gpt-4o", "gpt-4o-mini", "o3"][usize::try_from(n % 3).unwrap()];
                both(&mut model, name, if n % 7 == 0 { "south" } else { "north" }, (n, round));
            }
            assert_same(&recorder.collect(), &model.collect(temporality));
        }
    }
}

#[test]
fn what_is_not_called_any_more_is_not_exported_in_deltas() {
    let _turn = turn();
    let recorder = Recorder::new(Theirs, Temporality::Delta, Dialect::Released);
    let mut model = Model::default();
    for _ in 0..10 {
        both(&mut model, "gpt-4o", "north", (1, 2));
    }
    assert_same(&recorder.collect(), &model.collect(Temporality::Delta));
    assert_eq!(recorder.collect(), Points::new());
    both(&mut model, "gpt-4o", "north", (3, 4));
    assert_same(&recorder.collect(), &model.collect(Temporality::Delta));
}

#[test]
fn more_sets_than_the_sdk_keeps() {
    let _turn = turn();
    // Which of them find room depends on the order.
    for temporality in [Temporality::Delta, Temporality::Cumulative] {
        let recorder = Recorder::new(Theirs, temporality, Dialect::Released);
        let mut model = Model::default();
        // 5,000 tenants, each several times in a row and some again later.
        for tenant in 0..5_000_u64 {
            for again in 0..3 {
                both(&mut model, "gpt-4o", &format!("tenant-{tenant}"), (tenant, again));
                both(&mut model, "gpt-4o", &format!("tenant-{}", tenant / 2), (1, 1));
            }
        }
        assert_same(&recorder.collect(), &model.collect(temporality));
        // Those that went to the overflow find room again once the SDK has given up others.
        for round in 0..4_u64 {
            for n in 0..400_u64 {
                both(&mut model, "gpt-4o", &format!("tenant-{}", 4_000 + n % 40), (n, round));
            }
            assert_same(&recorder.collect(), &model.collect(temporality));
        }
    }
}

#[test]
fn a_thread_that_sleeps_keeps_no_set_alive() {
    let _turn = turn();
    let recorder = Recorder::new(Theirs, Temporality::Delta, Dialect::Released);
    let model = Mutex::new(Model::default());
    let (go, sleep) = (std::sync::Barrier::new(21), std::sync::Barrier::new(21));
    // Compared when nobody sleeps any more: whoever panics here would be waited for in vain.
    let collected = std::thread::scope(|scope| {
        for thread in 0..20 {
            let (model, go, sleep) = (&model, &go, &sleep);
            scope.spawn(move || {
                for tenant in 0..60 {
                    for _ in 0..3 {
                        let tenant = format!("tenant-{thread}-{tenant}");
                        let mut model = model.lock().unwrap();
                        both(&mut model, "gpt-4o", &tenant, (1, 2));
                    }
                }
                go.wait();
                sleep.wait();
            });
        }
        go.wait();
        let mut model = model.lock().unwrap();
        let collect = |model: &mut Model| (recorder.collect(), model.collect(Temporality::Delta));
        let (measured, unmeasured) = (collect(&mut model), collect(&mut model));
        for tenant in 0..950 {
            both(&mut model, "gpt-4o", &format!("later-{tenant}"), (1, 2));
        }
        let later = collect(&mut model);
        sleep.wait();
        [measured, unmeasured, later]
    });
    let [(measured, expected), unmeasured, (later, expected_later)] = collected;
    assert_same(&measured, &expected);
    // Exported, not measured again, given up: there is room for others.
    assert_eq!(unmeasured, (Points::new(), Points::new()));
    assert_same(&later, &expected_later);
}

#[test]
fn two_pipelines_one_after_the_other() {
    let _turn = turn();
    for (providers, temporality) in ALL {
        for round in 1..4_u64 {
            let recorder = Recorder::new(providers, temporality, Dialect::Released);
            let mut model = Model::default();
            for _ in 0..10 * round {
                both(&mut model, "gpt-4o", "north", (round, 1));
            }
            let last = recorder.shut_down();
            // To nobody.
            chat("gpt-4o", "north", (1_000, 1_000));
            assert_same(&last, &model.collect(temporality));
        }
    }
}

#[test]
fn a_call_that_outlives_its_pipeline_ends_in_it() {
    let _turn = turn();
    let first = Recorder::new(Theirs, Temporality::Cumulative, Dialect::Released);
    for _ in 0..5 {
        chat("gpt-4o", "north", (1, 1));
    }
    let late = call(&operation::CHAT).provider("openai").model("gpt-4o").start();
    let Recorder { exporter, telemetry, meters } = first;
    telemetry.shutdown().expect("delivered");
    let second = Recorder::new(Theirs, Temporality::Cumulative, Dialect::Released);
    let mut model = Model::default();
    both(&mut model, "gpt-4o", "north", (2, 2));
    both(&mut model, "gpt-4o", "north", (2, 2));
    late.end();
    both(&mut model, "gpt-4o", "north", (2, 2));
    assert_same(&second.shut_down(), &model.collect(Temporality::Cumulative));
    // Their provider still works.
    meters.expect("theirs").force_flush().expect("collected");
    assert_eq!(points(&exporter).values().map(|(count, _)| count).sum::<u64>(), 16);
}

#[test]
fn two_threads() {
    let _turn = turn();
    for (providers, temporality) in ALL {
        let recorder = Recorder::new(providers, temporality, Dialect::Released);
        let mut model = Model::default();
        for round in 0..3_u64 {
            std::thread::scope(|scope| {
                for _ in 0..2 {
                    scope.spawn(|| {
                        (0..500_u64).for_each(|n| {
                            chat("gpt-4o", ["a", "b"][usize::from(n % 5 == 0)], (n, 1));
                        });
                    });
                }
                // Collected meanwhile, so that nothing is counted twice or lost.
                if temporality == Temporality::Cumulative {
                    recorder.collect();
                }
            });
            for n in (0..500).chain(0..500) {
                model.chat("gpt-4o", ["a", "b"][usize::from(n % 5 == 0)], (n, 1));
            }
            let collected = recorder.collect();
            assert_same(&collected, &model.collect(temporality));
            assert!(
                collected
                    .values()
                    .any(|(count, _)| *count >= 200 * (round + 1)
                        || temporality == Temporality::Delta)
            );
        }
    }
}

#[test]
fn deltas_that_are_collected_meanwhile_add_up() {
    // The SDK may export an attribute set once more with a count of zero when it is measured at that very moment.
    let _turn = turn();
    let recorder = Recorder::new(Theirs, Temporality::Delta, Dialect::Released);
    let mut total = BTreeMap::<_, (u64, u64)>::new();
    let mut add = |points: Points| {
        for (point, (count, sum)) in points {
            let of = total.entry(point).or_default();
            *of = (of.0 + count, of.1 + sum);
        }
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..2)
            .map(|_| scope.spawn(|| (0..3_000).for_each(|n| chat("gpt-4o", "north", (n, 1)))))
            .collect();
        while threads.iter().any(|thread| !thread.is_finished()) {
            add(recorder.collect());
        }
    });
    add(recorder.collect());
    let mut model = Model::default();
    (0..3_000).chain(0..3_000).for_each(|n| model.chat("gpt-4o", "north", (n, 1)));
    assert_same(&total, &model.collect(Temporality::Delta));
}

#[test]
fn a_point_is_told_from_the_next_by_all_that_decides_it() {
    let _turn = turn();
    let recorder = Recorder::new(Theirs, Temporality::Cumulative, Dialect::Released);
    let calls = |tokens: bool| {
        for error in [None, Some("timeout"), Some("rate_limit")] {
            for response in [None, Some("gpt-4o-2024"), Some("gpt-4o-2025")] {
                for port in [None, Some(443_u16), Some(8443)] {
                    for flag in [None, Some(true), Some(false)] {
                        let mut builder = call(&operation::CHAT).provider("openai").model("gpt-4o");
                        if let Some(port) = port {
                            builder = builder.server(("a", port));
                        }
                        if let Some(flag) = flag {
                            builder = builder.metric_attribute("shop.flag", flag);
                        }
                        let mut call = builder.start();
                        call.set(attr::GEN_AI_RESPONSE_MODEL, &response);
                        if let Some(error) = error {
                            call.fail_as(error);
                        }
                        if tokens {
                            call.set(attr::GEN_AI_USAGE_OUTPUT_TOKENS, &7);
                        }
                        call.end();
                    }
                }
            }
        }
    };
    for round in 0..6 {
        calls(round % 2 == 0);
    }
    let collected = recorder.collect();
    let of = |name: &str| collected.iter().filter(|((of, _), _)| of == name).collect::<Vec<_>>();
    let durations = of(DURATION);
    assert_eq!(durations.len(), 81);
    assert!(durations.iter().all(|(_, (count, _))| *count == 6), "{durations:#?}");
    let tokens = of(TOKENS);
    // An error is no attribute of theirs.
    assert_eq!(tokens.len(), 27);
    assert!(tokens.iter().all(|(_, it)| **it == (9, 63)), "{tokens:#?}");
    let all = "error.type=timeout gen_ai.operation.name=chat gen_ai.provider.name=openai \
               gen_ai.request.model=gpt-4o gen_ai.response.model=gpt-4o-2025 server.address=a \
               server.port=8443 shop.flag=false";
    assert_eq!(collected.get(&(DURATION.to_owned(), all.to_owned())), Some(&(6, 0)));
    let least =
        "gen_ai.operation.name=chat gen_ai.provider.name=openai gen_ai.request.model=gpt-4o";
    assert_eq!(collected.get(&(DURATION.to_owned(), least.to_owned())), Some(&(6, 0)));
}

#[test]
fn values_of_every_type_and_size_decide() {
    let _turn = turn();
    let recorder = Recorder::new(Theirs, Temporality::Cumulative, Dialect::Released);
    let long = "x".repeat(3_000);
    for _ in 0..4 {
        let of = || call(&operation::CHAT).provider("openai");
        of().metric_attribute("a", "1").start().end();
        of().metric_attribute("a", 1).start().end();
        of().metric_attribute("a", 1.5).start().end();
        of().metric_attribute("a", 2.5).start().end();
        of().metric_attribute("a", true).start().end();
        of().metric_attribute("a", ["1", "2"]).start().end();
        of().metric_attribute("a", ["12"]).start().end();
        of().metric_attribute("a", "").start().end();
        of().metric_attribute("b", "1").start().end();
        of().metric_attribute("a", long.as_str()).start().end();
        of().metric_attribute("a", format!("{long}y")).start().end();
    }
    // As many as there are values: some of them only look the same.
    assert_eq!(recorder.collect_counts(DURATION), [4; 11]);
}

#[test]
fn modalities_are_points_of_their_own() {
    let _turn = turn();
    let recorder = Recorder::new(Theirs, Temporality::Delta, Dialect::Latest);
    for round in 0..3 {
        for n in 0..10_u64 {
            let mut call = call(&operation::CHAT).provider("openai").model("gpt-4o").start();
            call.set(attr::GEN_AI_USAGE_INPUT_TOKENS, &100_u64);
            // In some calls the parts come, in some they do not: the points come in another order.
            if n % 2 == round % 2 {
                call.set(attr::GEN_AI_USAGE_TEXT_INPUT_TOKENS, &30_u64);
                call.set(attr::GEN_AI_USAGE_AUDIO_INPUT_TOKENS, &20_u64);
            }
            call.set(attr::GEN_AI_USAGE_OUTPUT_TOKENS, &n);
            call.end();
        }
        let common =
            "gen_ai.operation.name=chat gen_ai.provider.name=openai gen_ai.request.model=gpt-4o";
        let of = |modality: &str| {
            format!(
                "gen_ai.operation.name=chat gen_ai.provider.name=openai gen_ai.request.model=gpt-4o gen_ai.token.modality={modality}"
            )
        };
        let expected = [
            ("gen_ai.client.inference.duration", common.to_owned(), (10, 0)),
            ("gen_ai.client.inference.usage.input_tokens", of("text"), (1, 150)),
            ("gen_ai.client.inference.usage.input_tokens", of("audio"), (1, 100)),
            ("gen_ai.client.inference.usage.input_tokens", of("unknown"), (1, 750)),
            ("gen_ai.client.inference.usage.output_tokens", of("unknown"), (1, 45)),
            ("gen_ai.client.inference.operation.input_tokens", common.to_owned(), (10, 1_000)),
            ("gen_ai.client.inference.operation.output_tokens", common.to_owned(), (10, 45)),
        ];
        let expected = expected.map(|(name, set, it)| ((name.to_owned(), set), it)).into();
        assert_same(&recorder.collect(), &expected);
    }
}

#[test]
fn gaps_between_chunks_are_all_there() {
    let _turn = turn();
    for (providers, temporality) in ALL {
        let recorder = Recorder::new(providers, temporality, Dialect::Released);
        for round in 1..4_u64 {
            for _ in 0..20 {
                let mut call = call(&operation::CHAT).provider("openai").model("gpt-4o").start();
                (0..5).for_each(|_| call.chunk_received());
                call.end();
            }
            let collected = recorder.collect();
            let set = "gen_ai.operation.name=chat gen_ai.provider.name=openai gen_ai.request.model=gpt-4o";
            let times = if temporality == Temporality::Delta { 1 } else { round };
            for (name, count) in [
                ("gen_ai.client.operation.time_per_output_chunk", 80),
                ("gen_ai.client.operation.time_to_first_chunk", 20),
                (DURATION, 20),
            ] {
                let point = (name.to_owned(), set.to_owned());
                assert_eq!(collected.get(&point), Some(&(count * times, 0)), "{name}");
            }
            assert_eq!(collected.len(), 3);
        }
    }
}

#[test]
fn a_view_renames_and_limits() {
    let _turn = turn();
    let view = |it: &Instrument| {
        let stream = Stream::builder();
        match it.name() {
            TOKENS => stream.with_name("tokens").with_cardinality_limit(3).build().ok(),
            _ => None,
        }
    };
    for (providers, temporality) in ALL {
        let recorder = Recorder::with(providers, temporality, Dialect::Released, |meters| {
            meters.with_view(view)
        });
        for n in 0..60_u64 {
            chat("gpt-4o", ["a", "b", "c"][usize::try_from(n % 3).unwrap()], (n, 1));
        }
        let collected = recorder.collect();
        let tokens: Vec<_> = collected.iter().filter(|((name, _), _)| name == "tokens").collect();
        assert_eq!(tokens.len(), 4, "three sets and the overflow: {tokens:#?}");
        assert_eq!(collected.get(&("tokens".into(), OVERFLOW.into())).unwrap().0, 60);
        assert_eq!(tokens.iter().map(|(_, it)| it.1).sum::<u64>(), (0..60).sum::<u64>() + 60);
        assert_eq!(collected.len(), 7);
    }
}

#[test]
fn nothing_is_lost_where_sets_are_many_and_come_in_turn() {
    let _turn = turn();
    // More than a thread keeps ready, fewer than the SDK keeps.
    let recorder = Recorder::new(Theirs, Temporality::Cumulative, Dialect::Released);
    let mut model = Model::default();
    for n in 0..6_000_u64 {
        both(&mut model, "gpt-4o", &format!("tenant-{}", n % 300), (n, 1));
    }
    assert_same(&recorder.collect(), &model.collect(Temporality::Cumulative));
}

/// A meter provider that is not the SDK's, and cannot bind.
#[cfg(not(feature = "bound-instruments"))]
mod others {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    use opentelemetry::InstrumentationScope;
    use opentelemetry::metrics::{
        Histogram, HistogramBuilder, InstrumentProvider, Meter, MeterProvider, SyncInstrument,
    };

    use super::*;

    #[derive(Clone, Default)]
    struct Sum(Arc<AtomicU64>);

    impl MeterProvider for Sum {
        fn meter_with_scope(&self, _: InstrumentationScope) -> Meter {
            Meter::new(Arc::new(self.clone()))
        }
    }

    impl InstrumentProvider for Sum {
        fn u64_histogram(&self, _: HistogramBuilder<'_, Histogram<u64>>) -> Histogram<u64> {
            Histogram::new(Arc::new(self.clone()))
        }
    }

    impl SyncInstrument<u64> for Sum {
        fn measure(&self, measurement: u64, _: &[KeyValue]) {
            self.0.fetch_add(measurement, Ordering::Relaxed);
        }
    }

    #[test]
    fn a_provider_that_cannot_bind_is_told_every_value() {
        let _turn = turn();
        let sum = Sum::default();
        let tracers = SdkTracerProvider::builder().build();
        let telemetry = builder().providers(&tracers, &sum).install().expect("no other pipeline");
        for _ in 0..5 {
            let mut running = call(&operation::CHAT).set(attr::GEN_AI_REQUEST_MODEL, "m").start();
            running.set(attr::GEN_AI_USAGE_INPUT_TOKENS, &7);
            running.end();
        }
        telemetry.shutdown().expect("nothing to deliver");
        assert_eq!(sum.0.load(Ordering::Relaxed), 35);
    }
}
