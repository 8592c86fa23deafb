//! The rule's constants in the module's memory.

use std::collections::HashMap;

use rules_runtime::layout::SLACK;

/// The bytes behind the template's own data.
#[derive(Debug)]
pub(crate) struct Constants {
    base: u32,
    bytes: Vec<u8>,
    known: HashMap<Vec<u8>, u32>,
}

impl Constants {
    /// Constants that begin at this address.
    pub(crate) fn new(base: u32) -> Self {
        Self { base, bytes: Vec::new(), known: HashMap::new() }
    }

    /// The address of these bytes; the same for the same bytes.
    pub(crate) fn address(&mut self, bytes: &[u8]) -> u32 {
        if let Some(address) = self.known.get(bytes) {
            return *address;
        }
        let address = self.base.saturating_add(u32::try_from(self.bytes.len()).unwrap_or(u32::MAX));
        self.bytes.extend(bytes);
        self.known.insert(bytes.to_vec(), address);
        address
    }

    /// Address and length in one, as texts are held.
    pub(crate) fn text(&mut self, bytes: &[u8]) -> i64 {
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        (u64::from(self.address(bytes)) | length << 32).cast_signed()
    }

    /// All bytes, with room behind the last that may be read.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        self.bytes.extend([0; SLACK]);
        self.bytes
    }
}
