//! What a function's reply means for the messages of its batch.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::runtime::Outcome;

/// Which messages are done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// All of them.
    Done,
    /// All but these.
    Failed(BTreeSet<String>),
    /// None, and why.
    NoneDone(String),
}

/// Judges as AWS does: a null or empty reply is a success, one that cannot be understood fails the
/// whole batch. The reply counts only where the mapping reports failures.
pub(super) fn verdict(outcome: &Outcome, ids: &BTreeSet<&str>, reports_failures: bool) -> Verdict {
    match outcome {
        Outcome::Reply(_) if !reports_failures => Verdict::Done,
        Outcome::Reply(reply) => match failures(reply, ids) {
            Ok(failed) if failed.is_empty() => Verdict::Done,
            Ok(failed) => Verdict::Failed(failed),
            Err(why) => Verdict::NoneDone(why),
        },
        other => Verdict::NoneDone(other.trouble().unwrap_or_default()),
    }
}

/// The messages the reply names as failed; the error is why it cannot be understood.
fn failures(reply: &[u8], ids: &BTreeSet<&str>) -> Result<BTreeSet<String>, String> {
    if reply.iter().all(u8::is_ascii_whitespace) {
        return Ok(BTreeSet::new());
    }
    let reply: Value = serde_json::from_slice(reply).map_err(|_| "its reply is no JSON".to_owned())?;
    let named = match &reply {
        Value::Null => return Ok(BTreeSet::new()),
        Value::Object(fields) => fields.get("batchItemFailures").unwrap_or(&Value::Null),
        _ => return Err("its reply is no JSON object".to_owned()),
    };
    let failed = match named {
        Value::Null => return Ok(BTreeSet::new()),
        Value::Array(failed) => failed,
        _ => return Err("`batchItemFailures` of its reply is no list".to_owned()),
    };
    failed.iter().map(|failure| identifier(failure, ids)).collect()
}

fn identifier(failure: &Value, ids: &BTreeSet<&str>) -> Result<String, String> {
    match failure.get("itemIdentifier").and_then(Value::as_str) {
        Some(id) if ids.contains(id) => Ok(id.to_owned()),
        Some("") => Err("its reply has an empty `itemIdentifier`".to_owned()),
        Some(_) => Err("its reply names an `itemIdentifier` that is not in the batch".to_owned()),
        None => Err("its reply has a failure without `itemIdentifier`".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn check(reply: &str, expected: &Result<&[&str], &str>) {
        let verdict = verdict(&Outcome::Reply(reply.to_owned().into()), &["a", "b", "c"].into(), true);
        match (expected, &verdict) {
            (Ok([]), Verdict::Done) => {}
            (Ok(expected), Verdict::Failed(failed)) => {
                assert!(failed.iter().eq(expected.iter()), "{reply}: {failed:?}")
            }
            (Err(expected), Verdict::NoneDone(why)) => assert!(why.contains(expected), "{reply}: {why}"),
            _ => panic!("{reply}: {verdict:?} in place of {expected:?}"),
        }
    }

    #[test]
    fn a_reply_means_what_it_means_to_lambda() {
        let cases: [(&str, Result<&[&str], &str>); 18] = [
            ("", Ok(&[])),
            ("null", Ok(&[])),
            ("{}", Ok(&[])),
            (r#"{"batchItemFailures":[]}"#, Ok(&[])),
            (r#"{"batchItemFailures":null}"#, Ok(&[])),
            (r#"{"statusCode":200}"#, Ok(&[])),
            (r#"{"batchItemFailures":[{"itemIdentifier":"b"}]}"#, Ok(&["b"])),
            (r#"{"batchItemFailures":[{"itemIdentifier":"c"},{"itemIdentifier":"a"}]}"#, Ok(&["a", "c"])),
            (r#"{"batchItemFailures":[{"itemIdentifier":"b"},{"itemIdentifier":"b"}]}"#, Ok(&["b"])),
            (r#"{"batchItemFailures":[{"itemIdentifier":""}]}"#, Err("empty")),
            (r#"{"batchItemFailures":[{"itemIdentifier":null}]}"#, Err("without")),
            (r#"{"batchItemFailures":[{"itemIdentifier":"b"},{"itemIdentifier":"z"}]}"#, Err("not in the batch")),
            (r#"{"batchItemFailures":[{"id":"b"}]}"#, Err("without")),
            (r#"{"batchItemFailures":["b"]}"#, Err("without")),
            (r#"{"batchItemFailures":{"itemIdentifier":"b"}}"#, Err("no list")),
            (r#"{"batchItemFailures":["#, Err("no JSON")),
            ("\"ok\"", Err("no JSON object")),
            ("[]", Err("no JSON object")),
        ];
        for (reply, expected) in &cases {
            check(reply, expected);
        }
    }

    #[test]
    fn without_reports_any_reply_is_a_success_and_no_reply_is_none() {
        let ids = ["a"].into();
        assert_eq!(verdict(&Outcome::Reply("nonsense".into()), &ids, false), Verdict::Done);
        let ended = [
            Outcome::Error("{}".into()),
            Outcome::TimedOut { after: Duration::from_secs(3) },
            Outcome::Crashed { how: "exit status: 1".to_owned() },
            Outcome::NotStarted { why: "gone".to_owned() },
            Outcome::Throttled,
        ];
        for (outcome, reports) in ended.iter().flat_map(|outcome| [(outcome, false), (outcome, true)]) {
            assert!(matches!(verdict(outcome, &ids, reports), Verdict::NoneDone(_)), "{outcome:?}");
        }
    }
}
