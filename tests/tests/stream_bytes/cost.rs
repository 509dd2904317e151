//! What reading a chunk costs where no content is captured.

use llmobs_runtime::payload::Progress;
use llmobs_runtime::{Fields, LlmChunk, Streamed};

use super::{FILES, chunks};

/// Chunks that merely add to the answer: read twice, the second time they say nothing new.
#[test]
fn a_chunk_that_only_adds_text_allocates_nothing() {
    let mut read = 0;
    for name in FILES {
        let chunks = chunks(name);
        let (mut fields, mut progress) = (Fields::default(), Progress::default());
        for chunk in &chunks {
            chunk.record(&mut Streamed::new(&mut fields, &mut progress, None));
        }
        for chunk in &chunks {
            let said = chunk.value().to_string();
            // A reason is copied, a failure and the whole response at the end of Responses too.
            let says_more = said.contains("\"stop_reason\"")
                || said.contains("\"error\"")
                || said.contains("\"response\":")
                || chunk.value()["choices"].as_array().is_some_and(|choices| {
                    choices.iter().any(|choice| choice["finish_reason"].is_string())
                });
            if says_more {
                continue;
            }
            read += 1;
            let allocated = allocation_counter::measure(|| {
                chunk.record(&mut Streamed::new(&mut fields, &mut progress, None));
            });
            assert_eq!(allocated.count_total, 0, "{name}: {said}");
        }
    }
    assert!(read > 60, "only {read} chunks were looked at");
}
