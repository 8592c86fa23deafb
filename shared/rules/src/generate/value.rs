//! How the value of an expression is held by the generated code.

use wasm_encoder::ValType;

use crate::generate::code::{Code, Operand};
use crate::value_type::{Held, Type};

/// Digits a decimal can have to be computed in 64 bits.
pub(crate) const NARROW_DIGITS: u8 = 18;

/// What a value is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// 0 or 1.
    Bool,
    /// Integer, days, microseconds.
    Int,
    Float,
    /// A decimal that fits 64 bits.
    Narrow,
    /// A decimal in two halves, the lower first.
    Wide,
    /// Address, and length in the high half.
    Text,
    /// Months and, in the high half, days; then microseconds.
    Interval,
}

/// Whether a value is NULL.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Null {
    Never,
    Always,
    /// A local that is 1 for NULL, else 0.
    Local(u32),
}

/// A computed value. Under NULL its parts mean nothing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Value {
    pub(crate) null: Null,
    pub(crate) shape: Shape,
    /// The second is there for `Wide` and `Interval`.
    pub(crate) parts: [Operand; 2],
}

impl Shape {
    /// The shape every value of a type can be brought to.
    pub(crate) fn of(value_type: Type) -> Self {
        match value_type.held() {
            Held::Bool => Shape::Bool,
            Held::Int => Shape::Int,
            Held::Float => Shape::Float,
            Held::Decimal => match value_type {
                Type::Decimal { precision, .. } if precision <= NARROW_DIGITS => Shape::Narrow,
                _ => Shape::Wide,
            },
            Held::Text | Held::Bytes => Shape::Text,
            Held::Interval => Shape::Interval,
        }
    }

    pub(crate) fn types(self) -> &'static [ValType] {
        match self {
            Shape::Bool => &[ValType::I32],
            Shape::Float => &[ValType::F64],
            Shape::Int | Shape::Narrow | Shape::Text => &[ValType::I64],
            Shape::Wide | Shape::Interval => &[ValType::I64, ValType::I64],
        }
    }

    fn zero(self) -> Operand {
        match self {
            Shape::Bool => Operand::I32(0),
            Shape::Float => Operand::F64(0.0),
            _ => Operand::I64(0),
        }
    }
}

impl Value {
    pub(crate) fn new(null: Null, shape: Shape, part: Operand) -> Self {
        Self { null, shape, parts: [part, Operand::I64(0)] }
    }

    pub(crate) fn pair(null: Null, shape: Shape, parts: [Operand; 2]) -> Self {
        Self { null, shape, parts }
    }

    /// NULL of a shape.
    pub(crate) fn null(shape: Shape) -> Self {
        Self { null: Null::Always, shape, parts: [shape.zero(), Operand::I64(0)] }
    }

    /// The first part.
    pub(crate) fn part(&self) -> Operand {
        self.parts[0]
    }

    pub(crate) fn operands(&self) -> &[Operand] {
        &self.parts[..self.shape.types().len()]
    }
}

/// Locals a value is put into.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub(crate) shape: Shape,
    pub(crate) parts: [u32; 2],
    pub(crate) null: Option<u32>,
}

impl Place {
    /// Locals for use until they are released.
    pub(crate) fn new(code: &mut Code, shape: Shape, nullable: bool) -> Self {
        Self::of(code, shape, nullable, Code::local)
    }

    /// Locals that keep their value.
    pub(crate) fn kept(code: &mut Code, shape: Shape, nullable: bool) -> Self {
        Self::of(code, shape, nullable, Code::kept)
    }

    fn of(code: &mut Code, shape: Shape, nullable: bool, local: fn(&mut Code, ValType) -> u32) -> Self {
        let mut parts = [0; 2];
        for (part, part_type) in parts.iter_mut().zip(shape.types()) {
            *part = local(code, *part_type);
        }
        let null = nullable.then(|| local(code, ValType::I32));
        Self { shape, parts, null }
    }

    /// What the locals hold.
    pub(crate) fn value(&self) -> Value {
        let null = self.null.map_or(Null::Never, Null::Local);
        Value::pair(null, self.shape, self.parts.map(Operand::Local))
    }

    /// Puts zeros there, so that nothing of an earlier row lives on.
    pub(crate) fn clear(&self, code: &mut Code) {
        for part in self.locals() {
            code.get(self.shape.zero()).set(*part);
        }
    }

    /// Puts a value there, its NULL too when there is a local for it.
    pub(crate) fn assign(&self, code: &mut Code, value: &Value) {
        for operand in operands_as(value, self.shape, code) {
            code.get(operand);
        }
        for part in self.locals().iter().rev() {
            code.set(*part);
        }
        if let Some(null) = self.null {
            push_null(code, value.null);
            code.set(null);
        }
    }

    fn locals(&self) -> &[u32] {
        &self.parts[..self.shape.types().len()]
    }
}

/// Pushes 1 when it is NULL, else 0.
pub(crate) fn push_null(code: &mut Code, null: Null) {
    match null {
        Null::Never => code.i32(0),
        Null::Always => code.i32(1),
        Null::Local(local) => code.get(Operand::Local(local)),
    };
}

/// A decimal's two halves.
pub(crate) fn halves(value: &Value, code: &mut Code) -> [Operand; 2] {
    match (value.shape, value.part()) {
        (Shape::Narrow, Operand::I64(constant)) => [Operand::I64(constant), Operand::I64(constant >> 63)],
        (Shape::Narrow, part) => {
            let high = code.local(ValType::I64);
            code.get(part).i64(63);
            code.ops().i64_shr_s();
            code.set(high);
            [part, Operand::Local(high)]
        }
        _ => value.parts,
    }
}

fn operands_as(value: &Value, shape: Shape, code: &mut Code) -> Vec<Operand> {
    match (value.shape, shape) {
        (Shape::Narrow, Shape::Wide) => halves(value, code).to_vec(),
        _ => value.operands().to_vec(),
    }
}
