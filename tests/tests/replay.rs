//! A replay is killed at every call it makes: the destination ends as if its rule had always been
//! right, and nothing is read from the source for it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use end_to_end::{Kill, Process, Rule, When, Where, World, Written};
use flow::{StreamName, SyncName};
use store::Store;
use store::record::{QuarantineFilter, Run, RunState};

#[tokio::test]
async fn a_replay_mends_what_a_broken_rule_did() {
    let (world, broken) = broken_world(Written::Merge).await;
    let before = world.found().await.unwrap();
    assert!(before.rows.iter().any(|(id, _)| *id == 103) && before.rows.iter().all(|(id, _)| *id != 11), "{before:?}");
    let process = Process::start(&world, None);
    process.open_replay(&world, &broken).await.unwrap();
    assert_eq!(process.work(&world).await, Some(RunState::Succeeded), "{}", world.standing().await.unwrap());
    assert_right(&world, &broken).await;
}

#[tokio::test]
async fn a_replay_of_a_replaced_stream_swaps_it_again() {
    let (world, broken) = broken_world(Written::Replace).await;
    let process = Process::start(&world, None);
    process.open_replay(&world, &broken).await.unwrap();
    assert_eq!(process.work(&world).await, Some(RunState::Succeeded), "{}", world.standing().await.unwrap());
    assert_right(&world, &broken).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replay_killed_at_any_call_and_resumed_leaves_the_destination_right() {
    let mut tried = 0;
    for at in Where::ALL {
        let calls = calls_of_a_replay(at).await;
        for nth in 1..=calls {
            for when in [When::Before, When::After] {
                killed_once(Kill { at, nth, when }).await;
                tried += 1;
            }
        }
    }
    println!("killed {tried} times, right every time");
    assert!(tried > 300, "only {tried} ways to die were tried");
}

/// A world whose run had a broken rule and whose rule has been mended since.
async fn broken_world(written: Written) -> (World, Run) {
    let mut world = World::new(written).await.unwrap();
    world.rule = Rule::Broken;
    let process = Process::start(&world, None);
    process.open_run(&world).await.unwrap();
    assert_eq!(process.work(&world).await, Some(RunState::Degraded), "{}", world.standing().await.unwrap());
    world.rule = Rule::Right;
    world.clock.advance(Duration::from_secs(60));
    let broken = world.store.runs(None, 1).await.unwrap().remove(0);
    (world, broken)
}

async fn calls_of_a_replay(at: Where) -> u64 {
    let (world, broken) = broken_world(Written::Merge).await;
    let process = Process::start(&world, None);
    process.open_replay(&world, &broken).await.unwrap();
    process.work(&world).await;
    process.calls(at)
}

async fn killed_once(kill: Kill) {
    let (world, broken) = broken_world(Written::Merge).await;
    let doomed = Process::start(&world, Some(kill));
    if doomed.open_replay(&world, &broken).await.is_ok() {
        doomed.work(&world).await;
    }
    let heir = Process::start(&world, None);
    let last = world.store.runs(None, 1).await.unwrap().remove(0);
    // The replay may not even be open, or have ended before its process was told.
    match (last.replay.is_some(), last.state) {
        (false, _) => drop(heir.open_replay(&world, &broken).await.unwrap()),
        (true, RunState::Succeeded) => return assert_right(&world, &broken).await,
        (true, _) => drop(heir.resume_run(&world).await.unwrap()),
    }
    let ended = heir.work(&world).await;
    assert_eq!(ended, Some(RunState::Succeeded), "{kill:?}\n{}", world.standing().await.unwrap());
    assert_right(&world, &broken).await;
}

async fn assert_right(world: &World, broken: &Run) {
    assert_eq!(world.found().await.unwrap(), World::destined());
    let (sync, stream) = (SyncName::new("shop").unwrap(), StreamName::new("orders").unwrap());
    let filter = QuarantineFilter { run: Some(broken.id.clone()), ..QuarantineFilter::default() };
    let entries = world.store.quarantined(&filter, 100).await.unwrap();
    assert!(!entries.is_empty() && entries.iter().all(|entry| entry.resolved_by.is_some()), "{entries:?}");
    let bookmark = world.store.bookmark(&sync, &stream).await.unwrap();
    assert!(bookmark.is_none_or(|bookmark| bookmark.run == broken.id), "the replay moved the bookmark");
}
