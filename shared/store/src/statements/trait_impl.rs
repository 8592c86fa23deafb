//! `Store`: each method is the inherent one of the same name.

use async_trait::async_trait;
use flow::{BatchId, Digest, Fault, Lane, Position, RunId, Signal, StreamName, SyncName, Timestamp};

use super::dialect::Own;
use crate::methods::{by_inherent_methods, store_methods};
use crate::record::{
    Activate, Activation, BatchRecord, Bookmark, Hop, LaneRecord, LedgerEntry, ModuleRecord, Note, Pin, Pinning, Pins,
    Progress, QuarantineFilter, Quarantined, RawBatches, RawFilter, Refusal, Removal, Run, RunState, RunStream,
    SpecVersion, Staging, StreamPlan, Tally, Totals, Turn,
};
use crate::{Error, Store};

store_methods!(by_inherent_methods, Own);
