//! Writing the output's columns.
//!
//! A value is written where the next row of the output goes. A row that is rejected or left out
//! later does not count, so that the next one is written over it: nothing is rolled back.

use batch::ColumnType;
use rules_runtime::layout::{SLACK, output, run};
use rules_runtime::table::Layout;
use wasm_encoder::ValType;

use crate::component::Error;
use crate::generate::code::{Callee, Operand, at};
use crate::generate::columns::layout;
use crate::generate::emitter::Emitter;
use crate::generate::value::{Null, Value, halves, push_null};

/// Where a computed column is written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target {
    /// Its place among the computed columns.
    place: u32,
    column_type: ColumnType,
    validity: Option<u32>,
    /// Address of its values, of its offsets when it is variable.
    cells: u32,
}

impl Emitter<'_, '_> {
    /// Reads where a column is written, at the function's beginning.
    pub(crate) fn load_target(&mut self, place: u32, column_type: ColumnType, nullable: bool) -> Target {
        let entry = output::SIZE * u64::from(place);
        let validity = nullable.then(|| self.load_address(run::OUTPUTS, entry + output::VALIDITY));
        let cells = match layout(column_type) {
            Layout::Variable => self.load_address(run::OUTPUTS, entry + output::OFFSETS),
            _ => self.load_address(run::OUTPUTS, entry + output::DATA),
        };
        Target { place, column_type, validity, cells }
    }

    /// Writes the row's value.
    pub(crate) fn store(&mut self, target: &Target, value: &Value) -> Result<(), Error> {
        if let Some(validity) = target.validity {
            push_null(&mut self.code, value.null);
            self.code.ops().i32_eqz();
            self.store_bit(validity);
        }
        let value = self.without_null(value);
        match layout(target.column_type) {
            Layout::Bits => {
                self.code.get(value.part());
                self.store_bit(target.cells);
            }
            Layout::Fixed(16) if target.column_type == ColumnType::Uuid => self.store_uuid(target.cells, &value),
            Layout::Fixed(16) => {
                let [low, high] = halves(&value, &mut self.code);
                self.push_written(target.cells, 4);
                self.code.get(low);
                self.code.ops().i64_store(at(0));
                self.push_written(target.cells, 4);
                self.code.get(high);
                self.code.ops().i64_store(at(8));
            }
            Layout::Fixed(_) => self.store_fixed(target, &value)?,
            Layout::Variable => self.store_text(target, &value),
        }
        Ok(())
    }

    /// The value with zeros under NULL: what stands there goes out, too.
    fn without_null(&mut self, value: &Value) -> Value {
        let Null::Local(null) = value.null else { return *value };
        let mut parts = value.parts;
        for (part, part_type) in parts.iter_mut().zip(value.shape.types()) {
            let local = self.code.local(*part_type);
            match part_type {
                ValType::F64 => self.code.f64(0.0),
                ValType::I32 => self.code.i32(0),
                _ => self.code.i64(0),
            };
            self.code.get(*part).get(Operand::Local(null));
            self.code.ops().select();
            self.code.set(local);
            *part = Operand::Local(local);
        }
        Value { parts, ..*value }
    }

    fn store_fixed(&mut self, target: &Target, value: &Value) -> Result<(), Error> {
        let shift = match layout(target.column_type) {
            Layout::Fixed(2) => 1,
            Layout::Fixed(4) => 2,
            Layout::Fixed(8) => 3,
            _ => return Err(Error::Plan { what: "an output has a type no value has" }),
        };
        self.push_written(target.cells, shift);
        self.code.get(value.part());
        if matches!(target.column_type, ColumnType::Float32 | ColumnType::Float64) {
            // Every NaN is the same one: minus turns its sign, too.
            self.code.f64(f64::NAN).get(value.part()).get(value.part());
            self.code.ops().f64_eq().select();
        }
        let memory = at(0);
        match target.column_type {
            ColumnType::Float32 => self.code.ops().f32_demote_f64().f32_store(memory),
            ColumnType::Float64 => self.code.ops().f64_store(memory),
            _ if shift == 1 => self.code.ops().i64_store16(memory),
            _ if shift == 2 => self.code.ops().i64_store32(memory),
            _ => self.code.ops().i64_store(memory),
        };
        Ok(())
    }

    fn store_uuid(&mut self, cells: u32, value: &Value) {
        let from = self.code.local(ValType::I32);
        self.code.get(value.part());
        self.code.ops().i32_wrap_i64();
        self.code.set(from);
        for offset in [0, 8] {
            self.push_written(cells, 4);
            self.code.get(Operand::Local(from));
            self.code.ops().i64_load(at(offset)).i64_store(at(offset));
        }
    }

    fn store_text(&mut self, target: &Target, value: &Value) {
        let i32_local = |emitter: &mut Self| emitter.code.local(ValType::I32);
        let [cell, start, length, end] = std::array::from_fn(|_| i32_local(self));
        let entry = output::SIZE * u64::from(target.place);
        self.push_written(target.cells, 2);
        self.code.tee(cell);
        self.code.ops().i32_load(at(0));
        self.code.tee(start).get(value.part()).i64(32);
        self.code.ops().i64_shr_u().i32_wrap_i64();
        self.code.tee(length);
        self.code.ops().i32_add();
        self.code.tee(end).i32(i32::try_from(SLACK).unwrap_or(i32::MAX));
        self.code.ops().i32_add();
        self.push_entry(entry + output::CAPACITY);
        self.code.ops().i32_gt_u();
        self.code.begin_if();
        self.code.get(Operand::Local(self.registers.run)).i32(target.place.cast_signed());
        self.code.get(Operand::Local(start)).get(Operand::Local(length));
        self.code.call(Callee::Runtime("rule_grow"));
        self.code.end();

        let to = i32_local(self);
        self.push_entry(entry + output::DATA);
        self.code.get(Operand::Local(start));
        self.code.ops().i32_add();
        self.code.set(to);
        self.copy(to, value.part(), length);

        self.code.get(Operand::Local(cell)).get(Operand::Local(end));
        self.code.ops().i32_store(at(4));
    }

    /// Copies a text in pieces, the last of which reads and writes beyond its end.
    fn copy(&mut self, to: u32, text: Operand, length: u32) {
        let piece = i32::try_from(SLACK).unwrap_or(i32::MAX);
        let (from, left) = (self.code.local(ValType::I32), length);
        self.code.get(text);
        self.code.ops().i32_wrap_i64();
        self.code.set(from);
        let done = self.code.block();
        self.code.get(Operand::Local(left));
        self.code.ops().i32_eqz();
        self.code.br_if(done);
        let again = self.code.begin_loop();
        self.code.get(Operand::Local(to)).get(Operand::Local(from));
        self.code.ops().v128_load(at(0)).v128_store(at(0));
        for address in [to, from] {
            self.code.get(Operand::Local(address)).i32(piece);
            self.code.ops().i32_add();
            self.code.set(address);
        }
        self.code.get(Operand::Local(left)).i32(piece);
        self.code.ops().i32_sub();
        self.code.tee(left).i32(0);
        self.code.ops().i32_gt_s();
        self.code.br_if(again);
        self.code.end();
        self.code.end();
    }

    /// Pushes what is at an offset of the output columns' addresses.
    fn push_entry(&mut self, offset: u64) {
        self.code.get(Operand::Local(self.registers.run));
        self.code.ops().i32_load(at(run::OUTPUTS)).i32_load(at(offset));
    }

    /// Pushes the address of the cell that is written.
    fn push_written(&mut self, base: u32, shift: i32) {
        self.code.get(Operand::Local(base)).get(Operand::Local(self.registers.written)).i32(shift);
        self.code.ops().i32_shl().i32_add();
    }

    /// Writes the bit on the stack, and zeros above it.
    fn store_bit(&mut self, base: u32) {
        let written = Operand::Local(self.registers.written);
        let [bit, address, place] = std::array::from_fn(|_| self.code.local(ValType::I32));
        self.code.set(bit);
        self.code.get(Operand::Local(base)).get(written).i32(3);
        self.code.ops().i32_shr_u().i32_add();
        self.code.tee(address).get(Operand::Local(address));
        self.code.ops().i32_load8_u(at(0));
        self.code.i32(1).get(written).i32(7);
        self.code.ops().i32_and();
        self.code.tee(place);
        self.code.ops().i32_shl();
        self.code.i32(1);
        self.code.ops().i32_sub().i32_and();
        self.code.get(Operand::Local(bit)).get(Operand::Local(place));
        self.code.ops().i32_shl().i32_or().i32_store8(at(0));
    }
}
