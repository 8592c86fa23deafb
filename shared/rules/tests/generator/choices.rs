//! Values worth trying.

use fastrand::Rng;

/// A value of a column, as PostgreSQL reads it.
pub(super) fn value(chance: &mut Rng, column: &str) -> String {
    match column {
        "small" => one(chance, &["0", "1", "-1", "2", "3", "7", "12", "-3", "32767", "-32768"]).to_owned(),
        "count" => match chance.u8(0..3) {
            0 => chance.i32(-1000..1000).to_string(),
            1 => one(chance, &["0", "1", "-1", "2147483647", "-2147483648", "65", "255"]).to_owned(),
            _ => chance.i32(..).to_string(),
        },
        "num" => match chance.u8(0..3) {
            0 => chance.i64(-100_000..100_000).to_string(),
            1 => one(chance, &["0", "1", "-1", "9223372036854775807", "-9223372036854775808", "9007199254740993"])
                .to_owned(),
            _ => chance.i64(..).to_string(),
        },
        "amount" => decimal(chance, 10, 2),
        "price" => decimal(chance, 14, 6),
        "big" => decimal(chance, 28, 10),
        "loose" => match chance.u8(0..3) {
            0 => decimal(chance, 9, 3),
            1 => one(
                chance,
                &[
                    "NaN",
                    "Infinity",
                    "-Infinity",
                    "0",
                    "1.50",
                    "0.000",
                    "1000000000000000000000000000000000000000000",
                    "0.00000000000000000000000000000000000000000000001",
                    "2.5",
                    "-2.5",
                    "3.5",
                ],
            )
            .to_owned(),
            _ => decimal(chance, 30, 12),
        },
        "rate" => double(chance).to_string(),
        "ratio" => (match chance.u8(0..3) {
            0 => one(
                chance,
                &[
                    0.0_f32,
                    -0.0,
                    0.1,
                    1.5,
                    2.5,
                    -2.5,
                    1e10,
                    1e-10,
                    16_777_216.0,
                    3.4e38,
                    1e-45,
                    f32::NAN,
                    f32::INFINITY,
                    999_999.5,
                    1_234_567.8,
                ],
            ),
            1 => (chance.f32() - 0.5) * 1000.0,
            _ => chance.i16(..) as f32 / 8.0,
        })
        .to_string(),
        "flag" => one(chance, &["true", "false"]).to_string(),
        "name" => word(chance),
        "note" => number_text(chance),
        "stamp" => moment_text(chance),
        // What only a format can read.
        "odd" if chance.bool() => moment_text(chance),
        "odd" => {
            let odd = [
                "05.02.2024 7:08",
                "5/2/24",
                "2024 036",
                "1999-366",
                "Feb 5 2024",
                "5 FEBRUARY 24",
                "29.2.2023",
                "31/12/69",
                "May 1 99",
            ];
            one(chance, &odd).to_owned()
        }
        "day" => day(chance),
        "clock" => clock(chance),
        "local" | "at" => format!("{} {}", day(chance), clock_of_day(chance)),
        "doc" => one(chance, DOCUMENTS).to_string(),
        "raw" => {
            format!("\\x{}", (0..chance.usize(0..70)).map(|_| format!("{:02x}", chance.u8(..))).collect::<String>())
        }
        "uid" => {
            let hex = format!("{:032x}", chance.u128(..));
            format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
        }
        other => panic!("no values for {other}"),
    }
}

pub(super) fn one<T: Copy>(chance: &mut Rng, choices: &[T]) -> T {
    choices[chance.usize(0..choices.len())]
}

/// A text as a literal.
pub(super) fn quoted(text: &str) -> String {
    let escaped = text.replace('\'', "''");
    // Without a standard literal's trouble with backslashes there is none.
    format!("'{escaped}'")
}

pub(super) const DOCUMENTS: &[&str] = &[
    "{}",
    "[]",
    "null",
    "1.50",
    "\"text\"",
    "true",
    r#"{"a": 1, "b": {"a": [1, 2, "x"]}, "a": "second"}"#,
    r#"{"a": null, "c": "ü\n\"q\" \u00e4\ud83d\ude00"}"#,
    r#" {"a" : [ 1 , {"b":2} , null ] } "#,
    r#"[{"a": "x"}, 2, "three", null, [4]]"#,
    r#"{"a\u0062": 7, "": 8, "b": false}"#,
    r#"{"a": "\u0000"}"#,
    r#"[1, "\ud800"]"#,
    r#"{"a": 1e400, "b": -0}"#,
];

const LETTERS: &[&str] = &[
    "a", "b", "A", "Z", "x", "0", "9", " ", " ", ",", "-", "_", "%", "\\", "'", "é", "É", "ß", "ü", "Ü", "日", "本",
    "😀", "İ", "ı", "ǆ", "ǅ", "ﬁ", "Σ", "ς", "ᾳ", "\t", "\n", "@", ".", "/", "\u{a0}", "e\u{301}",
];

pub(super) fn word(chance: &mut Rng) -> String {
    match chance.u8(0..5) {
        0 => one(
            chance,
            &[
                "",
                " ",
                "  abc  ",
                "hello world",
                "O'Brien-Smith",
                "a,b,,c",
                "true",
                "x",
                "STRASSE",
                "jane@example.com",
                "%",
                "100%_\\",
            ],
        )
        .to_string(),
        1 => (0..chance.usize(0..40)).map(|_| one(chance, &["a", "b", "ab", "c"]).to_string()).collect(),
        2 => (0..chance.usize(0..12)).filter_map(|_| letter(chance)).collect(),
        _ => (0..chance.usize(0..10)).map(|_| one(chance, LETTERS).to_string()).collect(),
    }
}

/// A letter that PostgreSQL's C library knows as we do: scripts grow from one Unicode to the next.
fn letter(chance: &mut Rng) -> Option<char> {
    let (first, last) =
        one(chance, &[(1, 0x7f), (0x80, 0x17f), (0x386, 0x590), (0x1e00, 0x2000), (0x3041, 0x3096), (0x4e00, 0x4e20)]);
    char::from_u32(chance.u32(first..last))
}

fn number_text(chance: &mut Rng) -> String {
    match chance.u8(0..4) {
        0 => one(
            chance,
            &[
                "",
                " ",
                "abc",
                "12",
                " 7 ",
                "-3.5",
                "1e3",
                "1e-3",
                "NaN",
                "Infinity",
                "-inf",
                "+1",
                ".5",
                "5.",
                ".",
                "-",
                "+",
                "1_000",
                "1 2",
                "١",
                "9223372036854775807",
                "9223372036854775808",
                "-9223372036854775808",
                "-9223372036854775809",
                "32768",
                "2147483648",
                "1e400",
                "1e-400",
                "0e-400",
                "1e39",
                "00012",
                "--1",
                "1e",
                "1e+",
                "0.005",
                "0.015",
                "-0.005",
                "-0",
                "true",
                "t",
                "f",
                " yes",
                "off",
                "o",
                "of",
                "1",
                "0",
                "99999999999999999999999999999999999999",
                "123456789012345678901234567890.123456789",
                "1,5",
                "\t4\n",
                "4\u{a0}",
                "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
                "{A0EEBC999C0B4EF8BB6D6BB9BD380A11}",
                "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1",
                "[1, 2]",
                "{\"a\":1}",
                "{\"a\":1",
                "\"x\"",
                "01",
                "deadBEEF",
                "dead beef",
                "Zm9v",
                "Zm9vYg==",
                "Zg==Zg==",
                "Z",
                "Zm 9v\n",
            ],
        )
        .to_string(),
        1 => chance.i64(-1_000_000..1_000_000).to_string(),
        2 => double(chance).to_string(),
        _ => decimal(chance, 15, 8),
    }
}

fn moment_text(chance: &mut Rng) -> String {
    match chance.u8(0..5) {
        0 => one(
            chance,
            &[
                "",
                "x",
                "2023-02-29",
                " 2024-02-29 ",
                "2024-2-9",
                "2024/02/09",
                "20240209",
                "2024-02-09T01:02:03Z",
                "2024-02-09 01:02:03.1234567",
                "2024-02-09 01:02:03.5+02",
                "2024-02-09 01:02:03 -05:30",
                "2024-02-09 01:02+0530",
                "2024-13-01",
                "2024-00-10",
                "2024-01-32",
                "0000-01-01",
                "2024-02-09 24:00:00",
                "2024-02-09 24:00:01",
                "2024-02-09 23:59:60",
                "2024-02-09 23:60:00",
                "2024-02-09 1:2:3",
                "12:34",
                "23:59:59.9999999",
                "24:00",
                "25:00",
                "2024-02-09 10:00 UTC",
                "2024-02-09 10:00:00.",
                "2024-02-09x",
                "2024-02",
                "9999-12-31 23:59:59.9999999",
                "2024-02-09 10:00:00+16",
                "2024-02-09 10:00:00+15:59:59",
                "2024-02-09 11:59 PM",
                "20240209T010203",
                "2024-02-30 10:00",
                "12:30 am",
                "13:00 pm",
                "2024-02-09  10:00:00",
            ],
        )
        .to_string(),
        1 => day(chance),
        2 => clock(chance),
        3 => format!("{}T{}", day(chance), clock_of_day(chance)),
        _ => format!("{} {}", day(chance), clock_of_day(chance)),
    }
}

fn day(chance: &mut Rng) -> String {
    match chance.u8(0..4) {
        0 => one(
            chance,
            &[
                "0001-01-01",
                "0001-12-31",
                "0099-03-01",
                "1582-10-15",
                "1899-12-31",
                "1900-02-28",
                "1969-12-31",
                "1970-01-01",
                "2000-02-29",
                "2001-01-01",
                "2021-01-03",
                "2024-02-29",
                "2024-03-31",
                "2024-10-27",
                "2024-12-30",
                "2100-03-01",
                "2199-07-01",
                "9999-12-31",
                "9999-01-31",
            ],
        )
        .to_string(),
        1 => date_text(chance, 1..10_000),
        _ => date_text(chance, 1960..2040),
    }
}

fn date_text(chance: &mut Rng, years: std::ops::Range<u32>) -> String {
    format!("{:04}-{:02}-{:02}", chance.u32(years), chance.u32(1..13), chance.u32(1..29))
}

fn clock(chance: &mut Rng) -> String {
    if chance.u8(0..10) == 0 { "24:00:00".to_owned() } else { clock_of_day(chance) }
}

fn clock_of_day(chance: &mut Rng) -> String {
    match chance.u8(0..4) {
        0 => one(
            chance,
            &[
                "00:00:00",
                "23:59:59.999999",
                "12:00:00",
                "02:30:00",
                "00:00:00.000001",
                "01:00:00",
                "02:00:00",
                "03:00:00",
            ],
        )
        .to_string(),
        1 => format!("{:02}:{:02}:{:02}", chance.u8(0..24), chance.u8(0..60), chance.u8(0..60)),
        _ => format!(
            "{:02}:{:02}:{:02}.{:06}",
            chance.u8(0..24),
            chance.u8(0..60),
            chance.u8(0..60),
            chance.u32(0..1_000_000)
        ),
    }
}

/// A decimal of at most so many digits before and behind the point.
fn decimal(chance: &mut Rng, whole: usize, scale: usize) -> String {
    let sign = if chance.bool() { "" } else { "-" };
    match chance.u8(0..6) {
        0 => format!("0.{}", "0".repeat(scale)),
        1 => format!("{sign}{}.{}", "9".repeat(whole), "9".repeat(scale)),
        2 => format!("{sign}0.{}1", "0".repeat(scale - 1)),
        3 => format!("{sign}{}.{}", chance.u8(0..10), &"5".repeat(scale)),
        4 => format!("{sign}{}.{}", chance.u32(0..10_000), "0".repeat(scale)),
        _ => {
            let length = chance.usize(1..=whole);
            let mut digits = |count: usize| (0..count).map(|_| char::from(b'0' + chance.u8(0..10))).collect::<String>();
            let (before, behind) = (digits(length), digits(scale));
            let before = before.trim_start_matches('0');
            format!("{sign}{}.{behind}", if before.is_empty() { "0" } else { before })
        }
    }
}

fn double(chance: &mut Rng) -> f64 {
    match chance.u8(0..5) {
        0 => one(
            chance,
            &[
                0.0,
                -0.0,
                0.1,
                0.5,
                1.5,
                2.5,
                -2.5,
                1e15,
                1e-5,
                0.0001,
                123_456_789_012_345_680.0,
                1e300,
                -1e300,
                1e-300,
                5e-324,
                f64::MAX,
                f64::NAN,
                f64::INFINITY,
                f64::NEG_INFINITY,
                9_223_372_036_854_775_807.0,
                0.015,
                2.675,
                1e22,
                1e23,
            ],
        ),
        1 => (chance.f64() - 0.5) * 1000.0,
        2 => f64::from(chance.i32(-100_000..100_000)) / 100.0,
        3 => f64::from(chance.i16(..)),
        _ => (chance.f64() - 0.5) * 10_f64.powi(chance.i32(-20..25)),
    }
}
