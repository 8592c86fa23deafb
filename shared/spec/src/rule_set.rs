//! Rule sets: business rules of the form when … then, with priorities and dates they are valid
//! within.
//!
//! What they mean, and where they contradict each other, is the rule compiler's.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ordered::Ordered;
use crate::scalar::Scalar;

/// A rule set.
///
/// A name in a rule stands for the field as the rules leave it, whatever their order; a field the
/// rule sets itself stands for the input's column. Where several rules set a field for a row, the
/// one of the highest priority does, of equal ones the first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleSet {
    /// The rules.
    pub rules: Vec<Rule>,
    /// The column `route` writes to. Default `route`.
    #[serde(default = "route")]
    pub route_column: String,
}

/// A rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its name; no other rule has it.
    pub name: String,
    /// The rows it is for, a condition in SQL. Default: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// What happens to them.
    pub then: Then,
    /// Higher goes first. Default 0.
    #[serde(default)]
    pub priority: i32,
    /// The days it is valid on, by the run's clock in UTC. Default: always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid: Option<Validity>,
}

/// What a rule does: sets fields and routes, or rejects.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Then {
    /// Fields with their values: expressions in SQL, numbers, true or false.
    #[serde(default, skip_serializing_if = "Ordered::is_empty")]
    pub set: Ordered<Scalar>,
    /// Rejects the row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reject: Option<Reject>,
    /// Where the row goes: what the route column is set to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route: Option<String>,
}

/// Why a row is rejected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reject {
    /// Stable code: 1 to 64 of `a`-`z`, `0`-`9` and `_`.
    #[schemars(regex(pattern = r"^[a-z0-9_]{1,64}$"))]
    pub code: String,
    /// What people are told.
    pub message: String,
    /// The column it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
}

/// The days a rule is valid on.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Validity {
    /// The first day, `2024-01-31`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

fn route() -> String {
    "route".to_owned()
}
