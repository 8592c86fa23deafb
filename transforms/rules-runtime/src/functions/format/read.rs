use crate::Fault;
use crate::constants::{FormatItem, FormatView};
use crate::functions::ascii::is_blank;
use crate::functions::civil::{self, DAY, HOUR, MINUTE, MONTHS, SECOND, WEEKDAYS};

/// `to_timestamp(text, format)`: read in UTC where the format has no offset.
pub fn parse_timestamp(text: &str, format: FormatView<'_>) -> Result<i64, Fault> {
    let (days, time) = read(text, format)?.moment()?;
    civil::checked_micros(days * DAY + time)
}

/// `to_date(text, format)`.
pub fn parse_date(text: &str, format: FormatView<'_>) -> Result<i64, Fault> {
    read(text, format)?.moment().map(|(days, _)| days)
}

/// What was read; 0 where nothing was, as PostgreSQL has it.
#[derive(Default)]
struct Fields {
    year: i64,
    month: i64,
    day: i64,
    day_of_year: i64,
    hour: i64,
    minute: i64,
    second: i64,
    millis: i64,
    micros: i64,
    /// The hour is one of twelve.
    twelve: bool,
    afternoon: i64,
    /// Seconds east of Greenwich.
    offset: i64,
}

impl Fields {
    /// The day, and the microseconds from its beginning in UTC.
    fn moment(self) -> Result<(i64, i64), Fault> {
        let hour = self.checked_hour()?;
        let micros = self.millis * 1000 + self.micros;
        let in_range = (0..24).contains(&hour)
            && (0..60).contains(&self.minute)
            && (0..60).contains(&self.second)
            && (0..SECOND).contains(&micros);
        let (month, day) = self.month_and_day()?;
        // Without a year it is the one before the year 1.
        if self.year <= 0 {
            return Err(Fault::DateOutOfRange);
        }
        let days = civil::checked_date(self.year, month, day)?;
        if !in_range {
            return Err(Fault::NoSuchDate);
        }
        let time = hour * HOUR + self.minute * MINUTE + self.second * SECOND + micros;
        Ok((days, time - self.offset * SECOND))
    }

    fn checked_hour(&self) -> Result<i64, Fault> {
        if !self.twelve {
            return Ok(self.hour);
        }
        match (self.hour, self.afternoon) {
            (hour, _) if !(1..=12).contains(&hour) => Err(Fault::NoSuchDate),
            (12, 0) => Ok(0),
            (12, _) => Ok(12),
            (hour, 0) => Ok(hour),
            (hour, _) => Ok(hour + 12),
        }
    }

    /// A month and a day of 0 or 1 are taken from the day of the year, when there is one.
    fn month_and_day(&self) -> Result<(i64, i64), Fault> {
        let (month, day) = (if self.month == 0 { 1 } else { self.month }, if self.day == 0 { 1 } else { self.day });
        if self.day_of_year == 0 || (month > 1 && day > 1) {
            return Ok((month, day));
        }
        let mut rest = self.day_of_year;
        let mut of_year = 1;
        while of_year <= 12 && rest > civil::days_in_month(self.year, of_year) {
            rest -= civil::days_in_month(self.year, of_year);
            of_year += 1;
        }
        if rest < 1 || of_year > 12 {
            return Err(Fault::NoSuchDate);
        }
        Ok((if month <= 1 { of_year } else { month }, if day <= 1 { rest } else { day }))
    }
}

/// Reads as PostgreSQL does: blanks before and behind fields are passed over, a separator of the
/// format stands for any separator or none, other letters for any letter, and what is left of
/// the text or of the format does not matter.
fn read(text: &str, format: FormatView<'_>) -> Result<Fields, Fault> {
    let mut reader = Reader { bytes: text.as_bytes(), at: 0, extra: 0 };
    let mut fields = Fields::default();
    let mut items = format;
    let mut is_first = true;
    while let Some(item) = items.next() {
        if reader.is_at_end() {
            break;
        }
        if let FormatItem::Text(letters) = item {
            reader.letters(letters, is_first);
        } else {
            reader.extra += reader.skip_blanks();
            reader.field(item, ends_field(items), &mut fields)?;
            reader.extra = reader.skip_blanks();
        }
        is_first = false;
    }
    Ok(fields)
}

/// Whether a field may take all the digits there are, because what follows it is no digit.
fn ends_field(mut rest: FormatView<'_>) -> bool {
    match rest.next() {
        None => true,
        Some(FormatItem::Text(text)) => !text.first().is_some_and(u8::is_ascii_digit),
        Some(
            FormatItem::MonthShort(_)
            | FormatItem::MonthName(_)
            | FormatItem::WeekdayShort(_)
            | FormatItem::WeekdayName(_)
            | FormatItem::Meridiem(_)
            | FormatItem::Offset,
        ) => true,
        Some(_) => false,
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Letters passed over that the format did not ask for.
    extra: usize,
}

impl Reader<'_> {
    fn is_at_end(&self) -> bool {
        self.at >= self.bytes.len()
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn skip_blanks(&mut self) -> usize {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let blanks = rest.iter().take_while(|byte| is_blank(**byte)).count();
        self.at += blanks;
        blanks
    }

    /// Letters of the format that stand for themselves.
    fn letters(&mut self, letters: &[u8], is_first: bool) {
        let mut extra = self.extra as i64;
        for (place, letter) in letters.iter().enumerate() {
            // What continues a letter of UTF-8 went with its first byte.
            if self.is_at_end() || letter & 0xc0 == 0x80 {
                continue;
            }
            if is_first && place == 0 {
                extra += self.skip_blanks() as i64;
            }
            if is_blank(*letter) || is_separator(*letter) {
                extra -= 1;
                if self.peek().is_some_and(|byte| is_blank(byte) || is_separator(byte)) {
                    self.at += 1;
                    extra += 1;
                }
            } else if extra > 0 {
                extra -= 1;
            } else {
                self.skip_letter();
            }
        }
        self.extra = usize::try_from(extra).unwrap_or(0);
    }

    fn skip_letter(&mut self) {
        self.at += 1;
        while self.peek().is_some_and(|byte| byte & 0xc0 == 0x80) {
            self.at += 1;
        }
    }

    fn field(&mut self, item: FormatItem<'_>, free: bool, fields: &mut Fields) -> Result<(), Fault> {
        match item {
            FormatItem::Text(_) => Ok(()),
            FormatItem::Year4 => set(&mut fields.year, self.number(4, free)?.0),
            FormatItem::Year2 => {
                let (year, digits) = self.number(2, free)?;
                set(&mut fields.year, if digits < 4 { near_2020(year) } else { year })
            }
            FormatItem::Month => set(&mut fields.month, self.number(2, free)?.0),
            FormatItem::Day => set(&mut fields.day, self.number(2, free)?.0),
            FormatItem::DayOfYear => set(&mut fields.day_of_year, self.number(3, free)?.0),
            FormatItem::Hour24 => set(&mut fields.hour, self.number(2, free)?.0),
            FormatItem::Hour12 => {
                fields.twelve = true;
                set(&mut fields.hour, self.number(2, free)?.0)
            }
            FormatItem::Minute => set(&mut fields.minute, self.number(2, free)?.0),
            FormatItem::Second => set(&mut fields.second, self.number(2, free)?.0),
            FormatItem::Millisecond => {
                let (value, digits) = self.number(3, free)?;
                set_fraction(&mut fields.millis, value, digits, 3)
            }
            FormatItem::Microsecond => {
                let (value, digits) = self.number(6, free)?;
                set_fraction(&mut fields.micros, value, digits, 6)
            }
            FormatItem::MonthShort(_) => set(&mut fields.month, self.name(&MONTHS, 3)? + 1),
            FormatItem::MonthName(_) => set(&mut fields.month, self.name(&MONTHS, usize::MAX)? + 1),
            FormatItem::WeekdayShort(_) => self.name(&WEEKDAYS, 3).map(|_| ()),
            FormatItem::WeekdayName(_) => self.name(&WEEKDAYS, usize::MAX).map(|_| ()),
            FormatItem::Meridiem(_) => {
                fields.twelve = true;
                set(&mut fields.afternoon, self.name(&["am", "pm"], 2)?)
            }
            FormatItem::Offset => {
                fields.offset = self.offset()?;
                Ok(())
            }
        }
    }

    /// A number of exactly so many letters, or of as many as there are when it is free; and how
    /// many letters it had.
    fn number(&mut self, width: usize, free: bool) -> Result<(i64, usize), Fault> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        if !free && rest.len() < width {
            return Err(Fault::FormatMismatch);
        }
        let rest = if free { rest } else { &rest[..width] };
        let signed = usize::from(matches!(rest.first(), Some(b'-' | b'+')));
        let mut value = 0_i64;
        let mut length = signed;
        for byte in &rest[signed..] {
            if !byte.is_ascii_digit() {
                break;
            }
            // Beyond 32 bits it is refused below.
            value = (value * 10 + i64::from(byte - b'0')).min(i64::from(i32::MAX) + 1);
            length += 1;
        }
        if length == signed || (!free && length < width) || value > i64::from(i32::MAX) {
            return Err(Fault::FormatMismatch);
        }
        self.at += length;
        Ok((if rest.first() == Some(&b'-') { -value } else { value }, length))
    }

    /// Which of the names begins here, or of their beginnings.
    fn name(&mut self, names: &[&str], length: usize) -> Result<i64, Fault> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        for (place, name) in names.iter().enumerate() {
            let name = name.as_bytes().get(..length.min(name.len())).unwrap_or_default();
            if rest.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name)) {
                self.at += name.len();
                return Ok(place as i64);
            }
        }
        Err(Fault::FormatMismatch)
    }

    /// `+02:00`, `+0200`, `+02` or `Z`, in seconds.
    fn offset(&mut self) -> Result<i64, Fault> {
        let before = self.at.checked_sub(1).and_then(|before| self.bytes.get(before));
        let sign = match self.peek() {
            Some(b'Z' | b'z') => {
                self.at += 1;
                return Ok(0);
            }
            Some(sign @ (b'+' | b'-')) => {
                self.at += 1;
                if sign == b'-' { -1 } else { 1 }
            }
            // The separator of the format may have taken the minus.
            _ if self.extra > 0 && before == Some(&b'-') => -1,
            _ => 1,
        };
        let hours = self.digits_of_offset().ok_or(Fault::FormatMismatch)?;
        if self.peek() == Some(b':') {
            self.at += 1;
        }
        let minutes = self.digits_of_offset().unwrap_or(0);
        if hours > 15 || minutes > 59 { Err(Fault::NoSuchDate) } else { Ok(sign * (hours * 60 + minutes) * 60) }
    }

    /// One or two digits.
    fn digits_of_offset(&mut self) -> Option<i64> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let digits = rest.iter().take(2).take_while(|byte| byte.is_ascii_digit());
        let (count, value) =
            digits.fold((0, 0), |(count, value), byte| (count + 1, value * 10 + i64::from(byte - b'0')));
        self.at += count;
        (count > 0).then_some(value)
    }
}

/// ASCII, but neither letter nor digit nor blank.
fn is_separator(byte: u8) -> bool {
    byte.is_ascii_punctuation()
}

/// Sets a field; a format that has it twice must find the same value twice.
fn set(field: &mut i64, value: i64) -> Result<(), Fault> {
    if *field != 0 && *field != value {
        return Err(Fault::FormatMismatch);
    }
    *field = value;
    Ok(())
}

/// Digits behind a point: `5` of three is 500.
fn set_fraction(field: &mut i64, value: i64, digits: usize, places: usize) -> Result<(), Fault> {
    set(field, value)?;
    for _ in digits..places {
        *field *= 10;
    }
    Ok(())
}

/// The year of two or three digits that is nearest to 2020.
fn near_2020(year: i64) -> i64 {
    match year {
        ..70 => year + 2000,
        70..100 => year + 1900,
        100..520 => year + 2000,
        520..1000 => year + 1000,
        _ => year,
    }
}
