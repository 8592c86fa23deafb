//! What has to be there before it begins.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use futures::future::try_join_all;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::aws::Aws;
use crate::environment::environment;
use crate::functions::{Runnable, Runs, Surroundings};
use crate::runtime::{Bootstrap, Pool};
use crate::schedule::Called;
use crate::template::{Bound, Function, Physical, Rule, Stack, Target};
use crate::watch::Watch;
use crate::{Error, Options, Runner, counts};

/// What runs a function, found before anything is made.
pub(crate) enum Found {
    Bootstrap(PathBuf),
    Watch(Watch),
}

pub(crate) async fn listen(port: u16) -> Result<(TcpListener, u16), Error> {
    let failed = |source| Error::Port { port, source };
    let listener = TcpListener::bind(("127.0.0.1", port)).await.map_err(failed)?;
    let port = listener.local_addr().map_err(failed)?.port();
    Ok((listener, port))
}

/// Finds every function's runner: what is missing is said before anything is made.
pub(crate) fn find_runners(stack: &Stack, options: &Options) -> Result<Vec<Found>, Error> {
    let known = |name: &String| stack.functions.iter().any(|function| function.binary == *name);
    if let Some(name) = options.runners.keys().find(|name| !known(name)) {
        let known = stack.functions.iter().map(|function| function.binary.clone()).collect();
        return Err(Error::UnknownFunction { name: name.clone(), known });
    }
    let find = |function: &Function| match options.runners.get(&function.binary).or(options.runner.as_ref()) {
        Some(Runner::Bootstraps(folder)) => Bootstrap::find(folder, function).map(Found::Bootstrap),
        Some(Runner::Watch(address)) => Watch::new(address, &function.binary).map(Found::Watch),
        None => Err(Error::NoRunner { function: function.binary.clone() }),
    };
    stack.functions.iter().map(find).collect()
}

/// Makes queues and buckets, and puts their true addresses in.
pub(crate) async fn make(aws: &Aws, bound: &Bound, planned: Stack, physical: &mut Physical) -> Result<Stack, Error> {
    for queue in &planned.queues {
        physical.insert(&queue.id, aws.make_queue(queue).await?);
    }
    let stack = bound.stack(physical)?;
    for queue in &stack.queues {
        let url = physical.get(&queue.id).map(|named| named.reference.as_str()).unwrap_or_default();
        aws.set_attributes(queue, url).await?;
    }
    for bucket in &stack.buckets {
        aws.make_bucket(bucket).await?;
    }
    Ok(stack)
}

/// Starts a first process of every function, all at once.
pub(crate) async fn functions(
    stack: &Stack,
    found: Vec<Found>,
    options: &Options,
    ends: &watch::Receiver<bool>,
) -> Result<BTreeMap<String, Arc<Runnable>>, Error> {
    let starting = stack.functions.iter().zip(found).map(async |(function, found)| {
        let counts = counts::Shared::default();
        let runs = match found {
            Found::Watch(watch) => Runs::Watch(watch),
            Found::Bootstrap(program) => {
                let environment = environment(function, options);
                let bootstrap = Bootstrap { program, environment };
                let (clock, tell) = (options.clock.clone(), options.tell.clone());
                let pool = Pool::new(function.clone(), bootstrap, clock, tell, counts.clone());
                pool.warm_up().await?;
                Runs::Processes(Arc::new(pool))
            }
        };
        let concurrency = function.reserved.unwrap_or(u32::MAX).min(options.concurrency);
        let around = Surroundings {
            clock: options.clock.clone(),
            tell: options.tell.clone(),
            stopping: ends.clone(),
            repeat_after: options.repeat_after,
        };
        let runnable = Runnable::new(function.clone(), runs, counts, concurrency, around);
        Ok::<_, Error>((function.id.clone(), Arc::new(runnable)))
    });
    Ok(try_join_all(starting).await?.into_iter().collect())
}

/// The rules with the functions they call.
pub(crate) fn targets(stack: &Stack, functions: &BTreeMap<String, Arc<Runnable>>) -> Vec<Called> {
    let target = |target: &Target| Some((functions.get(&target.function)?.clone(), target.input.clone()));
    let called = |rule: &Rule| Called { rule: rule.clone(), targets: rule.targets.iter().filter_map(target).collect() };
    stack.rules.iter().map(called).collect()
}
