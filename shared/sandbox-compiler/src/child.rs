//! Compiling in a child process: what a module does to the compiler ends with the child.
//!
//! The child is the calling program itself, started with [`COMMAND`]; its `main` hands over to
//! [`run_child`] before it does anything else. On standard input it gets a line of JSON with its
//! limits and then the module; on standard output it gives a line of JSON that says what it found,
//! then the component and the artifact. It limits itself before it reads the module, so that no
//! code runs between `fork` and `exec`; the time on the wall is held by the parent.

use std::io::{self, BufRead, Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, ExitCode, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use flow::{Digest, Fault};
use serde::{Deserialize, Serialize};

use crate::{CompileLimits, Error, Prepared, prepare};

/// The argument by which the program is told that it is the child.
pub const COMMAND: &str = "compile-module";

/// The most the child may answer: a large language runtime's artifact has some 60 MiB.
const ANSWER_BYTES: u64 = 1 << 30;

/// How much is kept of what the child says when it dies.
const LAST_WORDS: u64 = 16 << 10;

/// How often the parent looks whether the child has ended.
const LOOK: Duration = Duration::from_millis(2);

/// Threads of the compiler: each has a stack that counts as memory.
const THREADS: usize = 8;

/// Compiles modules in child processes.
#[derive(Debug, Clone)]
pub struct Compiler {
    program: PathBuf,
    limits: CompileLimits,
}

impl Compiler {
    /// Starts `program` with [`COMMAND`] for each module.
    pub fn new(program: impl Into<PathBuf>) -> Self {
        Self { program: program.into(), limits: CompileLimits::default() }
    }

    /// The same under other limits.
    #[must_use]
    pub fn with_limits(self, limits: CompileLimits) -> Self {
        Self { limits, ..self }
    }

    /// Does what [`prepare()`] does, in a child process. Blocks until that has ended.
    pub fn prepare(&self, module: &[u8]) -> Result<Prepared, Error> {
        let mut child = self.start().map_err(Error::Child)?;
        let ended = self.talk(&mut child, module);
        // Only a child that is out of its time still lives here.
        _ = child.kill();
        _ = child.wait();
        ended
    }

    fn start(&self) -> io::Result<Child> {
        let threads = thread::available_parallelism().map_or(1, usize::from).min(THREADS);
        Command::new(&self.program)
            .arg(COMMAND)
            // It needs nothing of ours, least of all secrets.
            .env_clear()
            .env("RAYON_NUM_THREADS", threads.to_string())
            // An allocator that takes a gigabyte ahead of need would use the limit up by itself.
            .env("MIMALLOC_ARENA_EAGER_COMMIT", "0")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
    }

    fn talk(&self, child: &mut Child, module: &[u8]) -> Result<Prepared, Error> {
        let deadline = Instant::now() + self.limits.time;
        let request = Request { cpu_seconds: self.limits.cpu.as_secs().max(1), memory: self.limits.memory };
        let request = serde_json::to_vec(&request).map_err(|error| Error::Child(error.into()))?;
        let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        thread::scope(|scope| {
            scope.spawn(move || {
                // A child that died before it read everything is told by how it died.
                stdin.map(|mut stdin| {
                    stdin.write_all(&request)?;
                    stdin.write_all(b"\n")?;
                    stdin.write_all(module)
                })
            });
            let answer = receive(scope, stdout, ANSWER_BYTES);
            let last_words = receive(scope, stderr, LAST_WORDS);
            let status = self.wait(child, deadline)?;
            let answer = answer.recv().unwrap_or_default();
            match status.success() {
                true => read_answer(&answer),
                false => Err(self.cause_of_death(status, &last_words.recv().unwrap_or_default())),
            }
        })
    }

    fn wait(&self, child: &mut Child, deadline: Instant) -> Result<ExitStatus, Error> {
        loop {
            if let Some(status) = child.try_wait().map_err(Error::Child)? {
                return Ok(status);
            }
            if Instant::now() >= deadline {
                // The threads that read from it end with it.
                child.kill().map_err(Error::Child)?;
                let limit = self.limits.time;
                return Err(Error::CompileTime { name: "compile_time", what: "time on the wall", limit });
            }
            thread::sleep(LOOK);
        }
    }

    fn cause_of_death(&self, status: ExitStatus, last_words: &[u8]) -> Error {
        use std::os::unix::process::ExitStatusExt;
        let words = String::from_utf8_lossy(last_words);
        match status.signal() {
            Some(signal) if signal == rustix::process::Signal::XCPU.as_raw() => {
                let limit = Duration::from_secs(self.limits.cpu.as_secs().max(1));
                Error::CompileTime { name: "compile_cpu", what: "processor time", limit }
            }
            _ if says_out_of_memory(&words) => Error::CompileMemory { limit: self.limits.memory },
            _ => Error::CompileCrashed { how: how(status, &words) },
        }
    }
}

/// The child's part: limits itself, compiles what it is given, answers, ends.
#[must_use]
pub fn run_child() -> ExitCode {
    let mut stdin = io::stdin().lock();
    let answered = read_request(&mut stdin).and_then(|request| {
        limit_ourselves(&request)?;
        let mut module = Vec::new();
        stdin.read_to_end(&mut module)?;
        answer(prepare(&module))
    });
    match answered {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            _ = writeln!(io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Request {
    cpu_seconds: u64,
    memory: u64,
}

/// What stands before the bytes of the answer.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Answer {
    Prepared { component_bytes: usize, engine: String, world: String },
    Refused(Fault),
}

fn read_request(stdin: &mut impl BufRead) -> io::Result<Request> {
    let mut line = String::new();
    stdin.read_line(&mut line)?;
    Ok(serde_json::from_str(&line)?)
}

fn limit_ourselves(request: &Request) -> io::Result<()> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let at_most = |soft: u64, hard: u64| Rlimit { current: Some(soft), maximum: Some(hard) };
    // The soft limit of time ends it with a signal of its own, the hard one with the common one.
    setrlimit(Resource::Cpu, at_most(request.cpu_seconds, request.cpu_seconds + 2))?;
    setrlimit(Resource::Data, at_most(request.memory, request.memory))?;
    setrlimit(Resource::Core, at_most(0, 0))?;
    // When the parent is killed nobody waits for the answer any more.
    #[cfg(target_os = "linux")]
    rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))?;
    Ok(())
}

fn answer(prepared: Result<Prepared, Error>) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    let (answer, parts) = match prepared {
        Ok(prepared) => {
            let answer = Answer::Prepared {
                component_bytes: prepared.component.len(),
                engine: prepared.engine,
                world: prepared.world,
            };
            (answer, [prepared.component, prepared.artifact])
        }
        Err(error) => {
            let fault = Fault::from(error);
            if says_out_of_memory(&fault.message) {
                return Err(io::Error::other(fault.message));
            }
            (Answer::Refused(fault), [Vec::new(), Vec::new()])
        }
    };
    serde_json::to_writer(&mut stdout, &answer)?;
    stdout.write_all(b"\n")?;
    for part in parts {
        stdout.write_all(&part)?;
    }
    stdout.flush()
}

fn read_answer(answer: &[u8]) -> Result<Prepared, Error> {
    let cut_off = || Error::CompileCrashed { how: "its answer is cut off".to_owned() };
    let line = answer.iter().position(|byte| *byte == b'\n').ok_or_else(cut_off)?;
    let (head, rest) = answer.split_at(line);
    match serde_json::from_slice(head) {
        Ok(Answer::Prepared { component_bytes, engine, world }) => {
            let (component, artifact) =
                rest.get(1..).and_then(|rest| rest.split_at_checked(component_bytes)).ok_or_else(cut_off)?;
            Ok(Prepared {
                digest: Digest::of(component),
                artifact_digest: Digest::of(artifact),
                component: component.to_vec(),
                artifact: artifact.to_vec(),
                engine,
                world,
            })
        }
        Ok(Answer::Refused(fault)) => Err(Error::Found(fault)),
        Err(_) => Err(cut_off()),
    }
}

/// Reads a pipe to its end in a thread of its own: one that is full would hold the child up.
fn receive<'scope>(
    scope: &'scope thread::Scope<'scope, '_>,
    pipe: Option<impl Read + Send + 'scope>,
    most: u64,
) -> mpsc::Receiver<Vec<u8>> {
    let (give, receiver) = mpsc::channel();
    scope.spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            _ = pipe.by_ref().take(most).read_to_end(&mut bytes);
            _ = io::copy(&mut pipe, &mut io::sink());
        }
        _ = give.send(bytes);
    });
    receiver
}

/// The words of the language's allocator and of the system.
fn says_out_of_memory(words: &str) -> bool {
    // The last is a thread that could not be made for lack of room for its stack.
    ["memory allocation of ", "os error 12", "Cannot allocate memory", "Resource temporarily unavailable"]
        .iter()
        .any(|sign| words.contains(sign))
}

/// How it died, with the first of its last words: a panic's place and message.
fn how(status: ExitStatus, words: &str) -> String {
    let lines = words.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("note:"));
    let said: String = lines.take(2).collect::<Vec<_>>().join(" ").chars().take(300).collect();
    if said.is_empty() { status.to_string() } else { format!("{status}: {said}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_is_cut_off_is_no_module() {
        let head = serde_json::to_vec(&Answer::Prepared {
            component_bytes: 10,
            engine: "engine".to_owned(),
            world: "world".to_owned(),
        });
        let mut answer = head.unwrap();
        assert!(matches!(read_answer(&answer), Err(Error::CompileCrashed { .. })));
        answer.extend(b"\n0123456");
        assert!(matches!(read_answer(&answer), Err(Error::CompileCrashed { .. })));
        answer.extend(b"789artifact");
        let prepared = read_answer(&answer).unwrap();
        assert_eq!(
            (prepared.component.as_slice(), prepared.artifact.as_slice()),
            (&b"0123456789"[..], &b"artifact"[..])
        );
        assert_eq!(prepared.artifact_digest, Digest::of(b"artifact"));
    }
}
