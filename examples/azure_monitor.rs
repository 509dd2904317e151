//! The quickstart's agent, observed in Azure Monitor:
//!
//! ```sh
//! APPLICATIONINSIGHTS_CONNECTION_STRING='InstrumentationKey=…;IngestionEndpoint=…' \
//!     cargo run -p llmobs-examples --features azure-monitor --example azure_monitor
//! ```
//!
//! The connection string is on the overview page of an Application Insights resource; after a minute or two the agent
//! is in its *Agents* view, the trace in *Transaction search*. Without one nothing is sent: what would be is printed,
//! each batch as a line of JSON.

mod travel_guide;

use futures::StreamExt;
use llmobs_runtime::backend::azure_monitor::AzureMonitor;

use llmobs_examples::connect::OpenAi;
use llmobs_examples::loopback_openai::Behaviour;

use crate::travel_guide::{Failure, chat_streamed, streamed_request, travel_guide};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    // With a connection string this is `llmobs_runtime::configure_azure_monitor()?` and no more.
    let connected = std::env::var("APPLICATIONINSIGHTS_CONNECTION_STRING")
        .is_ok_and(|said| !said.trim().is_empty());
    let mut azure = AzureMonitor::new();
    if !connected {
        eprintln!(
            "APPLICATIONINSIGHTS_CONNECTION_STRING is not set: these envelopes would be sent."
        );
        azure = azure.write_to(std::io::stdout());
    }
    let telemetry =
        llmobs_runtime::builder().service_name("travel-guide").azure_monitor(azure).install()?;

    let behaviour = Behaviour { rate_limited: vec![2], ..Behaviour::default() };
    let openai = OpenAi::from_env(behaviour).await?;
    if openai.is_loopback() {
        eprintln!("No model is configured: canned answers from {}.\n", openai.server());
    }
    let question = "What should I pack for a weekend in Lisbon?";
    eprintln!("> {question}\n{}", travel_guide(&openai, "conversation-1", question).await?);
    let question = streamed_request(&openai.model, "And in one sentence?");
    let mut answer = chat_streamed(&openai, question).await?;
    while let Some(chunk) = answer.next().await {
        chunk?;
    }

    // Dropping `telemetry` would do the same; this also tells whether all of it was delivered or is in storage.
    telemetry.shutdown()?;
    if connected {
        eprintln!("Sent to Azure Monitor; what it did not take is kept for the next run.");
    }
    Ok(())
}
