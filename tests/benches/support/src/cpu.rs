//! Processor time, and on which core it is spent.

use rustix::thread::{CpuSet, sched_setaffinity};
use rustix::time::{ClockId, Timespec, clock_gettime};

/// Nanoseconds of processor time that the calling thread has used.
pub fn thread_time() -> f64 {
    nanoseconds(clock_gettime(ClockId::ThreadCPUTime))
}

/// Nanoseconds of processor time that all threads of the process have used, those that have ended included.
pub fn process_time() -> f64 {
    nanoseconds(clock_gettime(ClockId::ProcessCPUTime))
}

#[expect(clippy::cast_precision_loss, reason = "a double holds months of nanoseconds")]
fn nanoseconds(time: Timespec) -> f64 {
    time.tv_sec as f64 * 1e9 + time.tv_nsec as f64
}

/// Keeps the calling thread, and the threads that it starts from now on, on one core; says whether that was possible.
pub fn pin(core: usize) -> bool {
    let mut cores = CpuSet::new();
    if core >= CpuSet::MAX_CPU {
        return false;
    }
    cores.set(core);
    sched_setaffinity(None, &cores).is_ok()
}
