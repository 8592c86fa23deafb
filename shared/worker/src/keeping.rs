//! Something that goes on beside other work.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

/// Runs `work` to its end, and `beside` at the same time, for as long.
///
/// Neither waits for the other to come to an end of something: what `beside` wants may be in the
/// hands of `work`, as the one connection that writes a queue is.
pub(crate) async fn keeping<T>(beside: impl Future<Output = ()>, work: impl Future<Output = T>) -> T {
    let (mut beside, mut work) = (pin!(beside), pin!(work));
    let mut has_ended = false;
    poll_fn(|context| {
        if let Poll::Ready(done) = work.as_mut().poll(context) {
            return Poll::Ready(done);
        }
        has_ended = has_ended || beside.as_mut().poll(context).is_ready();
        Poll::Pending
    })
    .await
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::time::Duration;

    use tokio::sync::Mutex;
    use tokio::time::{sleep, timeout};

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn it_goes_on_for_as_long_as_the_work_does() {
        let times = Cell::new(0);
        let beside = async {
            while times.get() < 100 {
                sleep(SECOND).await;
                times.set(times.get() + 1);
            }
        };
        assert_eq!(keeping(beside, async { sleep(SECOND * 7 / 2).await }).await, ());
        assert_eq!(times.get(), 3);
        keeping(async {}, sleep(SECOND)).await;
    }

    #[tokio::test(start_paused = true)]
    async fn what_it_waits_for_may_be_held_by_the_work() {
        let connection = Mutex::new(0);
        let beside = async {
            sleep(SECOND).await;
            *connection.lock().await += 1;
        };
        let work = async {
            let held = connection.lock().await;
            sleep(SECOND * 2).await;
            drop(held);
            sleep(SECOND * 2).await;
        };
        timeout(SECOND * 60, keeping(beside, work)).await.unwrap();
        assert_eq!(*connection.lock().await, 1);
    }
}
