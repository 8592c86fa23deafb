//! Puts generated functions into the template.
//!
//! The imports `kernel` and `table` become the generated functions; functions and constants nobody
//! needs any more and the exports that named them are left out; functions are renumbered,
//! constants stay at their addresses. The rule's own constants become a data segment in pages of
//! memory of their own behind the template's.

use std::collections::{BTreeSet, HashMap};

use wasm_encoder::reencode::{self, Reencode};
use wasm_encoder::{
    CodeSection, ConstExpr, DataCountSection, DataSection, ElementSection, Elements, ExportSection, Function,
    FunctionSection, ImportSection, MemorySection, Module, NameMap, NameSection, TypeSection,
};
use wasmparser::{ExternalKind, KnownCustom, Parser, Payload};

use crate::component::Error;
use crate::generate::Generated;
use crate::generate::code::{Body, Callee, INDEX_BYTES, padded_index};
use crate::link::reachable::Reachable;
use crate::link::template::{RULE, Template};

/// Zeros written between two constants rather than a segment begun anew: it takes as many bytes.
const GAP: usize = 8;

/// The module of a rule.
pub(crate) fn merge(template: &Template, generated: &Generated) -> Result<Vec<u8>, Error> {
    let mut merger = Merger::new(template, generated)?;
    let mut module = Module::new();
    for payload in Parser::new(0).parse_all(template.bytes) {
        merger.section(&payload.map_err(Error::Module)?, &mut module)?;
    }
    module.section(&merger.names());
    Ok(module.finish())
}

struct Merger<'a> {
    template: &'a Template,
    generated: &'a Generated,
    /// Functions of the template that stay, imports first.
    kept: BTreeSet<u32>,
    /// Their new numbers, and those of the imports that are replaced.
    numbers: HashMap<u32, u32>,
    /// Number of the first generated function.
    first: u32,
    /// The template's constants that stay, by their addresses.
    constants: Vec<(u32, Vec<u8>)>,
}

impl<'a> Merger<'a> {
    fn new(template: &'a Template, generated: &'a Generated) -> Result<Self, Error> {
        let (kernel, table) = (template.import("kernel")?, template.import("table")?);
        let called = generated.functions.iter().flat_map(|function| &function.calls);
        let called = called.filter_map(|(_, callee)| match callee {
            Callee::Runtime(name) => Some(exported(template, name)),
            Callee::Generated(_) => None,
        });
        let called: Vec<u32> = called.collect::<Result<_, _>>()?;
        let kept_exports = template.exports.iter().filter(|(name, _)| is_kept(name)).map(|(_, function)| *function);
        let Reachable { functions: mut kept, segments } =
            Reachable::from(template, called.into_iter().chain(kept_exports).chain(template.start));
        let constants = constants(template, &segments);
        kept.remove(&kernel);
        kept.remove(&table);
        // What the host gives stays, called or not: the contract has it.
        kept.extend((0..).zip(&template.imports).filter(|(_, import)| import.0 != RULE).map(|(place, _)| place));
        let mut numbers: HashMap<u32, u32> = kept.iter().copied().zip(0..).collect();
        let first = u32::try_from(kept.len()).unwrap_or(u32::MAX);
        for (import, function) in [(kernel, generated.kernel), (table, generated.table)] {
            numbers.insert(import, first.saturating_add(u32::try_from(function).unwrap_or(u32::MAX)));
        }
        Ok(Self { template, generated, kept, numbers, first, constants })
    }

    fn section(&mut self, payload: &Payload<'_>, module: &mut Module) -> Result<(), Error> {
        match payload {
            Payload::TypeSection(types) => {
                let mut section = TypeSection::new();
                self.parse_type_section(&mut section, types.clone()).map_err(merge_error)?;
                for function in &self.generated.functions {
                    section.ty().function(function.parameters.iter().copied(), function.results.iter().copied());
                }
                module.section(&section);
            }
            Payload::ImportSection(imports) => {
                let mut section = ImportSection::new();
                for import in imports.clone().into_imports() {
                    let import = import.map_err(Error::Module)?;
                    if import.module != RULE {
                        self.parse_import(&mut section, import).map_err(merge_error)?;
                    }
                }
                module.section(&section);
            }
            Payload::FunctionSection(_) => {
                module.section(&self.functions());
            }
            Payload::MemorySection(memories) => {
                let mut section = MemorySection::new();
                for memory in memories.clone() {
                    let mut memory = memory.map_err(Error::Module)?;
                    memory.initial = self.template.pages_with(self.generated.constants.len());
                    section.memory(self.memory_type(memory).map_err(merge_error)?);
                }
                module.section(&section);
            }
            Payload::ExportSection(exports) => {
                let mut section = ExportSection::new();
                for export in exports.clone() {
                    let export = export.map_err(Error::Module)?;
                    if export.kind == ExternalKind::Memory
                        || (export.kind == ExternalKind::Func && is_kept(export.name))
                    {
                        self.parse_export(&mut section, export).map_err(merge_error)?;
                    }
                }
                module.section(&section);
            }
            Payload::CodeSectionStart { .. } => {
                module.section(&self.code()?);
            }
            Payload::DataSection(_) => {
                let mut section = DataSection::new();
                for (address, bytes) in &self.constants {
                    section.active(0, &ConstExpr::i32_const(address.cast_signed()), bytes.iter().copied());
                }
                let address = ConstExpr::i32_const(self.template.constants_at().cast_signed());
                section.active(0, &address, self.generated.constants.iter().copied());
                module.section(&section);
            }
            Payload::CustomSection(custom) => {
                if custom.name().starts_with("component-type") && !matches!(custom.as_known(), KnownCustom::Name(_)) {
                    module.section(&wasm_encoder::CustomSection {
                        name: custom.name().into(),
                        data: custom.data().into(),
                    });
                }
            }
            other => self.plain_section(other, module)?,
        }
        Ok(())
    }

    /// Sections that change by nothing but numbers.
    fn plain_section(&mut self, payload: &Payload<'_>, module: &mut Module) -> Result<(), Error> {
        match payload {
            Payload::TableSection(tables) => {
                let mut section = wasm_encoder::TableSection::new();
                self.parse_table_section(&mut section, tables.clone()).map_err(merge_error)?;
                module.section(&section);
            }
            Payload::GlobalSection(globals) => {
                let mut section = wasm_encoder::GlobalSection::new();
                self.parse_global_section(&mut section, globals.clone()).map_err(merge_error)?;
                module.section(&section);
            }
            Payload::ElementSection(_) => {
                module.section(&self.elements());
            }
            Payload::DataCountSection { .. } => {
                let count = u32::try_from(self.constants.len()).unwrap_or(u32::MAX).saturating_add(1);
                module.section(&DataCountSection { count });
            }
            Payload::StartSection { func, .. } => {
                let function_index = self.function_index(*func).map_err(merge_error)?;
                module.section(&wasm_encoder::StartSection { function_index });
            }
            _ => {}
        }
        Ok(())
    }

    /// The table: what stays keeps its place, as it is an address.
    fn elements(&self) -> ElementSection {
        let mut runs: Vec<(u32, Vec<u32>)> = Vec::new();
        let mut next = None;
        for (place, function) in &self.template.table {
            let Some(number) = self.numbers.get(function) else { continue };
            match runs.last_mut() {
                Some((_, functions)) if next == Some(*place) => functions.push(*number),
                _ => runs.push((*place, vec![*number])),
            }
            next = place.checked_add(1);
        }
        let mut section = ElementSection::new();
        for (place, functions) in runs {
            section.active(None, &ConstExpr::i32_const(place.cast_signed()), Elements::Functions(functions.into()));
        }
        section
    }

    fn functions(&self) -> FunctionSection {
        let mut section = FunctionSection::new();
        for own in self.own() {
            if let Some(function_type) = self.template.functions.get(own) {
                section.function(*function_type);
            }
        }
        for (function_type, _) in (self.template.types..).zip(&self.generated.functions) {
            section.function(function_type);
        }
        section
    }

    fn code(&mut self) -> Result<CodeSection, Error> {
        let mut section = CodeSection::new();
        let own: Vec<usize> = self.own().collect();
        for own in own {
            let body = self.template.bodies.get(own).and_then(|range| self.template.bytes.get(range.clone()));
            let body = body.ok_or_else(|| Error::Template { what: format!("function {own}") })?;
            let body = wasmparser::FunctionBody::new(wasmparser::BinaryReader::new(body, 0));
            self.parse_function_body(&mut section, body).map_err(merge_error)?;
        }
        for body in &self.generated.functions {
            section.function(&self.function(body)?);
        }
        Ok(section)
    }

    fn function(&self, body: &Body) -> Result<Function, Error> {
        let mut code = body.code.clone();
        for (at, callee) in &body.calls {
            let index = match callee {
                Callee::Generated(place) => self.first.saturating_add(*place),
                Callee::Runtime(name) => self.number(exported(self.template, name)?)?,
            };
            if let Some(place) = code.get_mut(*at..at + INDEX_BYTES) {
                place.copy_from_slice(&padded_index(index));
            }
        }
        let mut function = Function::new_with_locals_types(body.locals.iter().copied());
        function.raw(code);
        Ok(function)
    }

    /// Names of what people may meet in a trace: the rule's functions, the runtime's that it
    /// calls, and the contract's.
    fn names(&self) -> NameSection {
        let mut names: Vec<(u32, &str)> = Vec::new();
        for (name, function) in &self.template.exports {
            if let Some(number) = self.numbers.get(function) {
                names.push((*number, name));
            }
        }
        let generated = (self.first..).zip(&self.generated.functions);
        names.extend(generated.map(|(number, function)| (number, function.name.as_str())));
        names.sort_unstable();
        names.dedup_by_key(|(number, _)| *number);
        let mut functions = NameMap::new();
        for (number, name) in names {
            functions.append(number, name);
        }
        let mut section = NameSection::new();
        section.functions(&functions);
        section
    }

    /// The template's own functions that stay, by their place among its own.
    fn own(&self) -> impl Iterator<Item = usize> {
        let imports = self.template.imports.len();
        let kept = self.kept.iter().filter_map(|function| usize::try_from(*function).ok());
        kept.filter_map(move |function| function.checked_sub(imports))
    }

    fn number(&self, function: u32) -> Result<u32, Error> {
        let number = self.numbers.get(&function).copied();
        number.ok_or_else(|| Error::Template { what: format!("function {function}") })
    }
}

impl Reencode for Merger<'_> {
    type Error = LeftOut;

    fn function_index(&mut self, function: u32) -> Result<u32, reencode::Error<LeftOut>> {
        self.numbers.get(&function).copied().ok_or(reencode::Error::UserError(LeftOut(function)))
    }
}

/// A function that stays needs one that was left out.
#[derive(Debug, thiserror::Error)]
#[error("function {0} of the runtime was left out")]
struct LeftOut(u32);

fn merge_error(error: reencode::Error<LeftOut>) -> Error {
    Error::Merge(error.into())
}

/// The constants that stay, those beside each other in one piece; memory is zero where none are.
fn constants(template: &Template, segments: &BTreeSet<u32>) -> Vec<(u32, Vec<u8>)> {
    let mut pieces: Vec<(u32, Vec<u8>)> = Vec::new();
    let kept = segments.iter().filter_map(|segment| template.segments.get(usize::try_from(*segment).ok()?));
    for segment in kept.filter(|segment| segment.bytes.iter().any(|byte| *byte != 0)) {
        if let Some((address, bytes)) = pieces.last_mut() {
            let distance = segment.address.checked_sub(*address).and_then(|distance| usize::try_from(distance).ok());
            let end = bytes.len();
            if let Some(distance) = distance.filter(|distance| (end..=end + GAP).contains(distance)) {
                bytes.resize(distance, 0);
                bytes.extend(segment.bytes);
                continue;
            }
        }
        pieces.push((segment.address, segment.bytes.to_vec()));
    }
    pieces
}

/// Exports of the contract: everything else was exported to be found here.
fn is_kept(name: &str) -> bool {
    matches!(name, "open" | "apply" | "_initialize") || name.starts_with("cabi_")
}

fn exported(template: &Template, name: &str) -> Result<u32, Error> {
    template.exports.get(name).copied().ok_or_else(|| Error::Template { what: format!("function {name}") })
}
