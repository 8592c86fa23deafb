//! What makes functions run: mappings from queues, rules with schedules, and how often a call that
//! nobody waits for is repeated.

use calendar::ScheduleExpression;
use serde_json::{Map, Value};

use super::document::text;
use super::physical::{Named, Physical};
use super::properties::Properties;
use super::resources::{MAPPING, RULE, seconds};
use super::stack::{Function, Mapping, PassedOver, Queue, Rule, Stack, Target};
use crate::Error;

const MOST_OF_FIFO: usize = 10;
const MOST_OF_STANDARD: usize = 10_000;

/// How asynchronous invocations of a function are repeated.
pub(super) fn asynchronous(stack: &mut Stack, properties: &Properties<'_>) -> Result<(), Error> {
    properties.only(
        &["DestinationConfig", "FunctionName", "MaximumEventAgeInSeconds", "MaximumRetryAttempts"],
        &["Qualifier"],
    )?;
    if properties.value("DestinationConfig")?.is_some_and(|destinations| destinations != Value::Object(Map::new())) {
        return Err(properties.refuse("DestinationConfig", "is not emulated"));
    }
    let id = function_named(stack, properties, "FunctionName", &properties.required("FunctionName")?)?;
    let (repeats, age) = (properties.number("MaximumRetryAttempts")?, properties.number("MaximumEventAgeInSeconds")?);
    if let Some(function) = stack.functions.iter_mut().find(|function| function.id == id) {
        function.repeats = repeats.unwrap_or(function.repeats);
        function.longest_wait = age.map_or(function.longest_wait, seconds);
    }
    Ok(())
}

/// Reads an event source mapping.
pub(super) fn mapping(
    stack: &mut Stack,
    id: &str,
    properties: &Properties<'_>,
    physical: &Physical,
) -> Result<(), Error> {
    properties.only(
        &[
            "BatchSize",
            "Enabled",
            "EventSourceArn",
            "FunctionName",
            "FunctionResponseTypes",
            "MaximumBatchingWindowInSeconds",
            "ScalingConfig",
        ],
        &["KmsKeyArn", "MetricsConfig", "Tags"],
    )?;
    if properties.flag("Enabled")? == Some(false) {
        let why = "it is switched off".to_owned();
        stack.passed_over.push(PassedOver { resource: id.to_owned(), kind: MAPPING.to_owned(), why });
        return Ok(());
    }
    let queue_arn = properties.required("EventSourceArn")?;
    let arn_of = |queue: &Queue| physical.get(&queue.id)?.attributes.get("Arn").cloned();
    let queue = stack.queues.iter().find(|queue| arn_of(queue).as_ref() == Some(&queue_arn));
    let queue = queue.ok_or_else(|| properties.refuse("EventSourceArn", "is no queue of the template"))?;
    let function = function_named(stack, properties, "FunctionName", &properties.required("FunctionName")?)?;
    let responses = properties.value("FunctionResponseTypes")?;
    let mapping = Mapping {
        id: id.to_owned(),
        queue: queue.id.clone(),
        queue_url: physical.get(&queue.id).map(|named| named.reference.clone()).unwrap_or_default(),
        queue_arn,
        is_fifo: queue.is_fifo,
        function,
        batch_size: properties.number("BatchSize")?.unwrap_or(10) as usize,
        window: seconds(properties.number("MaximumBatchingWindowInSeconds")?.unwrap_or(0)),
        reports_failures: responses.is_some_and(|responses| text(&responses).contains("ReportBatchItemFailures")),
        concurrency: whole(properties, "ScalingConfig", "MaximumConcurrency")?,
    };
    refuse_as_aws_does(&mapping, queue, stack, properties)?;
    stack.mappings.push(mapping);
    Ok(())
}

/// What AWS would not create.
fn refuse_as_aws_does(
    mapping: &Mapping,
    queue: &Queue,
    stack: &Stack,
    properties: &Properties<'_>,
) -> Result<(), Error> {
    let most = if mapping.is_fifo { MOST_OF_FIFO } else { MOST_OF_STANDARD };
    if !(1..=most).contains(&mapping.batch_size) {
        return Err(properties.refuse("BatchSize", format!("expected 1 to {most} for such a queue")));
    }
    if mapping.is_fifo && !mapping.window.is_zero() {
        return Err(properties.refuse("MaximumBatchingWindowInSeconds", "FIFO queues have no window"));
    }
    if mapping.batch_size > MOST_OF_FIFO && mapping.window.is_zero() {
        return Err(properties.refuse("BatchSize", "more than 10 need `MaximumBatchingWindowInSeconds` of at least 1"));
    }
    let timeout = stack.function(&mapping.function).map(|function| function.timeout).unwrap_or_default();
    if queue.visibility < timeout {
        let (hidden, queue, timeout) = (queue.visibility.as_secs(), &queue.id, timeout.as_secs());
        let why = format!(
            "queue `{queue}` hides messages for {hidden} s, less than the function's timeout of {timeout} s: \
             raise its `VisibilityTimeout`"
        );
        return Err(properties.refuse("EventSourceArn", why));
    }
    Ok(())
}

/// Reads a rule of EventBridge.
pub(super) fn rule(stack: &mut Stack, properties: &Properties<'_>, (id, named): (&str, &Named)) -> Result<(), Error> {
    properties.only(
        &["ScheduleExpression", "State", "Targets"],
        &["Description", "EventBusName", "Name", "RoleArn", "Tags"],
    )?;
    if properties.text("State")?.is_some_and(|state| state == "DISABLED") {
        let why = "it is switched off".to_owned();
        stack.passed_over.push(PassedOver { resource: id.to_owned(), kind: RULE.to_owned(), why });
        return Ok(());
    }
    let written = properties.required("ScheduleExpression")?;
    let expression = ScheduleExpression::parse(&written);
    let expression = expression.map_err(|wrong| properties.refuse("ScheduleExpression", wrong))?;
    let targets = properties.value("Targets")?;
    let targets = targets.as_ref().and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let targets = targets.iter().map(|one| target(stack, properties, one)).collect::<Result<_, _>>()?;
    let arn = named.attributes.get("Arn").cloned().unwrap_or_default();
    stack.rules.push(Rule { id: id.to_owned(), arn, expression, written, targets });
    Ok(())
}

fn target(stack: &Stack, properties: &Properties<'_>, written: &Value) -> Result<Target, Error> {
    let empty = Map::new();
    let fields = written.as_object().unwrap_or(&empty);
    let known = ["Arn", "Id", "Input", "RetryPolicy", "RoleArn", "DeadLetterConfig"];
    if let Some(unknown) = fields.keys().find(|name| !known.contains(&name.as_str())) {
        return Err(properties.refuse("Targets", format!("`{unknown}` is not emulated")));
    }
    let arn = fields.get("Arn").map(text).unwrap_or_default();
    let input = fields.get("Input").map(text).map(|input| serde_json::from_str(&input));
    let input = input.transpose().map_err(|_| properties.refuse("Targets", "`Input` is no JSON"))?;
    Ok(Target { function: function_named(stack, properties, "Targets", &arn)?, input })
}

/// The logical id of the function that a name or ARN, with or without qualifier, means.
fn function_named(stack: &Stack, properties: &Properties<'_>, at: &str, name: &str) -> Result<String, Error> {
    let is_meant = |function: &&Function| {
        let qualified =
            |whole: &str| name == whole || name.strip_prefix(whole).is_some_and(|rest| rest.starts_with(':'));
        qualified(&function.name) || qualified(&function.arn)
    };
    let function = stack.functions.iter().find(is_meant);
    function.map(|function| function.id.clone()).ok_or_else(|| properties.refuse(at, "is no function of the template"))
}

fn whole(properties: &Properties<'_>, name: &str, key: &str) -> Result<Option<u32>, Error> {
    let read = |text: String| text.parse().map_err(|_| properties.refuse(name, format!("`{key}` is no whole number")));
    properties.inside(name, key)?.map(read).transpose()
}
