//! The subscriber that one call installs.

use llmobs_runtime::tracing_layers::{Nesting, TracingError, nesting};
use llmobs_tests::{Recorder, alone};
use tracing::{debug_span, info_span};

use super::parents;

/// What is recorded of spans of two levels and two targets.
fn recorded() -> Vec<String> {
    let recorder = Recorder::new();
    recorder.telemetry().install_tracing().unwrap();
    assert_eq!(nesting(), Nesting::Full);
    // On a thread that nobody has told anything.
    let work = || {
        info_span!("info").in_scope(|| debug_span!("debug").in_scope(|| ()));
        info_span!(target: "shop", "shop info").in_scope(|| ());
        debug_span!(target: "shop", "shop debug")
            .in_scope(|| tracing::debug!(target: "shop", "event"));
    };
    std::thread::spawn(work).join().unwrap();
    assert!(matches!(recorder.telemetry().install_tracing(), Err(TracingError::AlreadyInstalled)));
    let mut lines = parents(&recorder.spans());
    lines.push(format!("{} records", recorder.events().len()));
    lines
}

#[test]
fn it_records_info_and_above() {
    alone("installed::it_records_info_and_above", &[("RUST_LOG", "")], || {
        assert_eq!(recorded(), ["info", "shop info", "0 records"]);
    });
}

#[test]
fn it_records_what_the_environment_says() {
    let said = [("RUST_LOG", "error,shop=debug")];
    alone("installed::it_records_what_the_environment_says", &said, || {
        assert_eq!(recorded(), ["shop debug", "shop info", "1 records"]);
    });
}

#[test]
fn a_filter_that_is_none_is_named() {
    let said = [("RUST_LOG", "shop=loud")];
    alone("installed::a_filter_that_is_none_is_named", &said, || {
        let recorder = Recorder::new();
        let error = recorder.telemetry().install_tracing().unwrap_err();
        assert!(error.to_string().starts_with("`RUST_LOG` is `shop=loud`"), "{error}");
        assert_eq!(nesting(), Nesting::NoLayer);
    });
}

#[test]
fn where_the_pipeline_is_not_ours_or_disabled_nothing_is_installed() {
    alone(
        "installed::where_the_pipeline_is_not_ours_or_disabled_nothing_is_installed",
        &[],
        || {
            let disabled = llmobs_runtime::builder().disabled(true).install().unwrap();
            disabled.install_tracing().unwrap();
            drop(disabled);
            let theirs = llmobs_runtime::builder().global_providers().install().unwrap();
            theirs.install_tracing().unwrap();
            assert_eq!(nesting(), Nesting::NoLayer);
            tracing::subscriber::set_global_default(tracing_subscriber::registry()).unwrap();
        },
    );
}
