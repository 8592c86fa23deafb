use std::os::unix::fs::MetadataExt;

use arrow_array::RecordBatch;
use destination::Outcome;
use spec::Disposition::{Append, Merge};

use super::Limits;
use crate::Format;
use crate::ground::{BOTH, Ground, Row, batch_of, code, owned, schema};
use crate::layout::Purpose;

const TINY: Limits = Limits { fingerprints: 3, file_rows: 8, file_bytes: u64::MAX };

/// Numbers that look random and are the same every time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

/// The last row of each key, in the order of those rows.
fn last_of_each_key(rows: &[Row]) -> Vec<Row> {
    let is_last = |place: usize| rows[place + 1..].iter().all(|later| later.0 != rows[place].0);
    (0..rows.len()).filter(|place| is_last(*place)).map(|place| rows[place].clone()).collect()
}

#[test]
fn of_many_runs_the_last_row_of_each_key_stays_in_its_order_however_little_memory_there_is() {
    for format in BOTH {
        for fingerprints in [1, 3, 1000] {
            let ground = Ground { limits: Limits { fingerprints, ..TINY }, ..Ground::new(format) };
            let mut numbers = Numbers(fingerprints);
            let mut expected: Vec<Row> = Vec::new();
            for number in 0..12 {
                // Some runs only append, and so leave keys that are there many times.
                let disposition = if number % 4 == 2 { Append } else { Merge };
                let run = ground.run(number, disposition);
                run.prepare().unwrap();
                for (lane, sequence) in [(0, 0), (0, 1), (1, 0)] {
                    let ids: Vec<i64> =
                        (0..numbers.below(7)).map(|_| i64::try_from(numbers.below(40)).unwrap()).collect();
                    let names: Vec<String> =
                        (0..ids.len()).map(|row| format!("{number}-{lane}-{sequence}-{row}")).collect();
                    let rows: Vec<(i64, &str)> = ids.iter().copied().zip(names.iter().map(String::as_str)).collect();
                    run.take(lane, sequence, &rows).unwrap();
                    expected.extend(owned(&rows));
                }
                run.finish().unwrap();
                if disposition == Merge {
                    expected = last_of_each_key(&expected);
                }
                assert_eq!(ground.seen(), expected, "{format:?}, {fingerprints} fingerprints, run {number}");
            }
        }
    }
}

#[test]
fn parts_count_in_the_order_of_their_lane_and_sequence_not_of_their_arrival() {
    for format in BOTH {
        let ground = Ground::new(format);
        let run = ground.run(1, Merge);
        run.prepare().unwrap();
        run.take(1, 0, &[(1, "lane 1")]).unwrap();
        run.take(0, 10, &[(2, "tenth")]).unwrap();
        run.take(0, 9, &[(2, "ninth"), (1, "lane 0")]).unwrap();
        run.finish().unwrap();
        assert_eq!(ground.seen(), owned(&[(2, "tenth"), (1, "lane 1")]));
    }
}

#[test]
fn a_big_file_that_loses_no_row_is_linked_and_small_ones_are_joined() {
    for format in BOTH {
        let limits =
            Limits { fingerprints: 100, file_rows: 4, file_bytes: if format == Format::Jsonl { 80 } else { u64::MAX } };
        let ground = Ground { limits, ..Ground::new(format) };
        ground.whole_run(1, Merge, &[(1, "a"), (2, "b"), (3, "c"), (4, "d")]);
        let files = || std::fs::read_dir(ground.live()).unwrap().map(|entry| entry.unwrap()).collect::<Vec<_>>();
        let inode = |start: &str| {
            let file = files().into_iter().find(|file| file.file_name().to_str().unwrap().starts_with(start));
            file.unwrap().metadata().unwrap().ino()
        };
        let first = inode("base-00000000");
        ground.whole_run(2, Merge, &[(5, "e")]);
        ground.whole_run(3, Merge, &[(6, "f")]);
        assert_eq!(inode("base-00000000"), first, "{format:?}");
        let visible = files().iter().filter(|file| !file.file_name().to_str().unwrap().starts_with('.')).count();
        assert_eq!(visible, 2, "the two small files are one");
        ground.whole_run(4, Merge, &[(1, "z")]);
        assert_ne!(inode("base-00000000"), first);
        assert_eq!(ground.seen(), owned(&[(2, "b"), (3, "c"), (4, "d"), (5, "e"), (6, "f"), (1, "z")]));
    }
}

#[test]
fn a_batch_that_comes_after_the_end_is_merged_too_and_one_that_came_before_is_not_merged_again() {
    for format in BOTH {
        let ground = Ground::new(format);
        let run = ground.whole_run(1, Merge, &[(1, "one")]);
        assert_eq!(run.take(0, 0, &[(1, "one")]).unwrap(), Outcome::AlreadyThere);
        assert_eq!(run.take(0, 1, &[(1, "uno"), (2, "due")]).unwrap(), Outcome::Written { rows: 2 });
        run.finish().unwrap();
        assert_eq!(run.take(0, 0, &[(1, "one")]).unwrap(), Outcome::AlreadyThere);
        run.finish().unwrap();
        assert_eq!(ground.seen(), owned(&[(1, "uno"), (2, "due")]));
        assert!(ground.left_in_root().is_empty());
    }
}

#[test]
fn a_key_of_several_columns_is_compared_whole_and_in_any_order() {
    for format in BOTH {
        let ground = Ground::new(format);
        let mut run = ground.run(1, Merge);
        run.target.primary_key = vec!["name".to_owned(), "id".to_owned()];
        run.prepare().unwrap();
        run.take(0, 0, &[(1, "a"), (1, "b"), (2, "a"), (1, "a")]).unwrap();
        run.finish().unwrap();
        assert_eq!(ground.seen(), owned(&[(1, "b"), (2, "a"), (1, "a")]));
    }
}

#[test]
fn another_key_than_before_finds_rows_that_were_unique_by_the_old_one() {
    for format in BOTH {
        let ground = Ground::new(format);
        ground.whole_run(1, Merge, &[(1, "a"), (2, "a"), (3, "b")]);
        let mut run = ground.run(2, Merge);
        run.target.primary_key = vec!["name".to_owned()];
        run.prepare().unwrap();
        run.take(0, 0, &[(9, "c")]).unwrap();
        run.finish().unwrap();
        assert_eq!(ground.seen(), owned(&[(2, "a"), (3, "b"), (9, "c")]));
    }
}

#[test]
fn null_in_a_key_is_refused_where_it_comes_and_where_it_is() {
    for format in BOTH {
        let ground = Ground::new(format);
        let columns =
            [arrow_array::new_null_array(schema().field(0).data_type(), 1), batch_of(&[(0, "x")]).column(1).clone()];
        let nulls = RecordBatch::try_new(schema(), columns.to_vec()).unwrap();
        let run = ground.run(1, Merge);
        run.prepare().unwrap();
        let error = run.take_batch(0, 0, nulls.clone()).unwrap_err();
        assert!(error.to_string().contains("`id`"), "{error}");
        let append = ground.run(2, Append);
        append.prepare().unwrap();
        append.take_batch(0, 0, nulls).unwrap();
        append.finish().unwrap();
        let merge = ground.run(3, Merge);
        merge.prepare().unwrap();
        merge.take(0, 0, &[(1, "one")]).unwrap();
        assert_eq!(code(merge.finish()), "table_mismatch");
        assert!(merge.folder(Purpose::Merge).exists(), "what was delivered is kept");
    }
}

#[test]
fn a_merge_without_a_key_that_is_there_is_refused() {
    let ground = Ground::new(Format::Parquet);
    for primary_key in [Vec::new(), vec!["number".to_owned()]] {
        let mut run = ground.run(1, Merge);
        run.target.primary_key = primary_key;
        assert_eq!(code(run.prepare()), "key_missing");
    }
}
