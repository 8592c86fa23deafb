//! Tables that are made, and tables that are there already.

use std::sync::Arc;

use arrow_array::{ArrayRef, Decimal128Array, Int16Array, Int32Array, StringArray, UInt64Array};
use batch::ColumnType;
use destination::{Destination, Error, Outcome};
use spec::Disposition;

use crate::database::{Database, batch, field, in_run, incoming, plain, plain_rows, target};

#[tokio::test]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn a_table_that_is_made_has_the_right_types_its_key_and_not_null() {
    let mut database = Database::new("made").await;
    let types =
        ["int8", "uint8", "uint16", "uint32", "uint64", "decimal(12,2)", "numeric", "json", "timestamp", "timestamptz"];
    let mut fields = vec![ColumnType::Uuid.field("id", false)];
    fields.extend(types.iter().map(|notation| field(notation, notation)));
    let destination = database.destination();
    destination.prepare(&target(Disposition::Merge, fields, &["id"])).await.unwrap();
    let made = database
        .text("SELECT string_agg(format_type(atttypid, atttypmod) || CASE WHEN attnotnull THEN '!' ELSE '' END, ' | ' ORDER BY attnum)
               FROM pg_attribute WHERE attrelid = 'shop.orders'::regclass AND attnum > 0")
        .await;
    assert_eq!(
        made.as_deref(),
        Some(
            "uuid! | smallint | smallint | integer | bigint | numeric(20,0) | numeric(12,2) | numeric | jsonb | \
             timestamp without time zone | timestamp with time zone"
        )
    );
    let key = database.text("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'shop.orders'::regclass AND contype = 'p'").await;
    assert_eq!(key.as_deref(), Some("PRIMARY KEY (id)"));
}

#[tokio::test]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn a_table_with_wider_columns_and_defaults_of_its_own_is_written_exactly() {
    let mut database = Database::new("wider").await;
    database
        .run(
            "CREATE SCHEMA shop; CREATE DOMAIN shop.name AS varchar(6);
             CREATE TABLE shop.orders (note text DEFAULT 'own', doc json, id int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                small numeric(9,2), big numeric, price numeric(20,6), name shop.name)",
        )
        .await;
    let fields = || {
        [
            ("id", "int32"),
            ("small", "int16"),
            ("big", "uint64"),
            ("price", "decimal(9,2)"),
            ("name", "utf8"),
            ("doc", "json"),
        ]
        .map(|(name, notation)| field(name, notation))
        .to_vec()
    };
    for (disposition, run) in
        [(Disposition::Append, "shop-1"), (Disposition::Merge, "shop-2"), (Disposition::Replace, "shop-3")]
    {
        let target = in_run(&target(disposition, fields(), &["id"]), run);
        let columns: Vec<ArrayRef> = vec![
            Arc::new(Int32Array::from(vec![7])),
            Arc::new(Int16Array::from(vec![i16::MIN])),
            Arc::new(UInt64Array::from(vec![u64::MAX])),
            Arc::new(Decimal128Array::from(vec![-123_456_789]).with_precision_and_scale(9, 2).unwrap()),
            Arc::new(StringArray::from(vec!["größer"])),
            Arc::new(StringArray::from(vec!["{\"a\" : 1}"])),
        ];
        let destination = database.destination();
        destination.prepare(&target).await.unwrap();
        let outcome = destination.deliver(&target, incoming(&target, 0, batch(&target, columns))).await.unwrap();
        assert_eq!(outcome, Outcome::Written { rows: 1 });
        destination.finish(&target).await.unwrap();
        let row = database.text("SELECT concat_ws('|', id, small, big, price, name, doc, note) FROM shop.orders").await;
        let expected = "7|-32768.00|18446744073709551615|-1234567.890000|größer|{\"a\" : 1}|own";
        assert_eq!(row.as_deref(), Some(expected), "{disposition:?}");
    }
}

#[tokio::test]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn a_table_that_does_not_fit_is_refused_with_what_was_expected_and_found() {
    let mut database = Database::new("mismatch").await;
    database.run("CREATE SCHEMA shop").await;
    let fields = || vec![ColumnType::Int64.field("id", false), field("at", "timestamptz")];
    for (definition, disposition, parts) in [
        ("id int4, at timestamptz", Disposition::Append, &["`id`", "`integer`", "`bigint`"][..]),
        ("id int8, at timestamp", Disposition::Append, &["`at`", "`timestamp without time zone`", "`timestamptz`"]),
        ("id int8, at timestamptz(3)", Disposition::Append, &["`at`", "`timestamp(3) with time zone`"]),
        ("id int8", Disposition::Append, &["no column `at`", "`timestamptz`"]),
        ("id int8, at timestamptz, must int4 NOT NULL", Disposition::Append, &["`must`", "NOT NULL"]),
        ("id int8 GENERATED ALWAYS AS (1) STORED, at timestamptz", Disposition::Append, &["`id`", "generates"]),
        ("id int8, at timestamptz", Disposition::Merge, &["(\"id\")", "`merge`"]),
    ] {
        database.run(&format!("DROP TABLE IF EXISTS shop.orders; CREATE TABLE shop.orders ({definition})")).await;
        match database.destination().prepare(&target(disposition, fields(), &["id"])).await {
            Err(Error::Config { code: "table_mismatch", problem, .. }) => {
                assert!(parts.iter().all(|part| problem.contains(part)), "{problem}");
            }
            other => panic!("{definition}: {other:?}"),
        }
    }
    database.run("DROP TABLE shop.orders; CREATE VIEW shop.orders AS SELECT 1 AS id").await;
    let view = database.destination().prepare(&target(Disposition::Append, fields(), &[])).await.unwrap_err();
    assert!(view.to_string().contains("view"), "{view}");
}

#[tokio::test]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn merging_goes_by_any_unique_key_and_writes_only_what_changed() {
    let mut database = Database::new("merging").await;
    database.run("CREATE SCHEMA shop; CREATE TABLE shop.orders (id int8, name text, extra int4 DEFAULT 5, CONSTRAINT one UNIQUE (id))").await;
    let (destination, first) = (database.destination(), plain(Disposition::Merge));
    destination.prepare(&first).await.unwrap();
    destination.deliver(&first, incoming(&first, 0, plain_rows(&first, &[(1, Some("a")), (2, None)]))).await.unwrap();
    let places = "SELECT string_agg(id || ' ' || ctid::text, ',' ORDER BY id) FROM shop.orders";
    let before = database.text(places).await;
    let second = in_run(&first, "shop-2");
    destination.prepare(&second).await.unwrap();
    destination
        .deliver(&second, incoming(&second, 0, plain_rows(&second, &[(1, Some("a")), (2, None)])))
        .await
        .unwrap();
    assert_eq!(database.text(places).await, before, "rows that did not change were written again");
    destination.deliver(&second, incoming(&second, 1, plain_rows(&second, &[(2, Some("")), (3, None)]))).await.unwrap();
    let rows = database
        .text("SELECT string_agg(concat(id, coalesce(name, 'NULL'), extra), ',' ORDER BY id) FROM shop.orders")
        .await;
    assert_eq!(rows.as_deref(), Some("1a5,25,3NULL5"));
}

#[tokio::test]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn a_table_of_keys_alone_is_merged_and_a_null_in_a_key_is_refused() {
    let mut database = Database::new("keys").await;
    database.run("CREATE SCHEMA shop; CREATE TABLE shop.orders (a int8, b text, UNIQUE (b, a))").await;
    let keys = target(Disposition::Merge, vec![field("a", "int64"), field("b", "utf8")], &["a", "b"]);
    let destination = database.destination();
    destination.prepare(&keys).await.unwrap();
    for number in 0..2 {
        destination
            .deliver(&keys, incoming(&keys, number, plain_rows(&keys, &[(1, Some("x")), (1, Some("y"))])))
            .await
            .unwrap();
    }
    assert_eq!(database.number("SELECT count(*) FROM shop.orders").await, 2);
    let refused = destination.deliver(&keys, incoming(&keys, 2, plain_rows(&keys, &[(1, None)]))).await.unwrap_err();
    assert!(matches!(&refused, Error::Refused { problem, .. } if problem.contains("`b`")), "{refused:?}");
}

#[tokio::test]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn many_processes_can_prepare_the_same_at_once() {
    let mut database = Database::new("at_once").await;
    for round in 0..5 {
        database.run("DROP SCHEMA IF EXISTS shop CASCADE").await;
        let prepared = (0..6).map(|_| {
            let (destination, target) = (database.destination(), plain(Disposition::Replace));
            tokio::spawn(async move { destination.prepare(&target).await })
        });
        for prepared in prepared.collect::<Vec<_>>() {
            prepared.await.unwrap().unwrap_or_else(|error| panic!("round {round}: {error:?}"));
        }
    }
}

#[tokio::test]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn the_ledger_says_what_was_written_and_the_location_holds_no_secret() {
    let mut database = Database::new("ledger").await;
    let (destination, target) = (database.destination(), plain(Disposition::Append));
    destination.prepare(&target).await.unwrap();
    destination.deliver(&target, incoming(&target, 4, plain_rows(&target, &[(1, None)]))).await.unwrap();
    let entry = database
        .text("SELECT concat_ws('|', batch_id, sync, stream, run, lane, sequence, rows) FROM shop._millstream_ledger WHERE delivered_at <= now()")
        .await;
    assert_eq!(entry.as_deref(), Some("shop-1-4|shop|orders|shop-1|shop-1/orders/0|4|1"));
    let secret = destination_postgres::PostgresDestination::new("postgres://me:s3cret@db.example/shop", "dwh").unwrap();
    assert_eq!(secret.location(&target), "postgres://db.example:5432/shop, table dwh.orders");
}
