//! The disk fills up under the binary: a clear error, and once there is room the run goes on as if
//! nothing had been. The small disks are file systems in memory, seen by the command alone.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by the one and tells by the other"
)]

mod binary;

use std::fmt::Write;
use std::process::{Command, Stdio};

use binary::{Ended, FILES, Place};

const ROWS: u64 = 20_000;

/// Mounts a small disk, runs, makes room, runs again; says how both runs ended.
const SCRIPT: &str = r#"
mount -t tmpfs -o size="$1"k none disk || exit 99
timeout 60 "$2" run "$3" --home "$4"; echo "full $?"
mount -o remount,size=64m disk
timeout 60 "$2" run "$3" --home "$4"; echo "room $?"
[ ! -e disk/out.db ] || cp disk/out.db out.db
"#;

#[test]
#[ignore = "needs mount namespaces (unshare)"]
fn a_home_that_is_full_at_any_moment_is_said_and_the_run_goes_on() {
    for size in (100..=1900).step_by(200) {
        let place = place("out.db");
        let ended = run_on_disk(&place, size, "disk/home");
        check(&place, &ended, size, &["stage_full", "store_full", "queue_full", "store_open", "queue_open"]);
    }
}

#[test]
#[ignore = "needs mount namespaces (unshare)"]
fn a_destination_that_is_full_is_said_and_the_run_goes_on() {
    for size in [40, 200, 600] {
        let place = place("disk/out.db");
        let ended = run_on_disk(&place, size, "home");
        check(&place, &ended, size, &["disk_full"]);
    }
}

fn place(database: &str) -> Place {
    let place = Place::new();
    let mut text = "id,name\n".to_owned();
    (1..=ROWS).for_each(|id| writeln!(text, "{id},a name of some length for row {id}").unwrap());
    place.write("numbers.csv", text);
    let head = FILES.replace("out.db", database);
    place.write(
        "spec.yaml",
        format!("{head}streams: [{{ name: numbers, path: numbers.csv, batch: {{ rows: 2000 }} }}]\n"),
    );
    std::fs::create_dir(place.path("disk")).unwrap();
    place
}

fn run_on_disk(place: &Place, size: u32, home: &str) -> Ended {
    let output = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "sh", "-c", SCRIPT, "sh"])
        .args([&size.to_string(), env!("CARGO_BIN_EXE_millstream"), "spec.yaml", home])
        .current_dir(place.path(""))
        .env_remove("MILLSTREAM_HOME")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    Ended {
        status: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

fn check(place: &Place, ended: &Ended, size: u32, codes: &[&str]) {
    let said = ended.said();
    assert_ne!(ended.status, Some(99), "no small disk could be mounted: {said}");
    assert!(ended.stdout.contains("room 0"), "{size} KiB, with room again: {said}");
    let was_full = !ended.stdout.contains("full 0");
    if was_full {
        assert!(ended.stdout.contains("full 2"), "{size} KiB: {said}");
        let code = codes.iter().find(|code| ended.stderr.contains(&format!("[{code}]")));
        println!("{size} KiB: {}", code.unwrap_or_else(|| panic!("{size} KiB: {said}")));
    }
    let rows = place.rows("out.db", "SELECT count(*) || ' ' || count(DISTINCT id) || ' ' || sum(id) FROM numbers");
    // A run that had room appends all rows, and so does the next.
    let times = if was_full { 1 } else { 2 };
    let expected = format!("{} {ROWS} {}", times * ROWS, times * ROWS * (ROWS + 1) / 2);
    assert_eq!(rows, [expected], "{size} KiB: {said}");
}
