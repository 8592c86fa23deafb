//! One process of a function: started, handed one invocation at a time, killed.

use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use flow::Clock;
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;

use super::api;
use super::bootstrap::Bootstrap;
use super::outcome::{Job, Outcome};
use super::output::Output;
use crate::template::Function;
use crate::{Tell, http};

/// How long a process may take until it first asks for work, as on Lambda.
const LONGEST_INIT: Duration = Duration::from_secs(10);

/// How long what a process has written may take to come through after its end.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// A running process. Dropping it kills it, and what it has started.
pub(super) struct Process {
    link: Arc<Link>,
    jobs: mpsc::Sender<Job>,
    /// Ends the process when it is sent or dropped.
    _kill: oneshot::Sender<()>,
    _served: http::Server,
}

/// What the process and its Runtime API have in common.
pub(super) struct Link {
    pub(super) function: Function,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) jobs: tokio::sync::Mutex<mpsc::Receiver<Job>>,
    phase: watch::Sender<Phase>,
    current: Mutex<Option<Current>>,
}

/// What a process is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Phase {
    /// It has not asked for work yet.
    Starting,
    /// It waits for work.
    Waiting,
    /// It is at work, or has not come back since.
    Busy,
    /// It has ended, or said that it cannot start.
    Ended(String),
}

struct Current {
    request_id: String,
    reply: Option<oneshot::Sender<Outcome>>,
}

impl Process {
    /// Starts a process and waits until it asks for work; the error says why it did not.
    pub(super) async fn start(
        function: &Function,
        bootstrap: &Bootstrap,
        clock: Arc<dyn Clock>,
        tell: Tell,
    ) -> Result<Self, String> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(|error| error.to_string())?;
        let address = listener.local_addr().map_err(|error| error.to_string())?;
        let output = Output::new(&function.binary, tell);
        let child = spawn(bootstrap, &address.to_string()).map_err(|error| error.to_string())?;
        let (jobs, queued) = mpsc::channel(1);
        let link = Arc::new(Link {
            function: function.clone(),
            clock,
            jobs: tokio::sync::Mutex::new(queued),
            phase: watch::Sender::new(Phase::Starting),
            current: Mutex::new(None),
        });
        let serving = link.clone();
        let served = http::serve(listener, move |asked| api::answer(serving.clone(), asked));
        let (kill, killed) = oneshot::channel();
        tokio::spawn(supervise(child, killed, link.clone(), output.clone()));
        let process = Self { link, jobs, _kill: kill, _served: served };
        match tokio::time::timeout(LONGEST_INIT, process.came_back()).await {
            Ok(Phase::Ended(how)) => Err(how),
            Ok(_) => Ok(process),
            Err(_) => Err(format!("it asked for no work within {} s{}", LONGEST_INIT.as_secs(), output.last())),
        }
    }

    pub(super) fn has_ended(&self) -> bool {
        matches!(*self.link.phase.borrow(), Phase::Ended(_))
    }

    /// Waits until the process asks for work, or has ended.
    pub(super) async fn came_back(&self) -> Phase {
        let mut phase = self.link.phase.subscribe();
        let is_known = |phase: &Phase| matches!(phase, Phase::Waiting | Phase::Ended(_));
        // The sender is ours: it cannot be gone.
        phase.wait_for(is_known).await.map(|phase| phase.clone()).unwrap_or(Phase::Busy)
    }

    /// Hands the process its work and waits for what comes of it, for as long as the function has.
    pub(super) async fn work(&self, job: Job) -> Outcome {
        let after = self.link.function.timeout;
        let (reply, replied) = oneshot::channel();
        *self.link.lock() = Some(Current { request_id: job.request_id.clone(), reply: Some(reply) });
        _ = self.jobs.send(job).await;
        let ended = async {
            let mut phase = self.link.phase.subscribe();
            let ended = phase.wait_for(|phase| matches!(phase, Phase::Ended(_))).await;
            match ended.as_deref() {
                Ok(Phase::Ended(how)) => how.clone(),
                _ => "its end was not seen".to_owned(),
            }
        };
        tokio::select! {
            biased;
            Ok(outcome) = replied => outcome,
            how = ended => Outcome::Crashed { how },
            () = tokio::time::sleep(after) => Outcome::TimedOut { after },
        }
    }
}

impl Link {
    /// The process asks for work.
    pub(super) fn waits(&self) {
        if *self.phase.borrow() == Phase::Busy {
            let unanswered = self.lock().as_mut().and_then(|current| current.reply.take());
            let how = "it asked for more work without an answer".to_owned();
            _ = unanswered.map(|reply| reply.send(Outcome::Crashed { how }));
        }
        self.enter(Phase::Waiting);
    }

    /// The process is given work.
    pub(super) fn begins(&self) {
        self.enter(Phase::Busy);
    }

    /// The process says that it cannot start.
    pub(super) fn gives_up(&self, why: String) {
        self.enter(Phase::Ended(why));
    }

    /// The process answers; false when it is not at work on this.
    pub(super) fn answers(&self, request_id: &str, outcome: Outcome) -> bool {
        let mut current = self.lock();
        let meant = current.as_mut().filter(|current| current.request_id == request_id);
        let reply = meant.and_then(|current| current.reply.take());
        reply.is_some_and(|reply| reply.send(outcome).is_ok())
    }

    /// What has ended stays so.
    fn enter(&self, phase: Phase) {
        self.phase.send_if_modified(|now| {
            let changes = !matches!(now, Phase::Ended(_));
            if changes {
                *now = phase;
            }
            changes
        });
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Current>> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn spawn(bootstrap: &Bootstrap, api: &str) -> std::io::Result<Child> {
    let folder = bootstrap.program.parent().unwrap_or(std::path::Path::new("/"));
    Command::new(&bootstrap.program)
        .current_dir(folder)
        .env_clear()
        .envs(&bootstrap.environment)
        .env("LAMBDA_TASK_ROOT", folder)
        .env("AWS_LAMBDA_RUNTIME_API", api)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // A group of its own: Ctrl-C at the terminal is for us, and a kill reaches what it started.
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
}

/// Waits for the end of a process, or makes it.
async fn supervise(mut child: Child, killed: oneshot::Receiver<()>, link: Arc<Link>, output: Output) {
    let group = child.id().and_then(|id| rustix::process::Pid::from_raw(i32::try_from(id).ok()?));
    let stdout = child.stdout.take().map(|from| tokio::spawn(output.clone().follow(from)));
    let stderr = child.stderr.take().map(|from| tokio::spawn(output.clone().follow(from)));
    let how = tokio::select! {
        ended = child.wait() => match ended {
            Ok(status) => status.to_string(),
            Err(error) => error.to_string(),
        },
        _ = killed => {
            kill(group);
            _ = child.wait().await;
            "it was killed".to_owned()
        }
    };
    // What it has started goes with it.
    kill(group);
    hear_out(stdout).await;
    hear_out(stderr).await;
    link.enter(Phase::Ended(format!("{how}{}", output.last())));
}

fn kill(group: Option<rustix::process::Pid>) {
    if let Some(group) = group {
        // It may be gone already.
        _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
}

/// What was started elsewhere may hold the pipe open for ever.
async fn hear_out(follower: Option<JoinHandle<()>>) {
    let Some(mut follower) = follower else { return };
    if tokio::time::timeout(LAST_WORDS, &mut follower).await.is_err() {
        follower.abort();
    }
}
