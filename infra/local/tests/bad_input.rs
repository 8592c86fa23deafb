//! Bad input through the binary: the exit status, the code, and nothing half-done in the destination.

mod binary;

use std::time::{Duration, Instant};

use binary::{FILES, Place};

/// A stream of `orders.csv`, with more keys behind.
fn orders(keys: &str) -> String {
    format!("{FILES}streams: [{{ name: orders, path: 'orders*.csv'{keys} }}]\n")
}

const GOOD: &[u8] = b"id,name\n1,a\n";

/// Files beside a spec, by name.
type Files = &'static [(&'static str, &'static [u8])];

#[test]
fn what_cannot_be_run_is_refused_and_leaves_nothing_behind() {
    let from_sqlite =
        FILES.replace("{ type: file }", "{ type: sqlite, path: none.db }") + "streams: [{ name: orders }]\n";
    let refused: [(&str, String, Files); 8] = [
        ("spec_malformed", orders(", primery_key: [id]"), &[("orders.csv", GOOD)]),
        ("spec_malformed", orders(", header: sometimes"), &[("orders.csv", GOOD)]),
        ("spec_invalid", orders(", encoding: gb18031"), &[("orders.csv", GOOD)]),
        ("spec_invalid", orders(", transforms: [{ module: nobody }]"), &[("orders.csv", GOOD)]),
        (
            "secret_unresolved",
            orders("").replace("out.db", "'${env:MILLSTREAM_TEST_NOT_SET}'"),
            &[("orders.csv", GOOD)],
        ),
        ("file_not_found", orders(""), &[]),
        ("file_not_found", from_sqlite, &[]),
        ("header_changed", orders(""), &[("orders1.csv", GOOD), ("orders2.csv", b"id,title\n2,b\n")]),
    ];
    for (code, spec, files) in refused {
        let place = Place::new();
        files.iter().for_each(|(name, content)| place.write(name, content));
        place.write("spec.yaml", &spec);
        let ended = place.millstream(&["run", "spec.yaml"]);
        assert_eq!(ended.status, Some(2), "{code}: {}", ended.said());
        assert!(ended.stderr.contains(&format!("[{code}]")), "{code}: {}", ended.said());
        assert!(place.tables("out.db").is_empty(), "{code}: {:?}", place.tables("out.db"));
    }
}

#[test]
fn a_wrong_key_is_named_with_the_nearest_right_one() {
    let place = Place::new();
    place.write("spec.yaml", orders(", primery_key: [id]"));
    let ended = place.millstream(&["validate", "spec.yaml"]);
    assert!(ended.stderr.contains("did you mean `primary_key`?"), "{}", ended.said());
    assert!(!place.path(".millstream").exists());
}

#[test]
fn rows_that_cannot_be_read_are_quarantined_with_their_line() {
    let cases: [(&str, &str, &[u8]); 4] = [
        ("field_count", "", b"id,name\n1,a\n2\n3,c\n"),
        ("field_count", "", b"id,name\n1,a\n2,b,more\n3,c\n"),
        ("invalid_encoding", "", b"id,name\n1,a\n2,\xff\xfe\n3,c\n"),
        ("type_mismatch", ", columns: { id: int64 }", b"id,name\n1,a\nx,b\n3,c\n"),
    ];
    for (code, keys, content) in cases {
        let place = Place::new();
        place.write("orders.csv", content);
        place.write("spec.yaml", orders(keys));
        let ended = place.millstream(&["run", "spec.yaml"]);
        assert_eq!(ended.status, Some(3), "{code}: {}", ended.said());
        assert_eq!(place.rows("out.db", "SELECT CAST(id AS TEXT) FROM orders ORDER BY id"), ["1", "3"], "{code}");
        let rows = place.millstream(&["quarantine", "show", "--json"]).json();
        assert_eq!(rows.as_array().map(Vec::len), Some(1), "{rows}");
        assert_eq!(rows[0]["_millstream_code"], code, "{rows}");
        assert_eq!(rows[0]["_millstream_place"], "orders.csv line 3", "{rows}");
    }
}

#[test]
fn a_destination_that_is_a_folder_is_refused() {
    let place = Place::new();
    std::fs::create_dir(place.path("out.db")).unwrap();
    place.write("orders.csv", GOOD);
    place.write("spec.yaml", orders(""));
    let ended = place.millstream(&["run", "spec.yaml"]);
    assert_eq!(ended.status, Some(2), "{}", ended.said());
    assert!(ended.stderr.contains("[destination_access]"), "{}", ended.said());
    assert_eq!(std::fs::read_dir(place.path("out.db")).unwrap().count(), 0);
}

#[test]
fn a_table_with_other_columns_is_left_as_it_is() {
    let place = Place::new();
    place.sql("out.db", "CREATE TABLE orders (x TEXT); INSERT INTO orders VALUES ('mine')");
    place.write("orders.csv", GOOD);
    place.write("spec.yaml", orders(""));
    let ended = place.millstream(&["run", "spec.yaml"]);
    assert_eq!(ended.status, Some(2), "{}", ended.said());
    assert!(ended.stderr.contains("[table_mismatch]"), "{}", ended.said());
    assert_eq!(place.rows("out.db", "SELECT x FROM orders"), ["mine"]);
    assert_eq!(place.rows("out.db", "SELECT name FROM pragma_table_info('orders')"), ["x"]);
}

#[test]
fn a_server_nobody_answers_at_is_told_soon_and_without_the_password() {
    let url = "postgres://shop:s3cr3t@127.0.0.1:1/shop";
    let source = FILES.replace("{ type: file }", &format!("{{ type: postgres, url: '{url}' }}"));
    let destination = FILES.replace("{ type: sqlite, path: out.db }", &format!("{{ type: postgres, url: '{url}' }}"));
    for (head, path) in [(source, ""), (destination, ", path: orders.csv")] {
        let place = Place::new();
        place.write("orders.csv", GOOD);
        place.write("spec.yaml", format!("{head}retry: {{ max_attempts: 1 }}\nstreams: [{{ name: orders{path} }}]\n"));
        let started = Instant::now();
        let ended = place.millstream(&["run", "spec.yaml", "-vv"]);
        assert_eq!(ended.status, Some(1), "{}", ended.said());
        assert!(ended.stderr.contains("127.0.0.1:1"), "{}", ended.said());
        assert!(!ended.said().contains("s3cr3t"), "{}", ended.said());
        assert!(started.elapsed() < Duration::from_secs(60), "it took {:?}", started.elapsed());
    }
}

#[test]
fn a_broken_error_limit_is_degraded_and_a_kept_one_is_not() {
    for (limit, status) in [(1, 3), (50, 0)] {
        let place = Place::new();
        place.write("orders.csv", "id,name\n1,a\n2,b\n3,a\n4,a\n");
        let checks = "[{ in_set: { column: name, values: [a] } }]";
        let quality = format!(", quality: {{ checks: {checks}, error_limit: {{ percentage: {limit} }} }}");
        place.write("spec.yaml", orders(&quality));
        let ended = place.millstream(&["run", "spec.yaml"]);
        assert_eq!(ended.status, Some(status), "{}", ended.said());
        assert_eq!(place.rows("out.db", "SELECT CAST(id AS TEXT) FROM orders ORDER BY id"), ["1", "3", "4"]);
    }
}

#[test]
fn a_check_that_aborts_ends_the_run_which_goes_on_once_it_is_mended() {
    let place = Place::new();
    place.write("orders.csv", "id,name\n1,a\n2,b\n");
    let checks = "[{ in_set: { column: name, values: [a] }, on_failure: abort }]";
    place.write("spec.yaml", orders(&format!(", quality: {{ checks: {checks} }}")));
    let aborted = place.millstream(&["run", "spec.yaml", "--json"]);
    assert_eq!(aborted.status, Some(2), "{}", aborted.said());
    assert!(aborted.stderr.contains("[check_aborted]"), "{}", aborted.said());
    assert!(place.tables("out.db").is_empty());
    place.write("spec.yaml", orders(""));
    let mended = place.millstream(&["run", "spec.yaml", "--json"]);
    assert_eq!(mended.status, Some(0), "{}", mended.said());
    assert_eq!(place.rows("out.db", "SELECT CAST(id AS TEXT) FROM orders ORDER BY id"), ["1", "2"]);
    let runs = place.millstream(&["runs", "--json"]).json();
    assert_eq!(runs.as_array().map(Vec::len), Some(1), "{runs}");
    assert_eq!((&runs[0]["attempt"], &runs[0]["run"]), (&2.into(), &mended.json()["run"]), "{runs}");
}
