//! Where on Azure a process runs, as a process finds it in its own environment.

use std::process::Command;

use llmobs_runtime::backend::azure_monitor::AzureResourceDetector;
use opentelemetry_sdk::Resource;

/// Set in the process that only tells what it finds.
const TELL: &str = "LLMOBS_TEST_TELL_RESOURCE";

#[test]
fn tell() {
    if std::env::var_os(TELL).is_some() {
        let resource =
            Resource::builder().with_detector(Box::new(AzureResourceDetector::new())).build();
        // The harness has begun a line.
        println!();
        for (name, value) in &resource {
            println!("{name}={value}");
        }
    }
}

/// What a process in this environment, and nothing else, finds.
fn found_in(env: &[(&str, &str)]) -> Vec<String> {
    let output = Command::new(std::env::current_exe().expect("this test"))
        .args(["--exact", "tell", "--nocapture", "--test-threads=1"])
        .env_clear()
        .env(TELL, "1")
        .envs(env.iter().copied())
        .output()
        .expect("a process");
    assert!(output.status.success());
    String::from_utf8(output.stdout).expect("text").lines().map(str::to_owned).collect()
}

#[test]
fn a_web_site_is_named_by_its_platform_unless_the_user_names_it() {
    let site = ("WEBSITE_SITE_NAME", "shop");
    let found = found_in(&[site]);
    assert!(found.contains(&"service.name=shop".to_owned()), "{found:?}");
    assert!(found.contains(&"cloud.platform=azure_app_service".to_owned()), "{found:?}");
    let found = found_in(&[site, ("OTEL_SERVICE_NAME", "mine")]);
    assert!(found.contains(&"service.name=mine".to_owned()), "{found:?}");
    assert!(found.contains(&"cloud.platform=azure_app_service".to_owned()), "{found:?}");
}

#[test]
fn elsewhere_nothing_of_azure_is_found() {
    let found = found_in(&[]);
    assert!(found.iter().any(|line| line.starts_with("telemetry.sdk.name=")), "{found:?}");
    assert!(!found.iter().any(|line| line.starts_with("cloud.")), "{found:?}");
}
