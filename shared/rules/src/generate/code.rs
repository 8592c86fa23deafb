//! A function under construction: its instructions, locals and calls.

use wasm_encoder::{BlockType, InstructionSink, MemArg, MemArgTarget, ValType};

/// What a generated function calls: its index is known when everything is linked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Callee {
    /// A function of the runtime, by the name it is exported under.
    Runtime(&'static str),
    /// Another generated function, by its place among them.
    Generated(u32),
}

/// A finished function.
#[derive(Debug)]
pub(crate) struct Body {
    /// Its name, for messages.
    pub(crate) name: String,
    pub(crate) parameters: Vec<ValType>,
    pub(crate) results: Vec<ValType>,
    pub(crate) locals: Vec<ValType>,
    /// Its instructions with their `end`; each call's index is five bytes to be overwritten.
    pub(crate) code: Vec<u8>,
    /// Where those five bytes are.
    pub(crate) calls: Vec<(usize, Callee)>,
}

/// Bytes of a call's index before it is known.
pub(crate) const INDEX_BYTES: usize = 5;

/// A block that can be left, counted from the outermost.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Label(u32);

/// A value an instruction takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Operand {
    Local(u32),
    I32(i32),
    I64(i64),
    F64(f64),
}

/// Instructions are appended to it.
#[derive(Debug)]
pub(crate) struct Code {
    bytes: Vec<u8>,
    parameters: Vec<ValType>,
    locals: Vec<ValType>,
    calls: Vec<(usize, Callee)>,
    depth: u32,
    free: Vec<u32>,
    taken: Vec<u32>,
}

impl Code {
    pub(crate) fn new(parameters: Vec<ValType>) -> Self {
        let (bytes, locals, calls, free, taken) = Default::default();
        Self { bytes, parameters, locals, calls, depth: 0, free, taken }
    }

    pub(crate) fn finish(mut self, name: String, results: Vec<ValType>) -> Body {
        self.ops().end();
        let Self { bytes: code, parameters, locals, calls, .. } = self;
        Body { name, parameters, results, locals, code, calls }
    }

    pub(crate) fn ops(&mut self) -> InstructionSink<'_> {
        InstructionSink::new(&mut self.bytes)
    }

    /// A local that keeps its value until the function ends.
    pub(crate) fn kept(&mut self, local_type: ValType) -> u32 {
        self.locals.push(local_type);
        u32::try_from(self.parameters.len() + self.locals.len() - 1).unwrap_or(u32::MAX)
    }

    /// A local for use until [`Code::release`]; it holds anything at first.
    pub(crate) fn local(&mut self, local_type: ValType) -> u32 {
        let reusable = self.free.iter().position(|free| self.type_of(*free) == Some(local_type));
        let local = match reusable {
            Some(place) => self.free.swap_remove(place),
            None => self.kept(local_type),
        };
        self.taken.push(local);
        local
    }

    /// Gives back all locals that are not kept.
    pub(crate) fn release(&mut self) {
        self.free.append(&mut self.taken);
    }

    fn type_of(&self, local: u32) -> Option<ValType> {
        let local = usize::try_from(local).ok()?.checked_sub(self.parameters.len())?;
        self.locals.get(local).copied()
    }

    pub(crate) fn get(&mut self, operand: Operand) -> &mut Self {
        match operand {
            Operand::Local(local) => self.ops().local_get(local),
            Operand::I32(value) => self.ops().i32_const(value),
            Operand::I64(value) => self.ops().i64_const(value),
            Operand::F64(value) => self.ops().f64_const(value.into()),
        };
        self
    }

    pub(crate) fn set(&mut self, local: u32) -> &mut Self {
        self.ops().local_set(local);
        self
    }

    pub(crate) fn tee(&mut self, local: u32) -> &mut Self {
        self.ops().local_tee(local);
        self
    }

    pub(crate) fn i32(&mut self, value: i32) -> &mut Self {
        self.get(Operand::I32(value))
    }

    pub(crate) fn i64(&mut self, value: i64) -> &mut Self {
        self.get(Operand::I64(value))
    }

    pub(crate) fn f64(&mut self, value: f64) -> &mut Self {
        self.get(Operand::F64(value))
    }

    pub(crate) fn call(&mut self, callee: Callee) -> &mut Self {
        self.bytes.push(0x10);
        self.calls.push((self.bytes.len(), callee));
        self.bytes.extend([0; INDEX_BYTES]);
        self
    }

    /// Opens a block; the label leaves it forwards.
    pub(crate) fn block(&mut self) -> Label {
        self.ops().block(BlockType::Empty);
        self.open()
    }

    /// Opens a loop; the label begins it again.
    pub(crate) fn begin_loop(&mut self) -> Label {
        self.ops().loop_(BlockType::Empty);
        self.open()
    }

    /// Opens a block that is entered when what is on the stack is not 0.
    pub(crate) fn begin_if(&mut self) -> Label {
        self.ops().if_(BlockType::Empty);
        self.open()
    }

    pub(crate) fn otherwise(&mut self) {
        self.ops().else_();
    }

    pub(crate) fn end(&mut self) {
        self.depth -= 1;
        self.ops().end();
    }

    pub(crate) fn br(&mut self, label: Label) {
        let levels = self.depth - label.0;
        self.ops().br(levels);
    }

    pub(crate) fn br_if(&mut self, label: Label) {
        let levels = self.depth - label.0;
        self.ops().br_if(levels);
    }

    fn open(&mut self) -> Label {
        self.depth += 1;
        Label(self.depth)
    }
}

/// An address in the one memory: buffers are aligned by chance alone.
pub(crate) fn at(offset: u64) -> MemArg {
    MemArg { offset, align: 0, target: MemArgTarget::Memory(0), ordering: None }
}

/// Encodes a call's index in its five bytes.
pub(crate) fn padded_index(index: u32) -> [u8; INDEX_BYTES] {
    let group = |place: u32| u8::try_from(index >> (7 * place) & 0x7f).unwrap_or(0);
    [group(0) | 0x80, group(1) | 0x80, group(2) | 0x80, group(3) | 0x80, group(4)]
}
