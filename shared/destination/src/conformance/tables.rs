//! Tables: made once, with the names they were given, and refused where they do not fit.

use std::sync::Arc;

use arrow_array::{Int64Array, RecordBatch, StringArray};
use batch::ColumnType;
use spec::Disposition;

use super::Fixture;
use super::ground::{Ground, batch_of, schema_of};
use crate::{Error, Outcome, Target};

pub(super) async fn preparing_twice_leaves_an_empty_table(fixture: &dyn Fixture, disposition: Disposition) {
    let ground = Ground::new(fixture, "prepare", disposition);
    ground.prepare().await;
    ground.prepare().await;
    ground.finish().await;
    ground.check_rows(&[]).await;
}

pub(super) async fn an_empty_batch_adds_nothing(fixture: &dyn Fixture, disposition: Disposition) {
    let ground = Ground::new(fixture, "empty", disposition);
    ground.prepare().await;
    assert_eq!(ground.deliver(0, &[]).await, Outcome::Written { rows: 0 });
    assert_eq!(ground.deliver(0, &[]).await, Outcome::AlreadyThere);
    ground.finish().await;
    ground.check_rows(&[]).await;
}

/// The key is a column of such a name too, and so is the stream.
pub(super) async fn awkward_names_are_carried(fixture: &dyn Fixture, disposition: Disposition) {
    let names = ["we\"ird name", "select", "it's", "semi;colon--", "größe €", "`tick`", "per%cent", "Dotted.Name"];
    let mut fields = vec![ColumnType::Int64.field("the \"key\"", false)];
    fields.extend(names.iter().map(|name| ColumnType::Utf8.field(name, true)));
    let schema = schema_of(fields);
    let ground = Ground::with_schema(fixture, "awkward-name.v1", disposition, schema.clone());
    let mut columns: Vec<arrow_array::ArrayRef> = vec![Arc::new(Int64Array::from(vec![1, 2]))];
    columns.extend(names.iter().map(|name| Arc::new(StringArray::from(vec![Some(*name), None])) as _));
    let rows = RecordBatch::try_new(schema, columns).expect("columns of the schema");
    ground.prepare().await;
    ground.try_deliver(0, rows.clone()).await.expect("deliver a batch");
    ground.finish().await;
    ground.prepare().await;
    ground.check(&rows).await;
}

pub(super) async fn a_table_with_another_type_is_refused_by_column(fixture: &dyn Fixture, disposition: Disposition) {
    let ground = Ground::new(fixture, "mismatch", disposition);
    ground.prepare().await;
    ground.deliver(0, &[(1, Some("one"))]).await;
    ground.finish().await;
    let fields = vec![ColumnType::Int64.field("id", false), ColumnType::Binary.field("name", true)];
    refused_by_column(&ground, fields, "name").await;
    ground.check(&batch_of(&[(1, Some("one"))])).await;
}

pub(super) async fn a_table_without_a_column_is_refused_by_column(fixture: &dyn Fixture, disposition: Disposition) {
    let ground = Ground::new(fixture, "missing", disposition);
    ground.prepare().await;
    let fields = vec![
        ColumnType::Int64.field("id", false),
        ColumnType::Utf8.field("name", true),
        ColumnType::Utf8.field("not_there", true),
    ];
    refused_by_column(&ground, fields, "not_there").await;
}

async fn refused_by_column(ground: &Ground<'_>, fields: Vec<arrow_schema::Field>, column: &str) {
    let target = Target { schema: schema_of(fields), ..ground.target.clone() };
    match ground.fixture.open().prepare(&target).await {
        Err(Error::Config { problem, .. }) => {
            assert!(problem.contains(&format!("`{column}`")), "the message names another column: {problem}");
        }
        Err(other) => panic!("a table that does not fit gave another error: {other:?}"),
        Ok(()) => panic!("a table whose column `{column}` does not fit was taken"),
    }
}
