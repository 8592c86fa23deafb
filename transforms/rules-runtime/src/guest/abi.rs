//! How values cross between the row loop and the functions it calls.
//!
//! | value | parameter | result | fault |
//! |---|---|---|---|
//! | boolean | 32 bits | 32 bits | its number + 1 |
//! | integer, date, time, timestamp | 64 bits | 64 bits | the least integer, its number in the run |
//! | double | a double | a double | NaN, its number in the run |
//! | decimal of up to 18 digits | 128 bits | 64 bits | the least integer, its number in the run |
//! | decimal | 128 bits | in the run | its number as result, else 0 |
//! | text, bytes | address and, in the high half, length | the same | address 0, its number as length |
//! | interval | 128 bits: months, days, microseconds | in the run | its number as result, else 0 |
//!
//! An optional text that is not there has the address and the length 0.

#![expect(unsafe_code, reason = "texts of the row loop are addresses and lengths")]

use core::cell::Cell;

use crate::Fault;
use crate::constants::Interval;

/// A text or bytes: its address, and its length in the high half.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(super) struct Text(u64);

impl Text {
    /// The text. The row loop has it from a column, a constant or a function, which all hold UTF-8
    /// that outlives the row's computing.
    pub(super) fn text<'a>(self) -> &'a str {
        // SAFETY: as said; the host promises UTF-8 on the way in.
        unsafe { core::str::from_utf8_unchecked(self.bytes()) }
    }

    pub(super) fn bytes<'a>(self) -> &'a [u8] {
        // SAFETY: as said; an address is never 0 where a value is.
        unsafe { core::slice::from_raw_parts(self.0 as u32 as *const u8, (self.0 >> 32) as usize) }
    }

    pub(super) fn optional<'a>(self) -> Option<&'a str> {
        (self.0 as u32 != 0).then(|| self.text())
    }

    /// The texts that begin here, as many as its length says.
    pub(super) fn list<'a>(self) -> &'a [Text] {
        // SAFETY: the row loop has written them into the frame.
        unsafe { core::slice::from_raw_parts(self.0 as u32 as *const Text, (self.0 >> 32) as usize) }
    }

    fn new(bytes: &[u8]) -> Self {
        Self(bytes.as_ptr() as u32 as u64 | (bytes.len() as u64) << 32)
    }

    fn fault(fault: Fault) -> Self {
        Self(u64::from(fault.number()) << 32)
    }
}

/// An interval as 128 bits.
pub(super) fn interval(bits: i128) -> Interval {
    Interval { months: bits as i32, days: (bits >> 32) as i32, micros: (bits >> 64) as i64 }
}

/// Where a function leaves what does not fit its result.
#[repr(C)]
pub(super) struct Results {
    pub(super) fault: Cell<u32>,
    pub(super) frame: *mut u64,
    pub(super) clock: i64,
    pub(super) result: Cell<[u64; 4]>,
}

impl Results {
    fn fail(&self, fault: Fault) {
        self.fault.set(u32::from(fault.number()));
    }

    fn leave(&self, bits: i128) {
        self.result.set([bits as u64, (bits >> 64) as u64, 0, 0]);
    }
}

/// A function's value on its way to the row loop.
pub(super) trait Give<R> {
    fn give(self, results: &Results) -> R;
}

impl Give<i32> for bool {
    fn give(self, _: &Results) -> i32 {
        i32::from(self)
    }
}

impl Give<i32> for Result<bool, Fault> {
    fn give(self, _: &Results) -> i32 {
        match self {
            Ok(value) => i32::from(value),
            Err(fault) => i32::from(fault.number()) + 1,
        }
    }
}

impl Give<i64> for i64 {
    fn give(self, results: &Results) -> i64 {
        Ok::<_, Fault>(self).give(results)
    }
}

impl Give<i64> for Result<i64, Fault> {
    fn give(self, results: &Results) -> i64 {
        match self {
            Ok(i64::MIN) => {
                results.fault.set(0);
                i64::MIN
            }
            Ok(value) => value,
            Err(fault) => {
                results.fail(fault);
                i64::MIN
            }
        }
    }
}

impl Give<f64> for f64 {
    fn give(self, results: &Results) -> f64 {
        Ok::<_, Fault>(self).give(results)
    }
}

impl Give<f64> for Result<f64, Fault> {
    fn give(self, results: &Results) -> f64 {
        match self {
            Ok(value) => {
                if value.is_nan() {
                    results.fault.set(0);
                }
                value
            }
            Err(fault) => {
                results.fail(fault);
                f64::NAN
            }
        }
    }
}

impl Give<Text> for &str {
    fn give(self, _: &Results) -> Text {
        Text::new(self.as_bytes())
    }
}

impl Give<Text> for &[u8] {
    fn give(self, _: &Results) -> Text {
        Text::new(self)
    }
}

impl<T: Give<Text>> Give<Text> for Result<T, Fault> {
    fn give(self, results: &Results) -> Text {
        match self {
            Ok(value) => value.give(results),
            Err(fault) => Text::fault(fault),
        }
    }
}

impl Give<Text> for Option<&str> {
    fn give(self, results: &Results) -> Text {
        match self {
            Some(value) => value.give(results),
            None => Text(0),
        }
    }
}

/// A decimal or an interval, left in the run.
impl Give<u32> for Result<i128, Fault> {
    fn give(self, results: &Results) -> u32 {
        match self {
            Ok(value) => {
                results.leave(value);
                0
            }
            Err(fault) => u32::from(fault.number()),
        }
    }
}

impl Give<u32> for Result<Interval, Fault> {
    fn give(self, results: &Results) -> u32 {
        let bits = |interval: Interval| {
            i128::from(interval.micros) << 64
                | i128::from(interval.days as u32) << 32
                | i128::from(interval.months as u32)
        };
        Give::<u32>::give(self.map(bits), results)
    }
}

/// A decimal of at most 18 digits.
impl Give<i64> for Result<i128, Fault> {
    fn give(self, results: &Results) -> i64 {
        match self {
            Ok(value) => value as i64,
            Err(fault) => {
                results.fail(fault);
                i64::MIN
            }
        }
    }
}
