//! Parts of the day.

use chrono::NaiveTime;

use crate::Window;

/// A part of the day: `from` included, `to` not.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hours {
    from: NaiveTime,
    to: NaiveTime,
}

impl Hours {
    /// Whether a clock's reading lies inside.
    pub(crate) fn contain(&self, time: NaiveTime) -> bool {
        if self.from < self.to { self.from <= time && time < self.to } else { self.from <= time || time < self.to }
    }
}

impl Window {
    /// The window's hours; the error says what is wrong with it.
    pub(crate) fn hours(&self) -> Result<Hours, String> {
        let (from, to) = (time_of_day("from", &self.from)?, time_of_day("to", &self.to)?);
        if from == to {
            return Err(format!("from and to are both `{}`; leave the window out to allow the whole day", self.from));
        }
        Ok(Hours { from, to })
    }
}

fn time_of_day(key: &str, text: &str) -> Result<NaiveTime, String> {
    let has_shape = matches!(text.as_bytes(), [h1, h2, b':', m1, m2] if [h1, h2, m1, m2].iter().all(|digit| digit.is_ascii_digit()));
    let time = NaiveTime::parse_from_str(text, "%H:%M").ok().filter(|_| has_shape);
    time.ok_or_else(|| format!("{key} `{text}` is no time of day; expected `HH:MM` from `00:00` to `23:59`"))
}
