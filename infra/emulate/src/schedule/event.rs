//! The event of a rule that fires.

use flow::Timestamp;
use serde_json::{Value, json};

use crate::id;
use crate::template::{Place, Rule};

/// The event EventBridge gives for a schedule.
pub(super) fn scheduled(rule: &Rule, place: &Place, due: Timestamp) -> Value {
    json!({
        "version": "0",
        "id": id::uuid(),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": place.account,
        "time": due.format("%FT%TZ").to_string(),
        "region": place.region,
        "resources": [rule.arn],
        "detail": {},
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_event_is_eventbridges() {
        let rule = Rule {
            id: "EveryMinute".to_owned(),
            arn: "arn:aws:events:us-east-1:000000000000:rule/local-EveryMinute".to_owned(),
            expression: calendar::ScheduleExpression::parse("rate(1 minute)").unwrap(),
            written: "rate(1 minute)".to_owned(),
            targets: Vec::new(),
        };
        let place =
            Place { region: "us-east-1".to_owned(), account: "000000000000".to_owned(), stack: "local".to_owned() };
        let mut event = scheduled(&rule, &place, "2026-11-22T10:15:00.25Z".parse().unwrap());
        let id = event["id"].take();
        assert_eq!(id.as_str().map(str::len), Some(36));
        let expected = json!({
            "version": "0",
            "id": null,
            "detail-type": "Scheduled Event",
            "source": "aws.events",
            "account": "000000000000",
            "time": "2026-11-22T10:15:00Z",
            "region": "us-east-1",
            "resources": ["arn:aws:events:us-east-1:000000000000:rule/local-EveryMinute"],
            "detail": {}
        });
        assert_eq!(event, expected);
    }
}
