//! What the benches share: measuring (instructions, processor time), tables, goals, and the files of results.
//!
//! A bench measures in processes of its own, one per variant, which it starts from its own executable: what is global
//! in a process (providers, subscribers, statics) belongs to one variant, and the variants take turns within one run.

mod callgrind;
mod cpu;
mod figures;
mod goals;
mod peers;
mod results;
mod serve;
mod table;

pub use callgrind::{Callgrind, Instructions, run_counted};
pub use cpu::{pin, process_time, thread_time};
pub use figures::{figure, median, ratio};
pub use goals::{Goal, Measure, Verdict, judge};
pub use peers::{peers, peers_with};
pub use results::{Report, readme, section, summary};
pub use serve::{Child, Run, serve};
pub use table::Table;
