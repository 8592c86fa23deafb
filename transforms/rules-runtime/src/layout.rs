//! Where the generated row loop finds what the runtime holds: byte offsets inside the structures
//! of the guest, checked there when it is compiled for WASM.

/// The structure handed to the row loop.
pub mod run {
    /// Rows of the batch, 32 bits.
    pub const ROWS: u64 = 0;
    /// Rows written so far, 32 bits: set by the loop when it ends.
    pub const WRITTEN: u64 = 4;
    /// Address of the [input columns](super::input).
    pub const INPUTS: u64 = 8;
    /// Address of the [output columns](super::output).
    pub const OUTPUTS: u64 = 12;
    /// Address of the source row of each written row, 32 bits each.
    pub const SOURCE_ROWS: u64 = 16;
    /// The site of a fault, 32 bits, when the loop's body is split into functions.
    pub const SITE: u64 = 20;
    /// The fault, 32 bits.
    pub const FAULT: u64 = 24;
    /// Address of the frame: 32 bytes for each value that several functions of the loop's body use.
    pub const FRAME: u64 = 28;
    /// The run's clock, microseconds since 1970, 64 bits.
    pub const CLOCK: u64 = 32;
    /// Where a called function leaves its result: four times 64 bits.
    pub const RESULT: u64 = 40;
}

/// A column of the input.
pub mod input {
    /// Bytes of one.
    pub const SIZE: u64 = 12;
    /// Address of the validity bits: there always, all ones when the column holds no NULL.
    pub const VALIDITY: u64 = 0;
    /// Address of the offsets.
    pub const OFFSETS: u64 = 4;
    /// Address of the values.
    pub const DATA: u64 = 8;
}

/// A computed column of the output.
pub mod output {
    /// Bytes of one.
    pub const SIZE: u64 = 16;
    /// Address of the validity bits: there when the column is nullable.
    pub const VALIDITY: u64 = 0;
    /// Address of the offsets.
    pub const OFFSETS: u64 = 4;
    /// Address of the values.
    pub const DATA: u64 = 8;
    /// Bytes there are room for at `DATA`, 32 bits: of a variable column, it grows on demand.
    pub const CAPACITY: u64 = 12;
}

/// Bytes of a value in the frame.
pub const FRAME_VALUE: u64 = 32;
/// Bytes behind a text that may be read, and behind the room asked for that may be written: texts
/// are copied in pieces of this size.
pub const SLACK: usize = 16;
/// Added to a rejection's number where a fault's site is expected.
pub const REJECTION: u32 = 1 << 31;
