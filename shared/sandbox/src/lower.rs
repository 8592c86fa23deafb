//! Columns on their way in: the buffers of an Arrow array, cut to its rows, without copying
//! unless an offset has to move.

use arrow_array::{Array, ArrayRef};
use arrow_buffer::{Buffer, ScalarBuffer};
use arrow_data::ArrayData;
use arrow_schema::DataType;

use crate::contract::ColumnParam;

/// The buffers of one column as the contract wants them.
#[derive(Debug)]
pub(crate) struct Lowered {
    validity: Buffer,
    offsets: ScalarBuffer<i32>,
    data: Buffer,
}

impl Lowered {
    pub(crate) fn param(&self) -> ColumnParam<'_> {
        ColumnParam { validity: &self.validity, offsets: &self.offsets, data: &self.data }
    }
}

/// Cuts the buffers of `array` to its rows.
pub(crate) fn lower(array: &ArrayRef) -> Lowered {
    let array = array.to_data();
    let validity = validity(&array);
    match array.data_type() {
        DataType::Utf8 | DataType::Binary => {
            let (offsets, data) = variable(&array);
            Lowered { validity, offsets, data }
        }
        DataType::Boolean => {
            let bits = array.buffers().first().map(|buffer| bits(buffer, array.offset(), array.len()));
            Lowered { validity, offsets: ScalarBuffer::default(), data: bits.unwrap_or_default() }
        }
        fixed => {
            let width = fixed_width(fixed);
            let values = array.buffers().first();
            let data = values.map(|buffer| buffer.slice_with_length(array.offset() * width, array.len() * width));
            Lowered { validity, offsets: ScalarBuffer::default(), data: data.unwrap_or_default() }
        }
    }
}

/// Bytes a value of this type takes.
pub(crate) fn fixed_width(data_type: &DataType) -> usize {
    match data_type {
        DataType::FixedSizeBinary(width) => usize::try_from(*width).unwrap_or(0),
        other => other.primitive_width().unwrap_or(0),
    }
}

fn validity(array: &ArrayData) -> Buffer {
    match array.nulls() {
        Some(nulls) if nulls.null_count() > 0 => bits(nulls.buffer(), nulls.offset(), nulls.len()),
        _ => Buffer::default(),
    }
}

fn bits(buffer: &Buffer, offset: usize, length: usize) -> Buffer {
    buffer.bit_slice(offset, length).slice_with_length(0, length.div_ceil(8))
}

fn variable(array: &ArrayData) -> (ScalarBuffer<i32>, Buffer) {
    let [offsets, data] = array.buffers() else { return (ScalarBuffer::default(), Buffer::default()) };
    if array.is_empty() {
        return (ScalarBuffer::from(vec![0]), Buffer::default());
    }
    let offsets: ScalarBuffer<i32> = ScalarBuffer::new(offsets.clone(), array.offset(), array.len() + 1);
    let (Some(&first), Some(&last)) = (offsets.first(), offsets.last()) else {
        return (ScalarBuffer::default(), Buffer::default());
    };
    let at = usize::try_from(first).unwrap_or(0);
    let data = data.slice_with_length(at, usize::try_from(last - first).unwrap_or(0));
    match first {
        0 => (offsets, data),
        _ => (offsets.iter().map(|offset| offset - first).collect(), data),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{BooleanArray, Int64Array, StringArray};

    use super::*;

    fn sliced(array: impl Array + 'static, offset: usize, length: usize) -> Lowered {
        lower(&(Arc::new(array) as ArrayRef).slice(offset, length))
    }

    #[test]
    fn a_slice_crosses_as_if_it_began_at_its_first_row() {
        let texts = sliced(StringArray::from(vec![Some("ab"), None, Some("cde"), Some("")]), 1, 3);
        assert_eq!(*texts.offsets, [0, 0, 3, 3]);
        assert_eq!(texts.data.as_slice(), b"cde");
        assert_eq!(texts.validity.as_slice()[0] & 0b111, 0b110);

        let numbers = sliced(Int64Array::from(vec![1, 2, 3]), 1, 2);
        assert_eq!(numbers.data.as_slice(), [2i64.to_le_bytes(), 3i64.to_le_bytes()].concat());
        assert!(numbers.validity.is_empty() && numbers.offsets.is_empty());

        let flags: Vec<bool> = (0..20).map(|number| number % 3 == 0).collect();
        let flags = sliced(BooleanArray::from(flags), 3, 9);
        assert_eq!(flags.data.as_slice()[0], 0b0100_1001);
        assert_eq!(flags.data.len(), 2);
    }

    #[test]
    fn no_rows_are_one_offset() {
        let texts = sliced(StringArray::from(Vec::<&str>::new()), 0, 0);
        assert_eq!(*texts.offsets, [0]);
    }
}
