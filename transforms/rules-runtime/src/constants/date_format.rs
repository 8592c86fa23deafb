/// A format of `to_char`, `to_timestamp` and `to_date`, in its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DateFormat {
    /// The parts in order.
    pub parts: Vec<DatePart>,
}

/// A part of a date format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatePart {
    /// Letters that stand for themselves.
    Text(String),
    /// `YYYY`.
    Year4,
    /// `YY`: 70 to 99 is 19YY, else 20YY.
    Year2,
    /// `MM`.
    Month,
    /// `MON`, `Mon`, `mon`: the month's short English name.
    MonthShort(Case),
    /// `MONTH`, `Month`, `month` with FM: the full name without padding.
    MonthName(Case),
    /// `DD`.
    Day,
    /// `DDD`.
    DayOfYear,
    /// `DY`, `Dy`, `dy`; `to_char` only.
    WeekdayShort(Case),
    /// `DAY`, `Day`, `day` with FM; `to_char` only.
    WeekdayName(Case),
    /// `HH24`.
    Hour24,
    /// `HH`, `HH12`.
    Hour12,
    /// `MI`.
    Minute,
    /// `SS`.
    Second,
    /// `MS`.
    Millisecond,
    /// `US`.
    Microsecond,
    /// `AM`, `PM`, `am`, `pm`.
    Meridiem(Case),
    /// `TZH:TZM`, `OF`: reading only: an offset such as `+02:00`, `+0200`, `+02` or `Z`.
    Offset,
}

/// How a name is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    /// All capitals.
    Upper,
    /// The first letter a capital.
    Capital,
    /// No capitals.
    Lower,
}

/// A part of an encoded format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormatItem<'a> {
    /// Letters that stand for themselves.
    Text(&'a [u8]),
    /// As [`DatePart::Year4`].
    Year4,
    /// As [`DatePart::Year2`].
    Year2,
    /// As [`DatePart::Month`].
    Month,
    /// As [`DatePart::MonthShort`].
    MonthShort(Case),
    /// As [`DatePart::MonthName`].
    MonthName(Case),
    /// As [`DatePart::Day`].
    Day,
    /// As [`DatePart::DayOfYear`].
    DayOfYear,
    /// As [`DatePart::WeekdayShort`].
    WeekdayShort(Case),
    /// As [`DatePart::WeekdayName`].
    WeekdayName(Case),
    /// As [`DatePart::Hour24`].
    Hour24,
    /// As [`DatePart::Hour12`].
    Hour12,
    /// As [`DatePart::Minute`].
    Minute,
    /// As [`DatePart::Second`].
    Second,
    /// As [`DatePart::Millisecond`].
    Millisecond,
    /// As [`DatePart::Microsecond`].
    Microsecond,
    /// As [`DatePart::Meridiem`].
    Meridiem(Case),
    /// As [`DatePart::Offset`].
    Offset,
}

const TEXT: u8 = 0;
// Parts with a name take three numbers each, one for every case.
const NAMED: u8 = 16;

impl DateFormat {
    /// Its bytes: each part as its kind, a text followed by its length in four bytes and itself.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(2 * self.parts.len());
        for part in &self.parts {
            if let DatePart::Text(text) = part {
                bytes.push(TEXT);
                bytes.extend(u32::try_from(text.len()).unwrap_or(u32::MAX).to_le_bytes());
                bytes.extend(text.as_bytes());
            } else {
                bytes.push(kind(part));
            }
        }
        bytes
    }
}

fn kind(part: &DatePart) -> u8 {
    match part {
        DatePart::Text(_) => TEXT,
        DatePart::Year4 => 1,
        DatePart::Year2 => 2,
        DatePart::Month => 3,
        DatePart::Day => 4,
        DatePart::DayOfYear => 5,
        DatePart::Hour24 => 6,
        DatePart::Hour12 => 7,
        DatePart::Minute => 8,
        DatePart::Second => 9,
        DatePart::Millisecond => 10,
        DatePart::Microsecond => 11,
        DatePart::Offset => 12,
        DatePart::MonthShort(case) => NAMED + case.number(),
        DatePart::MonthName(case) => NAMED + 3 + case.number(),
        DatePart::WeekdayShort(case) => NAMED + 6 + case.number(),
        DatePart::WeekdayName(case) => NAMED + 9 + case.number(),
        DatePart::Meridiem(case) => NAMED + 12 + case.number(),
    }
}

impl Case {
    fn number(self) -> u8 {
        match self {
            Case::Upper => 0,
            Case::Capital => 1,
            Case::Lower => 2,
        }
    }

    fn of_number(number: u8) -> Self {
        match number % 3 {
            0 => Case::Upper,
            1 => Case::Capital,
            _ => Case::Lower,
        }
    }
}

/// An encoded [`DateFormat`], and an iterator over its parts.
#[derive(Debug, Clone, Copy)]
pub struct FormatView<'a> {
    rest: &'a [u8],
}

impl<'a> FormatView<'a> {
    /// The format of these bytes.
    #[must_use]
    pub fn of(bytes: &'a [u8]) -> Self {
        FormatView { rest: bytes }
    }
}

impl<'a> Iterator for FormatView<'a> {
    type Item = FormatItem<'a>;

    #[inline]
    fn next(&mut self) -> Option<FormatItem<'a>> {
        let (kind, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(match *kind {
            TEXT => {
                let (length, rest) = rest.split_first_chunk::<4>()?;
                let (text, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
                self.rest = rest;
                FormatItem::Text(text)
            }
            1 => FormatItem::Year4,
            2 => FormatItem::Year2,
            3 => FormatItem::Month,
            4 => FormatItem::Day,
            5 => FormatItem::DayOfYear,
            6 => FormatItem::Hour24,
            7 => FormatItem::Hour12,
            8 => FormatItem::Minute,
            9 => FormatItem::Second,
            10 => FormatItem::Millisecond,
            11 => FormatItem::Microsecond,
            12 => FormatItem::Offset,
            named @ NAMED.. => {
                let case = Case::of_number(named - NAMED);
                match (named - NAMED) / 3 {
                    0 => FormatItem::MonthShort(case),
                    1 => FormatItem::MonthName(case),
                    2 => FormatItem::WeekdayShort(case),
                    3 => FormatItem::WeekdayName(case),
                    _ => FormatItem::Meridiem(case),
                }
            }
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Case, DateFormat, DatePart, FormatItem, FormatView};

    #[test]
    fn a_format_is_read_back() {
        let parts = vec![
            DatePart::Year4,
            DatePart::Text("-".to_owned()),
            DatePart::MonthShort(Case::Upper),
            DatePart::MonthName(Case::Lower),
            DatePart::WeekdayShort(Case::Capital),
            DatePart::WeekdayName(Case::Lower),
            DatePart::Meridiem(Case::Capital),
            DatePart::Offset,
            DatePart::Year2,
            DatePart::Text("Uhr".to_owned()),
        ];
        let bytes = DateFormat { parts }.encode();
        let items: Vec<_> = FormatView::of(&bytes).collect();
        assert_eq!(
            items,
            [
                FormatItem::Year4,
                FormatItem::Text(b"-"),
                FormatItem::MonthShort(Case::Upper),
                FormatItem::MonthName(Case::Lower),
                FormatItem::WeekdayShort(Case::Capital),
                FormatItem::WeekdayName(Case::Lower),
                FormatItem::Meridiem(Case::Capital),
                FormatItem::Offset,
                FormatItem::Year2,
                FormatItem::Text(b"Uhr"),
            ]
        );
    }
}
