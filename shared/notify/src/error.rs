use std::error::Error as StdError;
use std::time::Duration;

use flow::{Fault, FaultKind};

/// Why a notification could not be sent. Never shows the receiver's address: it may hold a token.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The receiver's address is none.
    #[error("receiver's address is not usable: {expected}")]
    BadAddress {
        /// What it should be.
        expected: &'static str,
    },
    /// What sending needs could not be set up: certificates, encryption.
    #[error("set up the connection to the receiver")]
    Setup(#[source] Box<dyn StdError + Send + Sync>),
    /// The notification could not be written in the receiver's form.
    #[error("write the notification")]
    Encode(#[source] Box<dyn StdError + Send + Sync>),
    /// The receiver could not be reached, or did not answer in time.
    #[error("reach the receiver")]
    Unreachable(#[source] Box<dyn StdError + Send + Sync>),
    /// The receiver has trouble of its own, or was asked too often.
    #[error("receiver cannot take the notification now: it answered with status {status}")]
    Unavailable {
        /// HTTP status or its like.
        status: u16,
        /// How long it wants to be left alone.
        retry_after: Option<Duration>,
    },
    /// The receiver does not want the notification, now or later.
    #[error("receiver refused the notification with status {status}; check its address and what it expects")]
    Refused {
        /// HTTP status or its like.
        status: u16,
    },
    /// A fault wrapper was told to fail here.
    #[error("failure on command")]
    OnCommand,
}

impl From<Error> for Fault {
    fn from(error: Error) -> Fault {
        let (kind, code) = match &error {
            Error::BadAddress { .. } => (FaultKind::Config, "receiver_address"),
            Error::Setup(_) => (FaultKind::Config, "receiver_setup"),
            Error::Encode(_) => (FaultKind::Bug, "notification_encode"),
            Error::Unreachable(_) => (FaultKind::Retry, "receiver_unreachable"),
            Error::Unavailable { .. } => (FaultKind::Retry, "receiver_unavailable"),
            Error::Refused { .. } => (FaultKind::Config, "receiver_refused"),
            Error::OnCommand => (FaultKind::Retry, "on_command"),
        };
        let fault = Fault::from_error(kind, code, &error);
        match error {
            Error::Unavailable { retry_after: Some(wait), .. } => fault.after(wait),
            _ => fault,
        }
    }
}
