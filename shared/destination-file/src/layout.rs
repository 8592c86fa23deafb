//! Which name everything has on disk.

use std::fs;
use std::path::{Path, PathBuf};

use destination::{Incoming, Target};
use flow::{BatchId, Digest, Lane};

use crate::Format;
use crate::failure::{Doing, Result};

/// The places of one stream in one run.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    pub(crate) root: PathBuf,
    pub(crate) stream: String,
    /// Short digest of the run's id: what its hidden folders and temporary files are told apart by.
    pub(crate) run: String,
    pub(crate) format: Format,
    run_name: String,
}

/// A hidden folder of a stream, by what it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The next generation of the dataset; after an exchange in place, the one before.
    New,
    /// What a merge run has delivered so far.
    Merge,
    /// The generation before, while two renames put the new one in its place.
    Old,
    /// Being deleted.
    Gone,
}

impl Purpose {
    const ALL: [Purpose; 4] = [Purpose::New, Purpose::Merge, Purpose::Old, Purpose::Gone];

    fn as_str(self) -> &'static str {
        match self {
            Purpose::New => "new",
            Purpose::Merge => "merge",
            Purpose::Old => "old",
            Purpose::Gone => "gone",
        }
    }
}

/// A hidden folder that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HiddenFolder {
    pub(crate) path: PathBuf,
    pub(crate) purpose: Purpose,
    pub(crate) run: String,
}

const RUN_DIGITS: usize = 12;
const LONGEST_RUN_NAME: usize = 90;
const PART: &str = "part-";
const BASE: &str = "base-";
const WITHDRAWN: &str = "withdrawn-";
const TEMPORARY: &str = ".tmp-";

impl Layout {
    pub(crate) fn new(root: &Path, format: Format, target: &Target) -> Self {
        Self {
            root: root.to_owned(),
            stream: target.stream.as_str().to_owned(),
            run: Digest::of(target.run.as_str().as_bytes()).short().to_owned(),
            run_name: name_of(target.run.as_str(), LONGEST_RUN_NAME),
            format,
        }
    }

    /// The folder readers look into.
    pub(crate) fn live(&self) -> PathBuf {
        self.root.join(&self.stream)
    }

    /// A hidden folder of this run.
    pub(crate) fn hidden(&self, purpose: Purpose) -> PathBuf {
        self.hidden_of(purpose, &self.run)
    }

    pub(crate) fn hidden_of(&self, purpose: Purpose, run: &str) -> PathBuf {
        self.root.join(format!(".{}-{}-{run}", self.stream, purpose.as_str()))
    }

    /// The file whose lock is held by whoever prepares or finishes.
    pub(crate) fn lock(&self) -> PathBuf {
        self.root.join(format!(".{}-lock", self.stream))
    }

    /// The name of a batch's file. Names sort by run, then lane, then sequence.
    pub(crate) fn part(&self, incoming: &Incoming) -> String {
        format!(
            "{PART}{}-{}-{:08}-{}.{}",
            self.run_name,
            lane_number(&incoming.lane),
            incoming.sequence,
            batch_name(&incoming.batch),
            self.format.extension()
        )
    }

    /// The name of a file of keys whose rows a merge leaves out. Only hidden folders hold one.
    pub(crate) fn withdrawn(&self, incoming: &Incoming) -> String {
        format!("{WITHDRAWN}{}", self.part(incoming))
    }

    /// The name of the file without rows that shows the columns of an empty dataset.
    pub(crate) fn empty_part(&self) -> String {
        format!("{PART}{}-empty.{}", self.run_name, self.format.extension())
    }

    /// The name of the `number`-th file of a merged generation. Sorts before every part.
    pub(crate) fn base(&self, number: usize) -> String {
        format!("{BASE}{number:08}-{}.{}", self.run, self.format.extension())
    }

    /// Beginning of the names of this run's unfinished files.
    pub(crate) fn temporary_prefix(&self) -> String {
        format!("{TEMPORARY}{}-", self.run)
    }

    /// Every hidden folder of the stream, of any run.
    pub(crate) fn hidden_folders(&self) -> Result<Vec<HiddenFolder>> {
        let listing = fs::read_dir(&self.root).doing(|| format!("list `{}`", self.root.display()))?;
        let mut found = Vec::new();
        for entry in listing {
            let entry = entry.doing(|| format!("list `{}`", self.root.display()))?;
            let name = entry.file_name();
            if let Some((purpose, run)) = name.to_str().and_then(|name| self.parse_hidden(name)) {
                found.push(HiddenFolder { path: entry.path(), purpose, run: run.to_owned() });
            }
        }
        found.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(found)
    }

    fn parse_hidden<'a>(&self, name: &'a str) -> Option<(Purpose, &'a str)> {
        let rest = name.strip_prefix('.')?.strip_prefix(self.stream.as_str())?.strip_prefix('-')?;
        let (purpose, run) = rest.split_once('-')?;
        let purpose = Purpose::ALL.into_iter().find(|known| known.as_str() == purpose)?;
        // The fixed length keeps the folders of a stream `a` apart from those of a stream `a-new-b`.
        let is_run = run.len() == RUN_DIGITS && run.bytes().all(|letter| letter.is_ascii_hexdigit());
        is_run.then_some((purpose, run))
    }
}

/// Whether a file in a dataset's folder is one of ours, finished and visible.
pub(crate) fn is_ours(name: &str) -> bool {
    let known = [Format::Parquet, Format::Jsonl].iter().any(|format| has_extension(name, *format));
    known && (name.starts_with(PART) || is_base(name))
}

/// Whether the file was written by a merge.
pub(crate) fn is_base(name: &str) -> bool {
    name.starts_with(BASE)
}

/// Whether the file holds keys to leave out.
pub(crate) fn is_withdrawn(name: &str) -> bool {
    name.starts_with(WITHDRAWN)
}

/// Whether the file is unfinished.
pub(crate) fn is_temporary(name: &str) -> bool {
    name.starts_with(TEMPORARY)
}

/// Whether the file is visible to readers of the format.
pub(crate) fn is_visible(name: &str, format: Format) -> bool {
    !name.starts_with(['.', '_']) && has_extension(name, format)
}

fn has_extension(name: &str, format: Format) -> bool {
    name.rsplit_once('.').is_some_and(|(_, extension)| extension == format.extension())
}

fn lane_number(lane: &Lane) -> String {
    let number = lane.as_str().rsplit_once('/').and_then(|(_, last)| last.parse::<u32>().ok());
    match number {
        Some(number) => format!("{number:05}"),
        None => format!("x{}", Digest::of(lane.as_str().as_bytes()).short()),
    }
}

fn batch_name(batch: &BatchId) -> String {
    name_of(batch.as_str(), 32)
}

/// The text itself where it can be part of a file's name, else its letters that can and a digest.
fn name_of(text: &str, longest: usize) -> String {
    let fits = |letter: &char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
    if text.len() <= longest && !text.is_empty() && text.chars().all(|letter| fits(&letter)) {
        return text.to_owned();
    }
    let digest = Digest::of(text.as_bytes());
    let start: String = text.chars().filter(fits).take(longest.saturating_sub(RUN_DIGITS + 1)).collect();
    format!("{start}-{}", digest.short())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::RecordBatch;
    use arrow_schema::Schema;
    use flow::{RunId, StreamName, SyncName};
    use spec::Disposition;

    use super::*;

    fn layout(stream: &str, run: &str) -> Layout {
        let target = Target {
            sync: SyncName::new("shop").unwrap(),
            stream: StreamName::new(stream).unwrap(),
            run: RunId::from_text(run),
            schema: Arc::new(Schema::empty()),
            disposition: Disposition::Append,
            primary_key: Vec::new(),
        };
        Layout::new(Path::new("/data"), Format::Parquet, &target)
    }

    fn incoming(batch: &str, lane: &str, sequence: u64) -> Incoming {
        let rows = RecordBatch::new_empty(Arc::new(Schema::empty()));
        Incoming { batch: BatchId::from_text(batch), lane: Lane::from_text(lane), sequence, rows }
    }

    #[test]
    fn names_of_parts_sort_by_run_then_lane_then_sequence() {
        let (first, second) = (layout("s", "shop-20260101T000000000"), layout("s", "shop-20260102T000000000"));
        let names = [
            first.base(7),
            first.part(&incoming("ff", "r/s/2", 9)),
            first.part(&incoming("ee", "r/s/2", 10)),
            first.part(&incoming("dd", "r/s/10", 0)),
            second.part(&incoming("aa", "r/s/0", 0)),
        ];
        assert!(names.is_sorted(), "{names:?}");
        assert!(names.iter().all(|name| is_ours(name)));
    }

    #[test]
    fn ids_that_cannot_be_part_of_a_name_still_give_names_of_their_own() {
        let layout = layout("s", &format!("../{}", "x".repeat(300)));
        let one = layout.part(&incoming("a/b", "lane", 0));
        let other = layout.part(&incoming("a:b", "lane", 0));
        assert_ne!(one, other);
        assert!(!one.contains('/') && one.len() < 255, "{one}");
    }

    #[test]
    fn hidden_folders_of_streams_with_like_names_are_kept_apart() {
        let inner = layout("a-new-b", "run");
        let name = inner.hidden(Purpose::New).file_name().unwrap().to_str().unwrap().to_owned();
        assert_eq!(inner.parse_hidden(&name), Some((Purpose::New, inner.run.as_str())));
        assert_eq!(layout("a", "run").parse_hidden(&name), None);
    }
}
