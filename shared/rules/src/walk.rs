//! Walking the expressions of a plan.

use crate::plan::{Expr, Kind};

/// The expressions directly under one, in the order they are evaluated in.
pub(crate) fn children(expr: &Expr) -> Vec<&Expr> {
    match &expr.kind {
        Kind::Column(_) | Kind::Let(_) | Kind::Literal(_) | Kind::Null | Kind::RunClock => Vec::new(),
        Kind::Not(value) | Kind::IsNull(value) => vec![value],
        Kind::IsBool { value, .. } | Kind::Negate { value, .. } | Kind::Cast { value, .. } => vec![value],
        Kind::And(values) | Kind::Or(values) | Kind::Coalesce(values) => values.iter().collect(),
        Kind::Extreme { values, .. } => values.iter().collect(),
        Kind::Compare { left, right, .. }
        | Kind::Distinct { left, right }
        | Kind::Arithmetic { left, right, .. }
        | Kind::NullIf { left, right } => vec![left, right],
        Kind::Case { branches, otherwise } => branches
            .iter()
            .flat_map(|(condition, value)| [condition, value])
            .chain(std::iter::once(otherwise.as_ref()))
            .collect(),
        Kind::In { value, list } => std::iter::once(value.as_ref()).chain(list).collect(),
        Kind::Call { arguments, .. } => arguments.iter().collect(),
    }
}

/// How many expressions there are in one, itself counted.
pub(crate) fn count(expr: &Expr) -> usize {
    1 + children(expr).into_iter().map(count).sum::<usize>()
}

/// Looks at an expression and everything under it.
pub(crate) fn each<'a>(expr: &'a Expr, look: &mut dyn FnMut(&'a Expr)) {
    look(expr);
    for child in children(expr) {
        each(child, look);
    }
}
