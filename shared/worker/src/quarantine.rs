use std::collections::BTreeMap;

use arrow_array::RecordBatch;
use batch::quarantine::{Entry, to_batch};
use flow::{BatchId, Context, Digest, Fault};
use staging::StagingExt;
use store::record::{Hop, Quarantined};

use crate::Parts;

impl Parts {
    /// Keeps the rows one hop quarantines of one batch: all of them in one object in the stage, and
    /// in the store one record for each reason. Asked again, it replaces what was kept before.
    pub async fn quarantine(
        &self,
        context: &Context,
        batch: &BatchId,
        hop: Hop,
        entries: &[Entry],
        raw: Option<&RecordBatch>,
    ) -> Result<(), Fault> {
        if entries.is_empty() {
            // Only an earlier attempt can have left something to replace.
            if context.attempt > 1 {
                self.store.quarantine(batch, hop, &[]).await?;
            }
            return Ok(());
        }
        let prefix = format!("quarantine/{}/{}/{}", context.sync, context.stream, context.run);
        let name = format!("{batch}-{}", hop.as_str());
        let object = self.staging.put_batch(&prefix, &name, &to_batch(entries, raw)?).await?;
        let at = self.clock.now();
        let mut rows_by_reason: BTreeMap<Reason<'_>, u64> = BTreeMap::new();
        entries.iter().for_each(|entry| *rows_by_reason.entry(Reason::of(entry)).or_default() += 1);
        let records: Vec<Quarantined> = rows_by_reason
            .into_iter()
            .map(|(reason, rows)| Quarantined {
                id: reason.id_in(batch, hop),
                sync: context.sync.clone(),
                stream: context.stream.clone(),
                run: context.run.clone(),
                batch: batch.clone(),
                hop,
                rule: reason.rule.to_owned(),
                column: reason.column.map(str::to_owned),
                code: reason.code.to_owned(),
                reason: reason.text.to_owned(),
                severity: reason.severity,
                rows,
                object: object.clone(),
                at,
                resolved_by: None,
            })
            .collect();
        Ok(self.store.quarantine(batch, hop, &records).await?)
    }
}

/// What rows of one record have in common.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Reason<'a> {
    rule: &'a str,
    column: Option<&'a str>,
    code: &'a str,
    text: &'a str,
    severity: flow::Severity,
}

impl<'a> Reason<'a> {
    fn of(entry: &'a Entry) -> Self {
        Self {
            rule: &entry.rule,
            column: entry.column.as_deref(),
            code: &entry.code,
            text: &entry.reason,
            severity: entry.severity,
        }
    }

    fn id_in(&self, batch: &BatchId, hop: Hop) -> String {
        let parts = [batch.as_str(), hop.as_str(), self.rule, self.column.unwrap_or(""), self.code, self.text];
        Digest::of(parts.join("\u{1f}").as_bytes()).short().to_owned()
    }
}
