//! Core modules made components: those that carry the contract's types, and those a compiler for
//! WASI made, which know nothing of the contract.

use sandbox::World;
use wasm_encoder::{
    CodeSection, EntityType, ExportKind, ExportSection, Function, FunctionSection, ImportSection, InstructionSink,
    MemArg, MemArgTarget, MemoryType, Module, TypeSection, ValType,
};
use wasmparser::{CompositeInnerType, FuncType, Parser, Payload, TypeRef};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

use crate::{Error, prepare, shape};

/// The contract, for whoever builds a module.
pub const CONTRACT: &str = include_str!("../../../transforms/wit/transform.wit");

const WASI: &str = "wasi_snapshot_preview1";
/// What a clock shows, in nanoseconds: some runtimes take 0 for a broken one.
const CLOCK: i64 = 1_000_000_000;
/// What randomness is made of.
const SEED: i32 = 0x2a;
/// WASI's number for a function that is not supported.
const NOT_SUPPORTED: i32 = 58;
/// WASI's number for a file that is not open: no file is.
const NOT_OPEN: i32 = 8;

/// Where a 32-bit word lies.
const WORD: MemArg = MemArg { offset: 0, align: 2, target: MemArgTarget::Memory(0), ordering: None };

/// Makes a component of a core module that carries the contract's types, as `wit-bindgen` embeds
/// them.
pub(crate) fn wrap(module: &[u8]) -> Result<Vec<u8>, Error> {
    let mut encoder = ComponentEncoder::default();
    encoder.validate(true).module(module).map_err(|error| Error::Wrap(error.into()))?;
    encoder.encode().map_err(|error| Error::Wrap(error.into()))
}

/// Makes a component of a core module that a compiler for WASI preview 1 made (Go, TinyGo, C): the
/// contract's types are embedded, and what its runtime wants of WASI is answered inside the module
/// by a machine that has no files, arguments, environment or time: clocks stand still, randomness
/// is always the same, output goes nowhere.
pub fn wrap_wasi(module: &[u8], world: World) -> Result<Vec<u8>, Error> {
    if !Parser::is_core_wasm(module) {
        return Err(Error::NotCore);
    }
    shape::read(module)?;
    let stubs = stubs(&wasi_imports(module)?);
    let mut carrying = module.to_vec();
    let mut contract = Resolve::default();
    let package = contract.push_source("transform.wit", CONTRACT).map_err(|error| Error::Wrap(error.into()))?;
    let name = world.name().rsplit('/').next().and_then(|name| name.split('@').next());
    let id = contract.select_world(&[package], name).map_err(|error| Error::Wrap(error.into()))?;
    embed_component_metadata(&mut carrying, &contract, id, StringEncoding::UTF8, false)
        .map_err(|error| Error::Wrap(error.into()))?;
    let mut encoder = ComponentEncoder::default();
    encoder.validate(true).module(&carrying).map_err(|error| Error::Wrap(error.into()))?;
    encoder.adapter(WASI, &stubs).map_err(|error| Error::Wrap(error.into()))?;
    let component = encoder.encode().map_err(|error| Error::Wrap(error.into()))?;
    prepare::check(&component)?;
    Ok(component)
}

/// The functions of WASI a module imports, each once.
fn wasi_imports(module: &[u8]) -> Result<Vec<(String, FuncType)>, Error> {
    let invalid = |error: wasmparser::BinaryReaderError| Error::Invalid(error.into());
    let mut types = Vec::new();
    let mut found: Vec<(String, FuncType)> = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        match payload.map_err(invalid)? {
            Payload::TypeSection(section) => {
                for group in section {
                    for sub_type in group.map_err(invalid)?.into_types() {
                        types.push(match sub_type.composite_type.inner {
                            CompositeInnerType::Func(function) => Some(function),
                            _ => None,
                        });
                    }
                }
            }
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    let import = import.map_err(invalid)?;
                    let TypeRef::Func(index) = import.ty else { continue };
                    let function = usize::try_from(index).ok().and_then(|index| types.get(index)?.clone());
                    let is_new = import.module == WASI && found.iter().all(|(name, _)| name != import.name);
                    if let (true, Some(function)) = (is_new, function) {
                        found.push((import.name.to_owned(), function));
                    }
                }
            }
            _ => {}
        }
    }
    Ok(found)
}

/// A module that answers these functions, in the memory of the module that asks.
fn stubs(imports: &[(String, FuncType)]) -> Vec<u8> {
    let (mut types, mut functions, mut exports, mut code) =
        (TypeSection::new(), FunctionSection::new(), ExportSection::new(), CodeSection::new());
    for ((name, function), number) in imports.iter().zip(0..) {
        let [params, results] = [function.params(), function.results()].map(|types| {
            let types: Vec<ValType> = types.iter().map(value_type).collect();
            types
        });
        types.ty().function(params.iter().copied(), results.iter().copied());
        functions.function(number);
        exports.export(name, ExportKind::Func, number);
        let mut body = Function::new([(2, ValType::I32)]);
        answer(name, &params, &results, &mut body.instructions());
        code.function(&body);
    }
    let mut imports = ImportSection::new();
    let memory = MemoryType { minimum: 0, maximum: None, memory64: false, shared: false, page_size_log2: None };
    imports.import("env", "memory", EntityType::Memory(memory));
    let mut module = Module::new();
    module.section(&types).section(&imports).section(&functions).section(&exports).section(&code);
    module.finish()
}

fn value_type(of: &wasmparser::ValType) -> ValType {
    match of {
        wasmparser::ValType::I64 => ValType::I64,
        wasmparser::ValType::F32 => ValType::F32,
        wasmparser::ValType::F64 => ValType::F64,
        // WASI has no others; if there are, the module does not validate.
        _ => ValType::I32,
    }
}

/// What a machine without anything says.
fn answer(name: &str, params: &[ValType], results: &[ValType], body: &mut InstructionSink<'_>) {
    use ValType::{I32, I64};
    match (name, params, results) {
        ("args_sizes_get" | "environ_sizes_get", [I32, I32], [I32]) => {
            for count in 0..2 {
                body.local_get(count).i32_const(0).i32_store(WORD);
            }
            body.i32_const(0);
        }
        ("args_get" | "environ_get", _, [I32]) | ("sched_yield", [], [I32]) => {
            body.i32_const(0);
        }
        ("clock_time_get", [I32, I64, I32], [I32]) => {
            body.local_get(2).i64_const(CLOCK).i64_store(MemArg { align: 3, ..WORD }).i32_const(0);
        }
        ("clock_res_get", [I32, I32], [I32]) => {
            body.local_get(1).i64_const(CLOCK).i64_store(MemArg { align: 3, ..WORD }).i32_const(0);
        }
        ("random_get", [I32, I32], [I32]) => {
            body.local_get(0).i32_const(SEED).local_get(1).memory_fill(0).i32_const(0);
        }
        ("fd_write", [I32, I32, I32, I32], [I32]) => swallow(body),
        // All subscriptions have come true: whoever sleeps wakes at once.
        ("poll_oneoff", [I32, I32, I32, I32], [I32]) => {
            body.local_get(1).i32_const(0).local_get(2).i32_const(5).i32_shl().memory_fill(0);
            body.local_get(3).local_get(2).i32_store(WORD).i32_const(0);
        }
        ("proc_exit", ..) => {
            body.unreachable();
        }
        (file, _, [I32]) if file.starts_with("fd_") => {
            body.i32_const(NOT_OPEN);
        }
        (_, _, [I32]) => {
            body.i32_const(NOT_SUPPORTED);
        }
        _ => {
            body.unreachable();
        }
    }
    body.end();
}

/// Says of all buffers that they were written: local 4 is what is left of them, local 5 the bytes.
fn swallow(body: &mut InstructionSink<'_>) {
    body.local_get(2).local_set(4);
    body.block(wasm_encoder::BlockType::Empty).loop_(wasm_encoder::BlockType::Empty);
    body.local_get(4).i32_eqz().br_if(1);
    body.local_get(4).i32_const(1).i32_sub().local_set(4);
    let length = MemArg { offset: 4, ..WORD };
    body.local_get(1).local_get(4).i32_const(3).i32_shl().i32_add().i32_load(length);
    body.local_get(5).i32_add().local_set(5).br(0).end().end();
    body.local_get(3).local_get(5).i32_store(WORD).i32_const(0);
}
