use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};

use crate::{Tell, Told};

/// Lines that are kept to say why a process ended.
const KEPT: usize = 5;

/// Longer lines are told in parts: a process may write without end.
const LONGEST_LINE: usize = 64 * 1024;

/// What a process writes: told line by line, the last of it kept.
#[derive(Clone)]
pub(super) struct Output {
    function: String,
    tell: Tell,
    last: Arc<Mutex<VecDeque<String>>>,
}

impl Output {
    pub(super) fn new(function: &str, tell: Tell) -> Self {
        Self { function: function.to_owned(), tell, last: Arc::default() }
    }

    /// Tells all that comes until the end.
    pub(super) async fn follow(self, from: impl AsyncRead + Unpin) {
        let mut reader = BufReader::new(from);
        let mut line = Vec::new();
        loop {
            let read = match reader.fill_buf().await {
                Ok([]) | Err(_) => break,
                Ok(buffer) => {
                    let end = buffer.iter().position(|byte| *byte == b'\n');
                    let read = end.map_or(buffer.len(), |end| end + 1);
                    line.extend_from_slice(&buffer[..read]);
                    read
                }
            };
            reader.consume(read);
            if line.ends_with(b"\n") || line.len() >= LONGEST_LINE {
                self.line(&line);
                line.clear();
            }
        }
        if !line.is_empty() {
            self.line(&line);
        }
    }

    /// The last lines, to be put behind how the process ended.
    pub(super) fn last(&self) -> String {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.iter().map(|line| format!("\n  {line}")).collect()
    }

    fn line(&self, line: &[u8]) {
        let line = String::from_utf8_lossy(line).trim_end().to_owned();
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.len() == KEPT {
            last.pop_front();
        }
        last.push_back(line.clone());
        drop(last);
        (self.tell)(Told::Line { function: self.function.clone(), line });
    }
}
