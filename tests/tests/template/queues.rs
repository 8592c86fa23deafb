//! Queues: in order, encrypted, and none without dead letters of its own.

use std::collections::BTreeSet;

use flow::QueueName;
use serde_json::Value;

use crate::document::{Template, place};
use crate::expected::{dead_letters, messages};
use crate::findings::Findings;

const QUEUE: &str = "AWS::SQS::Queue";

pub(crate) fn check(template: &Template, findings: &mut Findings) {
    let mut ours = BTreeSet::new();
    for queue in QueueName::ALL {
        let (messages, dead) = (messages(queue), dead_letters(queue));
        check_redrive(template, &messages, &dead, findings);
        ours.extend([messages, dead]);
    }
    for name in &ours {
        findings.add_unless(template.has(name, QUEUE), name, "is not there");
    }
    for (name, properties) in template.of_type(QUEUE) {
        findings.add_unless(ours.contains(name), name, "is a queue that nothing is known of");
        check_one(name, properties, findings);
    }
}

fn check_one(name: &str, properties: &Value, findings: &mut Findings) {
    findings.add_unless(properties["FifoQueue"] == true, name, "does not keep order: no FIFO queue");
    // Ids are unique in a queue, not in a group only: the other way would double messages.
    findings.add_unless(properties["DeduplicationScope"] == "queue", name, "remembers ids for each group alone");
    findings.add_unless(properties["FifoThroughputLimit"] == "perQueue", name, "has a throughput AWS refuses it");
    let is_encrypted = properties["SqsManagedSseEnabled"] == true || properties["KmsMasterKeyId"].is_string();
    findings.add_unless(is_encrypted, name, "is not encrypted");
    // A message that is forgotten leaves a run that never ends: 14 days is the longest.
    findings.add_unless(properties["MessageRetentionPeriod"] == 1_209_600, name, "forgets messages early");
}

fn check_redrive(template: &Template, messages: &str, dead: &str, findings: &mut Findings) {
    let redrive = &template.resource(messages)["Properties"]["RedrivePolicy"];
    let target = place(&redrive["deadLetterTargetArn"]);
    findings.add_unless(target == dead, messages, format!("its dead letters do not go to {dead}"));
    let most = queue::Limits::default().max_receives;
    let is_same = redrive["maxReceiveCount"] == most;
    findings.add_unless(is_same, messages, format!("is not buried after the {most} receives of queue::Limits"));
}
