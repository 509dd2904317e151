//! The way to Azure Monitor: what each answer of the service leads to, and that nothing is lost on it.

#[path = "azure_transmission/answers.rs"]
mod answers;
#[path = "azure_transmission/aside.rs"]
mod aside;
#[path = "azure_transmission/ends.rs"]
mod ends;
#[path = "azure_transmission/failures.rs"]
mod failures;
#[path = "azure_transmission/load.rs"]
mod load;
#[path = "azure_transmission/partial.rs"]
mod partial;
#[path = "azure_transmission/pauses.rs"]
mod pauses;
#[path = "azure_transmission/redirects.rs"]
mod redirects;
#[path = "azure_transmission/runtimes.rs"]
mod runtimes;
#[path = "azure_transmission/sender.rs"]
mod sender;
#[path = "azure_transmission/sizes.rs"]
mod sizes;
#[path = "azure_transmission/wire.rs"]
mod wire;
