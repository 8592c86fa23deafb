//! The path is killed at every call it makes, and made to repeat, reorder and lose its way: the
//! destination is right all the same, nothing twice, nothing lost.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a test fails by panicking and says what it tried")]

use std::time::Duration;

use end_to_end::{Kill, Process, When, Where, World, Written};
use flow::QueueName;
use queue::faulty::{Chaos, Mischief};
use queue::{Outgoing, Queue};
use store::record::RunState;

/// How somebody goes on after a process was killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    /// Another process takes messages when their leases have ended: what happens on Lambda.
    Redelivery,
    /// The run is taken over and everything undelivered is sent again: what `millstream run` does.
    Resume,
}

#[tokio::test]
async fn an_undisturbed_run_leaves_what_is_destined() {
    for written in Written::ALL {
        let world = World::new(written).await.unwrap();
        let process = Process::start(&world, None);
        process.open_run(&world).await.unwrap();
        let ended = process.work(&world).await;
        assert_eq!(ended, Some(RunState::Succeeded), "{written:?}\n{}", world.standing().await.unwrap());
        assert_eq!(world.found().await.unwrap(), World::destined(), "{written:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_call_and_received_again_the_destination_is_right() {
    killed_everywhere(Next::Redelivery).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_call_and_resumed_the_destination_is_right() {
    killed_everywhere(Next::Resume).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn repeats_reorderings_and_lost_leases_change_nothing() {
    let (mut mischief_done, mut resumed) = (0, 0);
    let seeds = 1..=40;
    for seed in seeds.clone() {
        for written in Written::ALL {
            let world = World::new(written).await.unwrap();
            let process = Process::start(&world, None);
            process.open_run(&world).await.unwrap();
            process.unleash(chaos(seed));
            let mut ended = process.work(&world).await;
            while ended != Some(RunState::Succeeded) {
                // A lane whose messages were reordered beyond the retry policy has failed, as it must.
                resumed += 1;
                assert!(resumed < 2000, "seed {seed} {written:?}: ended as {ended:?} again and again");
                process.resume_run(&world).await.ok();
                ended = process.work(&world).await;
            }
            assert_eq!(world.found().await.unwrap(), World::destined(), "seed {seed} {written:?}");
            mischief_done += process.mischief_done();
        }
    }
    println!("{} runs, {mischief_done} pieces of mischief, {resumed} resumes", seeds.count() * 3);
    assert!(mischief_done > 1000, "only {mischief_done} pieces of mischief were done");
}

#[tokio::test]
async fn a_message_that_cannot_be_read_fails_its_run_and_the_resumed_run_is_right() {
    let world = World::new(Written::Append).await.unwrap();
    let process = Process::start(&world, None);
    let run = process.open_run(&world).await.unwrap();
    let group = format!("{}/orders/0", run.id);
    let spoilt = Outgoing { group, deduplication_id: "spoilt".into(), body: "{]".into(), delay: Duration::ZERO };
    world.queue.send(QueueName::Checked, spoilt).await.unwrap();
    assert_eq!(process.work(&world).await, Some(RunState::Failed));
    process.resume_run(&world).await.unwrap();
    assert_eq!(process.work(&world).await, Some(RunState::Succeeded));
    assert_eq!(world.found().await.unwrap(), World::destined());
}

fn chaos(seed: u64) -> Chaos {
    Chaos::from_seed(seed)
        .with(Mischief::Duplicate, 5)
        .with(Mischief::Redeliver, 7)
        .with(Mischief::RedeliverLate, 5)
        .with(Mischief::ReorderGroups, 3)
        .with(Mischief::ReorderWithinGroups, 40)
        .with(Mischief::ExpireLease, 6)
        .with(Mischief::FailBefore, 60)
        .with(Mischief::FailAfter, 60)
}

async fn killed_everywhere(next: Next) {
    let mut tried = 0;
    for written in Written::ALL {
        for at in Where::ALL {
            let calls = calls_of_a_run(written, at).await;
            let kills = (1..=calls)
                .step_by(stride(written))
                .flat_map(|nth| [When::Before, When::After].map(|when| Kill { at, nth, when }));
            for kill in kills {
                killed_once(written, kill, next).await;
                tried += 1;
            }
        }
    }
    println!("{next:?}: killed {tried} times, right every time");
    assert!(tried > 300, "only {tried} ways to die were tried");
}

/// Every call where rows are appended, for there a repeat shows at once; some calls elsewhere.
fn stride(written: Written) -> usize {
    match written {
        Written::Append => 1,
        Written::Merge => 11,
        Written::Replace => 7,
    }
}

async fn calls_of_a_run(written: Written, at: Where) -> u64 {
    let world = World::new(written).await.unwrap();
    let process = Process::start(&world, None);
    process.open_run(&world).await.unwrap();
    process.work(&world).await;
    process.calls(at)
}

async fn killed_once(written: Written, kill: Kill, next: Next) {
    let world = World::new(written).await.unwrap();
    let doomed = Process::start(&world, Some(kill));
    // The run may not even get opened: then there is nothing to go on with.
    let opened = doomed.open_run(&world).await;
    if opened.is_ok() {
        doomed.work(&world).await;
    }
    let heir = Process::start(&world, None);
    match next {
        Next::Redelivery => heir.open_run(&world).await.unwrap(),
        Next::Resume => heir.resume_run(&world).await.unwrap(),
    };
    let ended = heir.work(&world).await;
    let standing = world.standing().await.unwrap();
    assert_eq!(ended, Some(RunState::Succeeded), "{written:?} {kill:?} {next:?}\n{standing}");
    assert_eq!(world.found().await.unwrap(), World::destined(), "{written:?} {kill:?} {next:?}");
}
