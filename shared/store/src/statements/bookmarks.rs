//! Bookmarks. They move with their stream: see `streams`.

use flow::{StreamName, SyncName};

use super::dialect::{Own, database};
use crate::Error;
use crate::record::Bookmark;
use crate::tables::rows::bookmark_of;

impl Own {
    pub(super) async fn bookmark(&self, sync: &SyncName, stream: &StreamName) -> Result<Option<Bookmark>, Error> {
        let row = sqlx::query("SELECT * FROM bookmarks WHERE sync_name = $1 AND stream = $2")
            .bind(sync.as_str())
            .bind(stream.as_str())
            .fetch_optional(&mut *self.reader().await?)
            .await
            .map_err(database("read a bookmark"))?;
        row.as_ref().map(bookmark_of).transpose()
    }

    pub(super) async fn bookmarks(&self, sync: Option<&SyncName>) -> Result<Vec<Bookmark>, Error> {
        let query = match sync {
            Some(sync) => {
                sqlx::query("SELECT * FROM bookmarks WHERE sync_name = $1 ORDER BY stream").bind(sync.as_str())
            }
            None => sqlx::query("SELECT * FROM bookmarks ORDER BY sync_name, stream"),
        };
        let rows = query.fetch_all(&mut *self.reader().await?).await.map_err(database("read the bookmarks"))?;
        rows.iter().map(bookmark_of).collect()
    }

    pub(super) async fn reset_bookmark(&self, sync: &SyncName, stream: &StreamName) -> Result<bool, Error> {
        let removed = sqlx::query("DELETE FROM bookmarks WHERE sync_name = $1 AND stream = $2")
            .bind(sync.as_str())
            .bind(stream.as_str())
            .execute(&mut *self.writer().await?)
            .await
            .map_err(database("reset a bookmark"))?;
        Ok(removed.rows_affected() == 1)
    }
}
