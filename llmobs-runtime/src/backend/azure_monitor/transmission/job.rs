//! One batch on its way through as many requests as it takes.

use super::BATCH;
use super::answer::{ITEM, Mark, Verdict};
use super::buffer::Queued;
use crate::backend::azure_monitor::item::Item;
use crate::backend::azure_monitor::mapping;
use crate::backend::azure_monitor::statistics::{Counters, DropReason};
use crate::backend::azure_monitor::storage::Claim;

/// Requests that the search for one bad item in a batch may cost: twice for each halving of 512, and some.
const SEARCH: u32 = 24;
/// The same after searches that found nothing good: the whole destination may be wrong.
const SEARCH_IN_VAIN: u32 = 4;
/// How often one request may be redirected.
const HOPS: u32 = 5;
/// An item that the service puts off so often, since it first did so and took others beside it, is bad.
const TRIES: u8 = 10;
/// A batch is not made smaller than this.
const SMALLEST: usize = 128 << 10;

/// What was learned of the destination, for the rest of the process.
#[derive(Clone, Copy, Debug)]
pub(super) struct Learned {
    /// No item is longer.
    pub(super) item: Option<usize>,
    /// No batch is longer.
    pub(super) batch: usize,
    search: u32,
}

impl Default for Learned {
    fn default() -> Self {
        Self { item: None, batch: BATCH.bytes, search: SEARCH }
    }
}

/// Part of a batch: one request.
#[derive(Debug, Default)]
struct Piece {
    items: Vec<Queued>,
    /// Items were cut to see whether that helps, where any were long enough.
    cut: bool,
    /// When this is taken, it was the length.
    shortened: bool,
    /// It is sent again as nobody knows what of it was taken.
    again: bool,
}

/// Where a batch comes from.
#[derive(Debug)]
pub(super) enum Origin {
    Buffer,
    Storage(Claim),
}

/// What to do after an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Then {
    /// Send what is left, or finish.
    GoOn,
    /// Get a new token, then go on.
    Renew,
    /// Follow the redirection, then go on.
    Follow,
    /// What was put off waits, and the others need not.
    Hold,
    /// Everything waits.
    Stop,
    /// Everything waits for a new token.
    StopUnauthorized,
    /// Everything waits for the quota.
    StopSpent,
}

#[derive(Debug)]
pub(super) struct Job {
    pub(super) origin: Origin,
    /// The next one last.
    pieces: Vec<Piece>,
    /// What the service put off.
    kept: Vec<Queued>,
    /// In these something is bad, and nothing was taken yet that would make it worth looking for.
    doubtful: Vec<Piece>,
    search: u32,
    hops: u32,
    renewed: bool,
    /// Something was taken.
    pub(super) taken: bool,
    /// Something is settled: what is left is less than there was.
    pub(super) less: bool,
}

impl Job {
    pub(super) fn new(origin: Origin, items: Vec<Queued>, learned: &Learned) -> Self {
        let mut pieces = Vec::new();
        let mut piece = Piece::default();
        let mut length = 0_usize;
        for queued in items {
            length = length.saturating_add(queued.item.json.len()).saturating_add(1);
            if !piece.items.is_empty()
                && (piece.items.len() >= BATCH.items || length > learned.batch)
            {
                length = queued.item.json.len();
                pieces.push(std::mem::take(&mut piece));
            }
            piece.items.push(queued);
        }
        if !piece.items.is_empty() {
            pieces.push(piece);
        }
        pieces.reverse();
        Self {
            origin,
            pieces,
            kept: Vec::new(),
            doubtful: Vec::new(),
            search: learned.search,
            hops: 0,
            renewed: false,
            taken: false,
            less: false,
        }
    }

    /// What the next request carries; nothing where all is settled. Items are cut to what is known to be accepted.
    pub(super) fn next(&mut self, learned: &Learned) -> impl ExactSizeIterator<Item = &Item> {
        let items =
            self.pieces.last_mut().map(|piece| piece.items.as_mut_slice()).unwrap_or_default();
        if let Some(longest) = learned.item {
            for queued in items.iter_mut() {
                shorten(queued, longest);
            }
        }
        items.iter().map(|queued| &queued.item)
    }

    pub(super) fn is_settled(&self) -> bool {
        self.pieces.is_empty()
    }

    /// Everything that is not settled.
    pub(super) fn left(&self) -> impl Iterator<Item = &Queued> {
        let pieces = self.pieces.iter().chain(&self.doubtful);
        pieces.flat_map(|piece| &piece.items).chain(&self.kept)
    }

    /// Ends with everything that is not settled, in its order.
    pub(super) fn into_rest(self, learned: &mut Learned) -> (Origin, Vec<Queued>) {
        // A search that found nothing good costs the next batch less.
        if self.taken {
            learned.search = SEARCH;
        } else if self.search < learned.search {
            learned.search = SEARCH_IN_VAIN;
        }
        let mut rest = self.kept;
        let pieces = self.pieces.into_iter().chain(self.doubtful);
        rest.extend(pieces.flat_map(|piece| piece.items));
        rest.sort_by_key(|queued| queued.place);
        (self.origin, rest)
    }

    /// What an answer means for the piece that it is about.
    pub(super) fn apply(
        &mut self,
        verdict: Verdict,
        has_credential: bool,
        learned: &mut Learned,
        counters: &Counters,
    ) -> Then {
        let then = self.apply_to_piece(verdict, has_credential, learned, counters);
        if self.pieces.is_empty() {
            let doubtful = std::mem::take(&mut self.doubtful);
            if self.taken {
                self.pieces.extend(doubtful.into_iter().rev());
            } else {
                let items = doubtful.iter().map(|piece| piece.items.len()).sum();
                self.drop(DropReason::Rejected, items, counters);
            }
        }
        then
    }

    fn apply_to_piece(
        &mut self,
        verdict: Verdict,
        has_credential: bool,
        learned: &mut Learned,
        counters: &Counters,
    ) -> Then {
        let Some(mut piece) = self.pieces.pop() else { return Then::GoOn };
        match verdict {
            Verdict::Taken(marks) => return self.taken(piece, &marks, learned, counters),
            Verdict::Unclear => {
                if piece.again {
                    return self.taken(piece, &[], learned, counters);
                }
                piece.again = true;
                self.pieces.push(piece);
            }
            Verdict::Malformed(marks) if !marks.is_empty() => {
                // Nothing was taken; those that are not named may be good.
                let (named, others) = part(piece.items, &marks);
                let put_off = self.mark(named, !others.is_empty(), learned, counters);
                if !others.is_empty() {
                    self.pieces.push(Piece { items: others, ..Piece::default() });
                }
                return put_off;
            }
            Verdict::Malformed(_) => self.search(piece, counters),
            Verdict::TooLarge => self.halve_too_large(piece, learned, counters),
            Verdict::Unauthorized => {
                self.pieces.push(piece);
                if !has_credential || std::mem::replace(&mut self.renewed, true) {
                    return Then::StopUnauthorized;
                }
                return Then::Renew;
            }
            Verdict::Elsewhere => {
                self.pieces.push(piece);
                self.hops = self.hops.saturating_add(1);
                return if self.hops > HOPS { Then::Stop } else { Then::Follow };
            }
            Verdict::Later => {
                self.pieces.push(piece);
                return Then::Stop;
            }
            Verdict::Quota => {
                self.pieces.push(piece);
                return Then::StopSpent;
            }
            Verdict::Refused => self.drop(DropReason::Rejected, piece.items.len(), counters),
        }
        Then::GoOn
    }

    /// Delivered, except what is marked.
    fn taken(
        &mut self,
        piece: Piece,
        marks: &[(usize, Mark)],
        learned: &mut Learned,
        counters: &Counters,
    ) -> Then {
        let (named, delivered) = part(piece.items, marks);
        self.hops = 0;
        if !delivered.is_empty() {
            counters.deliver(delivered.len());
            self.less = true;
            if !std::mem::replace(&mut self.taken, true) {
                // The destination is good: it is worth looking for what is not.
                self.search = SEARCH;
            }
            if piece.shortened {
                learned.item = Some(learned.item.map_or(ITEM, |item| item.min(ITEM)));
            }
        }
        let none_taken = delivered.is_empty();
        match self.mark(named, !none_taken, learned, counters) {
            // It was not these items only. From storage, it may be: those may have been put off before.
            Then::Hold if none_taken && matches!(self.origin, Origin::Buffer) => Then::Stop,
            then => then,
        }
    }

    /// Does with each item as it is marked. `beside`: others of the same request were not.
    fn mark(
        &mut self,
        named: Vec<(Queued, Mark)>,
        beside: bool,
        learned: &mut Learned,
        counters: &Counters,
    ) -> Then {
        let mut then = Then::GoOn;
        let mut cut = Vec::new();
        for (mut queued, mark) in named {
            match mark {
                Mark::Reject => self.drop(DropReason::Rejected, 1, counters),
                Mark::SampledOut => self.drop(DropReason::SampledOut, 1, counters),
                Mark::Cut(longest) => {
                    learned.item = Some(learned.item.map_or(longest, |item| item.min(longest)));
                    let before = queued.item.json.len();
                    shorten(&mut queued, longest);
                    if queued.item.json.len() < before {
                        cut.push(queued);
                    } else {
                        self.drop(DropReason::TooLarge, 1, counters);
                    }
                }
                Mark::Keep { throttled } => {
                    // As long as all are put off with it, it is the service.
                    if beside || queued.tries > 0 {
                        queued.tries = queued.tries.saturating_add(1);
                    }
                    if queued.tries >= TRIES {
                        self.drop(DropReason::Rejected, 1, counters);
                        continue;
                    }
                    self.kept.push(queued);
                    if throttled {
                        then = Then::Stop;
                    } else if then == Then::GoOn {
                        then = Then::Hold;
                    }
                }
            }
        }
        if !cut.is_empty() {
            self.pieces.push(Piece { items: cut, cut: true, ..Piece::default() });
        }
        then
    }

    /// One item may be bad, and the service does not say which.
    fn search(&mut self, mut piece: Piece, counters: &Counters) {
        if !piece.cut {
            piece.cut = true;
            let mut any = false;
            for queued in &mut piece.items {
                let before = queued.item.json.len();
                shorten(queued, ITEM);
                any |= queued.item.json.len() < before;
            }
            if any {
                piece.shortened = true;
                self.pieces.push(piece);
                return;
            }
        }
        if piece.items.len() > 1 && self.search < 2 && !self.taken {
            self.doubtful.push(piece);
            return;
        }
        if piece.items.len() < 2 || self.search < 2 {
            self.drop(DropReason::Rejected, piece.items.len(), counters);
            return;
        }
        self.search = self.search.saturating_sub(2);
        self.halve(piece);
    }

    fn halve_too_large(&mut self, mut piece: Piece, learned: &mut Learned, counters: &Counters) {
        if piece.items.len() > 1 {
            let length = piece
                .items
                .iter()
                .fold(0, |sum: usize, queued| sum.saturating_add(queued.item.json.len()));
            learned.batch = learned.batch.min(length / 2).max(SMALLEST.min(learned.batch));
            self.halve(piece);
            return;
        }
        let shorter = piece.items.first_mut().is_some_and(|queued| {
            let before = queued.item.json.len();
            shorten(queued, ITEM);
            queued.item.json.len() < before
        });
        if shorter {
            (piece.cut, piece.shortened) = (true, true);
            self.pieces.push(piece);
        } else {
            self.drop(DropReason::TooLarge, piece.items.len(), counters);
        }
    }

    fn halve(&mut self, mut piece: Piece) {
        let second = piece.items.split_off(piece.items.len() / 2);
        piece.shortened = false;
        let (cut, again) = (piece.cut, piece.again);
        self.pieces.push(Piece { items: second, cut, again, ..Piece::default() });
        self.pieces.push(piece);
    }

    fn drop(&mut self, reason: DropReason, items: usize, counters: &Counters) {
        counters.lose(reason, items);
        self.less |= items > 0;
    }
}

/// Those that are marked, and the others. The marks are in the order of the items.
fn part(items: Vec<Queued>, marks: &[(usize, Mark)]) -> (Vec<(Queued, Mark)>, Vec<Queued>) {
    let mut marks = marks.iter().peekable();
    let (mut named, mut others) = (Vec::new(), Vec::with_capacity(items.len()));
    for (index, queued) in items.into_iter().enumerate() {
        match marks.next_if(|(at, _)| *at == index) {
            Some((_, mark)) => named.push((queued, *mark)),
            None => others.push(queued),
        }
    }
    (named, others)
}

/// Cuts an item that is too long, where it can be cut.
fn shorten(queued: &mut Queued, longest: usize) {
    if queued.item.json.len() > longest
        && let Some(cut) = mapping::cut(&queued.item, longest)
    {
        queued.item = cut;
    }
}
