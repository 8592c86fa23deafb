//! What every check of single rows has in common.

use arrow_array::{Array, ArrayRef};
use arrow_buffer::NullBuffer;

/// The array has another type than the one the test was made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OtherType;

/// Tells which values of a column fail.
pub(crate) trait RowTest: Send + Sync {
    /// Calls `fail` with the row and the reason of every failing value, in the order of rows.
    /// NULL fails no test but the one for it.
    fn judge(&self, array: &ArrayRef, fail: &mut dyn FnMut(usize, &str)) -> Result<(), OtherType>;
}

/// NULL fails.
pub(crate) struct NotNull;

impl RowTest for NotNull {
    fn judge(&self, array: &ArrayRef, fail: &mut dyn FnMut(usize, &str)) -> Result<(), OtherType> {
        let Some(nulls) = array.nulls().filter(|nulls| nulls.null_count() > 0) else { return Ok(()) };
        (0..nulls.len()).filter(|row| nulls.is_null(*row)).for_each(|row| fail(row, "NULL where not_null"));
        Ok(())
    }
}

/// Calls `fail` for every value that is there and does not pass. Most batches have none, so that
/// whole chunks are tried without a branch before any row is looked at.
pub(crate) fn failing_values<T: Copy>(
    values: &[T],
    nulls: Option<&NullBuffer>,
    passes: impl Fn(T) -> bool,
    mut fail: impl FnMut(usize, T),
) {
    const CHUNK: usize = 1024;
    for (number, chunk) in values.chunks(CHUNK).enumerate() {
        if chunk.iter().fold(true, |all, value| all & passes(*value)) {
            continue;
        }
        for (offset, value) in chunk.iter().enumerate() {
            let row = number * CHUNK + offset;
            if !passes(*value) && nulls.is_none_or(|nulls| nulls.is_valid(row)) {
                fail(row, *value);
            }
        }
    }
}

/// Calls `fail` for every text that is there and does not pass.
pub(crate) fn failing_texts<'a>(
    array: &'a ArrayRef,
    mut passes: impl FnMut(&'a str) -> bool,
    mut fail: impl FnMut(usize, &'a str),
) -> Result<(), OtherType> {
    use arrow_array::cast::AsArray;
    let texts = array.as_string_opt::<i32>().ok_or(OtherType)?;
    for (row, text) in texts.iter().enumerate() {
        if let Some(text) = text
            && !passes(text)
        {
            fail(row, text);
        }
    }
    Ok(())
}
