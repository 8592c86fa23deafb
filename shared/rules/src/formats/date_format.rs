//! Formats of to_char, to_timestamp and to_date.

use crate::plan::{Case, DateFormat, DatePart};

/// What a format is for: some parts can only be written, some only be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    /// `to_char`.
    Write,
    /// `to_timestamp`, `to_date`.
    Read,
}

/// A part with the letters it is written with, longest first.
const PARTS: &[(&str, DatePart)] = &[
    ("FMMONTH", DatePart::MonthName(Case::Upper)),
    ("FMMonth", DatePart::MonthName(Case::Capital)),
    ("FMmonth", DatePart::MonthName(Case::Lower)),
    ("TZH:TZM", DatePart::Offset),
    ("FMDAY", DatePart::WeekdayName(Case::Upper)),
    ("FMDay", DatePart::WeekdayName(Case::Capital)),
    ("FMday", DatePart::WeekdayName(Case::Lower)),
    ("MONTH", DatePart::MonthName(Case::Upper)),
    ("Month", DatePart::MonthName(Case::Capital)),
    ("month", DatePart::MonthName(Case::Lower)),
    ("YYYY", DatePart::Year4),
    ("yyyy", DatePart::Year4),
    ("HH24", DatePart::Hour24),
    ("hh24", DatePart::Hour24),
    ("HH12", DatePart::Hour12),
    ("hh12", DatePart::Hour12),
    ("MON", DatePart::MonthShort(Case::Upper)),
    ("Mon", DatePart::MonthShort(Case::Capital)),
    ("mon", DatePart::MonthShort(Case::Lower)),
    ("DDD", DatePart::DayOfYear),
    ("ddd", DatePart::DayOfYear),
    ("DAY", DatePart::WeekdayName(Case::Upper)),
    ("Day", DatePart::WeekdayName(Case::Capital)),
    ("day", DatePart::WeekdayName(Case::Lower)),
    ("TZH", DatePart::Offset),
    ("DD", DatePart::Day),
    ("dd", DatePart::Day),
    ("DY", DatePart::WeekdayShort(Case::Upper)),
    ("Dy", DatePart::WeekdayShort(Case::Capital)),
    ("dy", DatePart::WeekdayShort(Case::Lower)),
    ("YY", DatePart::Year2),
    ("yy", DatePart::Year2),
    ("MM", DatePart::Month),
    ("mm", DatePart::Month),
    ("MI", DatePart::Minute),
    ("mi", DatePart::Minute),
    ("MS", DatePart::Millisecond),
    ("ms", DatePart::Millisecond),
    ("HH", DatePart::Hour12),
    ("hh", DatePart::Hour12),
    ("SS", DatePart::Second),
    ("ss", DatePart::Second),
    ("US", DatePart::Microsecond),
    ("us", DatePart::Microsecond),
    ("AM", DatePart::Meridiem(Case::Upper)),
    ("PM", DatePart::Meridiem(Case::Upper)),
    ("am", DatePart::Meridiem(Case::Lower)),
    ("pm", DatePart::Meridiem(Case::Lower)),
    ("OF", DatePart::Offset),
];

const KNOWN: &str =
    "YYYY, YY, MM, Mon, FMMonth, DD, DDD, Dy, FMDay, HH24, HH12, MI, SS, MS, US, AM, TZH:TZM and text in double quotes";

/// Reads a format.
pub(crate) fn parse(format: &str, usage: Use) -> Result<DateFormat, String> {
    let mut parts: Vec<DatePart> = Vec::new();
    let mut text = String::new();
    let mut rest = format;
    while let Some(letter) = rest.chars().next() {
        if letter == '"' {
            rest = quoted(rest, &mut text)?;
        } else if let Some((written, part)) = PARTS.iter().find(|(written, _)| rest.starts_with(written)) {
            refuse_use(written, part, usage)?;
            refuse_repeat(&parts, part, written, usage)?;
            finish(&mut text, &mut parts);
            parts.push(part.clone());
            rest = &rest[written.len()..];
            refuse_suffix(rest)?;
        } else if letter.is_ascii_alphanumeric() {
            return Err(unknown(rest));
        } else {
            text.push(letter);
            rest = &rest[letter.len_utf8()..];
        }
    }
    finish(&mut text, &mut parts);
    if parts.is_empty() {
        return Err(format!("an empty format: the parts are {KNOWN}"));
    }
    Ok(DateFormat { parts })
}

/// Reads `"…"`, in which a backslash stands before a quote.
fn quoted<'a>(rest: &'a str, text: &mut String) -> Result<&'a str, String> {
    let mut letters = rest.char_indices().skip(1);
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return Ok(&rest[at + 1..]),
            '\\' => match letters.next() {
                Some((_, escaped)) => text.push(escaped),
                None => break,
            },
            other => text.push(other),
        }
    }
    Err("a text in double quotes has no end".to_owned())
}

fn refuse_use(written: &str, part: &DatePart, usage: Use) -> Result<(), String> {
    let padded = matches!(part, DatePart::MonthName(_) | DatePart::WeekdayName(_)) && !written.starts_with("FM");
    match (usage, part) {
        (Use::Write, DatePart::Offset) => Err(format!("`{written}` can only be read: to_char writes UTC")),
        (Use::Write, _) if padded => Err(format!("`{written}` would be padded with blanks: write `FM{written}`")),
        (Use::Read, DatePart::WeekdayShort(_) | DatePart::WeekdayName(_)) => {
            Err(format!("`{written}` can only be written: a weekday tells no date"))
        }
        _ => Ok(()),
    }
}

/// What is read twice could disagree.
fn refuse_repeat(parts: &[DatePart], part: &DatePart, written: &str, usage: Use) -> Result<(), String> {
    if usage == Use::Write {
        return Ok(());
    }
    match parts.iter().find(|known| reads(known) == reads(part)) {
        Some(_) => Err(format!("`{written}` is read twice")),
        None => Ok(()),
    }
}

/// What a part tells when it is read.
fn reads(part: &DatePart) -> u8 {
    match part {
        DatePart::Text(_) => 0,
        DatePart::Year4 | DatePart::Year2 => 1,
        DatePart::Month | DatePart::MonthShort(_) | DatePart::MonthName(_) => 2,
        DatePart::Day | DatePart::DayOfYear => 3,
        DatePart::WeekdayShort(_) | DatePart::WeekdayName(_) => 4,
        DatePart::Hour24 | DatePart::Hour12 => 5,
        DatePart::Minute => 6,
        DatePart::Second => 7,
        DatePart::Millisecond | DatePart::Microsecond => 8,
        DatePart::Meridiem(_) => 9,
        DatePart::Offset => 10,
    }
}

/// `TH` after a number is an ordinal in PostgreSQL, and a trap in `DDTHH24`.
fn refuse_suffix(rest: &str) -> Result<(), String> {
    if rest.starts_with("TH") || rest.starts_with("th") {
        return Err(format!("`{}` after a number: write a `T` that stands for itself as `\"T\"`", &rest[..2]));
    }
    Ok(())
}

fn unknown(rest: &str) -> String {
    let word: String = rest.chars().take_while(char::is_ascii_alphanumeric).take(12).collect();
    format!("`{word}` is no part of a date format: the parts are {KNOWN}")
}

fn finish(text: &mut String, parts: &mut Vec<DatePart>) {
    if !text.is_empty() {
        parts.push(DatePart::Text(std::mem::take(text)));
    }
}

/// The format as [`parse`] reads it back.
pub(crate) fn text(format: &DateFormat) -> String {
    let mut written = String::new();
    for part in &format.parts {
        match part {
            DatePart::Text(text) => quote(text, &mut written),
            part => {
                let letters = PARTS.iter().find(|(_, known)| known == part).map_or("", |(letters, _)| *letters);
                if runs_on(&written, letters) {
                    written.push_str("\"\"");
                }
                written.push_str(letters);
            }
        }
    }
    written
}

/// `DD` before `DDD` would be read as `DDD` before `DD`.
fn runs_on(written: &str, letters: &str) -> bool {
    let last = written.chars().next_back().map(|letter| letter.to_ascii_lowercase());
    last.is_some() && last == letters.chars().next().map(|letter| letter.to_ascii_lowercase())
}

fn quote(text: &str, written: &mut String) {
    if text.chars().all(|letter| !letter.is_ascii_alphanumeric() && letter != '"') {
        written.push_str(text);
        return;
    }
    written.push('"');
    for letter in text.chars() {
        if matches!(letter, '"' | '\\') {
            written.push('\\');
        }
        written.push(letter);
    }
    written.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_is_read_and_written_back() {
        for format in ["YYYY-MM-DD HH24:MI:SS.US", "DD/MM/YY", "FMMonth DD, YYYY", "YYYY\"T\"HH24"] {
            let parsed = parse(format, Use::Read).expect(format);
            assert_eq!(parse(&text(&parsed), Use::Read), Ok(parsed), "{format}");
        }
        assert_eq!(
            parse("DD.Mon", Use::Write).expect("a format").parts,
            [DatePart::Day, DatePart::Text(".".to_owned()), DatePart::MonthShort(Case::Capital)]
        );
    }

    #[test]
    fn what_is_not_known_is_refused() {
        for format in ["", "YYYY-QQ", "YYYY-MM-DDTHH24", "YYYY YY", "Dy", "\"open"] {
            assert!(parse(format, Use::Read).is_err(), "{format}");
        }
        assert!(parse("Month", Use::Write).is_err());
        assert!(parse("TZH", Use::Write).is_err());
    }
}
