//! Sorted segments of fingerprints, each in pages: searched page by page, merged eight into one.
//!
//! A fingerprint is in one segment of its scope at most. Merging eight at a time writes each one
//! about three times for twenty million, always in order; memory stays a few pages.

use std::ops::Range;

use sqlx::SqliteConnection;

use super::columns::Columns;
use super::failure::database;
use super::keys::Asked;
use super::merge::merge;
use crate::Error;

/// Entries of a page; with 20 bytes each a page is 20 KiB. Smaller ones would cost more queries,
/// larger ones more bytes for a small batch.
const PAGE_ENTRIES: usize = 1024;
/// Segments of one level that are merged into one of the next.
const MERGED_AT_ONCE: usize = 8;
/// Pages read by one query: about 1.3 MiB.
const PAGES_AT_ONCE: usize = 64;
/// Reading this many pages nobody asked for is cheaper than another query.
const BRIDGED_PAGES: usize = 4;

const KEY_BYTES: usize = size_of::<u128>();
const ENTRY_BYTES: usize = KEY_BYTES + size_of::<u32>();
const DOING: &str = "look for keys";

/// A fingerprint and the batch that has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) key: u128,
    pub(super) owner: u32,
}

impl Entry {
    fn to_bytes(self) -> [u8; ENTRY_BYTES] {
        let mut bytes = [0; ENTRY_BYTES];
        let (key, owner) = bytes.split_at_mut(KEY_BYTES);
        key.copy_from_slice(&self.key.to_be_bytes());
        owner.copy_from_slice(&self.owner.to_be_bytes());
        bytes
    }

    fn from_bytes([key @ .., a, b, c, d]: &[u8; ENTRY_BYTES]) -> Self {
        Self { key: u128::from_be_bytes(*key), owner: u32::from_be_bytes([*a, *b, *c, *d]) }
    }
}

/// A sorted run of entries.
pub(super) struct Segment {
    scope: i64,
    segment: i64,
    /// The first key of each page.
    firsts: Vec<u128>,
}

impl Segment {
    pub(super) fn pages(&self) -> usize {
        self.firsts.len()
    }

    /// Reads pages in order.
    pub(super) async fn read(
        &self,
        connection: &mut SqliteConnection,
        pages: Range<usize>,
    ) -> Result<Vec<Vec<u8>>, Error> {
        let wanted = pages.len();
        let found: Vec<Vec<u8>> = sqlx::query_scalar(
            "SELECT entries FROM unique_pages WHERE scope = ? AND segment = ? AND page >= ? AND page < ? ORDER BY page",
        )
        .bind(self.scope)
        .bind(self.segment)
        .bind(number(pages.start))
        .bind(number(pages.end))
        .fetch_all(connection)
        .await
        .map_err(database(DOING))?;
        if found.len() == wanted { Ok(found) } else { Err(damaged()) }
    }
}

/// Fills in who owns each of the fingerprints asked for, which are in order.
pub(super) async fn find_owners(
    connection: &mut SqliteConnection,
    scope: i64,
    asked: &mut [Asked],
) -> Result<(), Error> {
    for segment in list(connection, scope, None).await? {
        for pages in page_ranges(&segment.firsts, asked) {
            let contents = segment.read(connection, pages.clone()).await?;
            for (page, content) in pages.zip(&contents) {
                let asked_here = asked_in(&segment.firsts, page, asked);
                find_in_page(entries_of(content)?, asked_here);
            }
        }
    }
    Ok(())
}

/// Adds entries, in order and none of them known, and merges what has added up.
pub(super) async fn add(connection: &mut SqliteConnection, scope: i64, entries: &[Entry]) -> Result<(), Error> {
    let mut writer = Writer::begin(connection, scope).await?;
    for entry in entries {
        writer.push(*entry).await?;
    }
    writer.finish(0).await?;
    let mut level = 0;
    loop {
        let segments = list(connection, scope, Some(level)).await?;
        if segments.len() < MERGED_AT_ONCE {
            return Ok(());
        }
        level += 1;
        let writer = Writer::begin(connection, scope).await?;
        merge(writer, &segments, level).await?;
        for segment in &segments {
            delete(connection, segment).await.map_err(database(DOING))?;
        }
    }
}

/// The entries of a page as they lie in it.
pub(super) fn entries_of(page: &[u8]) -> Result<&[[u8; ENTRY_BYTES]], Error> {
    match page.as_chunks() {
        (entries, []) => Ok(entries),
        _ => Err(damaged()),
    }
}

/// One entry as it lies in a page.
pub(super) fn entry_at(entries: &[[u8; ENTRY_BYTES]], index: usize) -> Option<Entry> {
    entries.get(index).map(Entry::from_bytes)
}

/// Writes a segment page by page.
pub(super) struct Writer<'c> {
    pub(super) connection: &'c mut SqliteConnection,
    segment: Segment,
    page: Vec<u8>,
}

impl<'c> Writer<'c> {
    async fn begin(connection: &'c mut SqliteConnection, scope: i64) -> Result<Self, Error> {
        let segment = sqlx::query_scalar("SELECT COALESCE(MAX(segment), 0) + 1 FROM unique_segments WHERE scope = ?")
            .bind(scope)
            .fetch_one(&mut *connection)
            .await
            .map_err(database(DOING))?;
        let segment = Segment { scope, segment, firsts: Vec::new() };
        Ok(Self { connection, segment, page: Vec::with_capacity(PAGE_ENTRIES * ENTRY_BYTES) })
    }

    /// Appends an entry; the caller gives them in order.
    pub(super) async fn push(&mut self, entry: Entry) -> Result<(), Error> {
        if self.page.is_empty() {
            self.segment.firsts.push(entry.key);
        }
        self.page.extend_from_slice(&entry.to_bytes());
        if self.page.len() == PAGE_ENTRIES * ENTRY_BYTES { self.write_page().await } else { Ok(()) }
    }

    pub(super) async fn finish(mut self, level: i64) -> Result<(), Error> {
        if !self.page.is_empty() {
            self.write_page().await?;
        }
        let firsts: Vec<u8> = self.segment.firsts.iter().flat_map(|first| first.to_be_bytes()).collect();
        sqlx::query("INSERT INTO unique_segments (scope, segment, level, firsts) VALUES (?, ?, ?, ?)")
            .bind(self.segment.scope)
            .bind(self.segment.segment)
            .bind(level)
            .bind(firsts)
            .execute(self.connection)
            .await
            .map_err(database(DOING))?;
        Ok(())
    }

    async fn write_page(&mut self) -> Result<(), Error> {
        let content = std::mem::replace(&mut self.page, Vec::with_capacity(PAGE_ENTRIES * ENTRY_BYTES));
        sqlx::query("INSERT INTO unique_pages (scope, segment, page, entries) VALUES (?, ?, ?, ?)")
            .bind(self.segment.scope)
            .bind(self.segment.segment)
            .bind(number(self.segment.firsts.len().saturating_sub(1)))
            .bind(content)
            .execute(&mut *self.connection)
            .await
            .map_err(database(DOING))?;
        Ok(())
    }
}

async fn list(connection: &mut SqliteConnection, scope: i64, level: Option<i64>) -> Result<Vec<Segment>, Error> {
    let rows = sqlx::query(
        "SELECT segment, firsts FROM unique_segments WHERE scope = ?1 AND (?2 IS NULL OR level = ?2) ORDER BY segment",
    )
    .bind(scope)
    .bind(level)
    .fetch_all(connection)
    .await
    .map_err(database(DOING))?;
    rows.iter()
        .map(|row| {
            let columns = Columns::of("a segment of keys", row);
            let firsts = firsts_of(columns.get("firsts")?)?;
            Ok(Segment { scope, segment: columns.get("segment")?, firsts })
        })
        .collect()
}

async fn delete(connection: &mut SqliteConnection, segment: &Segment) -> Result<(), sqlx::Error> {
    for statement in [
        "DELETE FROM unique_pages WHERE scope = ? AND segment = ?",
        "DELETE FROM unique_segments WHERE scope = ? AND segment = ?",
    ] {
        sqlx::query(statement).bind(segment.scope).bind(segment.segment).execute(&mut *connection).await?;
    }
    Ok(())
}

fn firsts_of(bytes: &[u8]) -> Result<Vec<u128>, Error> {
    match bytes.as_chunks() {
        (firsts, []) => Ok(firsts.iter().map(|first| u128::from_be_bytes(*first)).collect()),
        _ => Err(damaged()),
    }
}

/// The pages that may hold a fingerprint asked for, in ranges that are each worth one query.
fn page_ranges(firsts: &[u128], asked: &[Asked]) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    let mut rest = asked;
    while let Some(next) = rest.first() {
        let beyond = firsts.partition_point(|first| *first <= next.key);
        if let Some(page) = beyond.checked_sub(1) {
            match ranges.last_mut() {
                Some(last) if page < last.end + BRIDGED_PAGES && page < last.start + PAGES_AT_ONCE => {
                    last.end = page + 1;
                }
                _ => ranges.push(page..page + 1),
            }
        }
        let Some(end) = firsts.get(beyond) else { break };
        rest = rest.get(rest.partition_point(|asked| asked.key < *end)..).unwrap_or_default();
    }
    ranges
}

/// The fingerprints asked for that would lie in a page.
fn asked_in<'a>(firsts: &[u128], page: usize, asked: &'a mut [Asked]) -> &'a mut [Asked] {
    let position = |first: Option<&u128>| first.map(|first| asked.partition_point(|asked| asked.key < *first));
    let start = position(firsts.get(page)).unwrap_or(asked.len());
    let end = position(firsts.get(page + 1)).unwrap_or(asked.len());
    asked.get_mut(start..end).unwrap_or_default()
}

fn find_in_page(entries: &[[u8; ENTRY_BYTES]], asked: &mut [Asked]) {
    let mut rest = entries;
    for asked in asked {
        let position = rest.partition_point(|entry| Entry::from_bytes(entry).key < asked.key);
        rest = rest.get(position..).unwrap_or_default();
        if let Some(entry) = entry_at(rest, 0).filter(|entry| entry.key == asked.key) {
            asked.owner = Some(entry.owner);
        }
    }
}

/// A page number as the database keeps it. The largest segment has some ten thousand.
fn number(page: usize) -> i64 {
    i64::try_from(page).unwrap_or(i64::MAX)
}

fn damaged() -> Error {
    Error::Unreadable { what: "a segment of keys", source: Box::new(Damaged) }
}

#[derive(Debug, thiserror::Error)]
#[error("a page is missing or cut off")]
struct Damaged;
