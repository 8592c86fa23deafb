//! Alarms: whatever stops a lane or the whole path is told.

use flow::QueueName;
use serde_json::Value;

use crate::document::{Template, all_of, place};
use crate::expected::{FUNCTIONS, dead_letters, messages};
use crate::findings::Findings;

const ABOVE: &str = "GreaterThanThreshold";

pub(crate) fn check(template: &Template, findings: &mut Findings) {
    for queue in QueueName::ALL {
        let dead = dead_letters(queue);
        let is_told = has_alarm(template, &dead, "ApproximateNumberOfMessagesVisible", is_first);
        findings.add_unless(is_told, &dead, "no alarm tells of dead letters");
        let messages = messages(queue);
        let is_old = |alarm: &Value| alarm["ComparisonOperator"] == ABOVE;
        let is_told = has_alarm(template, &messages, "ApproximateAgeOfOldestMessage", is_old);
        findings.add_unless(is_told, &messages, "no alarm tells of old messages");
    }
    for expected in &FUNCTIONS {
        let function = expected.function();
        for metric in ["Errors", "Throttles"] {
            let is_told = has_alarm(template, &function, metric, is_first);
            findings.add_unless(is_told, &function, format!("no alarm tells of {metric}"));
        }
    }
    let is_silent =
        |alarm: &Value| alarm["ComparisonOperator"] == "LessThanThreshold" && alarm["TreatMissingData"] == "breaching";
    let is_told = has_alarm(template, "ScheduleFunction", "Invocations", is_silent);
    findings.add_unless(is_told, "ScheduleFunction", "no alarm tells when it is not started");
    for (name, alarm) in template.of_type("AWS::CloudWatch::Alarm") {
        let tells: Vec<_> = all_of(&alarm["AlarmActions"]).into_iter().map(place).collect();
        findings.add_unless(tells == ["AlarmTopicArn"], name, "tells nobody");
        findings.add_unless(alarm["ActionsEnabled"] != false, name, "is switched off");
    }
}

/// Whether the first of something raises an alarm.
fn is_first(alarm: &Value) -> bool {
    alarm["ComparisonOperator"] == ABOVE && alarm["Threshold"] == 0
}

fn has_alarm(template: &Template, about: &str, metric: &str, is_right: impl Fn(&Value) -> bool) -> bool {
    template.of_type("AWS::CloudWatch::Alarm").any(|(_, alarm)| {
        let is_about = all_of(&alarm["Dimensions"]).iter().any(|dimension| place(&dimension["Value"]) == about);
        is_about && alarm["MetricName"] == metric && is_right(alarm)
    })
}
