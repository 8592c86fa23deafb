//! `regex`: a text column that matches a pattern.

use arrow_array::ArrayRef;
use batch::ColumnType;
use regex::{Regex, RegexBuilder};

use crate::Error;
use crate::column::Column;
use crate::quality::Pattern;
use crate::row_test::{OtherType, RowTest, failing_texts};

/// A pattern's program may not be larger: far above what people write, far below what hurts.
const SIZE_LIMIT: usize = 4 << 20;

/// Reads a pattern; the error says why not, in one line.
pub(crate) fn read(pattern: &str) -> Result<Regex, String> {
    RegexBuilder::new(pattern).size_limit(SIZE_LIMIT).build().map_err(|error| match error {
        regex::Error::CompiledTooBig(limit) => {
            format!("it needs more than the {} MiB a pattern may have; write smaller repetitions", limit >> 20)
        }
        // The library draws the place over several lines; the last one says what is wrong.
        error => {
            let text = error.to_string();
            let last = text.lines().last().unwrap_or_default().trim();
            last.strip_prefix("error: ").unwrap_or(last).to_owned()
        }
    })
}

/// Binds a pattern to its column.
pub(crate) fn compile(check: &str, pattern: &Pattern, column: &Column) -> Result<Box<dyn RowTest>, Error> {
    if column.column_type != ColumnType::Utf8 {
        return Err(column.mismatch(check, "regex", "utf8"));
    }
    let regex = read(&pattern.pattern).map_err(|reason| Error::BadPattern { check: check.to_owned(), reason })?;
    let reason = format!("no match for `{}`", pattern.pattern);
    Ok(Box::new(Matches { regex, reason }))
}

struct Matches {
    regex: Regex,
    reason: String,
}

impl RowTest for Matches {
    fn judge(&self, array: &ArrayRef, fail: &mut dyn FnMut(usize, &str)) -> Result<(), OtherType> {
        failing_texts(array, |text| self.regex.is_match(text), |row, _| fail(row, &self.reason))
    }
}
