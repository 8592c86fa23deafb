//! Policies: each function is allowed what it does and nothing else, exactly.

use std::collections::BTreeSet;

use flow::QueueName;
use serde_json::Value;

use crate::document::{Template, all_of, place};
use crate::expected::{Expected, FUNCTIONS, dead_letters, messages};
use crate::findings::Findings;

/// What a function does with the queue that starts it: the mapping receives and deletes with the
/// function's role, the function gives back and buries.
const RECEIVING: [&str; 4] =
    ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes"];
const SENDING: &str = "sqs:SendMessage";
/// What connects a function to a VPC.
const NETWORK: &str = "NetworkPolicy";
const LOGGING: [&str; 2] = ["logs:CreateLogStream", "logs:PutLogEvents"];

/// An action that is allowed, and on what.
pub(crate) type Grant = (String, String);

pub(crate) fn check(template: &Template, findings: &mut Findings) {
    for expected in &FUNCTIONS {
        let role = expected.role();
        let (allowed, needed) = (grants(template, &role), needed(expected));
        for (action, place) in needed.difference(&allowed) {
            findings.add(&role, format!("does not allow {action} on {place}"));
        }
        for (action, place) in allowed.difference(&needed) {
            findings.add(&role, format!("allows {action} on {place}, which {} does not do", expected.binary));
        }
        check_attached(template, &role, findings);
    }
    check_network(template, findings);
    for (name, properties) in template.of_type("AWS::Lambda::Permission") {
        let is_narrow = properties["Principal"] == "events.amazonaws.com" && !properties["SourceArn"].is_null();
        findings.add_unless(is_narrow, name, "lets anybody start the function");
    }
}

/// What a role allows by its own policies.
pub(crate) fn grants(template: &Template, role: &str) -> BTreeSet<Grant> {
    statements(template, role).into_iter().filter(|it| it["Effect"] == "Allow").flat_map(granted).collect()
}

/// The statements of a role's own policies, or of a policy.
pub(crate) fn statements<'a>(template: &'a Template, holder: &str) -> Vec<&'a Value> {
    let properties = &template.resource(holder)["Properties"];
    let own = all_of(&properties["Policies"]).into_iter().map(|policy| &policy["PolicyDocument"]);
    own.chain([&properties["PolicyDocument"]]).flat_map(|document| all_of(&document["Statement"])).collect()
}

fn granted(statement: &Value) -> Vec<Grant> {
    let places: Vec<_> = all_of(&statement["Resource"]).into_iter().map(place).collect();
    let actions = all_of(&statement["Action"]).into_iter().map(place);
    actions.flat_map(|action| places.iter().map(move |place| (action.clone(), place.clone()))).collect()
}

fn needed(expected: &Expected) -> BTreeSet<Grant> {
    let mut needed: Vec<(&str, String)> = LOGGING.map(|action| (action, expected.logs())).to_vec();
    needed.extend(expected.receives.iter().flat_map(|queue| RECEIVING.map(|action| (action, messages(*queue)))));
    needed.extend(expected.sends.iter().map(|queue| (SENDING, messages(*queue))));
    let tending = |queue: &QueueName| {
        let place = dead_letters(*queue);
        RECEIVING.into_iter().chain([SENDING]).map(move |action| (action, place.clone()))
    };
    needed.extend(expected.tends.iter().flat_map(tending));
    needed.extend(expected.stage.iter().map(|(action, folder)| (*action, format!("StageBucket{folder}"))));
    needed.into_iter().map(|(action, place)| (action.to_owned(), place)).collect()
}

/// Of other policies a role has at most the one that connects it to a VPC.
fn check_attached(template: &Template, role: &str, findings: &mut Findings) {
    for policy in all_of(&template.resource(role)["Properties"]["ManagedPolicyArns"]) {
        let policy = place(policy);
        findings.add_unless(policy == NETWORK, role, format!("has the policy `{policy}` of somebody else"));
    }
}

/// It is Lambda that makes network interfaces: what the policy allows, it denies to the functions' own
/// code.
fn check_network(template: &Template, findings: &mut Findings) {
    let (denied, allowed): (Vec<_>, Vec<_>) =
        statements(template, NETWORK).into_iter().partition(|statement| statement["Effect"] == "Deny");
    let actions = |statements: Vec<&Value>| -> BTreeSet<Grant> { statements.into_iter().flat_map(granted).collect() };
    let of_functions = |statement: &&Value| {
        let functions = place(&statement["Condition"]["ArnLike"]["lambda:SourceFunctionArn"]);
        functions.ends_with(":function:${AWS::StackName}-*")
    };
    let is_denied = denied.iter().all(of_functions) && actions(denied) == actions(allowed.clone());
    findings.add_unless(is_denied, NETWORK, "lets the functions' own code change the network");
    let is_network = actions(allowed).iter().all(|(action, _)| action.starts_with("ec2:"));
    findings.add_unless(is_network, NETWORK, "allows more than the network");
}
