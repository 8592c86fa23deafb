//! Values arrive exactly, or not at all and with the reason.

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::{Decimal128Type, Decimal256Type, TimestampMicrosecondType};

use crate::database::{Database, declared, query, read, table, texts};

fn some(values: &[&str]) -> Vec<Option<String>> {
    values.iter().map(|value| Some((*value).to_owned())).chain([None]).collect()
}

#[tokio::test]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn every_type_arrives_exactly_at_its_ends() {
    let mut database = Database::new("types").await;
    database
        .run(
            "CREATE DOMAIN price AS numeric(38,18);
             CREATE TABLE orders (b bool, i2 int2, i4 int4, i8 int8, f4 float4, f8 float8, d price, wide numeric(76,10),
                n numeric, t text, v varchar(9), c char(3), y bytea, day date, clock time, local timestamp,
                moment timestamptz, j json, jb jsonb, u uuid);
             INSERT INTO orders VALUES
               (true, -32768, -2147483648, -9223372036854775808, 'Infinity', 5e-324, -99999999999999999999.999999999999999999,
                999999999999999999999999999999999999999999999999999999999999999999.9999999999, 'NaN', '', 'v', 'a', '',
                '4713-01-01 BC', '00:00', '4713-01-01 BC', '0001-01-01 00:00:00+00', '{\"a\" :1}',
                '{\"id\": 1152921504606846977}', '00000000-0000-0000-0000-000000000000'),
               (false, 32767, 2147483647, 9223372036854775807, 'NaN', 0.1, 0.000000000000000001, -0.0000000001,
                '1.10', 'é😀', 'v', 'abc', '\\x00ff', '5874897-12-31', '23:59:59.999999', '9999-12-31 23:59:59.999999',
                '9999-12-31 23:59:59.999999+00', '[]', '[1.10]', 'ffffffff-ffff-ffff-ffff-ffffffffffff'),
               (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
                NULL, NULL, NULL)",
        )
        .await;
    let read = read(&database.source(), &table("orders"), None).await;
    assert_eq!(read.len(), 1);
    assert!(read[0].rejects.is_empty(), "{:?}", read[0].rejects);
    for (column, expected) in [
        ("b", ["true", "false"]),
        ("i2", ["-32768", "32767"]),
        ("i4", ["-2147483648", "2147483647"]),
        ("i8", ["-9223372036854775808", "9223372036854775807"]),
        ("f4", ["inf", "NaN"]),
        ("f8", ["5e-324", "0.1"]),
        ("n", ["NaN", "1.10"]),
        ("t", ["", "é😀"]),
        ("c", ["a  ", "abc"]),
        ("clock", ["00:00:00", "23:59:59.999999"]),
        ("j", ["{\"a\" :1}", "[]"]),
        ("jb", ["{\"id\": 1152921504606846977}", "[1.10]"]),
    ] {
        assert_eq!(texts(&read, column), some(&expected), "column {column}");
    }
    let rows = &read[0].rows;
    let decimals = rows.column_by_name("d").unwrap().as_primitive::<Decimal128Type>();
    assert_eq!(decimals.values()[..2], [-(10_i128.pow(38) - 1), 1]);
    let wide = rows.column_by_name("wide").unwrap().as_primitive::<Decimal256Type>();
    assert_eq!(wide.value(0).to_string(), "9".repeat(76));
    assert_eq!(wide.value(1).to_string(), "-1");
    let local = rows.column_by_name("local").unwrap().as_primitive::<TimestampMicrosecondType>();
    assert_eq!(
        local.value(0),
        database.number("SELECT (extract(epoch FROM timestamp '4713-01-01 BC') * 1000000)::int8").await
    );
    let moments = rows.column_by_name("moment").unwrap().as_primitive::<TimestampMicrosecondType>();
    assert_eq!(moments.values()[..2], [-62_135_596_800_000_000, 253_402_300_799_999_999]);
    let bytes = rows.column_by_name("y").unwrap().as_binary::<i32>();
    assert_eq!((bytes.value(0), bytes.value(1), bytes.is_null(2)), (&b""[..], &b"\0\xff"[..], true));
    assert_eq!(rows.column_by_name("u").unwrap().as_fixed_size_binary().value(1), [0xff; 16]);
}

#[tokio::test]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn what_no_batch_can_hold_is_rejected_with_its_reason_and_the_rest_goes_on() {
    let mut database = Database::new("rejects").await;
    database
        .run(
            "CREATE TABLE orders (id int4 PRIMARY KEY, day date, moment timestamptz, price numeric(9,2), clock time);
             INSERT INTO orders (id, price) SELECT i, i FROM generate_series(1, 20) i;
             UPDATE orders SET day = 'infinity' WHERE id = 3;
             UPDATE orders SET moment = '-infinity' WHERE id = 7;
             UPDATE orders SET price = 'NaN' WHERE id = 8;
             UPDATE orders SET clock = '24:00' WHERE id IN (15, 16, 17, 18, 19, 20)",
        )
        .await;
    let read = read(&database.source(), &table("orders"), None).await;
    let ids: Vec<String> = texts(&read, "id").into_iter().flatten().collect();
    assert_eq!(ids, ["1", "2", "4", "5", "6", "9", "10", "11", "12", "13", "14"]);
    let rejects: Vec<_> = read.iter().flat_map(|pulled| &pulled.rejects).collect();
    assert_eq!(rejects.len(), 9);
    let first = rejects[0];
    assert_eq!((first.code, first.column.as_deref()), ("not_representable", Some("day")));
    assert_eq!((first.value.as_deref(), first.place.as_str()), (Some("infinity"), "id=3"));
    assert_eq!(first.record, r#"{"id":"3","day":"infinity","moment":null,"price":"3.00","clock":null}"#);
    let last = read.last().unwrap();
    assert_eq!((last.rows.num_rows(), last.rejects.len()), (0, 6));
    assert!(last.position.as_str().contains("\"20\""), "{}", last.position);
}

#[tokio::test]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn a_query_keeps_precisions_it_takes_from_tables_and_a_declared_decimal_is_checked() {
    let mut database = Database::new("precisions").await;
    database.run("CREATE TABLE orders (id int4, price numeric(9,2)); INSERT INTO orders VALUES (1, 1.50), (2, 2.25), (3, NULL)").await;
    let source = database.source();
    let kept = read(&source, &query("SELECT id, price FROM orders"), None).await;
    assert_eq!(kept[0].rows.schema().field(1).data_type().to_string(), "Decimal128(9, 2)");
    let doubled = query("SELECT id, price * 2 AS price FROM orders ORDER BY id");
    let exact = read(&source, &doubled, None).await;
    assert_eq!(texts(&exact, "price"), some(&["3.00", "4.50"]));
    let checked = read(&source, &declared(doubled, "price", "decimal(4,1)", false), None).await;
    assert_eq!(texts(&checked, "price"), [Some("3.0".to_owned()), Some("4.5".to_owned())]);
    assert_eq!(checked[0].rejects.len(), 1);
    assert_eq!(checked[0].rejects[0].code, "not_null");
}
