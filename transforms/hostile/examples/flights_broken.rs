//! The flights module as somebody broke it: clock times are taken for UTC, and a carrier is refused.

use sdk::civil::{DAY, HOUR, MINUTE, days};
use sdk::kind::{Int, Text, Timestamp};
use sdk::{Batch, In, Module, Open, Out, Output, Reject};

struct Broken {
    date: [In<Int>; 3],
    scheduled_time: In<Int>,
    actual_time: In<Int>,
    carrier: In<Text>,
    scheduled: Out<Timestamp>,
    actual: Out<Timestamp>,
}

impl Module for Broken {
    fn open(open: &mut Open<'_>) -> Result<Self, String> {
        Ok(Self {
            date: [open.column("year")?, open.column("month")?, open.column("day")?],
            scheduled_time: open.column("sched_dep_time")?,
            actual_time: open.column("dep_time")?,
            carrier: open.column("carrier")?,
            scheduled: open.add("scheduled_departure")?,
            actual: open.add("actual_departure")?,
        })
    }

    fn apply(&mut self, batch: &Batch, output: &mut Output) -> Result<(), String> {
        let [year, month, day] = &self.date;
        let (year, month, day) = (batch.view(year)?, batch.view(month)?, batch.view(day)?);
        let (scheduled_time, actual_time) = (batch.view(&self.scheduled_time)?, batch.view(&self.actual_time)?);
        let carriers = batch.view(&self.carrier)?;
        let mut scheduled = self.scheduled.builder(batch.rows());
        let mut actual = self.actual.builder(batch.rows());
        for row in 0..batch.rows() {
            if carriers.get(row) == Some("HA") {
                output.reject(row, Reject::new("unknown_carrier", "nobody knows this carrier").column("carrier"));
                continue;
            }
            let midnight = year.get(row).zip(month.get(row)).zip(day.get(row));
            let midnight = midnight.and_then(|((year, month), day)| days(year, month, day)).map(|days| days * DAY);
            let moment = |clock: Option<i64>| Some(midnight? + clock? / 100 * HOUR + clock? % 100 * MINUTE);
            scheduled.push(moment(scheduled_time.get(row)));
            actual.push(moment(actual_time.get(row)));
            output.keep(row);
        }
        output.give(&self.scheduled, scheduled)?;
        output.give(&self.actual, actual)
    }
}

sdk::export!(Broken);
