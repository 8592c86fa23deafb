//! What the template of `infra/aws` promises, read from its translation, `target/aws/template.json`.
//!
//! Every check names the resource that breaks it. That the checks can fail is shown by breaking the
//! template on purpose, one mutation after the other.

#![expect(clippy::unwrap_used, clippy::panic, reason = "without the translated template there is nothing to test")]

mod alarms;
mod bucket;
mod document;
mod environment;
mod expected;
mod findings;
mod functions;
mod mappings;
mod mutations;
mod policies;
mod queues;
mod wildcards;

use document::Template;
use findings::Findings;

fn check(template: &Template) -> Findings {
    let mut findings = Findings::default();
    functions::check(template, &mut findings);
    environment::check(template, &mut findings);
    policies::check(template, &mut findings);
    wildcards::check(template, &mut findings);
    queues::check(template, &mut findings);
    mappings::check(template, &mut findings);
    bucket::check(template, &mut findings);
    alarms::check(template, &mut findings);
    findings
}

#[test]
#[ignore = "needs target/aws/template.json: make template"]
fn the_template_keeps_its_promises() {
    let findings = check(&Template::translated());
    assert!(findings.is_empty(), "{findings}");
}

#[test]
#[ignore = "needs target/aws/template.json: make template"]
fn whatever_breaks_a_promise_is_found_with_its_name() {
    let template = Template::translated();
    let mut missed = Vec::new();
    for mutation in mutations::ALL {
        let findings = check(&mutation.made_in(&template));
        if !findings.blames(mutation.blamed, mutation.because) {
            missed.push(format!("{mutation}\n  found: {findings}"));
        }
    }
    assert!(missed.is_empty(), "not found:\n{}", missed.join("\n"));
}
