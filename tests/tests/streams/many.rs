//! Many streams at the same time.

use std::sync::Arc;

use futures::StreamExt;
use llmobs_tests::Recorder;
use tokio::sync::Barrier;

use super::{STOP, TEXT, USAGE, chat, slowly};

const STREAMS: usize = 10_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_streams_side_by_side() {
    let recorder = Recorder::new();
    // Nobody goes on before all have begun: they really are live at the same time.
    let begun = Arc::new(Barrier::new(STREAMS));
    let readers: Vec<_> = (0..STREAMS)
        .map(|_| {
            let begun = Arc::clone(&begun);
            tokio::spawn(async move {
                let items = vec![Ok(TEXT), Ok(TEXT), Ok(STOP), Ok(USAGE)];
                let mut answer = chat().stream(slowly(items));
                answer.next().await.unwrap().unwrap();
                begun.wait().await;
                answer.count().await
            })
        })
        .collect();
    for reader in readers {
        assert_eq!(reader.await.unwrap(), 3);
    }
    let spans = recorder.spans();
    assert_eq!(spans.len(), STREAMS);
    for span in &spans {
        assert_eq!(span.int("llmobs.response.chunk_count"), Some(4));
        assert_eq!(span.int("gen_ai.usage.output_tokens"), Some(7));
        assert_eq!(span.text("error.type"), None);
    }
    let tokens = recorder.points_of("gen_ai.client.token.usage");
    assert_eq!((tokens.len(), tokens[0].count), (1, STREAMS as u64));
    let gaps = recorder.points_of("gen_ai.client.operation.time_per_output_chunk");
    assert_eq!(gaps[0].count, 3 * STREAMS as u64);
}
