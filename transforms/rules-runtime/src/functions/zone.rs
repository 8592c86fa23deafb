//! Time zones.

use super::civil::{self, SECOND};
use crate::Fault;
use crate::constants::ZoneView;

/// Seconds of a day.
const DAY: i64 = 86_400;

/// `timestamp AT TIME ZONE zone`. In the hour a clock jumps over it is taken as before the jump,
/// in the hour it shows twice as the second one.
pub fn zone_to_utc(micros: i64, zone: ZoneView<'_>) -> Result<i64, Fault> {
    let reading = known_second(micros)?;
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
    let moment = known_second(micros)?;
    civil::checked_micros(micros + zone.offset_before(zone.changes_until(moment)) * SECOND)
}

/// The second in which a zone's clock is as it is at a moment. Zones are listed change by change
/// until the year 2099; a later year has the rules of a listed one that begins on the same weekday
/// and is as long: of any 28 years one is.
fn known_second(micros: i64) -> Result<i64, Fault> {
    let (days, _) = civil::split(micros)?;
    let second = micros.div_euclid(SECOND);
    let year = civil::civil(days).year;
    if year < 2099 {
        return Ok(second);
    }
    let first_day = civil::days_of(year, 1, 1);
    let is_alike = |like: &i64| {
        civil::is_leap(*like) == civil::is_leap(year)
            && civil::weekday(civil::days_of(*like, 1, 1)) == civil::weekday(first_day)
    };
    let like = (2071..2099).find(is_alike).unwrap_or(year);
    Ok(second - (first_day - civil::days_of(like, 1, 1)) * DAY)
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
    fn years_beyond_the_known_changes_have_the_rules_of_earlier_ones() {
        // Summer from the last Sunday of March to the last of October.
        let last_sunday = |year: i64, month: i64| {
            let last = civil::days_of(year, month, 31);
            (last - civil::weekday(last)) * DAY + 3600
        };
        let changes = (2060..2100).flat_map(|year| [(last_sunday(year, 3), 7200), (last_sunday(year, 10), 3600)]);
        let bytes = Zone { name: "X".to_owned(), first_offset: 3600, changes: changes.collect() }.encode();
        for year in [2098, 2099, 2100, 2200, 2300, 2400, 5370, 7988, 9998] {
            for (month, offset_before, offset) in [(3, 3600, 7200), (10, 7200, 3600)] {
                let moment = last_sunday(year, month) * SECOND;
                assert_eq!(utc_to_zone(moment, ZoneView::of(&bytes)), Ok(moment + offset * SECOND), "{year}");
                assert_eq!(utc_to_zone(moment - 1, ZoneView::of(&bytes)), Ok(moment - 1 + offset_before * SECOND));
                let noon = moment + 11 * 3600 * SECOND;
                assert_eq!(zone_to_utc(noon + offset * SECOND, ZoneView::of(&bytes)), Ok(noon), "{year}");
            }
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
