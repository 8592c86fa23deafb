//! What is read from PostgreSQL and written to it again is the same, by the server's own judgement.

use std::collections::BTreeMap;

use batch::schema;
use destination::{Destination, Target};
use flow::{RunId, Size, StreamName, SyncName};
use source::{PlanRequest, ReadRequest, Source};
use source_postgres::PostgresSource;
use spec::{BatchLimits, Disposition, Stream, StreamFrom, SyncMode};

use crate::database::{Database, incoming};

fn stream() -> Stream {
    Stream {
        name: StreamName::new("copied").unwrap(),
        from: StreamFrom::Table("shop.original".to_owned()),
        columns: BTreeMap::new(),
        sync_mode: SyncMode::FullRefresh,
        cursor_field: None,
        primary_key: Vec::new(),
        write_disposition: Disposition::Append,
        transforms: Vec::new(),
        quality: checks::Quality::default(),
        batch: BatchLimits { rows: 100, bytes: Size(1 << 20) },
    }
}

async fn copy(database: &Database, disposition: Disposition) {
    let source = PostgresSource::new(&database.url).unwrap();
    let stream = stream();
    let plan = source.plan(PlanRequest { stream: &stream, bookmark: None }).await.unwrap();
    // The schema goes through the store as text on its way.
    let kept = schema::from_json(&schema::to_json(&plan.schema).unwrap()).unwrap();
    assert_eq!(kept, plan.schema);
    let target = Target {
        sync: SyncName::new("shop").unwrap(),
        stream: stream.name.clone(),
        run: RunId::from_text(&format!("shop-{disposition:?}")),
        schema: kept,
        disposition,
        primary_key: plan.primary_key.clone(),
    };
    let destination = database.destination();
    destination.prepare(&target).await.unwrap();
    let request = ReadRequest { stream: &stream, schema: plan.schema.clone(), part: &plan.parts[0], position: None };
    let mut reader = source.read(request).await.unwrap();
    let mut number = 0;
    while let Some(pulled) = reader.next().await.unwrap() {
        assert!(pulled.rejects.is_empty(), "{:?}", pulled.rejects);
        destination.deliver(&target, incoming(&target, number, pulled.rows)).await.unwrap();
        number += 1;
    }
    assert!(number > 1, "one batch shows little");
    destination.finish(&target).await.unwrap();
}

const ORIGINAL: &str = r#"
    CREATE SCHEMA shop;
    CREATE TABLE shop.original (id int8 PRIMARY KEY, b bool, i2 int2 NOT NULL, i4 int4, f4 float4, f8 float8,
        d numeric(38,18), money numeric(12,2) NOT NULL, wide numeric(76,30), n numeric, t text NOT NULL, y bytea,
        day date, clock time, local timestamp, moment timestamptz, jb jsonb, u uuid, "odd ""name" text);
    INSERT INTO shop.original
    SELECT i, i % 2 = 0, i % 30000, -i, i / 3.0, sqrt(i), i / 7.0, i * 1.01, -i / 11.0, i * 1.100, 'row ' || i,
        decode(md5(i::text), 'hex'), date '2000-01-01' + i, time '00:00' + i * interval '1.000001 s',
        timestamp '1999-12-31 23:59:59.999999' + i * interval '1 h', timestamptz '1960-01-01' + i * interval '1.5 d',
        jsonb_build_object('id', 1152921504606846976 + i, 'price', i * 1.10, 'tags', jsonb_build_array('é', NULL)),
        md5(i::text)::uuid, NULL
    FROM generate_series(1, 400) AS i;
    INSERT INTO shop.original (id, i2, money, t) VALUES (9223372036854775807, -32768, 0, '');
    INSERT INTO shop.original VALUES
        (-9223372036854775808, true, 32767, -2147483648, 'NaN', '-Infinity', -99999999999999999999.999999999999999999,
         9999999999.99, 0.000000000000000000000000000001, 'NaN', '漢字 👩‍👩‍👧 ''"\', '', '4713-01-01 BC', '23:59:59.999999',
         '4713-01-01 BC', '0001-01-01 00:00:00+00', 'null', '00000000-0000-0000-0000-000000000000', ''),
        (0, false, 0, 2147483647, '-0', 5e-324, 0, -0.01, -9999999999999999999999999999999999999999999999.999999999999999999999999999999,
         '-Infinity', E'\t\n\\N', '\x00ff', '5874897-12-31', '00:00', '294246-12-31 23:59:59.999999', '9999-12-31 23:59:59.999999+00',
         '{"big": 123456789012345678901234567890.123456789, "": [1.0, 1.00, -0]}', 'ffffffff-ffff-ffff-ffff-ffffffffffff', 'x'),
        (7777, NULL, 1, NULL, 3.4028235e38, 1.7976931348623157e308, 1e-18, 1, NULL, 1e-100, ' ', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
        (7778, NULL, 1, NULL, 1e-45, 0.1, NULL, 1, NULL, 1e131, ' ', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
        (7779, NULL, 1, NULL, 'Infinity', 'NaN', NULL, 1, NULL, '-0.000', ' ', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)"#;

#[tokio::test]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn every_value_type_and_key_comes_back_from_postgres_to_postgres() {
    let mut database = Database::new("round_trip").await;
    database.run(ORIGINAL).await;
    for disposition in [Disposition::Append, Disposition::Merge, Disposition::Replace] {
        copy(&database, disposition).await;
        // Compared as texts: 1.0 and 1.00 are equal numbers but not the same.
        let texts = |table: &str| format!("SELECT t::text AS row FROM shop.{table} AS t");
        let (original, copied) = (texts("original"), texts("copied"));
        let differing = format!(
            "SELECT count(*) FROM ((({original}) EXCEPT ALL ({copied})) UNION ALL (({copied}) EXCEPT ALL ({original}))) AS d"
        );
        assert_eq!(database.number(&differing).await, 0, "{disposition:?}");
        assert_eq!(database.number("SELECT count(*) FROM shop.copied").await, 406, "{disposition:?}");
        let columns = |table: &str| {
            format!(
                "SELECT string_agg(attname || ' ' || format_type(atttypid, atttypmod) || ' ' || attnotnull, ', ' ORDER BY attnum)
                 FROM pg_attribute WHERE attrelid = 'shop.{table}'::regclass AND attnum > 0"
            )
        };
        assert_eq!(
            database.text(&columns("copied")).await,
            database.text(&columns("original")).await,
            "{disposition:?}"
        );
        if disposition == Disposition::Append {
            database.run("DROP TABLE shop.copied").await;
        }
    }
    let keys = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'shop.copied'::regclass AND contype = 'p'";
    assert_eq!(database.text(keys).await.as_deref(), Some("PRIMARY KEY (id)"));
}
