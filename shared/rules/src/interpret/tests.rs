use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow_schema::Schema;
use batch::ColumnType;

use super::{Error, Interpreted, Reject, interpret};
use crate::plan::{Column, Expr, Kind, Literal, Output, Plan, Rejection};
use crate::value_type::Type;
use crate::{compile_sql, interpret as interpret_plan};

fn input() -> Vec<Column> {
    let column = |name: &str, column_type, nullable| Column { name: name.to_owned(), column_type, nullable };
    vec![column("id", ColumnType::Int64, false), column("note", ColumnType::Utf8, true)]
}

fn rows() -> RecordBatch {
    let fields: Vec<_> = input().iter().map(|column| column.column_type.field(&column.name, column.nullable)).collect();
    let ids: ArrayRef = Arc::new(Int64Array::from(vec![10, 20, 30, 40]));
    let notes: ArrayRef = Arc::new(StringArray::from(vec![Some("7"), Some("x"), None, Some("-1")]));
    RecordBatch::try_new(Arc::new(Schema::new(fields)), vec![ids, notes]).unwrap()
}

fn run(text: &str) -> Interpreted {
    interpret(&compile_sql(text, &input()).unwrap(), &rows(), 0).unwrap()
}

fn ints(interpreted: &Interpreted, column: usize) -> Vec<Option<i64>> {
    interpreted.rows.column(column).as_primitive::<Int64Type>().iter().collect()
}

#[test]
fn a_cast_that_fails_rejects_its_row_with_the_column_and_the_reason() {
    let made = run("SELECT id, cast(note AS bigint) AS n FROM input");
    assert_eq!(ints(&made, 0), [Some(10), Some(30), Some(40)]);
    assert_eq!(ints(&made, 1), [Some(7), None, Some(-1)]);
    assert_eq!(made.source_rows.values(), &[0, 2, 3]);
    let [reject] = made.rejects.as_slice() else { panic!("{:?}", made.rejects) };
    assert_eq!((reject.row, reject.code.as_str(), reject.column.as_deref()), (1, "invalid_number", Some("note")));
    assert!(reject.message.ends_with(": the text is not an integer"), "{}", reject.message);
}

#[test]
fn a_cast_that_is_tried_gives_null() {
    let made = run("SELECT try_cast(note AS bigint) AS n FROM input");
    assert_eq!(ints(&made, 0), [Some(7), None, None, Some(-1)]);
    assert_eq!(made.rejects, []);
}

#[test]
fn a_row_stays_only_where_the_filter_is_true() {
    let made = run("SELECT id FROM input WHERE note < '5'");
    assert_eq!(ints(&made, 0), [Some(40)]);
    assert_eq!(made.source_rows.values(), &[3]);
}

#[test]
fn what_is_not_needed_is_not_evaluated() {
    let made = run("SELECT CASE WHEN id < 15 OR 1 / (id - 20) > 5 THEN 1 ELSE id / (id - 30) END AS n FROM input");
    assert_eq!(ints(&made, 0), [Some(1), Some(4)]);
    let rejected: Vec<_> = made.rejects.iter().map(|reject| (reject.row, reject.code.as_str())).collect();
    assert_eq!(rejected, [(1, "division_by_zero"), (2, "division_by_zero")]);
}

#[test]
fn the_first_rejection_that_is_true_rejects() {
    let mut plan = compile_sql("SELECT id FROM input", &input()).unwrap();
    let at_least = |id: i64| Expr {
        kind: Kind::Compare {
            op: crate::plan::Comparison::GreaterOrEqual,
            left: Box::new(Expr { kind: Kind::Column(0), ty: Type::Int(64), nullable: false }),
            right: Box::new(Expr { kind: Kind::Literal(Literal::Int(id)), ty: Type::Int(64), nullable: false }),
        },
        ty: Type::Bool,
        nullable: false,
    };
    let rejection = |id, code: &str| Rejection {
        when: at_least(id),
        code: code.to_owned(),
        column: Some("id".to_owned()),
        message: "too large".to_owned(),
    };
    plan.rejections = vec![rejection(40, "huge"), rejection(30, "large")];
    let made = interpret(&plan, &rows(), 0).unwrap();
    assert_eq!(ints(&made, 0), [Some(10), Some(20)]);
    let reject = |row, code: &str| Reject {
        row,
        column: Some("id".to_owned()),
        code: code.to_owned(),
        message: "too large".to_owned(),
    };
    assert_eq!(made.rejects, [reject(2, "large"), reject(3, "huge")]);
}

#[test]
fn rows_of_other_columns_are_refused() {
    let plan = compile_sql("SELECT id FROM input", &input()).unwrap();
    let other = rows().project(&[1, 0]).unwrap();
    let error = interpret_plan(&plan, &other, 0).unwrap_err();
    assert!(matches!(error, Error::Columns { .. }));
    assert!(error.to_string().contains("id:int64, note:utf8; the batch has note:utf8, id:int64"), "{error}");
}

#[test]
fn a_plan_that_contradicts_itself_is_an_error_and_no_panic() {
    let broken = |kind: Kind, ty: Type| Plan {
        input: input(),
        lets: Vec::new(),
        rejections: Vec::new(),
        filter: None,
        outputs: vec![Output::Computed {
            name: "n".to_owned(),
            column_type: ColumnType::Int64,
            nullable: true,
            value: Expr { kind, ty, nullable: true },
        }],
        sites: Vec::new(),
    };
    for kind in [Kind::Column(9), Kind::Column(1), Kind::Let(0), Kind::Literal(Literal::Bool(true))] {
        let error = interpret(&broken(kind, Type::Int(64)), &rows(), 0).unwrap_err();
        assert!(matches!(error, Error::Plan(_)), "{error}");
    }
}
