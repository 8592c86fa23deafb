//! The statements. Those that change messages take the connection of an open write transaction.

use std::time::Duration;

use flow::{Fault, QueueName, Timestamp};
use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, Row, SqliteConnection, SqlitePool};

use super::file::failed;
use crate::lease::{Lease, moment, ready_after};
use crate::{DeadLetter, Depth, Error, Outgoing, Received, Sent};

/// How long a deduplication id is remembered, from now.
#[derive(Clone, Copy)]
pub(super) struct Window {
    pub(super) now: Timestamp,
    pub(super) length: Duration,
}

/// The oldest message of a group.
pub(super) struct Head {
    pub(super) id: i64,
    message_group: String,
    body: String,
    leases: i64,
    pub(super) receives: u32,
}

impl FromRow<'_, SqliteRow> for Head {
    fn from_row(row: &SqliteRow) -> sqlx::Result<Self> {
        Ok(Self {
            id: row.try_get("id")?,
            message_group: row.try_get("message_group")?,
            body: row.try_get("body")?,
            leases: row.try_get("leases")?,
            receives: row.try_get("receives")?,
        })
    }
}

pub(super) async fn send(
    write: &mut SqliteConnection,
    queue: QueueName,
    message: &Outgoing,
    window: Window,
) -> Result<Sent, Error> {
    if !remember(write, queue, &message.deduplication_id, window).await? {
        return Ok(Sent::Duplicate);
    }
    sqlx::query(
        "INSERT INTO messages (queue, message_group, body, ready_at, turn)
         SELECT ?1, ?2, ?3, ?4, CASE
             WHEN EXISTS (SELECT 1 FROM messages WHERE queue = ?1 AND message_group = ?2) THEN NULL
             ELSE (SELECT COALESCE(MAX(turn), 0) + 1 FROM messages WHERE queue = ?1 AND turn IS NOT NULL)
         END",
    )
    .bind(queue.as_str())
    .bind(&message.group)
    .bind(&message.body)
    .bind(ready_after(window.now, message.delay))
    .execute(write)
    .await
    .map_err(failed("send a message"))?;
    Ok(Sent::New)
}

/// Whether the deduplication id is new.
async fn remember(write: &mut SqliteConnection, queue: QueueName, id: &str, window: Window) -> Result<bool, Error> {
    sqlx::query("DELETE FROM deduplication WHERE until <= ?")
        .bind(window.now.timestamp_micros())
        .execute(&mut *write)
        .await
        .map_err(failed("forget old deduplication ids"))?;
    let inserted = sqlx::query("INSERT INTO deduplication (queue, id, until) VALUES (?, ?, ?) ON CONFLICT DO NOTHING")
        .bind(queue.as_str())
        .bind(id)
        .bind(moment(window.now, window.length))
        .execute(write)
        .await
        .map_err(failed("remember a deduplication id"))?;
    Ok(inserted.rows_affected() == 1)
}

pub(super) const READY_HEADS: &str = "SELECT id, message_group, body, leases, receives FROM messages
     WHERE queue = ? AND turn IS NOT NULL AND ready_at <= ? ORDER BY turn LIMIT ?";

pub(super) async fn ready_heads(
    write: &mut SqliteConnection,
    queue: QueueName,
    max: usize,
    now: Timestamp,
) -> Result<Vec<Head>, Error> {
    sqlx::query_as(READY_HEADS)
        .bind(queue.as_str())
        .bind(now.timestamp_micros())
        .bind(i64::try_from(max).unwrap_or(i64::MAX))
        .fetch_all(write)
        .await
        .map_err(failed("find messages"))
}

pub(super) async fn lease(
    write: &mut SqliteConnection,
    queue: QueueName,
    head: Head,
    until: i64,
) -> Result<Received, Error> {
    let lease = Lease { message: head.id, number: head.leases + 1 };
    let receives = head.receives.saturating_add(1);
    sqlx::query("UPDATE messages SET is_leased = 1, leases = ?, receives = ?, ready_at = ? WHERE id = ?")
        .bind(lease.number)
        .bind(receives)
        .bind(until)
        .bind(head.id)
        .execute(write)
        .await
        .map_err(failed("lease a message"))?;
    Ok(Received { receipt: lease.receipt(queue), group: head.message_group, body: head.body, receives })
}

pub(super) async fn is_ready(readers: &SqlitePool, queue: QueueName, now: Timestamp) -> Result<bool, Error> {
    sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM messages WHERE queue = ? AND turn IS NOT NULL AND ready_at <= ?)")
        .bind(queue.as_str())
        .bind(now.timestamp_micros())
        .fetch_one(readers)
        .await
        .map_err(failed("look for messages"))
}

/// The message a lease still holds.
pub(super) async fn held(write: &mut SqliteConnection, queue: QueueName, lease: Lease) -> Result<i64, Error> {
    sqlx::query_scalar("SELECT id FROM messages WHERE id = ? AND leases = ? AND is_leased = 1 AND queue = ?")
        .bind(lease.message)
        .bind(lease.number)
        .bind(queue.as_str())
        .fetch_optional(write)
        .await
        .map_err(failed("find a lease"))?
        .ok_or(Error::LeaseLost)
}

pub(super) async fn acknowledge(write: &mut SqliteConnection, queue: QueueName, lease: Lease) -> Result<(), Error> {
    let message = held(write, queue, lease).await?;
    let group: String = sqlx::query_scalar("DELETE FROM messages WHERE id = ? RETURNING message_group")
        .bind(message)
        .fetch_one(&mut *write)
        .await
        .map_err(failed("acknowledge a message"))?;
    let now_first = first_of_group(write, queue, &group).await?;
    give_turn(write, queue, now_first).await
}

/// A message that comes back goes behind the heads of other groups: one that fails again and
/// again must not keep them waiting.
pub(super) async fn give_back(
    write: &mut SqliteConnection,
    queue: QueueName,
    lease: Lease,
    ready_at: i64,
) -> Result<(), Error> {
    let message = held(write, queue, lease).await?;
    sqlx::query("UPDATE messages SET is_leased = 0, ready_at = ? WHERE id = ?")
        .bind(ready_at)
        .bind(message)
        .execute(&mut *write)
        .await
        .map_err(failed("give a message back"))?;
    give_turn(write, queue, Some(message)).await
}

pub(super) async fn extend(
    write: &mut SqliteConnection,
    queue: QueueName,
    lease: Lease,
    until: i64,
) -> Result<(), Error> {
    let message = held(write, queue, lease).await?;
    sqlx::query("UPDATE messages SET ready_at = ? WHERE id = ?")
        .bind(until)
        .bind(message)
        .execute(write)
        .await
        .map(drop)
        .map_err(failed("extend a lease"))
}

/// Makes a message a dead letter.
pub(super) async fn bury(
    write: &mut SqliteConnection,
    queue: QueueName,
    message: i64,
    cause: &Fault,
    at: Timestamp,
) -> Result<(), Error> {
    let cause = serde_json::to_string(cause).map_err(Error::Encode)?;
    let group: String = sqlx::query_scalar(
        "INSERT INTO dead_letters (queue, message_group, body, cause, receives, died_at)
         SELECT queue, message_group, body, ?, receives, ? FROM messages WHERE id = ?
         RETURNING message_group",
    )
    .bind(cause)
    .bind(at.timestamp_micros())
    .bind(message)
    .fetch_one(&mut *write)
    .await
    .map_err(failed("keep a dead letter"))?;
    sqlx::query("DELETE FROM messages WHERE id = ?")
        .bind(message)
        .execute(&mut *write)
        .await
        .map_err(failed("remove a dead letter's message"))?;
    let now_first = first_of_group(write, queue, &group).await?;
    give_turn(write, queue, now_first).await
}

async fn first_of_group(write: &mut SqliteConnection, queue: QueueName, group: &str) -> Result<Option<i64>, Error> {
    sqlx::query_scalar("SELECT MIN(id) FROM messages WHERE queue = ? AND message_group = ?")
        .bind(queue.as_str())
        .bind(group)
        .fetch_one(write)
        .await
        .map_err(failed("find the next message of a group"))
}

/// Makes a message the last of the heads.
async fn give_turn(write: &mut SqliteConnection, queue: QueueName, message: Option<i64>) -> Result<(), Error> {
    let Some(message) = message else { return Ok(()) };
    sqlx::query(
        "UPDATE messages
         SET turn = (SELECT COALESCE(MAX(turn), 0) + 1 FROM messages WHERE queue = ? AND turn IS NOT NULL)
         WHERE id = ?",
    )
    .bind(queue.as_str())
    .bind(message)
    .execute(write)
    .await
    .map(drop)
    .map_err(failed("give a message its turn"))
}

pub(super) async fn release_leases(write: &mut SqliteConnection) -> Result<u64, Error> {
    sqlx::query("UPDATE messages SET is_leased = 0, ready_at = 0, receives = receives - 1 WHERE is_leased = 1")
        .execute(write)
        .await
        .map(|done| done.rows_affected())
        .map_err(failed("release the leases"))
}

pub(super) async fn depth(readers: &SqlitePool, queue: QueueName, now: Timestamp) -> Result<Depth, Error> {
    let (waiting, leased, delayed, dead): (i64, i64, i64, i64) = sqlx::query_as(
        "SELECT COUNT(*) FILTER (WHERE ready_at <= ?2),
                COUNT(*) FILTER (WHERE ready_at > ?2 AND is_leased = 1),
                COUNT(*) FILTER (WHERE ready_at > ?2 AND is_leased = 0),
                (SELECT COUNT(*) FROM dead_letters WHERE queue = ?1)
         FROM messages WHERE queue = ?1",
    )
    .bind(queue.as_str())
    .bind(now.timestamp_micros())
    .fetch_one(readers)
    .await
    .map_err(failed("count messages"))?;
    let [waiting, leased, delayed, dead] = [waiting, leased, delayed, dead].map(i64::unsigned_abs);
    Ok(Depth { waiting, leased, delayed, dead })
}

struct DeadRow {
    id: i64,
    message_group: String,
    body: String,
    cause: String,
    receives: u32,
    died_at: i64,
    reported: bool,
}

impl FromRow<'_, SqliteRow> for DeadRow {
    fn from_row(row: &SqliteRow) -> sqlx::Result<Self> {
        Ok(Self {
            id: row.try_get("id")?,
            message_group: row.try_get("message_group")?,
            body: row.try_get("body")?,
            cause: row.try_get("cause")?,
            receives: row.try_get("receives")?,
            died_at: row.try_get("died_at")?,
            reported: row.try_get("reported")?,
        })
    }
}

impl DeadRow {
    fn read(self, queue: QueueName) -> Result<DeadLetter, Error> {
        Ok(DeadLetter {
            id: self.id.to_string(),
            queue,
            group: self.message_group,
            body: self.body,
            cause: serde_json::from_str(&self.cause).map_err(Error::Unreadable)?,
            receives: self.receives,
            at: Timestamp::from_timestamp_micros(self.died_at).unwrap_or_default(),
            reported: self.reported,
        })
    }
}

pub(super) async fn dead_letters(readers: &SqlitePool, queue: QueueName) -> Result<Vec<DeadLetter>, Error> {
    let rows: Vec<DeadRow> = sqlx::query_as(
        "SELECT id, message_group, body, cause, receives, died_at, reported FROM dead_letters
         WHERE queue = ? ORDER BY id",
    )
    .bind(queue.as_str())
    .fetch_all(readers)
    .await
    .map_err(failed("list the dead letters"))?;
    rows.into_iter().map(|row| row.read(queue)).collect()
}

pub(super) async fn mark_reported(writer: &SqlitePool, id: &str) -> Result<(), Error> {
    sqlx::query("UPDATE dead_letters SET reported = 1 WHERE CAST(id AS TEXT) = ?")
        .bind(id)
        .execute(writer)
        .await
        .map(drop)
        .map_err(failed("mark a dead letter"))
}

pub(super) async fn discard(writer: &SqlitePool, id: &str) -> Result<(), Error> {
    sqlx::query("DELETE FROM dead_letters WHERE CAST(id AS TEXT) = ?")
        .bind(id)
        .execute(writer)
        .await
        .map(drop)
        .map_err(failed("discard a dead letter"))
}

/// Groups go whole, so no head has to be found for what is left.
pub(super) async fn purge(writer: &SqlitePool, queue: QueueName, prefix: &str) -> Result<u64, Error> {
    sqlx::query("DELETE FROM messages WHERE queue = ?1 AND substr(message_group, 1, length(?2)) = ?2")
        .bind(queue.as_str())
        .bind(prefix)
        .execute(writer)
        .await
        .map(|done| done.rows_affected())
        .map_err(failed("purge messages"))
}
