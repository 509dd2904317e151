//! How much source an annotation becomes.

use llmobs_bench::{Report, Table};

use super::place::{FUNCTIONS, Place};
use super::sources::{SUBJECTS, Shape};

pub(crate) fn measure(place: &Place, report: &mut Report) {
    let note = format!(
        "Characters that a function of a crate of {FUNCTIONS} has when its macros are expanded, as `rustc` prints it, beyond \
         those of the plain one; what derives add to the crate is shared out."
    );
    let mut table = Table::new("Expansion", &note, &["crate", "async", "no future"]);
    let size = |shape| {
        SUBJECTS.iter().map(move |subject| {
            place.functions(subject, shape, 0);
            place.expanded(subject).map(|size| size / u64::from(FUNCTIONS))
        })
    };
    let sizes: Option<Vec<_>> = size(Shape::Async)
        .zip(size(Shape::Sync))
        .map(|(future, ordinary)| future.zip(ordinary))
        .collect();
    let Some(sizes) = sizes else {
        return println!("SKIPPED: this compiler does not print expansions\n");
    };
    let Some(plain) = sizes.first() else { return };
    for (subject, of) in SUBJECTS.iter().zip(&sizes).skip(1) {
        let beyond = [of.0.saturating_sub(plain.0), of.1.saturating_sub(plain.1)];
        table.row([subject.shown.to_owned()].into_iter().chain(beyond.map(|it| it.to_string())));
    }
    report.table(table);
}
