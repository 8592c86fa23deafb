//! Writes modules made at random into a folder: `smith SEED COUNT FOLDER`. The same seed gives the
//! same modules.

use std::path::PathBuf;
use std::{env, error, fs};

use arbitrary::Unstructured;
use wasm_encoder::{
    CodeSection, ExportKind, ExportSection, Function, FunctionSection, MemorySection, MemoryType, Module, TypeSection,
    ValType,
};
use wasm_smith::Config;

fn main() -> Result<(), Box<dyn error::Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [seed, count, folder] = arguments.as_slice() else { return Err("usage: smith SEED COUNT FOLDER".into()) };
    let mut random = fastrand::Rng::with_seed(seed.parse()?);
    let folder = PathBuf::from(folder);
    fs::create_dir_all(&folder)?;
    for number in 0..count.parse::<usize>()? {
        let bytes: Vec<u8> = (0..random.usize(500..4000)).map(|_| random.u8(..)).collect();
        let module = wasm_smith::Module::new(config(), &mut Unstructured::new(&bytes))?;
        fs::write(folder.join(format!("{number}.wasm")), module.to_bytes())?;
    }
    Ok(())
}

/// Modules with what the world `records` asks for, everything else at random.
fn config() -> Config {
    Config {
        exports: Some(contract()),
        max_memories: 1,
        max_imports: 0,
        min_funcs: 4,
        allow_start_export: false,
        bulk_memory_enabled: true,
        simd_enabled: true,
        relaxed_simd_enabled: false,
        // The host has no garbage collector, which references to it would need.
        reference_types_enabled: false,
        tail_call_enabled: false,
        threads_enabled: false,
        exceptions_enabled: false,
        gc_enabled: false,
        compact_imports_enabled: false,
        memory64_enabled: false,
        custom_page_sizes_enabled: false,
        wide_arithmetic_enabled: false,
        extended_const_enabled: false,
        max_memory32_bytes: 1 << 20,
        ..Config::default()
    }
}

fn contract() -> Vec<u8> {
    use ValType::{I32, I64};
    let (mut types, mut functions, mut exports, mut code) =
        (TypeSection::new(), FunctionSection::new(), ExportSection::new(), CodeSection::new());
    let signatures: [(&str, &[ValType]); 3] = [
        ("cabi_realloc", &[I32; 4]),
        ("open-records", &[I32, I32, I32, I32, I32, I32, I32, I32, I64]),
        ("apply-records", &[I32; 2]),
    ];
    for ((name, params), number) in signatures.into_iter().zip(0..) {
        types.ty().function(params.iter().copied(), [I32]);
        functions.function(number);
        exports.export(name, ExportKind::Func, number);
        let mut body = Function::new([]);
        body.instructions().unreachable().end();
        code.function(&body);
    }
    let mut memories = MemorySection::new();
    memories.memory(MemoryType { minimum: 1, maximum: Some(16), memory64: false, shared: false, page_size_log2: None });
    exports.export("memory", ExportKind::Memory, 0);
    let mut module = Module::new();
    module.section(&types).section(&functions).section(&memories).section(&exports).section(&code);
    module.finish()
}
