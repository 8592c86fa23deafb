//! Time zones.

use super::civil::{self, SECOND};
use crate::Fault;
use crate::constants::ZoneView;

/// Seconds of a day.
const DAY: i64 = 86_400;

/// `timestamp AT TIME ZONE zone`. In the hour a clock jumps over it is taken as before the jump,
/// in the hour it shows twice as the second one.
pub fn zone_to_utc(micros: i64, zone: ZoneView<'_>) -> Result<i64, Fault> {
    let reading = civil::checked_micros(micros)?.div_euclid(SECOND);
    // The change that may make the reading doubtful is the first one from a day earlier on.
    let change = zone.changes_until(reading - DAY);
    let before = zone.offset_before(change);
    let offset = match zone.moment(change) {
        None => before,
        Some(moment) => choose(reading, moment, before, zone.offset_before(change + 1)),
    };
    civil::checked_micros(micros - offset * SECOND)
}

fn choose(reading: i64, moment: i64, before: i64, after: i64) -> i64 {
    let (if_before, if_after) = (reading - before, reading - after);
    if if_before < moment && if_after < moment {
        before
    } else if if_before > moment && if_after >= moment {
        after
    } else if if_before > if_after {
        before
    } else {
        after
    }
}

/// `timestamptz AT TIME ZONE zone`.
pub fn utc_to_zone(micros: i64, zone: ZoneView<'_>) -> Result<i64, Fault> {
    let moment = civil::checked_micros(micros)?.div_euclid(SECOND);
    civil::checked_micros(micros + zone.offset_before(zone.changes_until(moment)) * SECOND)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::constants::Zone;
    use crate::functions::cast::text_to_timestamp;

    fn at(text: &str) -> i64 {
        text_to_timestamp(text).unwrap()
    }

    /// Berlin in 2024: the clock jumps at 01:00 UTC on March 31 and back at 01:00 UTC on October 27.
    fn berlin() -> Vec<u8> {
        let changes = vec![(at("2024-03-31 01:00") / SECOND, 7200), (at("2024-10-27 01:00") / SECOND, 3600)];
        Zone { name: "Europe/Berlin".to_owned(), first_offset: 3600, changes }.encode()
    }

    #[test]
    fn readings_become_moments() {
        let bytes = berlin();
        let cases = [
            ("2024-01-01 12:00", "2024-01-01 11:00"),
            ("2024-03-31 01:59:59", "2024-03-31 00:59:59"),
            ("2024-03-31 02:30", "2024-03-31 01:30"),
            ("2024-03-31 03:00", "2024-03-31 01:00"),
            ("2024-07-01 12:00", "2024-07-01 10:00"),
            ("2024-10-27 01:59:59", "2024-10-26 23:59:59"),
            ("2024-10-27 02:30", "2024-10-27 01:30"),
            ("2024-10-27 03:00", "2024-10-27 02:00"),
            ("2024-12-01 00:00", "2024-11-30 23:00"),
        ];
        for (reading, moment) in cases {
            assert_eq!(zone_to_utc(at(reading), ZoneView::of(&bytes)), Ok(at(moment)), "{reading}");
        }
    }

    #[test]
    fn moments_become_readings() {
        let bytes = berlin();
        let cases = [
            ("2024-03-31 00:59:59.999999", "2024-03-31 01:59:59.999999"),
            ("2024-03-31 01:00", "2024-03-31 03:00"),
            ("2024-10-27 00:59:59", "2024-10-27 02:59:59"),
            ("2024-10-27 01:00", "2024-10-27 02:00"),
            ("1969-12-31 23:59:59.5", "1970-01-01 00:59:59.5"),
        ];
        for (moment, reading) in cases {
            assert_eq!(utc_to_zone(at(moment), ZoneView::of(&bytes)), Ok(at(reading)), "{moment}");
        }
        assert_eq!(utc_to_zone(at("9999-12-31 23:30"), ZoneView::of(&bytes)), Err(Fault::DateOutOfRange));
        assert_eq!(zone_to_utc(i64::MIN, ZoneView::of(&bytes)), Err(Fault::DateOutOfRange));
    }
}
