//! Fires the rules of EventBridge by a clock.

mod event;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use flow::{Clock, Timestamp};
use serde_json::Value;
use tokio::sync::watch;

use crate::functions::Runnable;
use crate::template::{Place, Rule};
use crate::{Error, ScheduleClock, Tell, Told};

/// How often the machine's clock is looked at.
const LOOK: Duration = Duration::from_millis(250);

/// A rule with the functions it calls, and what they get in place of EventBridge's own event.
pub(crate) struct Called {
    pub(crate) rule: Rule,
    pub(crate) targets: Vec<(Arc<Runnable>, Option<Value>)>,
}

/// The rules with their clock.
pub(crate) struct Schedule {
    rules: Vec<Called>,
    place: Place,
    tell: Tell,
    made: Timestamp,
    is_manual: bool,
    /// How far the clock has been followed.
    now: Mutex<Timestamp>,
}

impl Schedule {
    pub(crate) fn new(rules: Vec<Called>, place: Place, tell: Tell, clock: ScheduleClock, machine: &dyn Clock) -> Self {
        let (made, is_manual) = match clock {
            ScheduleClock::Machine => (machine.now(), false),
            ScheduleClock::Manual(start) => (start, true),
        };
        Self { rules, place, tell, made, is_manual, now: Mutex::new(made) }
    }

    /// Follows the machine's clock until the end; a clock of our own is moved by [`Schedule::tick`].
    pub(crate) async fn run(&self, clock: Arc<dyn Clock>, mut stopping: watch::Receiver<bool>) {
        if self.is_manual {
            return;
        }
        loop {
            tokio::select! {
                () = tokio::time::sleep(LOOK) => drop(self.advance(clock.now())),
                _ = stopping.wait_for(|stopping| *stopping) => return,
            }
        }
    }

    /// Moves a clock of our own to `to`. Returns the logical ids of the rules that fired.
    pub(crate) fn tick(&self, to: Timestamp) -> Result<Vec<String>, Error> {
        if !self.is_manual {
            return Err(Error::ClockIsReal);
        }
        let now = *self.now.lock().unwrap_or_else(PoisonError::into_inner);
        if to < now { Err(Error::ClockGoesBack { now }) } else { Ok(self.advance(to)) }
    }

    /// Fires every rule once that was due since the last time, for the latest such moment: after a
    /// machine has slept, its rules do not fire for every minute of the night.
    fn advance(&self, to: Timestamp) -> Vec<String> {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        let after = *now;
        *now = after.max(to);
        drop(now);
        let mut fired = Vec::new();
        for Called { rule, targets } in &self.rules {
            let Some(due) = rule.expression.due_between(self.made, after, to) else { continue };
            (self.tell)(Told::Fired { rule: rule.id.clone(), time: due });
            for (function, input) in targets {
                let event = input.clone().unwrap_or_else(|| event::scheduled(rule, &self.place, due));
                function.enqueue(function.job(event.to_string().into()));
            }
            fired.push(rule.id.clone());
        }
        fired
    }
}
