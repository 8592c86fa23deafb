use std::sync::Arc;

use async_trait::async_trait;
use flow::{BatchId, Digest, Fault, Lane, Position, RunId, Signal, StreamName, SyncName, Timestamp};

use crate::methods::store_methods;
use crate::record::{
    Activate, Activation, BatchRecord, Bookmark, Hop, LaneRecord, LedgerEntry, ModuleRecord, Note, Pin, Pinning, Pins,
    Progress, QuarantineFilter, Quarantined, RawBatches, RawFilter, Refusal, Removal, Run, RunState, RunStream,
    SpecVersion, Staging, StreamPlan, Tally, Totals, Turn,
};
use crate::wrapping::{Call, by_wrapping};
use crate::{Error, Store};

/// A handle on its way.
pub type Handle = std::pin::Pin<Box<dyn Future<Output = Result<Arc<dyn Store>, Error>> + Send>>;

/// One store through many handles: every call asks for the one it goes through. With a handle
/// opened anew each time the suite shows what survives; with two by turns, that they agree.
pub struct Handles {
    next: Box<dyn Fn() -> Handle + Send + Sync>,
}

impl Handles {
    /// Asks `next` for the handle of each call.
    pub fn new(next: impl Fn() -> Handle + Send + Sync + 'static) -> Self {
        Self { next: Box::new(next) }
    }

    async fn enter(&self, _method: &'static str) -> Result<Call, Error> {
        Ok(Call { store: (self.next)().await?, answer_is_lost: false })
    }
}

store_methods!(by_wrapping, Handles);
