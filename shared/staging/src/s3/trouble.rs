//! What an answer, or none, means: who can mend it.

use std::error::Error as StdError;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use flow::aws::Refusal;

use crate::Error;
use crate::error::Cause;

/// What was asked for.
pub(super) struct Asked<'a> {
    pub(super) doing: &'static str,
    pub(super) key: &'a str,
    pub(super) bucket: &'a str,
    pub(super) region: Option<&'a str>,
}

/// What S3 said, without what it was asked.
#[derive(Debug, thiserror::Error)]
#[error("{code} (HTTP status {status}): {message}")]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) code: String,
    pub(super) message: String,
    /// Where the bucket is, when it is elsewhere.
    pub(super) region: Option<String>,
}

impl Asked<'_> {
    /// The error for a request that failed after all its repeats.
    pub(super) fn failed<E>(&self, error: SdkError<E, HttpResponse>) -> Error
    where
        E: StdError + ProvideErrorMetadata + Send + Sync + 'static,
    {
        let is_wrong = matches!(error, SdkError::ConstructionFailure(_));
        match error {
            SdkError::ServiceError(context) => self.answered(Answer::of(context.err(), context.raw())),
            error => match error.into_source() {
                Ok(source) if is_wrong => self.unsent(source),
                Ok(source) => self.unanswered(source),
                Err(error) => self.unavailable(error.to_string().into()),
            },
        }
    }

    /// S3 answered, and said no.
    pub(super) fn answered(&self, answer: Answer) -> Error {
        let (doing, key, bucket) = (self.doing, self.key.to_owned(), self.bucket.to_owned());
        match (answer.code.as_str(), answer.status) {
            ("NoSuchKey" | "NotFound", _) => Error::NotFound { key },
            ("NoSuchBucket", _) => Error::NoBucket { bucket, source: answer.into() },
            ("PermanentRedirect" | "TemporaryRedirect" | "IllegalLocationConstraintException", _) | (_, 301 | 307) => {
                self.elsewhere(answer.region)
            }
            ("AuthorizationHeaderMalformed", _) if answer.region.is_some() || answer.message.contains("region") => {
                self.elsewhere(answer.region)
            }
            (code, status) => match Refusal::of(code, status) {
                Refusal::Throttled => Error::Throttled { doing, key, source: answer.into() },
                Refusal::Credentials => Error::Credentials { bucket, source: Some(answer.into()) },
                Refusal::Denied => Error::Denied { doing, key, bucket, source: answer.into() },
                Refusal::Unavailable => self.unavailable(answer.into()),
                Refusal::Other => Error::Refused { doing, key, source: answer.into() },
            },
        }
    }

    /// Nothing came back, or nothing was sent for want of credentials.
    fn unanswered(&self, source: Cause) -> Error {
        match credentials_error(&*source) {
            // Whoever gives the credentials did not answer: that can pass.
            Some(CredentialsError::ProviderTimedOut(_) | CredentialsError::ProviderError(_)) | None => {
                self.unavailable(source)
            }
            Some(_) => Error::Credentials { bucket: self.bucket.to_owned(), source: Some(source) },
        }
    }

    /// The request could not even be made.
    fn unsent(&self, source: Cause) -> Error {
        Error::Refused { doing: self.doing, key: self.key.to_owned(), source }
    }

    fn unavailable(&self, source: Cause) -> Error {
        Error::Unavailable { doing: self.doing, key: self.key.to_owned(), source }
    }

    fn elsewhere(&self, found: Option<String>) -> Error {
        let quoted = |region: &str| format!("region `{region}`");
        Error::Region {
            bucket: self.bucket.to_owned(),
            asked: self.region.map_or_else(|| "some region".to_owned(), quoted),
            found: found.as_deref().map_or_else(|| "another region".to_owned(), quoted),
        }
    }
}

impl Answer {
    fn of(error: &impl ProvideErrorMetadata, response: &HttpResponse) -> Self {
        let status = response.status().as_u16();
        let region = response.headers().get("x-amz-bucket-region").map(str::to_owned);
        Self {
            status,
            code: error.code().unwrap_or("no code").to_owned(),
            message: error.message().unwrap_or("no message").to_owned(),
            region,
        }
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

    fn check(code: &str, status: u16, region: Option<&str>, kind: FaultKind, fault_code: &str) {
        let asked = Asked { doing: "read", key: "runs/1/a", bucket: "stage", region: Some("eu-west-1") };
        let answer =
            Answer { status, code: code.to_owned(), message: "said so".to_owned(), region: region.map(str::to_owned) };
        let fault = Fault::from(asked.answered(answer));
        assert_eq!((fault.kind, fault.code.as_str()), (kind, fault_code), "{code} {status}: {fault}");
    }

    #[test]
    fn every_answer_has_its_fault() {
        let cases = [
            ("NoSuchKey", 404, FaultKind::Bug, "object_missing"),
            ("NoSuchBucket", 404, FaultKind::Config, "stage_bucket"),
            ("AccessDenied", 403, FaultKind::Config, "stage_access_denied"),
            ("KMS.DisabledException", 400, FaultKind::Config, "stage_refused"),
            ("PermanentRedirect", 301, FaultKind::Config, "stage_region"),
            ("InvalidAccessKeyId", 403, FaultKind::Config, "stage_credentials"),
            ("ExpiredToken", 400, FaultKind::Config, "stage_credentials"),
            ("SlowDown", 503, FaultKind::Retry, "stage_throttled"),
            ("no code", 429, FaultKind::Retry, "stage_throttled"),
            ("ServiceUnavailable", 503, FaultKind::Retry, "stage_unavailable"),
            ("InternalError", 500, FaultKind::Retry, "stage_unavailable"),
            ("RequestTimeout", 400, FaultKind::Retry, "stage_unavailable"),
            ("EntityTooLarge", 400, FaultKind::Config, "stage_refused"),
        ];
        for (code, status, kind, fault) in cases {
            check(code, status, None, kind, fault);
        }
        check("AuthorizationHeaderMalformed", 400, Some("us-west-2"), FaultKind::Config, "stage_region");
        check("AuthorizationHeaderMalformed", 400, None, FaultKind::Config, "stage_credentials");
    }

    #[test]
    fn a_bucket_elsewhere_says_where() {
        let asked = Asked { doing: "list", key: "", bucket: "stage", region: Some("eu-west-1") };
        let text = asked.elsewhere(Some("us-west-2".to_owned())).to_string();
        assert!(text.contains("in region `eu-west-1`, and is in region `us-west-2`"), "{text}");
    }

    #[test]
    fn missing_credentials_are_found_below_other_errors() {
        #[derive(Debug, thiserror::Error)]
        #[error("dispatch")]
        struct Dispatch(#[source] CredentialsError);
        let asked = Asked { doing: "read", key: "a", bucket: "stage", region: None };
        let code = |error: CredentialsError| Fault::from(asked.unanswered(Dispatch(error).into())).code;
        assert_eq!(code(CredentialsError::not_loaded("none")), "stage_credentials");
        assert_eq!(code(CredentialsError::provider_timed_out(std::time::Duration::ZERO)), "stage_unavailable");
    }
}
