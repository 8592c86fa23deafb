//! The row loop: lets, rejections, the filter, the outputs, row after row.

use rules_runtime::layout::{FRAME_VALUE, REJECTION, run};
use wasm_encoder::ValType;

use crate::component::Error;
use crate::generate::code::{Body, Callee, Code, Label, Operand, at};
use crate::generate::emitter::{Emitter, Registers, Rule};
use crate::generate::outputs::Target;
use crate::generate::stage::{Stage, Step};
use crate::generate::value::{Null, Place, Shape, Value};
use crate::plan::{Expr, Kind};
use crate::walk;

/// The kernel's parameter: the run.
const RUN: u32 = 0;

/// The kernel with everything in it.
pub(crate) fn whole(rule: &mut Rule<'_>, stage: &Stage<'_>) -> Result<Body, Error> {
    let mut code = Code::new(vec![ValType::I32]);
    let registers = registers(&mut code);
    let mut emitter = Emitter::new(rule, code, registers);
    let targets = emitter.open_stage(stage)?;
    emitter.rows(|emitter, next| emitter.steps(stage, &targets, next))?;
    Ok(emitter.code.finish("rule".to_owned(), vec![]))
}

/// One of several functions a row is computed by: 0 when the row goes on, 1 when it is left out,
/// 2 when it is rejected.
pub(crate) fn part(rule: &mut Rule<'_>, stage: &Stage<'_>, number: usize) -> Result<Body, Error> {
    let mut code = Code::new(vec![ValType::I32; 3]);
    let (site, fault) = (code.kept(ValType::I32), code.kept(ValType::I32));
    let registers = Registers { run: RUN, row: 1, written: 2, site, fault };
    let mut emitter = Emitter::new(rule, code, registers);
    let targets = emitter.open_stage(stage)?;
    let left_out = emitter.code.block();
    let reject = emitter.code.block();
    emitter.reject = Some(reject);
    emitter.steps(stage, &targets, left_out)?;
    emitter.code.i32(0).ops().return_();
    emitter.code.end();
    for (local, offset) in [(site, run::SITE), (fault, run::FAULT)] {
        emitter.code.get(Operand::Local(RUN)).get(Operand::Local(local));
        emitter.code.ops().i32_store(at(offset));
    }
    emitter.code.i32(2).ops().return_();
    emitter.code.end();
    emitter.code.i32(1);
    Ok(emitter.code.finish(format!("rule part {}", number + 1), vec![ValType::I32]))
}

/// The kernel that calls the parts, the first generated functions, for each row.
pub(crate) fn caller(rule: &mut Rule<'_>, parts: u32) -> Result<Body, Error> {
    let mut code = Code::new(vec![ValType::I32]);
    let registers = registers(&mut code);
    let status = code.kept(ValType::I32);
    let mut emitter = Emitter::new(rule, code, registers);
    emitter.rows(|emitter, next| {
        let good = emitter.code.block();
        let rejected = emitter.code.block();
        for part in 0..parts {
            for register in [registers.run, registers.row, registers.written] {
                emitter.code.get(Operand::Local(register));
            }
            emitter.code.call(Callee::Generated(part)).tee(status);
            emitter.code.begin_if();
            emitter.code.get(Operand::Local(status)).i32(1);
            emitter.code.ops().i32_eq();
            emitter.code.br_if(next);
            emitter.code.br(rejected);
            emitter.code.end();
        }
        emitter.code.br(good);
        emitter.code.end();
        for (local, offset) in [(registers.site, run::SITE), (registers.fault, run::FAULT)] {
            emitter.code.get(Operand::Local(registers.run));
            emitter.code.ops().i32_load(at(offset));
            emitter.code.set(local);
        }
        if let Some(reject) = emitter.reject {
            emitter.code.br(reject);
        }
        emitter.code.end();
        Ok(())
    })?;
    Ok(emitter.code.finish("rule".to_owned(), vec![]))
}

fn registers(code: &mut Code) -> Registers {
    let [row, written, site, fault] = std::array::from_fn(|_| code.kept(ValType::I32));
    Registers { run: RUN, row, written, site, fault }
}

impl<'r, 'p> Emitter<'r, 'p> {
    fn new(rule: &'r mut Rule<'p>, code: Code, registers: Registers) -> Self {
        let addresses = vec![None; rule.needs.len()];
        let columns = vec![None; rule.plan.input.len()];
        let lets = vec![None; rule.plan.lets.len()];
        Self { rule, code, registers, reject: None, addresses, columns, lets }
    }

    /// Reads all addresses a stage works with.
    fn open_stage(&mut self, stage: &Stage<'_>) -> Result<Vec<Option<Target>>, Error> {
        let used = |column: &usize| stage.columns.contains(column);
        let needs = self.rule.needs.iter().enumerate();
        let places: Vec<usize> = needs.filter(|(_, column)| used(column)).map(|(place, _)| place).collect();
        self.load_addresses(&places)?;
        let targets = stage.steps.iter().map(|step| match step {
            Step::Output { place, column_type, nullable, .. } => {
                Some(self.load_target(*place, *column_type, *nullable))
            }
            _ => None,
        });
        Ok(targets.collect())
    }

    /// The loop over all rows around `body`, which leaves for its label to leave a row out, for
    /// the label of rejects to reject it, and else ends with a written row.
    fn rows(&mut self, body: impl FnOnce(&mut Self, Label) -> Result<(), Error>) -> Result<(), Error> {
        let Registers { run: run_local, row, written, site, fault } = self.registers;
        let rows = self.code.kept(ValType::I32);
        self.code.get(Operand::Local(run_local));
        self.code.ops().i32_load(at(run::ROWS));
        self.code.set(rows);
        let done = self.code.block();
        let again = self.code.begin_loop();
        self.code.get(Operand::Local(row)).get(Operand::Local(rows));
        self.code.ops().i32_ge_u();
        self.code.br_if(done);
        let next = self.code.block();
        let reject = self.code.block();
        self.reject = Some(reject);
        body(self, next)?;
        self.count_row();
        self.code.br(next);
        self.code.end();
        for register in [run_local, row, site, fault] {
            self.code.get(Operand::Local(register));
        }
        self.code.call(Callee::Runtime("rule_reject"));
        self.code.end();
        if self.rule.allocates {
            self.code.get(Operand::Local(run_local)).call(Callee::Runtime("rule_reset"));
        }
        self.code.get(Operand::Local(row)).i32(1);
        self.code.ops().i32_add();
        self.code.set(row).br(again);
        self.code.end();
        self.code.end();
        self.code.get(Operand::Local(run_local)).get(Operand::Local(written));
        self.code.ops().i32_store(at(run::WRITTEN));
        Ok(())
    }

    /// The row is written: notes where it came from and goes on to the next place.
    fn count_row(&mut self) {
        let Registers { run: run_local, row, written, .. } = self.registers;
        self.code.get(Operand::Local(run_local));
        self.code.ops().i32_load(at(run::SOURCE_ROWS));
        self.code.get(Operand::Local(written)).i32(2);
        self.code.ops().i32_shl().i32_add();
        self.code.get(Operand::Local(row));
        self.code.ops().i32_store(at(0));
        self.code.get(Operand::Local(written)).i32(1);
        self.code.ops().i32_add();
        self.code.set(written);
    }

    fn steps(&mut self, stage: &Stage<'_>, targets: &[Option<Target>], left_out: Label) -> Result<(), Error> {
        for (step, target) in stage.steps.iter().zip(targets) {
            self.step(step, target.as_ref(), left_out)?;
            self.code.release();
        }
        Ok(())
    }

    fn step(&mut self, step: &Step<'_>, target: Option<&Target>, left_out: Label) -> Result<(), Error> {
        self.prepare(step.expr())?;
        match step {
            Step::Let { number, value, framed } => self.bind(*number, value, *framed),
            Step::Rejection { number, when } => {
                let passed = self.code.block();
                self.leave_unless_true(when, passed)?;
                self.code.i32((REJECTION | number).cast_signed()).set(self.registers.site);
                if let Some(reject) = self.reject {
                    self.code.br(reject);
                }
                self.code.end();
                Ok(())
            }
            Step::Filter { when } => self.leave_unless_true(when, left_out),
            Step::Output { value, .. } => {
                let value = self.value(value)?;
                let target = target.ok_or(Error::Plan { what: "an output has no place" })?;
                self.store(target, &value)
            }
        }
    }

    /// Reads the columns and lets an expression uses, before any branch of it.
    fn prepare(&mut self, expr: &Expr) -> Result<(), Error> {
        let (mut columns, mut lets) = (Vec::new(), Vec::new());
        walk::each(expr, &mut |part| match part.kind {
            Kind::Column(column) => columns.push(column),
            Kind::Let(number) => lets.push(number),
            _ => {}
        });
        for column in columns {
            self.load_column(column)?;
        }
        for number in lets {
            self.load_let(number)?;
        }
        Ok(())
    }

    fn bind(&mut self, number: usize, expr: &Expr, framed: bool) -> Result<(), Error> {
        let value = self.value(expr)?;
        let place = Place::kept(&mut self.code, Shape::of(expr.ty), expr.nullable);
        place.assign(&mut self.code, &value);
        if let Some(slot) = self.lets.get_mut(number) {
            *slot = Some(place.value());
        }
        if framed {
            self.store_in_frame(number, &place.value());
        }
        Ok(())
    }

    /// Takes a let of an earlier function from the frame.
    fn load_let(&mut self, number: usize) -> Result<(), Error> {
        if self.lets.get(number).is_some_and(Option::is_some) {
            return Ok(());
        }
        let planned = self.rule.plan.lets.get(number).ok_or(Error::Plan { what: "there is no such let" })?;
        let place = Place::kept(&mut self.code, Shape::of(planned.ty), planned.nullable);
        let base = frame_offset(number);
        for ((part, part_type), offset) in place.parts.into_iter().zip(place.shape.types()).zip([0, 8]) {
            self.push_frame();
            let memory = at(base + offset);
            match part_type {
                ValType::I32 => self.code.ops().i32_load(memory),
                ValType::F64 => self.code.ops().f64_load(memory),
                _ => self.code.ops().i64_load(memory),
            };
            self.code.set(part);
        }
        if let Some(null) = place.null {
            self.push_frame();
            self.code.ops().i32_load(at(base + 16));
            self.code.set(null);
        }
        if let Some(slot) = self.lets.get_mut(number) {
            *slot = Some(place.value());
        }
        Ok(())
    }

    fn store_in_frame(&mut self, number: usize, value: &Value) {
        let base = frame_offset(number);
        for ((part, part_type), offset) in value.parts.into_iter().zip(value.shape.types()).zip([0, 8]) {
            self.push_frame();
            self.code.get(part);
            let memory = at(base + offset);
            match part_type {
                ValType::I32 => self.code.ops().i32_store(memory),
                ValType::F64 => self.code.ops().f64_store(memory),
                _ => self.code.ops().i64_store(memory),
            };
        }
        if let Null::Local(null) = value.null {
            self.push_frame();
            self.code.get(Operand::Local(null));
            self.code.ops().i32_store(at(base + 16));
        }
    }

    /// Pushes the frame's address.
    pub(crate) fn push_frame(&mut self) {
        self.code.get(Operand::Local(self.registers.run));
        self.code.ops().i32_load(at(run::FRAME));
    }
}

/// Lets stand first in the frame.
fn frame_offset(number: usize) -> u64 {
    FRAME_VALUE * u64::try_from(number).unwrap_or(u64::MAX / FRAME_VALUE)
}
