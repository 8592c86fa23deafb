//! The shape of a module, read before anything is compiled: sizes, imports, exports.

use wasmparser::{ComponentExternalKind, ComponentTypeRef, Parser, Payload, TypeBounds};

use crate::Error;

/// Bytes of a module: a Python interpreter with its library takes 18 MiB.
pub const MODULE_BYTES: usize = 32 << 20;
/// Bytes of one function: half a megabyte of straight code takes some 5 s to compile, and the
/// time grows faster than the size.
pub const FUNCTION_BYTES: usize = 512 << 10;
/// Functions of all core modules together.
pub const FUNCTIONS: u64 = 100_000;
/// Local variables of all functions together: a few bytes declare 50,000, and the compiler keeps
/// an account of each. A Python interpreter has 48,000 in all.
pub const LOCALS: u64 = 1_000_000;
/// Core modules inside a component; wrapping one makes about four, Python is linked of 38.
pub const CORE_MODULES: u64 = 64;
/// Components inside the component.
pub const COMPONENTS: u64 = 64;

/// What the outermost component or module takes and gives.
#[derive(Debug, Default)]
pub(crate) struct Shape {
    pub(crate) imports: Vec<String>,
    pub(crate) exports: Vec<String>,
}

#[derive(Default)]
struct Counts {
    functions: u64,
    locals: u64,
    core_modules: u64,
    components: u64,
}

/// Reads the shape and holds it against the limits.
pub(crate) fn read(bytes: &[u8]) -> Result<Shape, Error> {
    if bytes.len() > MODULE_BYTES {
        return Err(Error::TooLarge { bytes: bytes.len(), limit: MODULE_BYTES });
    }
    let mut shape = Shape::default();
    let mut counts = Counts::default();
    let mut depth = 0_u32;
    let mut function = 0_u32;
    for payload in Parser::new(0).parse_all(bytes) {
        match payload.map_err(invalid)? {
            Payload::ModuleSection { .. } => {
                depth += 1;
                function = 0;
                count("core modules", &mut counts.core_modules, 1, CORE_MODULES)?;
            }
            Payload::ComponentSection { .. } => {
                depth += 1;
                count("components", &mut counts.components, 1, COMPONENTS)?;
            }
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::CodeSectionStart { count: functions, .. } => {
                count("functions", &mut counts.functions, u64::from(functions), FUNCTIONS)?;
            }
            Payload::CodeSectionEntry(body) => {
                let range = body.range();
                let bytes = usize::try_from(range.end - range.start).unwrap_or(usize::MAX);
                if bytes > FUNCTION_BYTES {
                    return Err(Error::FunctionTooLarge { index: function, bytes, limit: FUNCTION_BYTES });
                }
                for locals in body.get_locals_reader().map_err(invalid)? {
                    let (more, _) = locals.map_err(invalid)?;
                    count("local variables", &mut counts.locals, u64::from(more), LOCALS)?;
                }
                function += 1;
            }
            outermost if depth == 0 => shape.note(&outermost)?,
            _ => {}
        }
    }
    Ok(shape)
}

impl Shape {
    fn note(&mut self, payload: &Payload<'_>) -> Result<(), Error> {
        match payload {
            Payload::ImportSection(imports) => {
                for import in imports.clone().into_imports() {
                    let import = import.map_err(invalid)?;
                    self.imports.push(format!("{}.{}", import.module, import.name));
                }
            }
            Payload::ExportSection(exports) => {
                for export in exports.clone() {
                    self.exports.push(export.map_err(invalid)?.name.to_owned());
                }
            }
            Payload::ComponentImportSection(imports) => {
                for import in imports.clone() {
                    let import = import.map_err(invalid)?;
                    // The names of the contract's types stand among the imports, but import nothing.
                    if !matches!(import.ty, ComponentTypeRef::Type(TypeBounds::Eq(_))) {
                        self.imports.push(import.name.name.to_owned());
                    }
                }
            }
            Payload::ComponentExportSection(exports) => {
                for export in exports.clone() {
                    let export = export.map_err(invalid)?;
                    if export.kind == ComponentExternalKind::Func {
                        self.exports.push(export.name.name.to_owned());
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }
}

fn count(what: &'static str, so_far: &mut u64, more: u64, limit: u64) -> Result<(), Error> {
    *so_far = so_far.saturating_add(more);
    match *so_far > limit {
        true => Err(Error::TooMany { what, found: *so_far, limit }),
        false => Ok(()),
    }
}

fn invalid(error: wasmparser::BinaryReaderError) -> Error {
    Error::Invalid(error.into())
}
