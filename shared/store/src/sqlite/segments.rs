//! Sorted segments of fingerprints, each in pages: searched by filter and page, merged eight into one.
//!
//! A fingerprint is in one segment of its scope at most. Merging eight at a time writes each one
//! about three times for twenty million, always in order; memory stays a few pages.

use std::ops::Range;

use sqlx::SqliteConnection;

use super::failure::database;
use super::filter::Filter;
use super::keys::Asked;
use super::merge::merge;
use super::pages::{ENTRY_BYTES, Entry, damaged, entries_of, entry_at, firsts_of};
use super::segment_writer::Writer;
use crate::Error;
use crate::tables::columns::Columns;

/// Pages that share a filter; what is read at once is at most all of them, about 1.3 MiB.
pub(super) const PART_PAGES: usize = 64;
/// Segments of one level that are merged into one of the next.
const MERGED_AT_ONCE: usize = 8;
/// Reading this many pages nobody asked for is cheaper than another query.
const BRIDGED_PAGES: usize = 4;

const DOING: &str = "look for keys";

/// A sorted run of entries.
pub(super) struct Segment {
    scope: i64,
    segment: i64,
    /// The first key of each page.
    firsts: Vec<u128>,
}

/// Fills in who owns each of the fingerprints asked for, which are in order.
pub(super) async fn find_owners(
    connection: &mut SqliteConnection,
    scope: i64,
    asked: &mut [Asked],
) -> Result<(), Error> {
    for segment in list(connection, scope, None).await? {
        for part in 0..segment.pages().div_ceil(PART_PAGES) {
            let pages = part * PART_PAGES..(part + 1) * PART_PAGES;
            let asked = segment.asked_in(pages, asked);
            if !asked.is_empty() {
                segment.find_in_part(connection, part, asked).await?;
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

    async fn find_in_part(
        &self,
        connection: &mut SqliteConnection,
        part: usize,
        asked: &mut [Asked],
    ) -> Result<(), Error> {
        let filter = self.filter(connection, part).await?;
        let mut asked: Vec<&mut Asked> = asked.iter_mut().filter(|asked| filter.may_hold(asked.key)).collect();
        for pages in self.page_ranges(&asked) {
            let contents = self.read(connection, pages.clone()).await?;
            for (page, content) in pages.zip(&contents) {
                find_in_page(entries_of(content)?, self.asked_in(page..page + 1, &mut asked));
            }
        }
        Ok(())
    }

    async fn filter(&self, connection: &mut SqliteConnection, part: usize) -> Result<Filter, Error> {
        let bits: Option<Vec<u8>> =
            sqlx::query_scalar("SELECT bits FROM unique_filters WHERE scope = ? AND segment = ? AND part = ?")
                .bind(self.scope)
                .bind(self.segment)
                .bind(number(part))
                .fetch_optional(connection)
                .await
                .map_err(database(DOING))?;
        bits.map(Filter::from_bytes).ok_or_else(damaged)
    }

    /// The pages that would hold the fingerprints, in ranges that are each worth one query.
    fn page_ranges(&self, asked: &[&mut Asked]) -> Vec<Range<usize>> {
        let mut ranges: Vec<Range<usize>> = Vec::new();
        for asked in asked {
            let beyond = self.firsts.partition_point(|first| *first <= asked.key);
            let Some(page) = beyond.checked_sub(1) else { continue };
            match ranges.last_mut() {
                Some(last) if page < last.end + BRIDGED_PAGES => last.end = beyond,
                _ => ranges.push(page..beyond),
            }
        }
        ranges
    }

    /// The fingerprints asked for that would lie in these pages.
    fn asked_in<'a, A: HasKey>(&self, pages: Range<usize>, asked: &'a mut [A]) -> &'a mut [A] {
        let place = |page| match self.firsts.get(page) {
            Some(first) => asked.partition_point(|asked| asked.key() < *first),
            None => asked.len(),
        };
        let (start, end) = (place(pages.start), place(pages.end));
        asked.get_mut(start..end).unwrap_or_default()
    }
}

trait HasKey {
    fn key(&self) -> u128;
}

impl HasKey for Asked {
    fn key(&self) -> u128 {
        self.key
    }
}

impl HasKey for &mut Asked {
    fn key(&self) -> u128 {
        self.key
    }
}

fn find_in_page(entries: &[[u8; ENTRY_BYTES]], asked: &mut [&mut Asked]) {
    let mut rest = entries;
    for asked in asked {
        let place = rest.partition_point(|entry| Entry::from_bytes(entry).key < asked.key);
        rest = rest.get(place..).unwrap_or_default();
        if let Some(entry) = entry_at(rest, 0).filter(|entry| entry.key == asked.key) {
            asked.owner = Some(entry.owner);
        }
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
            let firsts = firsts_of(columns.bytes("firsts")?)?;
            Ok(Segment { scope, segment: columns.integer("segment")?, firsts })
        })
        .collect()
}

async fn delete(connection: &mut SqliteConnection, segment: &Segment) -> Result<(), sqlx::Error> {
    for statement in [
        "DELETE FROM unique_pages WHERE scope = ? AND segment = ?",
        "DELETE FROM unique_filters WHERE scope = ? AND segment = ?",
        "DELETE FROM unique_segments WHERE scope = ? AND segment = ?",
    ] {
        sqlx::query(statement).bind(segment.scope).bind(segment.segment).execute(&mut *connection).await?;
    }
    Ok(())
}

/// A number of a page or part as the database keeps it. The largest segment has some ten thousand pages.
pub(super) fn number(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
