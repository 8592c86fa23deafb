//! Reading the input's columns: each at most once a row, by whatever uses it first.

use batch::ColumnType;
use rules_runtime::layout::{input, run};
use rules_runtime::table::Layout;
use wasm_encoder::ValType;

use crate::component::Error;
use crate::generate::code::{Operand, at};
use crate::generate::emitter::Emitter;
use crate::generate::value::{NARROW_DIGITS, Null, Place, Shape, Value};
use crate::value_type::Type;

/// Locals with the addresses of a column's buffers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Addresses {
    validity: Option<u32>,
    offsets: Option<u32>,
    data: u32,
}

/// How a column's values lie.
pub(crate) fn layout(column_type: ColumnType) -> Layout {
    match column_type {
        ColumnType::Bool => Layout::Bits,
        ColumnType::Int8 | ColumnType::UInt8 => Layout::Fixed(1),
        ColumnType::Int16 | ColumnType::UInt16 => Layout::Fixed(2),
        ColumnType::Int32 | ColumnType::UInt32 | ColumnType::Float32 | ColumnType::Date => Layout::Fixed(4),
        ColumnType::Int64 | ColumnType::UInt64 | ColumnType::Float64 => Layout::Fixed(8),
        ColumnType::Time | ColumnType::Timestamp { .. } => Layout::Fixed(8),
        ColumnType::Decimal { precision, .. } if precision > 38 => Layout::Fixed(32),
        ColumnType::Decimal { .. } | ColumnType::Uuid => Layout::Fixed(16),
        ColumnType::Numeric | ColumnType::Utf8 | ColumnType::Json | ColumnType::Binary => Layout::Variable,
    }
}

impl Emitter<'_, '_> {
    /// Reads the addresses of these columns (places among the needs), at the function's beginning.
    pub(crate) fn load_addresses(&mut self, places: &[usize]) -> Result<(), Error> {
        for &place in places {
            let column = self.needed(place)?;
            let (nullable, layout) = (column.nullable, layout(column.column_type));
            let entry = input::SIZE * u64::try_from(place).unwrap_or(u64::MAX);
            let addresses = Addresses {
                validity: nullable.then(|| self.load_address(run::INPUTS, entry + input::VALIDITY)),
                offsets: (layout == Layout::Variable).then(|| self.load_address(run::INPUTS, entry + input::OFFSETS)),
                data: self.load_address(run::INPUTS, entry + input::DATA),
            };
            if let Some(slot) = self.addresses.get_mut(place) {
                *slot = Some(addresses);
            }
        }
        Ok(())
    }

    /// A local with the address at `offset` of the table whose address is at `table` of the run.
    pub(crate) fn load_address(&mut self, table: u64, offset: u64) -> u32 {
        let local = self.code.kept(ValType::I32);
        self.code.get(Operand::Local(self.registers.run));
        self.code.ops().i32_load(at(table)).i32_load(at(offset));
        self.code.set(local);
        local
    }

    /// Reads the row's value of an input column into locals that are kept.
    pub(crate) fn load_column(&mut self, column: usize) -> Result<(), Error> {
        if self.columns.get(column).is_some_and(Option::is_some) {
            return Ok(());
        }
        let place = self.rule.needs.iter().position(|need| *need == column);
        let addresses = place.and_then(|place| self.addresses.get(place).copied().flatten());
        let addresses = addresses.ok_or(Error::Plan { what: "a column that is read was not asked for" })?;
        let planned = self.rule.plan.input.get(column).ok_or(Error::Plan { what: "a column is not in the input" })?;
        let value = self.read(planned.column_type, &addresses)?;
        if let Some(slot) = self.columns.get_mut(column) {
            *slot = Some(value);
        }
        Ok(())
    }

    fn needed(&self, place: usize) -> Result<&crate::plan::Column, Error> {
        let column = self.rule.needs.get(place).and_then(|column| self.rule.plan.input.get(*column));
        column.ok_or(Error::Plan { what: "a column is not in the input" })
    }

    fn read(&mut self, column_type: ColumnType, addresses: &Addresses) -> Result<Value, Error> {
        let shape = match (column_type, Type::of_column(column_type)) {
            (_, Some(value_type)) => Shape::of(value_type),
            (_, None) => return Err(Error::Plan { what: "a column of more than 38 digits is computed with" }),
        };
        let place = Place::kept(&mut self.code, shape, addresses.validity.is_some());
        if let (Some(validity), Some(null)) = (addresses.validity, place.null) {
            self.push_bit(validity);
            self.code.ops().i32_eqz();
            self.code.set(null);
        }
        match column_type {
            ColumnType::Bool => self.push_bit(addresses.data),
            ColumnType::Decimal { precision, .. } => {
                self.push_cell(addresses.data, 4);
                self.code.ops().i64_load(at(0));
                if precision > NARROW_DIGITS {
                    self.push_cell(addresses.data, 4);
                    self.code.ops().i64_load(at(8));
                    self.code.set(place.parts[1]);
                }
            }
            ColumnType::UInt64 => {
                self.code.i64(0).set(place.parts[1]);
                self.push_cell(addresses.data, 3);
                self.code.ops().i64_load(at(0));
            }
            ColumnType::Uuid => {
                self.push_cell(addresses.data, 4);
                self.code.ops().i64_extend_i32_u();
                self.code.i64(16 << 32);
                self.code.ops().i64_or();
            }
            ColumnType::Numeric | ColumnType::Utf8 | ColumnType::Json | ColumnType::Binary => {
                let offsets = addresses.offsets.ok_or(Error::Plan { what: "a column of texts has no offsets" })?;
                self.push_text(offsets, addresses.data);
            }
            fixed => self.push_fixed(fixed, addresses.data),
        }
        self.code.set(place.parts[0]);
        let null = place.null.map_or(Null::Never, Null::Local);
        Ok(Value { null, ..place.value() })
    }

    /// Pushes the address of the row's cell of `1 << shift` bytes.
    pub(crate) fn push_cell(&mut self, base: u32, shift: i32) {
        self.code.get(Operand::Local(base)).get(Operand::Local(self.registers.row));
        if shift > 0 {
            self.code.i32(shift);
            self.code.ops().i32_shl();
        }
        self.code.ops().i32_add();
    }

    /// Pushes the row's bit.
    fn push_bit(&mut self, base: u32) {
        let row = Operand::Local(self.registers.row);
        self.code.get(Operand::Local(base)).get(row).i32(3);
        self.code.ops().i32_shr_u().i32_add().i32_load8_u(at(0));
        self.code.get(row).i32(7);
        self.code.ops().i32_and().i32_shr_u();
        self.code.i32(1);
        self.code.ops().i32_and();
    }

    fn push_text(&mut self, offsets: u32, data: u32) {
        let (cell, start) = (self.code.local(ValType::I32), self.code.local(ValType::I32));
        self.push_cell(offsets, 2);
        self.code.tee(cell);
        self.code.ops().i32_load(at(0));
        self.code.tee(start).get(Operand::Local(data));
        self.code.ops().i32_add().i64_extend_i32_u();
        self.code.get(Operand::Local(cell));
        self.code.ops().i32_load(at(4));
        self.code.get(Operand::Local(start));
        self.code.ops().i32_sub().i64_extend_i32_u();
        self.code.i64(32);
        self.code.ops().i64_shl().i64_or();
    }

    fn push_fixed(&mut self, column_type: ColumnType, data: u32) {
        let shift = match layout(column_type) {
            Layout::Fixed(1) => 0,
            Layout::Fixed(2) => 1,
            Layout::Fixed(4) => 2,
            _ => 3,
        };
        self.push_cell(data, shift);
        let memory = at(0);
        match column_type {
            ColumnType::Int8 => self.code.ops().i64_load8_s(memory),
            ColumnType::UInt8 => self.code.ops().i64_load8_u(memory),
            ColumnType::Int16 => self.code.ops().i64_load16_s(memory),
            ColumnType::UInt16 => self.code.ops().i64_load16_u(memory),
            ColumnType::Int32 | ColumnType::Date => self.code.ops().i64_load32_s(memory),
            ColumnType::UInt32 => self.code.ops().i64_load32_u(memory),
            ColumnType::Float32 => self.code.ops().f32_load(memory).f64_promote_f32(),
            ColumnType::Float64 => self.code.ops().f64_load(memory),
            _ => self.code.ops().i64_load(memory),
        };
    }
}
