//! What all parts of the generator share: the function under construction and what is known in it.

use rules_runtime::Fault;
use rules_runtime::layout::run;
use wasm_encoder::ValType;

use crate::component::Error;
use crate::generate::code::{Callee, Code, Label, Operand, at};
use crate::generate::columns::Addresses;
use crate::generate::constants::Constants;
use crate::generate::value::{Null, Place, Shape, Value, push_null};
use crate::plan::{CastMode, Expr, Plan, SiteId};

/// Everything that concerns the rule as a whole.
#[derive(Debug)]
pub(crate) struct Rule<'p> {
    pub(crate) plan: &'p Plan,
    /// The input columns the row loop reads, in their order.
    pub(crate) needs: Vec<usize>,
    pub(crate) constants: Constants,
    /// Values in the frame.
    pub(crate) frame: u32,
    /// Regular expressions, by number.
    pub(crate) regexps: Vec<String>,
    /// Whether anything of a row lies in the arena.
    pub(crate) allocates: bool,
}

/// The locals a row is computed with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Registers {
    /// Address of the run.
    pub(crate) run: u32,
    /// The row.
    pub(crate) row: u32,
    /// Where it will be in the output.
    pub(crate) written: u32,
    /// Site and fault of a reject.
    pub(crate) site: u32,
    pub(crate) fault: u32,
}

/// A function under construction.
#[derive(Debug)]
pub(crate) struct Emitter<'r, 'p> {
    pub(crate) rule: &'r mut Rule<'p>,
    pub(crate) code: Code,
    pub(crate) registers: Registers,
    /// Where a rejected row leads.
    pub(crate) reject: Option<Label>,
    /// Addresses of the columns read, by place among the needs.
    pub(crate) addresses: Vec<Option<Addresses>>,
    /// The row's values so far, by input column.
    pub(crate) columns: Vec<Option<Value>>,
    /// The row's lets so far.
    pub(crate) lets: Vec<Option<Value>>,
}

/// Where and how an operation fails.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Failing {
    /// It cannot.
    Never,
    /// The row is rejected.
    Reject(SiteId),
    /// The value is NULL.
    Null,
}

impl Failing {
    pub(crate) fn of(mode: CastMode, site: SiteId) -> Self {
        match mode {
            CastMode::Strict => Failing::Reject(site),
            CastMode::Try => Failing::Null,
        }
    }
}

/// An operation at work: where its value goes and where its failures lead.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Work {
    pub(crate) place: Place,
    failing: Failing,
    end: Option<Label>,
}

impl<'p> Emitter<'_, 'p> {
    /// An operation that is NULL when one of its operands is: `body` computes it when none is.
    pub(crate) fn strict(
        &mut self,
        operands: &[Value],
        shape: Shape,
        failing: Failing,
        body: impl FnOnce(&mut Self, &Work) -> Result<(), Error>,
    ) -> Result<Value, Error> {
        self.guarded(operands, shape, failing, false, body)
    }

    /// The same for an operation that may be NULL of itself ([`Emitter::give_null`]).
    pub(crate) fn optional(
        &mut self,
        operands: &[Value],
        shape: Shape,
        failing: Failing,
        body: impl FnOnce(&mut Self, &Work) -> Result<(), Error>,
    ) -> Result<Value, Error> {
        self.guarded(operands, shape, failing, true, body)
    }

    fn guarded(
        &mut self,
        operands: &[Value],
        shape: Shape,
        failing: Failing,
        optional: bool,
        body: impl FnOnce(&mut Self, &Work) -> Result<(), Error>,
    ) -> Result<Value, Error> {
        let null = self.any_null(operands);
        if null == Null::Always {
            return Ok(Value::null(shape));
        }
        let optional = optional || matches!(failing, Failing::Null);
        let place = Place::new(&mut self.code, shape, optional);
        if let Some(local) = place.null {
            push_null(&mut self.code, null);
            self.code.set(local);
        }
        if null == Null::Never && !optional {
            body(self, &Work { place, failing, end: None })?;
            return Ok(place.value());
        }
        place.clear(&mut self.code);
        let end = self.code.block();
        if let Null::Local(local) = null {
            self.code.get(Operand::Local(local)).br_if(end);
        }
        body(self, &Work { place, failing, end: Some(end) })?;
        self.code.end();
        let null = place.null.map_or(null, Null::Local);
        Ok(Value { null, ..place.value() })
    }

    /// Whether any of these is NULL.
    pub(crate) fn any_null(&mut self, operands: &[Value]) -> Null {
        let mut locals = Vec::new();
        for operand in operands {
            match operand.null {
                Null::Always => return Null::Always,
                Null::Local(local) if !locals.contains(&local) => locals.push(local),
                _ => {}
            }
        }
        match locals.as_slice() {
            [] => Null::Never,
            [local] => Null::Local(*local),
            [first, rest @ ..] => {
                let any = self.code.local(ValType::I32);
                self.code.get(Operand::Local(*first));
                for local in rest {
                    self.code.get(Operand::Local(*local));
                    self.code.ops().i32_or();
                }
                self.code.set(any);
                Null::Local(any)
            }
        }
    }

    /// The operation's value is NULL.
    pub(crate) fn give_null(&mut self, work: &Work) {
        if let (Some(null), Some(end)) = (work.place.null, work.end) {
            self.code.i32(1).set(null).br(end);
        }
    }

    /// Fails when what is on the stack is not 0.
    pub(crate) fn fail_if(&mut self, work: &Work, fault: Fault) {
        self.code.begin_if();
        self.fail(work, fault);
        self.code.end();
    }

    /// Fails.
    pub(crate) fn fail(&mut self, work: &Work, fault: Fault) {
        self.code.i32(i32::from(fault.number())).set(self.registers.fault);
        self.fail_with_register(work);
    }

    /// Fails with the fault on the stack unless that is 0.
    pub(crate) fn fail_if_any(&mut self, work: &Work) {
        self.code.tee(self.registers.fault);
        self.code.begin_if();
        self.fail_with_register(work);
        self.code.end();
    }

    fn fail_with_register(&mut self, work: &Work) {
        match (work.failing, self.reject) {
            (Failing::Null, _) => self.give_null(work),
            (Failing::Reject(site), Some(reject)) => {
                self.code.i32(site.cast_signed()).set(self.registers.site).br(reject);
            }
            // What cannot fail has said so.
            _ => {
                self.code.ops().unreachable();
            }
        }
    }

    /// Calls a function of the runtime with the run's address and these operands.
    pub(crate) fn call(&mut self, name: &'static str, operands: &[Operand]) {
        self.code.get(Operand::Local(self.registers.run));
        for operand in operands {
            self.code.get(*operand);
        }
        self.code.call(Callee::Runtime(name));
    }

    /// Keeps an integer on the stack that stands for a fault when it is the least one.
    pub(crate) fn keep_int(&mut self, work: &Work) {
        self.code.tee(work.place.parts[0]).i64(i64::MIN);
        self.code.ops().i64_eq();
        self.fail_as_left(work);
    }

    /// Keeps a double on the stack that stands for a fault when it is NaN.
    pub(crate) fn keep_float(&mut self, work: &Work) {
        let part = work.place.parts[0];
        self.code.tee(part).get(Operand::Local(part));
        self.code.ops().f64_ne();
        self.fail_as_left(work);
    }

    fn fail_as_left(&mut self, work: &Work) {
        self.code.begin_if();
        self.code.get(Operand::Local(self.registers.run));
        self.code.ops().i32_load(at(run::FAULT));
        self.fail_if_any(work);
        self.code.end();
    }

    /// Keeps a boolean on the stack that stands for a fault when it is above 1.
    pub(crate) fn keep_bool(&mut self, work: &Work) {
        let part = work.place.parts[0];
        self.code.tee(part).i32(1);
        self.code.ops().i32_gt_u();
        self.code.begin_if();
        self.code.get(Operand::Local(part)).i32(1);
        self.code.ops().i32_sub();
        self.code.set(self.registers.fault);
        self.fail_with_register(work);
        self.code.end();
    }

    /// Keeps a text on the stack whose address is 0 for a fault or, without one, for NULL.
    pub(crate) fn keep_text(&mut self, work: &Work) {
        let part = work.place.parts[0];
        self.code.tee(part);
        self.code.ops().i32_wrap_i64().i32_eqz();
        self.code.begin_if();
        self.code.get(Operand::Local(part)).i64(32);
        self.code.ops().i64_shr_u().i32_wrap_i64();
        self.fail_if_any(work);
        self.give_null(work);
        self.code.end();
    }

    /// Keeps what a function left in the run; its status is on the stack.
    pub(crate) fn keep_pair(&mut self, work: &Work) {
        self.fail_if_any(work);
        for (part, offset) in work.place.parts.into_iter().zip([run::RESULT, run::RESULT + 8]) {
            self.code.get(Operand::Local(self.registers.run));
            self.code.ops().i64_load(at(offset));
            self.code.set(part);
        }
    }

    /// The value of `expr` in a place of its own.
    pub(crate) fn place_value(&mut self, expr: &Expr, place: &Place) -> Result<(), Error> {
        let value = self.value(expr)?;
        place.assign(&mut self.code, &value);
        Ok(())
    }
}
