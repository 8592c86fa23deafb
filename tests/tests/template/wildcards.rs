//! Wildcards: those that are allowed stand in the template's metadata with whose they are and why.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::document::{Template, all_of, place};
use crate::findings::Findings;
use crate::policies::statements;

pub(crate) fn check(template: &Template, findings: &mut Findings) {
    let explained = explained(template, findings);
    let mut met = BTreeSet::new();
    let holders = ["AWS::IAM::Role", "AWS::IAM::ManagedPolicy"];
    for (holder, _) in holders.iter().flat_map(|kind| template.of_type(kind)) {
        for statement in statements(template, holder).into_iter().filter(|it| it["Effect"] != "Deny") {
            for wildcard in wildcards(statement) {
                let use_of_it = (wildcard, holder.to_owned());
                if !explained.contains(&use_of_it) {
                    findings.add(holder, format!("allows `{}` without a reason in the metadata", use_of_it.0));
                }
                met.insert(use_of_it);
            }
        }
    }
    for (wildcard, holder) in explained.difference(&met) {
        findings.add(holder, format!("has a reason for `{wildcard}`, which it does not allow"));
    }
}

fn explained(template: &Template, findings: &mut Findings) -> BTreeSet<(String, String)> {
    let mut explained = BTreeSet::new();
    for entry in all_of(&template.0["Metadata"]["Wildcards"]) {
        let wildcard = place(&entry["Wildcard"]);
        let reason = entry["Reason"].as_str().unwrap_or_default();
        findings.add_unless(reason.len() > 20, &wildcard, "is allowed without a reason");
        explained.extend(all_of(&entry["Of"]).into_iter().map(|holder| (wildcard.clone(), place(holder))));
    }
    explained
}

/// What a statement has that stands for more than one thing. To allow all but something is one, too.
fn wildcards(statement: &Value) -> Vec<String> {
    let named = ["Action", "Resource"].into_iter().flat_map(|part| all_of(&statement[part])).map(place);
    let mut wildcards: Vec<_> = named.filter(|text| text.contains(['*', '?'])).collect();
    let negated = ["NotAction", "NotResource", "NotPrincipal"].into_iter().filter(|part| !statement[*part].is_null());
    wildcards.extend(negated.map(str::to_owned));
    wildcards
}
