//! One batch as bytes: Arrow IPC stream format, lz4.

use arrow_array::RecordBatch;
use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::{IpcWriteOptions, StreamWriter};
use arrow_ipc::{CompressionType, MetadataVersion};

use crate::Error;

/// Writes a batch. The same batch gives the same bytes.
pub fn encode(batch: &RecordBatch) -> Result<Vec<u8>, Error> {
    let options = IpcWriteOptions::try_new(64, false, MetadataVersion::V5)
        .and_then(|options| options.try_with_compression(Some(CompressionType::LZ4_FRAME)))
        .map_err(Error::Encode)?;
    let bytes = Vec::with_capacity(batch.get_array_memory_size() / 2 + 1024);
    let mut writer = StreamWriter::try_new_with_options(bytes, batch.schema_ref(), options).map_err(Error::Encode)?;
    writer.write(batch).map_err(Error::Encode)?;
    writer.into_inner().map_err(Error::Encode)
}

/// Reads the one batch the bytes hold.
pub fn decode(bytes: &[u8]) -> Result<RecordBatch, Error> {
    let reader = StreamReader::try_new(bytes, None).map_err(Error::Decode)?;
    let mut batches = reader.collect::<Result<Vec<_>, _>>().map_err(Error::Decode)?;
    match (batches.len(), batches.pop()) {
        (1, Some(batch)) => Ok(batch),
        (found, _) => Err(Error::NotOneBatch { found }),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{ArrayRef, Int64Array, StringArray};
    use arrow_schema::Schema;

    use super::*;
    use crate::ColumnType;

    #[test]
    fn a_batch_survives_with_its_nulls_empty_strings_and_field_metadata() {
        let schema = Schema::new(vec![ColumnType::Int64.field("id", true), ColumnType::Json.field("doc", true)]);
        let columns: Vec<ArrayRef> = vec![
            Arc::new(Int64Array::from(vec![Some(i64::MIN), None, Some(3)])),
            Arc::new(StringArray::from(vec![Some(""), None, Some("{\"a\":1}")])),
        ];
        let batch = RecordBatch::try_new(Arc::new(schema), columns).unwrap();
        let bytes = encode(&batch).unwrap();
        assert_eq!(bytes, encode(&batch).unwrap());
        assert_eq!(decode(&bytes).unwrap(), batch);
    }

    #[test]
    fn garbage_and_truncated_bytes_are_an_error() {
        let schema = Arc::new(Schema::new(vec![ColumnType::Int64.field("id", true)]));
        let batch = RecordBatch::new_empty(schema);
        let bytes = encode(&batch).unwrap();
        assert!(decode(b"no arrow at all").is_err());
        assert!(decode(&bytes[..bytes.len() / 2]).is_err());
    }
}
