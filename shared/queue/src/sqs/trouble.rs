//! What an answer, or none, means: who can mend it.

use std::error::Error as StdError;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_sqs::config::http::HttpResponse;
use aws_sdk_sqs::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sqs::types::BatchResultErrorEntry;
use flow::QueueName;
use flow::aws::{self, Refusal};

use crate::Error;
use crate::error::Cause;

/// What was asked for.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) doing: &'static str,
    pub(super) queue: QueueName,
    pub(super) address: &'a str,
}

/// What SQS said, without what it was asked.
#[derive(Debug, thiserror::Error)]
#[error("{code} (HTTP status {status}): {message}")]
pub(super) struct Answer {
    status: u16,
    code: String,
    message: String,
}

impl Asked<'_> {
    /// The error for a request that failed after all its repeats.
    pub(super) fn failed<E>(self, error: SdkError<E, HttpResponse>) -> Error
    where
        E: StdError + ProvideErrorMetadata + Send + Sync + 'static,
    {
        let is_unsent = matches!(error, SdkError::ConstructionFailure(_));
        match error {
            SdkError::ServiceError(context) => self.answered(Answer {
                status: context.raw().status().as_u16(),
                code: context.err().code().unwrap_or("no code").to_owned(),
                message: context.err().message().unwrap_or("no message").to_owned(),
            }),
            error => match error.into_source() {
                Ok(source) if is_unsent => self.unsent(source),
                Ok(source) => self.unanswered(source),
                Err(error) => self.unavailable(error.to_string().into()),
            },
        }
    }

    /// SQS answered, and said no.
    pub(super) fn answered(self, answer: Answer) -> Error {
        let (doing, queue) = (self.doing, self.queue);
        match (aws::plain(&answer.code), answer.status) {
            ("ReceiptHandleIsInvalid" | "MessageNotInflight" | "InvalidIdFormat", _) => Error::LeaseLost,
            // FIFO queues say so of a lease that has ended.
            ("InvalidParameterValue" | "InvalidParameterValueException", _)
                if answer.message.contains("ReceiptHandle") =>
            {
                Error::LeaseLost
            }
            ("QueueDoesNotExist" | "NonExistentQueue" | "InvalidAddress" | "QueueDeletedRecently", _) => {
                Error::NoQueue { queue, address: self.address.to_owned(), source: answer.into() }
            }
            (code, status) => match Refusal::of(code, status) {
                Refusal::Throttled => Error::Throttled { doing, queue, source: answer.into() },
                Refusal::Credentials => Error::Credentials { queue, source: Some(answer.into()) },
                Refusal::Denied => Error::Denied { doing, queue, source: answer.into() },
                Refusal::Unavailable => self.unavailable(answer.into()),
                Refusal::Other => Error::Refused { doing, queue, source: answer.into() },
            },
        }
    }

    /// Nothing came back, or nothing was sent for want of credentials.
    fn unanswered(self, source: Cause) -> Error {
        match credentials_error(&*source) {
            // Whoever gives the credentials did not answer: that can pass.
            Some(CredentialsError::ProviderTimedOut(_) | CredentialsError::ProviderError(_)) | None => {
                self.unavailable(source)
            }
            Some(_) => Error::Credentials { queue: self.queue, source: Some(source) },
        }
    }

    /// The request could not even be made.
    pub(super) fn unsent(self, source: Cause) -> Error {
        Error::Refused { doing: self.doing, queue: self.queue, source }
    }

    fn unavailable(self, source: Cause) -> Error {
        Error::Unavailable { doing: self.doing, queue: self.queue, source }
    }
}

impl Answer {
    /// What was said of one message of a batch.
    pub(super) fn of_entry(entry: BatchResultErrorEntry) -> Self {
        let message = entry.message.unwrap_or_else(|| "no message".to_owned());
        Self { status: if entry.sender_fault { 400 } else { 500 }, code: entry.code, message }
    }
}

fn credentials_error<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a CredentialsError> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<CredentialsError>() {
            return Some(found);
        }
        next = error.source();
    }
    None
}

#[cfg(test)]
mod tests {
    use flow::{Fault, FaultKind};

    use super::*;

    #[test]
    fn every_answer_has_its_fault() {
        let cases = [
            ("ReceiptHandleIsInvalid", 400, "", FaultKind::Retry, "lease_lost"),
            ("MessageNotInflight", 400, "", FaultKind::Retry, "lease_lost"),
            (
                "InvalidParameterValue",
                400,
                "Value x for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.",
                FaultKind::Retry,
                "lease_lost",
            ),
            ("InvalidParameterValue", 400, "Value x for parameter Y is invalid.", FaultKind::Config, "queue_refused"),
            ("AWS.SimpleQueueService.NonExistentQueue", 400, "", FaultKind::Config, "queue_missing"),
            ("com.amazonaws.sqs#QueueDoesNotExist", 400, "", FaultKind::Config, "queue_missing"),
            ("RequestThrottled", 403, "", FaultKind::Retry, "queue_throttled"),
            ("OverLimit", 403, "", FaultKind::Retry, "queue_throttled"),
            ("AccessDeniedException", 400, "", FaultKind::Config, "queue_access_denied"),
            ("KmsAccessDenied", 400, "", FaultKind::Config, "queue_access_denied"),
            ("InvalidClientTokenId", 403, "", FaultKind::Config, "queue_credentials"),
            ("ServiceUnavailable", 503, "", FaultKind::Retry, "queue_unavailable"),
            ("InternalFailure", 500, "", FaultKind::Retry, "queue_unavailable"),
            ("InvalidMessageContents", 400, "", FaultKind::Config, "queue_refused"),
        ];
        let asked = Asked { doing: "send", queue: QueueName::Staged, address: "https://sqs/1/staged.fifo" };
        for (code, status, message, kind, expected) in cases {
            let answer = Answer { status, code: code.to_owned(), message: message.to_owned() };
            let fault = Fault::from(asked.answered(answer));
            assert_eq!((fault.kind, fault.code.as_str()), (kind, expected), "{code}: {fault}");
        }
    }
}
