//! One batch: what the row loop is given, and what it calls to get on.

#![expect(unsafe_code, reason = "the row loop is called by address and calls back by address")]

use core::cell::Cell;
#[cfg(feature = "regex")]
use core::cell::RefCell;
use core::mem::offset_of;

use bumpalo::Bump;

use crate::Fault;
use crate::guest::abi::{Results, Text};
use crate::guest::bindings::{self, Batch, Reject};
use crate::guest::inputs::{Input, all_valid, inputs};
use crate::guest::open::Opened;
use crate::guest::outputs::{Output, Room, addresses, columns, rooms};
use crate::layout::{FRAME_VALUE, REJECTION, run};
use crate::table::Table;

/// What the row loop is given: first what it reads and writes itself, then what it hands on to
/// the functions it calls.
#[repr(C)]
pub(super) struct Run<'a> {
    rows: u32,
    written: u32,
    inputs: *const Input,
    outputs: *mut Output,
    source_rows: *mut u32,
    site: u32,
    pub(super) results: Results,
    pub(super) arena: Bump,
    #[cfg(feature = "regex")]
    regexps: &'a RefCell<Vec<Option<regex::Regex>>>,
    rooms: Vec<Room>,
    places: Vec<Output>,
    rejects: Vec<Reject>,
    table: &'a Table,
}

const _: () = {
    assert!(offset_of!(Run<'_>, rows) as u64 == run::ROWS);
    assert!(offset_of!(Run<'_>, written) as u64 == run::WRITTEN);
    assert!(offset_of!(Run<'_>, inputs) as u64 == run::INPUTS);
    assert!(offset_of!(Run<'_>, outputs) as u64 == run::OUTPUTS);
    assert!(offset_of!(Run<'_>, source_rows) as u64 == run::SOURCE_ROWS);
    assert!(offset_of!(Run<'_>, site) as u64 == run::SITE);
    assert!(offset_of!(Run<'_>, results.fault) as u64 == run::FAULT);
    assert!(offset_of!(Run<'_>, results.frame) as u64 == run::FRAME);
    assert!(offset_of!(Run<'_>, results.clock) as u64 == run::CLOCK);
    assert!(offset_of!(Run<'_>, results.result) as u64 == run::RESULT);
};

#[link(wasm_import_module = "rule")]
unsafe extern "C" {
    fn kernel(run: *mut Run<'_>);
}

pub(super) fn apply(opened: &Opened, batch: &Batch) -> Result<bindings::Output, String> {
    let table = &opened.table;
    let valid = all_valid(batch);
    let inputs = inputs(batch, &table.needs, &valid)?;
    let mut rooms = rooms(&table.outputs, batch);
    let mut places = addresses(&mut rooms);
    let mut source_rows = Vec::with_capacity(batch.rows as usize);
    let mut frame = vec![0; table.frame as usize * (FRAME_VALUE as usize / 8)];
    let mut run = Run {
        rows: batch.rows,
        written: 0,
        inputs: inputs.as_ptr(),
        outputs: places.as_mut_ptr(),
        source_rows: source_rows.as_mut_ptr(),
        site: 0,
        results: Results {
            fault: Cell::new(0),
            frame: frame.as_mut_ptr(),
            clock: opened.clock,
            result: Cell::new([0; 4]),
        },
        arena: Bump::new(),
        #[cfg(feature = "regex")]
        regexps: &opened.regexps,
        rooms,
        places,
        rejects: Vec::new(),
        table,
    };
    // SAFETY: the generated loop reads the rows that `inputs` was checked to hold and writes at
    // most as many rows as there is room for.
    unsafe {
        kernel(&raw mut run);
        source_rows.set_len(run.written as usize);
    }
    let columns = columns(run.rooms, run.written as usize);
    Ok(bindings::Output { batch: Batch { rows: run.written, columns }, source_rows, rejects: run.rejects })
}

impl Run<'_> {
    /// The texts of a list, those that are NULL as none.
    pub(super) fn texts<'a>(&'a self, list: Text) -> &'a [Option<&'a str>] {
        self.arena.alloc_slice_fill_iter(list.list().iter().map(|text| text.optional()))
    }

    /// Does something with the regular expression of this number, compiled when it is first met.
    #[cfg(feature = "regex")]
    pub(super) fn with_regexp<R>(
        &self,
        number: u32,
        pattern: &str,
        then: impl FnOnce(&regex::Regex) -> R,
    ) -> Result<R, Fault> {
        let number = number as usize;
        let mut regexps = self.regexps.borrow_mut();
        if regexps.len() <= number {
            regexps.resize(number + 1, None);
        }
        let Some(slot) = regexps.get_mut(number) else { return Err(Fault::Undefined) };
        let regex = match slot {
            Some(regex) => regex,
            // The pattern was compiled when the rule was: it is right.
            None => slot.insert(crate::functions::regexp::compile(pattern).map_err(|_| Fault::Undefined)?),
        };
        Ok(then(regex))
    }
}

/// Forgets what the last row left in the arena.
#[unsafe(no_mangle)]
extern "C" fn rule_reset(run: &mut Run<'_>) {
    run.arena.reset();
}

/// Makes room for `more` bytes behind the `used` ones of a variable column.
#[unsafe(no_mangle)]
extern "C" fn rule_grow(run: &mut Run<'_>, column: usize, used: usize, more: usize) {
    if let (Some(room), Some(place)) = (run.rooms.get_mut(column), run.places.get_mut(column)) {
        *place = room.grow(used, more);
    }
}

/// Rejects a row.
#[cold]
#[unsafe(no_mangle)]
extern "C" fn rule_reject(run: &mut Run<'_>, row: u32, site: u32, fault: u32) {
    if let Some(reject) = reject(run.table, row, site, fault) {
        run.rejects.push(reject);
    }
}

fn reject(table: &Table, row: u32, site: u32, fault: u32) -> Option<Reject> {
    if site & REJECTION != 0 {
        let rejection = table.rejections.get((site & !REJECTION) as usize)?;
        let (column, code, message) = (&rejection.column, &rejection.code, &rejection.message);
        return Some(Reject { row, column: column.clone(), code: code.clone(), message: message.clone() });
    }
    let site = table.sites.get(site as usize)?;
    let fault = u8::try_from(fault).ok().and_then(Fault::of_number)?;
    let message = format!("{}: {}", site.what, fault.reason());
    Some(Reject { row, column: site.column.clone(), code: fault.code().to_owned(), message })
}
