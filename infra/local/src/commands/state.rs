use flow::{StreamName, SyncName};
use serde::Serialize;

use crate::Failure;
use crate::home::{Home, folder_of};
use crate::opt::{Everywhere, StateCommand};
use crate::output::{Output, table};

#[derive(Serialize)]
struct BookmarkLine {
    sync: String,
    stream: String,
    position: String,
    run: String,
    moved_at: flow::Timestamp,
}

#[derive(Serialize)]
struct Reset {
    sync: String,
    stream: String,
    reset: bool,
}

pub(crate) async fn state(command: StateCommand, everywhere: &Everywhere, output: Output) -> Result<(), Failure> {
    let folder = folder_of(everywhere.home.as_deref(), None);
    match command {
        StateCommand::Show { sync } => show(&Home::look(&folder).await?, sync.as_deref(), output).await,
        StateCommand::Reset { sync, stream } => reset(&folder, &sync, &stream, output).await,
    }
}

async fn show(home: &Home, sync: Option<&str>, output: Output) -> Result<(), Failure> {
    let sync = sync.map(sync_name).transpose()?;
    let bookmarks = home.parts.store.bookmarks(sync.as_ref()).await?;
    let lines: Vec<BookmarkLine> = bookmarks
        .into_iter()
        .map(|bookmark| BookmarkLine {
            sync: bookmark.sync.to_string(),
            stream: bookmark.stream.to_string(),
            position: bookmark.position.to_string(),
            run: bookmark.run.to_string(),
            moved_at: bookmark.moved_at,
        })
        .collect();
    output.print(&lines, |lines| {
        if lines.is_empty() {
            return "no bookmarks: incremental streams are read from the beginning".to_owned();
        }
        let mut rows = vec![["sync", "stream", "position", "moved at"].map(str::to_owned).to_vec()];
        rows.extend(lines.iter().map(|line| {
            vec![line.sync.clone(), line.stream.clone(), line.position.clone(), line.moved_at.to_rfc3339()]
        }));
        table(&rows)
    })
}

async fn reset(folder: &std::path::Path, sync: &str, stream: &str, output: Output) -> Result<(), Failure> {
    Home::look(folder).await?;
    let home = Home::work(folder).await?;
    let stream_name = StreamName::new(stream).map_err(|error| Failure::input("name_invalid", error.to_string()))?;
    let was_there = home.parts.store.reset_bookmark(&sync_name(sync)?, &stream_name).await?;
    if !was_there {
        return Err(Failure::input(
            "bookmark_unknown",
            format!("stream `{stream}` of `{sync}` has no bookmark; see `millstream state show`"),
        ));
    }
    let reset = Reset { sync: sync.to_owned(), stream: stream.to_owned(), reset: true };
    output.print(&reset, |reset| format!("{}.{} is read from the beginning next time", reset.sync, reset.stream))
}

fn sync_name(name: &str) -> Result<SyncName, Failure> {
    SyncName::new(name).map_err(|error| Failure::input("name_invalid", error.to_string()))
}
