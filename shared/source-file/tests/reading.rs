//! What a run reads out of files, and what it refuses.

mod support;

use source::Error;
use spec::{Compression, FileFormat, SyncMode};
use support::{Fixture, gzip, zstd};

#[tokio::test]
async fn types_are_inferred_and_null_stays_apart_from_empty_text() {
    let csv = "id,price,day,at,seen,ok,zip,note\n\
        1,1.5,2013-01-31,2013-01-31 10:00:00,2013-01-31T10:00:00Z,true,007,\"\"\n\
        2,,,,,,,\n";
    let fixture = Fixture::new("a.csv").with("a.csv", csv);
    let expected =
        "id int64, price float64, day date, at timestamp, seen timestamp(us,UTC), ok bool, zip utf8, note utf8";
    assert_eq!(fixture.schema().await, expected);
    let (rows, rejects) = fixture.all().await;
    assert_eq!(rejects, []);
    let first = "1|1.5|2013-01-31|2013-01-31T10:00:00|2013-01-31T10:00:00Z|true|007|";
    assert_eq!(rows, [first, "2|NULL|NULL|NULL|NULL|NULL|NULL|NULL"]);
}

#[tokio::test]
async fn declared_columns_are_read_as_declared_and_exactly() {
    let csv = "d,n,u,t,b,z,j\n\
        12.30,123456789012345678901234567890.5,18446744073709551615,23:59:59.000001,\\xdead,2013-01-01 05:17:00,\"{\"\"a\"\": 1.0}\"\n";
    let fixture = Fixture::new("a.csv")
        .with("a.csv", csv)
        .declare(&[
            ("d", "decimal(10,2)!"),
            ("n", "numeric"),
            ("u", "uint64"),
            ("t", "time"),
            ("b", "binary"),
            ("z", "timestamp(us,UTC)"),
            ("j", "json"),
        ])
        .files(|files| files.timezone = Some(chrono_tz::America::New_York));
    let (rows, rejects) = fixture.all().await;
    assert_eq!(rejects, []);
    let expected = "12.30|123456789012345678901234567890.5|18446744073709551615|23:59:59.000001|dead|\
        2013-01-01T10:17:00Z|{\"a\": 1.0}";
    assert_eq!(rows, [expected]);
    assert!(fixture.schema().await.starts_with("d decimal(10,2)!, n numeric, u uint64"));
}

#[tokio::test]
async fn a_bad_record_is_told_with_its_place_and_the_others_are_read() {
    let csv = "id,amount,day\n1,1.10,2013-01-01\n2,2.20\n3,3.30,2013-01-03,x\nfour,4.40,2013-01-04\n\
        5,5.555,2013-01-05\n,6.60,2013-01-06\n7,\"7\n.70\",2013-01-07\n8,8.80,2013-02-30\n9,\"x\"y,2013-01-09\n10,1.0,2013-01-10\n";
    let fixture = Fixture::new("a.csv").with("a.csv", csv).declare(&[
        ("id", "int64!"),
        ("amount", "decimal(10,2)"),
        ("day", "date"),
    ]);
    let (rows, rejects) = fixture.all().await;
    assert_eq!(rows, ["1|1.10|2013-01-01", "10|1.00|2013-01-10"]);
    let told: Vec<_> = rejects
        .iter()
        .map(|reject| {
            let column = reject.column.as_deref().unwrap_or("-");
            let value = reject.value.as_deref().unwrap_or("-");
            format!("{} {} {column} {value:?}: {}", reject.place, reject.code, reject.reason)
        })
        .collect();
    let expected = [
        "a.csv line 3 field_count - \"-\": expected 3 fields, found 2",
        "a.csv line 4 field_count - \"-\": expected 3 fields, found 4",
        "a.csv line 5 type_mismatch id \"four\": expected int64, found text that is no whole number",
        "a.csv line 6 type_mismatch amount \"5.555\": expected decimal(10,2), found a number with more digits behind the point than its scale",
        "a.csv line 7 not_null id \"-\": expected a value, found NULL",
        "a.csv line 8 type_mismatch amount \"7\\n.70\": expected decimal(10,2), found text that is no decimal number",
        "a.csv line 10 type_mismatch day \"2013-02-30\": expected date, found a day that is in no calendar",
        "a.csv line 11 malformed_record - \"-\": expected a delimiter or the line's end behind a closing quote, found other text",
    ];
    assert_eq!(told, expected);
    assert_eq!(rejects[5].record, "7,\"7\n.70\",2013-01-07");
    assert_eq!(rejects[7].record, "9,\"x\"y,2013-01-09");
}

#[tokio::test]
async fn a_value_an_inferred_type_would_change_is_refused_and_not_changed() {
    let mut csv = "id,x\n".to_owned();
    (0..12_000).for_each(|row| csv.push_str(&format!("{row},0.5\n")));
    csv.push_str("007,0.5\n8,1234567890123456.78\n9,0.25\n");
    let (rows, rejects) = Fixture::new("a.csv").with("a.csv", csv).all().await;
    assert_eq!(rows.len(), 12_001);
    let values: Vec<_> = rejects.iter().filter_map(|reject| reject.value.as_deref()).collect();
    assert_eq!(values, ["007", "1234567890123456.78"]);
}

#[tokio::test]
async fn a_file_without_header_has_numbered_columns() {
    let fixture = Fixture::new("a.csv")
        .with("a.csv", "1;x\n2;NA\n")
        .files(|files| {
            files.header = false;
            files.delimiter = b';';
            files.null_values = vec!["NA".into()];
        })
        .declare(&[("column_1", "int32")]);
    assert_eq!(fixture.schema().await, "column_1 int32, column_2 utf8");
    assert_eq!(fixture.all().await.0, ["1|x", "2|NULL"]);
}

#[tokio::test]
async fn files_are_read_in_the_order_of_their_names_whatever_their_compression() {
    let fixture = Fixture::new("**/*.csv*")
        .with("b.csv.gz", [gzip(b"id,t\n2,"), gzip(b"x\n3,y\n")].concat())
        .with("a.csv", "id,t\r\n1,w\r\n")
        .with("c.csv.zst", zstd(b"id,t\n4,z"));
    std::fs::create_dir(fixture.path("d")).unwrap();
    fixture.write("d/e.csv", "id,t\n5,v\n");
    assert_eq!(fixture.all().await.0, ["1|w", "2|x", "3|y", "4|z", "5|v"]);
}

#[tokio::test]
async fn what_is_written_about_a_file_overrules_its_ending() {
    let fixture = Fixture::new("export.dat")
        .with("export.dat", gzip(b"{\"a\":1}\n"))
        .format(FileFormat::Jsonl)
        .compression(Compression::Gzip);
    assert_eq!(fixture.all().await.0, ["1"]);
}

#[tokio::test]
async fn every_encoding_is_read_and_an_invalid_byte_costs_only_its_record() {
    let text = "编号,名称\n1,数据\n2,流\n";
    let (gb18030, _, _) = encoding_rs::GB18030.encode(text);
    let fixture = Fixture::new("a.csv").with("a.csv", &gb18030).files(|files| files.encoding = "gb18030".into());
    assert_eq!(fixture.schema().await, "编号 int64, 名称 utf8");
    assert_eq!(fixture.all().await.0, ["1|数据", "2|流"]);

    let utf16: Vec<u8> = "\u{feff}a\n\u{fffd}\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let fixture = Fixture::new("a.csv").with("a.csv", utf16);
    assert_eq!(fixture.all().await, (vec!["\u{fffd}".to_owned()], vec![]));

    for encoding in ["utf-8", "gb18030"] {
        let fixture = Fixture::new("a.csv")
            .with("a.csv", b"id,t\n1,a\n2,b\xff\n3,c\n")
            .files(|files| files.encoding = encoding.into());
        let (rows, rejects) = fixture.all().await;
        assert_eq!(rows, ["1|a", "3|c"]);
        let reject = rejects.first().unwrap();
        assert_eq!((reject.code, reject.place.as_str()), ("invalid_encoding", "a.csv line 3"));
        assert_eq!(reject.record, "2,b\u{fffd}");
        assert!(reject.reason.ends_with("offset 12"), "{}", reject.reason);
    }
}

#[tokio::test]
async fn an_invalid_byte_is_told_as_one_in_json_and_in_broken_records_too() {
    let fixture = Fixture::new("a.jsonl").with("a.jsonl", b"{\"a\":\"x\"}\n{\"a\":\"\xff\"}\n{\"a\":\"z\"}\n");
    let (rows, rejects) = fixture.all().await;
    assert_eq!((rows.join(" "), rejects.len()), ("x z".to_owned(), 1));
    assert_eq!((rejects[0].code, rejects[0].record.as_str()), ("invalid_encoding", "{\"a\":\"\u{fffd}\"}"));

    let (_, rejects) = Fixture::new("a.csv").with("a.csv", b"a,b\n\xff\n").all().await;
    assert_eq!(rejects[0].code, "invalid_encoding");
}

#[tokio::test]
async fn json_lines_keep_numbers_and_documents_exactly() {
    let lines = "{\"id\":1,\"n\":0.1,\"s\":\"a\\nb\",\"doc\":{\"k\": [1.00]},\"ok\":true}\n\
        {\"s\":\"\",\"id\":2,\"big\":12345678901234567890,\"doc\":null}\n\
        {\"id\":3,\"d\":123456789012345678.25}\n";
    let fixture = Fixture::new("a.jsonl").with("a.jsonl", lines).declare(&[("d", "decimal(20,2)"), ("later", "date")]);
    let expected = "id int64, n float64, s utf8, doc json, ok bool, big uint64, d decimal(20,2), later date";
    assert_eq!(fixture.schema().await, expected);
    let (rows, rejects) = fixture.all().await;
    assert_eq!(rejects, []);
    let expected = [
        "1|0.1|a\nb|{\"k\": [1.00]}|true|NULL|NULL|NULL",
        "2|NULL||NULL|NULL|12345678901234567890|NULL|NULL",
        "3|NULL|NULL|NULL|NULL|NULL|123456789012345678.25|NULL",
    ];
    assert_eq!(rows, expected);
}

#[tokio::test]
async fn json_lines_that_do_not_fit_the_sample_are_refused() {
    let mut lines = "{\"id\":1,\"s\":\"x\"}\n".repeat(10_000);
    lines.push_str("{\"id\":\"2\"}\n{\"id\":3,\"t\":7}\n{\"id\":4,\n{\"s\":5}\n{\"s\":\"\\ud800\"}\n{\"id\":6}\n");
    let (rows, rejects) = Fixture::new("a.jsonl").with("a.jsonl", lines).all().await;
    assert_eq!(rows.len(), 10_001);
    let told: Vec<_> =
        rejects.iter().map(|reject| (reject.code, reject.column.as_deref(), reject.value.as_deref())).collect();
    let expected = [
        ("type_mismatch", Some("id"), Some("\"2\"")),
        ("unknown_field", Some("t"), Some("7")),
        ("malformed_record", None, None),
        ("type_mismatch", Some("s"), Some("5")),
        ("type_mismatch", Some("s"), Some("\"\\ud800\"")),
    ];
    assert_eq!(told, expected);
    assert_eq!(rejects[1].place, "a.jsonl line 10002");
    assert_eq!(rejects[2].record, "{\"id\":4,");
}

#[tokio::test]
async fn what_a_person_must_mend_is_said_with_its_way_out() {
    let csv = |name: &str, text: &str| Fixture::new("*.csv").with(name, text);
    let cases = [
        (Fixture::new("a.csv"), "file_not_found", "there is no file `"),
        (Fixture::new("*.csv"), "file_not_found", "no file matches `"),
        (Fixture::new(""), "file_not_found", "is a folder; write `"),
        (Fixture::new("a.txt").with("a.txt", "x"), "format_unknown", "set `format`: csv, jsonl or parquet"),
        (Fixture::new("*").with("a.csv", "x\n").with("b.jsonl", "{}"), "format_mixed", "`b.jsonl` differs"),
        (csv("a.csv", "a,a\n1,2\n"), "header_invalid", "column `a` of `a.csv` comes twice"),
        (csv("a.csv", "a,\n1,2\n"), "header_invalid", "column 2 of `a.csv` has no name"),
        (csv("a.csv", ""), "header_invalid", "`a.csv` is empty, expected a header"),
        (csv("a.csv", "a,\"b\n1,2\n"), "header_invalid", "the first line of `a.csv` is no header"),
        (csv("a.csv", "a,b\n").with("b.csv", "a,c\n"), "header_changed", "expected `b`, found `c`"),
        (csv("a.csv", "name\nx\n").declare(&[("nane", "utf8")]), "column_not_found", "did you mean `name`?"),
        (Fixture::new("a.jsonl").with("a.jsonl", "{}\n"), "columns_unknown", "declare them in `columns`"),
        (Fixture::new("a.csv.gz").with("a.csv.gz", "plain"), "source_corrupt", "unpack the file `a.csv.gz`"),
        (Fixture::new("a.parquet").with("a.parquet", "plain"), "source_corrupt", "`a.parquet`"),
        (Fixture::new("a.parquet.gz").with("a.parquet.gz", "x"), "compression_unsupported", "unpack it"),
        (csv("a.csv", "a\n").files(|files| files.encoding = "iso-2022-kr".into()), "encoding_unknown", "`iso-2022-kr`"),
    ];
    for (fixture, code, message) in cases {
        let failure = fixture.failure().await;
        assert_eq!(failure.0, code, "{failure:?}");
        assert!(failure.1.contains(message), "{failure:?}");
    }
}

#[tokio::test]
async fn a_truncated_archive_is_corrupt_and_never_a_short_read() {
    let text: String = (0..50_000).map(|row| format!("{row},{}\n", row * 7919 % 104_729)).collect();
    let whole = gzip(format!("a,b\n{text}").as_bytes());
    for cut in [whole.len() - 1, whole.len() - 8, whole.len() / 2] {
        let failure = Fixture::new("a.csv.gz").with("a.csv.gz", &whole[..cut]).failure().await;
        assert_eq!(failure.0, "source_corrupt");
    }
}

#[tokio::test]
async fn a_file_that_changed_since_it_was_planned_is_not_read_on() {
    let fixture = Fixture::new("a.csv").with("a.csv", "a\n1\n2\n");
    let plan = fixture.plan().await.unwrap();
    fixture.write("a.csv", "a\n1\n2\n3\n");
    let error = fixture.read(&plan, None).await.unwrap_err();
    assert!(matches!(error, Error::Config { code: "file_changed", .. }), "{error:?}");
    std::fs::remove_file(fixture.path("a.csv")).unwrap();
    let error = fixture.read(&plan, None).await.unwrap_err();
    assert!(matches!(error, Error::Config { code: "file_not_found", .. }), "{error:?}");
}

#[tokio::test]
async fn files_have_no_cursor() {
    let mut fixture = Fixture::new("a.csv").with("a.csv", "a\n1\n");
    fixture.stream.sync_mode = SyncMode::Incremental;
    assert_eq!(fixture.failure().await.0, "sync_mode_unsupported");
}

#[tokio::test]
async fn a_quote_without_end_costs_its_line_and_bounded_memory() {
    let row = "1,some text that fills the line up to a hundred letters, or about as many as there are in it\n";
    let mut csv = "id,a,b\n1,\"never closed,x\n".to_owned();
    while csv.len() < 20 << 20 {
        csv.push_str(row);
    }
    let fixture = Fixture::new("a.csv").with("a.csv", &csv);
    let (rows, rejects) = fixture.all().await;
    assert_eq!(rows.len(), csv.lines().count() - 2);
    assert_eq!(rejects.len(), 1);
    assert_eq!(rejects[0].record, "1,\"never closed,x");
    assert!(rejects[0].reason.contains("at most 16 MiB"));
}

#[tokio::test]
async fn a_line_without_end_is_passed_over() {
    for (name, head, start, tail) in [
        ("a.csv", "a\n1\n", "x", "\n2\n"),
        ("a.csv.zst", "a\n1\n", "x", "\n2\n"),
        ("a.jsonl", "{\"a\":1}\n", "{\"a\":\"", "\n{\"a\":2}\n"),
    ] {
        let text = format!("{head}{start}{}{tail}", "y".repeat(18 << 20));
        let bytes = if name.ends_with("zst") { zstd(text.as_bytes()) } else { text.into_bytes() };
        let fixture = Fixture::new(name).with(name, bytes).declare(&[("a", "int64")]);
        let (rows, rejects) = fixture.all().await;
        assert_eq!((rows.join(" "), rejects.len()), ("1 2".to_owned(), 1), "{name}");
        assert_eq!((rejects[0].code, rejects[0].record.len()), ("malformed_record", 64 << 10));
    }
}

#[tokio::test]
async fn a_stream_is_described_by_its_columns() {
    let fixture = Fixture::new("a.csv").with("a.csv", "id,t\n1,x\n");
    let described = fixture.source.describe(&fixture.stream).await.unwrap();
    assert!(described.name.ends_with("a.csv"));
    let columns: Vec<_> =
        described.columns.iter().map(|column| (column.name.as_str(), column.source_type.as_str())).collect();
    assert_eq!(columns, [("id", "text"), ("t", "text")]);
}
