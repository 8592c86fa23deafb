//! Event source mappings: what a batch may take fits into the function's time, and one bad message
//! takes no good ones along.

use serde_json::Value;

use crate::document::{Template, all_of, place};
use crate::expected::{Expected, FUNCTIONS, messages};
use crate::findings::Findings;

/// Seconds a function keeps back to answer for its messages.
const RESERVE: u64 = 10;

/// Lambda takes no more from a FIFO queue at a time.
const LARGEST_BATCH: u64 = 10;

/// Seconds between the end of a function's time and the moment its messages are seen again, at
/// least: they are hidden from the receive on, and the function starts later.
const SLACK: u64 = 10;

pub(crate) fn check(template: &Template, findings: &mut Findings) {
    for expected in &FUNCTIONS {
        let function = expected.function();
        let own: Vec<_> = template
            .of_type("AWS::Lambda::EventSourceMapping")
            .filter(|(_, mapping)| place(&mapping["FunctionName"]) == function)
            .collect();
        let expected_mappings = usize::from(expected.receives.is_some());
        findings.add_unless(own.len() == expected_mappings, &function, "not the mappings it needs");
        for (name, mapping) in own {
            check_one(template, expected, name, mapping, findings);
        }
    }
}

fn check_one(template: &Template, expected: &Expected, name: &str, mapping: &Value, findings: &mut Findings) {
    let queue = place(&mapping["EventSourceArn"]);
    let meant = expected.receives.map(messages).unwrap_or_default();
    findings.add_unless(queue == meant, name, format!("takes from `{queue}`, not from `{meant}`"));
    let types = all_of(&mapping["FunctionResponseTypes"]);
    let reports = types.iter().any(|it| *it == "ReportBatchItemFailures");
    findings.add_unless(reports, name, "does not report failures of single messages: no ReportBatchItemFailures");
    let window = &mapping["MaximumBatchingWindowInSeconds"];
    findings.add_unless(window.is_null() || window == 0, name, "has a window, which FIFO queues do not take");
    check_time(template, expected, name, mapping, findings);
    check_concurrency(template, expected, name, mapping, findings);
}

fn check_time(template: &Template, expected: &Expected, name: &str, mapping: &Value, findings: &mut Findings) {
    let function = template.resource(&expected.function());
    let timeout = function["Properties"]["Timeout"].as_u64().unwrap_or_default();
    let queue = place(&mapping["EventSourceArn"]);
    let visibility = template.resource(&queue)["Properties"]["VisibilityTimeout"].as_u64().unwrap_or(30);
    let is_hidden = visibility >= timeout + SLACK;
    findings.add_unless(
        is_hidden,
        &queue,
        format!("shows messages again after {visibility} s, and the function may have them for {timeout} s"),
    );
    let size = mapping["BatchSize"].as_u64().unwrap_or(LARGEST_BATCH);
    findings.add_unless(
        (1..=LARGEST_BATCH).contains(&size),
        name,
        format!("a batch of {size} is none of a FIFO queue"),
    );
    match function["Metadata"]["SecondsPerMessage"].as_u64() {
        None => findings.add(&expected.function(), "does not say what a message may take: no SecondsPerMessage"),
        Some(seconds) => findings.add_unless(
            size * seconds + RESERVE <= timeout,
            name,
            format!("a batch of {size} messages of {seconds} s does not fit into {timeout} s"),
        ),
    }
}

/// Lanes side by side are bounded, and what is reserved is no less: the rest would be throttled.
fn check_concurrency(template: &Template, expected: &Expected, name: &str, mapping: &Value, findings: &mut Findings) {
    let most = &mapping["ScalingConfig"]["MaximumConcurrency"];
    let Some(number) = template.number(most).filter(|most| *most >= 2) else {
        return findings.add(name, "is not bounded: no MaximumConcurrency");
    };
    let reserved = &template.resource(&expected.function())["Properties"]["ReservedConcurrentExecutions"];
    for reserved in all_of(reserved) {
        let is_enough = reserved == most || reserved.as_u64().is_some_and(|reserved| reserved >= number);
        findings.add_unless(is_enough, &expected.function(), "reserves less than its mapping asks for");
    }
}
