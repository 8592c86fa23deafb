//! What constants of a rule mean: dates, intervals, date formats, patterns and time zones, read
//! once when the rule is compiled.

pub(crate) mod date_format;
pub(crate) mod dates;
pub(crate) mod interval;
pub(crate) mod like;
pub(crate) mod numbers;
pub(crate) mod regexp;
pub(crate) mod units;
pub(crate) mod zone;
