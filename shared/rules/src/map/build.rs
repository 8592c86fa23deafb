//! A field map's plan.

use super::fields::{self, FieldSql};
use super::{Field, FieldMap};
use crate::error::{Code, Error, Mistake};
use crate::parse;
use crate::pieces::Pieces;
use crate::plan::{Column, Kind, Output, Plan, Rejection, Span};
use crate::resolve::{Outputs, Scope, computed};

/// Checks a field map against the columns it reads and gives its plan.
///
/// The fields stand where their columns stood, constants at the end; with `keep_others: false`, in
/// the order they are written in.
pub fn compile_map(map: &FieldMap, input: &[Column]) -> Result<Plan, Error> {
    parse::on_deep_stack(|| Build::new(map, input)?.plan())
}

struct Build<'a> {
    map: &'a FieldMap,
    input: &'a [Column],
    scope: Scope,
    pieces: Pieces,
    outputs: Outputs,
    rejections: Vec<Rejection>,
}

impl<'a> Build<'a> {
    fn new(map: &'a FieldMap, input: &'a [Column]) -> Result<Self, Error> {
        for (index, name) in map.drop.iter().enumerate() {
            known(&format!("drop[{index}]"), name, input)?;
        }
        for (name, _) in map.rename.iter() {
            known(&format!("rename.{name}"), name, input)?;
            if map.drop.iter().any(|dropped| dropped == name) {
                let message = "a column that is dropped has no name";
                return Err(Error::key(format!("rename.{name}"), Code::InvalidKey, message));
            }
        }
        let scope = Scope::of_input("input", false, input);
        let pieces = Pieces::default();
        Ok(Build { map, input, scope, pieces, outputs: Outputs::new(), rejections: Vec::new() })
    }

    fn plan(mut self) -> Result<Plan, Error> {
        if self.map.keep_others {
            self.in_the_columns_order()?
        } else {
            self.in_the_written_order()?
        }
        let outputs =
            self.outputs.finish(NOWHERE).map_err(|mistake| Error::key("fields", Code::InvalidKey, mistake.message))?;
        Ok(Plan {
            input: self.input.to_vec(),
            lets: Vec::new(),
            rejections: self.rejections,
            filter: None,
            outputs,
            sites: self.pieces.into_sites(),
        })
    }

    fn in_the_columns_order(&mut self) -> Result<(), Error> {
        let mut placed = vec![None; self.map.fields.0.len()];
        for (position, (name, field)) in self.map.fields.iter().enumerate() {
            if field.constant.is_none() {
                placed[position] = Some(fields::source(name, field, self.input)?.name.clone());
            } else {
                // A constant takes the place of the column whose name it has.
                placed[position] = self.input.iter().find(|column| column.name == name).map(|it| it.name.clone());
            }
        }
        for (index, column) in self.input.iter().enumerate() {
            let mut taken = false;
            for (position, (name, field)) in self.map.fields.iter().enumerate() {
                if placed[position].as_deref() == Some(&column.name) {
                    self.field(name, field)?;
                    taken = true;
                }
            }
            if !taken || self.map.rename.iter().any(|(old, _)| old == column.name) {
                self.other(index, column)?;
            }
        }
        for (position, (name, field)) in self.map.fields.iter().enumerate() {
            if placed[position].is_none() {
                self.field(name, field)?;
            }
        }
        Ok(())
    }

    fn in_the_written_order(&mut self) -> Result<(), Error> {
        for (name, field) in self.map.fields.iter() {
            self.field(name, field)?;
        }
        for (index, column) in self.input.iter().enumerate() {
            if self.map.rename.iter().any(|(old, _)| old == column.name) {
                self.other(index, column)?;
            }
        }
        Ok(())
    }

    fn other(&mut self, index: usize, column: &Column) -> Result<(), Error> {
        if self.map.drop.contains(&column.name) {
            return Ok(());
        }
        let renamed = self.map.rename.iter().find(|(old, _)| *old == column.name).map(|(_, new)| new.clone());
        let path = if renamed.is_some() { format!("rename.{}", column.name) } else { column.name.clone() };
        let name = renamed.unwrap_or_else(|| column.name.clone());
        self.outputs.add(Output::Passed { name, column: index }, NOWHERE).map_err(|mistake| taken(&path, mistake))
    }

    fn field(&mut self, name: &str, field: &Field) -> Result<(), Error> {
        let FieldSql { value, unmapped } = fields::sql(name, field, self.input)?;
        let blame = |mistake: Mistake| blamed(name, field, mistake);
        if let Some(unmapped) = unmapped {
            let when = self.pieces.condition(&unmapped, &self.scope, name).map_err(blame)?;
            let column = fields::source(name, field, self.input)?.name.clone();
            let message = format!("a value of `{column}` that the field map does not name");
            self.rejections.push(Rejection { when, code: "unmapped_value".to_owned(), column: Some(column), message });
        }
        let piece = self.pieces.value(&value, &self.scope, name).map_err(blame)?;
        let expr = piece.value.expr;
        let output = match expr.kind {
            // A bare column passes, whatever its type.
            Kind::Column(column) if field.column_type.is_none() => Output::Passed { name: name.to_owned(), column },
            _ => computed(name.to_owned(), expr, &self.scope, NOWHERE, &mut self.pieces.sites).map_err(blame)?,
        };
        self.outputs.add(output, NOWHERE).map_err(|mistake| taken(&format!("fields.{name}"), mistake))
    }
}

const NOWHERE: Span = Span { line: 0, column: 0 };

fn known(key: &str, name: &str, input: &[Column]) -> Result<(), Error> {
    if input.iter().any(|column| column.name == name) { Ok(()) } else { Err(fields::unknown(key, name, input)) }
}

/// The key whose value is wrong, as far as the mistake tells.
fn blamed(name: &str, field: &Field, mistake: Mistake) -> Error {
    let key = match mistake.code {
        Code::InvalidFormat => Some("format"),
        Code::InvalidLiteral if field.constant.is_some() => Some("constant"),
        Code::InvalidLiteral if field.values.is_some() => Some("values"),
        Code::InvalidLiteral if field.default.is_some() => Some("default"),
        Code::TypeMismatch if field.constant.is_some() => Some("constant"),
        Code::TypeMismatch if field.values.is_some() => Some("values"),
        Code::TypeMismatch if field.default.is_some() && field.column_type.is_none() => Some("default"),
        Code::TypeMismatch if field.column_type.is_some() => Some("type"),
        _ => None,
    };
    let path = match key {
        Some(key) => format!("fields.{name}.{key}"),
        None => format!("fields.{name}"),
    };
    Error::key(path, mistake.code, mistake.message)
}

fn taken(path: &str, mistake: Mistake) -> Error {
    let message = match mistake.code {
        Code::DuplicateOutput => "another output has this name: drop or rename one of them".to_owned(),
        _ => mistake.message,
    };
    Error::key(path, mistake.code, message)
}
