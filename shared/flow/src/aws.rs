//! What a service of AWS means when it says no, by the codes its services share. What one service
//! alone says, its own crate knows.

/// Why a request was not done, by who can mend it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Too much was asked in too short a time.
    Throttled,
    /// The credentials are missing, wrong or no longer valid.
    Credentials,
    /// The credentials are good and do not allow it.
    Denied,
    /// The service is in trouble.
    Unavailable,
    /// It does not take the request, for a reason of its own.
    Other,
}

impl Refusal {
    /// By the error's code, and by the HTTP status where the code tells nothing.
    #[must_use]
    pub fn of(code: &str, status: u16) -> Self {
        match (plain(code), status) {
            ("SlowDown" | "Throttling" | "ThrottlingException" | "RequestThrottled" | "KmsThrottled", _)
            | ("TooManyRequests" | "TooManyRequestsException" | "RequestLimitExceeded", _)
            | ("BandwidthLimitExceeded" | "OverLimit", _)
            | (_, 429) => Refusal::Throttled,
            ("InvalidAccessKeyId" | "InvalidClientTokenId" | "UnrecognizedClientException", _)
            | ("SignatureDoesNotMatch" | "InvalidSignatureException" | "IncompleteSignature", _)
            | ("ExpiredToken" | "ExpiredTokenException" | "InvalidToken" | "TokenRefreshRequired", _)
            | ("MissingAuthenticationToken" | "MissingAuthenticationTokenException", _)
            | ("AuthorizationHeaderMalformed" | "InvalidSecurity", _)
            | ("RequestExpired" | "RequestTimeTooSkewed", _) => Refusal::Credentials,
            ("AccessDenied" | "AccessDeniedException" | "KmsAccessDenied" | "NotAuthorized", _) | (_, 401 | 403) => {
                Refusal::Denied
            }
            ("RequestTimeout" | "OperationAborted", _) | (_, 500..) => Refusal::Unavailable,
            _ => Refusal::Other,
        }
    }
}

/// A code without what earlier protocols put before it, as in `AWS.SimpleQueueService.NonExistentQueue`
/// and `com.amazonaws.sqs#QueueDoesNotExist`.
#[must_use]
pub fn plain(code: &str) -> &str {
    code.rsplit(['.', '#']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_counts_before_its_status() {
        let cases = [
            ("RequestThrottled", 403, Refusal::Throttled),
            ("KMS.ThrottlingException", 400, Refusal::Throttled),
            ("SlowDown", 503, Refusal::Throttled),
            ("no code", 429, Refusal::Throttled),
            ("ExpiredTokenException", 400, Refusal::Credentials),
            ("SignatureDoesNotMatch", 403, Refusal::Credentials),
            ("com.amazonaws.sqs#AccessDeniedException", 400, Refusal::Denied),
            ("no code", 403, Refusal::Denied),
            ("RequestTimeout", 400, Refusal::Unavailable),
            ("InternalError", 500, Refusal::Unavailable),
            ("KMS.DisabledException", 400, Refusal::Other),
        ];
        for (code, status, refusal) in cases {
            assert_eq!(Refusal::of(code, status), refusal, "{code} {status}");
        }
    }
}
