//! What Lambda's event source mappings promise, on an emulator of SQS.

mod world;

use serde_json::json;
use world::{World, queued};

/// How often a message was begun.
fn begun(log: &[String], message: &str) -> usize {
    log.iter().filter(|line| line.starts_with(&format!("begin {message} "))).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs AWS: MILLSTREAM_TEST_AWS"]
async fn what_failed_comes_again_and_the_rest_is_removed() {
    let world = World::start(&queued()).await;
    world.settle(&[("1", "ok a"), ("2", "fail-until:2 b"), ("3", "ok c")]).await;
    let log = world.log();
    assert_eq!(["1 ok a", "2 fail-until:2 b", "3 ok c"].map(|message| begun(&log, message)), [1, 2, 1], "{log:#?}");
    assert!(log.contains(&"begin 2 fail-until:2 b 2".to_owned()), "{log:#?}");
    let counts = world.mapping();
    assert_eq!((counts.done, counts.failed, counts.failed_batches), (3, 1, 0), "{counts:?}");
    assert_eq!(world.bodies("Dead").await, [""; 0]);
    world.emulation.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs AWS: MILLSTREAM_TEST_AWS"]
async fn poison_is_received_as_often_as_the_queue_says_and_ends_in_the_dead_letters() {
    let world = World::start(&queued()).await;
    world.settle(&[("1", "fail poison"), ("2", "ok")]).await;
    let log = world.log();
    assert_eq!(begun(&log, "1 fail poison"), 3, "{log:#?}");
    assert_eq!(world.bodies("Dead").await, ["fail poison"]);
    world.emulation.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs AWS: MILLSTREAM_TEST_AWS"]
async fn a_group_is_worked_on_in_order_while_others_are_at_its_side() {
    let mut template = queued();
    template["Resources"]["Mapping"]["Properties"]["BatchSize"] = json!(2);
    template["Resources"]["Mapping"]["Properties"]["ScalingConfig"] = json!({ "MaximumConcurrency": 4 });
    let world = World::start(&template).await;
    let groups = ["a", "b", "c", "d", "e", "f"];
    let bodies = ["sleep:60 1", "sleep:60 2", "sleep:60 3", "sleep:60 4"];
    let messages: Vec<(&str, &str)> = groups.iter().flat_map(|group| bodies.map(|body| (*group, body))).collect();
    world.settle(&messages).await;
    let log = world.log();
    for group in groups {
        let of_group = log.iter().filter(|line| line.split(' ').nth(1) == Some(group));
        let expected: Vec<String> =
            bodies.iter().flat_map(|body| ["begin", "done"].map(|what| format!("{what} {group} {body} 1"))).collect();
        assert!(of_group.eq(&expected), "{group}: {log:#?}");
    }
    let counts = world.mapping();
    assert!((2..=4).contains(&counts.most_in_flight), "{counts:?}");
    world.emulation.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs AWS: MILLSTREAM_TEST_AWS"]
async fn a_reply_that_cannot_be_understood_fails_the_whole_batch() {
    for word in ["malformed-until:2", "unknown-until:2", "report-until:2"] {
        let world = World::start(&queued()).await;
        let second = format!("{word} b");
        world.settle(&[("1", "ok a"), ("1", &second)]).await;
        let log = world.log();
        assert_eq!([begun(&log, "1 ok a"), begun(&log, &format!("1 {second}"))], [2, 2], "{word}: {log:#?}");
        assert_eq!(world.mapping().failed_batches, 1, "{word}");
        assert_eq!(world.bodies("Dead").await, [""; 0], "{word}");
        world.emulation.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs AWS: MILLSTREAM_TEST_AWS"]
async fn what_takes_too_long_is_killed_and_comes_again() {
    let world = World::start(&queued()).await;
    let processes = world.processes();
    world.settle(&[("1", "hang-until:2")]).await;
    let counts = world.work();
    assert_eq!((counts.timeouts, counts.replies, counts.processes), (1, 1, 2), "{counts:?}");
    assert_eq!(world.log(), ["begin 1 hang-until:2 1", "begin 1 hang-until:2 2", "done 1 hang-until:2 2"]);
    processes.become_count(1).await;
    world.emulation.stop().await;
    processes.become_count(0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs AWS: MILLSTREAM_TEST_AWS"]
async fn a_process_that_crashes_is_replaced_and_its_batch_comes_again() {
    let world = World::start(&queued()).await;
    world.settle(&[("1", "ok a"), ("1", "crash-until:2")]).await;
    let counts = world.work();
    assert_eq!((counts.crashes, counts.replies, counts.processes), (1, 1, 2), "{counts:?}");
    assert_eq!(begun(&world.log(), "1 ok a"), 2, "{:#?}", world.log());
    let told = world.told.lock().unwrap().iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    assert!(told.contains("exit status: 7") && told.contains("work | it was asked to crash"), "{told}");
    world.emulation.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs AWS: MILLSTREAM_TEST_AWS"]
async fn no_more_are_at_work_than_the_template_allows() {
    for (property, resource) in [("ScalingConfig", "Mapping"), ("ReservedConcurrentExecutions", "Work")] {
        let mut template = queued();
        let limit = if resource == "Work" { json!(2) } else { json!({ "MaximumConcurrency": 2 }) };
        template["Resources"][resource]["Properties"][property] = limit;
        template["Resources"]["Mapping"]["Properties"]["BatchSize"] = json!(1);
        let world = World::start(&template).await;
        let groups: Vec<String> = (0..8).map(|group| group.to_string()).collect();
        let messages: Vec<(&str, &str)> = groups.iter().map(|group| (group.as_str(), "sleep:150")).collect();
        world.settle(&messages).await;
        let (mapping, work) = (world.mapping(), world.work());
        assert_eq!((mapping.done, mapping.most_in_flight, work.most_in_flight), (8, 2, 2), "{property}: {mapping:?}");
        assert_eq!((work.processes, work.throttles), (2, 0), "{property}: {work:?}");
        world.emulation.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs AWS: MILLSTREAM_TEST_AWS"]
async fn a_standard_queue_is_gathered_for_its_window() {
    let mut template = queued();
    for queue in ["Queue", "Dead"] {
        let properties = template["Resources"][queue]["Properties"].as_object_mut().unwrap();
        properties.retain(|name, _| name != "FifoQueue" && name != "ContentBasedDeduplication");
    }
    let mapping = &mut template["Resources"]["Mapping"]["Properties"];
    mapping["BatchSize"] = json!(100);
    mapping["MaximumBatchingWindowInSeconds"] = json!(3);
    template["Resources"]["Queue"]["Properties"]["VisibilityTimeout"] = json!(10);
    let world = World::start(&template).await;
    for number in 0..15 {
        world.send_plain(&format!("ok {number}")).await;
    }
    world.emulation.idle(world::PATIENCE).await.unwrap();
    let counts = world.mapping();
    assert_eq!((counts.messages, counts.done), (15, 15), "{counts:?}");
    assert!(counts.batches <= 2, "gathered, not one by one: {counts:?}");
    world.emulation.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs AWS: MILLSTREAM_TEST_AWS"]
async fn stopping_lets_what_is_at_work_end_and_takes_nothing_more() {
    let mut template = queued();
    template["Resources"]["Mapping"]["Properties"]["BatchSize"] = json!(1);
    template["Resources"]["Mapping"]["Properties"]["ScalingConfig"] = json!({ "MaximumConcurrency": 2 });
    let world = World::start(&template).await;
    let processes = world.processes();
    world.send(&[("1", "sleep:700 a"), ("1", "ok b")]).await;
    world.wait_for("begin 1 sleep:700 a").await;
    let url = world.emulation.queue_url("Queue").unwrap().to_owned();
    let clients = world.clients.clone();
    let counts = world.emulation.stop().await;
    assert_eq!((counts.mappings["Mapping"].done, counts.functions["work"].replies), (1, 1), "{counts:?}");
    processes.become_count(0).await;
    assert_eq!(clients.bodies(&url).await, ["ok b"], "what was not begun can be received at once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs AWS: MILLSTREAM_TEST_AWS"]
async fn a_second_start_takes_up_what_the_first_left() {
    let mut template = queued();
    template["Resources"]["Stage"] = json!({ "Type": "AWS::S3::Bucket" });
    let first = World::start(&template).await;
    let stack = first.emulation.stack().functions[0].name.trim_end_matches("-Work").to_owned();
    first.settle(&[("1", "ok a")]).await;
    first.emulation.stop().await;
    let mut changed = template.clone();
    changed["Resources"]["Queue"]["Properties"]["VisibilityTimeout"] = json!(5);
    let second = World::with(&changed, &world::aws(), |options| options.place.stack = stack).await.unwrap();
    second.settle(&[("1", "ok b")]).await;
    assert_eq!(second.mapping().done, 1);
    second.emulation.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs AWS: MILLSTREAM_TEST_AWS"]
async fn a_bucket_is_there_and_functions_are_told_of_all_addresses() {
    let mut template = queued();
    template["Resources"]["Stage"] = json!({ "Type": "AWS::S3::Bucket" });
    template["Resources"]["Work"]["Properties"]["Environment"] = json!({ "Variables": {
        "QUEUE": { "Ref": "Queue" }, "STAGE": { "Ref": "Stage" },
    } });
    let world = World::start(&template).await;
    let outcome = world.emulation.invoke("work", r#"{"do":"environment"}"#).await.unwrap();
    let emulate::Outcome::Reply(reply) = outcome else { panic!("{outcome:?}") };
    let environment: serde_json::Value = serde_json::from_slice(&reply).unwrap();
    let bucket = &world.emulation.stack().buckets[0].name;
    assert_eq!(environment["QUEUE"], world.emulation.queue_url("Queue").unwrap());
    assert_eq!(environment["STAGE"], bucket.as_str());
    assert_eq!(environment["AWS_ENDPOINT_URL"], world::aws());
    assert_eq!(environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"], "256");
    assert!(environment.get("MILLSTREAM_TEST_AWS").is_none(), "nothing of ours reaches a function");
    world.clients.put_object(bucket).await;
    world.emulation.stop().await;
}
