//! Dates and times in the forms of RFC 3339, over the whole range of their types.

const DAY: i64 = 86_400_000_000;
const SECOND: i64 = 1_000_000;

/// `"2013-01-01"`.
pub(super) fn date(out: &mut Vec<u8>, days: i64) {
    out.push(b'"');
    day(out, days);
    out.push(b'"');
}

/// `"05:17:00"`, `"05:17:00.000001"`; the end of a day is `"24:00:00"`.
pub(super) fn time(out: &mut Vec<u8>, micros: i64) -> Result<(), &'static str> {
    if !(0..=DAY).contains(&micros) {
        return Err("has type time and holds a value outside of a day");
    }
    out.push(b'"');
    clock(out, micros);
    out.push(b'"');
    Ok(())
}

/// `"2013-01-01T05:17:00"`, with `Z` when it is a moment in UTC.
pub(super) fn timestamp(out: &mut Vec<u8>, micros: i64, zoned: bool) {
    out.push(b'"');
    day(out, micros.div_euclid(DAY));
    out.push(b'T');
    clock(out, micros.rem_euclid(DAY));
    if zoned {
        out.push(b'Z');
    }
    out.push(b'"');
}

fn day(out: &mut Vec<u8>, days: i64) {
    let (year, month, day) = civil(days);
    if !(0..=9999).contains(&year) {
        // ISO 8601 asks for a sign on years that need more than four digits.
        out.push(if year < 0 { b'-' } else { b'+' });
    }
    padded(out, year.unsigned_abs(), 4);
    out.push(b'-');
    padded(out, month, 2);
    out.push(b'-');
    padded(out, day, 2);
}

fn clock(out: &mut Vec<u8>, micros: i64) {
    let seconds = (micros / SECOND).unsigned_abs();
    padded(out, seconds / 3600, 2);
    out.push(b':');
    padded(out, seconds / 60 % 60, 2);
    out.push(b':');
    padded(out, seconds % 60, 2);
    let fraction = (micros % SECOND).unsigned_abs();
    if fraction > 0 {
        out.push(b'.');
        padded(out, fraction, 6);
    }
}

/// Year, month and day of a day counted from 1970-01-01, in the Gregorian calendar without end.
fn civil(days: i64) -> (i64, u64, u64) {
    // Years are counted from March, so that the leap day is the last of a year; 719,468 days lie
    // between 0000-03-01 and 1970-01-01, and 146,097 in 400 years.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097).unsigned_abs();
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = era * 400 + year_of_era.cast_signed() + i64::from(month <= 2);
    (year, month, day)
}

fn padded(out: &mut Vec<u8>, number: u64, width: usize) {
    let mut digits = [b'0'; 20];
    let mut rest = number;
    let mut used = 0;
    for digit in digits.iter_mut().rev() {
        if rest == 0 && used >= width {
            break;
        }
        *digit = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
        used += 1;
    }
    out.extend_from_slice(digits.get(20 - used..).unwrap_or_default());
}
