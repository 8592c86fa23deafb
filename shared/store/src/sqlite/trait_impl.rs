//! `Store` for the SQLite form: each method is the inherent one of the same name.

use async_trait::async_trait;
use flow::{BatchId, Digest, Fault, Lane, Position, RunId, Signal, StreamName, SyncName, Timestamp};

use super::Sqlite;
use crate::methods::store_methods;
use crate::record::{
    Activate, Activation, BatchRecord, Bookmark, Hop, LaneRecord, LedgerEntry, ModuleRecord, Note, Pin, Pinning, Pins,
    Progress, QuarantineFilter, Quarantined, RawBatches, RawFilter, Refusal, Removal, Run, RunState, RunStream,
    SpecVersion, Staging, StreamPlan, Tally, Totals, Turn,
};
use crate::{Error, Store};

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

store_methods!(by_inherent_methods, Sqlite);
