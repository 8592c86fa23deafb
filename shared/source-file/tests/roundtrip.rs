//! Whatever text is written as CSV is read back as it was.
#![allow(clippy::unwrap_used, reason = "a test says what failed by panicking")]

mod support;

use arrow_array::cast::AsArray;
use proptest::prelude::*;
use spec::Compression;
use support::{Fixture, gzip};

type Row = Vec<Option<String>>;

/// Texts with all that CSV treats in its own way.
fn field() -> impl Strategy<Value = Option<String>> {
    prop_oneof![
        1 => Just(None),
        1 => Just(Some(String::new())),
        3 => proptest::collection::vec(
            prop_oneof![Just(','), Just('"'), Just('\n'), Just('\r'), Just(';'), Just('é'), Just('数'), Just('a'), any::<char>()],
            0..12,
        )
        .prop_map(|letters| Some(letters.into_iter().collect())),
    ]
}

fn table() -> impl Strategy<Value = Vec<Row>> {
    (1_usize..5).prop_flat_map(|width| proptest::collection::vec(proptest::collection::vec(field(), width), 0..20))
}

fn written(rows: &[Row], width: usize, line_end: &str) -> String {
    let header = (0..width).map(|place| format!("c{place}")).collect::<Vec<_>>().join(",");
    let field = |field: &Option<String>| match field {
        None => String::new(),
        Some(text) if text.is_empty() || text.contains(['"', ',', '\n', '\r']) => {
            format!("\"{}\"", text.replace('"', "\"\""))
        }
        Some(text) => text.clone(),
    };
    let rows = rows.iter().map(|row| row.iter().map(field).collect::<Vec<_>>().join(","));
    std::iter::once(header).chain(rows).map(|line| line + line_end).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn rows_come_back_as_they_were_written(
        rows in table(),
        line_end in prop_oneof![Just("\n"), Just("\r\n")],
        packed in any::<bool>(),
        limit in 1_u64..8,
    ) {
        let width = rows.first().map_or(1, Vec::len);
        let csv = written(&rows, width, line_end);
        let declared: Vec<String> = (0..width).map(|place| format!("c{place}")).collect();
        let declared: Vec<(&str, &str)> = declared.iter().map(|name| (name.as_str(), "utf8")).collect();
        let fixture = Fixture::new("a.csv").declare(&declared).limits(limit, 1 << 20);
        let fixture = if packed {
            fixture.with("a.csv", gzip(csv.as_bytes())).compression(Compression::Gzip)
        } else {
            fixture.with("a.csv", &csv)
        };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (read, rejects) = runtime.block_on(async {
            let plan = fixture.plan().await.unwrap();
            let pulled = fixture.read(&plan, None).await.unwrap();
            let rejects: Vec<_> = pulled.iter().flat_map(|pulled| pulled.rejects.clone()).collect();
            let mut read: Vec<Row> = Vec::new();
            for batch in pulled {
                let columns: Vec<_> = batch.rows.columns().iter().map(|column| column.as_string::<i32>()).collect();
                read.extend((0..batch.rows.num_rows()).map(|row| {
                    columns.iter().map(|column| column.iter().nth(row).flatten().map(str::to_owned)).collect::<Row>()
                }));
            }
            (read, rejects)
        });
        prop_assert_eq!(rejects, vec![]);
        prop_assert_eq!(read, rows);
    }
}
