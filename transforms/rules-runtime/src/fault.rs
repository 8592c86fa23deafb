//! What a value can do wrong.

/// Why a row's value cannot be computed. The number crosses from a function to the row loop, the
/// code and the reason become a reject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Fault {
    /// A result beyond its type.
    Overflow = 1,
    /// A divisor of zero.
    DivisionByZero = 2,
    /// A text that is no boolean.
    TextNotBool = 3,
    /// A text that is no integer.
    TextNotInteger = 4,
    /// A text that is no number.
    TextNotNumber = 5,
    /// A text that is no date.
    TextNotDate = 6,
    /// A text that is no time.
    TextNotTime = 7,
    /// A text that is no timestamp.
    TextNotTimestamp = 8,
    /// A text that is no uuid.
    TextNotUuid = 9,
    /// A text that does not stand for bytes.
    TextNotBytes = 10,
    /// A text that is no JSON.
    TextNotJson = 11,
    /// A number beyond the type it is cast to.
    NumberOutOfRange = 12,
    /// NaN or an infinity, where the type has none.
    NumberNotFinite = 13,
    /// A date or timestamp before the year 1 or after the year 9999.
    DateOutOfRange = 14,
    /// A day, month, hour, minute or second that does not exist.
    NoSuchDate = 15,
    /// A text that does not follow the date format.
    FormatMismatch = 16,
    /// A negative length.
    NegativeLength = 17,
    /// Field 0 of `split_part`.
    FieldZero = 18,
    /// A text beyond [`LONGEST`](crate::functions::LONGEST).
    TextTooLong = 19,
    /// A text that is not hexadecimal.
    NotHex = 20,
    /// A text that is not base64.
    NotBase64 = 21,
    /// A number the function has no value for.
    Undefined = 22,
    /// A JSON string that holds a letter text cannot hold: `\u0000` or half a surrogate pair.
    JsonNotText = 23,
    /// Months, days or microseconds beyond an interval.
    IntervalOutOfRange = 24,
    /// The time 24:00:00, where only times of a day are.
    EndOfDay = 25,
}

impl Fault {
    /// Every fault.
    pub const ALL: [Fault; 25] = [
        Fault::Overflow,
        Fault::DivisionByZero,
        Fault::TextNotBool,
        Fault::TextNotInteger,
        Fault::TextNotNumber,
        Fault::TextNotDate,
        Fault::TextNotTime,
        Fault::TextNotTimestamp,
        Fault::TextNotUuid,
        Fault::TextNotBytes,
        Fault::TextNotJson,
        Fault::NumberOutOfRange,
        Fault::NumberNotFinite,
        Fault::DateOutOfRange,
        Fault::NoSuchDate,
        Fault::FormatMismatch,
        Fault::NegativeLength,
        Fault::FieldZero,
        Fault::TextTooLong,
        Fault::NotHex,
        Fault::NotBase64,
        Fault::Undefined,
        Fault::JsonNotText,
        Fault::IntervalOutOfRange,
        Fault::EndOfDay,
    ];

    /// Its number, from 1.
    #[must_use]
    pub fn number(self) -> u8 {
        self as u8
    }

    /// The fault of a number.
    #[must_use]
    pub fn of_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number.checked_sub(1)?)).copied()
    }

    /// The reject's stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Fault::Overflow => "overflow",
            Fault::DivisionByZero => "division_by_zero",
            Fault::TextNotInteger | Fault::TextNotNumber => "invalid_number",
            Fault::TextNotDate
            | Fault::TextNotTime
            | Fault::TextNotTimestamp
            | Fault::NoSuchDate
            | Fault::FormatMismatch => "invalid_date",
            Fault::TextNotBool | Fault::TextNotUuid | Fault::TextNotBytes | Fault::NotHex | Fault::NotBase64 => {
                "invalid_text"
            }
            Fault::TextNotJson | Fault::JsonNotText => "invalid_json",
            Fault::NumberOutOfRange
            | Fault::NumberNotFinite
            | Fault::DateOutOfRange
            | Fault::NegativeLength
            | Fault::FieldZero
            | Fault::TextTooLong
            | Fault::Undefined
            | Fault::IntervalOutOfRange
            | Fault::EndOfDay => "out_of_range",
        }
    }

    /// What people are told. It names the type of the value, never the value.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Fault::Overflow => "the result is too large for its type",
            Fault::DivisionByZero => "division by zero",
            Fault::TextNotBool => "the text is not a boolean",
            Fault::TextNotInteger => "the text is not an integer",
            Fault::TextNotNumber => "the text is not a number",
            Fault::TextNotDate => "the text is not a date such as 2024-12-31",
            Fault::TextNotTime => "the text is not a time such as 23:59:59",
            Fault::TextNotTimestamp => "the text is not a timestamp such as 2024-12-31 23:59:59",
            Fault::TextNotUuid => "the text is not a uuid",
            Fault::TextNotBytes => "the text does not stand for bytes",
            Fault::TextNotJson => "the text is not JSON",
            Fault::NumberOutOfRange => "the number is out of the type's range",
            Fault::NumberNotFinite => "the number is NaN or infinite",
            Fault::DateOutOfRange => "the date is outside the years 1 to 9999",
            Fault::NoSuchDate => "there is no such date or time",
            Fault::FormatMismatch => "the text does not follow the date format",
            Fault::NegativeLength => "the length is negative",
            Fault::FieldZero => "there is no field 0",
            Fault::TextTooLong => "the text would be too long",
            Fault::NotHex => "the text is not hexadecimal",
            Fault::NotBase64 => "the text is not base64",
            Fault::Undefined => "the function has no value for this number",
            Fault::JsonNotText => "the JSON string holds a letter that text cannot hold",
            Fault::IntervalOutOfRange => "the interval is out of range",
            Fault::EndOfDay => "24:00:00 is no time of a day, which a column of times holds",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Fault;

    #[test]
    fn every_number_stands_for_one_fault() {
        for fault in Fault::ALL {
            assert_eq!(Fault::of_number(fault.number()), Some(fault));
        }
        assert_eq!(Fault::of_number(0), None);
        assert_eq!(Fault::of_number(26), None);
    }

    #[test]
    fn codes_are_made_of_small_letters_and_reasons_are_lowercase() {
        for fault in Fault::ALL {
            assert!(fault.code().chars().all(|letter| letter.is_ascii_lowercase() || letter == '_'));
            assert!(!fault.reason().ends_with('.'));
        }
    }
}
