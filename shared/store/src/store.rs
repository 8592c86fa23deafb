use async_trait::async_trait;
use flow::{BatchId, Digest, Fault, Lane, Position, RunId, Signal, StreamName, SyncName, Timestamp};

use crate::Error;
use crate::record::{
    Activate, Activation, BatchRecord, Bookmark, Hop, LaneRecord, LedgerEntry, ModuleRecord, Note, Pin, Pinning, Pins,
    Progress, QuarantineFilter, Quarantined, RawBatches, RawFilter, Refusal, Removal, Run, RunState, RunStream,
    SpecVersion, Staging, StreamPlan, Tally, Totals, Turn,
};

/// Keeps the state. Every call is one transaction; every change may be asked for again and then
/// changes nothing (or says that somebody else came first).
#[async_trait]
pub trait Store: Send + Sync {
    // ---- specs ----------------------------------------------------------

    /// Saves a spec; a text whose digest is the latest version's keeps that version.
    async fn save_spec(
        &self,
        sync: &SyncName,
        digest: &Digest,
        text: &str,
        now: Timestamp,
    ) -> Result<SpecVersion, Error>;
    /// Saves a spec only replays run with: it gets a version and is never the latest. A text that
    /// has a version keeps it.
    async fn save_replay_spec(
        &self,
        sync: &SyncName,
        digest: &Digest,
        text: &str,
        now: Timestamp,
    ) -> Result<SpecVersion, Error>;
    /// One version of a spec.
    async fn spec(&self, sync: &SyncName, version: u32) -> Result<SpecVersion, Error>;
    /// The latest version of every sync, by name.
    async fn latest_specs(&self) -> Result<Vec<SpecVersion>, Error>;

    // ---- runs -----------------------------------------------------------

    /// Opens a run with its streams, all unplanned. False when a run of this id is there already.
    async fn open_run(&self, run: &Run, streams: &[StreamName]) -> Result<bool, Error>;
    /// One run.
    async fn run(&self, run: &RunId) -> Result<Option<Run>, Error>;
    /// Runs, newest first; of one sync, or of all.
    async fn runs(&self, sync: Option<&SyncName>, limit: u32) -> Result<Vec<Run>, Error>;
    /// Resumes a run that failed, or takes over one whose process is gone, with this spec version:
    /// state running, attempt one higher, its failed lanes and streams at work again (a lane is
    /// `Pulled` when its source was read to the end, else `Pulling`; `checked` false; what its
    /// undelivered batches were pinned to is forgotten, for it may be what failed), every
    /// unfinished lane on the new attempt. `attempt` is the one the caller saw: when the run has
    /// moved on since, or has ended, nothing changes. Returns the run as it is now.
    async fn resume_run(&self, run: &RunId, version: u32, attempt: u32) -> Result<Run, Error>;
    /// Gives a running or failed run up.
    async fn abandon_run(&self, run: &RunId, now: Timestamp) -> Result<(), Error>;
    /// Closes a running run when all its streams are finished (as `done_as`: succeeded or degraded),
    /// or when one failed and none is still at work (as failed, with the first fault). Returns the
    /// run as it is now.
    async fn settle_run(&self, run: &RunId, done_as: RunState, now: Timestamp) -> Result<Run, Error>;

    // ---- streams and lanes ----------------------------------------------

    /// The streams of a run, in the order of the spec.
    async fn run_streams(&self, run: &RunId) -> Result<Vec<RunStream>, Error>;
    /// Fixes a stream's plan and makes a lane (`Lane::of_run`) of each part, on the run's current
    /// attempt. The first plan stays: returns the plan that holds.
    async fn plan_stream(&self, run: &RunId, stream: &StreamName, plan: &StreamPlan) -> Result<StreamPlan, Error>;
    /// Records that a stream could not be planned; a stream that has a plan is left alone.
    async fn fail_stream(&self, run: &RunId, stream: &StreamName, fault: &Fault) -> Result<(), Error>;
    /// Marks a stream finished and moves its bookmark (when there is a position), in one transaction.
    async fn finish_stream(
        &self,
        run: &RunId,
        stream: &StreamName,
        bookmark: Option<&Position>,
        now: Timestamp,
    ) -> Result<(), Error>;
    /// One lane.
    async fn lane(&self, lane: &Lane) -> Result<Option<LaneRecord>, Error>;
    /// The lanes of a run, in the order they were planned.
    async fn lanes(&self, run: &RunId) -> Result<Vec<LaneRecord>, Error>;
    /// Records a staged batch and moves the lane's staged position, if `batch.sequence` is the
    /// lane's next and the lane is `Pulling` on this attempt. The lane's undelivered bytes grow by the batch's.
    async fn stage_batch(&self, batch: &BatchRecord, attempt: u32) -> Result<Staging, Error>;
    /// Marks a lane `Pulled`, if `batches` are staged in it and it is `Pulling` on this attempt (or
    /// `Pulled` already).
    async fn end_pull(&self, lane: &Lane, batches: u64, attempt: u32) -> Result<Staging, Error>;
    /// Marks that a lane's end has passed the checks.
    async fn end_checks(&self, lane: &Lane) -> Result<Progress, Error>;
    /// Marks a lane finished, if all its batches are delivered. Returns how its stream stands.
    async fn finish_lane(&self, lane: &Lane) -> Result<Progress, Error>;
    /// Marks a lane failed; the first fault stays. A finished lane is left alone.
    async fn fail_lane(&self, lane: &Lane, fault: &Fault) -> Result<(), Error>;

    // ---- batches --------------------------------------------------------

    /// The batches of a lane from a sequence on, in order.
    async fn batches(&self, lane: &Lane, from_sequence: u64) -> Result<Vec<BatchRecord>, Error>;
    /// One batch.
    async fn batch(&self, batch: &BatchId) -> Result<Option<BatchRecord>, Error>;
    /// Bytes staged and not yet delivered, of all lanes at work of a run.
    async fn undelivered_bytes(&self, run: &RunId) -> Result<u64, Error>;
    /// Records what a hop did with a batch; asked again, it replaces.
    async fn tally(&self, batch: &BatchId, hop: Hop, tally: Tally) -> Result<(), Error>;
    /// Whether it is a batch's turn to be delivered.
    async fn turn(&self, lane: &Lane, sequence: u64) -> Result<Turn, Error>;
    /// Records a delivery: ledger row, the batch's tally for `Hop::Deliver` (`rows` in and out), and
    /// the lane's delivered position.
    async fn record_delivery(&self, entry: &LedgerEntry) -> Result<Turn, Error>;
    /// The sums of a stream of a run.
    async fn totals(&self, run: &RunId, stream: &StreamName) -> Result<Totals, Error>;
    /// Batches of a sync whose raw objects are still kept and that nobody will deliver any more,
    /// oldest first: the delivered ones of succeeded and degraded runs, all of abandoned ones. None
    /// while a replay of the sync has not ended. Batches of one raw object are listed once: the first.
    async fn kept_raw(&self, sync: &SyncName, limit: u32) -> Result<Vec<BatchRecord>, Error>;
    /// Batches of a stream whose raw objects are there, `limit` at most, and how many more there were.
    async fn raw_batches(&self, filter: &RawFilter, limit: u32) -> Result<RawBatches, Error>;
    /// Records that the raw object of a batch is gone, for every batch that refers to it.
    async fn forget_raw(&self, batch: &BatchId) -> Result<(), Error>;

    // ---- checks against the run -----------------------------------------

    /// Remembers the fingerprints of a batch's keys for one check of a run and says, for each,
    /// whether another batch (or an earlier row of `keys`) had it. Asked again for the same batch,
    /// it says the same.
    async fn remember_keys(&self, run: &RunId, check: &str, batch: &BatchId, keys: &[u128])
    -> Result<Vec<bool>, Error>;
    /// Forgets the fingerprints of a run.
    async fn forget_keys(&self, run: &RunId) -> Result<(), Error>;
    /// Keeps what a run-wide check needs to know of one batch; asked again, it replaces.
    async fn keep_measure(
        &self,
        run: &RunId,
        stream: &StreamName,
        check: &str,
        batch: &BatchId,
        value: &str,
    ) -> Result<(), Error>;
    /// What was kept for one check of a stream of a run, in no order.
    async fn measures(&self, run: &RunId, stream: &StreamName, check: &str) -> Result<Vec<String>, Error>;

    // ---- quarantine, bookmarks, signals ---------------------------------

    /// Records what a hop quarantined of a batch: replaces what it recorded before.
    async fn quarantine(&self, batch: &BatchId, hop: Hop, entries: &[Quarantined]) -> Result<(), Error>;
    /// Lists the quarantine, newest run first, then in the order of batches.
    async fn quarantined(&self, filter: &QuarantineFilter, limit: u32) -> Result<Vec<Quarantined>, Error>;
    /// Marks the open entries of a stream of a run as resolved by a replay. Rows that never became
    /// one (`Hop::BatchPull`) stay open: no replay can send them.
    async fn resolve_quarantine(&self, run: &RunId, stream: &StreamName, by: &RunId) -> Result<(), Error>;
    /// A stream's bookmark.
    async fn bookmark(&self, sync: &SyncName, stream: &StreamName) -> Result<Option<Bookmark>, Error>;
    /// All bookmarks of a sync, or of all.
    async fn bookmarks(&self, sync: Option<&SyncName>) -> Result<Vec<Bookmark>, Error>;
    /// Removes a stream's bookmark, so that it is read from the beginning. False when there was none.
    async fn reset_bookmark(&self, sync: &SyncName, stream: &StreamName) -> Result<bool, Error>;
    /// Keeps a signal; false when it was kept before.
    async fn keep_signal(&self, signal: &Signal) -> Result<bool, Error>;
    /// Signals, newest first.
    async fn signals(&self, sync: Option<&SyncName>, limit: u32) -> Result<Vec<Signal>, Error>;
    /// A text several writers change by turns; empty with revision 0 when it is not there.
    async fn note(&self, name: &str) -> Result<Note, Error>;
    /// Changes it, if its revision is still `revision`; false when somebody else came first.
    async fn write_note(&self, name: &str, revision: u64, text: &str) -> Result<bool, Error>;

    // ---- modules --------------------------------------------------------

    /// Adds a module, or replaces the artifact of one that is there and nothing else of it. Refuses
    /// another digest under a name and version that are taken.
    async fn add_module(&self, module: &ModuleRecord) -> Result<(), Error>;
    /// All modules, by name, then newest first.
    async fn modules(&self) -> Result<Vec<ModuleRecord>, Error>;
    /// The module of this digest.
    async fn module(&self, digest: &Digest) -> Result<Option<ModuleRecord>, Error>;
    /// Removes a version of a module, unless it is active, the latest version of a spec names it,
    /// or a run that has not ended may use it, and it is the last version with its bytes.
    async fn remove_module(&self, name: &str, version: &str) -> Result<Removal, Error>;

    // ---- what is active, and what batches are transformed with ----------

    /// Makes a version the active one of its name. The version that is active already stays, and
    /// its activation is returned.
    async fn activate(&self, activate: &Activate<'_>) -> Result<Activation, Error>;
    /// Takes the active version of a name back: the one that was active before it, and was not
    /// removed since, is active again, else none is. `None` when nothing is active.
    async fn deactivate(&self, name: &str, by: &str, now: Timestamp) -> Result<Option<Activation>, Error>;
    /// Every change of what is active under a name, oldest first; of all names, by name.
    async fn activations(&self, name: Option<&str>) -> Result<Vec<Activation>, Error>;
    /// Records that a stream cannot follow an activation; the first reason stays. False when it
    /// was recorded before.
    async fn refuse_activation(&self, refusal: &Refusal) -> Result<bool, Error>;
    /// Where activations of a name could not be followed, newest first.
    async fn refusals(&self, name: &str) -> Result<Vec<Refusal>, Error>;
    /// Fixes what a batch is transformed with under a version of its spec. The first to do so
    /// wins; nothing is fixed while an activation is newer than the caller's view of it.
    async fn pin_batch(&self, pins: &Pins) -> Result<Pinning, Error>;
    /// What a batch is transformed with under the latest version of the spec it came by, in order;
    /// empty for a stream without transforms.
    async fn pins(&self, batch: &BatchId) -> Result<Vec<Pin>, Error>;
}
