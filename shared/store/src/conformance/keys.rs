use flow::{BatchId, RunId};

use super::fixtures::{Shared, run_at, stream};

fn batch(number: usize) -> BatchId {
    BatchId::from_text(&format!("batch {number}"))
}

fn run() -> RunId {
    run_at(0).id
}

pub(super) async fn a_key_another_batch_had_is_known(store: Shared) {
    let remember = async |number, keys: &[u128]| store.remember_keys(&run(), "id", &batch(number), keys).await.unwrap();
    assert_eq!(remember(1, &[5, u128::MAX, 0, 1 << 64]).await, [false; 4]);
    assert_eq!(remember(2, &[6, 0, 1 << 64, u128::MAX, 7]).await, [false, true, true, true, false]);
    assert_eq!(remember(3, &[7, 8, 6]).await, [true, false, true]);
    assert_eq!(remember(4, &[]).await, [false; 0]);
}

pub(super) async fn a_later_row_of_the_same_key_is_known(store: Shared) {
    let remember = async |number, keys: &[u128]| store.remember_keys(&run(), "id", &batch(number), keys).await.unwrap();
    assert_eq!(remember(1, &[9, 3, 9, 3, 4, 9]).await, [false, false, true, true, false, true]);
    assert_eq!(remember(2, &[4, 4, 5, 5]).await, [true, true, false, true]);
}

pub(super) async fn asked_again_for_a_batch_it_says_the_same(store: Shared) {
    let keys = [[1, 2, 2, 3], [3, 4, 4, 1], [5, 4, 6, 6]];
    let mut first = Vec::new();
    for (number, keys) in keys.iter().enumerate() {
        first.push(store.remember_keys(&run(), "id", &batch(number), keys).await.unwrap());
    }
    assert_eq!(first[1], [true, false, true, true]);
    for _ in 0..2 {
        for (number, keys) in keys.iter().enumerate() {
            let again = store.remember_keys(&run(), "id", &batch(number), keys).await.unwrap();
            assert_eq!(again, first[number], "batch {number}");
        }
    }
}

pub(super) async fn checks_and_runs_have_their_own_keys(store: Shared) {
    let others = [(run(), "id"), (run(), "email"), (run_at(100).id, "id")];
    for (number, (run, check)) in others.iter().enumerate() {
        assert_eq!(store.remember_keys(run, check, &batch(number), &[1, 2]).await.unwrap(), [false, false]);
    }
}

pub(super) async fn forgotten_keys_are_new_again(store: Shared) {
    let keys: Vec<u128> = (0..5000).collect();
    let other = run_at(100).id;
    for run in [&run(), &other] {
        store.remember_keys(run, "id", &batch(1), &keys).await.unwrap();
    }
    store.forget_keys(&run()).await.unwrap();
    store.forget_keys(&run()).await.unwrap();
    let known = store.remember_keys(&run(), "id", &batch(2), &keys).await.unwrap();
    assert!(known.iter().all(|known| !known));
    let known = store.remember_keys(&other, "id", &batch(2), &keys).await.unwrap();
    assert!(known.iter().all(|known| *known), "another run keeps its own");
}

pub(super) async fn many_batches_of_keys_are_told_apart(store: Shared) {
    let mut answers = Vec::new();
    for number in 0..80 {
        answers.push(store.remember_keys(&run(), "id", &batch(number), &spread(number)).await.unwrap());
    }
    let mut seen = std::collections::HashSet::new();
    for (number, answer) in answers.iter().enumerate() {
        let expected: Vec<bool> = spread(number).into_iter().map(|key| !seen.insert(key)).collect();
        assert_eq!(*answer, expected, "batch {number}");
    }
    for number in [0, 7, 8, 63, 64, 79] {
        let again = store.remember_keys(&run(), "id", &batch(number), &spread(number)).await.unwrap();
        assert_eq!(again, answers[number], "batch {number} asked again");
    }
}

/// Keys all over the place of which every tenth is one of few; batches are of different sizes.
fn spread(batch: usize) -> Vec<u128> {
    let rows = if batch % 10 == 3 { 4000 } else { 150 };
    let key = |row: usize| {
        let number = if row.is_multiple_of(10) { (batch * 31 + row) % 200 } else { 1000 + batch * 10_000 + row };
        (number as u128 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835)
    };
    (0..rows).map(key).collect()
}

pub(super) async fn of_two_batches_at_once_one_has_the_key(store: Shared) {
    for round in 0..10_usize {
        let keys: Vec<u128> = (0..50).map(|key| key + round as u128 * 50).collect();
        let (run, one, two) = (run(), batch(2 * round), batch(2 * round + 1));
        let (one, two) =
            tokio::join!(store.remember_keys(&run, "id", &one, &keys), store.remember_keys(&run, "id", &two, &keys));
        let (one, two) = (one.unwrap(), two.unwrap());
        assert!(one.iter().zip(&two).all(|(one, two)| one != two), "each key is new for one of them");
    }
}

pub(super) async fn a_measure_replaces_the_one_before(store: Shared) {
    let orders = stream("orders");
    let keep = async |check, number, value| {
        store.keep_measure(&run(), &orders, check, &batch(number), value).await.unwrap();
    };
    keep("rows", 1, "10").await;
    keep("rows", 2, "20").await;
    keep("rows", 1, "15").await;
    keep("age", 1, "").await;
    let mut measures = store.measures(&run(), &orders, "rows").await.unwrap();
    measures.sort();
    assert_eq!(measures, ["15", "20"]);
    assert_eq!(store.measures(&run(), &orders, "age").await.unwrap(), [""]);
    assert_eq!(store.measures(&run(), &stream("else"), "rows").await.unwrap(), [""; 0]);
    assert_eq!(store.measures(&run_at(100).id, &orders, "rows").await.unwrap(), [""; 0]);
}
