use sdk::testing::{NULL, Outcome, Table};

use super::*;

/// A flight of 2013-01-31 by its schedule, its departure and its delay.
type Clocks<'a> = (&'a str, &'a str, &'a str);

fn fly(date: [&str; 3], clocks: &[Clocks<'_>]) -> Outcome {
    let all = |cell: &'static str| vec![cell; clocks.len()];
    let dates = date.map(|part| vec![part; clocks.len()]);
    Table::new()
        .column("year", "int64", &dates[0])
        .column("month", "int32", &dates[1])
        .column("day", "int64", &dates[2])
        .column("sched_dep_time", "int64", &clocks.iter().map(|clock| clock.0).collect::<Vec<_>>())
        .column("dep_time", "int64", &clocks.iter().map(|clock| clock.1).collect::<Vec<_>>())
        .column("dep_delay", "int64", &clocks.iter().map(|clock| clock.2).collect::<Vec<_>>())
        .column("carrier", "utf8", &all(" ua "))
        .column("tailnum", "utf8", &all(NULL))
        .column("origin", "utf8", &all("EWR"))
        .column("dest", "utf8", &all(""))
        .run::<Flights>("{}")
        .unwrap()
}

fn departure(scheduled: &str, actual: &str, delay: &str) -> (String, String) {
    let outcome = fly(["2013", "1", "31"], &[(scheduled, actual, delay)]);
    assert!(outcome.rejects.is_empty(), "{:?}", outcome.rejects);
    (outcome.column("scheduled_departure")[0].clone(), outcome.column("actual_departure")[0].clone())
}

fn refusal(date: [&str; 3], clocks: Clocks<'_>) -> (String, Option<String>) {
    let mut outcome = fly(date, &[clocks]);
    assert!(outcome.source_rows.is_empty());
    let reject = outcome.rejects.remove(0);
    (reject.code, reject.column)
}

#[test]
fn a_flight_leaves_on_the_day_its_delay_says() {
    let cases = [
        (("515", "517", "2"), "2013-01-31T10:15:00Z", "2013-01-31T10:17:00Z"),
        (("545", "544", "-1"), "2013-01-31T10:45:00Z", "2013-01-31T10:44:00Z"),
        (("2359", "12", "13"), "2013-02-01T04:59:00Z", "2013-02-01T05:12:00Z"),
        (("5", "2350", "-15"), "2013-01-31T05:05:00Z", "2013-01-31T04:50:00Z"),
        (("900", "641", "1301"), "2013-01-31T14:00:00Z", "2013-02-01T11:41:00Z"),
        (("2345", "2400", "15"), "2013-02-01T04:45:00Z", "2013-02-01T05:00:00Z"),
        (("5", "2400", "-5"), "2013-01-31T05:05:00Z", "2013-01-31T05:00:00Z"),
    ];
    for ((scheduled, actual, delay), expect_scheduled, expect_actual) in cases {
        let expected = (expect_scheduled.to_owned(), expect_actual.to_owned());
        assert_eq!(departure(scheduled, actual, delay), expected, "{scheduled} {actual} {delay}");
    }
}

#[test]
fn without_a_delay_the_nearest_day_is_taken_and_a_cancelled_flight_never_left() {
    assert_eq!(departure("2359", "12", NULL).1, "2013-02-01T05:12:00Z");
    assert_eq!(departure("5", "2350", NULL).1, "2013-01-31T04:50:00Z");
    assert_eq!(departure("515", NULL, NULL), ("2013-01-31T10:15:00Z".to_owned(), NULL.to_owned()));
    assert_eq!(departure(NULL, NULL, NULL), (NULL.to_owned(), NULL.to_owned()));
}

#[test]
fn what_no_clock_or_calendar_shows_is_rejected_with_its_column() {
    let rejected = |code: &str, column: &str| (code.to_owned(), Some(column.to_owned()));
    let day = ["2013", "1", "31"];
    assert_eq!(refusal(day, ("1299", "1300", "1")), rejected("bad_clock", "sched_dep_time"));
    assert_eq!(refusal(day, ("1200", "2460", "1")), rejected("bad_clock", "dep_time"));
    assert_eq!(refusal(day, ("-5", "5", "1")), rejected("bad_clock", "sched_dep_time"));
    assert_eq!(refusal(day, ("1200", "1300", "5")), rejected("delay_mismatch", "dep_delay"));
    assert_eq!(refusal(day, ("1200", "1300", "100000")), rejected("delay_mismatch", "dep_delay"));
    assert_eq!(refusal(day, ("1200", "1300", "9223372036854775807")), rejected("unknown_offset", "year"));
    assert_eq!(refusal(day, (NULL, "1300", "5")), rejected("no_schedule", "sched_dep_time"));
    assert_eq!(refusal(["2013", "2", "29"], ("1", "1", "0")), rejected("bad_date", "day"));
    assert_eq!(refusal(["2006", "1", "1"], ("1", "1", "0")), rejected("unknown_offset", "year"));
    assert_eq!(refusal(["2013", NULL, "1"], ("1", "1", "0")), ("no_date".to_owned(), None));
}

#[test]
fn names_are_cleaned_and_everything_else_is_passed_on() {
    let outcome = fly(["2013", "1", "31"], &[("515", "517", "2"), ("515", "9999", "2"), ("515", "515", "0")]);
    assert_eq!(outcome.source_rows, [0, 2]);
    assert_eq!(outcome.column("carrier"), ["UA", "UA"]);
    assert_eq!(outcome.column("tailnum"), [NULL, NULL]);
    assert_eq!(outcome.column("dest"), ["", ""]);
    assert_eq!(outcome.column("dep_time"), ["517", "515"]);
    let names: Vec<_> = outcome.columns.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names.last_chunk(), Some(&["scheduled_departure", "actual_departure"]));
}

#[test]
fn an_input_it_was_not_made_for_is_refused_before_any_row() {
    let table = Table::new().column("carrier", "int64", &["1"]);
    assert!(table.run::<Flights>("{}").unwrap_err().contains("`carrier` has type `int64`"));
    assert!(Table::new().run::<Flights>("{}").unwrap_err().contains("no column `carrier`"));
    assert!(Table::new().run::<Flights>(r#"{"zone":"x"}"#).unwrap_err().contains("no config"));
}
