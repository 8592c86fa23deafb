use std::time::Duration;

use flow::Span;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How often, and how patiently, something is tried again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// Attempts in all, the first included. 1 never tries again. Default 5.
    pub max_attempts: u32,
    /// How the wait grows from attempt to attempt. Default `exponential`.
    pub backoff: Backoff,
    /// The wait before the second attempt. Default 2s.
    pub initial: Span,
    /// No wait is longer. Default 5m.
    pub max: Span,
    /// How waits are spread, so that many clients do not come back at once. Default `full`.
    pub jitter: Jitter,
}

/// How the wait grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Backoff {
    /// Doubles each time.
    Exponential,
    /// Stays at `initial`.
    Constant,
}

/// How waits are spread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Jitter {
    /// Anywhere between nothing and the wait.
    Full,
    /// Not at all.
    None,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            max_attempts: 5,
            backoff: Backoff::Exponential,
            initial: Span(Duration::from_secs(2)),
            max: Span(Duration::from_secs(300)),
            jitter: Jitter::Full,
        }
    }
}

impl Policy {
    /// The wait after the `attempt`-th attempt (from 1) failed; `None` when it was the last, or
    /// when the wait would end after `remaining`.
    ///
    /// `random` is anywhere in `0.0..1.0`. `retry_after` is what the other side asked for: the
    /// wait is never shorter.
    #[must_use]
    pub fn wait_after(
        &self,
        attempt: u32,
        random: f64,
        retry_after: Option<Duration>,
        remaining: Duration,
    ) -> Option<Duration> {
        if attempt >= self.max_attempts {
            return None;
        }
        let doublings = match self.backoff {
            Backoff::Exponential => attempt.saturating_sub(1).min(31),
            Backoff::Constant => 0,
        };
        let longest = self.initial.0.saturating_mul(1 << doublings).min(self.max.0);
        let spread = match self.jitter {
            Jitter::Full => longest.mul_f64(random.clamp(0.0, 1.0)),
            Jitter::None => longest,
        };
        let wait = spread.max(retry_after.unwrap_or_default());
        (wait <= remaining).then_some(wait)
    }

    /// What is wrong with the policy, in words for whoever wrote it.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if self.max_attempts == 0 {
            problems.push("max_attempts is 0: write 1 to try once and never again".to_owned());
        }
        if self.initial > self.max {
            problems.push(format!("initial ({}) is longer than max ({})", self.initial, self.max));
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain() -> Policy {
        Policy { jitter: Jitter::None, ..Policy::default() }
    }

    #[test]
    fn waits_double_up_to_the_longest_and_end_with_the_attempts() {
        let policy = Policy { max: Span(Duration::from_secs(6)), ..plain() };
        let waits: Vec<_> = (1..=5)
            .map(|attempt| policy.wait_after(attempt, 0.5, None, Duration::MAX).map(|wait| wait.as_secs()))
            .collect();
        assert_eq!(waits, [Some(2), Some(4), Some(6), Some(6), None]);
    }

    #[test]
    fn full_jitter_spreads_between_nothing_and_the_wait() {
        let policy = Policy::default();
        assert_eq!(policy.wait_after(1, 0.0, None, Duration::MAX), Some(Duration::ZERO));
        assert_eq!(policy.wait_after(1, 0.5, None, Duration::MAX), Some(Duration::from_secs(1)));
    }

    #[test]
    fn no_wait_goes_past_the_budget_nor_under_what_the_other_side_asked_for() {
        assert_eq!(plain().wait_after(1, 0.0, None, Duration::from_secs(1)), None);
        let asked = Some(Duration::from_secs(30));
        assert_eq!(plain().wait_after(1, 0.0, asked, Duration::MAX), asked);
    }

    #[test]
    fn a_policy_that_cannot_be_meant_is_explained() {
        let policy = Policy { max_attempts: 0, max: Span(Duration::from_secs(1)), ..Policy::default() };
        assert_eq!(policy.problems().len(), 2);
    }
}
