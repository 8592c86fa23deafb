//! Several sorted segments into one.

use sqlx::SqliteConnection;

use super::pages::{Entry, entries_of, entry_at};
use super::segment_writer::Writer;
use super::segments::Segment;
use crate::Error;

/// Merges segments into the one that `writer` writes, a page of each in memory.
pub(super) async fn merge(mut writer: Writer<'_>, segments: &[Segment], level: i64) -> Result<(), Error> {
    let mut cursors = Vec::with_capacity(segments.len());
    for segment in segments {
        cursors.push(Cursor::begin(writer.connection, segment).await?);
    }
    while let Some((next, entry)) = smallest(&cursors) {
        writer.push(entry).await?;
        if let Some(cursor) = cursors.get_mut(next) {
            cursor.advance(writer.connection).await?;
        }
    }
    writer.finish(level).await
}

/// Where a merge stands in one segment.
struct Cursor<'s> {
    segment: &'s Segment,
    page: usize,
    content: Vec<u8>,
    index: usize,
    head: Option<Entry>,
}

impl<'s> Cursor<'s> {
    async fn begin(connection: &mut SqliteConnection, segment: &'s Segment) -> Result<Self, Error> {
        let mut cursor = Self { segment, page: 0, content: Vec::new(), index: 0, head: None };
        cursor.read_page(connection).await?;
        Ok(cursor)
    }

    async fn advance(&mut self, connection: &mut SqliteConnection) -> Result<(), Error> {
        self.index += 1;
        self.head = entry_at(entries_of(&self.content)?, self.index);
        if self.head.is_none() {
            self.page += 1;
            self.read_page(connection).await?;
        }
        Ok(())
    }

    async fn read_page(&mut self, connection: &mut SqliteConnection) -> Result<(), Error> {
        if self.page >= self.segment.pages() {
            return Ok(());
        }
        self.content = self.segment.read(connection, self.page..self.page + 1).await?.pop().unwrap_or_default();
        self.index = 0;
        self.head = entry_at(entries_of(&self.content)?, 0);
        Ok(())
    }
}

/// The cursor with the smallest head. Eight are compared faster than a heap is kept.
fn smallest(cursors: &[Cursor<'_>]) -> Option<(usize, Entry)> {
    let heads = cursors.iter().enumerate().filter_map(|(index, cursor)| cursor.head.map(|head| (index, head)));
    heads.min_by_key(|(_, head)| head.key)
}
