//! What is counted per chunk: instructions and allocations.

use std::hint::black_box;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use allocation_counter::measure;
use futures::Stream;
use llmobs_bench::{
    Callgrind, Goal, Measure, Report, Run, Table, Verdict, figure, ratio, run_counted,
};

use super::pieces::Item;
use super::variant::{Setup, Use, Variant};

/// Asks this executable for one stream of one variant.
pub(crate) const RUN: &str = "--count";

/// Against the floor, which reads nothing of a chunk and keeps no buckets, and against tracing-opentelemetry.
const INSTRUCTION_GOALS: [(Variant, f64); 2] =
    [(Variant::Floor, 1.35), (Variant::Default, 1.0 / 3.5)];

/// Passes on so many chunks, and reads the end.
struct Pass;

impl Use for Pass {
    type Out = ();

    fn make<S>(&mut self, make: impl Fn() -> S)
    where
        S: Stream<Item = Item> + Send + 'static,
    {
        let mut waking = Context::from_waker(Waker::noop());
        counted(pin!(make()), &mut waking);
    }
}

/// Where counting begins.
#[inline(never)]
fn counted<S: Stream<Item = Item>>(mut stream: Pin<&mut S>, waking: &mut Context<'_>) {
    while let Poll::Ready(Some(_)) = black_box(stream.as_mut().poll_next(waking)) {}
}

pub(crate) fn run(variant: &str, chunks: u32) {
    run_counted(|_| Variant::named(variant).with(&Setup::new(), chunks, &mut Pass));
}

pub(crate) fn instructions(report: &mut Report) {
    let Some(callgrind) = Callgrind::find(1_000, 3_000, "*::counted*") else {
        println!("SKIPPED: instructions are not counted, valgrind is not installed\n");
        return;
    };
    let runs = Variant::ALL.map(|variant| Run::new(&[RUN, &format!("{variant:?}")]));
    let counted = callgrind.count(&runs);
    let over = |variant: Variant| {
        counted[variant as usize].caller - counted[Variant::Bare as usize].caller
    };
    let columns = ["variant", "per chunk", "over bare", "÷ floor", "÷ tracing"];
    let mut table = Table::new("A chunk: instructions", "Of the thread that polls.", &columns);
    for variant in Variant::ALL {
        table.row([
            variant.shown().to_owned(),
            figure(counted[variant as usize].caller),
            figure(over(variant)),
            figure(over(variant) / over(Variant::Floor)),
            ratio(over(variant) / over(Variant::Default)),
        ]);
    }
    report.table(table);
    for (against, limit) in INSTRUCTION_GOALS {
        let goal = Goal {
            what: "a chunk on its way",
            against: against.shown(),
            measure: Measure::Instructions,
            limit,
            reached: None,
            headline: true,
        };
        report.verdict(Verdict { goal, measured: over(Variant::Attribute) / over(against) });
    }
}

/// Counts what a thousand chunks allocate, the first excepted.
struct Allocations;

impl Use for Allocations {
    type Out = u64;

    fn make<S>(&mut self, make: impl Fn() -> S) -> u64
    where
        S: Stream<Item = Item> + Send + 'static,
    {
        let mut waking = Context::from_waker(Waker::noop());
        let mut stream = pin!(make());
        black_box(stream.as_mut().poll_next(&mut waking)).is_ready();
        measure(|| {
            for _ in 0..1_000 {
                let polled = black_box(stream.as_mut().poll_next(&mut waking));
                assert!(matches!(polled, Poll::Ready(Some(_))));
            }
        })
        .count_total
    }
}

pub(crate) fn allocations(setup: &Setup, report: &mut Report) {
    let mut table =
        Table::new("A chunk: allocations", "Of 1,000 chunks.", &["variant", "allocations"]);
    for variant in Variant::ALL {
        // Whatever the first stream of a process sets up is not a chunk's.
        variant.with(setup, 2_000, &mut Allocations);
        let count = variant.with(setup, 2_000, &mut Allocations);
        table.row([variant.shown().to_owned(), count.to_string()]);
        if matches!(variant, Variant::Attribute | Variant::Call) {
            let goal = Goal {
                what: "1,000 chunks on their way",
                against: "",
                measure: Measure::Allocations,
                limit: 0.0,
                reached: None,
                headline: variant == Variant::Attribute,
            };
            #[expect(clippy::cast_precision_loss, reason = "a few, if any")]
            let measured = count as f64;
            report.verdict(Verdict { goal, measured });
        }
    }
    report.table(table);
}
