//! The runtime built for WebAssembly, read once.
//!
//! It is linked with its relocations kept: they tell which function uses which constant, and which
//! constant holds the address of what.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::OnceLock;

use wasmparser::{
    BinaryReaderError, ConstExpr, CustomSectionReader, DataKind, DataSectionReader, ElementItems, ElementKind,
    ElementSectionReader, ExternalKind, FunctionBody, KnownCustom, Linking, Operator, Parser, Payload,
    RelocSectionReader, RelocationType, SymbolInfo, TypeRef,
};

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
    /// Its constants, in the order of their addresses.
    pub(crate) segments: Vec<Segment>,
    /// Its exported functions.
    pub(crate) exports: HashMap<String, u32>,
    /// Functions that are called by address, by their place in the table.
    pub(crate) table: Vec<(u32, u32)>,
    /// The function that runs when it is instantiated.
    pub(crate) start: Option<u32>,
    /// Pages of memory it begins with.
    pub(crate) pages: u32,
    /// For each of its own functions, what it uses.
    function_uses: Vec<Vec<Item>>,
    /// For each segment, what it holds the address of.
    segment_uses: Vec<Vec<Item>>,
}

/// Constants that stay or go together: mostly one.
#[derive(Debug)]
pub(crate) struct Segment {
    pub(crate) address: u32,
    pub(crate) bytes: &'static [u8],
    /// Where they are in the template.
    range: Range<usize>,
}

/// What can be left out.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Item {
    Function(u32),
    Segment(u32),
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
        let template = Reader::read(bytes)?;
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

    /// What a function calls, or an item holds the address of.
    pub(crate) fn uses(&self, item: Item) -> impl Iterator<Item = Item> {
        let uses = match item {
            Item::Function(function) => index(function)
                .and_then(|function| function.checked_sub(self.imports.len()))
                .and_then(|own| self.function_uses.get(own)),
            Item::Segment(segment) => index(segment).and_then(|segment| self.segment_uses.get(segment)),
        };
        uses.into_iter().flatten().copied()
    }
}

/// Reads the sections in their order; what refers to what is known at the end.
struct Reader {
    template: Template,
    /// Where the sections that relocations are about begin.
    code_at: u64,
    data_at: u64,
    /// The symbols of the linker: what can be left out.
    symbols: Vec<Option<Item>>,
}

impl Reader {
    fn read(bytes: &'static [u8]) -> Result<Template, Error> {
        let template = Template {
            bytes,
            types: 0,
            imports: Vec::new(),
            functions: Vec::new(),
            bodies: Vec::new(),
            segments: Vec::new(),
            exports: HashMap::new(),
            table: Vec::new(),
            start: None,
            pages: 0,
            function_uses: Vec::new(),
            segment_uses: Vec::new(),
        };
        let mut reader = Self { template, code_at: 0, data_at: 0, symbols: Vec::new() };
        for payload in Parser::new(0).parse_all(bytes) {
            reader.note(payload.map_err(Error::Module)?).map_err(Error::Module)?;
        }
        if reader.symbols.is_empty() {
            return Err(Error::Template { what: "linking".to_owned() });
        }
        Ok(reader.template)
    }

    fn note(&mut self, payload: Payload<'static>) -> Result<(), BinaryReaderError> {
        let template = &mut self.template;
        match payload {
            Payload::TypeSection(types) => template.types = types.count(),
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    let import = import?;
                    if let TypeRef::Func(function_type) = import.ty {
                        template.imports.push((import.module.to_owned(), import.name.to_owned(), function_type));
                    }
                }
            }
            Payload::FunctionSection(functions) => {
                template.functions = functions.into_iter().collect::<Result<_, _>>()?;
            }
            Payload::MemorySection(memories) => {
                for memory in memories {
                    template.pages = u32::try_from(memory?.initial).unwrap_or(u32::MAX);
                }
            }
            Payload::ExportSection(exports) => {
                for export in exports {
                    let export = export?;
                    if export.kind == ExternalKind::Func {
                        template.exports.insert(export.name.to_owned(), export.index);
                    }
                }
            }
            Payload::StartSection { func, .. } => template.start = Some(func),
            Payload::ElementSection(elements) => self.elements(elements)?,
            Payload::CodeSectionStart { unchecked_range, .. } => self.code_at = unchecked_range.start,
            Payload::CodeSectionEntry(body) => self.body(&body)?,
            Payload::DataSection(data) => self.data(data)?,
            Payload::CustomSection(custom) => self.custom(&custom)?,
            _ => {}
        }
        Ok(())
    }

    fn elements(&mut self, elements: ElementSectionReader<'_>) -> Result<(), BinaryReaderError> {
        for element in elements {
            let element = element?;
            if let (ElementKind::Active { offset_expr, .. }, ElementItems::Functions(functions)) =
                (element.kind, element.items)
            {
                for (place, function) in (constant(&offset_expr)..).zip(functions) {
                    self.template.table.push((place, function?));
                }
            }
        }
        Ok(())
    }

    /// A function, with what it calls: functions the linker made have no relocations.
    fn body(&mut self, body: &FunctionBody<'_>) -> Result<(), BinaryReaderError> {
        let mut calls = Vec::new();
        for operator in body.get_operators_reader()? {
            if let Operator::Call { function_index } | Operator::RefFunc { function_index } = operator? {
                calls.push(Item::Function(function_index));
            }
        }
        self.template.bodies.push(range(&body.range()));
        self.template.function_uses.push(calls);
        Ok(())
    }

    fn data(&mut self, data: DataSectionReader<'static>) -> Result<(), BinaryReaderError> {
        self.data_at = data.range().start;
        for segment in data {
            let segment = segment?;
            let address = match &segment.kind {
                DataKind::Active { offset_expr, .. } => constant(offset_expr),
                DataKind::Passive => 0,
            };
            let end = range(&segment.range).end;
            let range = end.saturating_sub(segment.data.len())..end;
            self.template.segments.push(Segment { address, bytes: segment.data, range });
            self.template.segment_uses.push(Vec::new());
        }
        Ok(())
    }

    fn custom(&mut self, custom: &CustomSectionReader<'_>) -> Result<(), BinaryReaderError> {
        match custom.as_known() {
            KnownCustom::Linking(sections) => {
                for section in sections {
                    if let Linking::SymbolTable(symbols) = section? {
                        self.symbols = symbols.into_iter().map(|symbol| symbol.map(item)).collect::<Result<_, _>>()?;
                    }
                }
            }
            KnownCustom::Reloc(relocations) => self.relocations(&relocations, custom.name())?,
            _ => {}
        }
        Ok(())
    }

    fn relocations(&mut self, relocations: &RelocSectionReader<'_>, name: &str) -> Result<(), BinaryReaderError> {
        let template = &mut self.template;
        for relocation in relocations.entries() {
            let relocation = relocation?;
            // A type has no symbol.
            if relocation.ty == RelocationType::TypeIndexLeb {
                continue;
            }
            let used = index(relocation.index).and_then(|symbol| self.symbols.get(symbol)).copied().flatten();
            let Some(used) = used else { continue };
            let offset = u64::from(relocation.offset);
            let user = match name {
                "reloc.CODE" => user(&template.bodies, |body| body, self.code_at + offset, &mut template.function_uses),
                "reloc.DATA" => {
                    let segments = &template.segments;
                    user(segments, |segment| &segment.range, self.data_at + offset, &mut template.segment_uses)
                }
                _ => None,
            };
            if let Some(uses) = user {
                uses.push(used);
            }
        }
        Ok(())
    }
}

/// The uses of the item, of those in order, that has the byte at this place.
fn user<'a, T>(
    items: &[T],
    range: impl Fn(&T) -> &Range<usize>,
    at: u64,
    uses: &'a mut [Vec<Item>],
) -> Option<&'a mut Vec<Item>> {
    let at = usize::try_from(at).ok()?;
    let place = items.partition_point(|item| range(item).end <= at);
    uses.get_mut(place)
}

fn item(symbol: SymbolInfo<'_>) -> Option<Item> {
    match symbol {
        SymbolInfo::Func { index, .. } => Some(Item::Function(index)),
        SymbolInfo::Data { symbol, .. } => symbol.map(|symbol| Item::Segment(symbol.index)),
        _ => None,
    }
}

/// The number an address is given as.
fn constant(expression: &ConstExpr<'_>) -> u32 {
    match expression.get_operators_reader().read() {
        Ok(Operator::I32Const { value }) => value.cast_unsigned(),
        _ => 0,
    }
}

fn range(range: &Range<u64>) -> Range<usize> {
    let place = |offset: u64| usize::try_from(offset).unwrap_or(usize::MAX);
    place(range.start)..place(range.end)
}

fn index(number: u32) -> Option<usize> {
    usize::try_from(number).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where the section that relocations are about begins, and its relocations.
    fn relocations(bytes: &[u8], name: &str) -> (usize, Vec<wasmparser::RelocationEntry>) {
        let (mut start, mut found) = (0, Vec::new());
        for payload in Parser::new(0).parse_all(bytes) {
            match payload.unwrap() {
                Payload::CodeSectionStart { unchecked_range, .. } if name == "reloc.CODE" => {
                    start = range(&unchecked_range).start;
                }
                Payload::DataSection(data) if name == "reloc.DATA" => start = range(&data.range()).start,
                Payload::CustomSection(custom) if custom.name() == name => {
                    let KnownCustom::Reloc(section) = custom.as_known() else { panic!("no relocations") };
                    found = section.entries().into_iter().map(Result::unwrap).collect();
                }
                _ => {}
            }
        }
        (start, found)
    }

    fn number(bytes: &[u8]) -> u32 {
        bytes.iter().take(5).zip(0..).fold(0, |number, (byte, place)| number | u32::from(byte & 0x7f) << (7 * place))
    }

    #[test]
    fn a_call_is_where_its_relocation_says_and_what_is_used_is_known() {
        let template = Template::get(false).unwrap();
        let (start, relocations) = relocations(template.bytes, "reloc.CODE");
        let calls = relocations.iter().filter(|relocation| relocation.ty == RelocationType::FunctionIndexLeb);
        let mut checked = 0;
        for call in calls {
            let at = start + usize::try_from(call.offset).unwrap();
            let callee = number(&template.bytes[at..]);
            let caller = template.bodies.iter().position(|body| body.contains(&at)).unwrap();
            let uses = &template.function_uses[caller];
            assert!(uses.iter().any(|used| matches!(used, Item::Function(function) if *function == callee)));
            checked += 1;
        }
        assert!(checked > 500, "{checked} calls");
    }

    #[test]
    fn an_address_among_the_constants_is_one_of_what_they_use() {
        let template = Template::get(false).unwrap();
        let (start, relocations) = relocations(template.bytes, "reloc.DATA");
        let addresses = relocations.iter().filter(|relocation| relocation.ty == RelocationType::MemoryAddrI32);
        let mut checked = 0;
        for relocation in addresses {
            let at = start + usize::try_from(relocation.offset).unwrap();
            let holder = template.segments.iter().position(|segment| segment.range.contains(&at)).unwrap();
            let address = u32::from_le_bytes(template.bytes[at..at + 4].try_into().unwrap());
            let is_held = |used: &Item| match used {
                Item::Segment(segment) => {
                    let segment = &template.segments[usize::try_from(*segment).unwrap()];
                    let end = segment.address + u32::try_from(segment.bytes.len()).unwrap();
                    (segment.address..=end).contains(&address)
                }
                Item::Function(_) => false,
            };
            assert!(template.segment_uses[holder].iter().any(is_held), "{address}");
            checked += 1;
        }
        assert!(checked > 20, "{checked} addresses");
    }
}
