use std::sync::atomic::{AtomicUsize, Ordering};

use flow::ManualClock;
use sqlx::Row as _;
use tempfile::TempDir;

use super::*;
use crate::conformance;

const QUEUE: QueueName = QueueName::Checked;
const LEASE: Duration = Duration::from_secs(60);

async fn open(folder: &TempDir, clock: &Arc<ManualClock>) -> Sqlite {
    Sqlite::open(&folder.path().join("queue.db"), Limits::default(), clock.clone()).await.unwrap()
}

fn fresh() -> (TempDir, Arc<ManualClock>) {
    (tempfile::tempdir().unwrap(), Arc::new(ManualClock::at_epoch()))
}

fn message(group: &str, body: &str) -> Outgoing {
    Outgoing { group: group.into(), deduplication_id: body.into(), body: body.into(), delay: Duration::ZERO }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keeps_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    let made = AtomicUsize::new(0);
    conformance::run(async |limits, clock| {
        let path = folder.path().join(format!("{}.db", made.fetch_add(1, Ordering::Relaxed)));
        Arc::new(Sqlite::open(&path, limits, clock).await.unwrap()) as Arc<dyn Queue>
    })
    .await;
}

#[tokio::test]
async fn everything_survives_reopening() {
    let (folder, clock) = fresh();
    let first = open(&folder, &clock).await;
    for (group, body) in [("a", "1"), ("a", "2"), ("b", "3")] {
        first.send(QUEUE, message(group, body)).await.unwrap();
    }
    let leased = first.receive(QUEUE, 1, LEASE).await.unwrap();
    drop(first);

    let second = open(&folder, &clock).await;
    assert_eq!(second.send(QUEUE, message("a", "1")).await.unwrap(), Sent::Duplicate);
    let depth = second.depth(QUEUE).await.unwrap();
    assert_eq!((depth.waiting, depth.leased), (2, 1));
    second.acknowledge(&leased[0].receipt).await.unwrap();
    let received = second.receive(QUEUE, 10, LEASE).await.unwrap();
    assert_eq!(received.iter().map(|message| message.body.as_str()).collect::<Vec<_>>(), ["3", "2"]);
}

#[tokio::test]
async fn two_handles_on_one_file_are_one_queue() {
    let (folder, clock) = fresh();
    let (one, two) = tokio::join!(open(&folder, &clock), open(&folder, &clock));
    let waiting = tokio::spawn(async move {
        two.wait(QUEUE, Duration::from_secs(30)).await;
        two
    });
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert_eq!(one.send(QUEUE, message("a", "1")).await.unwrap(), Sent::New);
    let two = tokio::time::timeout(Duration::from_secs(5), waiting).await.unwrap().unwrap();
    assert_eq!(two.send(QUEUE, message("a", "1")).await.unwrap(), Sent::Duplicate);
    let received = two.receive(QUEUE, 10, LEASE).await.unwrap();
    assert_eq!(received.len(), 1);
    assert_eq!(one.receive(QUEUE, 10, LEASE).await.unwrap(), []);
    one.acknowledge(&received[0].receipt).await.unwrap();
    assert!(matches!(two.acknowledge(&received[0].receipt).await, Err(Error::LeaseLost)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_handles_share_the_work_and_each_message_is_taken_once() {
    let (folder, clock) = fresh();
    let mut workers = Vec::new();
    for handle in 0..4 {
        let queue = open(&folder, &clock).await;
        workers.push(tokio::spawn(async move {
            for number in 0..25 {
                let body = format!("{handle}-{number}");
                queue.send(QUEUE, message(&format!("lane {}", number % 5), &body)).await.unwrap();
            }
            let mut taken = Vec::new();
            loop {
                let received = queue.receive(QUEUE, 1, LEASE).await.unwrap();
                let Some(message) = received.into_iter().next() else { break };
                queue.acknowledge(&message.receipt).await.unwrap();
                taken.push(message.body);
            }
            taken
        }));
    }
    let mut all = Vec::new();
    for worker in workers {
        all.extend(worker.await.unwrap());
    }
    all.sort();
    let count = all.len();
    all.dedup();
    let left = open(&folder, &clock).await.depth(QUEUE).await.unwrap();
    assert_eq!((all.len(), left), (count, Depth { waiting: 100 - count as u64, ..Depth::default() }));
}

#[tokio::test]
async fn released_leases_can_be_received_at_once_and_were_no_receives() {
    let (folder, clock) = fresh();
    let earlier = open(&folder, &clock).await;
    earlier.send(QUEUE, message("a", "1")).await.unwrap();
    let delayed = Outgoing { delay: LEASE, ..message("b", "2") };
    earlier.send(QUEUE, delayed).await.unwrap();
    let old = earlier.receive(QUEUE, 1, LEASE).await.unwrap();
    drop(earlier);

    let queue = open(&folder, &clock).await;
    assert_eq!(queue.release_leases().await.unwrap(), 1);
    assert_eq!(queue.release_leases().await.unwrap(), 0);
    let received = queue.receive(QUEUE, 10, LEASE).await.unwrap();
    assert_eq!(received.len(), 1, "what is delayed stays so");
    assert_eq!((received[0].body.as_str(), received[0].receives), ("1", 1));
    assert!(matches!(queue.acknowledge(&old[0].receipt).await, Err(Error::LeaseLost)));
    queue.acknowledge(&received[0].receipt).await.unwrap();
}

#[tokio::test]
async fn a_clock_set_back_holds_back_nothing_that_was_ready() {
    let folder = tempfile::tempdir().unwrap();
    let late = Arc::new(ManualClock::at(Timestamp::from_timestamp_micros(1_000_000_000).unwrap()));
    open(&folder, &late).await.send(QUEUE, message("a", "1")).await.unwrap();
    let early = Arc::new(ManualClock::at_epoch());
    assert_eq!(open(&folder, &early).await.receive(QUEUE, 1, LEASE).await.unwrap().len(), 1);
}

#[tokio::test]
async fn ids_that_are_forgotten_leave_the_file() {
    let (folder, clock) = fresh();
    let queue = open(&folder, &clock).await;
    for number in 0..10 {
        queue.send(QUEUE, message("a", &number.to_string())).await.unwrap();
    }
    clock.advance(Limits::default().deduplication_window);
    queue.send(QUEUE, message("a", "new")).await.unwrap();
    let kept: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM deduplication").fetch_one(&queue.readers).await.unwrap();
    assert_eq!(kept, 1);
}

#[tokio::test]
async fn finding_messages_reads_an_index_of_heads_alone() {
    let (folder, clock) = fresh();
    let queue = open(&folder, &clock).await;
    let explain = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {}", messages::READY_HEADS));
    let plan = sqlx::query(explain).bind("checked").bind(0).bind(1).fetch_all(&queue.readers).await.unwrap();
    let steps: Vec<String> = plan.iter().map(|row| row.get("detail")).collect();
    assert_eq!(steps, ["SEARCH messages USING INDEX messages_by_turn (queue=? AND turn>?)"]);
}

#[tokio::test]
async fn what_is_no_queue_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::at_epoch());
    let (text, newer) = (folder.path().join("text.db"), folder.path().join("newer.db"));
    std::fs::write(&text, "this is no database at all, but it is long enough to be looked at as one".repeat(20))
        .unwrap();
    let queue = Sqlite::open(&newer, Limits::default(), clock.clone()).await.unwrap();
    sqlx::raw_sql("PRAGMA user_version = 99").execute(&queue.writer).await.unwrap();
    queue.close().await;

    for path in [&text, &newer, &folder.path().join("no/such/folder.db")] {
        let Err(error) = Sqlite::open(path, Limits::default(), clock.clone()).await else { panic!("{path:?} opened") };
        assert!(matches!(&error, Error::Open { .. }), "{error:?}");
        assert!(flow::fault::chain(&error).contains(&path.display().to_string()), "{error}");
        assert_eq!(Fault::from(error).code, "queue_open");
    }
}

#[tokio::test]
async fn a_full_disk_says_so() {
    let (folder, clock) = fresh();
    let queue = open(&folder, &clock).await;
    sqlx::raw_sql("PRAGMA max_page_count = 30").execute(&queue.writer).await.unwrap();
    let body = "x".repeat(100_000);
    let mut outcome = Ok(Sent::New);
    for number in 0..10 {
        outcome = queue.send(QUEUE, Outgoing { body: body.clone(), ..message("a", &number.to_string()) }).await;
        if outcome.is_err() {
            break;
        }
    }
    assert!(matches!(outcome, Err(Error::Full(_))), "{outcome:?}");
    let sent = queue.depth(QUEUE).await.unwrap().waiting;
    let last = sent.to_string();
    assert!(sent < 10);
    sqlx::raw_sql("PRAGMA max_page_count = 100000").execute(&queue.writer).await.unwrap();
    let again = queue.send(QUEUE, message("a", &last)).await.unwrap();
    assert_eq!(again, Sent::New, "a send that failed is not remembered");
}

#[tokio::test]
async fn calls_that_are_dropped_half_way_leave_the_queue_whole() {
    let (folder, clock) = fresh();
    let queue = open(&folder, &clock).await;
    let mut dropped = 0;
    for number in 0..200_u64 {
        let body = format!("{number:03}");
        let patience = Duration::from_micros(number * 5);
        let sent = queue.send(QUEUE, message("a", &body));
        let received = queue.receive(QUEUE, 1, Duration::ZERO);
        let ran = async {
            tokio::select! { biased; done = sent => done.map(drop), () = spin(patience) => Err(Error::OnCommand) }
        };
        dropped += u64::from(ran.await.is_err());
        tokio::select! { biased; _ = received => (), () = spin(patience) => () }
    }
    assert!(dropped > 0, "some calls were dropped");
    let mut bodies = Vec::new();
    while let Some(received) = queue.receive(QUEUE, 1, LEASE).await.unwrap().pop() {
        queue.acknowledge(&received.receipt).await.unwrap();
        bodies.push(received.body);
    }
    bodies.extend(queue.dead_letters(QUEUE).await.unwrap().into_iter().map(|letter| letter.body));
    bodies.sort();
    let count = bodies.len() as u64;
    bodies.dedup();
    assert_eq!(bodies.len() as u64, count, "nothing is there twice");
    assert!(count >= 200 - dropped, "{count} messages, {dropped} calls dropped");
    assert_eq!(queue.depth(QUEUE).await.unwrap().waiting, 0);
}

/// Ends sooner than a timer of whole milliseconds can.
async fn spin(patience: Duration) {
    let began = std::time::Instant::now();
    while began.elapsed() < patience {
        tokio::task::yield_now().await;
    }
}
