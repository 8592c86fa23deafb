//! `replace`: rows gather in a shadow table, which takes the table's place when the run is finished.
//!
//! The shadow is swapped in by renaming where nothing hangs on the old table. Where views, foreign
//! keys, grants, triggers or indexes of the user's own do, which a swap would lose, the rows are
//! exchanged in place: deleted and inserted in one transaction, so readers see the old rows until
//! then, at the price of writing them twice.

use destination::{Error, Target};
use sqlx::AssertSqlSafe;
use sqlx::postgres::PgConnection;

use crate::error::failure;
use crate::layout::{Layout, find_table};
use crate::ledger;
use crate::names::{Names, identifier};
use crate::prepare::wait_for_turn;

/// Readers that hold the old table this long make the finish be tried again later, for whoever
/// waits for a lock makes all others wait behind it.
const LOCK_TIMEOUT: &str = "SET LOCAL lock_timeout = '30s'";

const SHADOWS: &str = r"
    SELECT c.relname::text
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = $1 AND c.relkind = 'r' AND starts_with(c.relname::text, $2) AND c.relname <> $3";

/// Whether something would be lost with the old table: what refers to it, and what it alone has.
const IS_TIED: &str = r"
    SELECT c.relkind <> 'r' OR c.relpersistence <> 'p' OR c.relacl IS NOT NULL OR c.reloptions IS NOT NULL
        OR c.reltablespace <> 0 OR c.relrowsecurity OR c.relhassubclass OR c.relispartition
        OR c.relreplident <> 'd'
        OR pg_catalog.pg_get_userbyid(c.relowner) <> current_user
        OR EXISTS (SELECT FROM pg_catalog.pg_depend d
                   WHERE d.deptype = 'n' AND (d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = c.oid
                                           OR d.refclassid = 'pg_catalog.pg_type'::regclass AND d.refobjid = c.reltype))
        OR EXISTS (SELECT FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_class s ON s.oid = d.objid AND s.relkind = 'S'
                   WHERE d.classid = 'pg_catalog.pg_class'::regclass
                     AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = c.oid)
        OR EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.contype = 'f' AND c.oid IN (k.conrelid, k.confrelid))
        OR EXISTS (SELECT FROM pg_catalog.pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal)
        OR EXISTS (SELECT FROM pg_catalog.pg_rewrite r WHERE r.ev_class = c.oid)
        OR EXISTS (SELECT FROM pg_catalog.pg_policy p WHERE p.polrelid = c.oid)
        OR EXISTS (SELECT FROM pg_catalog.pg_publication_rel p WHERE p.prrelid = c.oid)
        OR EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE c.oid IN (i.inhrelid, i.inhparent))
        OR EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attacl IS NOT NULL)
        OR EXISTS (SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid AND NOT i.indisprimary)
    FROM pg_catalog.pg_class c WHERE c.oid::int8 = $1";

/// The primary key's name, and what people wrote about the table.
const KEPT: &str = r"
    SELECT (SELECT conname::text FROM pg_catalog.pg_constraint WHERE conrelid = c.oid AND contype = 'p'),
           pg_catalog.obj_description(c.oid, 'pg_class')
    FROM pg_catalog.pg_class c WHERE c.oid::int8 = $1";

/// Makes the run's shadow and drops those of runs that never finished. A run whose shadow is gone
/// starts again, so its batches leave the ledger.
pub(crate) async fn prepare_shadow(connection: &mut PgConnection, names: &Names, target: &Target) -> Result<(), Error> {
    if ledger::is_finished(connection, names, target).await? {
        return Ok(());
    }
    drop_other_shadows(connection, names).await?;
    if find_table(connection, names, &names.shadow).await?.is_some() {
        return Ok(());
    }
    ledger::forget(connection, names, target).await?;
    let sql =
        format!("CREATE TABLE {} (LIKE {} INCLUDING ALL)", names.quoted(&names.shadow), names.quoted(&names.table));
    ledger::run(connection, sql, "make the shadow table").await
}

/// Puts the shadow in the table's place, once.
pub(crate) async fn finish(
    connection: &mut PgConnection,
    names: &Names,
    target: &Target,
    layout: &Layout,
) -> Result<(), Error> {
    ledger::run(connection, format!("BEGIN; {LOCK_TIMEOUT}"), "begin a transaction").await?;
    wait_for_turn(connection, names).await?;
    if ledger::enter_finish(connection, names, target).await? {
        let table = find_table(connection, names, &names.table).await?;
        let shadow = find_table(connection, names, &names.shadow).await?;
        match (table, shadow) {
            (Some(table), Some(shadow)) => exchange(connection, names, layout, table, shadow).await?,
            _ => return Err(shadow_gone(target)),
        }
    }
    ledger::run(connection, "COMMIT".to_owned(), "commit the new rows").await
}

async fn exchange(
    connection: &mut PgConnection,
    names: &Names,
    layout: &Layout,
    table: i64,
    shadow: i64,
) -> Result<(), Error> {
    let is_tied: bool = sqlx::query_scalar(IS_TIED)
        .bind(table)
        .fetch_one(&mut *connection)
        .await
        .map_err(|error| failure(format!("see what hangs on table `{}`", names.table), error))?;
    let sql = if is_tied { in_place(names, layout) } else { swap(connection, names, table, shadow).await? };
    ledger::run(connection, sql, &format!("replace the rows of table `{}.{}`", names.schema, names.table)).await
}

fn in_place(names: &Names, layout: &Layout) -> String {
    let (table, shadow, columns) = (names.quoted(&names.table), names.quoted(&names.shadow), layout.column_list());
    format!(
        "DELETE FROM {table}; \
         INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM {shadow}; DROP TABLE {shadow}"
    )
}

async fn swap(connection: &mut PgConnection, names: &Names, table: i64, shadow: i64) -> Result<String, Error> {
    let (key, comment) = kept(connection, names, table).await?;
    let (shadow_key, _) = kept(connection, names, shadow).await?;
    let (old, new) = (names.quoted(&names.table), names.quoted(&names.shadow));
    let mut sql = format!("DROP TABLE {old}; ALTER TABLE {new} RENAME TO {};", identifier(&names.table));
    if let (Some(key), Some(shadow_key)) = (key, shadow_key) {
        let (from, to) = (identifier(&shadow_key), identifier(&key));
        sql.push_str(&format!("ALTER TABLE {old} RENAME CONSTRAINT {from} TO {to};"));
    }
    if let Some(comment) = comment {
        sql.push_str(&format!("COMMENT ON TABLE {old} IS '{}';", comment.replace('\'', "''")));
    }
    Ok(sql)
}

async fn kept(
    connection: &mut PgConnection,
    names: &Names,
    table: i64,
) -> Result<(Option<String>, Option<String>), Error> {
    sqlx::query_as(KEPT)
        .bind(table)
        .fetch_one(connection)
        .await
        .map_err(|error| failure(format!("read the names of table `{}`", names.table), error))
}

async fn drop_other_shadows(connection: &mut PgConnection, names: &Names) -> Result<(), Error> {
    let others: Vec<String> = sqlx::query_scalar(SHADOWS)
        .bind(&names.schema)
        .bind(&names.shadow_prefix)
        .bind(&names.shadow)
        .fetch_all(&mut *connection)
        .await
        .map_err(|error| failure("look for shadow tables of earlier runs", error))?;
    for other in others {
        let sql = format!("DROP TABLE {}", names.quoted(&other));
        sqlx::raw_sql(AssertSqlSafe(sql))
            .execute(&mut *connection)
            .await
            .map_err(|error| failure("drop the shadow table of an earlier run", error))?;
    }
    Ok(())
}

fn shadow_gone(target: &Target) -> Error {
    Error::config(
        "not_prepared",
        format!("the rows that run `{}` gathered for stream `{}` are gone; run it again", target.run, target.stream),
    )
}
