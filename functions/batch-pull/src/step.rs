use std::sync::Arc;
use std::time::Duration;

use arrow_schema::SchemaRef;
use async_trait::async_trait;
use flow::path::Pulled;
use flow::{Budget, Context, Fault, Outbox, Slice, Step};
use source::Source;
use spec::{Stream, Sync};
use worker::Parts;

/// Plans streams and pulls lanes.
pub struct BatchPull {
    pub(crate) parts: Parts,
    pub(crate) sources: Arc<dyn Sources>,
    pub(crate) limits: Limits,
    pub(crate) judge: Option<Arc<dyn Judge>>,
}

/// Gives the source of a sync.
pub trait Sources: Send + std::marker::Sync {
    /// The source a spec names, its secrets resolved.
    fn source_of(&self, sync: &Sync) -> Result<Arc<dyn Source>, Fault>;
}

/// Says whether a stream can go on with the columns its source gives, before they are fixed for
/// the run and before any row is read.
#[async_trait]
pub trait Judge: Send + std::marker::Sync {
    /// The reason for which it cannot, if there is one.
    async fn judge(&self, context: &Context, stream: &Stream, columns: &SchemaRef) -> Result<(), Fault>;
}

/// When a pull pauses or hands itself on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one run that may be staged and not yet delivered before its pulls pause. Default
    /// 64 MiB: some thirty batches, enough that no later function waits, little enough for any disk.
    pub undelivered_bytes: u64,
    /// Time a pull keeps back to hand itself on. Default 5 s.
    pub reserve: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { undelivered_bytes: 64 << 20, reserve: Duration::from_secs(5) }
    }
}

impl BatchPull {
    /// Pulls from these sources.
    #[must_use]
    pub fn new(parts: Parts, sources: Arc<dyn Sources>, limits: Limits) -> Self {
        Self { parts, sources, limits, judge: None }
    }

    /// Plans only streams the judge has nothing against.
    #[must_use]
    pub fn with_judge(self, judge: Arc<dyn Judge>) -> Self {
        Self { judge: Some(judge), ..self }
    }
}

#[async_trait]
impl Step for BatchPull {
    type Takes = Slice;
    type Gives = Pulled;

    async fn run(&self, slice: Slice, outbox: &dyn Outbox<Pulled>, budget: &Budget) -> Result<(), Fault> {
        match slice.lane.clone() {
            None => self.plan(&slice.context, outbox).await,
            Some(lane) => self.pull(&slice, &lane, outbox, budget).await,
        }
    }
}
