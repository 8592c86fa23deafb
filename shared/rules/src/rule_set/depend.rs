//! Which derived field needs which, and in which order they are computed.

use spec::Scalar;

use super::RuleSet;
use crate::constant;
use crate::error::{Error, Mistake};
use crate::parse;
use crate::pieces::at_key;
use crate::rule_set::validate::path;

/// The fields a rule set derives.
pub(super) struct Fields {
    /// Their names, in the order they are first written in.
    pub(super) names: Vec<String>,
    /// For each, the numbers of those it needs.
    needs: Vec<Vec<usize>>,
}

impl Fields {
    pub(super) fn of(set: &RuleSet) -> Result<Self, Error> {
        let mut names: Vec<String> = Vec::new();
        for (field, _) in set.rules.iter().flat_map(|rule| rule.then.set.iter()) {
            if !names.iter().any(|name| name == field) {
                names.push(field.to_owned());
            }
        }
        let mut needs = vec![Vec::new(); names.len()];
        for rule in &set.rules {
            let when = match &rule.when {
                Some(when) => read(when).map_err(|mistake| at_key(&path(rule, "when"), mistake, Some(when)))?,
                None => Vec::new(),
            };
            for (field, value) in rule.then.set.iter() {
                let text = expression(value);
                let key = path(rule, &format!("then.set.{field}"));
                let mut read = read(&text).map_err(|mistake| at_key(&key, mistake, Some(&text)))?;
                read.extend(when.iter().cloned());
                let own = |name: &str| rule.then.set.iter().any(|(set, _)| set == name);
                let needed = numbers(&names, &read).into_iter().filter(|index| !own(&names[*index]));
                if let Some(position) = names.iter().position(|name| name == field) {
                    needs[position].extend(needed);
                }
            }
        }
        Ok(Fields { names, needs })
    }

    /// The fields so that each stands behind those it needs, or a circle of them.
    pub(super) fn order(&self) -> Result<Vec<usize>, Vec<String>> {
        let mut order = Vec::new();
        let mut state = vec![State::New; self.names.len()];
        for field in 0..self.names.len() {
            let mut path = Vec::new();
            self.visit(field, &mut state, &mut path, &mut order)?;
        }
        Ok(order)
    }

    fn visit(
        &self,
        field: usize,
        state: &mut [State],
        path: &mut Vec<usize>,
        order: &mut Vec<usize>,
    ) -> Result<(), Vec<String>> {
        match state[field] {
            State::Done => return Ok(()),
            State::Open => {
                let begins = path.iter().position(|open| *open == field).unwrap_or(0);
                let circle = path[begins..].iter().chain(std::iter::once(&field));
                return Err(circle.map(|index| self.names[*index].clone()).collect());
            }
            State::New => {}
        }
        state[field] = State::Open;
        path.push(field);
        for needed in &self.needs[field] {
            self.visit(*needed, state, path, order)?;
        }
        path.pop();
        state[field] = State::Done;
        order.push(field);
        Ok(())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    Open,
    Done,
}

/// The expression of a value: text is SQL.
pub(super) fn expression(value: &Scalar) -> String {
    match value {
        Scalar::Text(text) => text.clone(),
        other => constant::sql(other),
    }
}

/// A name and whether it is quoted.
type Name = (String, bool);

fn read(text: &str) -> Result<Vec<Name>, Mistake> {
    let (_, tokens) = parse::expression(text)?;
    Ok(tokens.names())
}

/// The fields that names stand for, as the resolver reads names.
fn numbers(fields: &[String], names: &[Name]) -> Vec<usize> {
    let meant = |field: &String| {
        names.iter().any(|(name, quoted)| if *quoted { name == field } else { name.eq_ignore_ascii_case(field) })
    };
    (0..fields.len()).filter(|index| meant(&fields[*index])).collect()
}
