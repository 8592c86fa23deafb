//! Writes a segment: its pages, a filter for every 64 of them, and at the end its directory.

use sqlx::SqliteConnection;

use super::failure::database;
use super::filter::Filter;
use super::pages::{ENTRY_BYTES, Entry, PAGE_ENTRIES, directory_of};
use super::segments::{PART_PAGES, number};
use crate::Error;

const DOING: &str = "write keys";

/// A segment on its way into the database.
pub(super) struct Writer<'c> {
    pub(super) connection: &'c mut SqliteConnection,
    scope: i64,
    segment: i64,
    /// The first key of each page.
    firsts: Vec<u128>,
    page: Vec<u8>,
    /// The keys that no filter has yet.
    unfiltered: Vec<u128>,
    parts: usize,
}

impl<'c> Writer<'c> {
    pub(super) async fn begin(connection: &'c mut SqliteConnection, scope: i64) -> Result<Self, Error> {
        let segment = sqlx::query_scalar("SELECT COALESCE(MAX(segment), 0) + 1 FROM unique_segments WHERE scope = ?")
            .bind(scope)
            .fetch_one(&mut *connection)
            .await
            .map_err(database(DOING))?;
        let page = Vec::with_capacity(PAGE_ENTRIES * ENTRY_BYTES);
        Ok(Self { connection, scope, segment, firsts: Vec::new(), page, unfiltered: Vec::new(), parts: 0 })
    }

    /// Appends an entry; the caller gives them in order.
    pub(super) async fn push(&mut self, entry: Entry) -> Result<(), Error> {
        if self.page.is_empty() {
            self.firsts.push(entry.key);
        }
        self.page.extend_from_slice(&entry.to_bytes());
        self.unfiltered.push(entry.key);
        if self.page.len() == PAGE_ENTRIES * ENTRY_BYTES { self.write_page().await } else { Ok(()) }
    }

    pub(super) async fn finish(mut self, level: i64) -> Result<(), Error> {
        if !self.page.is_empty() {
            self.write_page().await?;
        }
        if !self.unfiltered.is_empty() {
            self.write_filter().await?;
        }
        sqlx::query("INSERT INTO unique_segments (scope, segment, level, firsts) VALUES (?, ?, ?, ?)")
            .bind(self.scope)
            .bind(self.segment)
            .bind(level)
            .bind(directory_of(&self.firsts))
            .execute(self.connection)
            .await
            .map_err(database(DOING))?;
        Ok(())
    }

    async fn write_page(&mut self) -> Result<(), Error> {
        let page = std::mem::replace(&mut self.page, Vec::with_capacity(PAGE_ENTRIES * ENTRY_BYTES));
        sqlx::query("INSERT INTO unique_pages (scope, segment, page, entries) VALUES (?, ?, ?, ?)")
            .bind(self.scope)
            .bind(self.segment)
            .bind(number(self.firsts.len().saturating_sub(1)))
            .bind(page)
            .execute(&mut *self.connection)
            .await
            .map_err(database(DOING))?;
        if self.firsts.len().is_multiple_of(PART_PAGES) { self.write_filter().await } else { Ok(()) }
    }

    async fn write_filter(&mut self) -> Result<(), Error> {
        sqlx::query("INSERT INTO unique_filters (scope, segment, part, bits) VALUES (?, ?, ?, ?)")
            .bind(self.scope)
            .bind(self.segment)
            .bind(number(self.parts))
            .bind(Filter::of(&self.unfiltered).into_bytes())
            .execute(&mut *self.connection)
            .await
            .map_err(database(DOING))?;
        self.unfiltered.clear();
        self.parts += 1;
        Ok(())
    }
}
