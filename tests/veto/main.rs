//! The final binary.

fn main() {
    let telemetry = watch::set_up();
    library::run();
    watch::report();
    telemetry.shutdown().expect("in time");
}
