//! Rules through the binary: written, explained, compiled, run, tried, broken, mended and replayed.

mod binary;

use binary::{Ended, FILES, Place};

const ORDERS: &str = "id,customer,amount,country\n1, Ann ,10.50,DE\n2,Bob,none,FR\n3,Cid,7.25,XX\n4,,3,DE\n";

const RULE: &str = "SELECT * REPLACE (trim(customer) AS customer, cast(amount AS decimal(12,2)) AS amount)\n\
    FROM input WHERE country <> 'XX'\n";

const ROWS: &str = "SELECT id || '|' || coalesce(customer, 'NULL') || '|' || amount FROM orders ORDER BY id";

fn place(rule: &str) -> Place {
    let place = Place::new();
    place.write("orders.csv", ORDERS);
    place.write("orders.sql", rule);
    place.write(
        "spec.yaml",
        format!(
            "{FILES}streams:\n  - name: orders\n    path: orders.csv\n    columns: {{ amount: utf8 }}\n    \
             primary_key: [id]\n    write_disposition: merge\n    transforms: [{{ rule: orders.sql }}]\n    \
             quality: {{ error_limit: {{ percentage: 90 }} }}\n"
        ),
    );
    place
}

fn done(place: &Place, arguments: &[&str]) -> Ended {
    let ended = place.millstream(arguments);
    assert_eq!(ended.status, Some(0), "{arguments:?}: {}", ended.said());
    ended
}

#[test]
fn a_row_a_rule_cannot_convert_is_kept_with_column_type_and_reason() {
    let place = place(RULE);
    let run = done(&place, &["run", "spec.yaml", "--json"]).json();
    assert_eq!((&run["read"], &run["delivered"], &run["quarantined"]), (&4.into(), &2.into(), &1.into()), "{run}");
    assert_eq!(place.rows("out.db", ROWS), ["1|Ann|10.50", "4|NULL|3.00"]);
    let entry = done(&place, &["quarantine", "list", "--json"]).json()[0].clone();
    assert_eq!((&entry["rule"], &entry["column"]), (&"orders".into(), &"amount".into()), "{entry}");
    assert_eq!(entry["code"], "invalid_number", "{entry}");
    assert!(!entry["reason"].as_str().unwrap().contains("none"), "{entry}");
}

#[test]
fn a_broken_rule_is_tried_mended_and_what_it_did_is_replayed() {
    let right = place(RULE);
    done(&right, &["run", "spec.yaml"]);
    let expected = right.rows("out.db", ROWS);

    let place = place(&RULE.replace("trim(customer)", "upper(customer)").replace("decimal(12,2)", "decimal(12,0)"));
    let broken = done(&place, &["run", "spec.yaml", "--json"]).json()["run"].as_str().unwrap().to_owned();
    assert_ne!(place.rows("out.db", ROWS), expected);

    place.write("mended.sql", RULE);
    let tried = done(&place, &["try", "mended.sql", "--sync", "shop", "--json"]).json();
    assert_eq!(tried["rows"], 4, "{tried}");
    assert!(!tried["columns"].as_array().unwrap().is_empty(), "{tried}");

    place.write("orders.sql", RULE);
    done(&place, &["replay", "spec.yaml", "--run", &broken]);
    assert_eq!(place.rows("out.db", ROWS), expected);
}

#[test]
fn a_replay_with_the_rule_of_a_file_ends_as_with_the_mended_spec() {
    let place = place(&RULE.replace("trim(customer)", "upper(customer)"));
    let broken = done(&place, &["run", "spec.yaml", "--json"]).json()["run"].as_str().unwrap().to_owned();
    place.write("mended.sql", RULE);
    done(&place, &["replay", "--run", &broken, "--module", "mended.sql"]);
    assert_eq!(place.rows("out.db", ROWS), ["1|Ann|10.50", "4|NULL|3.00"]);
}

#[test]
fn a_wrong_rule_is_told_with_its_place_and_the_nearest_name() {
    let place = place(&RULE.replace("trim(customer)", "trim(custmer)"));
    let ended = place.millstream(&["run", "spec.yaml"]);
    assert_eq!(ended.status, Some(2), "{}", ended.said());
    for part in ["rule `orders`", "`custmer`", "did you mean `customer`?", "line 1", "[rule_unknown_column]"] {
        assert!(ended.stderr.contains(part), "{part}: {}", ended.said());
    }
}

#[test]
fn a_rule_is_explained_compiled_and_run_on_a_file_without_a_spec() {
    let place = place(RULE);
    let schema = ["--schema", "id:int64,customer:utf8?,amount:utf8?,country:utf8?"];
    let explained = done(&place, &[&["rules", "explain", "orders.sql", "--json"][..], &schema].concat()).json();
    assert_eq!(explained["output"][2]["type"], "decimal(12,2)", "{explained}");
    let compile = [&["rules", "compile", "orders.sql", "-o", "orders.wasm", "--json"][..], &schema].concat();
    let first = done(&place, &compile).json();
    assert_eq!(first["digest"], done(&place, &compile).json()["digest"]);
    assert_eq!(std::fs::metadata(place.path("orders.wasm")).unwrap().len(), first["bytes"].as_u64().unwrap());
    let ran = done(&place, &["rules", "run", "orders.sql", "--input", "orders.csv", "--schema", "amount:utf8?"]);
    let rows: Vec<&str> = ran.stdout.lines().collect();
    assert_eq!(rows.len(), 2, "{}", ran.said());
    assert!(rows[0].contains(r#""customer":"Ann""#) && rows[0].contains("10.50"), "{}", ran.said());
    assert!(ran.stderr.contains("4 read, 2 given, 1 rejected"), "{}", ran.said());
}

#[test]
fn a_field_map_keeps_the_order_of_its_fields_through_a_saved_spec() {
    let place = place(RULE);
    place.write(
        "orders.yaml",
        "map:\n  keep_others: false\n  fields:\n    zone: { from: country }\n    id: {}\n    amount: { type: \
         \"decimal(12,2)\", invalid: null }\n",
    );
    let spec = std::fs::read_to_string(place.path("spec.yaml")).unwrap();
    place.write("spec.yaml", spec.replace("orders.sql", "orders.yaml"));
    done(&place, &["run", "spec.yaml"]);
    let columns = place.rows("out.db", "SELECT name FROM pragma_table_info('orders')");
    let own: Vec<&String> = columns.iter().filter(|name| !name.starts_with("_millstream")).collect();
    assert_eq!(own, ["zone", "id", "amount"]);
    assert_eq!(place.rows("out.db", "SELECT count(*) || '' FROM orders"), ["4"]);
}

#[test]
fn rules_that_contradict_each_other_are_refused_with_a_row_that_shows_it() {
    let place = place(RULE);
    place.write(
        "prices.yaml",
        "rule_set:\n  rules:\n    - { name: low, when: amount < 100, then: { set: { tier: \"'low'\" } } }\n    - { name: \
         high, when: amount > 50, then: { set: { tier: \"'high'\" } } }\n",
    );
    let schema = ["--schema", "id:int64,amount:int64?"];
    let ended = place.millstream(&[&["rules", "check", "prices.yaml", "--json"][..], &schema].concat());
    assert_eq!(ended.status, Some(1), "{}", ended.said());
    let found = ended.json();
    assert_eq!((&found[0]["kind"], &found[0]["shown"]), (&"different_values".into(), &true.into()), "{found}");
    let amount: i64 = found[0]["witness"][0][1].as_str().unwrap().parse().unwrap();
    assert!((51..100).contains(&amount), "{found}");
}
