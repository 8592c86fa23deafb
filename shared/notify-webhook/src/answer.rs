//! What an answer's status and headers mean.

use std::time::Duration;

use notify::Error;
use reqwest::StatusCode;
use reqwest::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};

/// 2xx is taken; 408, 429 and 5xx ask for another try; all else, redirects too, is refused.
pub(crate) fn judge(status: StatusCode, headers: &HeaderMap) -> Result<(), Error> {
    let may_pass =
        status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT || status == StatusCode::TOO_MANY_REQUESTS;
    match status.as_u16() {
        200..=299 => Ok(()),
        status if may_pass => Err(Error::Unavailable { status, retry_after: retry_after(headers) }),
        status => Err(Error::Refused { status }),
    }
}

/// Seconds, or a date, which counts from the answer's own: the two clocks may differ.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = text_of(headers, RETRY_AFTER)?;
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = |text| chrono::DateTime::parse_from_rfc2822(text).ok();
    let wait = date(text)? - date(text_of(headers, DATE)?)?;
    Some(wait.to_std().unwrap_or_default())
}

fn text_of(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait_of(headers: &[(HeaderName, &str)]) -> Option<Duration> {
        let headers = headers.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect();
        match judge(StatusCode::SERVICE_UNAVAILABLE, &headers) {
            Err(Error::Unavailable { status: 503, retry_after }) => retry_after,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_wait_is_read_in_seconds_or_as_a_date() {
        let (early, late) = ("Wed, 21 Oct 2015 07:28:00 GMT", "Wed, 21 Oct 2015 07:30:00 GMT");
        assert_eq!(wait_of(&[(RETRY_AFTER, "120")]), Some(Duration::from_secs(120)));
        assert_eq!(wait_of(&[(RETRY_AFTER, late), (DATE, early)]), Some(Duration::from_secs(120)));
        assert_eq!(wait_of(&[(RETRY_AFTER, early), (DATE, late)]), Some(Duration::ZERO));
        for unreadable in ["", "soon", "-5", "1.5", "99999999999999999999", late] {
            assert_eq!(wait_of(&[(RETRY_AFTER, unreadable)]), None, "{unreadable}");
        }
    }

    #[test]
    fn each_status_is_taken_tried_again_or_refused() {
        for (statuses, code) in [
            (vec![200, 201, 202, 204, 299], None),
            (vec![408, 429, 500, 502, 503, 504, 599], Some("receiver_unavailable")),
            (vec![300, 301, 302, 307, 308, 400, 401, 403, 404, 405, 410, 413, 422], Some("receiver_refused")),
        ] {
            for status in statuses {
                let judged = judge(StatusCode::from_u16(status).unwrap(), &HeaderMap::new());
                assert_eq!(judged.err().map(|error| flow::Fault::from(error).code).as_deref(), code, "{status}");
            }
        }
    }
}
