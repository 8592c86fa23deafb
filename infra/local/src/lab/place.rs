//! Where in a stream's transforms a candidate stands.

use serde_json::Value;
use spec::Stream;

use super::Candidate;
use crate::Failure;

/// The place of a candidate, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Which transform.
    pub at: usize,
    /// Whether a transform is there that it stands for; otherwise it comes behind the last one.
    pub is_taken: bool,
}

impl Place {
    /// The place asked for (counted from 1), else the transform with the candidate's name, else the
    /// only one; in a stream without transforms the first.
    pub fn find(stream: &Stream, candidate: &Candidate, asked: Option<usize>) -> Result<Self, Failure> {
        let transforms = &stream.transforms;
        if let Some(asked) = asked {
            let at = asked.checked_sub(1).filter(|at| *at <= transforms.len()).ok_or_else(|| {
                let message = format!(
                    "stream `{}` has {} transform(s): --at takes 1 to {}",
                    stream.name,
                    transforms.len(),
                    transforms.len() + 1
                );
                Failure::input("transform_unknown", message)
            })?;
            return Ok(Self { at, is_taken: at < transforms.len() });
        }
        let name = candidate.name();
        let named = transforms.iter().position(|transform| name_of(&transform.module) == name);
        match (named, transforms.len()) {
            (Some(at), _) => Ok(Self { at, is_taken: true }),
            (None, 0) => Ok(Self { at: 0, is_taken: false }),
            (None, 1) => Ok(Self { at: 0, is_taken: true }),
            (None, several) => {
                let names: Vec<&str> = transforms.iter().map(|transform| name_of(&transform.module)).collect();
                let message = format!(
                    "stream `{}` has {several} transforms ({}) and none is called `{name}`: say with --at which one it stands for",
                    stream.name,
                    names.join(", ")
                );
                Err(Failure::input("transform_unclear", message))
            }
        }
    }
}

/// A config as it was typed.
pub fn config(text: Option<&str>) -> Result<Option<Value>, Failure> {
    let Some(text) = text else { return Ok(None) };
    let parsed = serde_json::from_str(text)
        .map_err(|error| Failure::input("config_malformed", format!("--config is no JSON: {error}")))?;
    Ok(Some(parsed))
}

/// A module's name without version or digest.
#[must_use]
pub fn name_of(reference: &str) -> &str {
    reference.split('@').next().unwrap_or_default()
}
