//! The columns the row loop writes. It writes through addresses into room that is reserved here;
//! how much of it holds values is known when it has ended.

#![expect(unsafe_code, reason = "the row loop writes what vectors own; their lengths are set behind it")]

use core::mem::offset_of;

use crate::guest::bindings::{Batch, Column};
use crate::layout::{SLACK, output};
use crate::table::{Layout, Output as Planned};

/// Addresses of a column's room.
#[repr(C)]
pub(super) struct Output {
    validity: *mut u8,
    offsets: *mut i32,
    data: *mut u8,
    capacity: u32,
}

const _: () = {
    assert!(size_of::<Output>() as u64 == output::SIZE);
    assert!(offset_of!(Output, validity) as u64 == output::VALIDITY);
    assert!(offset_of!(Output, offsets) as u64 == output::OFFSETS);
    assert!(offset_of!(Output, data) as u64 == output::DATA);
    assert!(offset_of!(Output, capacity) as u64 == output::CAPACITY);
};

/// The room itself.
pub(super) struct Room {
    layout: Layout,
    nullable: bool,
    validity: Vec<u8>,
    offsets: Vec<i32>,
    data: Vec<u8>,
}

impl Room {
    /// Room for `rows` rows; `text` is a guess at the bytes of a column of texts.
    fn new(layout: Layout, nullable: bool, rows: usize, text: usize) -> Self {
        let bits = rows.div_ceil(8);
        let (offsets, data) = match layout {
            Layout::Bits => (0, bits),
            Layout::Fixed(width) => (0, rows * usize::from(width)),
            Layout::Variable => (rows + 1, text + SLACK),
        };
        let mut offsets = Vec::with_capacity(offsets);
        if layout == Layout::Variable {
            offsets.push(0);
        }
        let validity = Vec::with_capacity(if nullable { bits } else { 0 });
        Self { layout, nullable, validity, offsets, data: Vec::with_capacity(data) }
    }

    fn addresses(&mut self) -> Output {
        Output {
            validity: self.validity.as_mut_ptr(),
            offsets: self.offsets.as_mut_ptr(),
            data: self.data.as_mut_ptr(),
            capacity: self.data.capacity() as u32,
        }
    }

    /// Makes room for at least `more` bytes behind the `used` ones.
    pub(super) fn grow(&mut self, used: usize, more: usize) -> Output {
        // SAFETY: the row loop has written the bytes before `used`, all of them within capacity.
        unsafe { self.data.set_len(used) };
        self.data.reserve(more + SLACK);
        self.addresses()
    }

    /// The column, of the `rows` rows that were written.
    fn column(mut self, rows: usize) -> Column {
        let bits = rows.div_ceil(8);
        // SAFETY: the row loop has written every row's offset, value and bits, all within capacity.
        unsafe {
            if self.nullable {
                self.validity.set_len(bits);
            }
            match self.layout {
                Layout::Bits => self.data.set_len(bits),
                Layout::Fixed(width) => self.data.set_len(rows * usize::from(width)),
                Layout::Variable => {
                    self.offsets.set_len(rows + 1);
                    self.data.set_len(self.offsets.get(rows).map_or(0, |end| *end as usize));
                }
            }
        }
        Column { validity: self.validity, offsets: self.offsets, data: self.data }
    }
}

/// Room for all computed columns of `planned`.
pub(super) fn rooms(planned: &[Planned], batch: &Batch) -> Vec<Room> {
    let texts = batch.columns.iter().filter(|column| !column.offsets.is_empty());
    // A column of texts is mostly made of one column of texts.
    let text = texts.map(|column| column.data.len()).max().unwrap_or(0);
    let computed = planned.iter().filter_map(|output| match output {
        Planned::Computed { field, layout } => Some(Room::new(*layout, field.nullable, batch.rows as usize, text)),
        Planned::Passed { .. } => None,
    });
    computed.collect()
}

pub(super) fn addresses(rooms: &mut [Room]) -> Vec<Output> {
    rooms.iter_mut().map(Room::addresses).collect()
}

pub(super) fn columns(rooms: Vec<Room>, rows: usize) -> Vec<Column> {
    rooms.into_iter().map(|room| room.column(rows)).collect()
}
