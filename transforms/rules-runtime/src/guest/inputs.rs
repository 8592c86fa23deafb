//! The batch's columns as the row loop finds them.

use core::mem::offset_of;

use crate::guest::bindings::{Batch, Column};
use crate::layout::input;
use crate::table::{Layout, Need};

/// Addresses of a column's buffers.
#[repr(C)]
pub(super) struct Input {
    validity: *const u8,
    offsets: *const i32,
    data: *const u8,
}

const _: () = {
    assert!(size_of::<Input>() as u64 == input::SIZE);
    assert!(offset_of!(Input, validity) as u64 == input::VALIDITY);
    assert!(offset_of!(Input, offsets) as u64 == input::OFFSETS);
    assert!(offset_of!(Input, data) as u64 == input::DATA);
};

/// The columns' addresses; `all_valid` stands for a validity that is empty.
pub(super) fn inputs(batch: &Batch, needs: &[Need], all_valid: &[u8]) -> Result<Vec<Input>, String> {
    if batch.columns.len() != needs.len() {
        return Err("the host gave other columns than were asked for".to_owned());
    }
    let rows = batch.rows as usize;
    let inputs = batch.columns.iter().zip(needs).map(|(column, need)| match fits(column, need.layout, rows) {
        true => Ok(input(column, all_valid)),
        false => Err("the host gave a column that is shorter than its rows".to_owned()),
    });
    inputs.collect()
}

/// One bit for each row, all set; empty when every column has bits of its own.
pub(super) fn all_valid(batch: &Batch) -> Vec<u8> {
    match batch.columns.iter().any(|column| column.validity.is_empty()) {
        true => vec![u8::MAX; (batch.rows as usize).div_ceil(8)],
        false => Vec::new(),
    }
}

fn input(column: &Column, all_valid: &[u8]) -> Input {
    let validity = if column.validity.is_empty() { all_valid } else { &column.validity };
    Input { validity: validity.as_ptr(), offsets: column.offsets.as_ptr(), data: column.data.as_ptr() }
}

fn fits(column: &Column, layout: Layout, rows: usize) -> bool {
    let has_values = match layout {
        Layout::Bits => column.data.len() >= rows.div_ceil(8),
        Layout::Fixed(width) => column.data.len() >= rows * usize::from(width),
        Layout::Variable => {
            let end = column.offsets.get(rows).and_then(|end| usize::try_from(*end).ok());
            end.is_some_and(|end| end <= column.data.len())
        }
    };
    has_values && (column.validity.is_empty() || column.validity.len() >= rows.div_ceil(8))
}
