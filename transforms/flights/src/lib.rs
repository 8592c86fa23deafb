//! Example module: departure times of the flights example as UTC timestamps.
//!
//! The source has a flight's day and its clock times as integers (517 is 05:17 in New York). This
//! module adds `scheduled_departure` and `actual_departure` as points in time and writes carriers,
//! airports and tail numbers in capitals without blanks around them. A row whose clock time or
//! date is none, or that contradicts itself, is rejected; all other columns are passed on.

mod new_york;

use sdk::builder::TextBuilder;
use sdk::civil::{DAY, HOUR, MINUTE, days};
use sdk::kind::{Int, Text, Timestamp};
use sdk::view::Numbers;
use sdk::{Batch, In, Module, Open, Out, Output, Reject};

const CLOCK_CHANGE: u64 = HOUR.unsigned_abs();
/// Names that are written in capitals.
const NAMES: [&str; 4] = ["carrier", "tailnum", "origin", "dest"];

/// The module.
#[derive(Debug)]
pub struct Flights {
    year: In<Int>,
    month: In<Int>,
    day: In<Int>,
    scheduled_time: In<Int>,
    actual_time: In<Int>,
    delay: In<Int>,
    names: Vec<(In<Text>, Out<Text>)>,
    scheduled: Out<Timestamp>,
    actual: Out<Timestamp>,
}

impl Module for Flights {
    fn open(open: &mut Open<'_>) -> Result<Self, String> {
        open.no_config()?;
        let mut names = Vec::with_capacity(NAMES.len());
        for name in NAMES {
            let column = open.column(name)?;
            let replaced = open.replace(&column);
            names.push((column, replaced));
        }
        Ok(Self {
            year: open.column("year")?,
            month: open.column("month")?,
            day: open.column("day")?,
            scheduled_time: open.column("sched_dep_time")?,
            actual_time: open.column("dep_time")?,
            delay: open.column("dep_delay")?,
            names,
            scheduled: open.add("scheduled_departure")?,
            actual: open.add("actual_departure")?,
        })
    }

    fn apply(&mut self, batch: &Batch, output: &mut Output) -> Result<(), String> {
        let rows = self.rows(batch)?;
        let mut scheduled = self.scheduled.builder(batch.rows());
        let mut actual = self.actual.builder(batch.rows());
        let mut kept = Vec::with_capacity(batch.rows());
        for row in 0..batch.rows() {
            match rows.departures(row) {
                Ok(departures) => {
                    scheduled.push(departures.scheduled);
                    actual.push(departures.actual);
                    output.keep(row);
                    kept.push(row);
                }
                Err(reject) => output.reject(row, reject),
            }
        }
        output.give(&self.scheduled, scheduled)?;
        output.give(&self.actual, actual)?;
        for (column, replaced) in &self.names {
            let names = batch.view(column)?;
            let mut clean = replaced.builder(kept.len());
            let mut letters = String::new();
            kept.iter().for_each(|row| push_clean(&mut clean, names.get(*row), &mut letters));
            output.give(replaced, clean)?;
        }
        Ok(())
    }
}

impl Flights {
    fn rows<'a>(&self, batch: &'a Batch) -> Result<Rows<'a>, String> {
        Ok(Rows {
            year: batch.view(&self.year)?,
            month: batch.view(&self.month)?,
            day: batch.view(&self.day)?,
            scheduled_time: batch.view(&self.scheduled_time)?,
            actual_time: batch.view(&self.actual_time)?,
            delay: batch.view(&self.delay)?,
        })
    }
}

/// The columns departures are made from.
struct Rows<'a> {
    year: Numbers<'a, i64>,
    month: Numbers<'a, i64>,
    day: Numbers<'a, i64>,
    scheduled_time: Numbers<'a, i64>,
    actual_time: Numbers<'a, i64>,
    delay: Numbers<'a, i64>,
}

/// Points in time in microseconds; `None` where the source has no clock time.
#[derive(Default)]
struct Departures {
    scheduled: Option<i64>,
    actual: Option<i64>,
}

impl Rows<'_> {
    fn departures(&self, row: usize) -> Result<Departures, Reject> {
        let (Some(year), Some(month), Some(day)) = (self.year.get(row), self.month.get(row), self.day.get(row)) else {
            return Err(Reject::new("no_date", "year, month and day are needed to tell when a flight left"));
        };
        let no_such_day = || Reject::new("bad_date", "there is no such day").column("day");
        let midnight = days(year, month, day).ok_or_else(no_such_day)? * DAY;
        let Some(clock) = self.scheduled_time.get(row) else {
            return match self.actual_time.get(row) {
                None => Ok(Departures::default()),
                Some(_) => {
                    Err(Reject::new("no_schedule", "the flight left, but not when it should have")
                        .column("sched_dep_time"))
                }
            };
        };
        let local = midnight + time_of_day(clock).ok_or_else(|| bad_clock("sched_dep_time"))?;
        let actual = self.actual_time.get(row).map(|clock| self.actual(row, clock, midnight, local));
        Ok(Departures {
            scheduled: Some(new_york::to_utc(local).ok_or_else(unknown_offset)?),
            actual: actual.transpose()?,
        })
    }

    /// The clock alone does not say the day: it is the one that fits the delay, or without a delay
    /// the one that puts the departure nearest to its schedule.
    fn actual(&self, row: usize, clock: i64, midnight: i64, scheduled: i64) -> Result<i64, Reject> {
        let read = midnight + time_of_day(clock).ok_or_else(|| bad_clock("dep_time"))?;
        let delay = self.delay.get(row).map(|minutes| minutes.saturating_mul(MINUTE));
        let expected = scheduled.saturating_add(delay.unwrap_or(0));
        let days = expected.saturating_sub(read).saturating_add(DAY / 2).div_euclid(DAY);
        let local = read.saturating_add(days.saturating_mul(DAY));
        // An hour is what the clock itself may have been moved by between schedule and departure.
        if delay.is_some() && !matches!(local.abs_diff(expected), 0 | CLOCK_CHANGE) {
            let message = "schedule, departure and delay contradict each other";
            return Err(Reject::new("delay_mismatch", message).column("dep_delay"));
        }
        new_york::to_utc(local).ok_or_else(unknown_offset)
    }
}

/// 517 is 05:17; 2400 is midnight. `None` for what no clock shows.
fn time_of_day(clock: i64) -> Option<i64> {
    let (hour, minute) = (clock / 100, clock % 100);
    let shown = (0..=2400).contains(&clock) && minute < 60;
    shown.then_some(hour * HOUR + minute * MINUTE)
}

fn bad_clock(column: &str) -> Reject {
    Reject::new("bad_clock", "no clock shows this: hours go to 24, minutes to 59").column(column)
}

fn unknown_offset() -> Reject {
    Reject::new("unknown_offset", "New York's summer time is known for the years from 2007 to 9999").column("year")
}

fn push_clean(clean: &mut TextBuilder, name: Option<&str>, letters: &mut String) {
    let Some(name) = name.map(str::trim) else { return clean.push(None) };
    if !name.bytes().any(|byte| byte.is_ascii_lowercase()) {
        return clean.push(Some(name));
    }
    letters.clear();
    letters.push_str(name);
    letters.make_ascii_uppercase();
    clean.push(Some(letters));
}

sdk::export!(Flights);

#[cfg(test)]
mod tests;
