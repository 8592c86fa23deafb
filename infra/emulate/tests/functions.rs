//! The Runtime and Invoke APIs, processes and schedules: nothing here needs AWS.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by it")]

mod http;
mod world;

use std::time::{Duration, Instant};

use emulate::{Error, Outcome, Runner, ScheduleClock};
use serde_json::{Value, json};
use world::{PATIENCE, World, alone};

async fn start(template: &Value) -> World {
    World::without_aws(template, |_| {}).await.unwrap()
}

fn reply(outcome: &Outcome) -> Value {
    match outcome {
        Outcome::Reply(reply) => serde_json::from_slice(reply).unwrap(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invocation_has_lambdas_headers_and_a_warm_process_takes_the_next() {
    let world = start(&alone()).await;
    let before = now();
    let headers = reply(&world.emulation.invoke("work", r#"{"do":"headers"}"#).await.unwrap());
    let text = |name: &str| headers[name].as_str().unwrap_or_default().to_owned();
    let function = world.emulation.stack().functions[0].clone();
    assert_eq!(text("lambda-runtime-invoked-function-arn"), function.arn);
    assert_eq!(text("lambda-runtime-aws-request-id").len(), 36);
    assert!(text("lambda-runtime-trace-id").starts_with("Root=1-"), "{headers}");
    let deadline: i64 = text("lambda-runtime-deadline-ms").parse().unwrap();
    assert!((before + 1_000..before + 1_000 + 5_000).contains(&deadline), "{deadline} after {before}");
    for name in ["work", "Work", function.name.as_str(), function.arn.as_str()] {
        assert_eq!(reply(&world.emulation.invoke(name, "{}").await.unwrap()), Value::Null, "{name}");
    }
    let counts = world.work();
    assert_eq!((counts.invocations, counts.replies, counts.processes), (5, 5, 1), "{counts:?}");
    let unknown = world.emulation.invoke("play", "{}").await.unwrap_err();
    assert_eq!(unknown.to_string(), "the template has no function `play`; it has `work`");
    world.emulation.stop().await;
}

/// Milliseconds of the machine's clock.
#[expect(clippy::disallowed_methods, reason = "what functions compare the deadline with")]
fn now() -> i64 {
    chrono::Utc::now().timestamp_millis()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_way_to_fail_has_its_outcome_and_the_next_invocation_works() {
    let cases = [
        ("report", "Asked"),
        ("hang", "Sandbox.Timedout"),
        ("crash", "Runtime.ExitError"),
        ("long", "Function.ResponseSizeTooLarge"),
    ];
    for (word, expected) in cases {
        let world = start(&alone()).await;
        let processes = world.processes();
        let began = Instant::now();
        let outcome = world.emulation.invoke("work", json!({ "do": word }).to_string()).await.unwrap();
        let error: Value = serde_json::from_slice(&outcome.body("1")).unwrap();
        assert_eq!(error["errorType"], expected, "{word}: {outcome:?}");
        assert!(began.elapsed() < Duration::from_secs(10), "{word}: {:?}", began.elapsed());
        assert_eq!(reply(&world.emulation.invoke("work", "{}").await.unwrap()), Value::Null, "{word}");
        processes.become_count(1).await;
        world.emulation.stop().await;
        processes.become_count(0).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_invoke_api_answers_as_lambdas() {
    let mut template = alone();
    template["Resources"]["Work"]["Properties"]["ReservedConcurrentExecutions"] = json!(1);
    let world = start(&template).await;
    let address = world.emulation.address();
    let path = "/2015-03-31/functions/work/invocations";
    let ask = async |path: &str, kind: &str, body: &str| http::post(&address, path, kind, body).await;
    let answer = ask(path, "RequestResponse", "{}").await;
    assert_eq!((answer.status, answer.body.as_str(), answer.header("x-amz-function-error")), (200, "null", ""));
    assert_eq!(answer.header("x-amz-executed-version"), "$LATEST");
    let answer = ask(path, "RequestResponse", r#"{"do":"report"}"#).await;
    assert_eq!((answer.status, answer.header("x-amz-function-error")), (200, "Unhandled"));
    assert!(answer.body.contains("it was asked to fail"), "{}", answer.body);
    let arn = world.emulation.stack().functions[0].arn.replace(':', "%3A");
    let by_arn = format!("/2015-03-31/functions/{arn}/invocations");
    assert_eq!(ask(&by_arn, "RequestResponse", "{}").await.status, 200);
    assert_eq!(ask(path, "DryRun", "{}").await.status, 204);
    assert_eq!(ask(path, "Event", r#"{"do":"sleep:300"}"#).await.status, 202);
    world.wait_for(r#"event {"do":"sleep:300"}"#).await;
    let answer = ask(path, "RequestResponse", "{}").await;
    assert_eq!((answer.status, answer.header("x-amzn-errortype")), (429, "TooManyRequestsException"));
    world.emulation.idle(PATIENCE).await.unwrap();
    let refused = [
        (path, "RequestResponse", "no json", 400, "InvalidRequestContentException"),
        (path, "Sometime", "{}", 400, "InvalidParameterValueException"),
        ("/2015-03-31/functions/play/invocations", "Event", "{}", 404, "ResourceNotFoundException"),
        ("/2015-03-31/functions", "Event", "{}", 404, "UnknownOperationException"),
        ("/_millstream/tick", "Event", r#"{"to":"2026-11-22T00:00:00Z"}"#, 409, "clock_real"),
        ("/_millstream/tick", "Event", "{}", 400, "InvalidRequestContentException"),
    ];
    for (path, kind, body, status, error) in refused {
        let answer = ask(path, kind, body).await;
        assert_eq!((answer.status, answer.header("x-amzn-errortype")), (status, error), "{path} {kind} {body}");
    }
    let long = format!("\"{}\"", "x".repeat(1024 * 1024));
    assert_eq!(ask(path, "Event", &long).await.status, 413);
    let status = http::get(&address, "/_millstream/status").await;
    let counts: Value = serde_json::from_str(&status.body).unwrap();
    assert_eq!(counts["functions"]["work"]["throttles"], 1, "{counts}");
    world.emulation.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_fails_is_repeated_and_then_dropped() {
    let mut template = alone();
    let world = World::without_aws(&template, |options| options.repeat_after = [Duration::from_millis(20); 2]);
    let world = world.await.unwrap();
    let path = "/2015-03-31/functions/work/invocations";
    http::post(&world.emulation.address(), path, "Event", r#"{"do":"report"}"#).await;
    world.emulation.idle(PATIENCE).await.unwrap();
    assert_eq!(world.work().errors, 3, "{:?}", world.work());
    let told = world.told.lock().unwrap().last().unwrap().to_string();
    assert!(told.contains("is dropped: it has failed 3 time(s)"), "{told}");
    world.emulation.stop().await;

    template["Resources"]["Never"] = json!({ "Type": "AWS::Lambda::EventInvokeConfig", "Properties": {
        "FunctionName": { "Ref": "Work" }, "Qualifier": "$LATEST", "MaximumRetryAttempts": 0,
    } });
    let world = start(&template).await;
    http::post(&world.emulation.address(), path, "Event", r#"{"do":"report"}"#).await;
    world.emulation.idle(PATIENCE).await.unwrap();
    assert_eq!(world.work().errors, 1, "{:?}", world.work());
    world.emulation.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tick_fires_a_schedule_once_with_the_moment_it_was_due() {
    let mut template = alone();
    template["Resources"]["EveryMinute"] = json!({ "Type": "AWS::Events::Rule", "Properties": {
        "ScheduleExpression": "cron(* * * * ? *)", "Targets": [{ "Id": "1", "Arn": { "Fn::GetAtt": "Work.Arn" } }],
    } });
    template["Resources"]["AtNoon"] = json!({ "Type": "AWS::Events::Rule", "Properties": {
        "ScheduleExpression": "cron(0 12 * * ? *)",
        "Targets": [{ "Id": "1", "Arn": { "Fn::GetAtt": "Work.Arn" }, "Input": "{\"noon\":true}" }],
    } });
    let moment = |text: &str| text.parse::<flow::Timestamp>().unwrap();
    let start = ScheduleClock::Manual(moment("2026-11-22T11:57:30Z"));
    let world = World::without_aws(&template, |options| options.schedule = start).await.unwrap();
    let tick = |to: &str| world.emulation.tick(moment(to)).unwrap();
    assert_eq!(tick("2026-11-22T11:57:59Z"), [""; 0]);
    assert_eq!(tick("2026-11-22T11:58:10Z"), ["EveryMinute"]);
    assert_eq!(tick("2026-11-22T11:58:59Z"), [""; 0]);
    world.emulation.idle(PATIENCE).await.unwrap();
    let log = world.log();
    assert_eq!(log.len(), 1, "{log:#?}");
    let event: Value = serde_json::from_str(log[0].strip_prefix("event ").unwrap()).unwrap();
    assert_eq!((&event["time"], &event["source"]), (&json!("2026-11-22T11:58:00Z"), &json!("aws.events")));
    let answer =
        http::post(&world.emulation.address(), "/_millstream/tick", "", r#"{"to":"2026-11-22T12:00:00Z"}"#).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, r#"{"fired":["AtNoon","EveryMinute"]}"#));
    world.emulation.idle(PATIENCE).await.unwrap();
    assert!(world.log().contains(&r#"event {"noon":true}"#.to_owned()), "{:#?}", world.log());
    assert_eq!(world.log().len(), 3, "a minute that was leapt over is not made up for");
    let back = world.emulation.tick(moment("2026-11-22T11:00:00Z"));
    assert!(matches!(back, Err(Error::ClockGoesBack { .. })), "{back:?}");
    world.emulation.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_machines_clock_fires_by_itself() {
    let mut template = alone();
    template["Resources"]["EveryMinute"] = json!({ "Type": "AWS::Events::Rule", "Properties": {
        "ScheduleExpression": "rate(1 minute)", "Targets": [{ "Id": "1", "Arn": { "Fn::GetAtt": "Work.Arn" } }],
    } });
    // A clock that is a minute on each time it is looked at.
    let world = World::without_aws(&template, |options| options.clock = std::sync::Arc::new(Hasty::default()));
    let world = world.await.unwrap();
    world.wait_for("event ").await;
    world.emulation.stop().await;
}

#[derive(Default)]
struct Hasty(std::sync::atomic::AtomicI64);

impl flow::Clock for Hasty {
    fn now(&self) -> flow::Timestamp {
        let minutes = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        flow::Timestamp::UNIX_EPOCH + chrono::TimeDelta::minutes(minutes)
    }
    fn uptime(&self) -> Duration {
        Duration::ZERO
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_start_says_why() {
    let init = async |how: &str| {
        let (template, how) = (alone(), how.to_owned());
        let change = |options: &mut emulate::Options| _ = options.environment.insert("TEST_INIT".to_owned(), how);
        World::without_aws(&template, change).await.map(drop).unwrap_err().to_string()
    };
    let exit = init("exit").await;
    assert!(exit.contains("`work` does not start: exit status: 3\n  no store is configured"), "{exit}");
    let report = init("report").await;
    assert!(report.contains(r#"it reported {"errorType":"Config"}"#), "{report}");
    let with = async |change: &dyn Fn(&mut emulate::Options)| {
        World::without_aws(&alone(), |options| change(options)).await.map(drop).unwrap_err()
    };
    let empty = tempfile::tempdir().unwrap();
    let missing = with(&|options| options.runner = Some(Runner::Bootstraps(empty.path().to_owned()))).await;
    assert!(matches!(missing, Error::NoBootstrap { .. }), "{missing}");
    std::fs::create_dir(empty.path().join("work")).unwrap();
    std::fs::write(empty.path().join("work/bootstrap"), "").unwrap();
    let plain = with(&|options| options.runner = Some(Runner::Bootstraps(empty.path().to_owned()))).await;
    assert!(matches!(plain, Error::NotExecutable { .. }), "{plain}");
    let nothing = with(&|options| options.runner = None).await;
    assert!(matches!(nothing, Error::NoRunner { .. }), "{nothing}");
    let named = with(&|options| _ = options.runners.insert("play".to_owned(), Runner::Watch(String::new()))).await;
    assert!(matches!(named, Error::UnknownFunction { .. }), "{named}");
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = taken.local_addr().unwrap().port();
    let refused = with(&|options| options.port = port).await;
    assert!(matches!(refused, Error::Port { .. }), "{refused}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_endpoint_that_is_not_there_is_named() {
    let started = World::with(&world::queued(), "http://127.0.0.1:9", |_| {}).await;
    let error = started.map(drop).unwrap_err();
    assert!(error.to_string().contains("on http://127.0.0.1:9"), "{error}");
    assert_eq!(error.code(), "endpoint_unavailable");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_function_may_be_run_by_something_that_answers_the_invoke_api() {
    let watch = start(&alone()).await;
    let address = watch.emulation.address();
    let files = tempfile::tempdir().unwrap();
    let (template, folder) = (alone(), files.path().to_owned());
    let world = World::without_aws(&template, |options| {
        options.runner = Some(Runner::Watch(address));
        options.environment_files = Some(folder);
    });
    let world = world.await.unwrap();
    assert_eq!(reply(&world.emulation.invoke("work", "{}").await.unwrap()), Value::Null);
    let failed = world.emulation.invoke("work", r#"{"do":"report"}"#).await.unwrap();
    assert!(matches!(&failed, Outcome::Error(_)), "{failed:?}");
    let variables = std::fs::read_to_string(files.path().join("work.env")).unwrap();
    assert!(variables.contains("AWS_ENDPOINT_URL=http://127.0.0.1:9\n"), "{variables}");
    assert!(!variables.contains("AWS_LAMBDA_") && !variables.contains("PATH="), "{variables}");
    watch.emulation.stop().await;
    let gone = world.emulation.invoke("work", "{}").await.unwrap();
    assert!(matches!(&gone, Outcome::Crashed { how } if how.contains("does not answer")), "{gone:?}");
    world.emulation.stop().await;
}
