//! `replace` keeps what hangs on the table.

use destination::Destination;
use spec::Disposition;

use crate::database::{Database, in_run, incoming, plain, plain_rows};

async fn run(database: &Database, run: &str, rows: &[(i64, Option<&str>)]) {
    let target = in_run(&plain(Disposition::Replace), run);
    let destination = database.destination();
    destination.prepare(&target).await.unwrap();
    destination.deliver(&target, incoming(&target, 0, plain_rows(&target, rows))).await.unwrap();
    destination.finish(&target).await.unwrap();
    destination.finish(&target).await.unwrap();
}

const TABLES: &str = "SELECT string_agg(relname, ',' ORDER BY relname) FROM pg_class \
    WHERE relnamespace = 'shop'::regnamespace AND relkind = 'r'";
const IDS: &str = "SELECT string_agg(id::text, ',' ORDER BY id) FROM shop.orders";

#[tokio::test]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn a_table_nothing_hangs_on_is_swapped_and_keeps_its_key_and_comment() {
    let mut database = Database::new("swapped").await;
    run(&database, "shop-1", &[(1, None), (2, Some("two"))]).await;
    database.run("COMMENT ON TABLE shop.orders IS 'it''s ours'").await;
    let before = database.number("SELECT 'shop.orders'::regclass::oid::int8").await;
    run(&database, "shop-2", &[(2, None), (3, None)]).await;
    assert_ne!(database.number("SELECT 'shop.orders'::regclass::oid::int8").await, before, "the table was not swapped");
    assert_eq!(database.text(IDS).await.as_deref(), Some("2,3"));
    assert_eq!(database.text(TABLES).await.as_deref(), Some("_millstream_ledger,orders"));
    let key = database
        .text("SELECT conname::text FROM pg_constraint WHERE conrelid = 'shop.orders'::regclass AND contype = 'p'")
        .await;
    assert_eq!(key.as_deref(), Some("orders_pkey"));
    assert_eq!(database.text("SELECT obj_description('shop.orders'::regclass)").await.as_deref(), Some("it's ours"));
}

#[tokio::test]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn a_table_with_views_keys_grants_or_indexes_keeps_them() {
    let mut database = Database::new("in_place").await;
    for ties in [
        "CREATE VIEW shop.seen AS SELECT * FROM shop.orders",
        "CREATE TABLE shop.lines (id int8 REFERENCES shop.orders DEFERRABLE INITIALLY DEFERRED)",
        "GRANT SELECT ON shop.orders TO PUBLIC",
        "CREATE INDEX by_name ON shop.orders (name)",
        "CREATE TABLE shop.rows (one shop.orders)",
        "ALTER TABLE shop.orders ADD serial bigserial",
    ] {
        database.run("DROP SCHEMA IF EXISTS shop CASCADE").await;
        run(&database, "shop-1", &[(1, None), (2, None)]).await;
        database.run(ties).await;
        let before = database.number("SELECT 'shop.orders'::regclass::oid::int8").await;
        run(&database, "shop-2", &[(2, Some("two")), (3, None)]).await;
        assert_eq!(database.number("SELECT 'shop.orders'::regclass::oid::int8").await, before, "{ties}");
        assert_eq!(database.text(IDS).await.as_deref(), Some("2,3"), "{ties}");
        let shadows = database
            .number("SELECT count(*) FROM pg_class WHERE relname LIKE '\\_millstream\\_new%' AND relkind = 'r'")
            .await;
        assert_eq!(shadows, 0, "{ties}");
    }
}

#[tokio::test]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn a_finish_that_was_killed_can_be_repeated_and_one_without_rows_says_so() {
    let mut database = Database::new("finishing").await;
    let target = plain(Disposition::Replace);
    let destination = database.destination();
    destination.prepare(&target).await.unwrap();
    destination.deliver(&target, incoming(&target, 0, plain_rows(&target, &[(1, None)]))).await.unwrap();
    // Somebody reads the table: the swap waits and its process is killed meanwhile.
    database.run("BEGIN; SELECT * FROM shop.orders").await;
    let waiting = tokio::time::timeout(std::time::Duration::from_millis(300), destination.finish(&target)).await;
    assert!(waiting.is_err(), "the swap did not wait for a reader");
    database.run("COMMIT").await;
    destination.finish(&target).await.unwrap();
    assert_eq!(database.text(IDS).await.as_deref(), Some("1"));

    let lost = in_run(&target, "shop-2");
    destination.prepare(&lost).await.unwrap();
    database.run("DO $$ DECLARE t text; BEGIN SELECT oid::regclass INTO t FROM pg_class WHERE relname LIKE '\\_millstream\\_new%' AND relkind = 'r'; EXECUTE 'DROP TABLE ' || t; END $$").await;
    let error = destination.finish(&lost).await.unwrap_err();
    assert!(matches!(error, destination::Error::Config { code: "not_prepared", .. }), "{error:?}");
    assert_eq!(database.text(IDS).await.as_deref(), Some("1"));
}
