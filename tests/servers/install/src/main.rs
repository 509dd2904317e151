//! Installs all servers, or those that are named, at the same time; for whoever wants to begin early.
//!
//! It always succeeds: what could not be installed is told here, and is a named skip where it is missed.

use std::thread;

use llmobs_servers_install::{PACKAGES, Package, Place, install};

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let place = match Place::of_this_build() {
        Ok(place) => place,
        Err(error) => return println!("nothing is installed: {error}"),
    };
    let is_wanted =
        |package: &&Package| wanted.is_empty() || wanted.iter().any(|name| name == package.name);
    thread::scope(|scope| {
        for package in PACKAGES.iter().filter(is_wanted) {
            let place = &place;
            scope.spawn(move || match install(place, package) {
                Ok(installed) => {
                    let Some(took) = installed.took else { return };
                    println!(
                        "{} {}: installed in {} s",
                        package.name,
                        installed.version,
                        took.as_secs()
                    );
                }
                Err(error) => println!("{} is not installed: {error}", package.name),
            });
        }
    });
}
