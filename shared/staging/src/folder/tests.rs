use std::fs;
use std::io::{Error as IoError, ErrorKind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use flow::Fault;

use super::*;
use crate::conformance;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keeps_the_contract() {
    let home = tempfile::tempdir().unwrap();
    let made = AtomicUsize::new(0);
    conformance::run(async || {
        let path = home.path().join(format!("stages/{}", made.fetch_add(1, Ordering::Relaxed)));
        Arc::new(Folder::open(&path).await.unwrap()) as Arc<dyn Staging>
    })
    .await;
}

#[tokio::test]
async fn objects_survive_reopening_and_are_plain_files() {
    let home = tempfile::tempdir().unwrap();
    let first = Folder::open(home.path()).await.unwrap();
    first.put("runs/1/a.arrow", Bytes::from_static(b"rows")).await.unwrap();
    drop(first);
    assert_eq!(fs::read(home.path().join("runs/1/a.arrow")).unwrap(), b"rows");
    let second = Folder::open(home.path()).await.unwrap();
    assert_eq!(second.get("runs/1/a.arrow").await.unwrap(), "rows");
}

#[tokio::test]
async fn what_a_killed_process_left_is_not_listed_and_goes_on_opening() {
    let home = tempfile::tempdir().unwrap();
    let stage = Folder::open(home.path()).await.unwrap();
    stage.put("runs/1/a", Bytes::from_static(b"a")).await.unwrap();
    let left = home.path().join("runs/1/.unfinished-1-7");
    let living = home.path().join("runs/1/.unfinished-1-8");
    fs::write(&left, "half").unwrap();
    let writer = fs::File::create(&living).unwrap();
    writer.lock().unwrap();
    assert_eq!(stage.list("").await.unwrap().len(), 1);
    let stage = Folder::open(home.path()).await.unwrap();
    assert!(!left.exists());
    assert!(living.exists(), "its writer lives");
    assert_eq!(stage.list("").await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_write_leaves_nothing_beside_its_object() {
    let home = tempfile::tempdir().unwrap();
    let stage = Folder::open(home.path()).await.unwrap();
    stage.put("a/b", Bytes::from_static(b"1")).await.unwrap();
    // A folder stands where the object would go.
    let refused = stage.put("a", Bytes::from_static(b"2")).await;
    assert!(matches!(refused, Err(Error::Io { doing: "write", .. })), "{refused:?}");
    let names: Vec<_> = fs::read_dir(home.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["a"]);
    assert!(matches!(stage.get("a").await, Err(Error::NotFound { .. })));
    assert!(matches!(stage.get("a/b/c").await, Err(Error::NotFound { .. })));
    stage.delete("a").await.unwrap();
    stage.delete("a/b/c").await.unwrap();
    assert_eq!(stage.get("a/b").await.unwrap(), "1");
}

#[tokio::test]
async fn deleting_the_last_object_removes_its_folders() {
    let home = tempfile::tempdir().unwrap();
    let stage = Folder::open(home.path()).await.unwrap();
    for key in ["runs/1/a", "runs/1/b", "runs/2/a"] {
        stage.put(key, Bytes::new()).await.unwrap();
    }
    stage.delete("runs/1/a").await.unwrap();
    assert!(home.path().join("runs/1").exists());
    stage.delete("runs/1/b").await.unwrap();
    assert!(!home.path().join("runs/1").exists());
    stage.delete("runs/2/a").await.unwrap();
    assert!(!home.path().join("runs").exists());
    assert!(home.path().exists());
    stage.put("runs/1/a", Bytes::new()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writes_and_deletes_in_one_folder_do_not_disturb_each_other() {
    let home = tempfile::tempdir().unwrap();
    let one = Arc::new(Folder::open(home.path()).await.unwrap());
    let other = Arc::new(Folder::open(home.path()).await.unwrap());
    let tasks: Vec<_> = [one, other]
        .into_iter()
        .enumerate()
        .map(|(number, stage)| {
            tokio::spawn(async move {
                let key = format!("deep/er/{number}");
                for _ in 0..100 {
                    stage.put(&key, Bytes::from_static(b"x")).await.unwrap();
                    assert_eq!(stage.get(&key).await.unwrap(), "x");
                    stage.delete(&key).await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
}

#[test]
fn a_full_disk_and_a_used_up_quota_say_so() {
    for kind in [ErrorKind::StorageFull, ErrorKind::QuotaExceeded] {
        let error = blocking::failed("write", "runs/1/a")(IoError::from(kind));
        assert!(matches!(&error, Error::Full { key, .. } if key == "runs/1/a"), "{error:?}");
        assert_eq!(Fault::from(error).code, "stage_full");
    }
    let error = blocking::failed("write", "a")(IoError::from(ErrorKind::PermissionDenied));
    assert_eq!(Fault::from(error).code, "stage_io");
}

#[tokio::test]
async fn a_stage_that_cannot_be_made_is_an_error() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("file");
    fs::write(&file, "").unwrap();
    let refused = Folder::open(&file.join("stage")).await.map(drop);
    assert!(matches!(refused, Err(Error::Io { doing: "open", .. })), "{refused:?}");
}

#[tokio::test]
async fn an_object_is_a_file_whose_path_is_told() {
    let home = tempfile::tempdir().unwrap();
    let stage = Folder::open(home.path()).await.unwrap();
    stage.put("a/b", Bytes::from_static(b"rows")).await.unwrap();
    assert_eq!(fs::read(stage.local_path("a/b").unwrap()).unwrap(), b"rows");
    assert_eq!(stage.local_path("../secret"), None);
    assert_eq!(crate::Memory::new().local_path("a/b"), None);
}

#[tokio::test]
async fn what_takes_the_place_of_an_object_is_another_file() {
    use std::io::Read;
    let home = tempfile::tempdir().unwrap();
    let stage = Folder::open(home.path()).await.unwrap();
    stage.put("a", Bytes::from_static(b"first")).await.unwrap();
    let mut held = fs::File::open(stage.local_path("a").unwrap()).unwrap();
    stage.put("a", Bytes::from_static(b"other")).await.unwrap();
    let mut read = String::new();
    held.read_to_string(&mut read).unwrap();
    assert_eq!(read, "first");
}
