//! Values of one type, one after the other, in Arrow's layout.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, ArrowPrimitiveType, BinaryArray, BooleanArray, FixedSizeBinaryArray, PrimitiveArray, StringArray,
};
use arrow_buffer::{BooleanBufferBuilder, Buffer, NullBufferBuilder, OffsetBuffer, ScalarBuffer};
use arrow_schema::{ArrowError, DataType};
use serde::de::IgnoredAny;

use crate::values::{Mismatch, Strictness, bytes, number};

/// Takes texts and gives an array.
pub(super) trait Sink: Send {
    /// Appends the value a text stands for; nothing when it stands for none.
    fn push(&mut self, text: &[u8]) -> Result<(), Mismatch>;
    /// Appends NULL.
    fn push_null(&mut self);
    /// Forgets all but the first rows.
    fn truncate(&mut self, rows: usize);
    /// Gives the array and begins anew, with room for as many values.
    fn finish(&mut self, data_type: DataType) -> Result<ArrayRef, ArrowError>;
}

/// Numbers, days and moments.
pub(super) struct Primitive<T: ArrowPrimitiveType, P> {
    parse: P,
    values: Vec<T::Native>,
    nulls: NullBufferBuilder,
}

impl<T: ArrowPrimitiveType, P: Fn(&[u8]) -> Result<T::Native, Mismatch>> Primitive<T, P> {
    pub(super) fn new(parse: P) -> Self {
        Self { parse, values: Vec::new(), nulls: NullBufferBuilder::new(0) }
    }
}

impl<T: ArrowPrimitiveType, P: Fn(&[u8]) -> Result<T::Native, Mismatch> + Send> Sink for Primitive<T, P> {
    #[inline]
    fn push(&mut self, text: &[u8]) -> Result<(), Mismatch> {
        self.values.push((self.parse)(text)?);
        self.nulls.append_non_null();
        Ok(())
    }

    fn push_null(&mut self) {
        self.values.push(T::Native::default());
        self.nulls.append_null();
    }

    fn truncate(&mut self, rows: usize) {
        self.values.truncate(rows);
        self.nulls.truncate(rows);
    }

    fn finish(&mut self, data_type: DataType) -> Result<ArrayRef, ArrowError> {
        let room = self.values.len();
        let values = std::mem::replace(&mut self.values, Vec::with_capacity(room));
        let array = PrimitiveArray::<T>::try_new(ScalarBuffer::from(values), self.nulls.finish())?;
        Ok(Arc::new(array.with_data_type(data_type)))
    }
}

/// Truth values.
pub(super) struct Bits {
    strictness: Strictness,
    values: BooleanBufferBuilder,
    nulls: NullBufferBuilder,
}

impl Bits {
    pub(super) fn new(strictness: Strictness) -> Self {
        Self { strictness, values: BooleanBufferBuilder::new(0), nulls: NullBufferBuilder::new(0) }
    }
}

impl Sink for Bits {
    fn push(&mut self, text: &[u8]) -> Result<(), Mismatch> {
        self.values.append(number::boolean(text, self.strictness)?);
        self.nulls.append_non_null();
        Ok(())
    }

    fn push_null(&mut self) {
        self.values.append(false);
        self.nulls.append_null();
    }

    fn truncate(&mut self, rows: usize) {
        self.values.truncate(rows);
        self.nulls.truncate(rows);
    }

    fn finish(&mut self, _: DataType) -> Result<ArrayRef, ArrowError> {
        Ok(Arc::new(BooleanArray::new(self.values.finish(), self.nulls.finish())))
    }
}

/// Values of any length, one behind the other.
struct Lengths {
    values: Vec<u8>,
    offsets: Vec<i32>,
    nulls: NullBufferBuilder,
}

impl Default for Lengths {
    fn default() -> Self {
        Self { values: Vec::new(), offsets: vec![0], nulls: NullBufferBuilder::new(0) }
    }
}

impl Lengths {
    #[inline]
    fn end_value(&mut self) {
        self.offsets.push(self.values.len() as i32);
        self.nulls.append_non_null();
    }

    fn push_null(&mut self) {
        self.offsets.push(self.values.len() as i32);
        self.nulls.append_null();
    }

    fn truncate(&mut self, rows: usize) {
        self.offsets.truncate(rows + 1);
        self.values.truncate(self.offsets.last().copied().unwrap_or(0) as usize);
        self.nulls.truncate(rows);
    }

    fn finish(&mut self) -> (OffsetBuffer<i32>, Buffer, Option<arrow_buffer::NullBuffer>) {
        let room = (self.values.len(), self.offsets.len());
        let values = std::mem::replace(&mut self.values, Vec::with_capacity(room.0));
        let offsets = std::mem::replace(&mut self.offsets, Vec::with_capacity(room.1));
        self.offsets.push(0);
        (OffsetBuffer::new(ScalarBuffer::from(offsets)), Buffer::from(values), self.nulls.finish())
    }

    /// Checks once for the whole column that it is UTF-8, so that no field has to be checked alone.
    fn finish_text(&mut self) -> Result<ArrayRef, ArrowError> {
        let (offsets, values, nulls) = self.finish();
        Ok(Arc::new(StringArray::try_new(offsets, values, nulls)?))
    }
}

macro_rules! of_any_length {
    ($sink:ty, $push:expr, $finish:expr) => {
        impl Sink for $sink {
            #[inline]
            fn push(&mut self, text: &[u8]) -> Result<(), Mismatch> {
                let push: fn(&mut Self, &[u8]) -> Result<(), Mismatch> = $push;
                push(self, text)?;
                self.lengths.end_value();
                Ok(())
            }

            fn push_null(&mut self) {
                self.lengths.push_null();
            }

            fn truncate(&mut self, rows: usize) {
                self.lengths.truncate(rows);
            }

            fn finish(&mut self, _: DataType) -> Result<ArrayRef, ArrowError> {
                let finish: fn(&mut Lengths) -> Result<ArrayRef, ArrowError> = $finish;
                finish(&mut self.lengths)
            }
        }
    };
}

/// Texts.
#[derive(Default)]
pub(super) struct Strings {
    lengths: Lengths,
}

of_any_length!(
    Strings,
    |sink, text| {
        sink.lengths.values.extend_from_slice(text);
        Ok(())
    },
    Lengths::finish_text
);

/// JSON documents, kept as their texts.
#[derive(Default)]
pub(super) struct JsonText {
    lengths: Lengths,
}

of_any_length!(
    JsonText,
    |sink, text| {
        serde_json::from_slice::<IgnoredAny>(text).map_err(|_| Mismatch("text that is no JSON"))?;
        sink.lengths.values.extend_from_slice(text);
        Ok(())
    },
    Lengths::finish_text
);

/// Numbers of any size, kept as their texts.
pub(super) struct Numerics {
    strictness: Strictness,
    lengths: Lengths,
}

impl Numerics {
    pub(super) fn new(strictness: Strictness) -> Self {
        Self { strictness, lengths: Lengths::default() }
    }
}

of_any_length!(
    Numerics,
    |sink, text| number::numeric(text, sink.strictness, &mut sink.lengths.values),
    Lengths::finish_text
);

/// Bytes.
#[derive(Default)]
pub(super) struct Bytes {
    lengths: Lengths,
}

of_any_length!(Bytes, |sink, text| bytes::binary(text, &mut sink.lengths.values), |lengths| {
    let (offsets, values, nulls) = lengths.finish();
    Ok(Arc::new(BinaryArray::try_new(offsets, values, nulls)?))
});

/// UUIDs.
pub(super) struct Uuids {
    values: Vec<u8>,
    nulls: NullBufferBuilder,
}

impl Default for Uuids {
    fn default() -> Self {
        Self { values: Vec::new(), nulls: NullBufferBuilder::new(0) }
    }
}

impl Sink for Uuids {
    fn push(&mut self, text: &[u8]) -> Result<(), Mismatch> {
        self.values.extend_from_slice(&bytes::uuid(text)?);
        self.nulls.append_non_null();
        Ok(())
    }

    fn push_null(&mut self) {
        self.values.extend_from_slice(&[0; 16]);
        self.nulls.append_null();
    }

    fn truncate(&mut self, rows: usize) {
        self.values.truncate(rows * 16);
        self.nulls.truncate(rows);
    }

    fn finish(&mut self, _: DataType) -> Result<ArrayRef, ArrowError> {
        let values = Buffer::from(std::mem::take(&mut self.values));
        Ok(Arc::new(FixedSizeBinaryArray::try_new(16, values, self.nulls.finish())?))
    }
}
