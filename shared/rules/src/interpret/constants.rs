use std::collections::HashMap;

use regex::Regex;
use rules_runtime::functions::regexp;

use super::error::Error;
use super::row::Stop;
use crate::plan::{Expr, Function, Kind, Output, Plan};
use crate::walk;

/// The plan's constants as functions take them, made once.
#[derive(Default)]
pub(super) struct Constants {
    /// By pattern.
    regexps: HashMap<String, Regex>,
    /// Of patterns, formats and zones, by the place of the function in memory.
    encoded: HashMap<usize, Vec<u8>>,
}

impl Constants {
    pub(super) fn of(plan: &Plan) -> Result<Self, Error> {
        let mut functions = Vec::new();
        let outputs = plan.outputs.iter().filter_map(|output| match output {
            Output::Computed { value, .. } => Some(value),
            Output::Passed { .. } => None,
        });
        let conditions = plan.rejections.iter().map(|rejection| &rejection.when).chain(&plan.filter);
        for expr in plan.lets.iter().chain(conditions).chain(outputs) {
            walk::each(expr, &mut |expr: &Expr| {
                if let Kind::Call { function, .. } = &expr.kind {
                    functions.push(function);
                }
            });
        }
        let mut constants = Constants::default();
        for function in functions {
            constants.add(function)?;
        }
        Ok(constants)
    }

    fn add(&mut self, function: &Function) -> Result<(), Error> {
        let bytes = match function {
            Function::RegexpLike(regexp)
            | Function::RegexpReplace { regexp, .. }
            | Function::RegexpSubstr { regexp, .. } => {
                if !self.regexps.contains_key(&regexp.pattern) {
                    let made = regexp::compile(&regexp.pattern).map_err(Error::Regexp)?;
                    self.regexps.insert(regexp.pattern.clone(), made);
                }
                return Ok(());
            }
            Function::Like(pattern) => pattern.encode(),
            Function::ParseTimestamp(format) | Function::ParseDate(format) | Function::FormatTimestamp(format) => {
                format.encode()
            }
            Function::ZoneToUtc(zone) | Function::UtcToZone(zone) => zone.encode(),
            _ => return Ok(()),
        };
        self.encoded.insert(place(function), bytes);
        Ok(())
    }

    pub(super) fn regexp(&self, pattern: &str) -> Result<&Regex, Stop> {
        self.regexps.get(pattern).ok_or(Stop::Plan("a regular expression that was not made"))
    }

    pub(super) fn encoded(&self, function: &Function) -> Result<&[u8], Stop> {
        self.encoded.get(&place(function)).map(Vec::as_slice).ok_or(Stop::Plan("a constant that was not made"))
    }
}

fn place(function: &Function) -> usize {
    std::ptr::from_ref(function).addr()
}
