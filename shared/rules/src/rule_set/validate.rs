//! What a rule set must fulfil before its expressions are looked at.

use std::collections::HashSet;

use super::{Reject, Rule, RuleSet, Validity};
use crate::error::{Code, Error};
use crate::formats::dates;

/// Rules a set may have.
const RULES_LIMIT: usize = 1_000;

pub(super) fn check(set: &RuleSet) -> Result<(), Error> {
    if set.rules.is_empty() || set.rules.len() > RULES_LIMIT {
        let message = format!("expected 1 to {RULES_LIMIT} rules, found {}", set.rules.len());
        return Err(Error::key("rules", Code::InvalidKey, message));
    }
    if set.route_column.is_empty() {
        return Err(Error::key("route_column", Code::InvalidName, "expected a name"));
    }
    let mut names = HashSet::new();
    for (index, rule) in set.rules.iter().enumerate() {
        if rule.name.is_empty() || rule.name.len() > 100 {
            let message = "expected a name of 1 to 100 bytes";
            return Err(Error::key(format!("rules[{index}].name"), Code::InvalidName, message));
        }
        if !names.insert(&rule.name) {
            let message = format!("two rules are called `{}`", rule.name);
            return Err(Error::key(format!("rules[{index}].name"), Code::InvalidName, message));
        }
        check_then(set, rule)?;
        if let Some(valid) = &rule.valid {
            check_validity(rule, valid)?;
        }
    }
    Ok(())
}

fn check_then(set: &RuleSet, rule: &Rule) -> Result<(), Error> {
    let then = &rule.then;
    let path = path(rule, "then");
    let acts = !then.set.is_empty() || then.route.is_some();
    match (&then.reject, acts) {
        (None, false) => return Err(Error::key(path, Code::InvalidKey, "expected `set`, `reject` or `route`")),
        (Some(_), true) => {
            return Err(Error::key(
                path,
                Code::InvalidKey,
                "a row that is rejected goes nowhere: leave `set` and `route` out",
            ));
        }
        (Some(reject), false) => check_reject(&path, reject)?,
        (None, true) => {}
    }
    if then.set.iter().any(|(field, _)| field == set.route_column) {
        let message = format!("`{}` is the column routes are written to: use `route`", set.route_column);
        return Err(Error::key(format!("{path}.set"), Code::InvalidKey, message));
    }
    Ok(())
}

fn check_reject(path: &str, reject: &Reject) -> Result<(), Error> {
    let plain = |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == b'_';
    if !(1..=64).contains(&reject.code.len()) || !reject.code.bytes().all(plain) {
        let message = "expected 1 to 64 of a-z, 0-9 and _";
        return Err(Error::key(format!("{path}.reject.code"), Code::InvalidKey, message));
    }
    if reject.message.is_empty() || reject.message.len() > 1_000 {
        return Err(Error::key(format!("{path}.reject.message"), Code::InvalidKey, "expected 1 to 1000 bytes"));
    }
    Ok(())
}

fn check_validity(rule: &Rule, valid: &Validity) -> Result<(), Error> {
    let day = |key: &str, text: &Option<String>| match text {
        None => Ok(None),
        Some(text) => dates::parse_date(text).map(Some).ok_or_else(|| {
            let message = format!("`{}` is no date: expected one such as `2024-01-31`", crate::resolve::shown(text));
            Error::key(path(rule, &format!("valid.{key}")), Code::InvalidLiteral, message)
        }),
    };
    match (day("from", &valid.from)?, day("to", &valid.to)?) {
        (None, None) => Err(Error::key(path(rule, "valid"), Code::InvalidKey, "expected `from`, `to` or both")),
        (Some(from), Some(to)) if from > to => {
            Err(Error::key(path(rule, "valid"), Code::InvalidKey, "it ends before it begins"))
        }
        _ => Ok(()),
    }
}

/// A key of a rule.
pub(super) fn path(rule: &Rule, key: &str) -> String {
    format!("rules.{}.{key}", rule.name)
}
