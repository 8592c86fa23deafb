//! Time zones: the changes of an IANA zone up to the year 2200, taken out of the database when a
//! rule is compiled.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use chrono::{DateTime, Offset, TimeZone};
use chrono_tz::{TZ_VARIANTS, Tz};

use crate::plan::Zone;

/// Seconds between two looks at the offset; a change is then found by halving.
const STEP: i64 = 2 * 86_400;
/// 1840-01-01: no zone changed before.
const FROM: i64 = -4_102_444_800;
/// 2200-01-01.
const UNTIL: i64 = 7_258_118_400;

/// A zone by its name, in any case.
pub(crate) fn parse(name: &str) -> Option<Zone> {
    let zone = TZ_VARIANTS.iter().copied().find(|zone| zone.name().eq_ignore_ascii_case(name.trim()))?;
    static KNOWN: LazyLock<Mutex<HashMap<Tz, Zone>>> = LazyLock::new(Mutex::default);
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    Some(known.entry(zone).or_insert_with(|| changes_of(zone)).clone())
}

/// The names there are.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    TZ_VARIANTS.iter().map(|zone| zone.name())
}

fn changes_of(zone: Tz) -> Zone {
    let first_offset = offset(zone, FROM);
    let mut changes = Vec::new();
    let (mut at, mut current) = (FROM, first_offset);
    while at < UNTIL {
        let next = (at + STEP).min(UNTIL);
        let later = offset(zone, next);
        if later != current {
            changes.push((change_between(zone, at, next, current), later));
            current = later;
        }
        at = next;
    }
    Zone { name: zone.name().to_owned(), first_offset, changes }
}

/// The first second in `(from, until]` at which the offset is no longer this one.
fn change_between(zone: Tz, from: i64, until: i64, before: i32) -> i64 {
    let (mut low, mut high) = (from, until);
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if offset(zone, middle) == before {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

fn offset(zone: Tz, seconds: i64) -> i32 {
    let moment = DateTime::from_timestamp(seconds, 0).unwrap_or_default();
    zone.offset_from_utc_datetime(&moment.naive_utc()).fix().local_minus_utc()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summer_of_berlin_begins_and_ends_on_time() {
        let zone = parse("europe/berlin").expect("a zone");
        assert_eq!(zone.name, "Europe/Berlin");
        assert!(zone.changes.contains(&(1_711_846_800, 7_200)), "2024-03-31 01:00 UTC");
        assert!(zone.changes.contains(&(1_729_990_800, 3_600)), "2024-10-27 01:00 UTC");
        assert!(zone.changes.is_sorted());
    }

    #[test]
    fn utc_never_changes() {
        let zone = parse("UTC").expect("a zone");
        assert_eq!((zone.first_offset, zone.changes.len()), (0, 0));
        assert!(parse("Europe/Atlantis").is_none());
    }
}
