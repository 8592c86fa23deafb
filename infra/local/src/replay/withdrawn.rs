//! Keys that are in the destination because of an earlier rule, and that no row has any more.

use flow::{Fault, RunId, StreamName};
use spec::Stream;
use staging::StagingExt;
use store::record::Run;
use worker::replay::ReplayedBatch;

use super::history::{History, delivered, line, line_of_run, lined};
use super::keys::{Keyed, of_outcome, rows_of_keys};
use crate::Failure;
use crate::lab::{Lab, Line};

/// Names under which the lab remembers keys.
const SCOPE: &str = "keys";

/// What is needed to find them.
pub(crate) struct Search<'a> {
    pub(crate) lab: &'a Lab,
    pub(crate) history: &'a History,
    pub(crate) stream: &'a Stream,
    pub(crate) primary_key: &'a [String],
    /// The replay they are taken away by.
    pub(crate) replay: &'a RunId,
}

impl Search<'_> {
    /// The rules of now are put to every row of the run first: their keys stay. Of the keys the run
    /// and all later ones delivered, each by the rules it had, those that are none of them go. A key
    /// that only a later run has comes back with that run's own replay.
    pub(crate) async fn find(&self) -> Result<Vec<ReplayedBatch>, Failure> {
        let mut now = line(self.lab, "now", self.stream);
        self.keys_now(&mut now).await?;
        let mut withdrawn = Vec::new();
        for run in std::iter::once(&self.history.run).chain(&self.history.later) {
            let Some(mut then) = line_of_run(self.lab, run, &self.stream.name).await? else { continue };
            self.keys_then(run, &mut then, &mut withdrawn).await?;
        }
        Ok(withdrawn)
    }

    async fn keys_now(&self, now: &mut Line<'_>) -> Result<(), Failure> {
        let run = &self.history.run;
        for batch in delivered(&self.lab.parts, run, self.name()).await? {
            let raw = self.lab.parts.staging.get_batch(&batch.raw).await?;
            let outcome = now.put(&lined(run, self.name()), &batch.id, &raw).await?;
            if let Some(fault) = outcome.fault {
                return Err(fault.into());
            }
            let keys = of_outcome(&outcome, self.primary_key)?;
            let keys: Vec<u128> = keys.iter().map(|keyed| keyed.key).collect();
            self.lab.keys.remember_keys(self.replay, SCOPE, &batch.id, &keys).await?;
        }
        Ok(())
    }

    async fn keys_then(
        &self,
        run: &Run,
        then: &mut Line<'_>,
        withdrawn: &mut Vec<ReplayedBatch>,
    ) -> Result<(), Failure> {
        for batch in delivered(&self.lab.parts, run, self.name()).await? {
            let raw = self.lab.parts.staging.get_batch(&batch.raw).await?;
            let outcome = then.put(&lined(run, self.name()), &batch.id, &raw).await?;
            let keyed = of_outcome(&outcome, self.primary_key)?;
            let keys: Vec<u128> = keyed.iter().map(|keyed| keyed.key).collect();
            let as_delivered = flow::BatchId::from_text(&format!("delivered {}", batch.id));
            let seen = self.lab.keys.remember_keys(self.replay, SCOPE, &as_delivered, &keys).await?;
            let gone: Vec<Keyed> =
                keyed.into_iter().zip(seen).filter(|(_, seen)| !seen).map(|(keyed, _)| keyed).collect();
            if !gone.is_empty() {
                let keys = rows_of_keys(&outcome.rows, &gone, self.primary_key)?;
                let prefix = format!("work/{}/{}", self.replay, self.name());
                let name = format!("{}-withdrawn", batch.id);
                let object = self.lab.parts.staging.put_batch(&prefix, &name, &keys).await.map_err(Fault::from)?;
                withdrawn.push(ReplayedBatch { from: batch.id, object });
            }
        }
        Ok(())
    }

    fn name(&self) -> &StreamName {
        &self.stream.name
    }
}
