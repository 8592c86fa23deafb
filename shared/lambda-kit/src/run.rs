use std::sync::Arc;

use flow::{Fault, FaultKind};
use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::Value;
use worker::{ProcessResolver, SystemClock};

use crate::{Failure, Function, Needs, Settings, Start, Time, logs};

/// What the runtime itself needs of Lambda's environment.
const OF_LAMBDA: [&str; 4] = [
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_VERSION",
];

/// Runs a function on Lambda: reads its settings, wires it, and answers events until the process is
/// ended.
///
/// A setting that cannot be used does not end the process: every event is answered with the fault then,
/// so that whoever looks at the function's errors reads what is wrong.
///
/// # Errors
/// `not_on_lambda`, when the process was started by somebody else than Lambda; `runtime_api`, when
/// Lambda is not there any more.
pub async fn run(needs: Needs, make: impl FnOnce(&Start) -> Result<Function, Fault>) -> Result<(), Fault> {
    let environment = ProcessResolver::from_environment();
    check(&environment)?;
    let logs = logs::begin(&environment);
    let function = logs.and_then(|()| {
        let start = Start::new(Settings::read(environment, &needs)?)?;
        make(&start)
    });
    let clock = Arc::new(SystemClock::new());
    let answer = async |event: LambdaEvent<Value>| -> Result<Value, Failure> {
        let time = Time::until(event.context.deadline, clock.clone());
        let answer = match &function {
            Ok(function) => function.answer(event.payload, &time).await,
            Err(fault) => Err(fault.clone()),
        };
        answer.map_err(|fault| {
            tracing::error!(code = fault.code, cause = fault.message, "invocation failed");
            Failure(fault)
        })
    };
    lambda_runtime::run(service_fn(answer)).await.map_err(|error| {
        let message = format!("the runtime API does not go on: {error}");
        Fault::new(FaultKind::Retry, "runtime_api", message)
    })
}

fn check(environment: &ProcessResolver) -> Result<(), Fault> {
    let Some(missing) = OF_LAMBDA.into_iter().find(|name| environment.get(name).is_none()) else { return Ok(()) };
    let message = format!(
        "{missing} is not set: this is a function for AWS Lambda; deploy it, or run it with `cargo lambda watch`"
    );
    Err(Fault::new(FaultKind::Config, "not_on_lambda", message))
}
