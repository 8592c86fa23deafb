//! Each resource of a kind that is emulated, read from its properties.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use super::document::{Resource, text};
use super::physical::{Named, Physical};
use super::properties::Properties;
use super::resolve::{Bound, unsupported};
use super::stack::{Bucket, Environment, Function, PassedOver, Queue, Stack};
use super::{passed_over, triggers};
use crate::Error;

const FUNCTION: &str = "AWS::Lambda::Function";
pub(super) const MAPPING: &str = "AWS::Lambda::EventSourceMapping";
const ASYNCHRONOUS: &str = "AWS::Lambda::EventInvokeConfig";
const QUEUE: &str = "AWS::SQS::Queue";
const BUCKET: &str = "AWS::S3::Bucket";
pub(super) const RULE: &str = "AWS::Events::Rule";

/// Attributes of queues that are set as they stand.
const QUEUE_ATTRIBUTES: [&str; 8] = [
    "ContentBasedDeduplication",
    "DeduplicationScope",
    "DelaySeconds",
    "FifoThroughputLimit",
    "MaximumMessageSize",
    "MessageRetentionPeriod",
    "ReceiveMessageWaitTimeSeconds",
    "VisibilityTimeout",
];

/// Those that are JSON.
const QUEUE_POLICIES: [&str; 2] = ["RedrivePolicy", "RedriveAllowPolicy"];

/// How long an asynchronous invocation may wait to be begun, in seconds, when nothing else is said.
const LONGEST_WAIT: u32 = 6 * 3_600;

impl Bound {
    /// What every resource will be called, before any is made: the addresses of queues are guesses.
    pub fn predict(&self) -> Result<Physical, Error> {
        let nothing = Physical::default();
        let (region, account) = (&self.place.region, &self.place.account);
        let mut physical = Physical::default();
        for (id, resource) in self.resources() {
            let properties = Properties::new(self, &nothing, id, resource);
            let named = match resource.kind.as_str() {
                FUNCTION => {
                    let name = self.name(id, properties.text("FunctionName")?);
                    Named::new(&name, [("Arn", &format!("arn:aws:lambda:{region}:{account}:function:{name}"))])
                }
                QUEUE => {
                    let name = self.queue_name(id, &properties)?;
                    let url = format!("http://queues.invalid/{account}/{name}");
                    Named::queue(&name, &url, &format!("arn:aws:sqs:{region}:{account}:{name}"))
                }
                BUCKET => {
                    let name = self.name(id, properties.text("BucketName")?).to_lowercase();
                    Named::new(&name, [("Arn", &format!("arn:aws:s3:::{name}"))])
                }
                RULE => {
                    let name = self.name(id, properties.text("Name")?);
                    Named::new(&name, [("Arn", &format!("arn:aws:events:{region}:{account}:rule/{name}"))])
                }
                _ => continue,
            };
            physical.insert(id, named);
        }
        Ok(physical)
    }

    /// What is emulated, with all references put in.
    pub fn stack(&self, physical: &Physical) -> Result<Stack, Error> {
        let mut stack = Stack::default();
        // Mappings and rules name what the others are.
        let of = |kind: &'static str| self.resources().filter(move |(_, resource)| resource.kind == kind);
        for (id, resource) in of(FUNCTION) {
            stack.functions.push(function(&Properties::new(self, physical, id, resource), self.named(physical, id)?)?);
        }
        for (id, resource) in of(QUEUE) {
            stack.queues.push(queue(&Properties::new(self, physical, id, resource), self.named(physical, id)?)?);
        }
        for (id, resource) in of(BUCKET) {
            stack.buckets.push(bucket(&Properties::new(self, physical, id, resource), self.named(physical, id)?)?);
        }
        for (id, resource) in of(ASYNCHRONOUS) {
            triggers::asynchronous(&mut stack, &Properties::new(self, physical, id, resource))?;
        }
        for (id, resource) in of(MAPPING) {
            triggers::mapping(&mut stack, id, &Properties::new(self, physical, id, resource), physical)?;
        }
        for (id, resource) in of(RULE) {
            triggers::rule(&mut stack, &Properties::new(self, physical, id, resource), self.named(physical, id)?)?;
        }
        for (id, resource) in self.resources() {
            pass_over(&mut stack, id, resource)?;
        }
        Ok(stack)
    }

    fn named<'a>(&self, physical: &'a Physical, id: &'a str) -> Result<(&'a str, &'a Named), Error> {
        let named = physical.get(id).ok_or_else(|| unsupported(&format!("`{id}`"), "was not made"))?;
        Ok((id, named))
    }

    /// The name a resource was given, else one that says whose it is.
    fn name(&self, id: &str, given: Option<String>) -> String {
        given.unwrap_or_else(|| format!("{}-{id}", self.place.stack))
    }

    fn queue_name(&self, id: &str, properties: &Properties<'_>) -> Result<String, Error> {
        let is_fifo = properties.flag("FifoQueue")?.unwrap_or(false);
        match properties.text("QueueName")? {
            Some(name) if name.ends_with(".fifo") == is_fifo => Ok(name),
            Some(_) => {
                Err(properties.refuse("QueueName", "the names of FIFO queues, and theirs alone, end in `.fifo`"))
            }
            None => Ok(format!("{}{}", self.name(id, None), if is_fifo { ".fifo" } else { "" })),
        }
    }
}

fn pass_over(stack: &mut Stack, id: &str, resource: &Resource) -> Result<(), Error> {
    let (resource, kind) = (id.to_owned(), resource.kind.clone());
    if [FUNCTION, MAPPING, ASYNCHRONOUS, QUEUE, BUCKET, RULE].contains(&kind.as_str()) {
        return Ok(());
    }
    let why = passed_over::why(&kind);
    let Some(why) = why else { return Err(Error::UnknownType { resource, kind }) };
    stack.passed_over.push(PassedOver { resource, kind, why: why.to_owned() });
    Ok(())
}

fn function(properties: &Properties<'_>, (id, named): (&str, &Named)) -> Result<Function, Error> {
    properties.only(
        &[
            "Code",
            "Environment",
            "FunctionName",
            "LoggingConfig",
            "MemorySize",
            "PackageType",
            "ReservedConcurrentExecutions",
            "Runtime",
            "Timeout",
        ],
        &[
            "Architectures",
            "CodeSigningConfigArn",
            "Description",
            "EphemeralStorage",
            "Handler",
            "KmsKeyArn",
            "RecursiveLoop",
            "Role",
            "RuntimeManagementConfig",
            "Tags",
            "TracingConfig",
            "VpcConfig",
        ],
    )?;
    if properties.text("PackageType")?.is_some_and(|kind| kind != "Zip") {
        return Err(properties.refuse("PackageType", "only `Zip` is emulated"));
    }
    if properties.text("Runtime")?.is_none_or(|runtime| !runtime.starts_with("provided")) {
        return Err(properties.refuse("Runtime", "only `provided` runtimes are emulated"));
    }
    let key = properties.written("Code", "S3Key")?;
    let binary = key.as_deref().and_then(|key| key.rsplit('/').next()?.strip_suffix(".zip"));
    let binary = binary.filter(|binary| !binary.is_empty());
    let binary = binary.ok_or_else(|| properties.refuse("Code", "expected an `S3Key` that ends in `NAME.zip`"))?;
    let mut environment = environment(properties)?;
    for (variable, path) in [("AWS_LAMBDA_LOG_FORMAT", "LogFormat"), ("AWS_LAMBDA_LOG_LEVEL", "ApplicationLogLevel")] {
        let value = properties.written("LoggingConfig", path)?;
        environment.extend(value.map(|value| (variable.to_owned(), value)));
    }
    Ok(Function {
        id: id.to_owned(),
        name: named.reference.clone(),
        arn: named.attributes.get("Arn").cloned().unwrap_or_default(),
        binary: binary.to_owned(),
        timeout: seconds(properties.number("Timeout")?.unwrap_or(3)),
        memory: properties.number("MemorySize")?.unwrap_or(128),
        environment: Environment(environment),
        reserved: properties.number("ReservedConcurrentExecutions")?,
        repeats: 2,
        longest_wait: seconds(LONGEST_WAIT),
    })
}

fn environment(properties: &Properties<'_>) -> Result<BTreeMap<String, String>, Error> {
    let Some(value) = properties.value("Environment")? else { return Ok(BTreeMap::new()) };
    let Some(Value::Object(variables)) = value.get("Variables") else { return Ok(BTreeMap::new()) };
    let scalar = |(name, value): (&String, &Value)| match value {
        Value::Object(_) | Value::Array(_) => Err(properties.refuse("Environment", format!("`{name}` is no text"))),
        value => Ok((name.clone(), text(value))),
    };
    variables.iter().map(scalar).collect()
}

fn queue(properties: &Properties<'_>, (id, named): (&str, &Named)) -> Result<Queue, Error> {
    let read: Vec<&str> =
        QUEUE_ATTRIBUTES.into_iter().chain(QUEUE_POLICIES).chain(["FifoQueue", "QueueName"]).collect();
    properties.only(&read, &["KmsDataKeyReusePeriodSeconds", "KmsMasterKeyId", "SqsManagedSseEnabled", "Tags"])?;
    let mut attributes = BTreeMap::new();
    for name in QUEUE_ATTRIBUTES {
        attributes.extend(properties.text(name)?.map(|value| (name.to_owned(), value)));
    }
    for name in QUEUE_POLICIES {
        // What was written as JSON text stays as it is.
        let value = properties.value(name)?.map(|value| text(&value));
        attributes.extend(value.map(|value| (name.to_owned(), value)));
    }
    Ok(Queue {
        id: id.to_owned(),
        name: named.attributes.get("QueueName").cloned().unwrap_or_default(),
        is_fifo: properties.flag("FifoQueue")?.unwrap_or(false),
        attributes,
        visibility: seconds(properties.number("VisibilityTimeout")?.unwrap_or(30)),
    })
}

fn bucket(properties: &Properties<'_>, (id, named): (&str, &Named)) -> Result<Bucket, Error> {
    if properties.value("NotificationConfiguration")?.is_some() {
        return Err(properties.refuse("NotificationConfiguration", "is not emulated"));
    }
    Ok(Bucket { id: id.to_owned(), name: named.reference.clone() })
}

pub(super) fn seconds(number: u32) -> Duration {
    Duration::from_secs(u64::from(number))
}

#[cfg(test)]
mod tests;
