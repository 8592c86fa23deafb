//! A module as a component.

use wit_component::ComponentEncoder;

use crate::component::Error;

/// Validates the module and wraps it by the contract's types that the template carries.
pub(crate) fn wrap(module: &[u8]) -> Result<Vec<u8>, Error> {
    wasmparser::Validator::new().validate_all(module).map_err(Error::Module)?;
    let mut encoder = ComponentEncoder::default();
    encoder.module(module).map_err(|error| Error::Wrap(error.into()))?;
    encoder.encode().map_err(|error| Error::Wrap(error.into()))
}
