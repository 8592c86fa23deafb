//! What a replay sends: a list in the stage, written once before the replay is opened.

use std::collections::BTreeMap;

use flow::{BatchId, Digest, Fault, FaultKind, Object, RunId, StreamName};
use serde::{Deserialize, Serialize};
use store::record::Replay;

use crate::Parts;

/// Folder of the lists in the stage.
const FOLDER: &str = "replays";

/// What a replay sends of each stream.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ReplayList {
    /// By stream.
    pub streams: BTreeMap<StreamName, ReplayedStream>,
}

/// What a replay sends of one stream, in this order.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ReplayedStream {
    /// Raw batches.
    pub batches: Vec<ReplayedBatch>,
    /// Keys that leave the destination once all rows are there.
    pub withdrawn: Vec<ReplayedBatch>,
}

/// One batch a replay sends, or the keys it takes away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplayedBatch {
    /// The batch of the earlier run it comes from.
    pub from: BatchId,
    /// Its rows: the earlier run's own object, or a selection of it.
    pub object: Object,
}

impl ReplayedBatch {
    /// The id under which the destination knows that these keys were taken away.
    #[must_use]
    pub fn withdrawal(&self, replay: &RunId) -> BatchId {
        let text = format!("withdrawn\u{1f}{replay}\u{1f}{}\u{1f}{}", self.from, self.object.key);
        let digest = Digest::of(text.as_bytes());
        BatchId::from_text(digest.as_str().get(..32).unwrap_or(digest.as_str()))
    }
}

impl Parts {
    /// Keeps the list of a replay that is about to be opened.
    pub async fn put_replay_list(&self, replay: &RunId, list: &ReplayList) -> Result<Object, Fault> {
        let bytes = serde_json::to_vec(list).map_err(|error| unreadable(&error))?;
        let object = Object {
            key: format!("{FOLDER}/{replay}.json"),
            digest: Digest::of(&bytes),
            bytes: bytes.len() as u64,
            rows: list.streams.values().flat_map(|stream| &stream.batches).map(|batch| batch.object.rows).sum(),
        };
        self.staging.put(&object.key, bytes.into()).await?;
        Ok(object)
    }

    /// What a replay sends of a stream.
    pub async fn replayed_stream(&self, replay: &Replay, stream: &StreamName) -> Result<ReplayedStream, Fault> {
        let bytes = self.staging.get(&replay.list.key).await?;
        if Digest::of(&bytes) != replay.list.digest {
            let message =
                format!("the list `{}` of a replay is damaged in the stage; replay with --restart", replay.list.key);
            return Err(Fault::new(FaultKind::Config, "replay_damaged", message));
        }
        let mut list: ReplayList = serde_json::from_slice(&bytes).map_err(|error| unreadable(&error))?;
        Ok(list.streams.remove(stream).unwrap_or_default())
    }
}

fn unreadable(error: &serde_json::Error) -> Fault {
    Fault::from_error(FaultKind::Bug, "replay_list", error)
}
