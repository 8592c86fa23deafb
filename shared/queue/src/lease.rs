//! What the embedded queues share: how a lease is named, when it ends, what fits.

use std::time::Duration;

use flow::{Fault, FaultKind, QueueName, Timestamp};

use crate::{Error, Limits, Outgoing, Receipt};

/// One lease of one message. A message counts its leases and its number is never used again, so
/// no two leases have the same name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lease {
    pub(crate) message: i64,
    pub(crate) number: i64,
}

impl Lease {
    pub(crate) fn receipt(self, queue: QueueName) -> Receipt {
        Receipt { queue, token: format!("{}-{}", self.message, self.number) }
    }

    /// A receipt that is not one of ours names no lease that could still be held.
    pub(crate) fn of(receipt: &Receipt) -> Result<Self, Error> {
        let parse = || {
            let (message, number) = receipt.token.split_once('-')?;
            Some(Self { message: message.parse().ok()?, number: number.parse().ok()? })
        };
        parse().ok_or(Error::LeaseLost)
    }
}

/// Microseconds since 1970 of the moment `wait` from `now`, as far as they can be counted.
pub(crate) fn moment(now: Timestamp, wait: Duration) -> i64 {
    now.timestamp_micros().saturating_add(i64::try_from(wait.as_micros()).unwrap_or(i64::MAX))
}

/// When a message that waits for `delay` is ready. One without delay always is, even when the
/// time of day is set back.
pub(crate) fn ready_after(now: Timestamp, delay: Duration) -> i64 {
    if delay.is_zero() { 0 } else { moment(now, delay) }
}

pub(crate) fn check_size(message: &Outgoing, limits: &Limits) -> Result<(), Error> {
    let (bytes, limit) = (message.body.len(), limits.max_message_bytes);
    if bytes > limit { Err(Error::TooLarge { bytes, limit }) } else { Ok(()) }
}

pub(crate) fn too_many_receives(receives: u32) -> Fault {
    let message = format!("received {receives} times and never answered for: whoever takes it stops or is stopped");
    Fault::new(FaultKind::Retry, "too_many_receives", message)
}
