/// A part of a date or time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Unit {
    /// `microsecond`.
    Microsecond,
    /// `millisecond`.
    Millisecond,
    /// `second`.
    Second,
    /// `minute`.
    Minute,
    /// `hour`.
    Hour,
    /// `day`.
    Day,
    /// `week` (ISO).
    Week,
    /// `month`.
    Month,
    /// `quarter`.
    Quarter,
    /// `year`.
    Year,
    /// `isoyear`.
    IsoYear,
    /// `decade`.
    Decade,
    /// `century`.
    Century,
    /// `millennium`.
    Millennium,
    /// `dow`: 0 is Sunday; `extract` only.
    DayOfWeek,
    /// `isodow`: 7 is Sunday; `extract` only.
    IsoDayOfWeek,
    /// `doy`; `extract` only.
    DayOfYear,
    /// `epoch`; `extract` only.
    Epoch,
}

impl Unit {
    /// Every unit, in the order of their numbers.
    pub const ALL: [Unit; 18] = [
        Unit::Microsecond,
        Unit::Millisecond,
        Unit::Second,
        Unit::Minute,
        Unit::Hour,
        Unit::Day,
        Unit::Week,
        Unit::Month,
        Unit::Quarter,
        Unit::Year,
        Unit::IsoYear,
        Unit::Decade,
        Unit::Century,
        Unit::Millennium,
        Unit::DayOfWeek,
        Unit::IsoDayOfWeek,
        Unit::DayOfYear,
        Unit::Epoch,
    ];

    /// Its number.
    #[must_use]
    pub fn number(self) -> u8 {
        self as u8
    }

    /// The unit of a number; microseconds for one that stands for none.
    #[must_use]
    pub fn of_number(number: u8) -> Self {
        Self::ALL.get(usize::from(number)).copied().unwrap_or(Unit::Microsecond)
    }
}
