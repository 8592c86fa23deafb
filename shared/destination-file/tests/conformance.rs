//! The suite of the seam, on both formats. What readers see is read by the parquet crate and by a
//! small reader of JSON lines of the test's own.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a reader in a test fails by panicking")]

mod reading;

use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::RecordBatch;
use async_trait::async_trait;
use destination::conformance::{Fixture, suite};
use destination::{Destination, Target};
use destination_file::{FileDestination, Format};

struct Folder {
    root: PathBuf,
    format: Format,
}

#[async_trait]
impl Fixture for Folder {
    fn open(&self) -> Arc<dyn Destination> {
        Arc::new(FileDestination::new(self.root.clone(), self.format))
    }

    async fn rows(&self, target: &Target) -> Option<RecordBatch> {
        reading::rows(&self.root.join(target.stream.as_str()), self.format, &target.schema)
    }
}

#[tokio::test]
async fn parquet_does_what_a_destination_promises() {
    let root = tempfile::tempdir().unwrap();
    suite(&Folder { root: root.path().join("made/by/prepare"), format: Format::Parquet }).await;
}

#[tokio::test]
async fn json_lines_do_what_a_destination_promises() {
    let root = tempfile::tempdir().unwrap();
    suite(&Folder { root: root.path().to_owned(), format: Format::Jsonl }).await;
}
