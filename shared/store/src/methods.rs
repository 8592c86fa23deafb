//! The methods of [`Store`](crate::Store), listed once for whoever implements all of them the same way.

/// Hands the list of methods to `$callback!`, with `$type` in front.
macro_rules! store_methods {
    ($callback:ident, $type:ty) => {
        $callback! { $type;
            save_spec(sync: &SyncName, digest: &Digest, text: &str, now: Timestamp) -> SpecVersion;
            save_replay_spec(sync: &SyncName, digest: &Digest, text: &str, now: Timestamp) -> SpecVersion;
            spec(sync: &SyncName, version: u32) -> SpecVersion;
            latest_specs() -> Vec<SpecVersion>;

            open_run(run: &Run, streams: &[StreamName]) -> bool;
            run(run: &RunId) -> Option<Run>;
            runs(sync: Option<&SyncName>, limit: u32) -> Vec<Run>;
            resume_run(run: &RunId, version: u32, attempt: u32) -> Run;
            abandon_run(run: &RunId, now: Timestamp) -> ();
            settle_run(run: &RunId, done_as: RunState, now: Timestamp) -> Run;

            run_streams(run: &RunId) -> Vec<RunStream>;
            plan_stream(run: &RunId, stream: &StreamName, plan: &StreamPlan) -> StreamPlan;
            fail_stream(run: &RunId, stream: &StreamName, fault: &Fault) -> ();
            finish_stream(run: &RunId, stream: &StreamName, bookmark: Option<&Position>, now: Timestamp) -> ();
            lane(lane: &Lane) -> Option<LaneRecord>;
            lanes(run: &RunId) -> Vec<LaneRecord>;
            stage_batch(batch: &BatchRecord, attempt: u32) -> Staging;
            end_pull(lane: &Lane, batches: u64, attempt: u32) -> Staging;
            end_checks(lane: &Lane) -> Progress;
            finish_lane(lane: &Lane) -> Progress;
            fail_lane(lane: &Lane, fault: &Fault) -> ();

            batches(lane: &Lane, from_sequence: u64) -> Vec<BatchRecord>;
            batch(batch: &BatchId) -> Option<BatchRecord>;
            undelivered_bytes(run: &RunId) -> u64;
            tally(batch: &BatchId, hop: Hop, tally: Tally) -> ();
            turn(lane: &Lane, sequence: u64) -> Turn;
            record_delivery(entry: &LedgerEntry) -> Turn;
            totals(run: &RunId, stream: &StreamName) -> Totals;
            kept_raw(sync: &SyncName, limit: u32) -> Vec<BatchRecord>;
            raw_batches(filter: &RawFilter, limit: u32) -> RawBatches;
            forget_raw(batch: &BatchId) -> ();

            remember_keys(run: &RunId, check: &str, batch: &BatchId, keys: &[u128]) -> Vec<bool>;
            forget_keys(run: &RunId) -> ();
            keep_measure(run: &RunId, stream: &StreamName, check: &str, batch: &BatchId, value: &str) -> ();
            measures(run: &RunId, stream: &StreamName, check: &str) -> Vec<String>;

            quarantine(batch: &BatchId, hop: Hop, entries: &[Quarantined]) -> ();
            quarantined(filter: &QuarantineFilter, limit: u32) -> Vec<Quarantined>;
            resolve_quarantine(run: &RunId, stream: &StreamName, by: &RunId) -> ();
            bookmark(sync: &SyncName, stream: &StreamName) -> Option<Bookmark>;
            bookmarks(sync: Option<&SyncName>) -> Vec<Bookmark>;
            reset_bookmark(sync: &SyncName, stream: &StreamName) -> bool;
            keep_signal(signal: &Signal) -> bool;
            signals(sync: Option<&SyncName>, limit: u32) -> Vec<Signal>;
            note(name: &str) -> Note;
            write_note(name: &str, revision: u64, text: &str) -> bool;

            add_module(module: &ModuleRecord) -> ();
            modules() -> Vec<ModuleRecord>;
            module(digest: &Digest) -> Option<ModuleRecord>;
            remove_module(name: &str, version: &str) -> Removal;

            activate(activate: &Activate<'_>) -> Activation;
            deactivate(name: &str, by: &str, now: Timestamp) -> Option<Activation>;
            activations(name: Option<&str>) -> Vec<Activation>;
            refuse_activation(refusal: &Refusal) -> bool;
            refusals(name: &str) -> Vec<Refusal>;
            pin_batch(pins: &Pins) -> Pinning;
            pins(batch: &BatchId) -> Vec<Pin>;
        }
    };
}

pub(crate) use store_methods;

/// Implements `Store` for a type that has an inherent method for each of the trait's.
#[cfg(any(feature = "sqlite", feature = "postgres"))]
macro_rules! by_inherent_methods {
    ($type:ty; $( $name:ident($($argument:ident : $kind:ty),*) -> $gives:ty; )*) => {
        #[async_trait]
        impl Store for $type {
            $(
                async fn $name(&self, $($argument: $kind),*) -> Result<$gives, Error> {
                    <$type>::$name(self, $($argument),*).await
                }
            )*
        }
    };
}

#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub(crate) use by_inherent_methods;
