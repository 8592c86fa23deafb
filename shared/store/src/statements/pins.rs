//! What batches are transformed with.

use flow::BatchId;

use super::activations::last_activation;
use super::dialect::{Connection, Own, database};
use crate::Error;
use crate::lock::Lock;
use crate::record::{Activation, Pin, Pinning, Pins};
use crate::tables::columns::{integer, micros};
use crate::tables::rows::pin_of;

const DOING: &str = "pin a batch to its modules";

impl Own {
    pub(super) async fn pin_batch(&self, pins: &Pins) -> Result<Pinning, Error> {
        let own = Lock::Pins(pins.batch.as_str());
        let mut transaction = self.begin_beside(DOING, Lock::Modules, own).await?;
        let held = held(&mut transaction, &pins.batch, i64::from(pins.version)).await?;
        if !held.is_empty() {
            return Ok(Pinning::Held(held));
        }
        if let Some(activations) = newer(&mut transaction, &pins.modules).await? {
            let in_use = in_use(&mut transaction, pins).await?;
            return Ok(Pinning::Moved { activations, in_use });
        }
        for (ordinal, pin) in (0_u64..).zip(&pins.modules) {
            insert(&mut transaction, pins, ordinal, pin).await?;
        }
        transaction.commit().await.map_err(database(DOING))?;
        Ok(Pinning::Held(pins.modules.clone()))
    }

    pub(super) async fn pins(&self, batch: &BatchId) -> Result<Vec<Pin>, Error> {
        let rows = sqlx::query(
            "SELECT * FROM pins WHERE batch = $1 \
             AND version = (SELECT MAX(latest.version) FROM pins latest WHERE latest.batch = $1) ORDER BY ordinal",
        )
        .bind(batch.as_str())
        .fetch_all(&mut *self.reader().await?)
        .await
        .map_err(database("read what a batch is pinned to"))?;
        rows.iter().map(pin_of).collect()
    }
}

async fn held(connection: &mut Connection, batch: &BatchId, version: i64) -> Result<Vec<Pin>, Error> {
    let rows = sqlx::query("SELECT * FROM pins WHERE batch = $1 AND version = $2 ORDER BY ordinal")
        .bind(batch.as_str())
        .bind(version)
        .fetch_all(connection)
        .await
        .map_err(database(DOING))?;
    rows.iter().map(pin_of).collect()
}

/// The last activations of all names that follow one, if any of them is not the one in view.
async fn newer(connection: &mut Connection, pins: &[Pin]) -> Result<Option<Vec<Activation>>, Error> {
    let mut activations: Vec<Activation> = Vec::new();
    let mut have_moved = false;
    for pin in pins {
        let Some(seen) = pin.activation else { continue };
        let last = last_activation(&mut *connection, &pin.module).await?;
        have_moved |= last.as_ref().map_or(0, |last| last.ordinal) != seen;
        activations.extend(last.filter(|last| !activations.iter().any(|other| other.name == last.name)));
    }
    Ok(have_moved.then_some(activations))
}

/// What the stream's batch has that was pinned last, whatever the version of the spec.
async fn in_use(connection: &mut Connection, pins: &Pins) -> Result<Vec<Pin>, Error> {
    let last: Option<(String, i64)> = sqlx::query_as(
        "SELECT batch, version FROM pins WHERE run = $1 AND stream = $2 \
         ORDER BY pinned_at DESC, version DESC, batch LIMIT 1",
    )
    .bind(pins.run.as_str())
    .bind(pins.stream.as_str())
    .fetch_optional(&mut *connection)
    .await
    .map_err(database(DOING))?;
    match last {
        Some((batch, version)) => held(connection, &BatchId::from_text(&batch), version).await,
        None => Ok(Vec::new()),
    }
}

async fn insert(connection: &mut Connection, pins: &Pins, ordinal: u64, pin: &Pin) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO pins (batch, version, ordinal, run, stream, module, digest, activation, pinned_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(pins.batch.as_str())
    .bind(i64::from(pins.version))
    .bind(integer(ordinal)?)
    .bind(pins.run.as_str())
    .bind(pins.stream.as_str())
    .bind(&pin.module)
    .bind(pin.digest.as_str())
    .bind(pin.activation.map(integer).transpose()?)
    .bind(micros(pins.at))
    .execute(connection)
    .await
    .map_err(database(DOING))?;
    Ok(())
}
