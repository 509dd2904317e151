//! Drafts that calls of this thread have left behind, buffers and all, for the next ones.

use std::cell::RefCell;
use std::sync::Arc;

use super::Draft;
use crate::conventions::Operation;
use crate::pipeline::Pipeline;

/// No thread keeps more: as many calls as run at the same time on most.
const MOST: usize = 16;

thread_local! {
    #[expect(clippy::vec_box, reason = "the boxes are what is kept")]
    static SPARE: RefCell<Vec<Box<Draft>>> = const { RefCell::new(Vec::new()) };
}

/// A draft to begin with.
pub(super) fn draft(operation: &'static Operation, pipeline: Arc<Pipeline>) -> Box<Draft> {
    let spare = SPARE.try_with(|spare| spare.try_borrow_mut().ok()?.pop()).ok().flatten();
    match spare {
        Some(mut draft) => {
            draft.pipeline = pipeline;
            draft.begin(operation);
            draft
        }
        None => Box::new(Draft::new(operation, pipeline)),
    }
}

/// Keeps a draft, but not its pipeline: that would keep providers alive which the application thinks gone.
pub(super) fn keep(mut draft: Box<Draft>) {
    draft.empty();
    draft.pipeline = Pipeline::nowhere();
    // A thread that ends keeps none.
    let _ = SPARE.try_with(|spare| {
        if let Ok(mut spare) = spare.try_borrow_mut()
            && spare.len() < MOST
        {
            spare.push(draft);
        }
    });
}
