//! The runtime built for WebAssembly, read once.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::OnceLock;

use wasmparser::{ElementItems, ExternalKind, Operator, Parser, Payload, TypeRef};

use crate::component::Error;

static WITHOUT_REGEXPS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/runtime.wasm"));
static WITH_REGEXPS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/runtime-regex.wasm"));

/// Bytes of a page of memory.
const PAGE: u32 = 64 << 10;
/// The module whose imports are put in their places here.
pub(crate) const RULE: &str = "rule";

/// The runtime.
#[derive(Debug)]
pub(crate) struct Template {
    pub(crate) bytes: &'static [u8],
    /// How many function types it has.
    pub(crate) types: u32,
    /// Its imported functions: module, name, type.
    pub(crate) imports: Vec<(String, String, u32)>,
    /// Types of its own functions.
    pub(crate) functions: Vec<u32>,
    /// For each of its own functions, where its body is.
    pub(crate) bodies: Vec<Range<usize>>,
    /// For each of its own functions, those it calls.
    pub(crate) calls: Vec<Vec<u32>>,
    /// Its exported functions.
    pub(crate) exports: HashMap<String, u32>,
    /// Functions that are called by address.
    pub(crate) addressed: Vec<u32>,
    /// Pages of memory it begins with.
    pub(crate) pages: u32,
}

impl Template {
    /// The runtime with or without regular expressions.
    pub(crate) fn get(regexps: bool) -> Result<&'static Self, Error> {
        static READ: [OnceLock<Template>; 2] = [OnceLock::new(), OnceLock::new()];
        let [without, with] = &READ;
        let (slot, bytes) = if regexps { (with, WITH_REGEXPS) } else { (without, WITHOUT_REGEXPS) };
        if let Some(template) = slot.get() {
            return Ok(template);
        }
        let template = Self::read(bytes)?;
        Ok(slot.get_or_init(|| template))
    }

    /// Where the rule's constants begin: behind everything the runtime was linked with. Its
    /// allocator takes memory from the host alone, which gives what lies behind the constants.
    pub(crate) fn constants_at(&self) -> u32 {
        self.pages.saturating_mul(PAGE)
    }

    /// Pages of memory with so many bytes of constants.
    pub(crate) fn pages_with(&self, constants: usize) -> u64 {
        u64::from(self.pages) + u64::try_from(constants).unwrap_or(u64::MAX).div_ceil(u64::from(PAGE))
    }

    /// The import of the rule's own functions by this name.
    pub(crate) fn import(&self, name: &str) -> Result<u32, Error> {
        let place = self.imports.iter().position(|(module, import, _)| module == RULE && import == name);
        let place = place.and_then(|place| u32::try_from(place).ok());
        place.ok_or_else(|| Error::Template { what: format!("import {name}") })
    }

    fn read(bytes: &'static [u8]) -> Result<Self, Error> {
        let mut template = Self {
            bytes,
            types: 0,
            imports: Vec::new(),
            functions: Vec::new(),
            bodies: Vec::new(),
            calls: Vec::new(),
            exports: HashMap::new(),
            addressed: Vec::new(),
            pages: 0,
        };
        for payload in Parser::new(0).parse_all(bytes) {
            template.note(&payload.map_err(Error::Module)?).map_err(Error::Module)?;
        }
        Ok(template)
    }

    fn note(&mut self, payload: &Payload<'_>) -> Result<(), wasmparser::BinaryReaderError> {
        match payload {
            Payload::TypeSection(types) => {
                self.types = types.count();
            }
            Payload::ImportSection(imports) => {
                for import in imports.clone().into_imports() {
                    let import = import?;
                    if let TypeRef::Func(function_type) = import.ty {
                        self.imports.push((import.module.to_owned(), import.name.to_owned(), function_type));
                    }
                }
            }
            Payload::FunctionSection(functions) => {
                for function in functions.clone() {
                    self.functions.push(function?);
                }
            }
            Payload::MemorySection(memories) => {
                for memory in memories.clone() {
                    self.pages = u32::try_from(memory?.initial).unwrap_or(u32::MAX);
                }
            }
            Payload::ExportSection(exports) => {
                for export in exports.clone() {
                    let export = export?;
                    if export.kind == ExternalKind::Func {
                        self.exports.insert(export.name.to_owned(), export.index);
                    }
                }
            }
            Payload::ElementSection(elements) => {
                for element in elements.clone() {
                    if let ElementItems::Functions(functions) = element?.items {
                        for function in functions {
                            self.addressed.push(function?);
                        }
                    }
                }
            }
            Payload::CodeSectionEntry(body) => {
                let range = body.range();
                let place = |offset: u64| usize::try_from(offset).unwrap_or(usize::MAX);
                self.bodies.push(place(range.start)..place(range.end));
                let mut calls = Vec::new();
                for operator in body.get_operators_reader()? {
                    match operator? {
                        Operator::Call { function_index } | Operator::RefFunc { function_index } => {
                            calls.push(function_index);
                        }
                        _ => {}
                    }
                }
                self.calls.push(calls);
            }
            _ => {}
        }
        Ok(())
    }
}
