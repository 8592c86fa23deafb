//! Something that goes on beside other work.

/// Runs `work` to its end, and `beside`, which has none, at the same time.
///
/// Neither waits for the other: what `beside` wants may be in the hands of `work`, as the one
/// connection that writes a queue is.
pub(crate) async fn keeping<T>(beside: impl Future<Output = T>, work: impl Future<Output = T>) -> T {
    tokio::select! {
        done = work => done,
        never = beside => never,
    }
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
            loop {
                sleep(SECOND).await;
                times.set(times.get() + 1);
            }
        };
        keeping(beside, sleep(SECOND * 7 / 2)).await;
        assert_eq!(times.get(), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn what_it_waits_for_may_be_held_by_the_work() {
        let connection = Mutex::new(0);
        let beside = async {
            loop {
                sleep(SECOND).await;
                *connection.lock().await += 1;
            }
        };
        let work = async {
            let held = connection.lock().await;
            sleep(SECOND * 2).await;
            drop(held);
            sleep(SECOND / 2).await;
        };
        timeout(SECOND * 60, keeping(beside, work)).await.unwrap();
        assert_eq!(*connection.lock().await, 1);
    }
}
