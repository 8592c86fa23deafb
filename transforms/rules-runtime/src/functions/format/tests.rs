use bumpalo::Bump;

use super::{format_timestamp, parse_date, parse_timestamp};
use crate::Fault;
use crate::constants::{Case, DateFormat, DatePart, FormatView};
use crate::functions::cast::{text_to_date, text_to_timestamp};

fn text(letters: &str) -> DatePart {
    DatePart::Text(letters.to_owned())
}

fn encoded(parts: &[DatePart]) -> Vec<u8> {
    DateFormat { parts: parts.to_vec() }.encode()
}

fn iso() -> Vec<u8> {
    use DatePart::{Day, Hour24, Minute, Month, Second, Year4};
    encoded(&[Year4, text("-"), Month, text("-"), Day, text(" "), Hour24, text(":"), Minute, text(":"), Second])
}

#[test]
fn timestamps_are_written_in_every_part() {
    let arena = Bump::new();
    let at = text_to_timestamp("2024-02-05 00:07:08.090123").unwrap();
    let cases = [
        (DatePart::Year4, "2024"),
        (DatePart::Year2, "24"),
        (DatePart::Month, "02"),
        (DatePart::MonthShort(Case::Capital), "Feb"),
        (DatePart::MonthName(Case::Upper), "FEBRUARY"),
        (DatePart::Day, "05"),
        (DatePart::DayOfYear, "036"),
        (DatePart::WeekdayShort(Case::Upper), "MON"),
        (DatePart::WeekdayName(Case::Capital), "Monday"),
        (DatePart::Hour24, "00"),
        (DatePart::Hour12, "12"),
        (DatePart::Minute, "07"),
        (DatePart::Second, "08"),
        (DatePart::Millisecond, "090"),
        (DatePart::Microsecond, "090123"),
        (DatePart::Meridiem(Case::Upper), "AM"),
        (DatePart::Meridiem(Case::Lower), "am"),
        (text("Uhr é"), "Uhr é"),
    ];
    for (part, expected) in cases {
        let bytes = encoded(std::slice::from_ref(&part));
        assert_eq!(format_timestamp(at, FormatView::of(&bytes), &arena), Ok(expected), "{part:?}");
    }
    assert_eq!(format_timestamp(at, FormatView::of(&iso()), &arena), Ok("2024-02-05 00:07:08"));
    assert_eq!(format_timestamp(i64::MAX, FormatView::of(&iso()), &arena), Err(Fault::DateOutOfRange));
}

#[test]
fn texts_are_read_as_leniently_as_postgres_reads_them() {
    let bytes = iso();
    let cases = [
        ("2024-02-05 01:02:03", Ok("2024-02-05 01:02:03")),
        ("  2024/2/5   1.2.3  ", Ok("2024-02-05 01:02:03")),
        ("2024-02-05", Ok("2024-02-05 00:00:00")),
        ("2024-02", Ok("2024-02-01 00:00:00")),
        ("2024-02-05 01:02:03 and more", Ok("2024-02-05 01:02:03")),
        ("2024-02-30 00:00:00", Err(Fault::NoSuchDate)),
        ("2024-13-01 00:00:00", Err(Fault::NoSuchDate)),
        ("2024-01-01 24:00:00", Err(Fault::NoSuchDate)),
        ("2024-01-01 00:60:00", Err(Fault::NoSuchDate)),
        ("x", Err(Fault::FormatMismatch)),
        ("2024-xx-01", Err(Fault::FormatMismatch)),
        ("", Err(Fault::DateOutOfRange)),
        ("-2024-01-01", Err(Fault::DateOutOfRange)),
        ("10000-01-01", Err(Fault::DateOutOfRange)),
        ("99999999999-01-01", Err(Fault::FormatMismatch)),
        ("2024--1-01", Err(Fault::NoSuchDate)),
    ];
    for (written, expected) in cases {
        let expected = expected.map(|text| text_to_timestamp(text).unwrap());
        assert_eq!(parse_timestamp(written, FormatView::of(&bytes)), expected, "{written:?}");
    }
}

#[test]
fn fields_that_touch_have_their_width() {
    let bytes = encoded(&[DatePart::Year4, DatePart::Month, DatePart::Day]);
    let read = |text| parse_date(text, FormatView::of(&bytes));
    assert_eq!(read("20240205"), text_to_date("2024-02-05"));
    assert_eq!(read("2024025"), text_to_date("2024-02-05"));
    // The month is `-0`, which stands for none.
    assert_eq!(read("2024-02-05"), text_to_date("2024-01-02"));
    assert_eq!(read("202"), Err(Fault::FormatMismatch));
}

#[test]
fn names_hours_and_offsets_are_read() {
    use DatePart::{
        Day, DayOfYear, Hour12, Meridiem, Microsecond, Millisecond, Minute, MonthName, MonthShort, Offset, Second,
        Year2, Year4,
    };
    let cases = [
        (vec![Day, text(" "), MonthShort(Case::Upper), text(" "), Year4], "5 feb 2024", Ok("2024-02-05")),
        (vec![Day, text(" "), MonthName(Case::Capital), text(" "), Year4], "5 FEBRUARY 2024", Ok("2024-02-05")),
        (vec![Day, text(" "), MonthName(Case::Capital), text(" "), Year4], "5 Feb 2024", Err(Fault::FormatMismatch)),
        (vec![Year2, text(" "), DayOfYear], "24 060", Ok("2024-02-29")),
        (vec![Year2, text(" "), DayOfYear], "23 366", Err(Fault::NoSuchDate)),
        (vec![Year2], "69", Ok("2069-01-01")),
        (vec![Year2], "70", Ok("1970-01-01")),
        (
            vec![Year4, text(" "), Hour12, text(":"), Minute, text(" "), Meridiem(Case::Upper)],
            "2024 12:30 am",
            Ok("2024-01-01 00:30"),
        ),
        (
            vec![Year4, text(" "), Hour12, text(":"), Minute, text(" "), Meridiem(Case::Upper)],
            "2024 1:30 PM",
            Ok("2024-01-01 13:30"),
        ),
        (vec![Year4, text(" "), Hour12], "2024 13", Err(Fault::NoSuchDate)),
        (vec![Year4, text(" "), Second, text("."), Millisecond], "2024 5.25", Ok("2024-01-01 00:00:05.25")),
        (vec![Year4, text(" "), Second, text("."), Microsecond], "2024 5.000025", Ok("2024-01-01 00:00:05.000025")),
        (vec![Year4, text(" "), Second, text(" "), Offset], "2024 5 +01:30", Ok("2023-12-31 22:30:05")),
        (vec![Year4, text(" "), Second, Offset], "2024 5Z", Ok("2024-01-01 00:00:05")),
        (vec![Year4, text(" "), Second, Offset], "2024 5-0100", Ok("2024-01-01 01:00:05")),
        (vec![Year4, text(" "), Second, Offset], "2024 5+16", Err(Fault::NoSuchDate)),
        (vec![Year4, text("T"), Second], "2024x5", Ok("2024-01-01 00:00:05")),
        (vec![Year4, text("é"), Second], "2024ö5", Ok("2024-01-01 00:00:05")),
        (vec![Year4, text(" "), Year4], "2024 2025", Err(Fault::FormatMismatch)),
    ];
    for (parts, written, expected) in cases {
        let bytes = encoded(&parts);
        let expected = expected.map(|text| text_to_timestamp(text).unwrap());
        assert_eq!(parse_timestamp(written, FormatView::of(&bytes)), expected, "{written:?}");
    }
}
