//! The environment: a function is told of what its policy lets it use, and of nothing else.

use std::collections::{BTreeMap, BTreeSet};

use flow::QueueName;
use serde_json::Value;

use crate::document::{Template, all_of, place};
use crate::expected::{Expected, FUNCTIONS, dead_letters, messages};
use crate::findings::Findings;
use crate::policies::grants;

pub(crate) fn check(template: &Template, findings: &mut Findings) {
    for expected in &FUNCTIONS {
        check_names(template, expected, findings);
        check_against_policy(template, expected, findings);
    }
}

fn variables<'a>(template: &'a Template, expected: &Expected) -> impl Iterator<Item = (&'a str, &'a Value)> + use<'a> {
    let function = template.resource(&expected.function());
    let variables = function["Properties"]["Environment"]["Variables"].as_object();
    variables.into_iter().flatten().map(|(name, value)| (name.as_str(), value))
}

/// The variables a function reads, with the parameter or resource each refers to.
fn known(expected: &Expected) -> BTreeMap<String, String> {
    let stage = (!expected.stage.is_empty()).then_some(("MILLSTREAM_BUCKET", "StageBucket"));
    let plain = stage.into_iter().chain([("MILLSTREAM_STORE", "StoreUrl")]).chain(expected.secret);
    let plain = plain.map(|(name, meant)| (name.to_owned(), meant.to_owned()));
    let used =
        expected.receives.iter().chain(expected.sends).map(|queue| (variable("QUEUE", *queue), messages(*queue)));
    let tended = expected.tends.iter().map(|queue| (variable("DEAD_LETTERS", *queue), dead_letters(*queue)));
    plain.chain(used).chain(tended).collect()
}

fn variable(what: &str, queue: QueueName) -> String {
    format!("MILLSTREAM_{what}_{}", queue.as_str().to_uppercase())
}

fn check_names(template: &Template, expected: &Expected, findings: &mut Findings) {
    let function = expected.function();
    let known = known(expected);
    let found: BTreeMap<_, _> = variables(template, expected).collect();
    for (name, value) in &found {
        let refers_to: Vec<_> = all_of(value).into_iter().map(place).collect();
        match known.get(*name) {
            None => findings.add(&function, format!("is told `{name}`, which it does not know")),
            Some(meant) => {
                findings.add_unless(refers_to == [meant.as_str()], &function, format!("`{name}` is not `{meant}`"));
                let is_secret = name.ends_with("_URL") || *name == "MILLSTREAM_STORE";
                let is_hidden = template.parameter(meant)["NoEcho"] == true;
                findings.add_unless(!is_secret || is_hidden, meant, "is a secret and shown: no NoEcho");
            }
        }
    }
    for name in known.keys().filter(|name| !found.contains_key(name.as_str())) {
        findings.add(&function, format!("is not told `{name}`"));
    }
}

/// Whoever is told of a queue may use it, and whoever may use one is told of it.
fn check_against_policy(template: &Template, expected: &Expected, findings: &mut Findings) {
    let is_queue = |place: &String| template.has(place, "AWS::SQS::Queue");
    let told: BTreeSet<_> =
        variables(template, expected).flat_map(|(_, value)| all_of(value)).map(place).filter(is_queue).collect();
    let allowed: BTreeSet<_> =
        grants(template, &expected.role()).into_iter().map(|(_, place)| place).filter(is_queue).collect();
    for queue in told.difference(&allowed) {
        findings.add(&expected.function(), format!("is told of {queue}, which its policy does not let it use"));
    }
    for queue in allowed.difference(&told) {
        findings.add(&expected.role(), format!("allows {queue}, of which the function is not told"));
    }
}
