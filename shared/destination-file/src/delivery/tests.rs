use std::fs;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{Int64Array, RecordBatch};
use arrow_schema::Schema;
use batch::ColumnType;
use destination::Outcome;
use spec::Disposition::{Append, Merge, Replace};

use crate::Format;
use crate::ground::{BOTH, Ground, code, owned};
use crate::layout::Purpose;

const OLD: [(i64, &str); 2] = [(1, "old"), (2, "old")];
const NEW: [(i64, &str); 2] = [(2, "new"), (3, "new")];

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

/// A finished run, and a second `replace` that has delivered everything and not finished.
fn before_the_swap(format: Format) -> (Ground, super::Delivery) {
    let ground = Ground::new(format);
    ground.whole_run(1, Replace, &OLD);
    let run = ground.run(2, Replace);
    run.prepare().unwrap();
    run.take(0, 0, &NEW).unwrap();
    (ground, run)
}

#[test]
fn a_kill_between_the_two_renames_is_mended_by_the_same_run_and_by_any_other() {
    for format in BOTH {
        for mended_by in [2, 3] {
            let (ground, run) = before_the_swap(format);
            fs::rename(ground.live(), run.folder(Purpose::Old)).unwrap();
            ground.run(mended_by, Replace).prepare().unwrap();
            assert_eq!(ground.seen(), owned(&NEW), "mended by run {mended_by}");
            assert!(!run.folder(Purpose::Old).exists());
            if mended_by == 2 {
                run.finish().unwrap();
                assert_eq!(run.take(0, 0, &NEW).unwrap(), Outcome::AlreadyThere);
                assert_eq!(ground.seen(), owned(&NEW));
                assert!(ground.left_in_root().is_empty(), "{:?}", ground.left_in_root());
            }
        }
    }
}

#[test]
fn a_kill_behind_the_renames_leaves_only_something_to_remove() {
    for format in BOTH {
        for purpose in [Purpose::Old, Purpose::New, Purpose::Gone] {
            let (ground, run) = before_the_swap(format);
            let old = ground.root.path().join("aside");
            copy(&ground.live(), &old);
            run.finish().unwrap();
            fs::rename(&old, run.folder(purpose)).unwrap();
            run.prepare().unwrap();
            run.finish().unwrap();
            assert_eq!(ground.seen(), owned(&NEW), "{purpose:?}");
            assert!(ground.left_in_root().is_empty(), "{purpose:?}: {:?}", ground.left_in_root());
        }
    }
}

#[test]
fn an_old_generation_without_a_new_one_comes_back() {
    let ground = Ground::new(Format::Parquet);
    let run = ground.whole_run(1, Replace, &OLD);
    fs::rename(ground.live(), run.folder(Purpose::Old)).unwrap();
    ground.run(2, Append).prepare().unwrap();
    assert_eq!(ground.seen(), owned(&OLD));
}

#[test]
fn a_merge_killed_while_it_writes_begins_its_generation_again() {
    for format in BOTH {
        let ground = Ground::new(format);
        ground.whole_run(1, Merge, &OLD);
        let run = ground.run(2, Merge);
        run.prepare().unwrap();
        run.take(0, 0, &NEW).unwrap();
        let half = run.folder(Purpose::New);
        fs::create_dir(&half).unwrap();
        fs::write(half.join(run.layout.base(0)), b"half a file").unwrap();
        let resumed = ground.run(2, Merge);
        resumed.prepare().unwrap();
        assert_eq!(resumed.take(0, 0, &NEW).unwrap(), Outcome::AlreadyThere);
        resumed.finish().unwrap();
        assert_eq!(ground.seen(), owned(&[(1, "old"), (2, "new"), (3, "new")]));
        assert!(ground.left_in_root().is_empty(), "{:?}", ground.left_in_root());
    }
}

#[test]
fn a_merge_killed_behind_its_swap_merges_nothing_again() {
    for format in BOTH {
        let ground = Ground::new(format);
        let run = ground.run(1, Merge);
        run.prepare().unwrap();
        run.take(0, 0, &OLD).unwrap();
        let aside = ground.root.path().join("aside");
        copy(&run.folder(Purpose::Merge), &aside);
        run.finish().unwrap();
        fs::rename(&aside, run.folder(Purpose::Merge)).unwrap();
        let before = ground.seen();
        run.prepare().unwrap();
        run.finish().unwrap();
        assert_eq!(ground.seen(), before);
        assert!(ground.left_in_root().is_empty(), "{:?}", ground.left_in_root());
    }
}

#[test]
fn what_a_merge_has_delivered_survives_a_resume_and_goes_when_another_run_begins() {
    for format in BOTH {
        let ground = Ground::new(format);
        let run = ground.run(1, Merge);
        run.prepare().unwrap();
        run.take(0, 0, &OLD).unwrap();
        run.prepare().unwrap();
        assert_eq!(run.take(0, 0, &OLD).unwrap(), Outcome::AlreadyThere);
        ground.whole_run(2, Merge, &NEW);
        assert_eq!(ground.seen(), owned(&NEW));
        assert!(ground.left_in_root().is_empty(), "{:?}", ground.left_in_root());
    }
}

#[test]
fn a_run_that_another_has_pushed_aside_does_not_pass_for_done() {
    for format in BOTH {
        for disposition in [Merge, Replace] {
            let ground = Ground::new(format);
            let aside = ground.run(1, disposition);
            aside.prepare().unwrap();
            aside.take(0, 0, &OLD).unwrap();
            ground.run(2, disposition).prepare().unwrap();
            assert_eq!(code(aside.take(0, 1, &NEW)), "run_superseded");
            assert_eq!(code(aside.finish()), "run_superseded");
        }
    }
}

#[test]
fn unfinished_files_are_never_seen_and_go_with_their_run_or_the_next() {
    for format in BOTH {
        for removed_by in [1, 2] {
            let ground = Ground::new(format);
            let run = ground.whole_run(1, Append, &OLD);
            let half = ground.live().join(format!("{}4711-0", run.layout.temporary_prefix()));
            fs::write(&half, b"half a file").unwrap();
            assert_eq!(ground.seen(), owned(&OLD));
            ground.run(removed_by, Append).prepare().unwrap();
            assert_eq!(half.exists(), removed_by == 1, "a run's own may belong to another process");
            ground.run(removed_by, Append).finish().unwrap();
            assert!(!half.exists());
            assert_eq!(ground.seen(), owned(&OLD));
        }
    }
}

#[test]
fn finishing_from_many_sides_at_once_swaps_once() {
    for format in BOTH {
        for disposition in [Merge, Replace] {
            let ground = Ground::new(format);
            ground.whole_run(1, disposition, &[(3, "old")]);
            let run = ground.run(2, disposition);
            run.prepare().unwrap();
            run.take(0, 0, &NEW).unwrap();
            std::thread::scope(|scope| {
                let threads: Vec<_> = (0..6).map(|_| scope.spawn(|| run.finish())).collect();
                threads.into_iter().for_each(|thread| thread.join().unwrap().unwrap());
            });
            assert_eq!(ground.seen(), owned(&NEW));
            assert!(ground.left_in_root().is_empty(), "{:?}", ground.left_in_root());
        }
    }
}

#[test]
fn files_of_others_are_not_swept_away() {
    for format in BOTH {
        let ground = Ground::new(format);
        ground.whole_run(1, Append, &OLD);
        fs::write(ground.live().join("notes.txt"), b"mine").unwrap();
        for disposition in [Merge, Replace] {
            let error = ground.run(2, disposition).prepare().unwrap_err();
            assert!(error.to_string().contains("`notes.txt`"), "{error}");
        }
        ground.whole_run(3, Append, &NEW);
        assert!(ground.live().join("notes.txt").exists());
    }
}

#[test]
fn files_that_say_nothing_about_themselves_are_checked_or_refused() {
    let ground = Ground::new(Format::Parquet);
    ground.whole_run(1, Append, &OLD);
    fs::remove_file(ground.live().join(".millstream.json")).unwrap();
    ground.whole_run(2, Append, &NEW);
    fs::remove_file(ground.live().join(".millstream.json")).unwrap();
    let mut other = ground.run(3, Append);
    other.target.schema =
        Arc::new(Schema::new(vec![ColumnType::Int64.field("id", true), ColumnType::Json.field("name", true)]));
    let error = other.prepare().unwrap_err();
    assert!(error.to_string().contains("column `name` is json in the stream and utf8"), "{error}");

    let lines = Ground::new(Format::Jsonl);
    fs::create_dir(lines.live()).unwrap();
    fs::write(lines.live().join("theirs.jsonl"), b"{\"id\":1}\n").unwrap();
    assert_eq!(code(lines.run(1, Append).prepare()), "table_mismatch");
}

#[test]
fn a_damaged_file_is_named_and_nothing_is_lost_by_it() {
    for format in BOTH {
        let ground = Ground::new(format);
        ground.whole_run(1, Append, &OLD);
        fs::write(ground.live().join(format!("part-x.{}", format.extension())), b"{\"id\":").unwrap();
        let run = ground.run(2, Merge);
        run.prepare().unwrap();
        run.take(0, 0, &NEW).unwrap();
        let error = run.finish().unwrap_err();
        assert!(error.to_string().contains("part-x"), "{error}");
        fs::remove_file(ground.live().join(format!("part-x.{}", format.extension()))).unwrap();
        run.finish().unwrap();
        assert_eq!(ground.seen(), owned(&[(1, "old"), (2, "new"), (3, "new")]));
    }
}

#[test]
fn rows_that_do_not_fit_the_target_are_refused_by_column_and_leave_nothing() {
    for format in BOTH {
        let ground = Ground::new(format);
        let mut run = ground.run(1, Append);
        run.target.schema = Arc::new(Schema::new(vec![ColumnType::Int64.field("id", false)]));
        run.prepare().unwrap();
        let nullable = Arc::new(Schema::new(vec![ColumnType::Int64.field("id", true)]));
        let rows = RecordBatch::try_new(nullable, vec![Arc::new(Int64Array::from(vec![Some(1), None]))]).unwrap();
        let error = run.take_batch(0, 0, rows).unwrap_err();
        assert!(error.to_string().contains("`id`"), "{error}");
        let other = Arc::new(Schema::new(vec![ColumnType::Int32.field("id", true)]));
        let error = run.take_batch(0, 0, RecordBatch::new_empty(other)).unwrap_err();
        assert!(error.to_string().contains("`id` is int64"), "{error}");
        let visible = fs::read_dir(ground.live())
            .unwrap()
            .filter(|entry| entry.as_ref().unwrap().file_name() != ".millstream.json");
        assert_eq!(visible.count(), 0);
    }
}

#[test]
fn a_root_that_cannot_be_a_folder_is_for_a_person_to_mend() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), b"").unwrap();
    let mut run = Ground::new(Format::Parquet).run(1, Append);
    run.layout.root = folder.path().join("file/below");
    assert_eq!(code(run.prepare()), "destination_access");
}
