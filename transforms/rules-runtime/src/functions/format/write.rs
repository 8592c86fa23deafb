use bumpalo::Bump;
use bumpalo::collections::String;

use crate::Fault;
use crate::constants::{Case, FormatItem, FormatView};
use crate::functions::ascii::Ascii;
use crate::functions::civil::{self, Civil, HOUR, MINUTE, MONTHS, SECOND, WEEKDAYS};

/// `to_char(timestamp, format)`; a zoned one in UTC.
pub fn format_timestamp<'a>(micros: i64, format: FormatView<'_>, arena: &'a Bump) -> Result<&'a str, Fault> {
    let (days, time) = civil::split(micros)?;
    let Civil { year, month, day } = civil::civil(days);
    let weekday = WEEKDAYS.get(civil::weekday(days) as usize).copied().unwrap_or_default();
    let month_name = MONTHS.get((month - 1) as usize).copied().unwrap_or_default();
    let hour = time / HOUR;
    let mut made = String::with_capacity_in(32, arena);
    for item in format {
        let (value, width) = match item {
            FormatItem::Text(text) => {
                made.push_str(std::str::from_utf8(text).unwrap_or_default());
                continue;
            }
            FormatItem::MonthShort(case) => {
                push_name(&mut made, &month_name[..3], case);
                continue;
            }
            FormatItem::MonthName(case) => {
                push_name(&mut made, month_name, case);
                continue;
            }
            FormatItem::WeekdayShort(case) => {
                push_name(&mut made, weekday.get(..3).unwrap_or_default(), case);
                continue;
            }
            FormatItem::WeekdayName(case) => {
                push_name(&mut made, weekday, case);
                continue;
            }
            FormatItem::Meridiem(case) => {
                // A capital alone is not how it is written.
                let case = if case == Case::Lower { case } else { Case::Upper };
                push_name(&mut made, if hour < 12 { "am" } else { "pm" }, case);
                continue;
            }
            FormatItem::Offset => {
                made.push_str("+00:00");
                continue;
            }
            FormatItem::Year4 => (year, 4),
            FormatItem::Year2 => (year % 100, 2),
            FormatItem::Month => (month, 2),
            FormatItem::Day => (day, 2),
            FormatItem::DayOfYear => (civil::day_of_year(days, year), 3),
            FormatItem::Hour24 => (hour, 2),
            FormatItem::Hour12 => (if hour % 12 == 0 { 12 } else { hour % 12 }, 2),
            FormatItem::Minute => (time / MINUTE % 60, 2),
            FormatItem::Second => (time / SECOND % 60, 2),
            FormatItem::Millisecond => (time / 1000 % 1000, 3),
            FormatItem::Microsecond => (time % SECOND, 6),
        };
        let mut digits = Ascii::<8>::new();
        digits.put_padded(value.unsigned_abs(), width);
        made.push_str(digits.as_str());
    }
    Ok(made.into_bump_str())
}

fn push_name(made: &mut String<'_>, name: &str, case: Case) {
    for (place, letter) in name.bytes().enumerate() {
        let is_capital = case == Case::Upper || (case == Case::Capital && place == 0);
        made.push(char::from(if is_capital { letter.to_ascii_uppercase() } else { letter }));
    }
}
