//! Reads on a thread that may block, one batch ahead of whoever takes them.

use async_trait::async_trait;
use source::{Error, Pulled, Reader};
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task;

/// Gives the batches of a part, blocking.
pub(crate) trait Batches: Send {
    /// The next batch; `None` at the end.
    fn next_batch(&mut self) -> Result<Option<Pulled>, Error>;
}

/// Runs blocking work aside.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    task::spawn_blocking(work).await.map_err(|cause| Error::Build(Box::new(cause)))?
}

/// A reader whose batches are made in the background.
pub(crate) struct BackgroundReader {
    batches: mpsc::Receiver<Result<Option<Pulled>, Error>>,
    is_over: bool,
}

impl BackgroundReader {
    /// Begins to read. It ends when the reader is dropped, at the next batch.
    pub(crate) fn start(batches: impl Batches + 'static) -> Self {
        let (sender, receiver) = mpsc::channel(1);
        task::spawn_blocking(move || send_all(batches, &sender));
        Self { batches: receiver, is_over: false }
    }
}

#[async_trait]
impl Reader for BackgroundReader {
    async fn next(&mut self) -> Result<Option<Pulled>, Error> {
        if self.is_over {
            return Ok(None);
        }
        let next = self.batches.recv().await.unwrap_or_else(|| Err(Error::Build("the reading thread stopped".into())));
        self.is_over = !matches!(next, Ok(Some(_)));
        next
    }
}

/// A place in the channel is taken before a batch is made, so that only one is ever ahead.
fn send_all(mut batches: impl Batches, sender: &mpsc::Sender<Result<Option<Pulled>, Error>>) {
    while let Ok(place) = Handle::current().block_on(sender.reserve()) {
        let next = batches.next_batch();
        let is_last = !matches!(next, Ok(Some(_)));
        place.send(next);
        if is_last {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use arrow_array::RecordBatch;
    use arrow_schema::Schema;
    use flow::Position;

    use super::*;

    struct Counted {
        made: Arc<AtomicUsize>,
        until: usize,
    }

    impl Batches for Counted {
        fn next_batch(&mut self) -> Result<Option<Pulled>, Error> {
            let number = self.made.fetch_add(1, Ordering::SeqCst);
            assert!(number <= self.until, "asked behind the end");
            if number == self.until {
                return Ok(None);
            }
            let rows = RecordBatch::new_empty(Arc::new(Schema::empty()));
            Ok(Some(Pulled { rows, rejects: vec![], position: Position::from_text(number.to_string()) }))
        }
    }

    #[tokio::test]
    async fn batches_come_in_order_and_one_is_made_ahead() {
        let made = Arc::new(AtomicUsize::new(0));
        let mut reader = BackgroundReader::start(Counted { made: made.clone(), until: 5 });
        for number in 0..5 {
            let pulled = reader.next().await.unwrap().unwrap();
            assert_eq!(pulled.position.as_str(), number.to_string());
            tokio::time::sleep(Duration::from_millis(5)).await;
            assert!(made.load(Ordering::SeqCst) <= number + 2);
        }
        assert!(reader.next().await.unwrap().is_none());
        assert!(reader.next().await.unwrap().is_none());
    }

    struct Panics;
    impl Batches for Panics {
        fn next_batch(&mut self) -> Result<Option<Pulled>, Error> {
            panic!("a bug")
        }
    }

    #[tokio::test]
    async fn a_thread_that_died_is_an_error_and_not_the_end() {
        assert!(matches!(BackgroundReader::start(Panics).next().await, Err(Error::Build(_))));
    }
}
