//! One bad row among good ones: stopped, found, set aside, and the next batch unharmed. What guests
//! of every world may do wrong is written once, and each world's tests run it: [`in_every_world`].
#![allow(dead_code, reason = "no test uses all of it")]
#![allow(clippy::unwrap_used, reason = "a test fails by it")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Int64Array, RecordBatch};
use arrow_schema::{Schema, SchemaRef};
use batch::ColumnType;
use flow::{StreamName, SyncName, Timestamp};
use sandbox::{Context, Error, Guest, Limits, Sandbox, isolate};
use sandbox_compiler::Prepared;
use serde_json::json;

/// The number that brings a guest's misbehaviour out.
pub(crate) const BAD: i64 = -1;

/// The hostile guest of one world.
pub(crate) struct Hostile(pub(crate) &'static Prepared);

pub(crate) fn schema() -> SchemaRef {
    Arc::new(Schema::new(vec![ColumnType::Int64.field("number", false)]))
}

pub(crate) fn rows(numbers: Vec<i64>) -> RecordBatch {
    RecordBatch::try_new(schema(), vec![Arc::new(Int64Array::from(numbers))]).unwrap()
}

pub(crate) fn limits() -> Limits {
    Limits { time: Duration::from_millis(700), ..Limits::default() }
}

pub(crate) fn doubled(batch: &RecordBatch) -> Vec<i64> {
    batch.column(1).as_primitive::<Int64Type>().values().to_vec()
}

#[cfg(target_os = "linux")]
pub(crate) fn resident() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    statm.split(' ').nth(1).unwrap().parse::<u64>().unwrap() * 4096
}

/// The tests of what guests of every world may do wrong, for the hostile guest of one.
macro_rules! in_every_world {
    ($hostile:expr) => {
        crate::contained::in_every_world!($hostile =>
            a_loop_is_stopped_by_its_time,
            a_memory_bomb_is_stopped_at_its_limit,
            endless_recursion_runs_out_of_stack,
            a_trap_ends_the_instance_only,
            the_message_of_a_panic_reaches_its_author_and_no_log,
            a_guest_that_gives_up_says_why,
            giant_output_is_stopped_at_its_limit,
            a_guest_that_cannot_be_opened_is_refused_before_any_row,
            a_module_that_fails_on_everything_is_stopped_instead_of_its_rows,
            the_hosts_memory_is_back_after_bombs,
        );
    };
    ($hostile:expr => $($name:ident),+ $(,)?) => {
        $(
            #[test]
            fn $name() {
                crate::contained::$name(&$hostile);
            }
        )+
    };
}
pub(crate) use in_every_world;

pub(crate) fn a_loop_is_stopped_by_its_time(hostile: &Hostile) {
    let error = hostile.is_contained("loop", "module_time");
    assert!(error.to_string().contains("700ms"), "{error}");
}

pub(crate) fn a_memory_bomb_is_stopped_at_its_limit(hostile: &Hostile) {
    let error = hostile.is_contained("memory", "module_memory");
    assert!(error.to_string().contains("its limit is 67108864"), "{error}");
}

pub(crate) fn endless_recursion_runs_out_of_stack(hostile: &Hostile) {
    hostile.is_contained("stack", "module_stack");
}

pub(crate) fn a_trap_ends_the_instance_only(hostile: &Hostile) {
    hostile.is_contained("trap", "module_trap");
}

pub(crate) fn the_message_of_a_panic_reaches_its_author_and_no_log(hostile: &Hostile) {
    let error = hostile.is_contained("panic", "module_trap");
    assert!(error.reason().contains("row 1 is not to my liking"), "{}", error.reason());
    assert!(!flow::fault::chain(&error).contains("liking"));
}

pub(crate) fn a_guest_that_gives_up_says_why(hostile: &Hostile) {
    let error = hostile.is_contained("give_up", "module_gave_up");
    assert!(error.reason().contains("no more of this"));
}

pub(crate) fn giant_output_is_stopped_at_its_limit(hostile: &Hostile) {
    for behaviour in ["giant", "giant_rejects"] {
        hostile.is_contained(behaviour, "module_output_bytes");
    }
}

pub(crate) fn a_guest_that_cannot_be_opened_is_refused_before_any_row(hostile: &Hostile) {
    let cases = [
        ("open_loop", "module_time"),
        ("open_panic", "module_trap"),
        ("open_refuse", "module_refused"),
        ("plan_type", "module_plan"),
        ("plan_needs", "module_plan"),
    ];
    for (behaviour, code) in cases {
        hostile.is_refused(behaviour, code);
    }
}

pub(crate) fn a_module_that_fails_on_everything_is_stopped_instead_of_its_rows(hostile: &Hostile) {
    let mut guest = hostile.open("trap");
    let error = isolate(&mut guest, &rows(vec![BAD; 10])).unwrap_err();
    assert_eq!(error.code(), "module_fails_everywhere");
    assert_eq!(guest.apply(&rows(vec![1])).unwrap().rows.num_rows(), 1);
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn the_hosts_memory_is_back_after_bombs(_: &Hostile) {}

#[cfg(target_os = "linux")]
pub(crate) fn the_hosts_memory_is_back_after_bombs(hostile: &Hostile) {
    let mut memory = hostile.open("memory");
    let mut giant = hostile.open("giant");
    let bomb = rows(vec![BAD]);
    assert!(memory.apply(&bomb).is_err() && giant.apply(&bomb).is_err());
    let before = resident();
    for _ in 0..10 {
        assert!(memory.apply(&bomb).is_err() && giant.apply(&bomb).is_err());
    }
    // Other tests run beside this one and hold a few instances.
    let grown = resident().saturating_sub(before);
    assert!(grown < 400 << 20, "{grown} bytes more after 20 bombs");
}

impl Hostile {
    pub(crate) fn try_open(&self, behaviour: &str, limits: Limits) -> Result<Guest, Error> {
        let context = Context {
            sync: SyncName::new("test").unwrap(),
            stream: StreamName::new("numbers").unwrap(),
            run_clock: Timestamp::UNIX_EPOCH,
        };
        let sandbox = Sandbox::new(limits).unwrap();
        let module = sandbox.load(&self.0.artifact, &self.0.artifact_digest, &self.0.digest).unwrap();
        module.open(&schema(), &json!(behaviour), &context)
    }

    pub(crate) fn open(&self, behaviour: &str) -> Guest {
        self.try_open(behaviour, limits()).unwrap()
    }

    /// The call fails with `code`, the next batch goes through, and the row is found and set aside.
    #[track_caller]
    pub(crate) fn is_contained(&self, behaviour: &str, code: &str) -> Error {
        let mut guest = self.open(behaviour);
        let started = Instant::now();
        let error = guest.apply(&rows(vec![1, BAD, 3])).unwrap_err();
        assert_eq!(error.code(), code, "{behaviour}: {error:?}");
        assert!(started.elapsed() < Duration::from_secs(5), "{behaviour} was stopped late");

        let next = guest.apply(&rows(vec![4, 5])).unwrap();
        assert_eq!(doubled(&next.rows), [8, 10], "{behaviour}");

        let isolated = isolate(&mut guest, &rows(vec![1, 2, BAD, 4, 5])).unwrap();
        assert_eq!(isolated.offending, [2], "{behaviour}");
        assert_eq!(doubled(&isolated.output.rows), [2, 4, 8, 10], "{behaviour}");
        assert_eq!(isolated.output.source_rows.values().to_vec(), [0, 1, 3, 4], "{behaviour}");
        let reject = &isolated.output.rejects[0];
        assert_eq!((reject.row, reject.code.as_str()), (2, code), "{behaviour}");
        error
    }

    /// `open` fails with `code` and no row is blamed.
    #[track_caller]
    pub(crate) fn is_refused(&self, behaviour: &str, code: &str) {
        let error = self.try_open(behaviour, limits()).unwrap_err();
        assert_eq!(error.code(), code, "{behaviour}: {error:?}");
        assert!(!error.may_be_the_rows(), "{behaviour}");
    }
}
