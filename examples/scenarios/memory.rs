//! What an agent remembers of its users: `cargo run --example memory`.
//!
//! The client has no call for it: the memory is a map of the program's own. Each thing that is done with it is an
//! operation of the conventions; the store and the record stand on its span. It is `internal` because the store is in
//! this process; of one behind a service the arguments `provider` and `server` say whose it is and where.

use std::collections::BTreeMap;

use llmobs_examples::connect::Failure;
use llmobs_runtime::{LlmResponse, instrument_llm};

fn main() -> Result<(), Failure> {
    let _telemetry = llmobs_runtime::configure()?;
    run()
}

pub(crate) fn run() -> Result<(), Failure> {
    let mut memory = Memory::create("preferences");
    memory.add("user-17/seat", "window");
    memory.put("user-17/meal", "vegetarian");
    memory.change("user-17/seat", "aisle")?;
    // Of whom nothing is known.
    if let Err(error) = memory.change("user-18/seat", "aisle") {
        println!("user-18: {error}");
    }
    println!("{}", memory.search("user-17/").texts.join(", "));
    memory.remove("user-17/meal");
    memory.drop_store();
    Ok(())
}

struct Memory {
    store: &'static str,
    records: BTreeMap<String, String>,
}

/// What a search has found. How many that are is known only then, so it is the answer that says it.
#[derive(LlmResponse)]
struct Found {
    #[llm(memory.record.count)]
    count: usize,
    texts: Vec<String>,
}

impl Memory {
    #[instrument_llm(operation = create_memory_store, kind = internal, memory(store = store))]
    fn create(store: &'static str) -> Self {
        Self { store, records: BTreeMap::new() }
    }

    #[instrument_llm(
        operation = create_memory,
        kind = internal,
        memory(store = self.store, record = id, count = 1)
    )]
    fn add(&mut self, id: &str, text: &str) {
        self.records.entry(id.to_owned()).or_insert_with(|| text.to_owned());
    }

    #[instrument_llm(
        operation = upsert_memory,
        kind = internal,
        memory(store = self.store, record = id, count = 1)
    )]
    fn put(&mut self, id: &str, text: &str) {
        self.records.insert(id.to_owned(), text.to_owned());
    }

    #[instrument_llm(
        operation = update_memory,
        kind = internal,
        memory(store = self.store, record = id, count = 1)
    )]
    fn change(&mut self, id: &str, text: &str) -> Result<(), Failure> {
        let record = self.records.get_mut(id).ok_or("there is no such record")?;
        text.clone_into(record);
        Ok(())
    }

    #[instrument_llm(operation = search_memory, kind = internal, memory(store = self.store))]
    fn search(&self, prefix: &str) -> Found {
        let found = self.records.iter().filter(|(id, _)| id.starts_with(prefix));
        let texts: Vec<_> = found.map(|(_, text)| text.clone()).collect();
        Found { count: texts.len(), texts }
    }

    #[instrument_llm(
        operation = delete_memory,
        kind = internal,
        memory(store = self.store, record = id, count = 1)
    )]
    fn remove(&mut self, id: &str) {
        self.records.remove(id);
    }

    #[instrument_llm(operation = delete_memory_store, kind = internal, memory(store = self.store))]
    fn drop_store(self) {
        drop(self.records);
    }
}
