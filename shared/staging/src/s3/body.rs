//! Reading an object's bytes into memory.

use aws_sdk_s3::primitives::ByteStream;
use bytes::Bytes;

use crate::Error;
use crate::error::Cause;

/// Why an object was not read.
pub(super) enum Failed {
    /// The store answered, and said no.
    Answered(Error),
    /// The answer began, and broke off, stalled or was not what was written.
    Broken(Cause),
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Failed::Answered(error)
    }
}

/// The answer ended before or after the length it had announced.
#[derive(Debug, thiserror::Error)]
#[error("{announced} bytes were announced, {came} came")]
struct OtherLength {
    announced: usize,
    came: usize,
}

/// Reads a body into one buffer of the announced length, so that it never grows by copying.
pub(super) async fn read(mut body: ByteStream, announced: Option<i64>) -> Result<Bytes, Failed> {
    let announced = announced.and_then(|length| usize::try_from(length).ok());
    let mut bytes = Vec::new();
    // A length that memory cannot hold is an error here, not the end of the process.
    bytes.try_reserve_exact(announced.unwrap_or_default()).map_err(broken)?;
    while let Some(part) = body.try_next().await.map_err(broken)? {
        bytes.extend_from_slice(&part);
    }
    match announced {
        Some(announced) if announced != bytes.len() => Err(broken(OtherLength { announced, came: bytes.len() })),
        _ => Ok(bytes.into()),
    }
}

fn broken(source: impl Into<Cause>) -> Failed {
    Failed::Broken(source.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_body_is_read_into_one_buffer_of_its_length() {
        let read = read(ByteStream::from_static(b"rows"), Some(4)).await;
        assert_eq!(read.ok().unwrap(), "rows");
    }

    #[tokio::test]
    async fn a_body_of_unknown_length_is_read_and_one_of_another_length_is_not() {
        assert_eq!(read(ByteStream::from_static(b"rows"), None).await.ok().unwrap(), "rows");
        for announced in [3, 5] {
            let read = read(ByteStream::from_static(b"rows"), Some(announced)).await;
            assert!(matches!(read, Err(Failed::Broken(_))), "{announced}");
        }
    }

    #[tokio::test]
    async fn a_length_beyond_memory_is_an_error() {
        let read = read(ByteStream::from_static(b"rows"), Some(i64::MAX)).await;
        assert!(matches!(read, Err(Failed::Broken(_))));
    }
}
