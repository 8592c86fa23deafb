//! Dates, times, timestamps and intervals written as PostgreSQL writes them.

use bumpalo::Bump;

use crate::Fault;
use crate::constants::Interval;
use crate::functions::ascii::Ascii;
use crate::functions::civil::{self, Civil, DAY, HOUR, MINUTE, SECOND};

/// `date::text`.
pub fn date_to_text(days: i64, arena: &Bump) -> Result<&str, Fault> {
    let mut written = Ascii::<10>::new();
    put_date(&mut written, civil::civil(civil::checked_days(days)?));
    Ok(written.finish(arena))
}

/// `time::text`.
#[must_use]
pub fn time_to_text(micros: i64, arena: &Bump) -> &str {
    let mut written = Ascii::<16>::new();
    put_time(&mut written, micros.clamp(0, DAY));
    written.finish(arena)
}

/// `timestamp::text`, `timestamptz::text` (in UTC).
pub fn timestamp_to_text(micros: i64, zoned: bool, arena: &Bump) -> Result<&str, Fault> {
    let (days, time) = civil::split(micros)?;
    let mut written = Ascii::<32>::new();
    put_date(&mut written, civil::civil(days));
    written.put(b' ');
    put_time(&mut written, time);
    if zoned {
        written.put_all(b"+00");
    }
    Ok(written.finish(arena))
}

/// `interval::text`.
#[must_use]
pub fn interval_to_text(interval: Interval, arena: &Bump) -> &str {
    let mut written = Ascii::<96>::new();
    let parts = [(interval.months / 12, "year"), (interval.months % 12, "mon"), (interval.days, "day")];
    let mut after_negative = false;
    for (value, unit) in parts {
        if value == 0 {
            continue;
        }
        put_gap(&mut written);
        // A positive part after a negative one says so.
        if after_negative && value > 0 {
            written.put(b'+');
        }
        if value < 0 {
            written.put(b'-');
        }
        written.put_number(u64::from(value.unsigned_abs()));
        written.put(b' ');
        written.put_all(unit.as_bytes());
        if value != 1 {
            written.put(b's');
        }
        after_negative = value < 0;
    }
    if interval.micros != 0 || written.is_empty() {
        put_gap(&mut written);
        if interval.micros < 0 {
            written.put(b'-');
        } else if after_negative {
            written.put(b'+');
        }
        put_clock(&mut written, interval.micros.unsigned_abs());
    }
    written.finish(arena)
}

fn put_gap<const N: usize>(written: &mut Ascii<N>) {
    if !written.is_empty() {
        written.put(b' ');
    }
}

fn put_date<const N: usize>(written: &mut Ascii<N>, date: Civil) {
    let year = date.year as u32;
    written.put_two(year / 100);
    written.put_two(year % 100);
    written.put(b'-');
    written.put_two(date.month as u32);
    written.put(b'-');
    written.put_two(date.day as u32);
}

fn put_time<const N: usize>(written: &mut Ascii<N>, micros: i64) {
    let seconds = (micros / SECOND) as u32;
    written.put_two(seconds / 3600);
    written.put(b':');
    written.put_two(seconds / 60 % 60);
    written.put(b':');
    written.put_two(seconds % 60);
    written.put_fraction((micros % SECOND) as u32);
}

/// As a time, but with as many hours as there are.
fn put_clock<const N: usize>(written: &mut Ascii<N>, micros: u64) {
    written.put_padded(micros / HOUR as u64, 2);
    written.put(b':');
    written.put_two((micros % HOUR as u64 / MINUTE as u64) as u32);
    written.put(b':');
    written.put_two((micros % MINUTE as u64 / SECOND as u64) as u32);
    written.put_fraction((micros % SECOND as u64) as u32);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_without_zeros_at_their_end() {
        let arena = Bump::new();
        assert_eq!(date_to_text(0, &arena), Ok("1970-01-01"));
        assert_eq!(date_to_text(-719_162, &arena), Ok("0001-01-01"));
        assert_eq!(date_to_text(2_932_897, &arena), Err(Fault::DateOutOfRange));
        assert_eq!(time_to_text(86_399_999_999, &arena), "23:59:59.999999");
        assert_eq!(time_to_text(86_400_000_000, &arena), "24:00:00");
        assert_eq!(timestamp_to_text(-1, false, &arena), Ok("1969-12-31 23:59:59.999999"));
        assert_eq!(timestamp_to_text(1_500_000, true, &arena), Ok("1970-01-01 00:00:01.5+00"));
        assert_eq!(timestamp_to_text(i64::MAX, true, &arena), Err(Fault::DateOutOfRange));
        assert_eq!(timestamp_to_text(i64::MIN, true, &arena), Err(Fault::DateOutOfRange));
    }

    #[test]
    fn intervals_are_written_as_postgres_writes_them() {
        let arena = Bump::new();
        let cases = [
            ((0, 0, 0), "00:00:00"),
            ((14, 3, 3_600_000_000), "1 year 2 mons 3 days 01:00:00"),
            ((-14, 3, 0), "-1 years -2 mons +3 days"),
            ((0, -1, 500_000), "-1 days +00:00:00.5"),
            ((0, 1, -1), "1 day -00:00:00.000001"),
            ((0, 0, 360_000_000_000), "100:00:00"),
        ];
        for ((months, days, micros), expected) in cases {
            assert_eq!(interval_to_text(Interval { months, days, micros }, &arena), expected);
        }
    }
}
